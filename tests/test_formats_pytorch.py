"""List directories: PyTorch's, and ours."""

from __future__ import annotations

from pathlib import Path

import pytest
from formats_fixtures import said
from lists_fixtures import write_entry

from trunk_failures.errors import UsageError
from trunk_failures.formats import pytorch
from trunk_failures.formats.imported import Imported


def lay_out(test_dir: Path) -> None:
    """Write list directories of two modes."""
    write_entry(test_dir, "dynamo_skips/TestA.test_b")
    write_entry(test_dir, "dynamo_skips/nn/test_c/TestC.test_d", "reason: slow\nrun: never")
    write_entry(test_dir, "trunk_expected_failures/test_p.test_p[a%2Fb]", "expires: 2026-13-01")


def places(found: Imported) -> list[tuple[str, str, str | None]]:
    """Return the mode, the key and the file of all that is listed."""
    return [(each.mode, each.test.key if each.test else "", each.place) for each in found.listed]


def test_a_test_directory(tmp_path: Path) -> None:
    """All entries of all modes are read, with their fields and the files that they hold for."""
    lay_out(tmp_path)
    found = pytorch.read_directory(str(tmp_path))
    assert places(found) == [
        ("dynamo", "TestA.test_b", ""),
        ("dynamo", "TestC.test_d", "nn/test_c"),
        ("trunk", "test_p.test_p[a/b]", ""),
    ]
    assert said(found)["TestC.test_d"] == ("skips", {"reason": "slow", "run": "never"})
    kind, fields = said(found)["test_p.test_p[a/b]"]
    assert (kind, fields) == ("expected_failures", {"expires": "2026-13-01"})


def test_one_list_directory(tmp_path: Path) -> None:
    """A list directory itself is read as the mode and the kind that its name says."""
    lay_out(tmp_path)
    found = pytorch.read_directory(str(tmp_path / "dynamo_skips") + "/")
    assert [place[1] for place in places(found)] == ["TestA.test_b", "TestC.test_d"]


def test_entries_that_break_a_rule_are_told(tmp_path: Path) -> None:
    """What cannot be read is named, and all else is read."""
    lay_out(tmp_path)
    write_entry(tmp_path, "dynamo_skips/TestA.test_e", "when: never")
    write_entry(tmp_path, "dynamo_skips/no_key")
    found = pytorch.read_directory(str(tmp_path))
    assert len(found.listed) == 3 and len(found.dropped) == 2
    assert "no_key" in found.dropped[0].what and "TestA.test_e" in found.dropped[1].what


def test_a_directory_without_lists(tmp_path: Path) -> None:
    """A directory that holds no list is an error."""
    with pytest.raises(UsageError, match="holds no `<mode>_expected_failures`"):
        pytorch.read_directory(str(tmp_path))
