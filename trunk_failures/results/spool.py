"""Spools: records of tests on disk, apart by test, so that they never are in memory at once.

All records of one test are in one partition. Partitions are read one by one.
"""

from __future__ import annotations

import json
import os
import tempfile
import zlib
from collections.abc import Iterator, Sequence
from typing import IO, Any, NamedTuple

PARTITIONS = 256
BUFFER = 1 << 22
"""Bytes that are kept in memory before they are written."""

LARGE = 1 << 23
"""Bytes from which on a partition is taken apart once more."""

PASSED = "passed"


_encode = json.JSONEncoder(check_circular=False).encode


class Record(NamedTuple):
    """Tests of one scope with one verdict, in one file of one configuration.

    `source` and `configuration` are numbers; `names` are the tests' within the scope.
    """

    configuration: int
    source: int
    place: str
    scope: str
    names: Sequence[str]
    verdict: str = PASSED
    error: str = ""
    text: str = ""
    decides: bool = False


class Written(NamedTuple):
    """What a spool holds: `parts` in memory, and where in a file the rest of each part is."""

    parts: dict[int, bytes]
    path: str = ""
    places: dict[int, list[tuple[int, int]]] = {}


class Spool:
    """Records on their way to the disk; what fits into the buffer never goes there.

    Without a directory, as on another host, all stays in memory.
    """

    def __init__(self, directory: str) -> None:
        self._directory = directory
        self._parts: dict[int, list[bytes]] = {}
        self._size = 0
        self._file: IO[bytes] | None = None
        self._places: dict[int, list[tuple[int, int]]] = {}

    def add(self, record: Record) -> None:
        """Add a record."""
        data = _encode(record).encode() + b"\n"
        self.put(zlib.crc32(record.scope.encode("utf-8", "surrogatepass")) % PARTITIONS, data)

    def put(self, part: int, data: bytes) -> None:
        """Add records that have been encoded to a part."""
        self._parts.setdefault(part, []).append(data)
        self._size += len(data)
        if self._size > BUFFER and self._directory:
            self._write()

    def done(self) -> Written:
        """Return what was added; nothing can be added after that."""
        if self._file is not None:
            self._write()
            self._file.close()
        parts = {part: b"".join(data) for part, data in self._parts.items()}
        return Written(parts, self._file.name if self._file is not None else "", self._places)

    def forget(self) -> None:
        """Drop what was added."""
        if self._file is not None:
            self._file.close()
            os.unlink(self._file.name)
        self._parts.clear()

    def _write(self) -> None:
        if self._file is None:
            self._file = tempfile.NamedTemporaryFile(dir=self._directory, delete=False)
        for part, data in self._parts.items():
            joined = b"".join(data)
            self._places.setdefault(part, []).append((self._file.tell(), len(joined)))
            self._file.write(joined)
        self._parts.clear()
        self._size = 0


class Spools:
    """The spools of many files, read together."""

    def __init__(self, directory: str) -> None:
        self._directory = directory
        self._own = Spool(directory)
        self._there: list[Written] = []

    def take(self, written: Written) -> None:
        """Take what one file came to."""
        for part, data in written.parts.items():
            self._own.put(part, data)
        if written.path:
            self._there.append(written._replace(parts={}))

    def partitions(self) -> Iterator[list[Record]]:
        """Yield the records of one partition after the other; may be called once."""
        there = [*self._there, self._own.done()]
        for part in sorted({part for each in there for part in (*each.parts, *each.places)}):
            size = sum(_size(each, part) for each in there)
            for smaller in _split(there, part, self._directory) if size > LARGE else [there]:
                yield [
                    Record(*json.loads(line))
                    for written in smaller
                    for data in _read(written, part)
                    for line in data.splitlines()
                ]


def _size(written: Written, part: int) -> int:
    places = written.places.get(part, ())
    return len(written.parts.get(part, b"")) + sum(length for _, length in places)


def _read(written: Written, part: int) -> Iterator[bytes]:
    """Yield the data of a part, piece by piece."""
    if written.parts.get(part):
        yield written.parts[part]
    if part in written.places:
        with open(written.path, "rb") as file:
            for offset, length in written.places[part]:
                file.seek(offset)
                yield file.read(length)


def _split(there: Sequence[Written], part: int, directory: str) -> Iterator[list[Written]]:
    """Yield a large part's records in smaller groups, still all of a test's in one."""
    size = sum(_size(each, part) for each in there)
    count = size // LARGE + 2
    spools = [Spool(directory) for _ in range(count)]
    for written in there:
        for data in _read(written, part):
            for line in data.splitlines():
                _scatter(Record(*json.loads(line)), part, spools)
    for spool in spools:
        done = spool.done()
        yield [done]
        if done.path:
            os.unlink(done.path)


def _scatter(record: Record, part: int, spools: Sequence[Spool]) -> None:
    groups: dict[int, list[str]] = {}
    for name in record.names:
        number = zlib.crc32(name.encode("utf-8", "surrogatepass")) % len(spools)
        groups.setdefault(number, []).append(name)
    for number, names in groups.items():
        fields: Any = record._replace(names=names)
        spools[number].put(part, _encode(fields).encode() + b"\n")
