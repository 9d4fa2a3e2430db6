"""PyTorch's test base: its parts that matter here, stood in for, as PyTorch is too large for CI."""

from __future__ import annotations

import sys
import types
import unittest

import pytest

from trunk_failures import pytorch

TORCHS = "torch.testing._internal.dynamo_test_failures"
RULES = "torch._dynamo.trace_rules"


class TestA(unittest.TestCase):
    """A test whose method PyTorch's base may wrap on the instance."""

    __test__ = False

    def test_b(self) -> None:
        """Pass."""


def wrapped(is_wrapped: bool) -> TestA:
    """Return a test, its method wrapped as PyTorch's base does for a listed one."""
    test = TestA("test_b")
    if is_wrapped:
        setattr(test, "test_b", lambda: None)
    return test


@pytest.mark.parametrize(
    ("listed", "is_wrapped", "modes", "expected"),
    [
        ("dynamo_expected_failures", True, ("dynamo", "trunk"), True),
        ("dynamo_skips", True, ("dynamo", "trunk"), True),
        ("inductor_skips", True, ("inductor", "trunk"), True),
        ("dynamo_skips", True, ("inductor", "trunk"), False),
        ("dynamo_skips", False, ("dynamo", "trunk"), False),
        ("dynamo_skips", True, ("trunk",), False),
        ("", True, ("dynamo", "trunk"), False),
    ],
)
def test_who_gives_the_verdict(
    monkeypatch: pytest.MonkeyPatch,
    listed: str,
    is_wrapped: bool,
    modes: tuple[str, ...],
    expected: bool,
) -> None:
    """PyTorch's base gives the verdict where it has wrapped a test of the lists in force."""
    torchs = types.ModuleType(TORCHS)
    if listed:
        setattr(torchs, listed, {"TestA.test_b"})
    monkeypatch.setitem(sys.modules, TORCHS, torchs)
    assert pytorch.rules_on(wrapped(is_wrapped), "test_b", "TestA.test_b", modes) is expected


def test_the_key_is_pytorchs_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """A base with a way of its own to name tests is asked for the name."""
    torchs = types.ModuleType(TORCHS)
    setattr(torchs, "dynamo_skips", {"CPython-TestA.test_b"})
    monkeypatch.setitem(sys.modules, TORCHS, torchs)
    test = wrapped(True)
    assert not pytorch.rules_on(test, "test_b", "TestA.test_b", ("dynamo",))
    setattr(test, "_dynamo_test_key", lambda: "CPython-TestA.test_b")
    assert pytorch.rules_on(test, "test_b", "TestA.test_b", ("dynamo",))


def test_without_pytorch_it_rules_on_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where PyTorch's module is not loaded, no test is its to rule on."""
    monkeypatch.delitem(sys.modules, TORCHS, raising=False)
    assert not pytorch.rules_on(wrapped(True), "test_b", "TestA.test_b", ("dynamo",))


def test_dynamo_passes_over_the_packages_frames_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every module but those whose frames are tests' own is hidden, and only once."""
    added: list[str] = []
    rules = types.ModuleType(RULES)
    setattr(rules, "add", added.append)
    monkeypatch.setattr(pytorch, "_hidden_from", [])
    monkeypatch.setitem(sys.modules, RULES, rules)
    pytorch.hide_from_dynamo()
    assert {"trunk_failures.interception", "trunk_failures.suppression"} < set(added)
    assert not {f"trunk_failures.{name}" for name in pytorch.TRACED} & set(added)
    count = len(added)
    pytorch.hide_from_dynamo()
    assert len(added) == count


@pytest.mark.parametrize("rules", [None, types.ModuleType(RULES)])
def test_without_rules_there_is_nothing_to_hide_from(
    monkeypatch: pytest.MonkeyPatch, rules: types.ModuleType | None
) -> None:
    """A process without torch._dynamo, or with one that takes no rules, is left alone."""
    monkeypatch.setattr(pytorch, "_hidden_from", [])
    monkeypatch.setitem(sys.modules, RULES, rules)
    pytorch.hide_from_dynamo()
    assert pytorch._hidden_from == []
