"""Running one test in a child process, so that a crash or a hang is an outcome like any other.

Where the platform forks safely (Linux) the child is a copy of this process and loses nothing of
it: class fixtures, environment, working directory, modules as they are patched. Elsewhere, and
under `TRUNK_FAILURES_ISOLATION=spawn`, it is a new interpreter that imports the test's module
again and runs the class's and the module's fixtures again. What the test changes in its process
stays in the child.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import multiprocessing.connection
import os
import signal
import sys
import time
import traceback
import unittest
import warnings
from typing import TYPE_CHECKING, Any, NamedTuple

from trunk_failures import measurement, outcomes
from trunk_failures.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection

__unittest = True

VARIABLE = "TRUNK_FAILURES_ISOLATION"
METHODS = ("fork", "spawn")
POLL = 0.05
"""Seconds between looks at whether the child still lives."""

inside = False
"""Whether this process is the child that runs one isolated test."""


class ChildFailure(Exception):
    """Report a failure that happened in a child process; its text holds the child's traceback."""

    def __init__(self, signature: outcomes.Signature, text: str) -> None:
        super().__init__(text)
        self.trunk_failures_signature = signature


class Crashed(Exception):
    """Report that the child process died before its test ended."""


class TimedOut(TimeoutError):
    """Report that an isolated test took longer than its entry's `timeout`."""


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


class CaseWork:
    """A test method to run in a child: this very object in a fork, made anew in a spawn."""

    def __init__(
        self, test: unittest.TestCase, method: str, run: Callable[..., object] | None
    ) -> None:
        self.test = test
        self.method = method
        self.run = run

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the class and the method's name; the object itself seldom can be."""
        return _again, (type(self.test), self.method)

    def __call__(self) -> list[Report]:
        """Run the test and return what it reported."""
        recorder = Recorder()
        if self.run is not None:
            self.run(self.test, recorder)
        else:  # A new interpreter: the suite runs the class's and the module's fixtures.
            unittest.TestSuite([self.test]).run(recorder)
        return recorder.reports


class CallWork:
    """A plain function to call in a child."""

    def __init__(
        self, function: Callable[..., object], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> None:
        self.function = function
        self.args = args
        self.kwargs = kwargs

    def __call__(self) -> list[Report]:
        """Call the function and return what it came to."""
        try:
            self.function(*self.args, **self.kwargs)
        except BaseException as error:
            if outcomes.is_own_skip(error):
                return [Report("addSkip", reason=str(error))]
            return [_failure("addError", error)]
        return [Report("addSuccess")]


class Recorder(unittest.TestResult):
    """Keep what a test reports in a form that can be sent to another process."""

    def __init__(self) -> None:
        super().__init__()
        self.reports: list[Report] = []

    def addSuccess(self, test: unittest.TestCase) -> None:
        """Keep a pass."""
        self.reports.append(Report("addSuccess"))

    def addUnexpectedSuccess(self, test: unittest.TestCase) -> None:
        """Keep a pass of a test that carries `@unittest.expectedFailure`."""
        self.reports.append(Report("addSuccess"))

    def addError(self, test: unittest.TestCase, err: Any) -> None:
        """Keep an error, or a skip by an exception of pytest's."""
        if outcomes.is_own_skip(err[1]):
            self.addSkip(test, str(err[1]))
        else:
            self.reports.append(_failure("addError", err[1]))

    def addFailure(self, test: unittest.TestCase, err: Any) -> None:
        """Keep a failure."""
        self.reports.append(_failure("addFailure", err[1]))

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


def run(work: Callable[[], list[Report]], timeout: float) -> list[Report]:
    """Run work in a child process for at most `timeout` seconds and return what it reported.

    A child that dies or takes too long is a failure like any other; one that cannot be started
    is too, as its test was not run. Raises UsageError for an unknown start method.
    """
    context: Any = multiprocessing.get_context(start_method())
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_child, args=(sender, work, measurement.of_this_process()))
    try:
        with warnings.catch_warnings():
            # A fork of a process with threads: what could go wrong then ends at the timeout.
            warnings.simplefilter("ignore", DeprecationWarning)
            process.start()
    except Exception as error:  # What cannot be pickled raises whatever its author chose.
        receiver.close()
        sender.close()
        return [_failure("addError", Crashed(f"no child process could be started: {error!r}"))]
    sender.close()
    try:
        return _reports(process, receiver, time.monotonic() + timeout, timeout)
    finally:
        receiver.close()
        _end(process)


def start_method() -> str:
    """Return how child processes start: by fork on Linux, else as new interpreters."""
    chosen = os.environ.get(VARIABLE) or ("fork" if sys.platform == "linux" else "spawn")
    if chosen not in METHODS or chosen not in multiprocessing.get_all_start_methods():
        raise UsageError(f"{VARIABLE} is {chosen!r}; allowed here are {', '.join(METHODS)}")
    return chosen


def _again(cls: type[unittest.TestCase], method: str) -> CaseWork:
    return CaseWork(cls(method), method, None)


def _reports(
    process: Any, receiver: Connection, deadline: float, timeout: float
) -> list[Report]:
    """Wait for the child's reports and its end."""
    reports: list[Report] | None = None
    while process.exitcode is None and time.monotonic() < deadline:
        waiting: list[Any] = [process.sentinel] if reports is not None else [receiver]
        # Polled, since a process that the test left behind holds on to both.
        if multiprocessing.connection.wait(waiting, POLL) and reports is None:
            with contextlib.suppress(EOFError, OSError):
                reports = _received(receiver)
            if reports is None:
                process.join(max(0.0, deadline - time.monotonic()))
    if process.exitcode is None:
        if reports is not None:
            return reports  # Its test ended; only the process did not.
        return [_failure("addError", TimedOut(f"the test took longer than {timeout:g} s"))]
    if reports is None and receiver.poll():
        with contextlib.suppress(EOFError, OSError):
            reports = _received(receiver)
    if process.exitcode == 0 and reports:
        return reports
    return [_failure("addError", Crashed(_death(process.exitcode)))]


def _received(receiver: Connection) -> list[Report]:
    """Return a child's reports; what was measured there goes to this process's coverage."""
    reports: list[Report]
    reports, measured = receiver.recv()
    measurement.add(measured)
    return reports


def _death(code: int) -> str:
    if code >= 0:
        return f"the child process exited with code {code} before its test ended"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = "unknown"
    return f"the child process died of signal {-code} ({name})"


def _end(process: Any) -> None:
    """Kill what is left of the child, and of the processes that it started."""
    if process.exitcode is None:
        if hasattr(os, "killpg"):
            with contextlib.suppress(OSError):
                os.killpg(process.pid, signal.SIGKILL)
        process.kill()
        process.join()
    process.close()


def _child(
    sender: Connection, work: Callable[[], list[Report]], measured: measurement.Measurement | None
) -> None:
    """Run work and send what it reported; the child's whole life."""
    global inside
    inside = True
    if hasattr(os, "setsid"):
        os.setsid()  # A group of its own, to be killed as a whole.
    started = measurement.start(measured)
    reports = work()
    sender.send((reports, measurement.finish(started)))


def _failure(method: str, error: BaseException) -> Report:
    signature = outcomes.signature(error)
    own = traceback.format_exception(type(error), error, _own_frames(error))
    return Report(method, signature=signature, text="".join(own).rstrip())


def _own_frames(error: BaseException) -> Any:
    """Return an exception's traceback from the first frame that is the test's."""
    frames = error.__traceback__
    while frames is not None and "__unittest" in frames.tb_frame.f_globals:
        frames = frames.tb_next
    return frames or error.__traceback__
