"""What `list_writing.py` times, each in a process of its own, which prints the seconds as JSON.

    python list_writing_runs.py {plan,floor,ours} TEST_DIR RESULTS OPERATIONS [--unsynced]

`plan` changes nothing, and writes to OPERATIONS what the floor is to do.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import pathlib
import tempfile
import time
from collections.abc import Sequence

from trunk_failures import (
    configurations,
    executors,
    file_changes,
    list_files,
    list_writing,
    updates,
)
from trunk_failures.file_changes import FileChange
from trunk_failures.proposals import Policy
from trunk_failures.results import collecting
from trunk_failures.results.collecting import Collected
from trunk_failures.results.files import ResultFile

TODAY = datetime.date(2026, 1, 15)


class Clock:
    """Takes the wall seconds and the processor seconds from here on, in steps."""

    def __init__(self) -> None:
        self._began = self._last = time.perf_counter()
        self._cpu = time.process_time()
        self._steps: dict[str, float] = {}

    def step(self, name: str) -> None:
        """End a step."""
        now = time.perf_counter()
        self._steps[name], self._last = now - self._last, now

    def tell(self) -> None:
        """Print what was taken."""
        cpu = time.process_time() - self._cpu
        print(json.dumps({"wall": self._last - self._began, "cpu": cpu, "steps": self._steps}))


def floor(changes: Sequence[Sequence[str]]) -> None:
    """Make the changes by the calls that whoever makes them safely has to make."""
    written: dict[int, str] = {}
    directories: set[str] = set()
    for number, (old, new, before, after) in enumerate(changes):
        directories.update(os.path.dirname(path) for path in (old, new) if path)
        if new and (not old or before != after):
            written[number] = f"{os.path.dirname(new)}/.new{number}"
            file = os.open(written[number], os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
            os.write(file, after.encode())
            os.fsync(file)
            os.close(file)
    for number, (old, new, _, _) in enumerate(changes):
        if not new:
            os.unlink(old)
        elif old and old != new:
            os.rename(old, new)
        if number in written:
            os.rename(written[number], new)
    for directory in directories:
        file = os.open(directory, os.O_RDONLY)
        os.fsync(file)
        os.close(file)


def collected(results: pathlib.Path, directory: str) -> Collected:
    """Return what the results say, which are in a folder for each configuration."""
    files = [(path.parent.name, ResultFile(str(path))) for path in sorted(results.glob("*/*"))]
    return collecting.collect(files, executors.InProcess(), directory)


def planned(test_dir: str, read: Collected, clock: Clock) -> list[FileChange]:
    """Return how files change."""
    markers = (f"{name}:python_version == '{name[2]}.{name[3:]}'=" for name in read.names)
    known = {each.name: each for each, _ in (configurations.parse(f"{text}.") for text in markers)}
    there = [each for each in list_files.directories(test_dir) if each[0] == "trunk"]
    loaded = list_files.read(test_dir, ("trunk",), there)
    clock.step("loading the lists")
    policy, limits = Policy("trunk"), updates.Limits()
    decision = updates.decide(read, loaded, known, policy, limits, TODAY)
    assert not decision.refused, decision.refused
    clock.step("deciding")
    changes = file_changes.plan(loaded, [each.change for each in decision.changing if each.change])
    clock.step("planning")
    return changes


def main() -> None:
    """Do what is asked for, and print what it took."""
    parser = argparse.ArgumentParser()
    parser.add_argument("run", choices=("plan", "floor", "ours"))
    parser.add_argument("test_dir")
    parser.add_argument("results", type=pathlib.Path)
    parser.add_argument("operations", type=pathlib.Path)
    parser.add_argument("--unsynced", action="store_true")
    options = parser.parse_args()
    if options.unsynced:
        os.fsync = lambda number: None
    if options.run == "floor":
        changes = json.loads(options.operations.read_text())
        clock = Clock()
        floor(changes)
        clock.step("writing")
    else:
        with tempfile.TemporaryDirectory() as spools:
            read = collected(options.results, spools)
            clock = Clock()
            found = planned(options.test_dir, read, clock)
            if options.run == "plan":
                options.operations.write_text(json.dumps(found))
            else:
                list_writing.write(found)
                clock.step("writing")
    clock.tell()


if __name__ == "__main__":
    main()
