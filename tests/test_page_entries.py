"""Page entries: what the lists say of a test."""

from __future__ import annotations

from pathlib import Path

from lists_fixtures import write_entry

from trunk_failures import list_files, page_entries, updates
from trunk_failures.stability_pages import Entries


def entries(test_dir: Path, key: str = "TestA.test_a") -> Entries:
    """Return what all lists of a directory say of a test."""
    there = list_files.directories(str(test_dir))
    modes = tuple(dict.fromkeys(mode for mode, _, _ in there))
    found = updates.by_key(list_files.read(str(test_dir), modes, there))
    return page_entries.read(found.get(key, ()))


def test_a_test_that_is_not_listed() -> None:
    """There is nothing to say of it."""
    assert page_entries.read(()) == Entries()


def test_one_entry(tmp_path: Path) -> None:
    """Its kind, mode, owner and path are told, and each of its fields."""
    write_entry(tmp_path, "dynamo_skips/TestA.test_a", "reason: x\nowner: @ana")
    found = entries(tmp_path)
    assert (found.listed, found.modes, found.owner) == ("skip", ("dynamo",), "@ana")
    assert found.path.endswith("dynamo_skips/TestA.test_a")
    assert found.fields == [("reason", "x"), ("owner", "@ana")]


def test_several_entries(tmp_path: Path) -> None:
    """All kinds and modes are told, and where else a test is listed."""
    write_entry(tmp_path, "dynamo_skips/TestA.test_a", "reason: x")
    write_entry(tmp_path, "trunk_expected_failures/TestA.test_a", "owner: @bo")
    found = entries(tmp_path)
    assert {*found.listed.split(" and ")} == {"skip", "expected failure"}
    assert {*found.modes} == {"dynamo", "trunk"} and found.owner == "@bo"
    (other,) = [value for name, value in found.fields if name == "listed too"]
    assert {found.path, other} == {
        f"{tmp_path.name}/dynamo_skips/TestA.test_a",
        f"{tmp_path.name}/trunk_expected_failures/TestA.test_a",
    }


def test_an_entry_that_cannot_be_read(tmp_path: Path) -> None:
    """What is wrong with it is told in the place of its fields."""
    write_entry(tmp_path, "trunk_skips/TestA.test_a", "nonsense: x")
    ((name, value),) = entries(tmp_path).fields
    assert name == "fault" and "nonsense" in value
