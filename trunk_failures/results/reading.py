"""Reading: one result file, whatever its format, into a spool; run in other processes too."""

from __future__ import annotations

import itertools
import os
import zlib
from typing import Any, BinaryIO, NamedTuple

from trunk_failures.errors import ResultsError
from trunk_failures.results import files, json_lines, junit, lines, reportlog, spool
from trunk_failures.results.archives import Reader
from trunk_failures.results.cases import Case
from trunk_failures.results.files import ResultFile
from trunk_failures.verdicts import Verdict

HEAD = 4096
SHOWN = 20
"""How many results without a test id are named."""

LENGTH = 500
"""Characters that are kept of each of these."""


class Task(NamedTuple):
    """One file to read: `configuration` and `source` are numbers that its records carry.

    `directory` is where spools may be written, if it is there.
    """

    file: ResultFile
    configuration: int
    source: int
    directory: str = ""


class Reading(NamedTuple):
    """What one file came to, or the `fault` for which nothing of it counts.

    `modes` are those that its lines name, each as they have them.
    """

    task: Task
    written: spool.Written = spool.Written({})
    fault: str = ""
    modes: tuple[str, ...] = ()
    unnamed: tuple[tuple[str, str], ...] = ()
    unnamed_failures: int = 0


def read(task: Task) -> Reading:
    """Read one file; what is wrong with it is told, not raised."""
    records = _Records(task)
    try:
        with files.opened(task.file) as stream:
            _read(_Headed(stream), records)
    except (ResultsError, OSError, zlib.error) as error:
        records.spool.forget()
        said = error.strerror or str(error) if isinstance(error, OSError) else str(error)
        return Reading(task, fault=said)
    return Reading(
        task,
        records.spool.done(),
        modes=tuple(records.seen),
        unnamed=tuple(records.nameless),
        unnamed_failures=records.failures,
    )


class _Headed:
    """A stream of which the first bytes have been looked at."""

    def __init__(self, stream: Reader) -> None:
        self._stream = stream
        self.head = b""
        while len(self.head) < HEAD and (more := stream.read(HEAD)):
            self.head = (self.head + more).lstrip(b" ")  # Result lines may begin with blanks.
        self._rest = self.head

    def read(self, size: int = -1) -> bytes:
        """Read on from the start."""
        if self._rest:
            first, self._rest = self._rest, b""
            return first
        return self._stream.read(size)


def _read(stream: _Headed, records: _Records) -> None:
    given: Any = stream
    kind = files.sniff(stream.head)
    if kind == "xml":
        junit.read(given, records)
    elif kind == "json lines":
        _read_lines(given, records)
    elif not stream.head:
        raise ResultsError("it is empty: the run ended before it wrote its results")
    else:
        raise ResultsError(
            f"it is no result file: it begins with {stream.head[:40]!r}; read are JUnit XML, "
            f"this package's result lines and pytest-reportlog's"
        )


def _read_lines(stream: BinaryIO, records: _Records) -> None:
    found = lines.read(stream)
    first = next(found, None)
    if first is None:
        return
    reader = reportlog if reportlog.KIND in first[1] else json_lines
    reader.read(itertools.chain([first], found), records)


class _Records:
    """The sink that makes records of what is read."""

    def __init__(self, task: Task) -> None:
        self._task = task
        there = task.directory and os.path.isdir(task.directory)
        self.spool = spool.Spool(task.directory if there else "")
        self.seen: dict[str, None] = {}
        self.nameless: list[tuple[str, str]] = []
        self.failures = 0

    def passes(self, scope: str, place: str, names: Any) -> None:
        """Take tests that passed."""
        _, configuration, source, _ = self._task
        self.spool.add(spool.Record(configuration, source, place, scope, names))

    def case(self, case: Case) -> None:
        """Take one case."""
        key, place, verdict, error, text, decides = case
        scope, _, name = key.partition(".")
        _, configuration, source, _ = self._task
        self.spool.add(
            spool.Record(
                configuration, source, place, scope, [name], verdict.value, error, text, decides
            )
        )

    def unnamed(self, found: str, verdict: Verdict) -> None:
        """Take the result of what has no test id; one that says nothing bad is passed over."""
        if verdict in (Verdict.FAILED, Verdict.ERROR, Verdict.CRASHED):
            self.failures += 1
            if len(self.nameless) < SHOWN:
                self.nameless.append((found[:LENGTH], verdict.value))

    def modes(self, modes: str) -> None:
        """Take the modes in force."""
        self.seen[modes] = None
