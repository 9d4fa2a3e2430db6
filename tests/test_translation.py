"""What testtools' and trial's tests and results say, in unittest's words and back."""

from __future__ import annotations

import unittest
from typing import Any

import pytest
from lists_fixtures import PutInForce, Telling, write_entry

from trunk_failures import interception, translation

pytest_plugins = ["lists_fixtures"]
pytestmark = pytest.mark.usefixtures("outside_pytest", "unhooked")

XFAIL, SKIP = "trunk_expected_failures", "trunk_skips"
ENTRY = f"`tests/{XFAIL}/TestA.test_b`"


@pytest.fixture
def unhooked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give back what is changed in unittest."""
    before = vars(unittest.TestCase)["__init_subclass__"]
    monkeypatch.setattr(unittest.TestCase, "__init_subclass__", before)


@pytest.fixture
def testtools() -> Any:
    """Return testtools, where it is installed."""
    return pytest.importorskip("testtools")


@pytest.fixture
def trial() -> Any:
    """Return trial's test cases, where Twisted is installed."""
    return pytest.importorskip("twisted.trial.unittest")


class Details:
    """Text as testtools attaches it."""

    def __init__(self, text: str) -> None:
        self.text = text

    def as_text(self) -> str:
        """Return the text."""
        return self.text


def raised(error: Exception) -> Any:
    """Return an exception as `sys.exc_info()` gives it."""
    return type(error), error, None


class Raising:
    """A test of testtools', which tells of each exception as it is raised."""

    def __init__(self) -> None:
        self.tell: Any = None

    def addOnException(self, handler: Any) -> None:
        """Keep who wants to hear."""
        self.tell = handler


def translating() -> tuple[Raising, Any, Telling]:
    """Return a test, the result that it reports to, and the one that is told."""
    test, runner = Raising(), Telling()
    return test, translation.TranslatingResult(runner, test), runner


def test_what_was_raised_is_reported() -> None:
    """Of an outcome with details, the exceptions themselves are reported, all of them."""
    test, result, runner = translating()
    test.tell(raised(ValueError("body")))
    test.tell(raised(KeyError("tear-down")))
    result.addError(test, details={"traceback": Details("text")})
    assert runner.told == [("addError", "ValueError: body"), ("addError", "KeyError: 'tear-down'")]


@pytest.mark.parametrize("method", ["addError", "addFailure", "addExpectedFailure"])
def test_without_exceptions_the_text_is_reported(method: str) -> None:
    """Where no exception was seen the details' text stands for it."""
    test, result, runner = translating()
    getattr(result, method)(test, details={"traceback": Details("the text")})
    assert runner.told == [(method, "AssertionError: the text")]


def test_expectations_say_what_was_expected() -> None:
    """The failure that `expectThat` forces carries the mismatches, not a word of its own."""
    test, result, runner = translating()
    test.tell(raised(AssertionError("Forced Test Failure")))
    details = {
        "Failed expectation": Details("Traceback\nMismatchError: 1 != 2\n"),
        "Failed expectation-1": Details("Traceback\nMismatchError: 3 != 4\n"),
        "log": Details("noise"),
    }
    result.addFailure(test, details=details)
    assert runner.told == [("addFailure", "AssertionError: 1 != 2; 3 != 4")]


def test_other_failures_beside_expectations_stay() -> None:
    """What was raised beside a failed expectation is reported as it is."""
    test, result, runner = translating()
    test.tell(raised(ValueError("tear-down")))
    result.addError(test, details={"Failed expectation": Details("MismatchError: 1 != 2")})
    assert runner.told == [("addError", "ValueError: tear-down")]


def test_marks_of_testtools_are_no_failures() -> None:
    """What testtools raises to mark an expected failure is taken off the failure inside it."""
    test, result, runner = translating()
    marked = {"__module__": "testtools.testcase"}
    expected: Any = type("_ExpectedFailure", (Exception,), marked)
    test.tell(raised(expected(raised(ValueError("body")))))
    result.addExpectedFailure(test, details={"traceback": Details("text")})
    assert runner.told == [("addExpectedFailure", "ValueError: body")]
    test, result, runner = translating()
    test.tell(raised(type("_UnexpectedSuccess", (Exception,), marked)()))
    result.addUnexpectedSuccess(test, details={})
    assert runner.told == [("addUnexpectedSuccess", "")]


def test_skips_keep_their_reason_and_hide_no_failure() -> None:
    """A skip has its reason from the details; what was raised before it is reported."""
    test, result, runner = translating()
    test.tell(raised(ValueError("body")))
    test.tell(raised(unittest.SkipTest("why")))
    result.addSkip(test, details={"reason": Details("why")})
    assert runner.told == [("addError", "ValueError: body"), ("addSkip", "why")]
    test, result, runner = translating()
    result.addSkip(test, "why")
    result.addSkip(test, details={})
    assert runner.told == [("addSkip", "why"), ("addSkip", "")]


def test_passes_are_passes_and_nothing_is_kept() -> None:
    """A pass is one, whatever is attached; at a test's end what was raised is let go."""
    test, result, runner = translating()
    test.tell(raised(ValueError("body")))
    result.addSuccess(test, details={"log": Details("noise")})
    result.stopTest(test)
    assert runner.told == [("addSuccess", ""), ("stopTest", "")]
    assert test.tell.__self__ == []


class Failure:
    """A failure as Twisted's are."""

    def __init__(self, error: Exception) -> None:
        self.type, self.value = type(error), error

    def getTracebackObject(self) -> None:
        """Return no traceback."""


def test_failures_of_twisted_are_reported() -> None:
    """trial's tests report Failures, with what was to be done at their side."""
    runner = Telling()
    result = translation.TranslatingResult(runner, object())  # type: ignore[arg-type]
    result.addError(None, Failure(ValueError("body")))
    result.addExpectedFailure(None, Failure(ValueError("body")), "to do")
    result.addUnexpectedSuccess(None, "to do")
    assert [told for told, _ in runner.told] == [
        *("addError", "addExpectedFailure", "addUnexpectedSuccess")
    ]


def entry(put_in_force: PutInForce, kind: str = XFAIL, content: str = "") -> None:
    """List TestA.test_b, and put the lists on every test."""
    write_entry(put_in_force(), f"{kind}/TestA.test_b", content)
    put_in_force()
    interception.apply_to_every()


def made(base: Any, body: Any) -> Any:
    """Return `TestA.test_b` of a framework's class."""
    return type("TestA", (base,), {"test_b": body})("test_b")


def logs_and_fails(test: Any) -> None:
    """Attach something, and fail."""
    from testtools.content import text_content

    test.addDetail("log", text_content("what the test logged"))
    raise ValueError("body")


def told_by(testtools: Any, test: Any) -> dict[str, Any]:
    """Return the status and the details that testtools tells of a test."""
    told: list[dict[str, Any]] = []
    result = testtools.ExtendedToStreamDecorator(testtools.StreamToDict(told.append))
    result.startTestRun()
    test.run(result)
    result.stopTestRun()
    texts = {name: content.as_text() for name, content in told[0]["details"].items()}
    return {"status": told[0]["status"], **texts}


@pytest.mark.parametrize(
    ("kind", "content", "status", "reason", "traceback"),
    [
        (XFAIL, "", "xfail", f"{ENTRY}: ValueError: body", "ValueError: body"),
        (SKIP, "", "skip", f"`tests/{SKIP}/TestA.test_b`: ValueError: body", "ValueError: body"),
        (XFAIL, "raises: KeyError", "fail", None, "FailsDifferently: TestA.test_b fails"),
        (XFAIL, "expires: 2020-01-31", "fail", None, f"NotSuppressed: {ENTRY} expired"),
    ],
)
def test_details_reach_testtools_results(
    put_in_force: PutInForce,
    testtools: Any,
    kind: str,
    content: str,
    status: str,
    reason: str | None,
    traceback: str,
) -> None:
    """A result that takes details has the test's own, the traceback whole, and the entry."""
    entry(put_in_force, kind, content)
    told = told_by(testtools, made(testtools.TestCase, logs_and_fails))
    assert (told["status"], told.get("reason")) == (status, reason)
    assert told["log"] == "what the test logged"
    assert traceback in told["traceback"]
    assert "ValueError: body" in told["traceback"]


def run_by_trial(test: Any) -> tuple[Any, str]:
    """Run a test as trial does; return its reporter, and what that prints at the end."""
    import io

    from twisted.trial import itrial, reporter, runner, unittest

    stream = io.StringIO()
    told = reporter.VerboseTextReporter(stream)
    unittest.decorate(runner.TestSuite([test]), itrial.ITestCase).run(told)
    told.done()
    return told, stream.getvalue()


def fails(test: Any) -> None:
    """Fail."""
    raise ValueError("body")


def test_trial_shows_the_entry_and_the_traceback(put_in_force: PutInForce, trial: Any) -> None:
    """Of an expected failure trial's report shows which entry expects it, and the failure."""
    entry(put_in_force)
    for base in (trial.TestCase, trial.SynchronousTestCase, unittest.TestCase):
        told, text = run_by_trial(made(base, fails))
        assert told.wasSuccessful()
        assert f"Reason: '{ENTRY}: ValueError: body'" in text
        assert "builtins.ValueError: body" in text


@pytest.mark.parametrize("content", ["expires: 2020-01-31", "raises: KeyError"])
def test_trial_shows_the_cause_of_a_failure(
    put_in_force: PutInForce, trial: Any, content: str
) -> None:
    """trial prints no causes: what is reported in a failure's place holds it in its message."""
    entry(put_in_force, content=content)
    for base in (trial.TestCase, unittest.TestCase):
        told, text = run_by_trial(made(base, fails))
        assert not told.wasSuccessful()
        assert "its cause:\nTraceback" in text
        assert "ValueError: body" in text


def test_trial_shows_what_a_test_expects_itself(put_in_force: PutInForce, trial: Any) -> None:
    """A test that expects its failure, its entry expired, is still trial's own kind of outcome."""
    entry(put_in_force, content="expires: 2020-01-31")
    told, text = run_by_trial(made(unittest.TestCase, unittest.expectedFailure(fails)))
    assert told.wasSuccessful()
    assert "Reason: 'Test expected to fail'" in text


def test_trial_shows_an_unexpected_success(put_in_force: PutInForce, trial: Any) -> None:
    """A listed test that passes is a failure under trial, whose own word for it is green."""
    entry(put_in_force)
    told, text = run_by_trial(made(trial.TestCase, lambda test: None))
    assert not told.wasSuccessful()
    assert f"Unexpected success, please remove {ENTRY}" in text


def test_a_result_that_says_nothing_of_itself_is_told_plainly() -> None:
    """Where a method's parameters cannot be read it is called as unittest's is."""
    told: list[object] = []

    class Mute(unittest.TestResult):
        addSkip: Any = staticmethod(lambda *args: told.append(args))

    Mute.addSkip.__signature__ = "none"
    translation.tell(Mute(), "addSkip", "test", "why")
    assert told == [("test", "why")]
