"""Results between a test and its runner's result: what they keep, and what they then tell."""

from __future__ import annotations

import pickle
import unittest
import warnings
from collections.abc import Callable
from typing import Any

import pytest
from lists_fixtures import Telling, make_entry, ruling, shown

from trunk_failures import failures, lists, outcomes, suppression
from trunk_failures.errors import TrunkFailuresWarning
from trunk_failures.suppression import (
    AnnotatingResult,
    Event,
    ForwardingResult,
    SuppressingResult,
)
from trunk_failures.verdicts import Ruling, Verdict

pytest_plugins = ["lists_fixtures"]
pytestmark = pytest.mark.usefixtures("outside_pytest")

Report = Callable[[Any, Any], object]
"""Makes the calls on a result that one test makes."""

SKIP = lists.SKIPS
TEST = unittest.FunctionTestCase(lambda: None)
SUB_TEST = unittest.FunctionTestCase(lambda: None)
REMOVE = f"Unexpected success, please remove {shown()}"
MAYBE = f"This test passed, maybe we can remove {shown(SKIP)}"


def failing(text: str = "x") -> Any:
    """Return what a runner is told of an assertion that failed."""
    return failures.exc_info(AssertionError(text))


def erring(text: str = "x") -> Any:
    """Return what a runner is told of an error."""
    return failures.exc_info(ValueError(text))


# what the test tells, what the runner is told where it is an expected failure, and where a skip
OUTCOMES: list[tuple[Report, tuple[str, str], tuple[str, str]]] = [
    (
        lambda result, test: result.addSuccess(test),
        ("addFailure", f"UnexpectedSuccess: {REMOVE}"),
        ("addSkip", MAYBE),
    ),
    (
        lambda result, test: result.addUnexpectedSuccess(test),
        ("addFailure", f"UnexpectedSuccess: {REMOVE}"),
        ("addSkip", MAYBE),
    ),
    (
        lambda result, test: result.addFailure(test, failing()),
        ("addExpectedFailure", "AssertionError: x"),
        ("addSkip", f"{shown(SKIP)}: AssertionError: x"),
    ),
    (
        lambda result, test: result.addError(test, erring()),
        ("addExpectedFailure", "ValueError: x"),
        ("addSkip", f"{shown(SKIP)}: ValueError: x"),
    ),
    (
        lambda result, test: result.addExpectedFailure(test, erring()),
        ("addExpectedFailure", "ValueError: x"),
        ("addSkip", f"{shown(SKIP)}: ValueError: x"),
    ),
    (
        lambda result, test: result.addSkip(test, "own reason"),
        ("addSkip", "own reason"),
        ("addSkip", "own reason"),
    ),
    (
        lambda result, test: (
            result.addFailure(test, failing("body")),
            result.addError(test, erring("tear-down")),
        ),
        ("addExpectedFailure", "AssertionError: body"),
        ("addSkip", f"{shown(SKIP)}: AssertionError: body; ValueError: tear-down"),
    ),
    (
        lambda result, test: (
            result.addSubTest(test, SUB_TEST, None),
            result.addSubTest(test, SUB_TEST, erring("sub-test")),
        ),
        ("addExpectedFailure", "ValueError: sub-test"),
        ("addSkip", f"{shown(SKIP)}: ValueError: sub-test"),
    ),
    (
        lambda result, test: (
            result.addSubTest(test, SUB_TEST, None),
            result.addSuccess(test),
        ),
        ("addFailure", f"UnexpectedSuccess: {REMOVE}"),
        ("addSkip", MAYBE),
    ),
    (
        lambda result, test: (
            result.addSkip(SUB_TEST, "own reason"),
            result.addSubTest(test, SUB_TEST, failing("sub-test")),
        ),
        ("addExpectedFailure", "AssertionError: sub-test"),
        ("addSkip", f"{shown(SKIP)}: AssertionError: sub-test"),
    ),
]


@pytest.mark.parametrize(("report", "as_failure", "as_skip"), OUTCOMES)
def test_the_verdict_is_told_when_the_test_stops(
    report: Report, as_failure: tuple[str, str], as_skip: tuple[str, str]
) -> None:
    """Nothing that a listed test comes to is told before it stops; then the verdict alone is."""
    for kind, expected in ((lists.EXPECTED_FAILURES, as_failure), (SKIP, as_skip)):
        runner = Telling()
        result: Any = SuppressingResult(runner, make_entry(kind))
        result.startTest(TEST)
        report(result, TEST)
        assert runner.told == [("startTest", "")]
        result.stopTest(TEST)
        assert runner.told == [("startTest", ""), expected, ("stopTest", "")]


def test_nothing_is_told_of_a_test_that_came_to_nothing() -> None:
    """A test that was interrupted has no verdict: it did neither pass nor fail."""
    runner = Telling()
    result = SuppressingResult(runner, make_entry())
    result.startTest(TEST)
    result.stopTest(TEST)
    assert runner.told == [("startTest", ""), ("stopTest", "")]


@pytest.mark.parametrize("error", [KeyboardInterrupt("x"), pytest.exit.Exception("x")])
def test_what_ends_the_run_is_told_at_once(error: BaseException) -> None:
    """An interrupt and pytest.exit go to the runner as they come, whatever the entry."""
    runner = Telling()
    SuppressingResult(runner, make_entry()).addError(TEST, failures.exc_info(error))
    assert runner.told == [("addError", f"{type(error).__name__}: x")]
    assert runner.errors_told == [error]


@pytest.mark.parametrize("method", ["addError", "addFailure"])
@pytest.mark.parametrize("skip", [pytest.skip.Exception("x"), pytest.xfail.Exception("x")])
def test_pytest_s_own_skips_are_no_failures(
    monkeypatch: pytest.MonkeyPatch, method: str, skip: BaseException
) -> None:
    """pytest.skip() and pytest.xfail() in a listed test reach the runner as they are."""
    monkeypatch.setattr(outcomes, "running_pytest", lambda: pytest)
    runner = Telling()
    result: Any = SuppressingResult(runner, make_entry())
    getattr(result, method)(TEST, failures.exc_info(skip))
    result.stopTest(TEST)
    assert runner.between == [(method, f"{type(skip).__name__}: x")]


def test_a_failure_that_differs_is_told_with_its_cause() -> None:
    """A failure that the entry does not expect is the cause of the failure that is told."""
    runner = Telling()
    result: Any = SuppressingResult(runner, make_entry(raises=("KeyError",)))
    err = erring()
    result.addError(TEST, err)
    result.stopTest(TEST)
    text = f"TestA.test_b fails differently: {shown()} expects KeyError, seen was ValueError: x"
    assert runner.between == [("addFailure", f"FailsDifferently: {text}")]
    assert runner.errors_told[0].__cause__ is err[1]


def test_the_decorator_s_reason_is_told() -> None:
    """The reason that a decorator gives stands in for one that the entry does not give."""
    runner = Telling()
    result: Any = SuppressingResult(runner, make_entry(SKIP), "graph break")
    result.addError(TEST, erring())
    result.stopTest(TEST)
    assert runner.between == [("addSkip", f"{shown(SKIP)} (graph break): ValueError: x")]


def test_a_result_can_serve_twice() -> None:
    """What a test came to is forgotten when it has stopped, so that a second run is judged anew."""
    runner = Telling()
    result: Any = SuppressingResult(runner, make_entry(SKIP))
    result.addError(TEST, erring())
    result.stopTest(TEST)
    result.addSuccess(TEST)
    result.stopTest(TEST)
    assert runner.between == [
        ("addSkip", f"{shown(SKIP)}: ValueError: x"),
        ("addSkip", MAYBE),
    ]


@pytest.mark.parametrize(
    ("events", "state", "errors"),
    [
        ([], outcomes.NOTHING, 0),
        ([Event("addSuccess", TEST)], outcomes.PASSED, 0),
        ([Event("addSkip", TEST, "x")], outcomes.SKIPPED, 0),
        ([Event("addSkip", TEST, "x"), Event("addSuccess", TEST)], outcomes.SKIPPED, 0),
        ([Event("addError", TEST, failing())], outcomes.SKIPPED, 0),
        ([Event("addError", TEST, failing(), True)], outcomes.FAILED, 1),
        (
            [Event("addSkip", TEST, "x"), Event("addError", TEST, failing(), True)],
            outcomes.FAILED,
            1,
        ),
        ([Event("addError", TEST, failing(), True)] * 2, outcomes.FAILED, 2),
    ],
)
def test_any_failure_decides_then_any_skip(events: list[Event], state: str, errors: int) -> None:
    """A test failed if anything in it did, else it skipped if anything did, else it passed."""
    found = suppression.outcome(events)
    assert (found.state, len(found.errors)) == (state, errors)


@pytest.mark.parametrize(
    ("said", "events", "told"),
    [
        (Ruling(None), [], []),
        (
            Ruling(None),
            [Event("addSkip", TEST, "x"), Event("addSuccess", TEST)],
            [("addSkip", "x")],
        ),
        (
            Ruling(None),
            [Event("addSkip", SUB_TEST, "first"), Event("addSkip", SUB_TEST, "second")],
            [("addSkip", "first")],
        ),
        (
            ruling(Verdict.EXPECTED_FAILURE),
            [Event("addSkip", TEST, "x"), Event("addError", TEST, erring(), True)],
            [("addExpectedFailure", "ValueError: x")],
        ),
        (ruling(Verdict.NOT_RUN), [], [("addSkip", "said")]),
        (
            ruling(Verdict.SKIP_LISTED_FAILED),
            [Event("addError", TEST, erring(), True)],
            [("addSkip", "said")],
        ),
        (
            ruling(Verdict.SKIP_LISTED_PASSED),
            [Event("addSuccess", TEST)],
            [("addSkip", "said")],
        ),
        (
            ruling(Verdict.ERROR),
            [Event("addError", TEST, erring(), True)],
            [("addFailure", "NotSuppressed: said")],
        ),
    ],
)
def test_a_ruling_is_told_in_the_runner_s_words(
    said: Ruling, events: list[Event], told: list[tuple[str, str]]
) -> None:
    """Each verdict has its one call on a result; without one the test's own first is repeated."""
    runner = Telling()
    suppression.report(runner, TEST, said, events)
    assert runner.told == told


def test_results_that_hear_verdicts_are_told_first() -> None:
    """A result with `addVerdict` hears the ruling before unittest's words for it."""

    class Hearing(Telling):
        def addVerdict(self, test: Any, said: Ruling) -> None:
            self._tell("addVerdict", said.message)

    runner = Hearing()
    suppression.report(runner, TEST, ruling(Verdict.NOT_RUN), [])
    assert runner.told == [("addVerdict", "said"), ("addSkip", "said")]
    suppression.report(runner, TEST, Ruling(None), [Event("addSuccess", TEST)])
    assert runner.told[2:] == [("addSuccess", "")]


class WithReason(Telling):
    """A result like pytest's and trial's, whose expected failures have a reason."""

    def addExpectedFailure(self, test: Any, err: Any, reason: str = "") -> None:
        """Keep the reason."""
        self._tell("addExpectedFailure", reason)


class WithoutSignature(Telling):
    """A result whose method is a class that cannot be looked into."""

    addExpectedFailure: Any = type

    def __init__(self) -> None:
        super().__init__()
        self.addExpectedFailure = lambda test, err: self._tell("addExpectedFailure", err)


class Handing:
    """A result that hands on what it lacks, as runners' adapters of results do."""

    def __init__(self) -> None:
        self.runner = Telling()

    def __getattr__(self, name: str) -> Any:
        """Return what the runner's own result has."""
        return getattr(self.runner, name)


class Old:
    """A result older than expected failures."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str]] = []

    def addSkip(self, test: Any, reason: str) -> None:
        """Keep a skip."""
        self.told.append(("addSkip", reason))


@pytest.mark.parametrize(
    ("runner", "told"),
    [
        (WithReason, ("addExpectedFailure", "said")),
        (lambda: ForwardingResult(WithReason()), ("addExpectedFailure", "said")),
        (WithoutSignature, ("addExpectedFailure", "ValueError: x")),
        (Handing, ("addExpectedFailure", "ValueError: x")),
        (Old, ("addSkip", "said")),
    ],
)
def test_expected_failures_are_told_as_a_result_takes_them(
    runner: Callable[[], Any], told: tuple[str, str]
) -> None:
    """The reason goes where the result has a place for it; a result without the word is skipped."""
    result = runner()
    events = [Event("addError", TEST, erring(), True)]
    suppression.report(result, TEST, ruling(Verdict.EXPECTED_FAILURE), events)
    assert result.told == [told]


def test_pytest_s_own_result_keeps_the_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Under pytest an expected failure is an xfail with the failure as its cause, to be shown."""
    told: list[BaseException] = []

    class Item(pytest.Item):
        def runtest(self) -> None: ...

        def addFailure(self, test: Any, err: Any) -> None:
            told.append(err[1])

    monkeypatch.setattr(outcomes, "running_pytest", lambda: pytest)
    err = erring()
    events = [Event("addError", TEST, err, True)]
    item = Item.__new__(Item)
    suppression.report(item, TEST, ruling(Verdict.EXPECTED_FAILURE), events)
    (error,) = told
    assert isinstance(error, pytest.xfail.Exception)
    assert (str(error), error.__cause__) == ("said", err[1])


def test_a_forwarding_result_is_taken_for_the_runner_s() -> None:
    """What is read, set and asked of the result between is so of the runner's own."""
    runner = Telling()
    result: Any = ForwardingResult(runner)
    result.shouldStop = True
    result.mine = "x"
    assert result.__class__ is Telling
    assert isinstance(result, unittest.TestResult)
    assert (runner.shouldStop, vars(runner)["mine"], getattr(result, "mine")) == (True, "x", "x")
    assert getattr(result, "told") is runner.told
    with pytest.raises(AttributeError, match="Telling.*missing"):
        getattr(result, "missing")


def annotated(broken: bool, report: Report) -> Telling:
    """Return a runner's result after one test whose entry is in trouble."""
    runner = Telling()
    result: Any = AnnotatingResult(runner, "trouble", broken)
    report(result, TEST)
    return runner


@pytest.mark.parametrize(
    ("report", "told"),
    [
        (
            lambda result, test: result.addFailure(test, failing()),
            ("addFailure", "NotSuppressed: trouble"),
        ),
        (
            lambda result, test: result.addError(test, erring()),
            ("addError", "NotSuppressed: trouble"),
        ),
        (
            lambda result, test: result.addSubTest(test, SUB_TEST, erring()),
            ("addSubTest", "NotSuppressed: trouble"),
        ),
        (lambda result, test: result.addSubTest(test, SUB_TEST, None), ("addSubTest", "")),
        (lambda result, test: result.addSkip(test, "own reason"), ("addSkip", "own reason")),
        (
            lambda result, test: result.addError(
                test, failures.exc_info(unittest.SkipTest("own"))
            ),
            ("addError", "SkipTest: own"),
        ),
        (
            lambda result, test: result.addError(test, failures.exc_info(KeyboardInterrupt("x"))),
            ("addError", "KeyboardInterrupt: x"),
        ),
    ],
)
@pytest.mark.parametrize("broken", [False, True])
def test_failures_carry_the_trouble_with_their_entry(
    report: Report, told: tuple[str, str], broken: bool
) -> None:
    """A failure says why its entry does not suppress it; what is no failure is left as it is."""
    assert annotated(broken, report).told == [told]


def test_the_failure_itself_is_kept_beside_the_trouble() -> None:
    """The failure that an entry in trouble did not suppress is the cause of the one told."""
    err = erring()
    runner = annotated(False, lambda result, test: result.addError(test, err))
    assert [error.__cause__ for error in runner.errors_told] == [err[1]]


def test_a_pass_under_a_broken_entry_is_a_failure() -> None:
    """Nobody knows what a broken entry was to say, so that a pass is not let by."""
    runner = annotated(True, lambda result, test: result.addSuccess(test))
    assert runner.told == [("addFailure", "NotSuppressed: trouble")]


def test_a_pass_under_an_expired_entry_warns() -> None:
    """A pass under an expired entry is a pass, with a warning that says so."""
    with pytest.warns(TrunkFailuresWarning, match="^trouble$"):
        runner = annotated(False, lambda result, test: result.addSuccess(test))
    assert runner.told == [("addSuccess", "")]


def test_a_warning_that_is_an_error_is_told_as_a_failure() -> None:
    """Where warnings are errors the expired entry of a test that passes is that test's failure."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        runner = annotated(False, lambda result, test: result.addSuccess(test))
    assert runner.told == [("addFailure", "TrunkFailuresWarning: trouble")]


@pytest.mark.parametrize(
    ("err", "told"), [(erring(), [("addFailure", "NotSuppressed: trouble")]), (None, [])]
)
def test_sub_tests_where_a_result_has_no_word_for_them(
    err: Any, told: list[tuple[str, str]]
) -> None:
    """A sub-test's failure is the test's where the runner's result knows no sub-tests."""

    class Without(ForwardingResult):
        def __getattr__(self, name: str) -> Any:
            if name == "addSubTest":
                raise AttributeError(name)
            return super().__getattr__(name)

    runner = Telling()
    result: Any = AnnotatingResult(Without(runner), "trouble")  # type: ignore[arg-type]
    result.addSubTest(TEST, SUB_TEST, err)
    assert runner.told == told


@pytest.mark.parametrize("broken", [False, True])
def test_a_broken_entry_is_told_of_where_the_test_expects_a_failure_itself(broken: bool) -> None:
    """`@unittest.expectedFailure` hides no entry that cannot be read; an expired one it may."""
    runner = Telling()
    result: Any = suppression.AnnotatingResult(runner, "trouble", broken)
    result.addExpectedFailure(TEST, erring())
    result.addUnexpectedSuccess(TEST)
    methods = [method for method, _ in runner.told]
    expected = ["addFailure"] * 2 if broken else ["addExpectedFailure", "addUnexpectedSuccess"]
    assert methods == expected


class Sent:
    """A runner's result that can be sent to another process."""

    shouldStop = False


def test_a_result_is_pickled_as_the_runners_own() -> None:
    """What stands between can be sent to other processes like the result that it stands for."""
    own: Any = Sent()
    own.shouldStop = True
    sent = pickle.loads(pickle.dumps(suppression.AnnotatingResult(own, "trouble")))
    assert vars(sent) == {"shouldStop": True}
