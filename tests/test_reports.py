"""Reports: what is shown is what there is, and nothing that tests say gets out of its place."""

from __future__ import annotations

import json
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from trunk_failures import atomic_files, file_names, issue_files, summaries
from trunk_failures.changes import Address, Change
from trunk_failures.errors import UsageError
from trunk_failures.proposals import Kind, Proposal
from trunk_failures.reports import (
    issue_texts,
    markdown,
    rows,
    update_json,
    update_markdown,
    update_text,
)
from trunk_failures.summaries import Cause, Summary

XFAIL, SKIP = (
    Address("trunk", kind, "TestA.test_b[a/b]") for kind in ("expected_failures", "skips")
)
ADDED = Proposal(
    Kind.ADDED,
    XFAIL.key,
    "it fails",
    Change(None, XFAIL, (("reason", "ValueError: no"), ("when", "mode == 'x'"))),
    ("", "py311"),
    "ValueError: no",
    "Traceback:\n  it failed\nValueError: no\n",
)
MOVED = Proposal(Kind.MOVED, XFAIL.key, "it passes and fails", Change(XFAIL, SKIP))
REMOVED = Proposal(Kind.REMOVED, XFAIL.key, "it passes", Change(XFAIL, None), ("",))
EDITED = Proposal(
    Kind.NARROWED, "T.t", "it passes", Change(XFAIL, XFAIL, (("when", ""),)), ("a", "b")
)
CRASHED = Proposal(Kind.CRASHED, "TestC.test_\n", "it crashed", None, ("py312",), "", "")
ALL = [ADDED, MOVED, REMOVED, EDITED, CRASHED]


def summary(found: list[Proposal], mode: str = "trunk", *told: str) -> Summary:
    """Return the summary of proposals."""
    kinds, causes = summaries.by_kind(found), summaries.causes(found)
    return Summary(mode, "tests", "written", 12, kinds, causes, 2, told, told)


TEXT = """\
1 added, 1 removed, 1 moved to skips, 1 narrowed, 1 crashed (mode trunk in tests; 12 tests in 2 \
files; written)

added:
  trunk_expected_failures/TestA.test_b[a%2Fb] [py311]
      it fails: ValueError: no; when: mode == 'x'

removed:
  trunk_expected_failures/TestA.test_b[a%2Fb]
      it passes

moved to skips:
  trunk_expected_failures/TestA.test_b[a%2Fb] -> trunk_skips/TestA.test_b[a%2Fb]
      it passes and fails

narrowed:
  trunk_expected_failures/TestA.test_b[a%2Fb] [a, b]
      it passes

crashed:
  TestC.test_\\x0a [py312]
      it crashed

causes of new failures:
  1 test: ValueError: no
  1 test: no message
passed over: a.xml: no result file
no test id: a.xml: no result file
"""
MARKDOWN = """\
**1 added, 1 crashed** in the lists of mode `trunk` (written).

### Added

| test | where | why |
|---|---|---|
| `trunk_expected_failures/TestA.test_b[a%2Fb]` | `[py311]` | `it fails: ValueError: no; when: \
mode == 'x'` |

### Crashed

| test | where | why |
|---|---|---|
| `TestC.test_\\x0a` | `[py312]` | `it crashed` |

### Causes of new failures

| tests | cause |
|---|---|
| 1 | `ValueError: no` |
| 1 | `no message` |

### Passed over

* `a|b.xml`

### No test id

* `a|b.xml`
"""
ISSUE = """\
# 1 test failing: ValueError: no

1 test failed in py311 (lists of mode trunk):

```
TestA.test_b[a/b]
```

One of the failures:

```
Traceback:
  it failed
ValueError: no
```
"""
# Texts that would get out of their place.
BAD = (
    "a\nb", "a\r\nb", "\x1b[31m", "a\u2028b\x85c", "\u202egnp", "``", "```", "````\n```", "|",
    "\\|",
    "\\\\|", "`|`", "a\\", "<!--", "</details>", "~~~", "# x", "\udc80", "\0", " ", "`",
    "| a | b |",
)  # fmt: skip
TEXTS = st.lists(
    st.sampled_from(BAD) | st.text(st.characters(), max_size=5), min_size=1, max_size=6
).map("".join)
FILES = TEXTS.map(lambda text: text.replace("\0", "")).filter(bool)


def test_text() -> None:
    """The text shows each proposal, with where it was seen and why, the causes and the rest."""
    assert update_text.render(summary(ALL, "trunk", "a.xml: no result file")) == TEXT


def test_markdown() -> None:
    """The Markdown is a table for each kind, and one of the causes."""
    assert update_markdown.render(summary([ADDED, CRASHED], "trunk", "a|b.xml")) == MARKDOWN


def test_nothing_to_change() -> None:
    """A summary of nothing is one line, and says so."""
    nothing = summary([])
    assert update_text.render(nothing).startswith("nothing to change (mode trunk in tests; 12")
    assert update_text.render(nothing).count("\n") == 1
    assert update_markdown.render(nothing) == (
        "**nothing to change** in the lists of mode `trunk` (written).\n"
    )


def test_many_rows() -> None:
    """A table is held to what a pull request's text can hold, and says what it leaves out."""
    many = [ADDED._replace(key=f"T.t{n}", cause=f"cause {n}") for n in range(203)]
    shown = update_markdown.render(summary(many, "trunk", *map(str, range(300))))
    assert "| and 3 more | | |\n" in shown
    assert shown.count("\n") < 4 * markdown.MOST + 40
    assert "and 0 more" not in update_markdown.render(summary(many[:200]))


def test_json() -> None:
    """The JSON has all that was decided, under names that do not depend on it."""
    document = json.loads(update_json.render(summary(ALL, "trunk", "a.xml: no")))
    empty = json.loads(update_json.render(summary([])))
    assert document.keys() == empty.keys()
    assert document["tests"] == 12 and document["files"] == 2
    assert document["passed_over"] == document["no_test_id"] == ["a.xml: no"]
    assert document["added"] == [
        {
            "test": "TestA.test_b[a/b]",
            "why": "it fails",
            "configurations": ["", "py311"],
            "cause": "ValueError: no",
            "from": None,
            "to": "trunk_expected_failures/TestA.test_b[a%2Fb]",
            "fields": {"reason": "ValueError: no", "when": "mode == 'x'"},
        }
    ]
    (moved,) = document["moved_to_skips"]
    assert (moved["from"], moved["to"]) == (
        "trunk_expected_failures/TestA.test_b[a%2Fb]",
        "trunk_skips/TestA.test_b[a%2Fb]",
    )
    (crashed,) = document["crashed"]
    assert (crashed["from"], crashed["to"], crashed["fields"]) == (None, None, {})
    assert document["kept_back"] == document["stale"] == []
    assert document["causes"][0] == {
        "cause": "ValueError: no",
        "tests": ["TestA.test_b[a/b]"],
        "configurations": ["", "py311"],
    }


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("é €", "é €"),
        ("a\tb\n\x7f\x85", "a\\x09b\\x0a\\x7f\\x85"),
        ("\u2028\u202e\u2066", "\\u2028\\u202e\\u2066"),
        ("\udc80", "\\udc80"),
        ("", ""),
    ],
)
def test_visible(text: str, shown: str) -> None:
    """What no line can show is written as an escape."""
    assert rows.visible(text) == shown


def test_path() -> None:
    """An entry's path has the list, the file that it holds for, and the file's name."""
    assert rows.path(XFAIL._replace(test_file="a/test_b")) == (
        f"trunk_expected_failures/a/test_b/{file_names.encode(XFAIL.key)}"
    )
    assert rows.subject(ADDED._replace(change=Change(None, None))) == XFAIL.key


def wild(key: str, cause: str, file: str, text: str = "") -> list[Proposal]:
    """Return proposals that hold these texts wherever they can."""
    after = Address("trunk", "skips", key, file)
    fields = (("reason", cause), ("when", cause))
    change = Change(after._replace(kind="expected_failures"), after, fields)
    one = Proposal(Kind.MOVED, key, cause, change, (file, cause), cause, text)
    return [one, one._replace(kind=Kind.ADDED, change=None), one._replace(kind=Kind.CRASHED)]


@given(TEXTS, TEXTS, FILES)
def test_no_text_gets_out_of_its_line(key: str, cause: str, file: str) -> None:
    """Whatever tests are called and say, the text has the lines that it has otherwise."""
    made = summary(wild(key, cause, file), "trunk", key)._replace(test_dir=file)
    plain = summary(wild("T.t", "x", "f"), "trunk", "x")
    shown = update_text.render(made)
    assert shown.splitlines() == shown.split("\n")[:-1]
    assert len(shown.splitlines()) == len(update_text.render(plain).splitlines())
    assert shown.encode().decode() == shown
    assert "\x1b" not in shown


def cells(line: str) -> list[str]:
    """Return the cells of a table's row as GitHub reads them: a backslash takes one character."""
    assert line.startswith("| ") and line.endswith(" |")
    found = re.findall(r"((?:\\.|[^|\\])*)\|", line[1:])
    assert "|".join(found) + "|" == line[1:]
    # Some readers ask no more than whether a backslash stands before the bar.
    assert len(re.split(r"(?<!\\)\|", line)) == len(found) + 2
    return [each.strip() for each in found]


def spans(text: str) -> Iterator[str]:
    """Yield the code spans of a text that is nothing but one, as CommonMark reads them."""
    fence = re.match("`+", text)
    assert fence is not None
    inner = text[fence.end() :]
    ends = [each for each in re.finditer("`+", inner) if len(each[0]) == len(fence[0])]
    assert ends and ends[0].end() == len(inner)
    yield inner[: ends[0].start()]


@given(TEXTS, TEXTS, FILES)
@example("a`", "`|\\|`", "f")
def test_no_text_gets_out_of_its_cell(key: str, cause: str, file: str) -> None:
    """Whatever tests are called and say, it is one code span in one cell of a table."""
    shown = update_markdown.render(summary(wild(key, cause, file), "trunk", key))
    plain = update_markdown.render(summary(wild("T.t", "x", "f"), "trunk", "x"))
    assert shown.splitlines() == shown.split("\n")[:-1]
    assert len(shown.splitlines()) == len(plain.splitlines())
    for line, other in zip(shown.splitlines(), plain.splitlines()):
        if other.startswith("| ") and "`" in other:
            found, expected = cells(line), cells(other)
            assert len(found) == len(expected)
            for cell, plain_cell in zip(found, expected):
                if plain_cell.startswith("`"):
                    assert list(spans(cell))
                else:
                    assert cell == plain_cell
        elif other.startswith("* "):
            assert list(spans(line[2:]))
        else:
            assert line == other


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a", "`a`"),
        ("a|b", "`a\\|b`"),
        ("a\\|b", "`a\\x5c\\|b`"),
        ("`", "`` ` ``"),
        ("a``b", "``` a``b ```"),
        ("", "`  `"),
        (" ", "`   `"),
    ],
)
def test_cells(text: str, code: str) -> None:
    """Code in a cell has a fence longer than any in it, and no bar of its own."""
    assert markdown.cell(text) == code
    assert markdown.code("a|b") == "`a|b`"


@given(TEXTS, TEXTS, FILES)
def test_json_is_json(key: str, cause: str, file: str) -> None:
    """Whatever tests are called and say, the JSON is ASCII and says it."""
    shown = update_json.render(summary(wild(key, cause, file), "trunk", cause))
    assert shown.isascii()
    document = json.loads(shown)
    assert document["moved_to_skips"][0]["test"] == key
    assert document["moved_to_skips"][0]["why"] == cause


def test_an_issue() -> None:
    """An issue has the tests, where they failed, and one failure's text."""
    ((name, text),) = issue_texts.texts(summary([ADDED]))
    assert text == ISSUE
    assert re.fullmatch(r"cause-[0-9a-f]{12}\.md", name)
    ((again, _),) = issue_texts.texts(summary([ADDED._replace(key="T.other")], "dynamo"))
    assert again == name


def test_an_issue_of_many_tests() -> None:
    """An issue is bounded, and says how many tests it leaves out."""
    cause = Cause("x" * 200, [f"T.t{n}" for n in range(105)], ["", ""], "y" * 20_000)
    ((_, text),) = issue_texts.texts(summary([])._replace(causes=[cause]))
    assert text.startswith("# 105 tests failing: " + "x" * 100 + "\n\n105 tests failed (lists of ")
    assert "\nT.t99\n```\nand 5 more.\n" in text
    assert "\n" + "y" * issue_texts.TEXT + "\n```\n" in text
    ((_, text),) = issue_texts.texts(summary([])._replace(causes=[cause._replace(text="")]))
    assert "One of the failures" not in text


@given(TEXTS, TEXTS, TEXTS)
@example("```", "x", "\n```\n    ```\n````\n")
def test_no_text_gets_out_of_its_fence(key: str, cause: str, text: str) -> None:
    """Whatever tests are called and say, it stays in one line, or in its block of code."""
    made = summary([])._replace(causes=[Cause(cause, [key], ["py311"], text)])
    ((_, issue),) = issue_texts.texts(made)
    assert issue.splitlines() == issue.split("\n")[:-1]
    outside, fence = [], ""
    for line in issue.splitlines():
        if not fence and re.fullmatch("`{3,}", line):
            fence = line
        elif fence and re.fullmatch(rf" *{fence}`* *", line):
            assert line == fence
            fence = ""
        elif not fence:
            outside.append(line)
    assert not fence
    assert outside[0].startswith("# 1 test failing: ")
    failure = ["", "One of the failures:", ""] if text else []
    assert outside[1:] == ["", "1 test failed in py311 (lists of mode trunk):", "", *failure]


def test_issue_files(tmp_path: Path) -> None:
    """Each cause has a file, in a directory that is made, and a second update writes the same."""
    other = ADDED._replace(cause="A", key="T.t")
    for _ in range(2):
        issue_files.write(str(tmp_path / "a" / "b"), summary([ADDED, other]))
        written = sorted((tmp_path / "a" / "b").iterdir())
        assert len(written) == 2
        assert ISSUE in [path.read_text(encoding="utf-8") for path in written]


def test_issue_files_that_cannot_be_written(tmp_path: Path) -> None:
    """A directory that cannot be written is told of in one sentence that says what to do."""
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="cannot be written to .*file.*; name a directory that"):
        issue_files.write(str(tmp_path / "file"), summary([ADDED]))


def test_a_file_is_replaced(tmp_path: Path) -> None:
    """A file is written as UTF-8 with the ends of lines it was given, and nothing else is left."""
    path = tmp_path / "file"
    for text in ("a\nb\r\n", "é\udc80\n"):
        atomic_files.replace(str(path), text)
        assert path.read_bytes() == text.encode("utf-8", "backslashreplace")
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(os.name == "nt", reason="modes of files are POSIX")
def test_a_file_can_be_read_as_others_can(tmp_path: Path) -> None:
    """A file that was put in place has the mode that a new one has, not a temporary one's."""
    atomic_files.replace(str(tmp_path / "file"), "")
    (tmp_path / "other").touch()
    modes = {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert len(modes) == 1


def test_a_relative_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A path is one of the working directory's."""
    monkeypatch.chdir(tmp_path)
    atomic_files.replace("file", "x")
    assert (tmp_path / "file").read_text(encoding="utf-8") == "x"


def test_a_file_that_cannot_be_replaced(tmp_path: Path) -> None:
    """What cannot be put in its place leaves nothing behind."""
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError):
        atomic_files.replace(str(tmp_path / "folder"), "x")
    with pytest.raises(OSError):
        atomic_files.replace(str(tmp_path / "none" / "file"), "x")
    assert list(tmp_path.iterdir()) == [tmp_path / "folder"]


def test_an_interrupted_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A write that is interrupted leaves the file as it was, and nothing beside it."""
    path = tmp_path / "file"
    path.write_text("before", encoding="utf-8")

    def interrupt(number: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        atomic_files.replace(str(path), "after")
    assert path.read_text(encoding="utf-8") == "before"
    assert list(tmp_path.iterdir()) == [path]
