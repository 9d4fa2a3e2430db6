"""Listed counts: how many tests were listed when, by a real git's log."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from trunk_failures import listed_counts
from trunk_failures.listed_counts import Counts

XFAILS = "trunk_expected_failures"


def git(root: Path, *arguments: str, time: int = 0) -> None:
    """Run git at a time."""
    moment = f"@{1_700_000_000 + time} +0000"
    dates = {"GIT_AUTHOR_DATE": moment, "GIT_COMMITTER_DATE": moment}
    command = ["git", "-c", "user.name=x", "-c", "user.email=x@example.org", *arguments]
    subprocess.run(command, cwd=root, env={**os.environ, **dates}, check=True, capture_output=True)


def commit(root: Path, time: int, add: tuple[str, ...] = (), remove: tuple[str, ...] = ()) -> None:
    """Commit files that are added and removed below the test directory."""
    for name in add:
        file = root / "tests" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(name)
    for name in remove:
        (root / "tests" / name).unlink()
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--allow-empty", "-m", "x", time=time)


def read(root: Path) -> list[tuple[int, int]]:
    """Return the counts, their times from the first second of all."""
    found = listed_counts.read(str(root / "tests"))
    assert found.trouble == ""
    return [(time - 1_700_000_000, count) for time, count in found.points]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a repository whose first commit has two entries, and files that are none."""
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    names = (f"{XFAILS}/T.a", "dynamo_skips/nn/test_x/T.b", "dynamo_skips/.gitkeep", "test_x.py",
             "x/trunk_skips/T.c", "_skips/T.d")
    commit(tmp_path, 10, names)
    return tmp_path


def test_entries_are_counted(root: Path) -> None:
    """Each commit that adds or removes entries has a point; edits and other files have none."""
    assert read(root) == [(10, 2)]
    commit(root, 20, (f"{XFAILS}/T.é \n", f"{XFAILS}/D", f"{XFAILS}/1"))
    commit(root, 30, ("test_y.py",))
    commit(root, 40, (f"{XFAILS}/T.z",), (f"{XFAILS}/T.a",))
    commit(root, 50, (), (f"{XFAILS}/T.z",))
    assert read(root) == [(10, 2), (20, 5), (50, 4)]


def test_times_that_go_back(root: Path) -> None:
    """A commit that says it is older than the one before counts from that one's time on."""
    commit(root, 5, (f"{XFAILS}/T.x",))
    assert read(root) == [(10, 2), (10, 3)]


def test_merges(root: Path) -> None:
    """What a branch brings counts as it is merged."""
    git(root, "switch", "--quiet", "-c", "other")
    commit(root, 20, (f"{XFAILS}/T.x",))
    commit(root, 30, (f"{XFAILS}/T.y",))
    git(root, "switch", "--quiet", "main")
    commit(root, 40, (f"{XFAILS}/T.z",))
    git(root, "merge", "--quiet", "--no-edit", "other", time=50)
    assert read(root) == [(10, 2), (40, 3), (50, 5)]


def test_where_git_does_not_tell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no repository or no git, that is told, and is not the same as no entries."""
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    found = listed_counts.read(str(tmp_path))
    assert found.points == [] and found.trouble.startswith("git says: not a git repository")
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "commit", "--quiet", "--allow-empty", "-m", "x")
    assert listed_counts.read(str(tmp_path)) == Counts([])
    monkeypatch.setenv("PATH", "")
    assert listed_counts.read(str(tmp_path)).trouble.startswith("git cannot be run")
