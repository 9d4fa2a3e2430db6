"""Print how fast the history is written and read, as ratios against bare SQLite, and its memory.

    python tests/benchmarks/history.py [--rounds 3] [--scale 1] [--only record stability]

At a scale of 1, `record` is of one run of 1,000,000 tests, of which one in a hundred fails, twice:
the first time all of them are new to the history, then none. The floor is a bare `executemany` of
the same rows into the same tables, in one transaction. `written` is from results that have been
read; `command` is all of it, with the reading of 1,000,000 result lines. `stability` is over 10,000
tests in 100, 300 and 1,000 runs; its floor fetches the same rows. All runs are processes of their
own, by turns.
"""

from __future__ import annotations

import argparse
import json
import os
import pathlib
import random
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
os.environ["TRUNK_FAILURES"] = "0"

TESTS, RUNS = 1_000_000, (100, 300, 1000)
A_CLASS, SERIES = 100, 10_000
EVERY = 100
"""One test of so many fails."""


def key(number: int) -> str:
    """Return the key of a test."""
    return f"TestClass{number // A_CLASS:05}.test_method_{number:07}"


def floor(path: str, tests: int, run: int) -> float:
    """Return the seconds of a bare `executemany` of what a record writes."""
    from trunk_failures import history

    known = [(number, key(number), "tests/test_module") for number in range(tests)]
    rows = [(number, run, 1 + (number % EVERY == 0), None) for number in range(tests)]
    with history.writing(path):
        pass
    connection = sqlite3.connect(path, isolation_level=None)
    start = time.perf_counter()
    connection.execute("BEGIN IMMEDIATE")
    if run == 1:
        connection.executemany("INSERT INTO test VALUES (?, ?, ?)", known)
    connection.executemany("INSERT INTO outcome VALUES (?, ?, ?, ?)", rows)
    connection.execute("COMMIT")
    connection.close()
    return time.perf_counter() - start


def written(path: str, tests: int, run: int) -> float:
    """Return the seconds in which results that have been read are recorded."""
    from trunk_failures import history, history_runs
    from trunk_failures.results import collecting
    from trunk_failures.results.collecting import Collected
    from trunk_failures.results.spool import Record, Spool, Spools
    from trunk_failures.trials import Run

    with tempfile.TemporaryDirectory() as directory:
        spool, spools = Spool(directory), Spools(directory)
        for first in range(0, tests, A_CLASS):
            scope = key(first).partition(".")[0]
            names = [key(number).partition(".")[2] for number in range(first, first + A_CLASS)]
            place = "tests/test_module"
            spool.add(Record(0, 0, place, scope, names[1:]))
            spool.add(Record(0, 0, place, scope, names[:1], "failed", f"ValueError: {first % 50}"))
        spools.take(spool.done())
        collected = Collected([""], spools, 1, (), (), 0, ())
        start = time.perf_counter()
        with history.writing(path) as connection:
            parts = collected.gathered((), collecting.resolver(None))
            history_runs.record(connection, Run(str(run)), parts, 1000 * run)
        return time.perf_counter() - start


def command(path: str, tests: int, run: int) -> float:
    """Return the seconds of the whole command."""
    from trunk_failures import record_command

    with tempfile.TemporaryDirectory() as directory:
        results = os.path.join(directory, "results.jsonl")
        with open(results, "w") as file:
            for number in range(tests):
                failed = number % EVERY == 0
                line = {
                    "id": key(number),
                    "file": "tests/test_module.py",
                    "verdict": "failed" if failed else "passed",
                    "seconds": 0.01,
                    "error": f"ValueError: {number % 50}" if failed else None,
                    "mode": "trunk",
                }
                file.write(json.dumps(line) + "\n")
        start = time.perf_counter()
        record_command.main([results, "--run", str(run), "--history", path, "--time", str(run)])
        return time.perf_counter() - start


def fill(path: str, tests: int, runs: int) -> None:
    """Make a history in which few tests are flaky, or broken."""
    from trunk_failures import history

    chance = random.Random(1)
    with history.writing(path) as connection:
        connection.executemany(
            "INSERT INTO run VALUES (?, ?, '', ?, '', '', '', ?, 0)",
            [(run, str(run), 3600 * run, tests) for run in range(1, runs + 1)],
        )
        connection.execute("INSERT INTO error VALUES (1, 'ValueError: no')")
        for number in range(1, tests + 1):
            rate = 0.1 if number % 50 == 0 else 0.0
            broken = runs - 20 if number % 100 == 1 else runs
            connection.execute("INSERT INTO test VALUES (?, ?, 'tests/m')", (number, key(number)))
            states = [2 if run > broken or chance.random() < rate else 1 for run in range(runs)]
            rows = [(number, run, state, 1 if state > 1 else None)
                    for run, state in enumerate(states, 1)]
            connection.executemany("INSERT INTO outcome VALUES (?, ?, ?, ?)", rows)


def fetched(path: str) -> float:
    """Return the seconds in which the rows are fetched, and nothing done with them."""
    connection = sqlite3.connect(path)
    start = time.perf_counter()
    for _ in connection.execute("SELECT test, run, state, error FROM outcome"):
        pass
    connection.close()
    return time.perf_counter() - start


def reported(path: str) -> float:
    """Return the seconds of the command that says how stable the tests are."""
    from trunk_failures import stability_command

    start = time.perf_counter()
    with open(os.devnull, "w") as nothing:
        shown, sys.stdout = sys.stdout, nothing
        try:
            stability_command.main(["--history", path])
        finally:
            sys.stdout = shown
    return time.perf_counter() - start


KINDS = {each.__name__: each for each in (floor, written, command, fill, fetched, reported)}


def child(kind: str, *arguments: object) -> tuple[float, float]:
    """Run one of these functions in a process; returns its seconds and its memory in MB."""
    words = [sys.executable, __file__, "--child", kind, *map(str, arguments)]
    done = subprocess.run(words, stdout=subprocess.PIPE, check=True, text=True)
    seconds, memory = json.loads(done.stdout)
    return seconds, memory


def answer(kind: str, arguments: list[str]) -> None:
    """Print what `child` asks for."""
    import resource

    words = [arguments[0], *map(int, arguments[1:])]
    seconds = KINDS[kind](*words) or 0.0  # type: ignore[operator]
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    memory = used / (1e6 if sys.platform == "darwin" else 1e3)
    print(json.dumps([seconds, memory]))


def record(rounds: int, scale: float, directory: str) -> None:
    """Print the ratios of writing."""
    tests = max(A_CLASS, int(TESTS * scale) // A_CLASS * A_CLASS)
    names = ("floor", "written", "command")
    seconds: dict[tuple[str, int], list[float]] = {}
    memory: dict[str, float] = {}
    for number in range(rounds):
        for name in names:
            path = os.path.join(directory, f"{name}-{number}.sqlite3")
            for run in (1, 2):
                took, used = child(name, path, tests, run)
                seconds.setdefault((name, run), []).append(took)
                memory[name] = max(memory.get(name, 0.0), used)
            os.unlink(path)
    print(f"record of {tests:,} outcomes, against a bare executemany of the same rows")
    for run, what in ((1, "all tests new"), (2, "all tests known")):
        bare = statistics.median(seconds["floor", run])
        for name in names:
            took = statistics.median(seconds[name, run])
            ratio = f"{took:7.2f} s  {took / bare:5.2f}  {memory[name]:4.0f} MB"
            print(f"  {what:<16} {name:<8} {ratio}")


def stability(rounds: int, scale: float, directory: str) -> None:
    """Print the ratios of reading, and how they grow."""
    tests = max(10, int(SERIES * scale))
    print(f"stability of {tests:,} tests, against fetching the same rows")
    first = 0.0
    for runs in RUNS:
        path = os.path.join(directory, f"{runs}.sqlite3")
        child("fill", path, tests, runs)
        bare, took, used = [], [], 0.0
        for _ in range(rounds):
            bare.append(child("fetched", path)[0])
            seconds, memory = child("reported", path)
            took.append(seconds)
            used = max(used, memory)
        os.unlink(path)
        rows, median = tests * runs, statistics.median(took)
        first = first or median / rows
        print(
            f"  {rows:>10,} outcomes  {median:7.2f} s  {median / statistics.median(bare):5.2f}"
            f"  {used:4.0f} MB  seconds per row, against the first: {median / rows / first:.2f}"
        )


def main() -> None:
    """Read the arguments and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--only", nargs="*", default=["record", "stability"])
    parser.add_argument("--child", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    if options.child:
        answer(options.child[0], options.child[1:])
        return
    with tempfile.TemporaryDirectory() as directory:
        for name in options.only:
            {"record": record, "stability": stability}[name](
                options.rounds, options.scale, directory
            )


if __name__ == "__main__":
    main()
