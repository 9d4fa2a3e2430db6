"""Spools: what goes in comes out, each test's records together, in little memory."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from trunk_failures.results import spool
from trunk_failures.results.spool import Record, Spool, Spools

NAMES = st.sampled_from(["a", "b", "test_ä", "p[x.y]", "t\nu", "\ud800", "x" * 300, ""])
RECORDS = st.lists(
    st.builds(
        Record,
        configuration=st.integers(0, 2),
        source=st.integers(0, 5),
        place=st.sampled_from(["", "m", "d/n", "../../etc/x"]),
        scope=st.sampled_from(["TestA", "TestB", "test_m", "\ud800", "ü"]),
        names=st.lists(NAMES, min_size=1, max_size=5),
        verdict=st.sampled_from(["passed", "failed", "skipped"]),
        error=st.text(max_size=5),
        text=st.text(max_size=20),
        decides=st.booleans(),
    ),
    max_size=25,
)


@contextmanager
def sizes(buffer: int, large: int) -> Iterator[str]:
    """Have spools of so many bytes, and give a directory for them."""
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as directory:
        patch.setattr(spool, "BUFFER", buffer)
        patch.setattr(spool, "LARGE", large)
        yield directory


def alone(records: Sequence[Record]) -> list[str]:
    """Return records of one name each, in an order of their own."""
    return sorted(
        repr(record._replace(names=[name])) for record in records for name in record.names
    )


def spooled(files: Sequence[Sequence[Record]], directory: str) -> Spools:
    """Return the spools of files with these records."""
    spools = Spools(directory)
    for records in files:
        each = Spool(directory)
        for record in records:
            each.add(record)
        spools.take(each.done())
    return spools


@settings(max_examples=40)
@given(
    st.lists(RECORDS, max_size=4),
    st.sampled_from([0, 300, 1 << 20]),
    st.sampled_from([1, 500, 1 << 20]),
    st.booleans(),
)
@example([[Record(0, 0, "m", "TestA", list("abcdefgh"))] * 9], 300, 100, True)
def test_records_come_out_as_they_went_in(
    files: list[list[Record]], buffer: int, large: int, on_disk: bool
) -> None:
    """All records come out once, each test's in one partition, however little memory there is."""
    with sizes(buffer, large) as directory:
        partitions = list(spooled(files, directory if on_disk else "").partitions())
        if not on_disk:
            assert os.listdir(directory) == []
    found = [record for records in partitions for record in records]
    assert alone(found) == alone([record for records in files for record in records])
    where: dict[tuple[str, str], set[int]] = {}
    for number, records in enumerate(partitions):
        for record in records:
            for name in record.names:
                where.setdefault((record.scope, name), set()).add(number)
    assert all(len(numbers) == 1 for numbers in where.values())


def many(count: int) -> list[Record]:
    """Return records of one scope, of a hundred tests each."""
    return [
        Record(0, number, "m", "TestA", [f"test_{number}_{name}" for name in range(100)])
        for number in range(count)
    ]


def test_a_large_partition_is_taken_apart() -> None:
    """What one partition holds beyond the bound comes in pieces, and leaves no file behind."""
    with sizes(1000, 10_000) as directory:
        spools = spooled([many(20), many(20)], directory)
        before = os.listdir(directory)
        partitions = list(spools.partitions())
        assert len(partitions) > 5
        assert max(map(len, map(alone, partitions))) < 2000
        assert sorted(os.listdir(directory)) == sorted(before)
    assert alone([record for each in partitions for record in each]) == alone(many(20) * 2)


def test_pieces_are_gone_once_they_were_read() -> None:
    """At no time is there more than one more copy of a partition on disk."""
    with sizes(1000, 10_000) as directory:
        spools = spooled([many(20)], directory)
        for _ in spools.partitions():
            pass
        left = [os.path.join(directory, name) for name in os.listdir(directory)]
        assert sum(map(os.path.getsize, left)) < 2 * len(str(many(20)))
        assert len(left) <= 2


def test_little_stays_in_memory(tmp_path: Path) -> None:
    """What fits into the buffer is never written."""
    each = Spool(str(tmp_path))
    each.add(Record(0, 0, "m", "TestA", ["a"]))
    written = each.done()
    assert (written.path, written.places, len(written.parts)) == ("", {}, 1)
    assert os.listdir(tmp_path) == []


def test_much_is_written() -> None:
    """What does not fit into the buffer is in one file, and nothing is left in memory."""
    with sizes(0, 1 << 20) as directory:
        each = Spool(directory)
        for record in many(3):
            each.add(record)
        written = each.done()
        assert (written.parts, [written.path]) == (
            {}, [os.path.join(directory, name) for name in os.listdir(directory)]
        )


@pytest.mark.parametrize("buffer", [0, 1 << 20])
def test_a_spool_that_is_forgotten(buffer: int) -> None:
    """Of what was dropped nothing is left, on disk or in memory."""
    with sizes(buffer, 1 << 20) as directory:
        each = Spool(directory)
        each.add(Record(0, 0, "m", "TestA", ["a"]))
        each.forget()
        assert os.listdir(directory) == []
    assert buffer == 0 or each.done().parts == {}


def test_no_records() -> None:
    """Where nothing was added there is no partition."""
    assert list(Spools("").partitions()) == []
