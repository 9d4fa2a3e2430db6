"""git's index: the changes staged, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from git_fixtures import git
from lists_fixtures import write_entry
from test_file_changes import SKIP, address, load

from trunk_failures import file_changes, git_index, list_writing
from trunk_failures.changes import Change
from trunk_failures.errors import UsageError

ODD = "test_m.test_p[*:-!é]"


def test_only_the_changes_are_staged(tmp_path: Path) -> None:
    """New, moved and removed entries are staged; what else has changed is not."""
    tests = tmp_path / "tests"
    write_entry(tests, "trunk_expected_failures/T.test_gone", "reason: x")
    write_entry(tests, "trunk_expected_failures/T.test_moved", "reason: m")
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", "--all")
    git(tmp_path, "commit", "--quiet", "-m", "x")
    (tests / "mine.py").write_text("")
    planned = file_changes.plan(
        load(tests),
        [
            Change(None, address(ODD)),
            Change(address("T.test_gone"), None),
            Change(address("T.test_moved"), address("T.test_moved", SKIP)),
        ],
    )
    list_writing.write(planned)
    git_index.add(planned, str(tmp_path))
    git_index.add([], str(tmp_path))
    status = git(tmp_path, "status", "--short").splitlines()
    assert sorted(line[:3] for line in status) == ["?? ", "A  ", "D  ", "R  "]
    assert "?? tests/mine.py" in status


def test_where_git_cannot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No repository and no git are errors that say what has been done."""
    write_entry(tmp_path, "trunk_skips/T.test_a")
    planned = file_changes.plan(load(tmp_path), [Change(None, address("T.test_b"))])
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(UsageError, match="not staged: git says: .*not a git repository"):
        git_index.add(planned, str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UsageError, match="not staged: git cannot be run"):
        git_index.add(planned, str(tmp_path))
