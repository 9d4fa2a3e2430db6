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
import unittest
import warnings
from typing import TYPE_CHECKING, Any

from trunk_failures import frameworks, measurement, modes, outcomes
from trunk_failures.child_reports import ChildFailure as ChildFailure  # noqa: F401 - given on
from trunk_failures.child_reports import Recorder, failure
from trunk_failures.child_reports import Report as Report
from trunk_failures.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from multiprocessing.connection import Connection

    Work = Callable[[], "tuple[list[Report], str]"]

__unittest = True

VARIABLE = "TRUNK_FAILURES_ISOLATION"
METHODS = ("fork", "spawn")
POLL = 0.05
"""Seconds between looks at whether the child still lives."""

GRACE = 5.0
"""Seconds that a child may take to exit once its test has ended; threads may hold it up."""

inside = False
"""Whether this process is the child that runs one isolated test."""


class Crashed(Exception):
    """Report that the child process died before its test ended."""


class TimedOut(TimeoutError):
    """Report that an isolated test took longer than its entry's `timeout`."""


class NotRun(UsageError):
    """Tell that an isolated test could not be run at all, which is no failure of the test."""


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

    def __call__(self) -> tuple[list[Report], str]:
        """Run the test and return what it reported, and why it could not run if it could not."""
        recorder = Recorder()
        if self.run is not None:
            self.run(self.test, recorder)
        else:  # A new interpreter: the suite runs the class's and the module's fixtures.
            unittest.TestSuite([self.test]).run(frameworks.translated(self.test, recorder))
        return recorder.reports, recorder.fault


class CallWork:
    """A plain function to call in a child.

    `seen` is a list to which others add failures during the call: those of its sub-tests.
    """

    def __init__(
        self,
        function: Callable[..., object],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        seen: Sequence[BaseException] = (),
    ) -> None:
        self.function = function
        self.args = args
        self.kwargs = kwargs
        self.seen = seen

    def __call__(self) -> tuple[list[Report], str]:
        """Call the function and return what it came to."""
        report = self._call()
        return [*(failure("addError", error) for error in self.seen), report], ""

    def _call(self) -> Report:
        try:
            self.function(*self.args, **self.kwargs)
        except BaseException as error:
            if outcomes.is_own_skip(error):
                return Report("addSkip", reason=str(error))
            return failure("addError", error)
        return Report("addSuccess")


def run(work: Work, timeout: float) -> list[Report]:
    """Run work in a child process for at most `timeout` seconds and return what it reported.

    A child that dies or takes too long once its test has begun is a failure like any other.
    Raises NotRun when the test could not begin (no child could be started, it could not
    import the test, a fixture failed there): a test that was not run has not failed as expected.
    """
    context: Any = multiprocessing.get_context(start_method())
    receiver, sender = context.Pipe(duplex=False)
    told = measurement.of_this_process(), outcomes.running_pytest() is not None, _switch()
    process = context.Process(target=_child, args=(sender, work, *told))
    try:
        with warnings.catch_warnings():
            # A fork of a process with threads: what could go wrong then ends at the timeout.
            warnings.simplefilter("ignore", DeprecationWarning)
            with _switched_off(), _allowed_children():
                process.start()
    except Exception as error:  # What cannot be pickled raises whatever its author chose.
        receiver.close()
        raise _not_run(f"no child process could be started: {error!r}") from error
    finally:
        sender.close()
    child = _Child(process, receiver)
    try:
        child.listen(time.monotonic() + timeout)
        return child.reports(timeout)
    finally:
        child.end()


def _switch() -> str | None:
    return os.environ.get(modes.SWITCH)


@contextlib.contextmanager
def _switched_off() -> Iterator[None]:
    """Have a new interpreter load no lists: its parent gives the verdict.

    It may not find them either, as tests change directories. The child puts its environment
    right before its test begins.
    """
    before = _switch()
    os.environ[modes.SWITCH] = "0"
    try:
        yield
    finally:
        _put_back(before)


@contextlib.contextmanager
def _allowed_children() -> Iterator[None]:
    """Let a worker of a pool (Django's `--parallel`) start a child.

    Daemonic processes may not, lest they leave children behind when they are ended: this one
    waits for its child, and ends it.
    """
    this = multiprocessing.current_process()
    before = this.daemon
    if before:
        this.daemon = False
    try:
        yield
    finally:
        if before:
            this.daemon = True


def _put_back(switch: str | None) -> None:
    if switch is None:
        os.environ.pop(modes.SWITCH, None)
    else:
        os.environ[modes.SWITCH] = switch


def start_method() -> str:
    """Return how child processes start: by fork on Linux, else as new interpreters."""
    chosen = os.environ.get(VARIABLE) or ("fork" if sys.platform == "linux" else "spawn")
    if chosen not in METHODS or chosen not in multiprocessing.get_all_start_methods():
        raise NotRun(f"{VARIABLE} is {chosen!r}; allowed here are {', '.join(METHODS)}")
    return chosen


def _again(cls: type[unittest.TestCase], method: str) -> CaseWork:
    return CaseWork(cls(method), method, None)


class _Child:
    """A child process, and what it has said by now."""

    def __init__(self, process: Any, receiver: Connection) -> None:
        self._process = process
        self._receiver = receiver
        self._begun = False
        self._deaf = False
        self._said: tuple[list[Report], str] | None = None

    def listen(self, deadline: float) -> None:
        """Hear the child out until it exits or the deadline (of the monotonic clock) is past."""
        while self._process.exitcode is None and time.monotonic() < deadline:
            # Polled, since a process that the test left behind holds on to both.
            deaf = self._deaf or self._said is not None
            waiting = [self._process.sentinel, *([] if deaf else [self._receiver])]
            multiprocessing.connection.wait(waiting, POLL)
            heard = self._said is not None
            self._hear()
            if self._said is not None and not heard:
                deadline = min(deadline, time.monotonic() + GRACE)
        self._hear()

    def reports(self, timeout: float) -> list[Report]:
        """Return what the child's test came to; raises NotRun when it could not begin."""
        code = self._process.exitcode
        if self._said is not None and code in (0, None):
            reports, fault = self._said
            if fault or not reports:
                raise _not_run(fault or "it reported nothing")
            return reports
        if not self._begun:
            raise _not_run("it took too long to begin" if code is None else _death(code, "began"))
        if code is None:
            return [failure("addError", TimedOut(f"the test took longer than {timeout:g} s"))]
        return [failure("addError", Crashed(_death(code, "ended")))]

    def end(self) -> None:
        """Kill what is left of the child, and of the processes that it started."""
        self._receiver.close()
        if hasattr(os, "killpg"):
            with contextlib.suppress(OSError):
                os.killpg(self._process.pid, signal.SIGKILL)
        if self._process.exitcode is None:
            self._process.kill()
            self._process.join()
        self._process.close()

    def _hear(self) -> None:
        try:
            while self._said is None and self._receiver.poll():
                word = self._receiver.recv()
                if word is None:
                    self._begun = True
                else:
                    reports, fault, measured = word
                    self._said = reports, fault
                    measurement.add(measured)
        except (EOFError, OSError):  # It died in the middle of a word, or closed its end.
            self._deaf = True


def _not_run(cause: str) -> NotRun:
    return NotRun(
        f"`run: isolated` could not run the test in a child process: {cause}; mend that, try "
        f"another {VARIABLE} ({', '.join(METHODS)}), or remove `run: isolated`"
    )


def _death(code: int, unreached: str) -> str:
    if code >= 0:
        return f"the child process exited with code {code} before its test {unreached}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = "unknown"
    return f"the child process died of signal {-code} ({name})"


def _child(
    sender: Connection,
    work: Work,
    measured: measurement.Measurement | None,
    under_pytest: bool = False,
    switch: str | None = "0",
) -> None:
    """Run work and send what it reported; the child's whole life."""
    global inside
    inside = True
    outcomes.told_of_pytest = under_pytest
    _put_back(switch)
    if hasattr(os, "setsid"):
        os.setsid()  # A group of its own, to be killed as a whole.
    started = measurement.start(measured)
    sender.send(None)  # From here on what happens is the test's.
    reports, fault = work()
    sender.send((reports, fault, measurement.finish(started)))
