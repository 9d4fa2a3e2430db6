"""Print how fast an update decides and writes, as ratios against the bare operations on files.

    python tests/benchmarks/list_writing.py [--rounds 5] [--scale 1] [--only NAME...]

At a scale of 1 there are 100,000 tests in 4 configurations, and 5,000 changes follow: tests that
are added, added with `when`, removed, moved to skips, and entries of which `when` is narrowed, as
many of each; 5,000 more entries stay as they are. The floor makes, renames and removes the
same files with the same contents by the bare calls of `os`: each text is written under another
name, synced and put in its place, and the directories are synced. Deciding begins with results
that have been collected, and includes loading the lists; the command is all of it: it reads the
results too, of which there are 400,000. All runs are processes of their own, by turns, each on
lists of its own that are on the disk already. Needs a POSIX system.
"""

from __future__ import annotations

import argparse
import json
import os
import pathlib
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from typing import NamedTuple

ROOT = pathlib.Path(__file__).resolve().parents[2]
TESTS, CHANGES, LISTED = 100_000, 5_000, 5_000
A_CLASS, A_FILE = 100, 1_000
"""Tests of one class, and of one file."""

CONFIGURATIONS = ("py310", "py311", "py312", "py313")
PASSES, FAILS, KNOWN, STALE = "passed", "failed", "expected failure", "unexpected success"
ELEMENTS = {
    PASSES: "",
    FAILS: '<failure message="AssertionError: {} != 97">E   of some lines\nE   of text</failure>',
    KNOWN: '<skipped type="pytest.xfail" message="AssertionError: {} != 97" />',
    STALE: '<failure message="Unexpected success, please remove `an entry`">its text</failure>',
}
"""What pytest writes of a test that comes to a verdict."""

VERDICTS = {
    "added": (FAILS,) * 4,
    "added with when": (FAILS, FAILS, PASSES, PASSES),
    "removed": (STALE,) * 4,
    "moved": (KNOWN,) * 4,
    "narrowed": (STALE, STALE, KNOWN, KNOWN),
    "staying": (KNOWN,) * 4,
}
"""What a test comes to in each configuration, by what becomes of it; one that is moved passes when
the first configuration is run again."""

*CHANGING, STAYING = VERDICTS


class Run(NamedTuple):
    """A run to time: its name, what it is, and the arguments of `list_writing_runs.py`."""

    name: str
    what: str
    arguments: tuple[str, ...] = ()


RUNS = (
    Run("floor", "the bare operations", ("floor",)),
    Run("ours", "deciding and writing", ("ours",)),
    Run("command", "the whole command, which reads too"),
    Run("floor-unsynced", "the bare operations without fsync", ("floor", "--unsynced")),
    Run("ours-unsynced", "deciding and writing without fsync", ("ours", "--unsynced")),
)
AGAINST = (
    ("ours", "floor"),
    ("command", "floor"),
    ("ours-unsynced", "floor-unsynced"),
)


class Cost(NamedTuple):
    """Wall seconds, processor seconds, and the wall seconds of each step."""

    wall: float
    cpu: float
    steps: dict[str, float] = {}


class Suite:
    """Tests, their lists and their results, in a directory."""

    def __init__(self, folder: pathlib.Path, options: argparse.Namespace) -> None:
        self.test_dir, self.results = folder / "tests", folder / "results"
        self.operations = folder / "operations.json"
        self._before = folder / "before"
        self._tests = round(TESTS * options.scale)
        changes, listed = round(CHANGES * options.scale), round(LISTED * options.scale)
        chosen = random.Random(1).sample(range(self._tests), changes + listed)
        fates = [CHANGING[number % len(CHANGING)] for number in range(changes)]
        self._fates = dict(zip(chosen, [*fates, *[STAYING] * listed]))

    def write(self) -> None:
        """Write the lists as they are before, and the results."""
        lists = self._before / "trunk_expected_failures"
        lists.mkdir(parents=True)
        (self._before / "trunk_skips").mkdir()
        (self._before / "trunk_skips/.gitkeep").touch()
        for number in range(0, self._tests, A_FILE):
            (self._before / f"{_module(number)}.py").touch()
        for number, fate in self._fates.items():
            if not fate.startswith("added"):
                name = ".".join(_key(number))
                (lists / name).write_text(f"{name}: reason: AssertionError: Tensor-likes differ\n")
        for place, name in enumerate(CONFIGURATIONS):
            (self.results / name).mkdir(parents=True)
            verdicts = dict.fromkeys(range(self._tests), PASSES)
            verdicts |= {number: VERDICTS[fate][place] for number, fate in self._fates.items()}
            _write(self.results / name / "run.xml", verdicts)
        again = {number: STALE for number, fate in self._fates.items() if fate == "moved"}
        _write(self.results / CONFIGURATIONS[0] / "again.xml", again)

    def renew(self) -> None:
        """Lay the lists out as they are before, and have all that is written on the disk."""
        shutil.rmtree(self.test_dir, ignore_errors=True)
        shutil.copytree(self._before, self.test_dir)
        os.sync()

    def state(self) -> dict[str, str]:
        """Return the lists as they are now."""
        files = (path for path in self.test_dir.rglob("*") if path.is_file())
        return {str(path.relative_to(self.test_dir)): path.read_text() for path in files}


def _module(number: int) -> str:
    return f"test_ops_{number // A_FILE}"


def _key(number: int) -> tuple[str, str]:
    return f"TestOps{number // A_CLASS}CPU", f"test_op_{number % A_CLASS}_cpu_float32"


def _write(path: pathlib.Path, verdicts: dict[int, str]) -> None:
    """Write a JUnit file as pytest does."""
    with path.open("w") as file:
        file.write('<?xml version="1.0"?><testsuites><testsuite name="pytest">')
        for number, verdict in verdicts.items():
            cls, name = _key(number)
            start = f'<testcase classname="tests.{_module(number)}.{cls}" name="{name}" time="0.1"'
            element = ELEMENTS[verdict].format(number % 97)
            file.write(f"{start}>{element}</testcase>" if element else f"{start} />")
        file.write("</testsuite></testsuites>")


def cost(run: Run, suite: Suite) -> Cost:
    """Run a command once, on lists as they are before."""
    suite.renew()
    environ = {name: value for name, value in os.environ.items() if "TRUNK_FAILURES" not in name}
    environ |= {"PYTHONPATH": str(ROOT), "TRUNK_FAILURES_DIR": str(suite.test_dir)}
    paths = (str(suite.test_dir), str(suite.results), str(suite.operations))
    command = [sys.executable, str(ROOT / "tests/benchmarks/list_writing_runs.py")]
    command += [*run.arguments, *paths]
    if not run.arguments:
        command = [sys.executable, "-m", "trunk_failures", "update", f"--test-dir={suite.test_dir}"]
        for name in CONFIGURATIONS:
            marker = f"python_version == '{name[2]}.{name[3:]}'"
            command.append(f"--config={name}:{marker}={suite.results / name}")
    with tempfile.TemporaryFile("w+") as output:
        began = time.perf_counter()
        process = subprocess.Popen(command, env=environ, stdout=output, stderr=output)
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        said = output.read()
    if process.returncode:
        raise SystemExit(f"{run.name} failed:\n{said[-2000:]}")
    return Cost(**json.loads(said)) if run.arguments else Cost(wall, used.ru_utime + used.ru_stime)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5, help="rounds counted (default: 5)")
    parser.add_argument("--scale", type=float, default=1, help="share of the tests and changes")
    names = [run.name for run in RUNS]
    parser.add_argument("--only", nargs="+", metavar="NAME", choices=names, help=", ".join(names))
    options = parser.parse_args()
    runs = [run for run in RUNS if options.only is None or run.name in options.only]
    with tempfile.TemporaryDirectory() as temporary:
        suite = Suite(pathlib.Path(temporary), options)
        suite.write()
        cost(Run("plan", "", ("plan",)), suite)
        costs: dict[str, list[Cost]] = {run.name: [] for run in runs}
        came_to = set()
        for turn in range(options.rounds + 1):
            for run in runs if turn % 2 else reversed(runs):
                once = cost(run, suite)
                came_to.add(frozenset(suite.state().items()))
                if turn:
                    costs[run.name].append(once)
        changes = len(json.loads(suite.operations.read_text()))
    if len(came_to) > 1:
        raise SystemExit("the runs did not come to the same lists")
    print(f"Python {sys.version.split()[0]}, {changes} changes")
    tell(runs, costs)


def tell(runs: list[Run], costs: dict[str, list[Cost]]) -> None:
    """Print what each run took, and the ratios."""
    middle = {}
    print("\n  wall s   CPU s")
    for run in runs:
        walls, cpus, steps = zip(*costs[run.name])
        middle[run.name] = statistics.median(walls), statistics.median(cpus)
        print("{:8.3f}{:8.3f}".format(*middle[run.name]), f" {run.what}")
        for name in steps[0] if len(steps[0]) > 1 else ():
            print(f"{statistics.median(step[name] for step in steps):12.3f}  {name}")
    print("\n    wall     CPU")
    what = {run.name: run.what for run in runs}
    for name, other in AGAINST:
        if name in middle and other in middle:
            ratios = (one / against for one, against in zip(middle[name], middle[other]))
            print("{:8.2f}{:8.2f}".format(*ratios), f" {what[name]}, against {what[other]}")


if __name__ == "__main__":
    main()
