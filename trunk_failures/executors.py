"""Executors: where work on many things is done, be it here, in processes, or on other hosts.

All of them are `concurrent.futures.Executor`s, the interface that Dask, Ray, mpi4py and Spark have
wrappers for.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import importlib
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future
from concurrent.futures.process import BrokenProcessPool, ProcessPoolExecutor
from multiprocessing.connection import Connection
from types import ModuleType, TracebackType
from typing import Any, TypeVar

from trunk_failures.errors import TrunkFailuresError, UsageError

FORM = "MODULE:FACTORY, such as cluster:executor for the function `executor` of cluster.py"

POLL = 1.0
"""Seconds between looks at whether Ctrl-C was pressed; on Windows nothing else ends a wait."""

PATIENCE = 5.0
"""Seconds that a pool may take to learn that its work is given up."""

MOST_ON_WINDOWS = 61
"""Processes that a pool may have there; it waits on a handle of each."""

Item = TypeVar("Item")
Result = TypeVar("Result")


def named(text: str) -> Executor:
    """Return what `MODULE:FACTORY` gives when it is called without arguments.

    The module is looked for in the working directory too, as `python -m` does. Raises UsageError
    for what cannot be imported or called, and for what gives no executor.
    """
    module, colon, path = text.partition(":")
    if not colon or not all(f"{module}.{path}".split(".")):
        raise UsageError(f"{text!r} names no executor; allowed is {FORM}")
    factory: Any = _imported(module, text)
    for name in path.split("."):
        try:
            factory = getattr(factory, name)
        except AttributeError:
            raise UsageError(
                f"{text!r} names no executor: {module!r} has no {path!r}; allowed is {FORM}"
            ) from None
    if not callable(factory):
        raise UsageError(
            f"{text!r} names a {type(factory).__name__}, not what makes an executor; allowed is"
            f" {FORM}"
        )
    try:
        made = factory()
    except (Exception, SystemExit) as error:
        raise UsageError(f"{text!r} made no executor: {_told(error)}; correct it") from error
    return _executor(made, text)


def local(jobs: int) -> Executor:
    """Return an executor of so many processes on this machine; for one it is this very process.

    Work that is going on when the executor's context is left by an exception is given up.
    """
    if jobs <= 1:
        return InProcess()
    return Processes(min(jobs, MOST_ON_WINDOWS) if os.name == "nt" else jobs)


def spread(
    executor: Executor,
    function: Callable[[Item], Result],
    items: Iterable[Item],
    in_flight: int,
) -> Iterator[Result]:
    """Yield `function(item)` for each item, in their order, as the executor works them out.

    At most `in_flight` items are submitted and not yet yielded at any time, however many there
    are. What is left is cancelled when the function raises, or when the iterator is closed. Raises
    TrunkFailuresError when a worker dies.
    """
    waiting: deque[Future[Result]] = deque()
    try:
        for item in items:
            waiting.append(executor.submit(function, item))
            if len(waiting) >= in_flight:
                yield _result(waiting.popleft(), executor)
        while waiting:
            yield _result(waiting.popleft(), executor)
    except (BrokenExecutor, CancelledError) as error:
        waiting.clear()  # They have ended too, or are about to; a pool stumbles over cancelling.
        raise TrunkFailuresError(
            f"a worker ended before its work did ({_told(error)}): it was killed, or there was no"
            f" memory left for it; try again with fewer jobs"
        ) from error
    finally:
        for future in waiting:
            future.cancel()


def _result(future: Future[Result], executor: Executor) -> Result:
    while True:
        try:
            return future.result(timeout=POLL)
        except concurrent.futures.TimeoutError:
            if future.done():  # It is the function's own, or it has come just now.
                return future.result()
            if isinstance(executor, Processes) and executor.broken:
                raise BrokenProcessPool("a worker is gone, and took this work with it") from None


class InProcess(Executor):
    """Does the work in this very process, when it is submitted."""

    def submit(
        self, fn: Callable[..., Result], /, *args: Any, **kwargs: Any
    ) -> Future[Result]:
        """Call the function, and return what is done already."""
        future: Future[Result] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


class Processes(ProcessPoolExecutor):
    """A pool of processes that end with this one, at once, and leave Ctrl-C to it."""

    def __init__(self, jobs: int) -> None:
        method = start_method()
        self._own_end, self._worker_end = multiprocessing.Pipe()
        self._used = False
        self._giving_up: threading.Thread | None = None
        # A copy of this process has its end of the pipe too, and would keep it open.
        inherited = self._own_end if method == "fork" else None
        super().__init__(
            jobs,
            mp_context=multiprocessing.get_context(method),
            initializer=_begin,
            initargs=(self._worker_end, inherited),
        )

    @property
    def broken(self) -> bool:
        """Tell whether a process has died; what was submitted just then may never be done."""
        return bool(self._broken)

    def submit(
        self, fn: Callable[..., Result], /, *args: Any, **kwargs: Any
    ) -> Future[Result]:
        """Have a process call the function; raises BrokenProcessPool when none can be had."""
        self._used = True
        try:
            with _no_interrupts():  # Processes are started here, and get to `_begin` a bit later.
                return super().submit(fn, *args, **kwargs)
        except BrokenProcessPool:
            raise
        except (OSError, EOFError, RuntimeError) as error:
            # There is no room for one; or a pool that breaks at this moment has closed its pipes.
            raise BrokenProcessPool(f"no process could be started: {_told(error)}") from error

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the processes when their work is done."""
        super().shutdown(wait, cancel_futures=cancel_futures)
        if wait:
            if self._giving_up is not None:
                self._giving_up.join()  # Two that close one end at once would close another's.
            self._own_end.close()
            self._worker_end.close()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End the processes; at once, when it is an exception that ends the work."""
        if kind is not None and self._used:
            try:
                last = self.submit(int)
            except BrokenProcessPool:
                self._own_end.close()
            else:
                self._giving_up = threading.Thread(target=self._give_up, args=(last,))
                self._giving_up.start()
        self.shutdown(cancel_futures=kind is not None)

    def _give_up(self, last: Future[int]) -> None:
        """End the processes at once, when the pool knows of all that has been cancelled.

        It would fail over what was cancelled and is unknown to it. It looks at work in the order
        in which it came, and so knows of all when the last is no longer as it was submitted.
        """
        until = time.monotonic() + PATIENCE
        while not (last.running() or last.done()) and time.monotonic() < until:
            time.sleep(0.001)
        self._own_end.close()


def start_method() -> str:
    """Return how processes are started: by what is quickest among what is safe.

    On Linux a process of one thread is copied; one with more threads, whose locks would be copied
    as they are, gets a server to copy. Elsewhere each process is a new interpreter.
    """
    if sys.platform != "linux":
        return "spawn"
    return "fork" if threading.active_count() == 1 else "forkserver"


def _begin(worker_end: Connection, own_end: Connection | None) -> None:
    """Make a worker ignore Ctrl-C, and end once the process that it works for has."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if own_end is not None:
        own_end.close()
    threading.Thread(target=_end_with, args=(worker_end,), daemon=True).start()


def _end_with(worker_end: Connection) -> None:
    with contextlib.suppress(EOFError, OSError):
        worker_end.recv_bytes()
    os._exit(1)


@contextlib.contextmanager
def _no_interrupts() -> Iterator[None]:
    """Hold Ctrl-C back for a moment, in this process and in those that it starts meanwhile."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class _Adapted(Executor):
    """An executor that can be shut down, and has no context of its own."""

    def __init__(self, made: Any) -> None:
        self._made = made

    def submit(
        self, fn: Callable[..., Result], /, *args: Any, **kwargs: Any
    ) -> Future[Result]:
        future: Future[Result] = self._made.submit(fn, *args, **kwargs)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self._made.shutdown()


def _executor(made: Any, text: str) -> Executor:
    def has(*names: str) -> bool:
        return all(callable(getattr(made, name, None)) for name in names)

    if not isinstance(made, type) and has("submit"):
        if has("__enter__", "__exit__"):
            executor: Executor = made
            return executor
        if has("shutdown"):
            return _Adapted(made)
    what = f"the class {made.__name__}" if isinstance(made, type) else f"a {type(made).__name__}"
    raise UsageError(
        f"{text!r} gave {what}, which is no concurrent.futures.Executor: it needs `submit`, and"
        f" `shutdown` or a context; correct it"
    )


def _imported(module: str, text: str) -> ModuleType:
    # Where the safe path is asked for, `python -m` does not look there either.
    if not getattr(sys.flags, "safe_path", False) and "" not in sys.path:
        with contextlib.suppress(OSError):  # The working directory has been deleted.
            directory = os.getcwd()
            if directory not in sys.path:
                sys.path.insert(0, directory)
    try:
        return importlib.import_module(module)
    except (Exception, SystemExit) as error:
        raise UsageError(
            f"{text!r} names no executor: {module!r} cannot be imported: {_told(error)}; allowed is"
            f" {FORM}"
        ) from error


def _told(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
