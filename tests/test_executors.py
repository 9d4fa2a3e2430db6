"""Executors: work on many things, here, in processes, and wherever a name says."""

from __future__ import annotations

import concurrent.futures
import errno
import importlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import CancelledError, Executor, Future, ThreadPoolExecutor
from concurrent.futures.process import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from executor_work import die, double, process, refuse
from hypothesis import given, settings
from hypothesis import strategies as st

import trunk_failures
from trunk_failures import executors
from trunk_failures.errors import TrunkFailuresError, UsageError

CHECKOUT = str(Path(trunk_failures.__file__).parents[1])
PLENTY = 60.0
"""Seconds that suffice on any machine; less than the work that is given up would take."""

posix = pytest.mark.skipif(os.name == "nt", reason="signals are other ones on Windows")


# Spreading work.


@pytest.fixture(params=["here", "threads", "fork", "forkserver", "spawn"])
def executor(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Executor]:
    """Return an executor of each kind, started in each way that there is here."""
    import multiprocessing

    if request.param == "here":
        made = executors.local(1)
    elif request.param == "threads":
        made = ThreadPoolExecutor(2)
    elif request.param in multiprocessing.get_all_start_methods():
        main = sys.modules["__main__"]  # New interpreters would import it, and so all of pytest.
        monkeypatch.setattr(main, "__spec__", None)
        monkeypatch.delattr(main, "__file__", raising=False)
        monkeypatch.setattr(executors, "start_method", lambda: request.param)
        made = executors.local(2)
    else:
        pytest.skip(f"no {request.param} here")
    with made:
        yield made
    assert not multiprocessing.active_children()


def test_results_are_in_the_order_of_items(executor: Executor) -> None:
    """Whatever comes first, results are given in the order of the items, all of them."""
    spread = executors.spread(executor, double, range(25), in_flight=4)
    assert list(spread) == list(range(0, 50, 2))
    assert list(executors.spread(executor, double, [], in_flight=4)) == []


@pytest.mark.parametrize("executor", ["here", "threads", "fork"], indirect=True)
def test_an_error_of_the_function(executor: Executor) -> None:
    """What the function raises is raised in its place in the order."""
    spread = executors.spread(executor, refuse, range(100), in_flight=8)
    assert [next(spread) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(ValueError, match="^three$"):
        next(spread)


class Counting(ThreadPoolExecutor):
    """Threads that count what is submitted to them."""

    def __init__(self) -> None:
        """Begin with nothing submitted."""
        super().__init__(2)
        self.futures: list[Future[Any]] = []

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Count, and submit."""
        self.futures.append(super().submit(fn, *args, **kwargs))
        return self.futures[-1]


@given(count=st.integers(0, 30), in_flight=st.integers(0, 40))
@settings(max_examples=30)
def test_what_is_in_flight_is_bounded(count: int, in_flight: int) -> None:
    """No more than so many items are taken and not given back at any time."""
    taken = given = 0

    def items() -> Iterator[int]:
        nonlocal taken
        for number in range(count):
            taken += 1
            assert taken - given <= max(in_flight, 1)
            yield number

    with ThreadPoolExecutor(2) as pool:
        for result in executors.spread(pool, str, items(), in_flight):
            assert result == str(given)
            given += 1
    assert given == count


def test_what_is_left_is_cancelled() -> None:
    """When the iterator is closed, what has not begun never does."""
    going_on = threading.Event()
    with Counting() as pool:
        spread = executors.spread(
            pool, lambda number: going_on.wait(number * 60), range(10), in_flight=8
        )
        assert next(spread) is False
        spread.close()  # type: ignore[attr-defined]
        cancelled = [future.cancelled() for future in pool.futures[3:]]
        going_on.set()
    assert cancelled == [True] * 5


def test_a_timeout_of_the_function_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waiting goes on however long it takes; a timeout that the function raises is its own."""
    monkeypatch.setattr(executors, "POLL", 0.01)

    def late(number: int) -> int:
        time.sleep(0.05)
        if number:
            raise concurrent.futures.TimeoutError("its own")
        return number

    with ThreadPoolExecutor(1) as pool:
        spread = executors.spread(pool, late, range(2), in_flight=2)
        assert next(spread) == 0
        with pytest.raises(concurrent.futures.TimeoutError, match="^its own$"):
            next(spread)


def test_a_worker_that_is_lost() -> None:
    """Work that is cancelled by where it was sent to is an error like any other."""

    class Lost(ThreadPoolExecutor):
        def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
            future: Future[Any] = Future()
            future.cancel()
            return future

    with pytest.raises(TrunkFailuresError, match="^a worker ended before its work did") as caught:
        list(executors.spread(Lost(1), double, [1], in_flight=1))
    assert isinstance(caught.value.__cause__, CancelledError)


# On this machine.


def test_one_job_is_this_process() -> None:
    """One job needs no other process and no thread: the work is done when it is submitted."""
    with executors.local(1) as executor:
        assert executor.submit(process, 0).result() == os.getpid()
        assert executor.submit(threading.get_ident).result() == threading.get_ident()

        def stop() -> None:
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            executor.submit(stop)


def test_more_jobs_are_processes() -> None:
    """Two jobs are two processes at most, and none of them is this one."""
    with executors.local(2) as executor:
        found = set(executors.spread(executor, process, range(20), in_flight=6))
    assert 1 <= len(found) <= 2
    assert os.getpid() not in found


def test_how_many_processes_windows_can_wait_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """On Windows there are at most as many processes as it can wait for."""
    asked: list[int] = []
    monkeypatch.setattr(executors, "Processes", asked.append)
    executors.local(100)
    monkeypatch.setattr("os.name", "nt")
    executors.local(100)
    assert asked == [100, executors.MOST_ON_WINDOWS]


def test_how_processes_are_started(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process is copied where that is safe: on Linux, while it has no other thread."""
    monkeypatch.setattr(sys, "platform", "darwin")
    assert executors.start_method() == "spawn"
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(threading, "active_count", lambda: 1)
    assert executors.start_method() == "fork"
    monkeypatch.setattr(threading, "active_count", lambda: 2)
    assert executors.start_method() == "forkserver"


def test_a_worker_that_dies() -> None:
    """A worker that is killed is an error that says so, and no hang."""
    with pytest.raises(TrunkFailuresError, match="^a worker ended before.* with fewer jobs$"):
        with executors.local(2) as executor:
            list(executors.spread(executor, die, range(100), in_flight=4))


@pytest.mark.parametrize("count", [0, 1, 4, 50])
def test_work_that_is_given_up(count: int, capfd: pytest.CaptureFixture[str]) -> None:
    """An exception ends the processes at once, whatever they are doing, and nobody complains."""
    began = time.monotonic()
    with pytest.raises(ZeroDivisionError):
        with executors.local(2) as executor:
            futures = [executor.submit(time.sleep, 100) for _ in range(count)]
            for future in futures[count // 2 :]:
                future.cancel()
            raise ZeroDivisionError
    assert time.monotonic() - began < PLENTY
    assert capfd.readouterr() == ("", "")


def test_giving_up_waits_for_the_pool() -> None:
    """Processes are ended only when the pool knows of all that was cancelled."""
    with executors.local(2) as executor:
        assert isinstance(executor, executors.Processes)
        last: Future[int] = Future()
        giving_up = threading.Thread(target=executor._give_up, args=(last,))
        giving_up.start()
        giving_up.join(0.1)
        assert not executor._own_end.closed
        last.set_running_or_notify_cancel()
        giving_up.join()
        assert executor._own_end.closed


def test_giving_up_is_not_put_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes are ended when a pool does not say that it knows."""
    monkeypatch.setattr(executors, "PATIENCE", 0.01)
    with executors.local(2) as executor:
        assert isinstance(executor, executors.Processes)
        assert executor.submit(double, 2).result() == 4
        executor._give_up(Future())
        with pytest.raises(TrunkFailuresError, match="^a worker ended before its work did"):
            list(executors.spread(executor, double, range(9), 2))


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.EBADF, "Bad file descriptor"),
        BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable"),
        EOFError(),
        RuntimeError("can't start new thread"),
    ],
)
def test_no_process_can_be_had(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no process can be started, or the pool breaks just then, an error says so."""

    def submit(*_: Any) -> None:
        raise error

    monkeypatch.setattr(ProcessPoolExecutor, "submit", submit)
    with pytest.raises(TrunkFailuresError, match="could be started: .* with fewer jobs$") as told:
        with executors.local(2) as executor:
            list(executors.spread(executor, double, range(9), 2))
    assert type(error).__name__ in str(told.value)
    assert executor._own_end.closed  # type: ignore[attr-defined]


def test_work_that_a_breaking_pool_forgot(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was submitted while a worker died, and the pool never saw, is not waited for."""
    monkeypatch.setattr(executors, "POLL", 0.01)
    monkeypatch.setattr(ProcessPoolExecutor, "submit", lambda *_: Future[int]())
    with executors.local(2) as executor:
        monkeypatch.setattr(executor, "_broken", "A child process terminated abruptly")
        with pytest.raises(TrunkFailuresError, match="^a worker ended before.* with fewer jobs$"):
            list(executors.spread(executor, double, range(9), 2))


SLEEPER = r"""
import os, sys, time
from trunk_failures import executors

def work(number):
    os.write(1, b"%d\n" % os.getpid())
    time.sleep(100)

if __name__ == "__main__":
    executors.start_method = lambda: sys.argv[1]
    try:
        with executors.local(2) as executor:
            list(executors.spread(executor, work, range(8), in_flight=4))
    except KeyboardInterrupt:
        sys.exit("one message")
"""


def started(directory: Path, method: str) -> tuple[subprocess.Popen[str], list[int]]:
    """Start work in two processes; returns the process that waits for them, and them."""
    script = directory / "sleeper.py"
    script.write_text(SLEEPER)
    process = subprocess.Popen(
        [sys.executable, str(script), method],
        env={**os.environ, "PYTHONPATH": CHECKOUT},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout
    return process, [int(process.stdout.readline()) for _ in range(2)]


def lives(pid: int) -> bool:
    """Tell whether a process is there, and has not ended unnoticed."""
    try:
        os.kill(pid, 0)
        status = Path(f"/proc/{pid}/stat")
        return not status.exists() or status.read_text().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False


def end(pids: list[int]) -> bool:
    """Tell whether processes end, of which each is about to."""
    deadline = time.monotonic() + PLENTY
    while any(map(lives, pids)):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


@posix
@pytest.mark.parametrize("method", ["fork", "forkserver", "spawn"])
def test_ctrl_c_ends_with_one_message(tmp_path: Path, method: str) -> None:
    """Ctrl-C, which all processes get, ends them at once, and only the first says something."""
    process, workers = started(tmp_path, method)
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=PLENTY)
    assert (said, process.returncode) == ("one message\n", 1)
    assert end(workers)


def test_an_end_of_the_pipe_is_closed_by_one_thread_at_a_time() -> None:
    """What gives up on the work has let go of the pipe before the pool closes it."""
    closing, together = threading.Lock(), []
    pool = executors.Processes(1)
    real = pool._own_end

    class Slow:
        def close(self) -> None:
            if not closing.acquire(blocking=False):
                together.append(1)
                return
            time.sleep(0.2)
            real.close()
            closing.release()

    with pytest.raises(RuntimeError, match="the work ends"), pool:
        pool.submit(int).result(timeout=PLENTY)
        pool._own_end = Slow()  # type: ignore[assignment]
        raise RuntimeError("the work ends")
    assert not together


@posix
@pytest.mark.parametrize("method", ["fork", "forkserver", "spawn"])
def test_workers_end_with_what_they_work_for(tmp_path: Path, method: str) -> None:
    """When the process that waits for them is killed, nothing is left behind."""
    process, workers = started(tmp_path, method)
    process.kill()
    process.communicate(timeout=PLENTY)
    assert end(workers)


@pytest.mark.parametrize("copied", [True, False])
def test_how_a_worker_begins(monkeypatch: pytest.MonkeyPatch, copied: bool) -> None:
    """A worker ignores Ctrl-C, and ends when there is nobody left at the pipe's other end."""
    import multiprocessing

    ended = threading.Event()
    codes: list[int] = []

    def leave(code: int) -> None:
        codes.append(code)
        ended.set()

    monkeypatch.setattr(os, "_exit", leave)
    own, theirs = multiprocessing.Pipe()
    before = signal.getsignal(signal.SIGINT)
    try:
        executors._begin(theirs, own if copied else None)
        own.close()
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
        assert ended.wait(10) and codes == [1]
    finally:
        signal.signal(signal.SIGINT, before)
    theirs.close()


def test_without_masks_of_signals(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where Ctrl-C cannot be held back, as on Windows, processes are started all the same."""
    monkeypatch.delattr(signal, "pthread_sigmask", raising=False)
    with executors.local(2) as executor:
        assert executor.submit(double, 1).result() == 2
        executor.shutdown(wait=False)


# By name.

MODULE = """
from concurrent.futures import ThreadPoolExecutor

made = []

def threads():
    made.append(ThreadPoolExecutor(2))
    return made[-1]

class Bare:
    ended = False
    def submit(self, function, *arguments):
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(function, *arguments)

class Shut(Bare):
    def shutdown(self):
        Shut.ended = True

class Context(Bare):
    def __enter__(self):
        return self
    def __exit__(self, *error):
        Context.ended = True

class Nested:
    @staticmethod
    def threads():
        return threads()

def fails():
    raise RuntimeError("no cluster")

def leaves():
    raise SystemExit

def nothing():
    pass

def the_class():
    return ThreadPoolExecutor

number = 3
"""


@pytest.fixture
def cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Return the name of a module with factories, which is in the working directory alone."""
    (tmp_path / "a_cluster.py").write_text(MODULE)
    (tmp_path / "a_broken_cluster.py").write_text("import no_such_module_anywhere")
    (tmp_path / "a_leaving_cluster.py").write_text("raise SystemExit('bye')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [path for path in sys.path if path])
    importlib.invalidate_caches()
    yield "a_cluster"
    for name in ("a_cluster", "a_broken_cluster", "a_leaving_cluster"):
        sys.modules.pop(name, None)


@pytest.mark.parametrize("factory", ["threads", "Nested.threads", "Shut", "Context"])
def test_executors_by_name(cluster: str, factory: str) -> None:
    """What `module:factory` makes is an executor with a context, whatever its class is."""
    with executors.named(f"{cluster}:{factory}") as executor:
        assert list(executors.spread(executor, double, range(9), 3)) == list(range(0, 18, 2))
    if factory in ("Shut", "Context"):
        assert getattr(sys.modules[cluster], factory).ended
    executors.named(f"{cluster}:{factory}").__exit__(None, None, None)


def test_the_working_directory_is_looked_at_once(cluster: str) -> None:
    """The working directory is put where modules are looked for, as `python -m` does, once."""
    for _ in range(2):
        executors.named(f"{cluster}:threads").shutdown()
    assert sys.path[0] == os.getcwd()
    assert sys.path.count(os.getcwd()) == 1
    sys.path[0] = ""
    executors.named(f"{cluster}:threads").shutdown()
    assert os.getcwd() not in sys.path


def test_the_safe_path_is_kept(cluster: str) -> None:
    """Where Python is told not to look in the working directory, it is not looked at."""
    script = f"from trunk_failures import executors; executors.named('{cluster}:threads')"
    if sys.version_info < (3, 11):
        pytest.skip("no safe path before Python 3.11")
    ran = subprocess.run(
        [sys.executable, "-P", "-c", script],
        env={**os.environ, "PYTHONPATH": CHECKOUT},
        stderr=subprocess.PIPE,
        text=True,
    )
    assert "cannot be imported: ModuleNotFoundError: No module named 'a_cluster'" in ran.stderr


@posix
def test_a_working_directory_that_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is installed is found from a directory that has been deleted too."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [path for path in sys.path if path])
    os.rmdir(tmp_path)
    with executors.named("concurrent.futures:ThreadPoolExecutor") as executor:
        assert executor.submit(double, 2).result() == 4


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "'' names no executor; allowed is MODULE:FACTORY, such as cluster:executor for"),
        ("a_cluster", "'a_cluster' names no executor; allowed is MODULE:FACTORY"),
        (":threads", "':threads' names no executor; allowed is"),
        ("a_cluster:", "'a_cluster:' names no executor; allowed is"),
        (".a_cluster:threads", "'.a_cluster:threads' names no executor; allowed is"),
        ("a_cluster:x", "'a_cluster:x' names no executor: 'a_cluster' has no 'x'; allowed is"),
        ("a_cluster:made.x", "'a_cluster' has no 'made.x'; allowed is"),
        ("a_cluster:number", "'a_cluster:number' names a int, not what makes an executor; allowed"),
        ("a_cluster:fails", "made no executor: RuntimeError: no cluster; correct it"),
        ("a_cluster:leaves", "made no executor: SystemExit; correct it"),
        ("a_cluster:nothing", "gave a NoneType, which is no concurrent.futures.Executor: it needs"),
        ("a_cluster:Bare", "gave a Bare, which is no concurrent.futures.Executor: it needs"),
        ("a_cluster:the_class", "gave the class ThreadPoolExecutor, which is no"),
        ("no_such_module:x", "'no_such_module' cannot be imported: ModuleNotFoundError: No module"),
        ("a_broken_cluster:x", "ModuleNotFoundError: No module named 'no_such_module_anywhere'"),
        ("a_leaving_cluster:x", "'a_leaving_cluster' cannot be imported: SystemExit: bye; allowed"),
    ],
)
def test_names_of_no_executor(cluster: str, text: str, told: str) -> None:
    """What is no executor says what was found and what is allowed, in one line."""
    with pytest.raises(UsageError) as caught:
        executors.named(text)
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


# On a cluster.

DASK = """
import os
from trunk_failures import executors

def square(number):
    return number * number, os.getpid()

def executor():
    from distributed import Client, LocalCluster
    cluster = LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1"
    )
    return Client(cluster).get_executor()

if __name__ == "__main__":
    with executors.named("on_dask:executor") as executor:
        results = list(executors.spread(executor, square, range(200), 16))
        print([result for result, _ in results] == [number**2 for number in range(200)])
        print(len({pid for _, pid in results} - {os.getpid()}))
        try:
            list(executors.spread(executor, int, ["1", "x", "2"], 2))
        except ValueError as error:
            print(error)
        client = executor._client
    cluster = client.cluster
    client.close()
    cluster.close()
"""


def test_on_dask(tmp_path: Path) -> None:
    """The executor that Dask gives, of two worker processes, works like those of this machine."""
    pytest.importorskip("distributed")
    (tmp_path / "on_dask.py").write_text(DASK)
    ran = subprocess.run(
        [sys.executable, "on_dask.py"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": CHECKOUT},
        capture_output=True,
        text=True,
        timeout=120,
    )
    said = ["True", "2", "invalid literal for int() with base 10: 'x'"]
    assert ran.stdout.splitlines() == said, ran.stderr
