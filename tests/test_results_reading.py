"""Reading one file, whatever it is: what it comes to, and faults for which nothing of it counts."""

from __future__ import annotations

import errno
import gzip
import json
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from results_kept import Kept, read_file, records, told
from trunk_failures.results import cases, files, reading, spool
from trunk_failures.results.cases import Batches
from trunk_failures.results.files import ResultFile
from trunk_failures.results.reading import Task
from trunk_failures.results.spool import Record
from trunk_failures.verdicts import Verdict

XML = """<?xml version="1.0" encoding="UTF-8"?>
<!-- A comment. -->
<testsuites name="all"><testsuite name="s">
<testcase classname="m.TestA" name="test_ä"/>
<testcase classname="m.TestA" name="test_f"><failure message="x &lt; y"><![CDATA[<z>]]></failure>
</testcase><system-out>o</system-out></testsuite></testsuites>"""
LINES = [
    {"id": "TestA.test_ä", "file": "m.py", "verdict": "passed", "error": None, "mode": "trunk"},
    {"id": "TestA.test_f", "file": "m.py", "verdict": "failed", "error": "x < y", "mode": ""},
]
JSON = "".join(json.dumps(line) + "\n" for line in LINES)
REPORTS = "".join(
    json.dumps({"$report_type": "TestReport", "nodeid": f"m.py::TestA::{name}", "when": when,
                "outcome": outcome, "longrepr": "x < y"}) + "\n"
    for name, outcome in (("test_ä", "passed"), ("test_f", "failed"))
    for when, outcome in (("setup", "passed"), ("call", outcome), ("teardown", "passed"))
)
TOLD = [("TestA.test_f", "failed"), ("TestA.test_ä", "passed")]
FILES = {
    "junit": XML.encode(),
    "junit in utf-8 with a mark": XML.encode("utf-8-sig"),
    "junit in utf-16": XML.replace("UTF-8", "UTF-16").encode("utf-16"),
    "junit in utf-16 without a mark": XML.partition("?>\n")[2].encode("utf-16-le"),
    "junit in latin-1": XML.replace("UTF-8", "ISO-8859-1").encode("latin-1"),
    "junit in gzip": gzip.compress(XML.encode(), mtime=0),
    "lines": JSON.encode(),
    "lines after blanks": b" " * 5000 + JSON.encode(),
    "lines with blanks between": JSON.replace("\n", "\n" + " " * 9 + "\n\r\n").encode(),
    "lines in gzip": gzip.compress(JSON.encode(), mtime=0),
    "lines with a mark": JSON.encode("utf-8-sig"),
    "reports": REPORTS.encode(),
}


@pytest.mark.parametrize("kind", FILES)
def test_files_of_each_kind(tmp_path: Path, kind: str) -> None:
    """What a file is is seen from its bytes, whatever it is called."""
    read = read_file(tmp_path / "file", FILES[kind])
    assert (read.fault, told(read), read.unnamed, read.unnamed_failures) == ("", TOLD, (), 0)
    assert {record.place for record in records(read.written)} == {"m"}
    assert read.modes == (("trunk", "") if "lines" in kind else ())


WHOLE = ["junit", "junit in utf-16", "junit in gzip", "lines in gzip"]


@pytest.mark.parametrize("kind", WHOLE)
def test_a_file_that_is_cut_off_anywhere(tmp_path: Path, kind: str) -> None:
    """Of a file that ends at any byte before its last one nothing counts."""
    for length in range(len(FILES[kind])):
        read = read_file(tmp_path / "file", FILES[kind][:length], str(tmp_path))
        assert read.fault and told(read) == []
    assert os.listdir(tmp_path) == ["file"]


def test_lines_that_are_cut_off_anywhere(tmp_path: Path) -> None:
    """Of lines that end in the middle of one nothing counts; whole ones may stand alone."""
    data = FILES["lines with blanks between"]
    for length in range(1, len(data)):
        complete, _, rest = data[:length].rpartition(b"\n")
        read = read_file(tmp_path / "file", data[:length])
        if rest.strip() and not rest.endswith(b"}"):
            assert "ends too early" in read.fault and told(read) == []
        else:
            whole = data[:length].count(b"}")
            assert (read.fault, len(told(read))) == ("", whole)


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"", "it is empty: the run ended before it wrote its results"),
        (b" " * 9000, "it is empty: the run ended before it wrote its results"),
        (b"7 tests passed\n", "it is no result file: it begins with b'7 tests passed\\n'; "),
        (b"[]", "it is no result file: it begins with b'[]'"),
        (b"\x89PNG", "it is no result file"),
        (b"\x1f\x8bnonsense", "is broken"),
        (gzip.compress(XML.encode())[:-8] + b"12345678", "is broken"),
        (b"<html/>", "it is XML, but no JUnit report"),
        (b'{"x": 1}\n', "line 1 is no result"),
        (b"{\n", "line 1 is no JSON"),
        (b'{"$report_type": "TestReport"}\n', "line 1 is no report"),
        (b'<?xml version="1.0" encoding="nonsense"?><testsuite/>', "its encoding cannot be read"),
    ],
)
def test_faults(tmp_path: Path, data: bytes, fault: str) -> None:
    """What is wrong with a file is told, and nothing of it counts."""
    read = read_file(tmp_path / "file", data)
    assert fault in read.fault and told(read) == []


def test_a_file_of_blank_lines(tmp_path: Path) -> None:
    """A file in which no test is told of is no fault when it is whole."""
    read = read_file(tmp_path / "file", b"<testsuites/>")
    assert (read.fault, told(read)) == ("", [])


def test_lines_that_vanish_between(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Lines of which there are none say nothing."""
    monkeypatch.setattr(files, "sniff", lambda head: "json lines")
    assert read_file(tmp_path / "file", b"\n\n").fault == ""


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """A file that went away is a fault like any other."""
    read = reading.read(Task(ResultFile(str(tmp_path / "gone")), 0, 0))
    assert "cannot be read: No such file" in read.fault


@pytest.mark.parametrize(
    ("error", "fault"),
    [(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), "No space left"), (OSError("odd"), "odd")],
)
def test_a_disk_that_is_full(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, error: OSError, fault: str
) -> None:
    """Records that cannot be written are a fault of the file that they are of."""

    def full(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(spool, "BUFFER", 0)
    monkeypatch.setattr(tempfile, "NamedTemporaryFile", full)
    read = read_file(tmp_path / "file", XML.encode(), str(tmp_path))
    assert fault in read.fault and told(read) == []


@pytest.mark.parametrize("end", ["", "{"])
def test_spools_are_written_where_they_may_be(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, end: str
) -> None:
    """Records go to the directory that is there, and go from it when the file is at fault."""
    monkeypatch.setattr(spool, "BUFFER", 0)
    directory = tmp_path / "spools"
    directory.mkdir()
    data = "".join(json.dumps(line) + "\n" for line in reversed(LINES)) + end
    read = read_file(tmp_path / "file", data.encode(), str(directory))
    assert told(read) == ([] if end else TOLD)
    assert len(os.listdir(directory)) == (not end)


def test_spools_of_another_host(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where the directory is not there, records stay in memory."""
    monkeypatch.setattr(spool, "BUFFER", 0)
    read = read_file(tmp_path / "file", XML.encode(), str(tmp_path / "elsewhere"))
    assert (read.written.path, told(read)) == ("", TOLD)


def test_records_say_whose_they_are(tmp_path: Path) -> None:
    """Each record has the numbers of its configuration and of its file, and all of its case."""
    (tmp_path / "file").write_text(XML.replace('"all"', '"pytest tests"'), encoding="utf-8")
    read = reading.read(Task(ResultFile(str(tmp_path / "file")), 3, 5))
    assert sorted(records(read.written)) == [
        Record(3, 5, "m", "TestA", ["test_f"], "failed", "x < y", "<z>", True),
        Record(3, 5, "m", "TestA", ["test_ä"]),
    ]


def test_what_has_no_test_id(tmp_path: Path) -> None:
    """Failures without a test id are counted, the first are named, and the rest is passed over."""
    words = [*["failed"] * 15, "passed", "skipped", "expected failure", *["error", "crashed"] * 5]
    rows = [
        {"id": f"x{n}", "file": None, "verdict": word, "error": None}
        for n, word in enumerate(words)
    ]
    read = read_file(tmp_path / "file", "".join(json.dumps(row) + "\n" for row in rows).encode())
    bad = [
        (f"x{n}", word) for n, word in enumerate(words) if word in ("failed", "error", "crashed")
    ]
    assert (read.unnamed, read.unnamed_failures) == (tuple(bad[: reading.SHOWN]), 25)


def test_a_long_name_of_what_has_no_test_id(tmp_path: Path) -> None:
    """Of what cannot be named so much is kept as people read."""
    row = {"id": "x" * 100_000, "file": None, "verdict": "failed", "error": None}
    [(found, _)] = read_file(tmp_path / "file", json.dumps(row).encode()).unnamed
    assert found == "x" * reading.LENGTH


KEYS = st.tuples(st.sampled_from(["A.a", "A.b[x.y]", "B.c"]), st.sampled_from(["", "m", "n"]))


@given(st.lists(KEYS), st.integers(1, 3))
def test_batches_keep_all_passes(added: Sequence[tuple[str, str]], most: int) -> None:
    """All passes come out in their order, together only where scope and place are the same."""
    sink = Kept()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cases, "BATCH", most)
        batches = Batches(sink)
        for key, place in added:
            batches.add(key, place)
        batches.flush()
        batches.flush()
    assert [(case.key, case.place) for case in sink.cases] == list(added)
    assert all(0 < size <= most for size in sink.batches)
    assert {case.verdict for case in sink.cases} <= {Verdict.PASSED}


def test_batches_are_as_large_as_can_be() -> None:
    """Neighbours of one scope and one place are handed on together."""
    sink = Kept()
    batches = Batches(sink)
    for key in ("A.a", "A.b", "B.a", "A.c"):
        batches.add(key, "")
    batches.flush()
    assert sink.batches == [2, 1, 1]


@pytest.mark.parametrize(
    ("kind", "message", "line"),
    [
        ("OSError", "no\nway", "OSError: no"),
        ("a.b.Odd", "  x  ", "Odd: x"),
        ("Odd", "", "Odd"),
        ("", "x\n", "x"),
        ("", "", ""),
        ("Odd", " \n", "Odd"),
    ],
)
def test_first_lines(kind: str, message: str, line: str) -> None:
    """An error is its type's own name and its message's first line, as far as there are."""
    assert cases.first_line(kind, message) == line
