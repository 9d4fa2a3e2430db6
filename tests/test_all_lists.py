"""All lists: those in force, and those that other variables would put there."""

from __future__ import annotations

from pathlib import Path

import pytest
from lists_fixtures import write_entry

from trunk_failures import all_lists, lists, statuses, status_files
from trunk_failures.errors import SourceError, UsageError
from trunk_failures.statuses import Disabled

MODES = ("compiled_autograd", "dynamo", "inductor", "odd-mode", "trunk")


@pytest.fixture
def test_dir(tmp_path: Path) -> str:
    """Return a test directory with lists of several modes."""
    for mode in MODES:
        write_entry(tmp_path, f"{mode}_skips/TestA.test_b")
    return str(tmp_path)


SETTINGS = [
    ({}, "dynamo", "under PYTORCH_TEST_WITH_DYNAMO=1", ("dynamo", "trunk")),
    ({}, "odd-mode", "under TRUNK_FAILURES_MODES=odd-mode", ("odd-mode", "trunk")),
    ({}, "trunk", "", ("trunk",)),
    ({}, "compiled_autograd", "", ("trunk",)),
    ({"PYTORCH_TEST_WITH_DYNAMO": "1"}, "dynamo", "", ("dynamo", "trunk")),
    (
        {"PYTORCH_TEST_WITH_INDUCTOR": "1"}, "dynamo", "under PYTORCH_TEST_WITH_DYNAMO=1",
        ("dynamo", "trunk"),
    ),
    ({"TRUNK_FAILURES": "0"}, "trunk", "without TRUNK_FAILURES=0", ("trunk",)),
    (
        {"TRUNK_FAILURES": "0"}, "dynamo",
        "under PYTORCH_TEST_WITH_DYNAMO=1 without TRUNK_FAILURES=0", ("dynamo", "trunk"),
    ),
]


@pytest.mark.parametrize(("environ", "mode", "setting", "modes"), SETTINGS)
def test_what_puts_a_mode_in_force(
    test_dir: str, environ: dict[str, str], mode: str, setting: str, modes: tuple[str, ...]
) -> None:
    """Each mode has its setting, and the lists that are in force with it."""
    found = all_lists.read(test_dir, environ)
    assert found.setting(mode) == setting
    assert mode == "compiled_autograd" or found.under(mode).modes == modes
    assert {each.mode for each in found.under(mode).listings} <= {*modes}
    assert sorted(found.modes) == sorted({*MODES})
    assert found.modes[: len(found.in_force.modes)] == found.in_force.modes
    assert not found.fault


def test_lists_that_break_their_rules(test_dir: str) -> None:
    """They are told of, and what can be read of them is read."""
    for path in ("trunk_skips/nothing", "trunk_expected_failures/TestA.test_b"):
        write_entry(Path(test_dir), path)
    found = all_lists.read(test_dir, {})
    assert "lists 'nothing'" in found.fault and "remove one of the two" in found.fault
    assert found.in_force.keys == {"TestA.test_b"}


def test_a_status(test_dir: str, tmp_path: Path) -> None:
    """Trunk's status is in force after all lists, but where none is to be."""
    disabled = Disabled("TestC.test_d")
    unknown = Disabled("TestC.test_e", platforms=("lunix",))
    file = str(tmp_path / "status.json")
    status_files.write(file, statuses.Status((disabled, unknown), statuses.now(), "x"))
    found = all_lists.read(test_dir, {}, file)
    assert found.in_force.modes == ("trunk", lists.STATUS)
    assert found.in_force.lists("TestC.test_d") and "lunix" in found.notes[0]
    assert found.listings[-1].mode == lists.STATUS and not found.setting(lists.STATUS)
    assert lists.STATUS not in all_lists.read(test_dir, {"TRUNK_FAILURES": "0"}, file).modes
    with pytest.raises(SourceError, match="gone"):
        all_lists.read(test_dir, {}, str(tmp_path / "gone"))


def test_a_mode_that_is_not_there(test_dir: str) -> None:
    """A misspelt mode is an error here as in a test run."""
    with pytest.raises(UsageError, match="'nope', which has no list directory"):
        all_lists.read(test_dir, {"TRUNK_FAILURES_MODES": "nope"})
