"""Between unittest's words for what a test does and those of testtools and Twisted's trial.

Neither is ever imported here: an object of theirs shows that they are loaded.
"""

from __future__ import annotations

import functools
import inspect
import sys
import traceback
from typing import TYPE_CHECKING, Any

from trunk_failures import outcomes
from trunk_failures.forwarding import ForwardingResult

if TYPE_CHECKING:
    import unittest
    from collections.abc import Iterator

__unittest = True

TESTTOOLS, TRIAL, FAILURE = "testtools", "twisted.trial.reporter", "twisted.python.failure"
FORCED = "Failed expectation"
"""The detail that testtools' `expectThat` leaves, beside a failure that says nothing."""


class TranslatingResult(ForwardingResult):
    """Tell a result in unittest's words what a test of testtools or trial reports."""

    def __init__(self, result: unittest.TestResult, test: Any) -> None:
        super().__init__(result)
        self.__dict__["_raised"] = []
        # testtools' outcomes come with the text of what was raised, without the exceptions.
        if hasattr(test, "addOnException"):
            test.addOnException(self._raised.append)

    def addSuccess(self, test: Any, details: Any = None) -> None:
        """Report a pass."""
        self._result.addSuccess(test)

    def addUnexpectedSuccess(self, test: Any, todo: Any = None, details: Any = None) -> None:
        """Report a pass of a test that expects to fail itself."""
        self._result.addUnexpectedSuccess(test)

    def addError(self, test: Any, err: Any = None, details: Any = None) -> None:
        """Report an error, and all that was raised before it."""
        for each in self._failures(err, details):
            self._result.addError(test, each)

    def addFailure(self, test: Any, err: Any = None, details: Any = None) -> None:
        """Report a failure, and all that was raised before it."""
        for each in self._failures(err, details):
            self._result.addFailure(test, each)

    def addExpectedFailure(
        self, test: Any, err: Any = None, todo: Any = None, details: Any = None
    ) -> None:
        """Report a failure that the test expects itself."""
        for each in self._failures(err, details):
            self._result.addExpectedFailure(test, each)

    def addSkip(self, test: Any, reason: Any = None, details: Any = None) -> None:
        """Report a skip; what was raised beside it is no part of it."""
        for each in self._told():
            self._result.addError(test, each)
        if reason is None:
            reason = details["reason"].as_text() if details and "reason" in details else ""
        self._result.addSkip(test, str(reason))

    def stopTest(self, test: Any) -> None:
        """Report that the test has stopped."""
        self._raised.clear()  # The test holds on to this list, and the list to frames.
        self._result.stopTest(test)

    def _failures(self, err: Any, details: Any) -> list[Any]:
        if err is not None:
            return [exc_info(err)]
        forced = [text.as_text() for name, text in details.items() if name.startswith(FORCED)]
        found = [_with_expectations(each, forced) if forced else each for each in self._told()]
        text = "\n".join(content.as_text() for content in details.values())
        return found or [(AssertionError, AssertionError(text), None)]

    def _told(self) -> Iterator[Any]:
        """Yield what was raised, without what is no failure."""
        for err in self._raised:
            error = err[1]
            own = type(error).__module__ == "testtools.testcase" and type(error).__name__[0] == "_"
            if own and error.args and isinstance(error.args[0], tuple):
                yield error.args[0]  # Of a test that is marked as an expected failure.
            elif not own and not outcomes.is_own_skip(error):
                yield err


def exc_info(err: Any) -> Any:
    """Return what `sys.exc_info()` gives, of that or of a Failure of Twisted's."""
    if hasattr(err, "getTracebackObject"):
        return err.type, err.value, err.getTracebackObject()
    return err


def _with_expectations(err: Any, forced: list[str]) -> Any:
    """Return the failure that `expectThat` forces, made to say what it was that was expected."""
    if str(err[1]) != "Forced Test Failure":
        return err
    text = "; ".join(each.rpartition("MismatchError: ")[2].strip() for each in forced)
    return err[0], err[0](text).with_traceback(err[2]), err[2]


def tell(result: Any, method: str, test: Any, detail: Any, message: str = "") -> None:
    """Call a result's method in the fullest form that it takes.

    `detail` is an exc_info, or a skip's reason. testtools' results are given all that the test
    attached to itself; pytest's and trial's the message that goes with an expected failure.
    """
    add = getattr(result, method)
    if _is_trials(result.__class__):
        add(test, *_for_trial(method, detail, message))
        return
    names = _parameters(getattr(add, "__func__", add))
    if "details" in names and hasattr(test, "getDetails"):
        add(test, details=_details(test, detail, message))
    elif "reason" in names and method == "addExpectedFailure":
        add(test, detail, message)
    else:
        add(test, detail)


@functools.cache
def _is_trials(result: Any) -> bool:
    """Tell whether a class of results is one of trial's."""
    return any(base.__module__ == TRIAL for base in result.__mro__)


def _for_trial(method: str, detail: Any, message: str) -> tuple[Any, ...]:
    if method == "addExpectedFailure":  # Of unittest's exc_info its reporters break.
        failure = sys.modules[FAILURE].Failure(detail[1], detail[0], detail[2])
        todo = sys.modules["twisted.trial.unittest"].makeTodo(message) if message else None
        return failure, todo
    return (detail,) if isinstance(detail, str) else (_with_cause(detail),)


def _with_cause(err: Any) -> Any:
    """Return a failure whose message shows its cause, as trial's reports leave causes out."""
    cause = err[1].__cause__
    if cause is None:
        return err
    text = "".join(traceback.format_exception(type(cause), cause, cause.__traceback__))
    return err[0], err[0](f"{err[1]}\n\nits cause:\n{text}").with_traceback(err[2]), err[2]


def _details(test: Any, detail: Any, message: str) -> dict[str, Any]:
    content = sys.modules[TESTTOOLS].content
    details = {**test.getDetails()}
    if isinstance(detail, str):
        message = detail
    else:
        details["traceback"] = content.TracebackContent(detail, test)
    if message:
        details["reason"] = content.text_content(message)
    return details


@functools.cache
def _parameters(method: Any) -> frozenset[str]:
    """Return the names of what a result's method takes."""
    try:
        return frozenset(inspect.signature(method).parameters)
    except (TypeError, ValueError):
        return frozenset()
