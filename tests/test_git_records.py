"""git's records: which commit added each entry, and what is said where that is not known."""

from __future__ import annotations

import datetime
import sys
from pathlib import Path

import pytest
from git_fixtures import commit, git
from hypothesis import given
from hypothesis import strategies as st

from trunk_failures import git_records
from trunk_failures.git_records import NOT_COMMITTED, SHALLOW, Records

SKIPS, XFAILS = DIRECTORIES = ("trunk_skips", "trunk_expected_failures")
A, B, OF_FILE = "trunk_skips/T.test_a", "trunk_expected_failures/T.test_b", "trunk_skips/nn/t/T.c"


def read(test_dir: Path) -> Records:
    """Return git's records of both lists."""
    return git_records.read(str(test_dir), DIRECTORIES)


def subjects(records: Records) -> dict[str, str]:
    """Return the first line of the commit that added each entry."""
    return {path: added.subject for path, added in records.added.items()}


def test_each_entry_has_the_commit_that_added_it(tmp_path: Path) -> None:
    """It is the last addition that counts; edits do not, nor do files that are no entries."""
    first = commit(tmp_path, "first", {f"tests/{A}": "", f"tests/{B}": "", "tests/x.py": ""})
    commit(tmp_path, "other", {f"tests/{A}": "T.test_a: reason: x\n", f"tests/{OF_FILE}": ""})
    commit(tmp_path, "mended", {f"tests/{B}": None})
    commit(tmp_path, "again", {f"tests/{B}": "", f"other/{B}": ""}, "2026-02-03", "Bo é <b@x.org>")
    (tmp_path / "tests/trunk_skips/T.test_new").write_text("")
    found = read(tmp_path / "tests")
    assert subjects(found) == {A: "first", B: "again", OF_FILE: "other"}
    assert found.added[A].commit == first
    noon = datetime.datetime(2026, 2, 3, 12, tzinfo=datetime.timezone.utc)
    assert found.added[B][1:] == (noon, "Bo é", "b@x.org", "again")
    assert [found.why_unknown(path) for path in (A, "trunk_skips/T.test_new")] == [
        "", NOT_COMMITTED,
    ]


def test_lists_at_the_top_of_a_repository(tmp_path: Path) -> None:
    """The repository itself can be the test directory; without list directories git is silent."""
    commit(tmp_path, "first", {A: ""})
    assert subjects(read(tmp_path)) == {A: "first"}
    assert git_records.read(str(tmp_path), ()) == Records({})


def test_merges(tmp_path: Path) -> None:
    """What a branch added is the branch's; what the merge itself added is the merge's."""
    commit(tmp_path, "first", {A: ""})
    git(tmp_path, "checkout", "--quiet", "-b", "side")
    commit(tmp_path, "side", {B: ""})
    git(tmp_path, "checkout", "--quiet", "-")
    commit(tmp_path, "main", {OF_FILE: ""})
    git(tmp_path, "merge", "--quiet", "--no-commit", "side")
    commit(tmp_path, "merge", {"trunk_skips/T.test_d": "", "trunk_skips/T.test_e": ""})
    assert subjects(read(tmp_path)) == {
        A: "first", B: "side", OF_FILE: "main",
        "trunk_skips/T.test_d": "merge", "trunk_skips/T.test_e": "merge",
    }


@pytest.mark.skipif(sys.platform == "win32", reason="its files have no such names")
def test_names_and_texts_of_any_kind(tmp_path: Path) -> None:
    """Names are as they are on disk, whatever git is configured to do to them."""
    odd = ["\nT.test_a", "T.test_b\n", 'T."é\\', "T.test_\x1b[31m", ":(top)T.x", "/T.y", " T.z\t"]
    names = [f"trunk_skips/{name.replace('/', '%2F')}" for name in odd]
    commit(tmp_path, "a\x01b \x1b[31m é", {f"tests/{name}": "" for name in names})
    settings = {"core.quotePath": "true", "log.showRoot": "false", "log.follow": "true"}
    settings |= {"diff.relative": "true", "diff.renames": "copies", "color.ui": "always"}
    for name, value in {**settings, "log.showSignature": "true"}.items():
        git(tmp_path, "config", name, value)
    found = git_records.read(str(tmp_path / "tests"), ["trunk_skips"])
    assert subjects(found) == dict.fromkeys(names, "a\x01b \x1b[31m é")
    assert git_records.read(str(tmp_path / "tests"), ["trunk_*"]) == Records({})


def test_a_moved_entry_was_added_where_it_is(tmp_path: Path) -> None:
    """An entry that became a skip counts from then."""
    commit(tmp_path, "first", {B: "T.test_b: reason: long enough to be found by git\n"})
    (tmp_path / "trunk_skips").mkdir()
    moved = "trunk_skips/T.test_b"
    git(tmp_path, "mv", B, moved)
    commit(tmp_path, "moved", {})
    assert subjects(read(tmp_path))[moved] == "moved"


def test_a_shallow_clone(tmp_path: Path) -> None:
    """It knows what its own commits added; of what was there before it says so."""
    whole = tmp_path / "whole"
    whole.mkdir()
    commit(whole, "first", {A: ""})
    commit(whole, "second", {B: ""})
    commit(whole, "third", {OF_FILE: ""})
    git(tmp_path, "clone", "--quiet", "--depth=2", whole.as_uri(), "shallow")
    found = read(tmp_path / "shallow")
    assert subjects(found) == {OF_FILE: "third"}
    assert [found.why_unknown(path) for path in (A, B, OF_FILE)] == [SHALLOW, SHALLOW, ""]


def test_where_git_knows_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No repository, no commit and no git are said, and never an age."""
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    found = read(tmp_path)
    assert found.added == {} and "git says: not a git repository" in found.why_unknown(A)
    git(tmp_path, "init", "--quiet")
    found = read(tmp_path)
    assert found.added == {} and "does not have any commits yet" in found.why_unknown(A)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert read(tmp_path).trouble.startswith("git cannot be run (")


def test_gits_own_variables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They count from the working directory, as in git's hooks, and name a work tree elsewhere."""
    commit(tmp_path, "first", {f"tests/{A}": ""})
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_DIR", ".git")
    assert subjects(read(tmp_path / "tests")) == {A: "first"}
    monkeypatch.chdir(tmp_path.parent)
    monkeypatch.setenv("GIT_DIR", str(tmp_path / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(tmp_path))
    assert subjects(read(tmp_path / "tests")) == {A: "first"}
    monkeypatch.setenv("GIT_WORK_TREE", str(tmp_path / "tests/trunk_skips"))
    assert "is outside repository" in read(tmp_path / "tests").trouble


@pytest.mark.parametrize("when", ["99999999999999", "100"])
def test_dates_that_a_commit_can_hold(tmp_path: Path, when: str) -> None:
    """A date that no calendar has is not known; the entry has no older date instead."""
    listed = "M 644 inline trunk_skips/T.test_a\ndata 0\n"
    changes = [("1000000000", listed), ("1000000001", "D trunk_skips/T.test_a"), (when, listed)]
    history = "".join(
        f"commit refs/heads/main\ncommitter x <x> {date} +0000\ndata 1\nx\n{change}\n"
        for date, change in changes
    )
    git(tmp_path, "init", "--quiet", "-b", "main")
    git(tmp_path, "fast-import", "--quiet", "--date-format=raw-permissive", given=history)
    found = read(tmp_path)
    known = {path: added.when.year for path, added in found.added.items()}
    assert known == ({A: 1970} if when == "100" else {})


Header = st.tuples(st.booleans(), st.text("ab /\n", max_size=5))
Commits = st.lists(
    st.tuples(Header, st.lists(st.text("ab/\n", min_size=1, max_size=4).map("p/".__add__)))
)


@given(Commits)
def test_whatever_is_printed_is_read(
    commits: list[tuple[tuple[bool, str], list[str]]]
) -> None:
    """Of each path below the test directory, the first commit printed that has it counts."""
    tokens: list[str] = []
    expected: dict[str, str] = {}
    for number, ((is_merge, text), paths) in enumerate(commits):
        tokens += ["", f"/{number}", "x", "0", text, text, text]
        if paths:
            tokens += ["", *paths] if is_merge else [f"\n{paths[0]}", *paths[1:]]
        tokens += [""]
        for path in paths:
            expected.setdefault(path.removeprefix("p/"), str(number))
    found = dict(git_records._additions(tokens, "p/", False))
    assert {path: added.commit for path, added in found.items()} == expected
