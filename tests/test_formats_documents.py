"""Documents: lines and the comments beside them, whatever the bytes are."""

from __future__ import annotations

import pytest
from formats_fixtures import URL
from hypothesis import given
from hypothesis import strategies as st

from trunk_failures.errors import UsageError
from trunk_failures.formats import documents, imported
from trunk_failures.formats.documents import Line
from trunk_failures.formats.imported import Dropped, Listed

TEXT = "# for both\n# of them\na\n b \r\n\n# of none\n\nc\nd\n## of e\ne\n# of f\n#\nf"
LINES = [
    Line(3, "a", "for both of them"),
    Line(4, "b", "for both of them"),
    Line(8, "c", ""),
    Line(9, "d", ""),
    Line(11, "e", "of e"),
    Line(14, "f", "of f"),
]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_comments_are_of_the_lines_below_them(encoding: str) -> None:
    """A block of comments is of all lines up to a blank one or to the next block."""
    assert [*documents.lines(TEXT.encode(encoding), "a list")] == LINES


def test_a_line_that_is_too_long_is_dropped() -> None:
    """A line of more characters than any id has is told, and not read."""
    found = [*documents.lines(b"a\n" + b"x" * (documents.LONGEST + 1) + b"\nb", "a list")]
    assert found[1] == Dropped(2, "a line of 10,001 characters is no test's")
    assert len(found) == 3


def test_bytes_that_are_no_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is no text, or too much of it, is an error that names the list."""
    with pytest.raises(UsageError, match=r"a list is not UTF-8 \(byte 1\)"):
        documents.text(b"a\xff", "a list")
    monkeypatch.setattr(documents, "LIMIT", 3)
    with pytest.raises(UsageError, match="a list has more than the 3 bytes"):
        documents.text(b"abcd", "a list")


@given(st.binary(max_size=200))
def test_any_bytes_are_lines_or_an_error(content: bytes) -> None:
    """Whatever the bytes are, each line that is read is one of theirs."""
    try:
        found = [*documents.lines(content, "a list")]
    except UsageError:
        return
    assert all(each.text.strip() for each in found if isinstance(each, Line))


@pytest.mark.parametrize(
    ("comment", "fields"),
    [
        ("", {}),
        ("it is slow", {"reason": "it is slow"}),
        (f"{URL}1", {"issue": f"{URL}1"}),
        (f"({URL}1), {URL}2.", {"issue": f"{URL}1, {URL}2"}),
        (f"see {URL}1, {URL}1", {"reason": f"see {URL}1, {URL}1", "issue": f"{URL}1"}),
    ],
)
def test_what_a_comment_says(comment: str, fields: dict[str, str]) -> None:
    """URLs are the issue, and the text the reason, where there is more than URLs."""
    assert dict(documents.said(comment)) == fields


@pytest.mark.parametrize(
    ("name", "key", "place"),
    [
        ("TestA.test_x", "TestA.test_x", None),
        ("a.test_b.TestA.test_x", "TestA.test_x", None),
        ("test_x (a.TestA)", "TestA.test_x", None),
        ("a/test_b.py::test_x[a/b]", "test_b.test_x[a/b]", None),
        ("docs/usage.rst::usage.rst", "usage.rst[usage.rst]", None),
        ("nn/test_b/TestA.test_x", "TestA.test_x", "nn/test_b"),
        ("nn/test_b/TestA.setUpClass", "TestA.setUpClass", "nn/test_b"),
        ("a/test_b.py", "_FailedTest.test_b", None),
    ],
)
def test_ids_of_all_dialects_name_tests(name: str, key: str, place: str | None) -> None:
    """An id tells the key, and where it is a key for one file that file."""
    found = imported.named(name, 7, "skips", (("reason", "x"),))
    assert isinstance(found, Listed) and found.test is not None
    assert (found.test.key, found.place, found.line) == (key, place, 7)


@pytest.mark.parametrize("name", ["fast/html/article.html", "gcc.dg/unroll_1.c", "test_x", "a b"])
def test_names_of_other_things_are_none(name: str) -> None:
    """Paths of other suites' tests, and words, are told with their line."""
    found = imported.named(name, 7)
    assert isinstance(found, Dropped) and found.line == 7 and repr(name) in found.what
