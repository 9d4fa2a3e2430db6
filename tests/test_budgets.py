"""Budgets: how many entries there may be, and what git says that there were."""

from __future__ import annotations

from pathlib import Path

import pytest
from check_fixtures import lay_out
from git_fixtures import git

from trunk_failures import budgets, file_names
from trunk_failures.changes import Address
from trunk_failures.errors import UsageError


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Return a repository with a commit of some lists, in a test directory that is not its top."""
    lay_out(
        tmp_path / "tests",
        {
            "trunk_skips/T.a": "",
            "trunk_skips/T.b[é%2F]": "",
            "trunk_skips/nn/test_b/T.a": "x",
            "trunk_skips/.gitkeep": "",
            "x_expected_failures/T.c": "",
            "test_a.py": "",
            "old/trunk_skips/T.z": "",
        },
    )
    (tmp_path / "trunk_skips").mkdir()
    (tmp_path / "trunk_skips" / "T.top").touch()
    lay_out(tmp_path / "tests_too", {"trunk_skips/T.y": ""})
    (tmp_path / ".git").rmdir()
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", "--all")
    git(tmp_path, "commit", "--quiet", "-m", "lists")
    return tmp_path


@pytest.mark.parametrize("revision", ["HEAD", "HEAD^{commit}", "@"])
def test_the_entries_of_a_revision(repository: Path, revision: str) -> None:
    """A revision's entries are those of the test directory's lists, whatever is there now."""
    (repository / "tests/trunk_skips/T.a").unlink()
    found = budgets.of_revision(revision, str(repository / "tests"))
    assert found == {
        ("trunk_skips", "T.a"),
        ("trunk_skips", "T.b[é%2F]"),
        ("trunk_skips", "nn", "test_b", "T.a"),
        ("x_expected_failures", "T.c"),
    }


def test_lists_at_the_top_of_a_repository(repository: Path) -> None:
    """A test directory may be the repository's top, or have no lists in the revision."""
    assert budgets.of_revision("HEAD", str(repository)) == {("trunk_skips", "T.top")}
    (repository / "new").mkdir()
    assert budgets.of_revision("HEAD", str(repository / "new")) == set()


def test_the_repository_is_where_the_lists_are(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hook's variables and another working directory change nothing."""
    monkeypatch.chdir(repository / "tests")
    monkeypatch.setenv("GIT_DIR", str(repository / ".git"))
    assert len(budgets.of_revision("HEAD", str(repository / "tests"))) == 4


@pytest.mark.parametrize(
    "revision", ["", "-h", "--output=x", "--help", "HEAD\n", "a\0b", "\x1b[31m"]
)
def test_what_is_no_revision(repository: Path, revision: str) -> None:
    """What could be an option, or is no name, is refused; git never sees an option."""
    with pytest.raises(UsageError, match="--only-shrink '.*' is no revision; name a branch"):
        budgets.of_revision(revision, str(repository / "tests"))
    assert not (repository / "x").exists()


@pytest.mark.parametrize(
    "revision", ["gone", " ", "HEAD~7", "HEAD:tests", "a..b", "; touch x", "$(x)"]
)
def test_a_revision_that_there_is_not(repository: Path, revision: str) -> None:
    """A revision that git does not know, or that is no commit, is told, with what to do."""
    with pytest.raises(UsageError, match="git knows no such commit in .*fetch-depth: 0"):
        budgets.of_revision(revision, str(repository / "tests"))


def test_no_repository_and_no_git(
    repository: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where there is no repository, or no git, that is told."""
    bare = tmp_path_factory.mktemp("bare")
    with pytest.raises(UsageError, match="is in no repository"):
        budgets.of_revision("HEAD", str(bare))
    monkeypatch.setenv("PATH", str(bare))
    with pytest.raises(UsageError, match="git, which cannot be run: No such file"):
        budgets.of_revision("HEAD", str(repository / "tests"))


def test_entries_and_paths_are_the_same() -> None:
    """An entry is the same whether its path says so or its address and its file's name."""
    address = Address("trunk", "skips", "T.a[/]", "nn/test_b")
    entry = budgets.entry(address, "T.a[%2F]")
    assert {entry} == budgets.entries_in(["trunk_skips/nn/test_b/T.a[%2F]"])
    assert budgets.entry(Address("x", "skips", "T.a"), "T.a") == ("x_skips", "T.a")


@pytest.mark.parametrize(
    ("count", "most", "text"),
    [
        (0, 0, ""),
        (3, 3, ""),
        (1, 0, "there is 1 entry, and the budget is 0; mend tests, and remove 1 of them"),
        (5, 3, "there are 5 entries, and the budget is 3; mend tests, and remove 2 of them"),
    ],
)
def test_a_number(count: int, most: int, text: str) -> None:
    """More entries than the budget has are one finding."""
    there = {("trunk_skips", f"T.{number}") for number in range(count)}
    assert [each.text for each in budgets.over(there, most, "tests")] == ([text] if text else [])


@pytest.mark.parametrize(
    ("there", "before", "text"),
    [
        ("a", "ab", ""),
        ("bc", "ab", ""),
        ("", "", ""),
        (
            "abc", "ab",
            "there are 3 entries of mode trunk, and 'main' has 2: lists may only shrink; new are "
            "`trunk_skips/T.c`; mend these tests, or others that are listed",
        ),
        (
            "a", "",
            "there is 1 entry of mode trunk, and 'main' has 0: lists may only shrink; new are "
            "`trunk_skips/T.a`; mend these tests, or others that are listed; to begin, bring the "
            "mode's first lists without --only-shrink",
        ),
        (
            "cdefghij", "ab",
            "there are 8 entries of mode trunk, and 'main' has 2: lists may only shrink; new are "
            "`trunk_skips/T.c`, `trunk_skips/T.d`, `trunk_skips/T.e`, `trunk_skips/T.f`, "
            "`trunk_skips/T.g` and 3 more; mend these tests, or others that are listed",
        ),
    ],
)
def test_only_shrinking(there: str, before: str, text: str) -> None:
    """As many entries as before, or fewer, are right; with more, those that are new are named."""
    now, then = ({("trunk_skips", f"T.{name}") for name in names} for names in (there, before))
    found = budgets.grown(now, then, "main", "tests")
    assert [each.text for each in found] == ([text] if text else [])


def test_each_mode_may_only_shrink() -> None:
    """One mode's fewer entries pay for no other's; within a mode a test may change its list."""
    before = {("trunk_skips", "T.a"), ("trunk_skips", "T.b"), ("x_skips", "T.c")}
    moved = {("trunk_expected_failures", "T.a"), ("trunk_skips", "T.b"), ("x_skips", "T.c")}
    assert budgets.grown(moved, before, "main", "tests") == []
    swapped = {("trunk_skips", "T.a"), ("x_skips", "T.c"), ("x_expected_failures", "T.d")}
    (found,) = budgets.grown(swapped, before, "main", "tests")
    assert "there are 2 entries of mode x, and 'main' has 1: " in found.text
    assert "new are `x_expected_failures/T.d`; " in found.text and "to begin" not in found.text


def test_a_revision_without_lists_says_how_to_begin() -> None:
    """Where a revision has no list of a mode, it is said how the first ones come in."""
    (found,) = budgets.grown({("trunk_skips", "T.a")}, set(), "main", "tests")
    assert "has 0" in found.text
    assert found.text.endswith("; to begin, bring the mode's first lists without --only-shrink")


@pytest.mark.parametrize(
    ("there", "before", "named"),
    [
        (["T.a"], ["T.a", "T.b"], ""),
        (["T.a", "T.c"], ["T.a", "T.b"], "`trunk_skips/T.c`: new since 'main', in the place"),
        (["T.c"], ["T.a", "T.b"], "`trunk_skips/T.c`: new since 'main', in the place"),
        (["T.a", "T.b"], ["T.a"], ""),
        # The same test under its other name; names that hold no key are what they are.
        ([file_names.hashed("T.a")], ["T.a"], ""),
        (["%43ON.a"], ["CON.a"], ""),
        (["T%zz.a"], ["T%zz.a"], ""),
        (["T%zz.a"], ["T%zz.b"], "`trunk_skips/T%zz.a`: new"),
    ],
)
def test_one_entry_for_another(there: list[str], before: list[str], named: str) -> None:
    """An entry that takes another's place is no growth, and is told; a renamed file is neither."""
    now, then = ({("trunk_skips", name) for name in names} for names in (there, before))
    said = budgets.exchanged(now, then, "main")
    assert said.startswith(named) and bool(said) == bool(named)
