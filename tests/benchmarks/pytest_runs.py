"""Print how fast the pytest plugin is, as ratios: against plain pytest and what else people use.

    python tests/benchmarks/pytest_runs.py [--rounds 5] [--scale 1] [--only NAME...] [--profile]

Each run is pytest in a process of its own, on trivial tests of which half fail; all runs by
turns. Peers are timed where they are installed: `pip install pytest-quarantine pytest-xfaillist`.
With --profile it prints how much of a run's time is the plugin's instead. Needs a POSIX system.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import pathlib
import pstats
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from typing import Any, NamedTuple

import pytest
import pytest_suites
from pytest_suites import A_FILE

ROOT = pathlib.Path(__file__).resolve().parents[2]
PACKAGE = os.path.join(ROOT, "trunk_failures", "")

# As an entry point would load it; those of other installed plugins are off.
PLUGIN = ("-p", "trunk_failures.pytest_plugin")
LISTED = (*PLUGIN, "--trunk-failures=tests")


class Run(NamedTuple):
    """A pytest run to time: its arguments, and the word for what it makes of the odd tests.

    `needs` is the module of a peer.
    """

    name: str
    arguments: Sequence[str]
    odd: str
    what: str
    needs: str = ""


class Cost(NamedTuple):
    """What one run took: wall seconds, seconds of a processor, and megabytes at its peak."""

    wall: float
    cpu: float
    memory: float


RUNS = (
    Run("plain", (), "passed", "pytest without the plugin"),
    Run("loaded", PLUGIN, "passed", "nothing in force: the plugin loaded, the option not given"),
    Run("unlisted", LISTED, "passed", "nothing listed: the option given, an empty list"),
    Run("marks", (), "xfailed", "marks in the source"),
    Run(
        "quarantine",
        ("-p", "pytest_quarantine.plugin", "--quarantine=listed.txt"),
        "xfailed",
        "pytest-quarantine",
        "pytest_quarantine",
    ),
    Run(
        "xfaillist",
        ("-p", "pytest_xfaillist.hooks"),
        "xfailed",
        "pytest-xfaillist",
        "pytest_xfaillist",
    ),
    Run("conftest", (), "xfailed", "a conftest.py that lists a directory"),
    Run("deselect", ("@arguments.txt",), "deselected", "--deselect, which runs half of the tests"),
    Run("listed", LISTED, "xfailed", "half of the tests listed"),
    Run("many", LISTED, "xfailed", f"the same, among {pytest_suites.MORE} times as many entries"),
)
RESUMING = (
    "<built-in method builtins.next>",
    "<method 'send' of 'generator' objects>",
    "<method 'throw' of 'generator' objects>",
)
"""What resumes a hook that waits, as profiles call it."""

PROFILED = ("loaded", "unlisted", "listed", "many")
PEERS = ("marks", "quarantine", "xfaillist", "conftest", "deselect")
AGAINST = [
    ("loaded", "plain"),
    ("unlisted", "plain"),
    ("listed", "plain"),
    *(("listed", peer) for peer in PEERS),
    ("many", "listed"),
]
"""The pairs of runs to compare; the quickest peer is found when all are timed."""


def environment(folder: pathlib.Path) -> dict[str, str]:
    """Return the environment of the runs, in which no installed plugin loads by itself."""
    dropped = ("TRUNK_FAILURES", "PYTORCH_TEST", "PYTHONDONTWRITE", "PYTEST_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
    return {
        **kept,
        "PYTHONPATH": str(ROOT),
        "PYTHONPYCACHEPREFIX": str(folder / "pycache"),
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    }


def cost(run: Run, options: argparse.Namespace, *profiler: str) -> Cost:
    """Run pytest once, see that it did what it is timed for, and return what it took."""
    pytest_itself = ["-m", "pytest", "-q", "-p", "no:cacheprovider", *run.arguments, "tests"]
    command = [sys.executable, *profiler, *pytest_itself]
    folder = options.folder / run.name
    with (folder / "output.txt").open("w+") as output:
        started = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=folder, env=options.environment, stdout=output, stderr=output
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        check(run, options.tests, process.returncode, output.read())
    unit = 1 if sys.platform == "darwin" else 1024
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit / 1e6)


def check(run: Run, tests: int, code: int, output: str) -> None:
    """Raise when a run did not come to what it is to come to."""
    last = output.rstrip().rpartition("\n")[2].rpartition(" in ")[0]
    counts = {word: int(number) for number, word in re.findall(r"(\d+) (\w+)", last)}
    half = tests // 2
    wanted = {"passed": tests} if run.odd == "passed" else {"passed": half, run.odd: half}
    if code or counts != wanted:
        end = output[-3000:]
        raise SystemExit(f"{run.name}: {counts}, not {wanted}; exit code {code}; it said:\n{end}")


def medians(runs: Sequence[Run], options: argparse.Namespace) -> dict[str, Cost]:
    """Run all by turns, one round not counted and each second one backwards."""
    taken: dict[str, list[Cost]] = {run.name: [] for run in runs}
    for turn in range(options.rounds + 1):
        for run in runs if turn % 2 else reversed(runs):
            once = cost(run, options)
            if turn:
                taken[run.name].append(once)
    return {name: Cost(*map(statistics.median, zip(*costs))) for name, costs in taken.items()}


def print_costs(runs: Sequence[Run], costs: dict[str, Cost]) -> None:
    """Print what each run took."""
    print("\n  wall s   CPU s      MB")
    for run in runs:
        taken = costs[run.name]
        print(f"{taken.wall:8.2f}{taken.cpu:8.2f}{taken.memory:8.1f}  {run.name}: {run.what}")


def print_ratios(costs: dict[str, Cost]) -> None:
    """Print each run against what it is to be compared with, as far as both were run."""
    print("\n    wall     CPU  memory")
    what = {run.name: run.what for run in RUNS}
    there = [pair for pair in AGAINST if costs.keys() >= {*pair}]
    peers = [name for name in PEERS if name in costs]
    if "listed" in costs and peers:
        there.append(("listed", min(peers, key=lambda name: costs[name].wall)))
    for at, (name, other) in enumerate(there):
        ratios = [one / against for one, against in zip(costs[name], costs[other])]
        peer = "the quickest of these, " if (name, other) in there[:at] else ""
        print(
            "".join(f"{ratio:8.3f}" for ratio in ratios) + f"  {name}, against {peer}{what[other]}"
        )


def is_ours(function: tuple[str, int, str]) -> bool:
    """Tell whether a function of a profile is of the package."""
    return function[0].startswith(PACKAGE)


def own_seconds(stats: dict[Any, Any]) -> dict[tuple[str, int, str], float]:
    """Return what each of the package's functions takes itself, with the built-ins it calls.

    A profile holds the time of built-ins for each of their callers. What Python functions of
    other modules take is not in it, and nothing of what runs while a hook that yields waits.
    """
    own = {function: row[2] for function, row in stats.items() if is_ours(function)}
    for function, row in stats.items():
        if function[0] == "~":
            for caller, (_, _, taken, _) in row[4].items():
                if is_ours(caller):
                    own[caller] += taken
    return own


def entered_seconds(stats: dict[Any, Any]) -> float:
    """Return the time from each entry into the package to its end, but for imports.

    It has all that the package calls: the text of tracebacks, and work that is pytest's but is
    done earlier than it would be (the tear-down of a listed test's fixtures). A built-in between
    is of the package (`any` over its generator), but where it resumes a hook that waits.
    """
    total: float = sum(
        taken
        for function, row in stats.items()
        if is_ours(function)
        for caller, (_, _, _, taken) in row[4].items()
        if not is_ours(caller) and (caller[0] != "~" or caller[2] in RESUMING)
    )
    return total


def print_profile(run: Run, options: argparse.Namespace) -> None:
    """Print the package's share of a run, and which of its functions take the most."""
    cost(run, options)  # So that all it imports is compiled.
    cost(run, options, "-m", "cProfile", "-o", "profile")
    profile: Any = pstats.Stats(str(options.folder / run.name / "profile"))
    own, entered = own_seconds(profile.stats), entered_seconds(profile.stats)
    print(f"\n{run.name}: {run.what}; {profile.total_tt:.2f} s under cProfile")
    for taken, what in ((sum(own.values()), "its own code"), (entered, "with all that it calls")):
        share, each = taken / profile.total_tt, taken / options.tests
        print(f"{share:8.2%}  {what}: {1e6 * each:.1f} microseconds a test")
    for function in sorted(own, key=own.__getitem__, reverse=True)[: options.functions]:
        place = f"{os.path.basename(function[0])}:{function[1]}({function[2]})"
        calls = profile.stats[function][1]
        print(f"{own[function] / profile.total_tt:12.2%}  {place}, {calls} calls")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5, help="rounds counted (default: 5)")
    parser.add_argument("--scale", type=float, default=1, help="share of the 20,000 tests")
    names = [run.name for run in RUNS]
    parser.add_argument("--only", nargs="+", metavar="NAME", choices=names, help=", ".join(names))
    parser.add_argument("--profile", action="store_true", help="the plugin's own shares instead")
    parser.add_argument("--functions", type=int, default=12, help="how many --profile names")
    options = parser.parse_args()
    options.tests = max(1, round(20_000 * options.scale / A_FILE)) * A_FILE
    wanted = options.only or (PROFILED if options.profile else names)
    runs = [run for run in RUNS if run.name in wanted]
    missing = [run for run in runs if run.needs and not importlib.util.find_spec(run.needs)]
    runs = [run for run in runs if run not in missing]
    print(f"Python {sys.version.split()[0]}, pytest {pytest.__version__}, {options.tests} tests")
    for run in missing:
        print(f"not installed, and left out: {run.what}")
    with tempfile.TemporaryDirectory() as temporary:
        options.folder = pathlib.Path(temporary)
        options.environment = environment(options.folder)
        for run in runs:
            fail = run.odd != "passed"
            pytest_suites.write(options.folder / run.name, run.name, options.tests, fail)
        if options.profile:
            for run in runs:
                print_profile(run, options)
        else:
            costs = medians(runs, options)
            print_costs(runs, costs)
            print_ratios(costs)


if __name__ == "__main__":
    main()
