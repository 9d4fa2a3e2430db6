"""What an isolated test reports, in a form that can be sent to another process."""

from __future__ import annotations

import traceback
import unittest
from typing import Any, NamedTuple

from trunk_failures import outcomes

__unittest = True


class ChildFailure(Exception):
    """Report a failure that happened in a child process; its text holds the child's traceback."""

    def __init__(self, signature: outcomes.Signature, text: str) -> None:
        super().__init__(text)
        self.trunk_failures_signature = signature

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle both, for runners that run tests in processes of their own."""
        return type(self), (self.trunk_failures_signature, str(self))


class Report(NamedTuple):
    """What a child says of its test: an event's method, and how it failed or why it skipped."""

    method: str
    reason: str = ""
    signature: outcomes.Signature | None = None
    text: str = ""

    @property
    def error(self) -> BaseException | None:
        """The failure as an exception, or None."""
        return None if self.signature is None else ChildFailure(self.signature, self.text)


class Recorder(unittest.TestResult):
    """Keep what a test reports in a form that can be sent to another process."""

    def __init__(self) -> None:
        super().__init__()
        self.reports: list[Report] = []
        self.fault = ""

    def addSuccess(self, test: unittest.TestCase) -> None:
        """Keep a pass."""
        self.reports.append(Report("addSuccess"))

    def addUnexpectedSuccess(self, test: unittest.TestCase) -> None:
        """Keep a pass of a test that carries `@unittest.expectedFailure`."""
        self.reports.append(Report("addSuccess"))

    def addError(self, test: unittest.TestCase, err: Any) -> None:
        """Keep an error, or a skip by an exception of pytest's; a fixture's is no test's."""
        if not isinstance(test, unittest.TestCase):
            self.fault = f"{test} failed there: {outcomes.signature(err[1])}"
        elif outcomes.is_own_skip(err[1]):
            self.addSkip(test, str(err[1]))
        else:
            self.reports.append(failure("addError", err[1]))

    def addFailure(self, test: unittest.TestCase, err: Any) -> None:
        """Keep a failure."""
        self.reports.append(failure("addFailure", err[1]))

    def addExpectedFailure(self, test: unittest.TestCase, err: Any) -> None:
        """Keep the failure of a test that carries `@unittest.expectedFailure`."""
        self.addFailure(test, err)

    def addSkip(self, test: unittest.TestCase, reason: str) -> None:
        """Keep a skip."""
        self.reports.append(Report("addSkip", reason=reason))

    def addSubTest(self, test: unittest.TestCase, subtest: Any, err: Any) -> None:
        """Keep a sub-test's failure."""
        if err is not None:
            self.addError(subtest, err)


def failure(method: str, error: BaseException) -> Report:
    """Return the report of a failure."""
    signature = outcomes.signature(error)
    own = traceback.format_exception(type(error), error, _own_frames(error))
    return Report(method, signature=signature, text="".join(own).rstrip())


def _own_frames(error: BaseException) -> Any:
    """Return an exception's traceback from the first frame that is the test's."""
    frames = error.__traceback__
    while frames is not None and "__unittest" in frames.tb_frame.f_globals:
        frames = frames.tb_next
    return frames or error.__traceback__
