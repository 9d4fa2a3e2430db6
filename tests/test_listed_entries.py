"""Listed entries: what each file of the lists says, and who added it."""

from __future__ import annotations

from pathlib import Path

import pytest
from git_fixtures import commit
from lists_fixtures import write_entry

from trunk_failures import git_records, list_files, listed_entries, lists
from trunk_failures.listed_entries import Listed

LONG = "trunk_skips/nn/test_a/TestA.test_p[a%2Fb]"


def read(test_dir: Path) -> list[Listed]:
    """Return all entries of a directory's lists."""
    there = list_files.directories(str(test_dir))
    loaded = list_files.read(str(test_dir), tuple({mode for mode, _, _ in there}), there)
    known = listed_entries.records(str(test_dir), loaded.listings)
    return [listed_entries.read(located, known) for located in loaded.all()]


def test_entries_have_their_fields_and_their_commits(tmp_path: Path) -> None:
    """Each has what its file says and the commit that added it, whatever its name."""
    tests = tmp_path / "tests"
    write_entry(tests, LONG, "owner: ann")
    commit(tmp_path, "first", {})
    write_entry(tests, "slow_expected_failures/TestA.test_b")
    found = {each.key: each for each in read(tests)}
    long, new = found["TestA.test_p[a/b]"], found["TestA.test_b"]
    assert (long.path, long.test_file) == (f"tests/{LONG}", "nn/test_a")
    assert long.entry and long.entry.owner == "ann" and not long.fault
    assert long.added and long.added.subject == "first" and not long.unknown
    assert (new.mode, new.kind) == ("slow", lists.EXPECTED_FAILURES)
    assert new.added is None and new.unknown == git_records.NOT_COMMITTED


def test_an_entry_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is there, with what is wrong with it."""
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    write_entry(tmp_path, "trunk_skips/TestA.test_b", "nope: x")
    (found,) = read(tmp_path)
    assert found.entry is None and "unknown field 'nope'" in found.fault
    assert "not a git repository" in found.unknown


def test_trunks_status_is_in_no_file() -> None:
    """What trunk's status disables was added by nobody, and git is not asked for it."""
    folder = lists.Folder("status.json", {"TestA.test_b"}, {}, lists.Read("status.json", {}, {}))
    listing = lists.Listing(lists.STATUS, lists.SKIPS, folder, {})
    assert listed_entries.records("nowhere", ()).added == {}
    found = listed_entries.read(
        lists.Located("TestA.test_b", listing, folder, ""), git_records.Records({})
    )
    assert found.entry is not None and found.added is None and not found.unknown
