"""Status files: ours, PyTorch's, and what is neither."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunk_failures import status_files, statuses
from trunk_failures.errors import SourceError
from trunk_failures.statuses import Disabled, Status

NOW = datetime.datetime(2026, 5, 1, 12, tzinfo=datetime.timezone.utc)
texts = st.text(max_size=20)
tests = st.builds(
    Disabled,
    st.text(min_size=1, max_size=20),
    st.sampled_from(statuses.RULES),
    st.lists(texts, max_size=3).map(tuple),
    *([texts] * 4),
    st.integers(0, 100),
    st.integers(0, 100),
)
found = st.builds(
    Status, st.lists(tests, max_size=5).map(tuple), st.just(NOW), st.just("here"),
    st.lists(texts, max_size=3).map(tuple), texts,
)


def parse(value: object) -> Status:
    """Return the status that a value is, as JSON."""
    return status_files.parse(json.dumps(value).encode(), "x.json", NOW)


@given(found)
def test_a_status_is_read_as_it_was_written(status: Status) -> None:
    """What is written is read again, its tests in order."""
    read = status_files.parse(status_files.render(status).encode(), "x", NOW)
    assert read == status._replace(tests=tuple(sorted(status.tests)))


def test_tests_of_the_same_fields() -> None:
    """Many tests that have the same fields are each read with its own values."""
    rows = [{"name": f"T.test_{n}", "reason": str(n), "failed": n} for n in range(4)]
    rows.insert(2, {"failed": 1, "name": "T.test_x", "reason": "x"})
    wanted = [Disabled(str(row["name"]), reason=str(row["reason"])) for row in rows]
    read = parse({**OWN, "tests": rows}).tests
    assert [test._replace(failed=0) for test in read] == wanted
    assert [test.failed for test in read] == [row["failed"] for row in rows]


def test_a_file_has_a_test_a_line(tmp_path: Path) -> None:
    """A test is a line, so that a change of one is a difference of one."""
    path = tmp_path / "status.json"
    one, two = Disabled("TestB.test_x", issue="https://x/1"), Disabled("TestA.test_x")
    status_files.write(str(path), Status((one, two), NOW, "here"))
    lines = path.read_text().splitlines()
    assert lines[1:3] == [
        '  {"name": "TestA.test_x"},',
        '  {"name": "TestB.test_x", "issue": "https://x/1"}',
    ]
    assert status_files.read(str(path)).tests == (two, one)
    status_files.write(str(path), Status((), NOW, "here"))
    assert status_files.read(str(path)) == Status((), NOW, "here")


def test_pytorchs_document() -> None:
    """PyTorch's condensed document is a status, in both of the forms that it has had."""
    status = parse(
        {
            "test_x (__main__.TestA)": ["12", "https://x/12", ["linux", " rocm "]],
            "test_y (__main__.TestA)": ["https://x/13", []],
        }
    )
    assert status == Status(
        (
            Disabled(
                "test_x (__main__.TestA)", statuses.PYTORCH, ("linux", "rocm"), "https://x/12",
                source="x.json",
            ),
            Disabled("test_y (__main__.TestA)", statuses.PYTORCH, (), "https://x/13",
                     source="x.json"),
        ),
        NOW,
        "x.json",
    )


def test_an_odd_value_among_pytorchs_is_told() -> None:
    """A value of another shape is told of and passed over, if others can be read."""
    status = parse({"test_x (m.A)": ["1", "https://x/1", []], "test_y (m.A)": "disabled"})
    assert [test.name for test in status.tests] == ["test_x (m.A)"]
    (note,) = status.notes
    assert note.startswith("'test_y (m.A)' has 'disabled', where an issue and platforms")


def test_an_empty_object_says_that_nothing_is_disabled() -> None:
    """An object without a test is validly empty."""
    assert parse({}).tests == ()


OWN = {"trunk_failures_status": 1, "fetched": "2026-05-01T12:00:00Z", "tests": []}


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ([], r"found \[\], where an object was expected"),
        ("x", "found 'x', where an object"),
        (None, "found None, where an object"),
        ({"test_x (m.A)": "1"}, "where tests, each with its issue and platforms"),
        ({"test_x (m.A)": ["1", 2, []]}, "where tests, each"),
        ({"test_x (m.A)": ["1", "https://x/1", "linux"]}, "where tests, each"),
        ({"test_x (m.A)": ["1", "https://x/1", [1]]}, "where tests, each"),
        ({"test_x (m.A)": []}, "where tests, each"),
        ({**OWN, "trunk_failures_status": 2}, "a status of version 2; this package reads"),
        ({**OWN, "fetched": "yesterday"}, "found 'yesterday', where the time at which"),
        ({**OWN, "fetched": None}, "where a status with its time"),
        ({**OWN, "tests": {}}, "where a status with its time"),
        ({**OWN, "notes": [1]}, "where a status with its time"),
        ({**OWN, "tests": ["x"]}, "found 'x', where a test with its name"),
        ({**OWN, "tests": [{"name": ""}]}, "where a test with its name"),
        ({**OWN, "tests": [{"name": "x"}, {"name": ""}]}, "found {'name': ''}, where a test with"),
        (
            {**OWN, "tests": [{"name": "x", "failed": 1}, {"name": "y", "failed": "1"}]},
            "found {'name': 'y', 'failed': '1'}, where a test with",
        ),
        ({**OWN, "tests": [{"name": "x", "rule": "any"}]}, "where a test with its name"),
        ({**OWN, "tests": [{"name": "x", "failed": "1"}]}, "where a test with its name"),
        ({**OWN, "tests": [{"name": "x", "platforms": [1]}]}, "where a test with its name"),
    ],
)
def test_what_is_no_status(value: object, message: str) -> None:
    """A document of any other shape is refused, and never an empty status."""
    with pytest.raises(SourceError, match=f"x.json is .*{message}"):
        parse(value)


@pytest.mark.parametrize(
    "content",
    [b"", b"<html>sign in</html>", b'{"test_x (m.A)": ["1", "https', b"\xff\xfe\xff", b"nan"],
)
def test_bytes_that_are_no_document(content: bytes) -> None:
    """Pages, halves of documents and nothing at all are refused, with how they begin."""
    with pytest.raises(SourceError, match="x is no status: it begins with b'") as raised:
        status_files.parse(content, "x", NOW)
    assert repr(content[:20])[2:-1] in str(raised.value)


def test_later_versions_fields_are_passed_over() -> None:
    """A field that is not known does not keep a test from being read."""
    status = parse({**OWN, "tests": [{"name": "TestA.test_x", "mood": "bad"}], "more": 1})
    assert status.tests == (Disabled("TestA.test_x"),)
    assert status.origin == "x.json"


def test_files_that_cannot_be_read_or_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the system refuses is told with the file, which is as it was."""
    for path in (tmp_path / "none.json", tmp_path, Path("nul\0")):
        with pytest.raises(SourceError, match="cannot be read: .*; fetch it first"):
            status_files.read(str(path))
    with pytest.raises(SourceError, match="cannot be written to .*; the file is as it was"):
        status_files.write(str(tmp_path / "none" / "x.json"), Status((), NOW, "x"))
    monkeypatch.setattr(status_files, "LIMIT", 5)
    large = tmp_path / "large.json"
    large.write_text("{}    ")
    with pytest.raises(SourceError, match="has more than the 5 bytes that are read"):
        status_files.read(str(large))
