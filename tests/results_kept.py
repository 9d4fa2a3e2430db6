"""What the tests of the result readers share: a sink that keeps all, and one file read."""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from pathlib import Path

import trunk_failures
from trunk_failures.results import junit, reading, spool
from trunk_failures.results.cases import Case
from trunk_failures.results.files import ResultFile
from trunk_failures.results.reading import Reading, Task
from trunk_failures.results.spool import Record
from trunk_failures.verdicts import Verdict

CHECKOUT = str(Path(trunk_failures.__file__).parents[1])
ENVIRONMENT = {**os.environ, "PYTHONPATH": CHECKOUT, "PYTHONIOENCODING": "utf-8"}


class Kept:
    """A sink that keeps all that it is given."""

    def __init__(self) -> None:
        self.cases: list[Case] = []
        self.nameless: list[tuple[str, Verdict]] = []
        self.in_force: list[str] = []
        self.batches: list[int] = []

    def passes(self, scope: str, place: str, names: Sequence[str]) -> None:
        """Keep tests that passed as cases."""
        self.batches.append(len(names))
        self.cases += [Case(f"{scope}.{name}", place, Verdict.PASSED) for name in names]

    def case(self, case: Case) -> None:
        """Keep a case."""
        self.cases.append(case)

    def unnamed(self, found: str, verdict: Verdict) -> None:
        """Keep what has no test id."""
        self.nameless.append((found, verdict))

    def modes(self, modes: str) -> None:
        """Keep the modes."""
        self.in_force.append(modes)

    @property
    def told(self) -> list[tuple[str, Verdict]]:
        """The keys and the verdicts of all cases, in order of the keys."""
        pairs = [(case.key, case.verdict) for case in self.cases]
        return sorted(pairs, key=lambda pair: (pair[0], pair[1].value))


def of_junit(text: str | bytes) -> Kept:
    """Return what a JUnit file says."""
    sink = Kept()
    junit.read(io.BytesIO(text if isinstance(text, bytes) else text.encode()), sink)
    return sink


def read_file(path: Path, data: bytes, directory: str = "") -> Reading:
    """Write a file, and return what reading it comes to."""
    path.write_bytes(data)
    return reading.read(Task(ResultFile(str(path)), 0, 0, directory))


def records(*written: spool.Written) -> list[Record]:
    """Return the records that spools hold."""
    spools = spool.Spools("")
    for each in written:
        spools.take(each)
    return [record for partition in spools.partitions() for record in partition]


def told(read: Reading) -> list[tuple[str, str]]:
    """Return the keys and the verdicts of what was read, in order of the keys."""
    found = records(read.written)
    return sorted(
        (f"{record.scope}.{name}", record.verdict) for record in found for name in record.names
    )
