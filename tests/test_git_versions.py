"""Versions of a file in a git history."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from trunk_failures import git_versions
from trunk_failures.errors import UsageError
from trunk_failures.git_versions import Version


def git(directory: Path, *arguments: str, time: int = 0) -> str:
    """Run git, as nobody in particular, at a time."""
    environ = {
        **os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_COMMITTER_DATE": f"{1_700_000_000 + time} +0000", "GIT_AUTHOR_NAME": "a",
        "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b",
    }
    command = ["git", "-C", str(directory), *arguments]
    return subprocess.run(command, env=environ, check=True, capture_output=True, text=True).stdout


def commit(directory: Path, time: int, **files: str | None) -> None:
    """Commit files by their names, in which `__` is a slash; None deletes one."""
    for name, text in files.items():
        file = directory / name.replace("__", "/")
        if text is None:
            file.unlink()
        else:
            file.parent.mkdir(exist_ok=True)
            file.write_text(text)
    git(directory, "add", "--all")
    git(directory, "commit", "-q", "--allow-empty", "-m", "x", time=time)


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a repository in which a file has several versions."""
    directory = tmp_path_factory.mktemp("repository")
    git(directory, "init", "-q", "-b", "main")
    commit(directory, 1, other="x", deep__status="one")
    commit(directory, 2, other="y")
    commit(directory, 3, deep__status="two\n")
    commit(directory, 4, deep__status=None)
    commit(directory, 5, deep__status="")
    return directory


def read(repository: Path, branch: str = "main", path: str = "deep/status") -> list[Version]:
    """Return the versions of a file."""
    return [*git_versions.read(branch, path, str(repository))]


def test_versions(repository: Path) -> None:
    """Each commit that changed the file has its time and what it made of it, the oldest first."""
    found = read(repository)
    assert [(each.time - 1_700_000_000, each.content) for each in found] == [
        (1, b"one"), (3, b"two\n"), (4, None), (5, b""),
    ]
    commits = git(repository, "log", "--reverse", "--format=%H", "--", "deep/status").split()
    assert [each.commit for each in found] == commits
    below = repository / "deep"
    assert [*git_versions.read("main", "deep/status", str(below))] == found


@pytest.mark.parametrize(
    ("branch", "path", "said"),
    [
        ("main", "absent", "knows no version of 'absent' in 'main'"),
        ("main", "*", "knows no version"),
        ("absent", "other", "git does not tell"),
        ("--output=x", "other", "git does not tell"),
        ("main", "a\nb", "no path that git can be asked for"),
        ("ma\0in", "a", "no path that git can be asked for"),
    ],
)
def test_what_git_does_not_know(repository: Path, branch: str, path: str, said: str) -> None:
    """A file or a branch that is not there is told; neither is an option or a pattern."""
    with pytest.raises(UsageError, match=said):
        read(repository, branch, path)
    assert not (repository / "x").exists()


def test_a_directory_is_no_version(repository: Path) -> None:
    """Where a directory is in the file's place there is no content, and others are read."""
    assert [each.content for each in read(repository, path="deep")] == [None] * 4


def test_versions_that_are_too_large(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A version of more than the limit is passed over, and the next one is read whole."""
    monkeypatch.setattr(git_versions, "LIMIT", 3)
    assert [each.content for each in read(repository)] == [b"one", None, None, b""]


def test_without_git(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no git it is said."""
    monkeypatch.setenv("PATH", str(repository))
    with pytest.raises(UsageError, match="git cannot be run"):
        read(repository)
