"""The public names as suites use them: checked by mypy in strict mode, and run as they stand."""

from __future__ import annotations

import contextlib
import unittest
from collections.abc import Awaitable, Callable, Iterator

import trunk_failures
from trunk_failures import (
    EntryError,
    Explanation,
    ListError,
    TrunkFailuresError,
    TrunkFailuresWarning,
    UsageError,
    dynamo_test_failures,
    expected_failures,
    explain,
    modes_in_force,
    register_context,
    skipIfTrunkFailing,
    skips,
    suppressIfTrunkFailing,
    test_dir,
    xfailIfTrunkFailing,
)


@xfailIfTrunkFailing
class TestOps(unittest.TestCase):
    """Each way to decorate what is in a test class."""

    port: int = 0

    @classmethod
    @skipIfTrunkFailing
    def setUpClass(cls) -> None:
        """Decorate a fixture."""
        cls.port = 80

    @xfailIfTrunkFailing
    def test_bare(self) -> None:
        """Decorate a method."""
        self.assertEqual(self.port, 80)

    @skipIfTrunkFailing()
    def test_called(self) -> None:
        """Decorate with a call."""

    @suppressIfTrunkFailing("graph break")
    async def test_with_a_reason(self) -> None:
        """Decorate a coroutine, with a reason."""

    @unittest.expectedFailure
    @xfailIfTrunkFailing
    @unittest.skipUnless(port, "no port")
    def test_with_others(self) -> None:
        """Decorate between others."""


@skipIfTrunkFailing("needs a device")
class TestPlain:
    """A class that only pytest collects."""

    def test_add(self, one: int, *, other: str = "") -> float:
        """Take fixtures."""
        return one + len(other)


@xfailIfTrunkFailing
def function(one: int, *, other: str = "") -> float:
    """Keep the signature."""
    return one + len(other)


@suppressIfTrunkFailing("flaky")
async def coroutine(one: int) -> str:
    """Keep a coroutine one."""
    return str(one)


# The type of what is decorated is kept, whichever way the decorator is spelled.
kept: Callable[[int], float] = function
kept_coroutine: Callable[[int], Awaitable[str]] = coroutine
kept_class: type[TestOps] = TestOps
kept_method: Callable[[TestPlain, int], float] = TestPlain.test_add
by_call: Callable[[int], float] = xfailIfTrunkFailing("reason")(function)
number: float = function(3, other="x")


def misuses() -> None:
    """Hold that misuse is told: without its error a comment here is one too many."""
    function("three")  # type: ignore[arg-type]
    text: str = function(3)  # type: ignore[assignment]
    xfailIfTrunkFailing(3)  # type: ignore[call-overload]
    skipIfTrunkFailing(reason="by name")  # type: ignore[call-overload]
    register_context("slow_clock", text)  # type: ignore[arg-type]
    explain(3)  # type: ignore[arg-type]
    trunk_failures.missing


@contextlib.contextmanager
def slow_clock() -> Iterator[None]:
    """Make a context manager of one's own."""
    yield


register_context("slow_clock", slow_clock)
register_context("nothing", contextlib.nullcontext)

explanation: Explanation = explain("TestOps.test_bare")
same: Explanation = explain(TestOps("test_bare"))
sentence: str = str(explanation)
key: str = explanation.key
notes: tuple[str, ...] = explanation.notes
reason: str = explanation.entry.reason if explanation.entry is not None else ""

listed: set[str] = expected_failures | skips
where: str | None = test_dir
modes: tuple[str, ...] = modes_in_force

dynamo: set[str] = dynamo_test_failures.dynamo_expected_failures
found: str | None = dynamo_test_failures.find_test_dir()

try:
    explain("no id")
except EntryError as error:
    raise error from error.__cause__
except ListError:
    raise
except UsageError as error:
    told: str = str(error)
except TrunkFailuresError:
    raise
category: type[UserWarning] = TrunkFailuresWarning
