"""Tests in child processes: what the parent is told, however the child ends."""

from __future__ import annotations

import importlib.util
import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import textwrap
import threading
import time
import unittest
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import isolation_cases
import pytest
from isolation_cases import (
    BrokenSetUp,
    BrokenTearDown,
    Deaths,
    Outcomes,
    SkippingSetUp,
    SlowToArrive,
)

import trunk_failures
from trunk_failures import isolation, measurement, outcomes
from trunk_failures.errors import UsageError
from trunk_failures.isolation import VARIABLE, CallWork, CaseWork, NotRun, Report

CHECKOUT = str(Path(trunk_failures.__file__).parents[1])
AVAILABLE = [each for each in isolation.METHODS if each in multiprocessing.get_all_start_methods()]
PLENTY = 60.0
"""Seconds that no child takes to start and to end, on a loaded machine either."""

forked = pytest.mark.skipif("fork" not in AVAILABLE, reason="the platform does not fork")


@pytest.fixture
def without_main(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep new interpreters from importing what runs here, which is all of pytest."""
    main = sys.modules["__main__"]
    monkeypatch.setattr(main, "__spec__", None)
    monkeypatch.delattr(main, "__file__", raising=False)


@pytest.fixture(params=AVAILABLE)
def method(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, without_main: None
) -> str:
    """Have children start in each way there is, one after the other."""
    monkeypatch.setenv(VARIABLE, request.param)
    return str(request.param)


@pytest.fixture
def fork(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have children start by fork."""
    monkeypatch.setenv(VARIABLE, "fork")


@pytest.fixture
def spawn(monkeypatch: pytest.MonkeyPatch, without_main: None) -> None:
    """Have children start as new interpreters."""
    monkeypatch.setenv(VARIABLE, "spawn")


@pytest.fixture(autouse=True)
def set_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set up the class and the module of the cases in this process."""
    monkeypatch.setattr(isolation_cases, "set_up", {})
    isolation_cases.setUpModule()
    Outcomes.setUpClass()


def reports(cls: type[unittest.TestCase], name: str, timeout: float = PLENTY) -> list[Report]:
    """Run one test in a child process."""
    return isolation.run(CaseWork(cls(name), name, unittest.TestCase.run), timeout)


def told(found: list[Report]) -> list[tuple[str, str]]:
    """Return what reports say, as (method, how it failed or why it skipped)."""
    return [(each.method, each.reason or str(each.signature or "")) for each in found]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("test_passes", [("addSuccess", "")]),
        ("test_fails", [("addFailure", "AssertionError: body")]),
        ("test_errors", [("addError", "KeyError: 'body'")]),
        ("test_skips", [("addSkip", "own reason")]),
        ("test_pytest_skips", [("addSkip", "own reason")]),
        ("test_marked_fails", [("addFailure", "AssertionError: body")]),
        ("test_marked_passes", [("addSuccess", "")]),
        (
            "test_sub_tests",
            [
                ("addError", "AssertionError: 0 unexpectedly found in (0, 2) : sub-test"),
                ("addError", "AssertionError: 2 unexpectedly found in (0, 2) : sub-test"),
            ],
        ),
        (
            "test_fails_and_clean_up_errors",
            [("addFailure", "AssertionError: body"), ("addError", "KeyError: 'body'")],
        ),
        ("test_exits", [("addError", "SystemExit: 3")]),
        (
            "test_unprintable",
            [("addError", "Unprintable: <its message cannot be had: RuntimeError('no text')>")],
        ),
        ("test_unpicklable", [("addError", "Unpicklable: body")]),
        ("test_huge", [("addError", f"ValueError: {'x' * isolation_cases.HUGE}")]),
        ("test_where", [("addFailure", "AssertionError: {units} in {directory}")]),
    ],
)
def test_what_a_test_comes_to_is_told(
    method: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    expected: list[tuple[str, str]],
) -> None:
    """The parent hears all that a test reports in its child, in the parent's environment."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("UNITS", "metric")
    filled = [
        (each, text.replace("{units}", "metric").replace("{directory}", os.path.realpath(tmp_path)))
        for each, text in expected
    ]
    assert told(reports(Outcomes, name)) == filled


@pytest.mark.skipif(os.name != "posix", reason="the platform has no signals")
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("test_exits_at_once", "the child process exited with code 0 before its test ended"),
        ("test_exits_with_a_code", "the child process exited with code 7 before its test ended"),
        ("test_crashes", "the child process died of signal 11 (SIGSEGV)"),
        ("test_is_killed", "the child process died of signal 9 (SIGKILL)"),
        ("test_aborts", "the child process died of signal 6 (SIGABRT)"),
        ("test_dies_of_an_unnamed_signal", "the child process died of signal {} (unknown)"),
    ],
)
def test_a_death_is_a_failure(method: str, name: str, text: str) -> None:
    """A child that dies is an error which names the code or the signal, and never a pass."""
    if name == "test_dies_of_an_unnamed_signal":
        text = text.format(getattr(signal, "SIGRTMIN", 0) + 1)
    assert told(reports(Deaths, name)) == [("addError", f"Crashed: {text}")]


@forked
@pytest.mark.usefixtures("fork")
def test_a_hang_ends_at_the_timeout() -> None:
    """A test that never ends is an error which names the seconds that it had."""
    started = time.monotonic()
    expected = [("addError", "TimedOut: the test took longer than 0.5 s")]
    assert told(reports(Deaths, "test_hangs", 0.5)) == expected
    assert 0.5 <= time.monotonic() - started < PLENTY / 2
    assert not multiprocessing.active_children()


def test_a_timeout_is_one_of_python_s_own() -> None:
    """An entry can say `raises: TimeoutError` of a test that hangs."""
    error = Report("addError", signature=outcomes.signature(isolation.TimedOut("x"))).error
    assert error is not None and "TimeoutError" in outcomes.signature(error).types


@forked
@pytest.mark.usefixtures("fork")
def test_a_thread_that_was_left_does_not_hold_the_parent_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A test that has ended has its outcome, though its process does not end by itself."""
    monkeypatch.setattr(isolation, "GRACE", 0.3)
    started = time.monotonic()
    assert told(reports(Deaths, "test_leaves_a_thread")) == [("addSuccess", "")]
    assert time.monotonic() - started < PLENTY / 2
    assert not multiprocessing.active_children()


@forked
@pytest.mark.usefixtures("fork")
def test_a_process_that_dies_at_its_end_is_a_failure() -> None:
    """A child that dies of what its test left behind is an error, as it would be without one."""
    ((event, text),) = told(reports(Deaths, "test_dies_at_its_end"))
    assert event == "addError" and text.startswith("Crashed: the child process exited with code 9")


@forked
@pytest.mark.usefixtures("fork")
@pytest.mark.parametrize(
    ("name", "timeout", "expected"),
    [
        ("test_leaves_a_process", PLENTY, ("addSuccess", "")),
        (
            "test_leaves_a_process_and_dies",
            PLENTY,
            ("addError", "Crashed: the child process exited with code 7 before its test ended"),
        ),
        (
            "test_leaves_a_process_and_hangs",
            1.0,
            ("addError", "TimedOut: the test took longer than 1 s"),
        ),
    ],
)
def test_a_process_that_was_left_is_not_waited_for(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    timeout: float,
    expected: tuple[str, str],
) -> None:
    """A grandchild that holds the pipe open neither delays the verdict nor stays behind."""
    file = tmp_path / "process"
    monkeypatch.setenv("UNITS", str(file))
    started = time.monotonic()
    assert told(reports(Deaths, name, timeout)) == [expected]
    assert time.monotonic() - started < PLENTY / 2
    left = int(file.read_text())
    try:
        assert ends(left)
    finally:
        if not ends(left, 0):
            os.kill(left, signal.SIGKILL)


def ends(process: int, patience: float = PLENTY) -> bool:
    """Tell whether a process has ended, or does so within some seconds."""
    deadline = time.monotonic() + patience
    while True:
        try:
            os.kill(process, 0)
            state = Path(f"/proc/{process}/stat")
            if state.exists() and state.read_text().rpartition(")")[2].split()[0] == "Z":
                return True  # Dead, and waiting for whoever adopted it.
        except (ProcessLookupError, FileNotFoundError):
            return True
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)


def test_class_and_module_fixtures(method: str) -> None:
    """A fork has the fixtures that the parent ran; a new interpreter runs them again."""
    where = {"fork": "in the parent", "spawn": "here"}[method]
    assert told(reports(Outcomes, "test_set_up")) == [
        ("addFailure", f"AssertionError: class {where}, module {where}")
    ]


@pytest.mark.usefixtures("spawn")
def test_a_fixture_that_fails_in_the_child_alone() -> None:
    """A test whose fixture fails in a new interpreter was not run, and has not failed."""
    with pytest.raises(NotRun) as caught:
        reports(BrokenSetUp, "test_fails")
    told_of = "setUpClass (isolation_cases.BrokenSetUp) failed there: ValueError: broken"
    assert str(caught.value) == (
        f"`run: isolated` could not run the test in a child process: {told_of}; mend that, try "
        f"another {VARIABLE} (fork, spawn), or remove `run: isolated`"
    )


@pytest.mark.usefixtures("spawn")
def test_a_tear_down_that_fails_in_the_child_alone() -> None:
    """A class's tear-down that fails in a new interpreter is told, though its test passed there."""
    with pytest.raises(NotRun, match=r"tearDownClass \(isolation_cases.BrokenTearDown\) failed"):
        reports(BrokenTearDown, "test_passes")


@pytest.mark.usefixtures("spawn")
def test_a_fixture_that_skips_in_the_child() -> None:
    """A class that skips its tests in a new interpreter has the test skipped."""
    assert told(reports(SkippingSetUp, "test_fails")) == [("addSkip", "own reason")]


@forked
@pytest.mark.usefixtures("fork")
def test_a_fork_needs_no_fixture_again() -> None:
    """A fork runs the test alone, whatever the class's fixture would do there."""
    expected = [("addFailure", "AssertionError: body")]
    assert told(reports(BrokenSetUp, "test_fails")) == expected


@pytest.mark.usefixtures("spawn")
def test_a_class_that_no_interpreter_can_find() -> None:
    """A class made in a function cannot be found by a new interpreter: its test was not run."""

    class Local(unittest.TestCase):
        def test_b(self) -> None: ...

    with pytest.raises(NotRun, match="no child process could be started: .*[Ll]ocal"):
        reports(Local, "test_b")
    assert not multiprocessing.active_children()


@pytest.mark.usefixtures("spawn")
def test_a_module_that_the_child_cannot_import(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """A test whose module only this process has was not run, and the child says why."""
    module = ModuleType("only_here")
    case: Any = type("Only", (unittest.TestCase,), {"test_b": lambda self: None})
    case.__module__, case.__qualname__ = "only_here", "Only"
    setattr(module, "Only", case)
    monkeypatch.setitem(sys.modules, "only_here", module)
    with pytest.raises(NotRun, match="exited with code 1 before its test began"):
        reports(case, "test_b")
    assert "No module named 'only_here'" in capfd.readouterr().err


@pytest.mark.usefixtures("spawn")
def test_a_child_that_takes_too_long_to_begin() -> None:
    """A timeout that is over before the test begins is no failure of the test."""
    work: Any = SlowToArrive()
    with pytest.raises(NotRun, match="it took too long to begin"):
        isolation.run(work, 0.5)
    assert not multiprocessing.active_children()


@forked
@pytest.mark.usefixtures("fork")
def test_a_test_that_reports_nothing() -> None:
    """A test that tells its result nothing was not run."""
    work = CaseWork(Outcomes("test_passes"), "test_passes", lambda test, result: None)
    with pytest.raises(NotRun, match="it reported nothing"):
        isolation.run(work, PLENTY)


@pytest.mark.parametrize(
    ("args", "kwargs", "expected"),
    [
        ((), {}, ("addSuccess", "")),
        ((3,), {"word": "three"}, ("addError", "ValueError: three 3")),
        ((3,), {"word": "exit"}, ("addError", "SystemExit: 3")),
        ((), {"word": "skip"}, ("addSkip", "own reason")),
        (
            (3,),
            {"word": "die"},
            ("addError", "Crashed: the child process exited with code 3 before its test ended"),
        ),
    ],
)
def test_calls_of_functions(
    method: str, args: tuple[Any, ...], kwargs: dict[str, Any], expected: tuple[str, str]
) -> None:
    """A plain function is called with its arguments in the child, and what it came to is told."""
    work = CallWork(isolation_cases.function, args, kwargs)
    assert told(isolation.run(work, PLENTY)) == [expected]


def test_a_failure_is_shown_as_it_was_there(method: str) -> None:
    """The exception that stands for a child's failure shows the child's traceback, and matches."""
    (report,) = reports(Outcomes, "test_errors")
    error = report.error
    assert isinstance(error, isolation.ChildFailure)
    text = str(error)
    assert text.startswith("Traceback") and text.endswith("KeyError: 'body'")
    assert "isolation_cases.py" in text and "in test_errors" in text
    assert os.path.join("trunk_failures", "isolation.py") not in text
    assert os.path.join("unittest", "case.py") not in text
    found = outcomes.signature(error)
    assert found.message == "'body'"
    assert {"KeyError", "LookupError", "builtins.KeyError"} <= {*found.types}


def test_reports_that_are_no_failures_have_no_error() -> None:
    """A pass and a skip stand for no exception."""
    assert Report("addSuccess").error is None
    assert Report("addSkip", reason="x").error is None


def test_the_parent_stays_the_parent(method: str) -> None:
    """What a child changes in its process stays there: the parent is not inside one."""
    reports(Outcomes, "test_passes")
    assert isolation.inside is False


@forked
@pytest.mark.usefixtures("fork")
def test_a_process_with_threads_forks_without_a_warning() -> None:
    """The warning that newer Pythons give of such a fork is not the suite's affair."""
    end = threading.Event()
    thread = threading.Thread(target=end.wait)
    thread.start()
    try:
        assert told(reports(Outcomes, "test_passes")) == [("addSuccess", "")]
    finally:
        end.set()
        thread.join()


def test_work_travels_as_a_class_and_a_name() -> None:
    """What a new interpreter is sent of a test is enough to make it anew, and run its fixtures."""
    work = pickle.loads(pickle.dumps(CaseWork(Outcomes("test_fails"), "test_fails", print)))
    isolation_cases.set_up.clear()
    found, fault = work()
    assert (told(found), fault) == ([("addFailure", "AssertionError: body")], "")
    assert set(isolation_cases.set_up) == {"class", "module"}


@pytest.mark.parametrize("groups", [True, False])
def test_the_life_of_a_child(monkeypatch: pytest.MonkeyPatch, groups: bool) -> None:
    """A child makes a group of its own where there are any, says that it begins, then all else."""
    said: list[object] = []

    class Sender:
        def send(self, word: object) -> None:
            said.append(word)

    def work() -> tuple[list[Report], str]:
        said.append(isolation.inside)
        return [Report("addSuccess")], ""

    monkeypatch.setattr(isolation, "inside", False)
    monkeypatch.setattr(os, "setsid", lambda: said.append("group"), raising=False)
    if not groups:
        monkeypatch.delattr(os, "setsid")
    sender: Any = Sender()
    isolation._child(sender, work, None)
    begun = ["group", None] if groups else [None]
    assert said == [*begun, True, ([Report("addSuccess")], "", b"")]


@forked
@pytest.mark.usefixtures("fork")
def test_a_platform_without_process_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where processes have no groups the child alone is killed when its time is over."""
    monkeypatch.delattr(os, "killpg")
    expected = [("addError", "TimedOut: the test took longer than 0.5 s")]
    assert told(reports(Deaths, "test_hangs", 0.5)) == expected
    assert not multiprocessing.active_children()


@pytest.mark.parametrize("chosen", ["thread", "forkserver", "FORK", "fork "])
def test_an_unknown_start_method_is_an_error(monkeypatch: pytest.MonkeyPatch, chosen: str) -> None:
    """A start method that is not allowed is a usage error which names those that are."""
    monkeypatch.setenv(VARIABLE, chosen)
    with pytest.raises(UsageError) as caught:
        isolation.start_method()
    assert str(caught.value) == f"{VARIABLE} is {chosen!r}; allowed here are fork, spawn"


@pytest.mark.parametrize("unset", [True, False])
@pytest.mark.parametrize(
    ("platform", "expected"), [("linux", "fork"), ("darwin", "spawn"), ("win32", "spawn")]
)
def test_children_fork_where_that_is_safe(
    monkeypatch: pytest.MonkeyPatch, unset: bool, platform: str, expected: str
) -> None:
    """Where nothing is chosen, or the choice is empty, children fork on Linux alone."""
    if unset:
        monkeypatch.delenv(VARIABLE, raising=False)
    else:
        monkeypatch.setenv(VARIABLE, "")
    monkeypatch.setattr(multiprocessing, "get_all_start_methods", lambda: ["fork", "spawn"])
    monkeypatch.setattr(sys, "platform", platform)
    assert isolation.start_method() == expected


def test_a_method_that_the_platform_lacks_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a platform does not fork, asking for that is a usage error."""
    monkeypatch.setattr(multiprocessing, "get_all_start_methods", lambda: ["spawn"])
    monkeypatch.setenv(VARIABLE, "fork")
    with pytest.raises(UsageError, match="'fork'"):
        isolation.start_method()


INTERRUPTED = """
    import os
    import sys
    import time
    import unittest
    from pathlib import Path
    from trunk_failures import isolation

    class TestA(unittest.TestCase):
        def test_b(self):
            file = Path(sys.argv[1])
            file.with_suffix(".new").write_text(str(os.getpid()))
            file.with_suffix(".new").rename(file)
            time.sleep(300)

    isolation.run(isolation.CaseWork(TestA("test_b"), "test_b", unittest.TestCase.run), 600)
"""


@forked
def test_an_interrupt_leaves_no_child_behind(tmp_path: Path) -> None:
    """Ctrl-C while a child is waited for ends the run, and the child."""
    file = tmp_path / "process"
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(INTERRUPTED), str(file)],
        env={**os.environ, "PYTHONPATH": CHECKOUT, VARIABLE: "fork"},
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as parent:
        try:
            deadline = time.monotonic() + PLENTY
            while not file.exists():
                assert time.monotonic() < deadline and parent.poll() is None
                time.sleep(0.02)
            parent.send_signal(signal.SIGINT)
            _, stderr = parent.communicate(timeout=PLENTY)
        finally:
            parent.kill()  # Where it has not ended, it would be waited for without a limit.
    assert stderr.rstrip().endswith("KeyboardInterrupt")
    assert ends(int(file.read_text()))


MEASURED = """
    import os
    import sys
    import unittest
    import warnings
    import measured
    from trunk_failures import isolation

    if __name__ == "__main__":  # A new interpreter imports this file too.
        warnings.simplefilter("error")
        os.chdir(os.sep)
        for start in sys.argv[1:]:
            os.environ[isolation.VARIABLE] = start
            for name in ("test_b", "test_c"):
                case = getattr(measured, f"Test_{start}")(name)
                work = isolation.CaseWork(case, name, unittest.TestCase.run)
                print(isolation.run(work, 60)[0].method)
"""
CASES = """
    import unittest

    def work_{start}():
        return (  # {start}
            3
        )

    class Test_{start}(unittest.TestCase):
        def test_b(self):
            if work_{start}():
                self.{start} = 4

        def test_c(self):
            raise ValueError("{start}")
"""


def executed(directory: Path) -> set[int]:
    """Return the lines of the measured module that the data in a directory says were executed."""
    coverage: Any = importlib.import_module("coverage")
    lines: set[int] = set()
    for file in directory.glob(".coverage*"):  # Under --parallel-mode it has more of a name.
        data = coverage.CoverageData(str(file))
        data.read()
        lines.update(data.lines(str(directory / "measured.py")) or ())
    return lines


@pytest.fixture
def measured(tmp_path: Path) -> Iterator[Callable[..., set[int]]]:
    """Return a function that measures tests in children and returns the lines that ran."""
    if importlib.util.find_spec("coverage") is None:
        pytest.skip("coverage is not installed")
    directory = Path(os.path.realpath(tmp_path))
    cases = "".join(textwrap.dedent(CASES.format(start=start)) for start in AVAILABLE)
    (directory / "measured.py").write_text(cases)
    (directory / "program.py").write_text(textwrap.dedent(MEASURED))

    def ran(*options: str) -> set[int]:
        environ = {name: value for name, value in os.environ.items() if "COV" not in name}
        environ.update({"PYTHONPATH": CHECKOUT})
        command = [sys.executable, "-m", "coverage", "run", *options, "program.py"]
        done = subprocess.run(
            [*command, *AVAILABLE],
            cwd=directory,
            env=environ,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        assert done.stdout.split() == ["addSuccess", "addError"] * len(AVAILABLE)
        return executed(directory)

    yield ran


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("--branch", "--parallel-mode"),
        ("--source=.",),
        ("--source=measured", "--branch"),
        ("--include=measured.py",),
    ],
)
def test_what_only_a_child_runs_is_measured(
    tmp_path: Path, measured: Callable[..., set[int]], options: tuple[str, ...]
) -> None:
    """Lines that run in children alone are in the parent's coverage data, of every child.

    So it is however they start, wherever the test has gone meanwhile, and where warnings are
    errors.
    """
    found = measured(*options)
    lines = [line.strip() for line in (tmp_path / "measured.py").read_text().splitlines()]
    for start in AVAILABLE:
        for text in (
            f"return (  # {start}",
            f"if work_{start}():",
            f"self.{start} = 4",
            f'raise ValueError("{start}")',
        ):
            assert lines.index(text) + 1 in found


def test_where_nothing_is_measured_nothing_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without coverage a child is not measured, and there is nothing to add."""
    monkeypatch.delitem(sys.modules, "coverage", raising=False)
    assert measurement.of_this_process() is None
    assert measurement.start(None) is None
    assert measurement.finish(None) == b""
    measurement.add(b"")
    assert "coverage" not in sys.modules


def test_a_daemonic_process_may_start_the_child(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker of a pool, which may have no children, is none while it starts this one."""
    process = SimpleNamespace(daemon=True)
    monkeypatch.setattr(multiprocessing, "current_process", lambda: process)
    with isolation._allowed_children():
        assert not process.daemon
    assert process.daemon
