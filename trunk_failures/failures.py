"""The exceptions that a listed test is reported with, and those that runners understand."""

from __future__ import annotations

import unittest
import warnings
from types import TracebackType
from typing import TYPE_CHECKING

from trunk_failures import outcomes
from trunk_failures.errors import TrunkFailuresWarning
from trunk_failures.verdicts import Ruling, Verdict

if TYPE_CHECKING:
    from trunk_failures import entries

__unittest = True  # unittest leaves the frames of this module out of what it prints.

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]
"""What `sys.exc_info()` gives inside an `except` clause."""


FIXTURE = "trunk_failures_fixture"
"""The attribute of an exception that holds a listed fixture's entry, and the ruling on it."""


class UnexpectedSuccess(AssertionError):
    """Report that a test passed which is listed as an expected failure."""


class FailsDifferently(AssertionError):
    """Report that a listed test failed otherwise than its entry's `raises` and `match` say."""


class NotSuppressed(AssertionError):
    """Report a failure whose entry has expired or cannot be applied."""


class FixtureVerdict(Exception):
    """Carry the ruling on a listed fixture past unittest's suite, which has no word for it.

    `fixture` is the fixture's name, such as `setUpClass`.
    """

    def __init__(self, ruling: Ruling, fixture: str) -> None:
        super().__init__(ruling.message)
        self.ruling = ruling
        self.fixture = fixture


_TYPES = {
    Verdict.UNEXPECTED_SUCCESS: UnexpectedSuccess,
    Verdict.FAILS_DIFFERENTLY: FailsDifferently,
    Verdict.ERROR: NotSuppressed,
}
SKIPPING = frozenset({Verdict.SKIP_LISTED_FAILED, Verdict.SKIP_LISTED_PASSED, Verdict.NOT_RUN})
"""The verdicts that a runner reports as a skip."""


def exc_info(error: BaseException) -> ExcInfo:
    """Return an exception as a raised one, with a traceback that all runners can print."""
    __tracebackhide__ = True
    try:
        raise error
    except BaseException as raised:  # noqa: B902 - whatever it is, it was made here
        return type(raised), raised, raised.__traceback__


def failing(ruling: Ruling, cause: BaseException | None) -> BaseException:
    """Return the exception that reports a verdict which is a failure.

    Under pytest an unexpected success is pytest's own failure, without a traceback: there is no
    line of the test's to point at.
    """
    pytest = outcomes.running_pytest()
    if pytest is not None and cause is None:
        failure: BaseException = pytest.fail.Exception(ruling.message, pytrace=False)
        return failure
    assert ruling.verdict is not None
    error = _TYPES[ruling.verdict](ruling.message)
    error.__cause__ = cause
    return error


def suppressing(ruling: Ruling, cause: BaseException | None) -> BaseException:
    """Return the exception that tells a runner, from within a call, to suppress a failure."""
    pytest = outcomes.running_pytest()
    error: BaseException
    if pytest is not None:
        kind = pytest.skip if ruling.verdict in SKIPPING else pytest.xfail
        error = kind.Exception(ruling.message)
    else:
        word = "" if ruling.verdict in SKIPPING else "expected failure: "
        error = unittest.SkipTest(word + ruling.message)
    error.__cause__ = cause
    return error


def of_fixture(error: BaseException, ruling: Ruling, entry: entries.Entry) -> BaseException:
    """Return an exception of a listed fixture with the ruling on it, for pytest's plugin."""
    assert ruling.verdict is not None
    verdict = ruling.verdict.value, ruling.error or ruling.message
    setattr(error, FIXTURE, (entry, verdict))
    return error


def with_trouble(error: BaseException, trouble: str) -> BaseException:
    """Return the exception that reports a failure and why its entry does not suppress it."""
    reported = NotSuppressed(trouble)
    reported.__cause__ = error
    return reported


def warn(message: str) -> None:
    """Warn of something about a test; where warnings are errors it raises the warning."""
    warnings.warn(message, TrunkFailuresWarning, stacklevel=3)
