"""Print how fast result files are read, as ratios against what else there is.

    python tests/benchmarks/result_reading.py [--rounds 5] [--scale 1] [--only NAME...]

At a scale of 1 there are 200 JUnit files of 1 MB, 5 % of their tests failing with texts of 2 KB,
and one file of 1 GB. All runs are processes of their own, by turns; the ratio is that of medians
of processor seconds, of wall seconds where several processes work. Peers are timed where they are
installed: `pip install lxml junitparser`.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import pathlib
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from typing import NamedTuple

ROOT = pathlib.Path(__file__).resolve().parents[2]
FILES = 200
MEGABYTE = 1_000_000

HEAD = '<?xml version="1.0"?><testsuites name="pytest tests"><testsuite name="pytest">'
TAIL = "</testsuite></testsuites>"
LINE = "E   some line of a traceback &lt;{}&gt;, in quotes &quot;x&quot;, number {}\n"

FLOOR = """
import sys
from xml.parsers import expat
count = [0, 0, 0]
def start(name, attributes): count[0] += 1
def end(name): count[1] += 1
def text(data): count[2] += len(data)
for path in sys.argv[1:]:
    parser = expat.ParserCreate()
    parser.buffer_text, parser.buffer_size = True, 65536
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = text
    with open(path, "rb") as file:
        while chunk := file.read(65536): parser.Parse(chunk, False)
    parser.Parse(b"", True)
print(count)
"""
LXML = """
import sys
from lxml import etree
failing = {}
for path in sys.argv[1:]:
    for _, case in etree.iterparse(path, tag="testcase"):
        key = case.get("classname") + "." + case.get("name")
        for child in case:
            if child.tag in ("failure", "error", "skipped"):
                failing[key] = (child.get("message"), child.text)
        case.clear()
        while case.getprevious() is not None: del case.getparent()[0]
print(len(failing))
"""
JUNITPARSER = """
import sys
from junitparser import JUnitXml
failing = {}
for path in sys.argv[1:]:
    for suite in JUnitXml.fromfile(path):
        for case in suite:
            key = case.classname + "." + case.name
            for result in case.result: failing[key] = (result.message, result.text)
print(len(failing))
"""
READER = """
import sys
from trunk_failures.results import junit
failing = {}
class Sink:
    def passes(self, scope, place, names): pass
    def case(self, case): failing[case.key] = (case.error, case.text)
for path in sys.argv[1:]:
    with open(path, "rb") as file: junit.read(file, Sink())
print(len(failing))
"""


class Run(NamedTuple):
    """A command to time: its name, what it is, its arguments before the files, what it needs."""

    name: str
    what: str
    arguments: tuple[str, ...]
    needs: str = ""


def _command(jobs: int) -> tuple[str, ...]:
    return ("-m", "trunk_failures", "results", "--format=json", f"--jobs={jobs}")


RUNS = (
    Run("floor", "expat with handlers that only count", ("-c", FLOOR)),
    Run("lxml", "lxml's iterparse", ("-c", LXML), "lxml"),
    Run("junitparser", "junitparser", ("-c", JUNITPARSER), "junitparser"),
    Run("reader", "this package's reader", ("-c", READER)),
    Run("one", "`results`, one process", _command(1)),
    Run("two", "`results`, two processes", _command(2)),
)
AGAINST = (
    ("reader", "floor", "cpu"),
    ("reader", "lxml", "cpu"),
    ("reader", "junitparser", "cpu"),
    ("one", "floor", "cpu"),
    ("one", "lxml", "cpu"),
    ("one", "junitparser", "cpu"),
    ("two", "one", "wall"),
)


def write(path: pathlib.Path, size: int, seed: int) -> None:
    """Write a JUnit file as pytest does."""
    dice = random.Random(seed)
    with path.open("w") as file:
        file.write(HEAD)
        number = 0
        while file.tell() < size:
            name = f"tests.test_module_{seed}.TestModule{seed}Class{number}"
            number += 1
            file.write("".join(_case(name, test, dice) for test in range(100)))
        file.write(TAIL)


def _case(classname: str, number: int, dice: random.Random) -> str:
    name = f"test_{number}[param-{number % 7}-float32]" if number % 3 else f"test_number_{number}"
    start = f'<testcase classname="{classname}" name="{name}" time="0.001"'
    if dice.random() >= 0.05:
        return f"{start} />"
    text = "".join(LINE.format(number, line) for line in range(28))
    message = f"AssertionError: {number} != {number + 1}"
    return f'{start}><failure message="{message}">{text}</failure></testcase>'


class Cost(NamedTuple):
    """Wall seconds, processor seconds, and the megabytes of the largest process at its peak."""

    wall: float
    cpu: float
    memory: float


def cost(run: Run, files: list[str]) -> Cost:
    """Run a command once on files."""
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    script = (
        "import resource, subprocess, sys; code = subprocess.run(sys.argv[1:]).returncode; "
        "used = resource.getrusage(resource.RUSAGE_CHILDREN); "
        "print(used.ru_utime + used.ru_stime, used.ru_maxrss, file=sys.stderr); sys.exit(code)"
    )
    command = [sys.executable, "-c", script, sys.executable, *run.arguments, *files]
    began = time.perf_counter()
    done = subprocess.run(command, env=environ, capture_output=True, text=True)
    wall = time.perf_counter() - began
    if done.returncode:
        raise SystemExit(f"{run.name} failed:\n{done.stdout}{done.stderr}")
    cpu, memory = done.stderr.splitlines()[-1].split()
    return Cost(wall, float(cpu), float(memory) / 1024)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5, help="rounds counted (default: 5)")
    parser.add_argument("--scale", type=float, default=1, help="share of the files")
    parser.add_argument("--only", nargs="+", help="the runs to time", metavar="NAME")
    options = parser.parse_args()
    runs = [
        run
        for run in RUNS
        if (not run.needs or importlib.util.find_spec(run.needs))
        and (options.only is None or run.name in options.only)
    ]
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        files = []
        for number in range(max(2, int(FILES * options.scale))):
            files.append(str(folder / f"{number}.xml"))
            write(folder / f"{number}.xml", MEGABYTE, number)
        costs: dict[str, list[Cost]] = {run.name: [] for run in runs}
        for turn in range(options.rounds + 1):
            for run in runs:
                once = cost(run, files)
                if turn:
                    costs[run.name].append(once)
        _tell(runs, costs, len(files))
        if options.only is None or "large" in options.only:
            _tell_of_large(folder / "large.xml", options.scale)


def _tell(runs: list[Run], costs: dict[str, list[Cost]], size: int) -> None:
    print(f"Python {sys.version.split()[0]}, {size} files of 1 MB")
    middle = {}
    for run in runs:
        wall, cpu, memory = map(statistics.median, zip(*costs[run.name]))
        middle[run.name] = {"wall": wall, "cpu": cpu}
        print(f"{size / cpu:7.1f} MB/s {memory:6.0f} MB at the peak  {run.what}")
    names = {run.name: run.what for run in runs}
    for name, other, kind in AGAINST:
        if name in middle and other in middle:
            ratio = middle[other][kind] / middle[name][kind]
            print(f"{ratio:7.2f} times as fast: {names[name]}, against {names[other]}")


def _tell_of_large(path: pathlib.Path, scale: float) -> None:
    write(path, int(1000 * MEGABYTE * scale), 1)
    once = cost(Run("large", "", _command(1)), [str(path)])
    print(f"{once.memory:7.0f} MB at the peak: one file of {path.stat().st_size / 1e6:.0f} MB")


if __name__ == "__main__":
    assert resource  # Needs a POSIX system.
    main()
