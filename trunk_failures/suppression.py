"""Results that stand between a test and its runner's own result.

unittest's and pytest's every way to run a TestCase calls `TestCase.run(result)`, and that result
hears of all that happens (sub-tests, fixtures, clean-ups, coroutines) before the runner does.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, NamedTuple

from trunk_failures import failures, outcomes, translation, verdicts
from trunk_failures.errors import TrunkFailuresWarning
from trunk_failures.forwarding import ForwardingResult
from trunk_failures.verdicts import Ruling, Verdict

if TYPE_CHECKING:
    import unittest

    from trunk_failures.entries import Entry

__unittest = True


class Event(NamedTuple):
    """One call that a test made on its result: which, of which test or sub-test, with what.

    `failed` tells whether `detail` is the exc_info of a failure; pytest's skips are no failures.
    """

    method: str
    test: Any
    detail: Any = None
    failed: bool = False


class AnnotatingResult(ForwardingResult):
    """Report a test as it is, and the trouble with its entry: each failure carries it.

    A pass carries it too. Where the entry is `broken` the pass is a failure, as nobody knows
    what the entry was to say; where it has merely expired the pass comes with a warning.
    """

    def __init__(self, result: unittest.TestResult, trouble: str, broken: bool = False) -> None:
        super().__init__(result)
        self.__dict__.update(_trouble=trouble, _broken=broken)

    def addSuccess(self, test: Any) -> None:
        """Report a pass, and the trouble with the entry."""
        try:
            if self._broken:
                raise failures.NotSuppressed(self._trouble)
            warnings.warn(self._trouble, TrunkFailuresWarning, stacklevel=2)
        except (failures.NotSuppressed, TrunkFailuresWarning) as error:
            self._result.addFailure(test, failures.exc_info(error))
        else:
            self._result.addSuccess(test)

    def addError(self, test: Any, err: failures.ExcInfo) -> None:
        """Report an error, its entry's trouble with it."""
        translation.tell(self._result, "addError", test, self._annotated(err))

    def addFailure(self, test: Any, err: failures.ExcInfo) -> None:
        """Report a failure, its entry's trouble with it."""
        translation.tell(self._result, "addFailure", test, self._annotated(err))

    def addExpectedFailure(self, test: Any, err: failures.ExcInfo) -> None:
        """Report a failure that the test expects itself; a broken entry makes it one."""
        if self._broken:
            self._result.addFailure(test, self._annotated(err))
        else:
            translation.tell(self._result, "addExpectedFailure", test, err)

    def addUnexpectedSuccess(self, test: Any) -> None:
        """Report a pass that the test itself does not expect."""
        if self._broken:
            self.addSuccess(test)
        else:
            self._result.addUnexpectedSuccess(test)

    def addSubTest(self, test: Any, subtest: Any, err: failures.ExcInfo | None) -> None:
        """Report a sub-test, its entry's trouble with it when it fails."""
        if hasattr(self._result, "addSubTest"):
            self._result.addSubTest(test, subtest, err and self._annotated(err))
        elif err is not None:
            self._result.addFailure(test, self._annotated(err))

    def _annotated(self, err: failures.ExcInfo) -> failures.ExcInfo:
        if outcomes.is_own_skip(err[1]) or outcomes.stops_the_run(err[1]):
            return err
        return failures.exc_info(failures.with_trouble(err[1], self._trouble))


class RecordingResult(ForwardingResult):
    """Keep what one test reports until it stops; then `_ended` says what is made of it."""

    def __init__(self, result: unittest.TestResult) -> None:
        super().__init__(result)
        self.__dict__["_events"] = []

    def startTest(self, test: Any) -> None:
        """Report that the test has started."""
        self._result.startTest(test)

    def addSuccess(self, test: Any) -> None:
        """Keep a pass."""
        self._keep("addSuccess", test)

    def addUnexpectedSuccess(self, test: Any) -> None:
        """Keep a pass of a test that carries `@unittest.expectedFailure`."""
        self._keep("addSuccess", test)

    def addError(self, test: Any, err: failures.ExcInfo) -> None:
        """Keep an error, unless it is to end the run."""
        if outcomes.stops_the_run(err[1]):
            self._result.addError(test, err)
        else:
            self._keep_failure("addError", test, err)

    def addFailure(self, test: Any, err: failures.ExcInfo) -> None:
        """Keep a failure."""
        self._keep_failure("addFailure", test, err)

    def addExpectedFailure(self, test: Any, err: failures.ExcInfo) -> None:
        """Keep the failure of a test that carries `@unittest.expectedFailure`."""
        self._keep_failure("addFailure", test, err)

    def addSkip(self, test: Any, reason: str) -> None:
        """Keep a skip."""
        self._keep("addSkip", test, reason)

    def addSubTest(self, test: Any, subtest: Any, err: failures.ExcInfo | None) -> None:
        """Keep a sub-test's failure; its pass says nothing that the test itself does not."""
        if err is not None:
            self._keep_failure("addError", subtest, err)

    def stopTest(self, test: Any) -> None:
        """Make of the events what is to be made, then report that the test has stopped.

        In this order, as some runners (xmlrunner) report a test when they hear that it stopped.
        """
        self._ended(test, self._events)
        # Exceptions hold frames that hold this result: without this each test leaves a cycle
        # behind, and collecting those costs more than all else that is done for a listed test.
        self._events.clear()
        self._result.stopTest(test)

    def _is_skip(self, error: BaseException | None) -> bool:
        return outcomes.is_own_skip(error)

    def _ended(self, test: Any, events: list[Event]) -> None:
        raise NotImplementedError

    def _keep(self, method: str, test: Any, detail: Any = None) -> None:
        self._events.append(Event(method, test, detail))

    def _keep_failure(self, method: str, test: Any, err: failures.ExcInfo) -> None:
        self._events.append(Event(method, test, err, not self._is_skip(err[1])))


class SuppressingResult(RecordingResult):
    """Report the verdict on one listed test in the place of what it reports."""

    def __init__(self, result: unittest.TestResult, entry: Entry, reason: str = "") -> None:
        super().__init__(result)
        self.__dict__.update(_entry=entry, _reason=reason)

    def _ended(self, test: Any, events: list[Event]) -> None:
        ruling = verdicts.decide(self._entry, outcome(events), self._reason)
        report(self._result, test, ruling, events)


def outcome(events: list[Event]) -> outcomes.Outcome:
    """Return what the events of one test come to: any failure, else a skip, else a pass."""
    errors = [event.detail[1] for event in events if event.failed]
    if errors:
        return outcomes.Outcome(outcomes.FAILED, tuple(errors))
    if any(event.method != "addSuccess" for event in events):
        return outcomes.Outcome(outcomes.SKIPPED)
    return outcomes.Outcome(outcomes.PASSED if events else outcomes.NOTHING)


def report(result: Any, test: Any, ruling: Ruling, events: list[Event]) -> None:
    """Tell a runner's result the ruling on a test, of which `events` is all that happened."""
    if ruling.verdict is None:
        # Of a test that skipped in several sub-tests, the first: some runners can hear of a
        # sub-test only while its test runs, which is past.
        for event in events[:1]:
            detail = () if event.detail is None else (event.detail,)
            getattr(result, event.method)(test, *detail)
        return
    hear = getattr(result, "addVerdict", None)
    if hear is not None:
        hear(test, ruling)
    failed = [event.detail for event in events if event.failed]
    if ruling.verdict is Verdict.EXPECTED_FAILURE:
        _expected_failure(result, test, failed[0], ruling)
    elif ruling.verdict in failures.SKIPPING:
        translation.tell(result, "addSkip", test, ruling.message)
    else:
        cause = failed[0][1] if failed else None
        error = failures.exc_info(failures.failing(ruling, cause))
        translation.tell(result, "addFailure", test, error)


def _expected_failure(result: Any, test: Any, err: failures.ExcInfo, ruling: Ruling) -> None:
    pytest = outcomes.running_pytest()
    if pytest is not None and isinstance(result, pytest.Item):
        # Its own addExpectedFailure keeps the reason alone; this keeps the traceback as well.
        result.addFailure(test, failures.exc_info(failures.suppressing(ruling, err[1])))
    elif not hasattr(result, "addExpectedFailure"):
        # Results older than unittest's own: a skip is the nearest they have.
        result.addSkip(test, ruling.message)
    else:
        translation.tell(result, "addExpectedFailure", test, err, ruling.message)
