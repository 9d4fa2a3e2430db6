"""Plain functions and plain classes, which pytest alone runs.

No `__init__.py` stands beside this file, so that unittest does not come here.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from trunk_failures import skipIfTrunkFailing, suppressIfTrunkFailing, xfailIfTrunkFailing

VALUE = "real"


def expanded(*arguments: int) -> Callable[[Callable[..., None]], None]:
    """Put a copy for each argument beside a test, as the package parameterized does."""

    def decorate(function: Callable[..., None]) -> None:
        body = sys._getframe(1).f_locals
        for argument in arguments:
            name = f"{function.__name__}_{argument}"
            body[name] = _copy(function, name, argument)

    return decorate


def _copy(function: Callable[..., None], name: str, argument: int) -> Callable[..., None]:
    @functools.wraps(function)
    def copy(*args: Any) -> None:
        function(*args, argument)

    copy.__name__ = name
    del copy.__wrapped__  # pytest would ask for its arguments.
    return copy


@xfailIfTrunkFailing
def test_fails() -> None:
    assert VALUE == "other", "body"


@xfailIfTrunkFailing
def test_passes() -> None:
    pass


@xfailIfTrunkFailing()
def test_called() -> None:
    raise ValueError("body")


@xfailIfTrunkFailing("the decorator's reason")
def test_reason() -> None:
    raise ValueError("body")


@skipIfTrunkFailing
def test_skip_fails() -> None:
    raise ValueError("body")


@skipIfTrunkFailing("the decorator's reason")
def test_skip_passes() -> None:
    pass


@suppressIfTrunkFailing
def test_not_listed() -> None:
    raise ValueError("body")


@suppressIfTrunkFailing
def test_not_listed_and_passes() -> None:
    pass


def test_not_decorated() -> None:
    raise ValueError("body")


@skipIfTrunkFailing("in skips")
@xfailIfTrunkFailing("in expected failures")
def test_stacked() -> None:
    raise ValueError("body")


@skipIfTrunkFailing("in skips")
@xfailIfTrunkFailing("in expected failures")
def test_stacked_skip() -> None:
    raise ValueError("body")


@xfailIfTrunkFailing
def test_differs() -> None:
    raise KeyError("seen")


@xfailIfTrunkFailing
def test_skips() -> None:
    pytest.skip("own reason")


@xfailIfTrunkFailing
def test_xfails() -> None:
    pytest.xfail("own reason")


@pytest.mark.skip(reason="own reason")
@xfailIfTrunkFailing
def test_marked_skip() -> None:
    raise ValueError("body")


@pytest.mark.xfail(reason="own reason")
@xfailIfTrunkFailing
def test_marked_xfail() -> None:
    raise ValueError("body")


@pytest.mark.xfail(reason="own reason", strict=True)
@xfailIfTrunkFailing
def test_marked_xfail_and_passes() -> None:
    pass


@xfailIfTrunkFailing
def test_exits() -> None:
    raise SystemExit("body")


@xfailIfTrunkFailing
def test_takes_fixture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{__name__}.VALUE", "patched")
    assert VALUE == "patched" and tmp_path.is_dir()
    raise ValueError("body")


@xfailIfTrunkFailing
@mock.patch(f"{__name__}.VALUE")
def test_above_mock(value: mock.Mock, tmp_path: Path) -> None:
    assert VALUE is value and tmp_path.is_dir()
    raise ValueError("body")


@mock.patch(f"{__name__}.VALUE")
@xfailIfTrunkFailing
def test_below_mock(value: mock.Mock, tmp_path: Path) -> None:
    assert VALUE is value and tmp_path.is_dir()
    raise ValueError("body")


@pytest.mark.parametrize("number", [0, 1, 2])
@xfailIfTrunkFailing
def test_parameters_below(number: int) -> None:
    assert number != 1


@xfailIfTrunkFailing
@pytest.mark.parametrize("device", ["cpu", "cuda"])
@pytest.mark.parametrize("number", [0, 1])
def test_parameters_above(number: int, device: str, tmp_path: Path) -> None:
    assert tmp_path.is_dir()
    assert (number, device) != (1, "cuda")


@suppressIfTrunkFailing
@pytest.mark.parametrize("text", ["1.5", "a/b", "a::b", "grün", "x[y]", "two words", "a*b?"])
def test_odd_parameters(text: str) -> None:
    raise ValueError("body")


@xfailIfTrunkFailing
async def test_coroutine() -> None:
    raise ValueError("body")


async def test_coroutine_not_decorated() -> None:
    raise ValueError("body")


@suppressIfTrunkFailing
def test_never() -> None:
    raise SystemExit("this test was run")


@suppressIfTrunkFailing
def test_expired() -> None:
    raise ValueError("body")


@suppressIfTrunkFailing
def test_expired_and_passes() -> None:
    pass


@suppressIfTrunkFailing
def test_unknown_field() -> None:
    raise ValueError("body")


@suppressIfTrunkFailing
def test_unknown_field_and_passes() -> None:
    pass


@expanded(0, 1)
@xfailIfTrunkFailing
def test_expanded(number: int) -> None:
    assert number != 1


class TestPlain:
    """A class of pytest's own kind, decorated method by method."""

    def setup_method(self) -> None:
        self.state = "set up"

    @xfailIfTrunkFailing
    def test_fails(self) -> None:
        assert self.state == "set up"
        raise ValueError("body")

    @xfailIfTrunkFailing
    def test_passes(self, tmp_path: Path) -> None:
        assert tmp_path.is_dir()

    @skipIfTrunkFailing
    def test_skip(self) -> None:
        raise ValueError("body")

    @xfailIfTrunkFailing
    @pytest.mark.parametrize("number", [0, 1])
    def test_parameters(self, number: int) -> None:
        assert number != 1

    @expanded(0, 1)
    @xfailIfTrunkFailing
    def test_expanded(self, number: int) -> None:
        assert self.state == "set up" and number != 1

    @staticmethod
    @xfailIfTrunkFailing
    def test_static() -> None:
        raise ValueError("body")

    def test_not_decorated(self) -> None:
        raise ValueError("body")


@suppressIfTrunkFailing
class TestPlainClass:
    """A class of pytest's own kind, decorated."""

    def test_fails(self) -> None:
        raise ValueError("body")

    def test_passes(self) -> None:
        pass

    def test_not_listed(self) -> None:
        raise ValueError("body")

    @pytest.mark.parametrize("number", [0, 1])
    def test_parameters(self, number: int) -> None:
        assert number != 1


class TestPlainChild(TestPlainClass):
    """Under the lists by its base, with keys of its own."""

    def test_not_listed(self) -> None:
        raise ValueError("child's body")
