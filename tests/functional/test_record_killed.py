"""`record`, killed at any moment and run by many at once: nothing is lost, nothing twice."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

import trunk_failures

ROOT = Path(trunk_failures.__file__).parents[1]
TESTS = 3_000
ENVIRON = {**os.environ, "PYTHONPATH": str(ROOT), "TRUNK_FAILURES": "0"}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a directory with the results of a run."""
    lines = [
        json.dumps({
            "id": f"TestA{number % 50}.test_{number}", "file": "test_a.py", "seconds": 0.1,
            "verdict": "failed" if number % 7 == 0 else "passed", "mode": "trunk",
            "error": f"ValueError: {number}" if number % 7 == 0 else None,
        })
        for number in range(TESTS)
    ]
    (tmp_path / "r.jsonl").write_text("\n".join(lines))
    return tmp_path


def start(project: Path, run: str) -> subprocess.Popen[bytes]:
    """Start the command."""
    command = [sys.executable, "-m", "trunk_failures", "record", "r.jsonl", "--run", run]
    command += ["--jobs", "1", "--history", "h.sqlite3", "--time", "1000"]
    return subprocess.Popen(command, cwd=project, env=ENVIRON, stderr=subprocess.DEVNULL)


def counts(project: Path) -> tuple[int, int, int]:
    """Return how many runs, tests and outcomes there are."""
    with closing(sqlite3.connect(project / "h.sqlite3")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master")]
        if "outcome" not in tables:
            return 0, 0, 0
        found = [
            connection.execute(f"SELECT count(*) FROM {each}").fetchone()[0]
            for each in ("run", "test", "outcome")
        ]
    return found[0], found[1], found[2]


KILLED = """
import os, signal, sys
from trunk_failures import history_runs, record_command

moment, *arguments = sys.argv[1:]
record = history_runs.record

def die():
    os.kill(os.getpid(), signal.SIGKILL)

def until(connection, run, parts, now):
    def some():
        for number, part in enumerate(parts):
            if number == 9 and moment == "in the middle":
                die()
            yield part
    recorded = record(connection, run, some(), now)
    if moment == "before it is committed":
        die()
    return recorded

history_runs.record = until
record_command.main(arguments)
die()
"""


@pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL")
@pytest.mark.parametrize(
    ("moment", "there"),
    [("in the middle", False), ("before it is committed", False), ("after that", True)],
)
def test_killed(project: Path, moment: str, there: bool) -> None:
    """Each run is there whole or not at all, and once when it is recorded again."""
    assert start(project, "0").wait() == 0
    arguments = ["r.jsonl", "--run", "1", "--jobs", "1", "--history", "h.sqlite3", "--time", "1000"]
    command = [sys.executable, "-c", KILLED, moment, *arguments]
    done = subprocess.run(command, cwd=project, env=ENVIRON, stderr=subprocess.DEVNULL)
    assert done.returncode == -signal.SIGKILL
    assert counts(project) == (1 + there, TESTS, (1 + there) * TESTS)
    assert start(project, "1").wait() == 0
    assert counts(project) == (2, TESTS, 2 * TESTS)


@pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL")
def test_killed_whenever(project: Path) -> None:
    """The same holds for any moment, be it before the history is looked at or after all is done."""
    began = time.monotonic()
    assert start(project, "0").wait() == 0
    took = time.monotonic() - began
    chance = random.Random(1)
    for run in range(1, 5):
        process = start(project, str(run))
        # Of the second half most is writing.
        time.sleep(took * chance.uniform(0.5, 1.0))
        process.send_signal(signal.SIGKILL)
        process.wait()
        runs, tests, outcomes = counts(project)
        assert tests == TESTS and outcomes == runs * TESTS and runs in (run, run + 1)
        assert start(project, str(run)).wait() == 0
        assert counts(project) == (run + 1, TESTS, (run + 1) * TESTS)


def test_many_at_once(project: Path) -> None:
    """Processes that make and write one history at once come to each run once."""
    started = [start(project, str(number % 3)) for number in range(6)]
    assert [process.wait() for process in started] == [0] * 6
    assert counts(project) == (3, TESTS, 3 * TESTS)
