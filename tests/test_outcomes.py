"""Outcomes: what a test did, and how it failed."""

from __future__ import annotations

import sys
import threading
import unittest

import pytest

from trunk_failures import outcomes
from trunk_failures.outcomes import FAILED, PASSED, SKIPPED, Outcome, Signature


class Mute(Exception):
    """Have no message to give."""

    def __str__(self) -> str:
        raise RuntimeError("lost for words")


class Interrupted(Exception):
    """Be interrupted while the message is made."""

    def __str__(self) -> str:
        raise KeyboardInterrupt


class Refused(ConnectionError, KeyError):
    """Be of several types at once."""


def exit_exception() -> BaseException:
    """Return what `pytest.exit` raises."""
    return pytest.exit.Exception("enough")


@pytest.mark.parametrize(
    ("error", "message", "shown"),
    [
        (ValueError("bad"), "bad", "ValueError: bad"),
        (ValueError("bad\nworse"), "bad\nworse", "ValueError: bad"),
        (ValueError(), "", "ValueError"),
        (ValueError("\nbad"), "\nbad", "ValueError: "),
        (KeyError("k"), "'k'", "KeyError: 'k'"),
        (
            Mute(),
            "<its message cannot be had: RuntimeError('lost for words')>",
            "Mute: <its message cannot be had: RuntimeError('lost for words')>",
        ),
    ],
)
def test_a_signature_shows_type_and_first_line(
    error: BaseException, message: str, shown: str
) -> None:
    """A signature holds the whole message, and is shown with its first line."""
    signature = outcomes.signature(error)
    assert (signature.message, str(signature)) == (message, shown)


def test_an_interrupt_is_no_message() -> None:
    """A KeyboardInterrupt while an exception's message is made is the run's, and propagates."""
    with pytest.raises(KeyboardInterrupt):
        outcomes.signature(Interrupted())


def test_a_signature_names_all_types() -> None:
    """A signature names the exception's type and all its bases, bare and with their module."""
    types = outcomes.signature(Refused()).types
    assert types[0] == "Refused"
    assert {f"{__name__}.Refused", "ConnectionError", "builtins.ConnectionError"} <= set(types)
    assert {"OSError", "KeyError", "LookupError", "Exception", "BaseException"} <= set(types)
    assert "ValueError" not in types


def test_a_type_made_in_a_function_can_be_named() -> None:
    """A type that is not at the top of its module goes by its bare name too."""

    class LocalError(Exception):
        pass

    assert "LocalError" in outcomes.signature(LocalError()).types


@pytest.mark.parametrize("carried", [True, False])
def test_a_signature_that_is_carried_counts(carried: bool) -> None:
    """An exception from a child process gives the signature it had there, if it is one."""
    error = AssertionError("from the child")
    sent = Signature(("ValueError",), "in the child")
    setattr(error, "trunk_failures_signature", sent if carried else "no signature")
    expected = "ValueError: in the child" if carried else "AssertionError: from the child"
    assert str(outcomes.signature(error)) == expected


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (None, False),
        (KeyboardInterrupt(), True),
        (exit_exception(), True),
        (SystemExit(1), False),
        (ValueError(), False),
        (unittest.SkipTest("later"), False),
    ],
)
def test_what_stops_the_run(error: BaseException | None, expected: bool) -> None:
    """An interrupt and `pytest.exit` are to end the run, nothing else is."""
    assert outcomes.stops_the_run(error) is expected


@pytest.mark.parametrize(
    ("error", "alone", "with_pytest"),
    [
        (None, False, False),
        (unittest.SkipTest("later"), True, True),
        (pytest.skip.Exception("later"), False, True),
        (pytest.xfail.Exception("known"), False, True),
        (pytest.fail.Exception("no"), False, False),
        (ValueError(), False, False),
    ],
)
def test_what_is_a_tests_own_skip(
    error: BaseException | None, alone: bool, with_pytest: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """unittest's skip is one always, pytest's skip and xfail are where pytest runs the test."""
    assert outcomes.is_own_skip(error) is with_pytest
    monkeypatch.delenv("PYTEST_CURRENT_TEST")
    assert outcomes.is_own_skip(error) is alone


def test_without_pytest_nothing_of_its_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a process of a pytest run that has not loaded pytest, only unittest's words count."""
    error = exit_exception()
    outcomes._own_skips.cache_clear()
    monkeypatch.delitem(sys.modules, "pytest")
    assert not outcomes.stops_the_run(error)
    assert outcomes.stops_the_run(KeyboardInterrupt())
    assert not outcomes.is_own_skip(pytest.skip.Exception("later"))
    assert outcomes.is_own_skip(unittest.SkipTest("later"))
    assert "pytest" not in sys.modules
    outcomes._own_skips.cache_clear()


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (None, PASSED),
        (unittest.SkipTest("later"), SKIPPED),
        (pytest.skip.Exception(""), SKIPPED),
        (pytest.xfail.Exception(""), SKIPPED),
        (AssertionError(), FAILED),
        (ValueError(), FAILED),
        (SystemExit(0), FAILED),
    ],
)
def test_the_outcome_of_a_call(error: BaseException | None, state: str) -> None:
    """A call that returned passed, one that raised failed, unless it skipped itself."""
    outcome = outcomes.of(error)
    assert outcome.state == state
    assert outcome.errors == ((error,) if state == FAILED else ())


def test_failures_are_signatures() -> None:
    """An outcome gives the signature of each of its errors, in their order."""
    outcome = Outcome(FAILED, (ValueError("one"), KeyError("two")))
    assert list(map(str, outcome.failures)) == ["ValueError: one", "KeyError: 'two'"]


def test_pytest_must_be_among_the_callers() -> None:
    """The variable that pytest sets says nothing where pytest is not on the stack."""
    found: list[object] = []
    thread = threading.Thread(target=lambda: found.append(outcomes.running_pytest()))
    thread.start()
    thread.join()
    assert found == [None]
    assert outcomes.running_pytest() is pytest
