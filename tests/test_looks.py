"""Looks: what there is to tell of a history, of lists and of a status, before anybody is told."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from lists_fixtures import write_entry

from trunk_failures import history, history_runs, looks, outbox
from trunk_failures.history_series import Choice
from trunk_failures.looks import Listed, Look, Terms
from trunk_failures.notifications import Kind, Subject
from trunk_failures.results.seen import Gathered, Seen
from trunk_failures.results.seen import Test as SeenTest
from trunk_failures.trials import Run
from trunk_failures.verdicts import Verdict

NOW = datetime.datetime(2026, 1, 15, 12, tzinfo=datetime.timezone.utc)
SECONDS = int(NOW.timestamp())
MAIN = Choice("main")


@pytest.fixture
def path(tmp_path: Path) -> str:
    """Return where a history is to be."""
    return str(tmp_path / "history.sqlite3")


def record(path: str, name: str, verdict: Verdict, branch: str = "main") -> None:
    """Record a run of one test."""
    seen = Seen(frozenset({verdict}), "AssertionError: no")
    test = SeenTest("TestA.test_a", "test_a", True, {"": seen})
    gathered = Gathered([test], 1, {}, {}, {}, set(), {})  # type: ignore[arg-type]
    with history.writing(path) as connection:
        run = Run(name, "", SECONDS + int(name), "abc", branch)
        history_runs.record(connection, run, [gathered], SECONDS)


def look(path: str, listed: Listed = Listed(), *statuses: str, choice: Choice = MAIN) -> Look:
    """Return what there is to tell."""
    with history.reading(path) as connection:
        return looks.look(connection, choice, listed, statuses, Terms(), NOW)


def keep(path: str, found: Look) -> None:
    """Keep what was seen, and that it was told."""
    with history.writing(path) as connection:
        looks.keep(connection, found, "main")
        outbox.add(connection, found.changes, found.silent, [], SECONDS)


def test_a_look_changes_nothing_until_it_is_kept(path: str) -> None:
    """It can be repeated, and says the same; kept, it has nothing more to say."""
    record(path, "1", Verdict.PASSED)
    keep(path, look(path))
    record(path, "2", Verdict.FAILED)
    found = look(path)
    assert [each.kind for each in found.changes] == [Kind.FAILING]
    assert found.changes[0].subject == Subject("TestA.test_a", "test_a", "", "main")
    assert look(path) == found
    keep(path, found)
    assert look(path).changes == []


def test_only_a_branch_is_looked_at(path: str) -> None:
    """What runs of others say is nothing."""
    record(path, "1", Verdict.PASSED)
    keep(path, look(path))
    record(path, "2", Verdict.FAILED, "topic")
    assert look(path).changes == []
    every = look(path, choice=Choice())
    assert [each.kind for each in every.changes] == [Kind.WATCHED]


def test_lists_and_a_status(path: str, tmp_path: Path) -> None:
    """What expired, and what was not fetched, is beside what the runs say."""
    (tmp_path / ".git").mkdir()
    write_entry(tmp_path / "tests", "trunk_skips/TestA.test_a", "expires: 2026-01-01")
    listed = looks.listed(str(tmp_path / "tests"))
    assert (listed.shown, len(listed.entries), listed.faults) == ("tests", 1, [])
    record(path, "1", Verdict.PASSED)
    first = look(path, listed)
    assert [each.kind for each in first.changes] == [Kind.WATCHED, Kind.WATCHED]
    keep(path, first)
    record(path, "2", Verdict.FAILED)
    write_entry(tmp_path / "tests", "trunk_skips/TestA.test_a", "expires: 2026-01-02")
    found = look(path, looks.listed(str(tmp_path / "tests")), str(tmp_path / "status.json"))
    assert [each.kind for each in found.changes] == [Kind.FAILING, Kind.EXPIRED, Kind.STALE]
    assert found.changes[0].entry == "trunk_skips/TestA.test_a"


def test_no_lists(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there are none, nothing is said of them."""
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(looks, "__file__", str(tmp_path / "package" / "looks.py"))
    assert looks.listed(None) == Listed()


def test_lists_that_are_broken(tmp_path: Path) -> None:
    """An entry that cannot be read is a fault beside the others; broken rules are the only one."""
    tests = tmp_path / "tests"
    write_entry(tests, "trunk_skips/TestA.test_a", "nonsense: x")
    write_entry(tests, "trunk_skips/TestA.test_b")
    found = looks.listed(str(tests))
    assert [each.key for each in found.entries] == ["TestA.test_b"] and len(found.faults) == 1
    write_entry(tests, "trunk_expected_failures/TestA.test_b")
    found = looks.listed(str(tests))
    assert found.entries == () and "break their rules" in found.faults[0]
