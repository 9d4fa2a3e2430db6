"""Collecting: many result files, read by many processes, into what they say of each test."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import Executor
from typing import NamedTuple

from trunk_failures import executors
from trunk_failures.results import reading, seen
from trunk_failures.results.files import ResultFile
from trunk_failures.results.reading import Task
from trunk_failures.results.spool import Spools

IN_FLIGHT = 64
"""Files that are read or wait to be, at once."""


class Collected(NamedTuple):
    """What result files say.

    `files` is how many could be read; `faults` has (name, fault) of the others. `names` are the
    configurations' by number. `unnamed` are results of what has no test id, as (what, verdict);
    `unnamed_failures` how many of these failed. `modes` are those that result lines name,
    and "" where something names none.
    """

    names: Sequence[str]
    spools: Spools
    files: int
    faults: Sequence[tuple[str, str]]
    unnamed: Sequence[tuple[str, str]]
    unnamed_failures: int
    modes: Sequence[str]

    @property
    def without_id(self) -> list[str]:
        """What failed and has no test id, in words; how many more there are, last."""
        shown = [f"{what} ({verdict})" for what, verdict in self.unnamed]
        more = self.unnamed_failures - len(shown)
        return [*shown, f"and {more} more"] if more else shown

    def gathered(
        self, listed: Collection[str], resolve: Callable[[str], tuple[str, bool]]
    ) -> Iterator[seen.Gathered]:
        """Yield the tests, a part of them after the other; may be called once.

        `listed` has the keys of tests that are to be told of even if they passed.
        """
        wanted = seen.by_scope(listed)
        for records in self.spools.partitions():
            yield seen.gather(records, self.names, wanted, resolve)


def collect(
    inputs: Sequence[tuple[str, ResultFile]],
    executor: Executor,
    directory: str,
    done: Callable[[ResultFile], None] = lambda file: None,
) -> Collected:
    """Read result files, each given with the name of its configuration.

    `directory` is where spools are written; `done` is called for each file that was read. Neither
    the order of the files nor how tests are spread over them matters.
    """
    names = sorted({name for name, _ in inputs})
    tasks = [
        Task(file, names.index(name), number, directory)
        for number, (name, file) in enumerate(inputs)
    ]
    spools = Spools(directory)
    faults: list[tuple[str, str]] = []
    unnamed: list[tuple[str, str]] = []
    failures = 0
    modes: dict[str, None] = {}
    # In this very process what is in flight has been read already, and is in memory.
    in_flight = 1 if isinstance(executor, executors.InProcess) else IN_FLIGHT
    for read in executors.spread(executor, reading.read, tasks, in_flight):
        if read.fault:
            faults.append((read.task.file.name, read.fault))
        spools.take(read.written)
        unnamed += read.unnamed
        failures += read.unnamed_failures
        modes.update(dict.fromkeys(read.modes or ([] if read.fault else [""])))
        done(read.task.file)
    files = len(tasks) - len(faults)
    return Collected(names, spools, files, faults, unnamed, failures, tuple(modes))


def resolver(test_dir: str | None) -> Callable[[str], tuple[str, bool]]:
    """Return the function that finds a module's file below a test directory.

    It takes a path as result files have them, from wherever the run was started, and returns the
    file relative to the test directory, without `.py`, and True; or the path and False.
    """
    known: dict[str, tuple[str, bool]] = {}

    def resolve(place: str) -> tuple[str, bool]:
        if place not in known:
            known[place] = _found(test_dir, place)
        return known[place]

    return resolve


def _found(test_dir: str | None, place: str) -> tuple[str, bool]:
    if test_dir is None or "\0" in place:
        return place, False
    parts = [part for part in place.split("/") if part]
    if os.pardir in parts:
        return place, False
    for start in range(len(parts)):
        shorter = "/".join(parts[start:])
        with contextlib.suppress(OSError, ValueError):
            if os.path.isfile(os.path.join(test_dir, *parts[start:-1], f"{parts[-1]}.py")):
                return shorter, True
    return place, False
