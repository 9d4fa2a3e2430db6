"""Lists as plain values: what is sent is what is received."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from lists_fixtures import write_entry
from plugin_fixtures import Project

from trunk_failures import entry_files, file_names, list_files, lists, transfer
from trunk_failures.errors import EntryError

pytest_plugins = ["plugin_fixtures"]

LONG = "test_a.test_" + "x" * 250


@pytest.fixture
def loaded(tmp_path: Path) -> lists.Lists:
    """Return lists with entries of every kind, in a repository."""
    (tmp_path / ".git").mkdir()
    test_dir = tmp_path / "tests"
    write_entry(test_dir, "trunk_expected_failures/TestA.test_b", "raises: ValueError")
    write_entry(test_dir, "trunk_expected_failures/test_a.test_p[x%2Fy]")
    write_entry(test_dir, "trunk_skips/nn/test_init/TestA.test_b", "reason: flaky")
    (test_dir / "trunk_skips" / "TestA.test_dir").mkdir()  # Not a regular file, and so a fault.
    write_entry(test_dir, f"trunk_skips/{file_names.encode(LONG)}", f"test: {LONG}")
    return list_files.load(str(test_dir), {})


def received(sent: lists.Lists, root: Path, elsewhere: Path) -> lists.Lists:
    """Return lists as another process gets them, by way of a text that anything can carry."""
    return transfer.unpack(json.loads(json.dumps(transfer.pack(sent, str(root)))), str(elsewhere))


def read(located: lists.Located) -> Any:
    """Return an entry, or why it cannot be read."""
    try:
        return entry_files.read(located)
    except EntryError as error:
        return str(error)


def test_what_is_sent_is_received(loaded: lists.Lists, tmp_path: Path) -> None:
    """Modes, keys, files and every entry are the same where the directories cannot be seen."""
    other = received(loaded, tmp_path, tmp_path / "other host")
    assert other.modes == loaded.modes
    assert (other.expected_failures, other.skips) == (loaded.expected_failures, loaded.skips)
    assert other.keys == loaded.keys
    assert other.test_dir == str(tmp_path / "other host" / "tests")
    for here, there in zip(loaded.all(), other.all(), strict=True):
        assert (here.key, here.test_file) == (there.key, there.test_file)
        assert read(here) == read(there)


def test_faults_are_received(loaded: lists.Lists, tmp_path: Path) -> None:
    """A file that cannot be read is the same error where the lists were sent to."""
    (located,) = (each for each in loaded.all() if each.key == "TestA.test_dir")
    (there,) = (
        each for each in received(loaded, tmp_path, tmp_path).all() if each.key == "TestA.test_dir"
    )
    assert read(located) == read(there) == (
        "`tests/trunk_skips/TestA.test_dir` is no regular file; an entry is; remove it"
    )


def test_what_changes_on_disk_afterwards_does_not_count(
    loaded: lists.Lists, tmp_path: Path
) -> None:
    """Nothing is read any more where the lists were sent to."""
    other = received(loaded, tmp_path, tmp_path)
    (tmp_path / "tests/trunk_expected_failures/TestA.test_b").unlink()
    (located,) = other.find("TestA.test_b")
    assert read(located).raises == ("ValueError",)


def test_a_test_directory_outside_the_project(loaded: lists.Lists, tmp_path: Path) -> None:
    """A test directory that is not inside the project stays where it is; none stays none."""
    other = received(loaded, tmp_path / "project", tmp_path / "elsewhere")
    assert other.test_dir == loaded.test_dir
    nothing = received(lists.Lists(None, (), ()), tmp_path, tmp_path)
    assert (nothing.test_dir, nothing.modes, nothing.keys) == (None, (), set())


def test_a_worker_takes_what_it_was_sent(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lists that were sent are in force, whatever the options say and lies in the directory."""
    project.write("def test_it(): assert 0")
    project.list("test_a.test_it")
    loaded = list_files.load(str(project.path / "tests"), {})
    sent = {"lists": transfer.pack(loaded, str(project.path)), "results": True}
    monkeypatch.setattr(sys, transfer.SENT, sent, raising=False)
    project.list("test_a.test_it", content="severity: high")
    ran = project.run(force="")
    assert ran.outcomes == {"test_it": "xfailed"}
    assert ran.reports[-1].trunk_failures["id"] == "test_a.test_it"


def test_what_receives(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a worker executes keeps what it is sent for when the plugin asks for it."""
    monkeypatch.setattr(sys, transfer.SENT, None, raising=False)
    exec(transfer.RECEIVER, {"channel": SimpleNamespace(receive=lambda: {"lists": {}})})
    assert getattr(sys, transfer.SENT) == {"lists": {}}
