"""The exceptions that verdicts are reported with, under pytest and under other runners."""

from __future__ import annotations

import traceback
import unittest

import pytest
from lists_fixtures import ruling

from trunk_failures import failures, outcomes
from trunk_failures.errors import TrunkFailuresWarning
from trunk_failures.failures import FailsDifferently, NotSuppressed, UnexpectedSuccess
from trunk_failures.verdicts import Verdict

pytest_plugins = ["lists_fixtures"]

FAILING = [
    (Verdict.UNEXPECTED_SUCCESS, UnexpectedSuccess),
    (Verdict.FAILS_DIFFERENTLY, FailsDifferently),
    (Verdict.ERROR, NotSuppressed),
]
SUPPRESSING = [
    # verdict, under pytest, under others, what these show before the sentence
    (Verdict.EXPECTED_FAILURE, pytest.xfail.Exception, unittest.SkipTest, "expected failure: "),
    (Verdict.SKIP_LISTED_FAILED, pytest.skip.Exception, unittest.SkipTest, ""),
    (Verdict.SKIP_LISTED_PASSED, pytest.skip.Exception, unittest.SkipTest, ""),
    (Verdict.NOT_RUN, pytest.skip.Exception, unittest.SkipTest, ""),
]


@pytest.mark.parametrize(
    "error", [ValueError("x"), SystemExit(3), KeyboardInterrupt(), pytest.fail.Exception("x")]
)
def test_exc_info_is_of_the_very_error_raised(error: BaseException) -> None:
    """An exception that was only made gets a traceback, whatever its kind, and stays itself."""
    kind, raised, frames = failures.exc_info(error)
    assert (kind, raised) == (type(error), error)
    assert frames is not None and frames is error.__traceback__
    assert [frame.name for frame in traceback.extract_tb(frames)] == ["exc_info"]


def test_exc_info_keeps_the_frames_of_an_error_that_was_raised_before() -> None:
    """An exception with a traceback keeps the frames in which it was raised."""

    def body() -> None:
        raise ValueError("x")

    with pytest.raises(ValueError) as caught:
        body()
    frames = failures.exc_info(caught.value)[2]
    assert "body" in [frame.name for frame in traceback.extract_tb(frames)]


@pytest.mark.parametrize(("verdict", "kind"), FAILING)
@pytest.mark.parametrize("cause", [None, ValueError("cause")])
@pytest.mark.usefixtures("outside_pytest")
def test_failing_verdicts_are_assertion_errors(
    verdict: Verdict, kind: type[AssertionError], cause: BaseException | None
) -> None:
    """A verdict that is a failure is an AssertionError of its own, its cause kept."""
    error = failures.failing(ruling(verdict), cause)
    assert (type(error), str(error), error.__cause__) == (kind, "said", cause)


@pytest.mark.parametrize(("verdict", "kind"), FAILING)
def test_failing_verdicts_under_pytest(verdict: Verdict, kind: type[AssertionError]) -> None:
    """Under pytest a failure without a cause is pytest's own, and shows no traceback."""
    alone = failures.failing(ruling(verdict), None)
    assert isinstance(alone, pytest.fail.Exception)
    assert (alone.msg, alone.pytrace) == ("said", False)
    cause = ValueError("cause")
    caused = failures.failing(ruling(verdict), cause)
    assert (type(caused), str(caused), caused.__cause__) == (kind, "said", cause)


@pytest.mark.parametrize(("verdict", "under_pytest", "under_others", "word"), SUPPRESSING)
@pytest.mark.parametrize("cause", [None, ValueError("cause")])
def test_suppressing_verdicts(
    verdict: Verdict,
    under_pytest: type[BaseException],
    under_others: type[BaseException],
    word: str,
    cause: BaseException | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A verdict that suppresses is the runner's own xfail or skip, with the sentence and cause."""
    error = failures.suppressing(ruling(verdict), cause)
    assert (type(error), str(error), error.__cause__) == (under_pytest, "said", cause)
    monkeypatch.setattr(outcomes, "running_pytest", lambda: None)
    error = failures.suppressing(ruling(verdict), cause)
    assert (type(error), str(error), error.__cause__) == (under_others, word + "said", cause)


def test_trouble_is_reported_with_the_failure() -> None:
    """The report of an entry's trouble holds the failure that it did not suppress."""
    error = ValueError("cause")
    reported = failures.with_trouble(error, "trouble")
    assert isinstance(reported, NotSuppressed)
    assert (str(reported), reported.__cause__) == ("trouble", error)


def test_a_fixture_failure_carries_its_ruling() -> None:
    """What carries a fixture's failure past the suite says the sentence and holds the ruling."""
    said = ruling(Verdict.EXPECTED_FAILURE)
    error = failures.FixtureVerdict(said, "setUpClass")
    assert (str(error), error.ruling, error.fixture) == ("said", said, "setUpClass")


def test_warnings_are_of_the_package() -> None:
    """A warning is a TrunkFailuresWarning and points at the caller of who warns."""

    def warner() -> None:
        failures.warn("careful")

    with pytest.warns(TrunkFailuresWarning, match="^careful$") as caught:
        warner()
    line = test_warnings_are_of_the_package.__code__.co_firstlineno + 7
    assert [(warning.filename, warning.lineno) for warning in caught] == [(__file__, line)]


def test_warnings_that_are_errors_are_raised() -> None:
    """Where warnings are errors, as in this suite, a warning is raised."""
    with pytest.raises(TrunkFailuresWarning, match="careful"):
        failures.warn("careful")
