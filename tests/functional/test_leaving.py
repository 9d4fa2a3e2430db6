"""Leaving well: however a run of pytest ends, its result lines are whole and of what ended."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from . import projects, runners
from .verdict_table import XFAIL

SUITE = """
import os, pathlib, pytest, time

def test_1(): pass
def test_2(): assert 0
def test_3():
    pathlib.Path("begun.part").write_text(str(os.getpid()))
    os.replace("begun.part", "begun")
    how = os.environ.get("END_BY")
    if how == "exit":
        pytest.exit("enough", returncode=7)
    if how == "interrupt":
        raise KeyboardInterrupt
    if how == "signal":
        time.sleep(60)
    assert 0
def test_4(): pass
def test_5(): assert 0
def test_6(): assert 0
def test_7(): pass
"""
VERDICTS = {
    "test_leaving.test_1": "passed",
    "test_leaving.test_2": "expected failure",
    "test_leaving.test_3": "expected failure",
    "test_leaving.test_4": "passed",
    "test_leaving.test_5": "failed",
    "test_leaving.test_6": "failed",
    "test_leaving.test_7": "passed",
}
MANY = """
import pytest

@pytest.mark.parametrize("number", range(40))
def test_many(number): assert 0, "x" * 300
"""
WORKER = ("-p", "xdist", "-n", "1")
WORKERS = ("-p", "xdist", "-n", "2")
UNTIL = 30.0
"""Seconds within which a test must have begun."""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="it ends processes by signals")


class Ended(NamedTuple):
    """How a run ended: negative codes are signals, lines are in the order of the file."""

    code: int
    lines: list[tuple[str, str]]
    output: str


class Leaving:
    """A project of seven tests, the second and the third of them listed."""

    def __init__(self, python: str, directory: Path) -> None:
        self.python = python
        self.directory = directory
        (directory / ".git").mkdir(parents=True)
        (directory / "tests").mkdir()
        self.write("test_leaving", SUITE)
        self.list_tests("")

    def write(self, module: str, text: str) -> None:
        """Write a file of tests."""
        (self.directory / f"tests/{module}.py").write_text(text, encoding="utf-8")

    def list_tests(self, content: str) -> None:
        """List the two tests; the content is the third's."""
        keys = [*VERDICTS]
        projects.list_tests(self.directory, [(XFAIL, keys[1], ""), (XFAIL, keys[2], content)])

    def start(
        self, *options: str, end_by: str = "", out: str = "out.jsonl", shell: Sequence[str] = ()
    ) -> subprocess.Popen[str]:
        """Start pytest under the plugin."""
        env = runners.environment(
            self.python,
            PYTEST_DISABLE_PLUGIN_AUTOLOAD="1",
            PYTHONDONTWRITEBYTECODE="1",
            END_BY=end_by,
        )
        plugins = ("-p", "trunk_failures.pytest_plugin", "-p", "no:cacheprovider")
        lists = ("--trunk-failures=tests", f"--trunk-failures-results={out}")
        command = [self.python, "-m", "pytest", *plugins, *lists, "--tb=line", *options, "tests"]
        return subprocess.Popen(
            [*shell, *command],
            cwd=self.directory,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            start_new_session=True,
        )

    def end(self, process: subprocess.Popen[str]) -> Ended:
        """Wait for a run's end."""
        try:
            output, _ = process.communicate(timeout=runners.TIME_LIMIT)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise
        return Ended(process.returncode, self.lines(), output)

    def run(self, *options: str, end_by: str = "", out: str = "out.jsonl") -> Ended:
        """Run pytest to its end."""
        return self.end(self.start(*options, end_by=end_by, out=out))

    def lines(self) -> list[tuple[str, str]]:
        """Return the keys and verdicts of the result lines, each of which must be whole."""
        file = self.directory / "out.jsonl"
        text = file.read_text(encoding="utf-8") if file.exists() else ""
        told = [json.loads(line) for line in text.splitlines() if line.strip()]
        return [(each["id"], each["verdict"]) for each in told]

    def begun(self) -> int:
        """Return the process that runs the third test, when the first two have their lines."""
        file, until = self.directory / "begun", time.monotonic() + UNTIL
        while not file.exists() or len(self.lines()) < 2:
            assert time.monotonic() < until, "the third test did not begin"
            time.sleep(0.02)
        return int(file.read_text(encoding="utf-8"))


@pytest.fixture
def leaving(python_with_pytest: str, tmp_path: Path) -> Leaving:
    """Return the project, to be run by an interpreter that has pytest."""
    return Leaving(python_with_pytest, tmp_path / "project")


def needs_xdist(leaving: Leaving, options: Sequence[str]) -> None:
    """Skip where the options need xdist and the interpreter lacks it."""
    if "xdist" in options and runners.lacks(leaving.python, runners.XDIST):
        pytest.skip(f"this needs pytest-xdist, which {leaving.python} lacks")


def first(number: int) -> list[tuple[str, str]]:
    """Return the result lines of the first tests."""
    return [*VERDICTS.items()][:number]


@pytest.mark.parametrize(
    "options, how, code",
    [
        ((), "exit", 7),
        ((), "interrupt", 2),
        (WORKER, "exit", None),  # xdist itself fails over a worker that leaves.
        (WORKER, "interrupt", 2),
    ],
)
@pytest.mark.parametrize("content", ["", "{name}: raises: Crashed"])
def test_a_test_ends_the_run(
    leaving: Leaving, options: tuple[str, ...], how: str, code: int | None, content: str
) -> None:
    """What had ended has its line, and the listed test that ended the run has none."""
    needs_xdist(leaving, options)
    leaving.list_tests(content)
    ended = leaving.run(*options, end_by=how)
    assert ended.lines == first(2), ended.output
    assert code in (None, ended.code), ended.output


@pytest.mark.parametrize(
    "options, number, code",
    [
        ((), signal.SIGINT, 2),
        ((), signal.SIGTERM, -signal.SIGTERM),
        ((), signal.SIGKILL, -signal.SIGKILL),
        (WORKER, signal.SIGINT, None),  # xdist's own queue may be what is interrupted.
        (WORKER, signal.SIGKILL, -signal.SIGKILL),
    ],
)
def test_a_signal_ends_the_run(
    leaving: Leaving, options: tuple[str, ...], number: int, code: int | None
) -> None:
    """What had ended has its line, and nothing else is in the file."""
    needs_xdist(leaving, options)
    process = leaving.start(*options, end_by="signal")
    leaving.begun()
    process.send_signal(number)
    ended = leaving.end(process)
    assert ended.lines == first(2), ended.output
    if code is not None:
        assert ended.code == code, ended.output
        assert "Traceback" not in ended.output


@pytest.mark.parametrize("options, count", [(("-x",), 5), (("--maxfail=2",), 6)])
def test_enough_failures_end_the_run(
    leaving: Leaving, options: tuple[str, ...], count: int
) -> None:
    """Expected failures are not counted, and the failure that was one too many has its line."""
    ended = leaving.run(*options)
    assert (ended.code, ended.lines) == (1, first(count)), ended.output


@pytest.mark.parametrize("options", [("-x",), ("--maxfail=2",)])
def test_enough_failures_end_all_workers(leaving: Leaving, options: tuple[str, ...]) -> None:
    """Under xdist no test has two lines or a verdict that is not its own."""
    needs_xdist(leaving, WORKERS)
    ended = leaving.run(*WORKERS, *options)
    assert ended.code == 2, ended.output
    assert len({*ended.lines}) == len(ended.lines)
    assert {*ended.lines} <= {*VERDICTS.items()}
    assert "failed" in dict(ended.lines).values()


def test_a_worker_is_killed(leaving: Leaving) -> None:
    """The test that its worker ran is a crash, and all the others have their verdicts."""
    needs_xdist(leaving, WORKERS)
    process = leaving.start(*WORKERS, end_by="signal")
    os.kill(leaving.begun(), signal.SIGKILL)
    ended = leaving.end(process)
    expected = {**VERDICTS, "test_leaving.test_3": "crashed"}
    assert sorted(ended.lines) == sorted(expected.items()), ended.output
    assert ended.code == 1


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full")
@pytest.mark.parametrize("options", [(), WORKERS], ids=["one process", "workers"])
@pytest.mark.parametrize("selected, code", [("", 1), ("test_1 or test_2", 4)])
def test_the_disk_is_full(
    leaving: Leaving, options: tuple[str, ...], selected: str, code: int
) -> None:
    """It is said in one line, and a run that would have been green is a usage error."""
    needs_xdist(leaving, options)
    ended = leaving.run(*options, "-k", selected, out="/dev/full")
    assert ended.code == code, ended.output
    assert ended.output.count("results could not be written to '/dev/full'") == 1
    assert "Traceback" not in ended.output


def test_the_disk_fills_up(leaving: Leaving) -> None:
    """The file ends at the last complete line that there was room for."""
    leaving.write("test_many", MANY)
    limited = ("sh", "-c", 'ulimit -f 8 && exec "$@"', "sh")  # 4096 bytes
    ended = leaving.end(leaving.start("--tb=no", "-q", shell=limited))
    assert ended.code == 1
    assert ended.lines[:7] == first(7)
    assert 8 <= len(ended.lines) < 47
    assert "it ends at the last complete line" in ended.output
    assert "Traceback" not in ended.output


@pytest.mark.parametrize("options", [(), WORKERS], ids=["one process", "workers"])
def test_there_is_no_such_directory(leaving: Leaving, options: tuple[str, ...]) -> None:
    """No test runs, and the usage error is one line that names the file."""
    needs_xdist(leaving, options)
    ended = leaving.run(*options, out="missing/out.jsonl")
    assert ended.code == 4
    assert not (leaving.directory / "begun").exists()
    (line,) = ended.output.strip().splitlines()
    assert "missing/out.jsonl" in line and "No such file or directory" in line
