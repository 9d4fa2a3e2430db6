"""Outcomes out of the history: what each test came to, run by run."""

from __future__ import annotations

import collections
from collections.abc import Sequence
from pathlib import Path

import pytest
from history_fixtures import HOUR, Suite, record_suite, rows

from trunk_failures import history, history_outcomes, history_series, pages
from trunk_failures.history_outcomes import Counts, Grid, Outcomes
from trunk_failures.history_runs import CRASHED, FAILED, KNOWN, PASSED
from trunk_failures.history_series import Choice
from trunk_failures.pages import Failure

SUITE = {
    "TestA.test_a": "PFKCM", "TestA.test_b": "PSN.P", "TestA.test_c": "SSSSS",
    "TestA.test_d": "PPPPP", "TestA.test_e": "PPPPP", "TestA.test_f": "LPPPP",
}


def read(
    path: Path, choice: Choice = Choice(), most: int = 99
) -> tuple[Grid, list[Outcomes], Counts, list[int]]:
    """Return the grid of a history, the outcomes, the counts, and what was told of the reading."""
    counts = Counts(collections.Counter(), collections.Counter())
    done: list[int] = []
    with history.reading(str(path)) as connection:
        chosen = history_series.runs(connection, choice)
        grid = history_outcomes.grid(connection, chosen, most)
        found = [*history_outcomes.read(connection, grid, counts, done.append)]
    return grid, found, counts, done


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return a history of one suite in two configurations, one of which has a run more."""
    path = tmp_path / "h"
    record_suite(path, SUITE, "x")
    record_suite(path, {key: states[:4] for key, states in SUITE.items()}, "y")
    return path


def letters(found: Sequence[Outcomes], configuration: str) -> Suite:
    """Return by key what the tests came to in a configuration."""
    return {each.key: each.letters for each in found if each.configuration == configuration}


@pytest.mark.parametrize(
    ("state", "letter"),
    [
        (PASSED, pages.PASSED), (FAILED, pages.FAILED), (KNOWN, pages.EXPECTED),
        (CRASHED, pages.CRASHED), (PASSED | FAILED, pages.MIXED), (PASSED | KNOWN, pages.MIXED),
        (PASSED | CRASHED, pages.MIXED), (CRASHED | FAILED, pages.CRASHED),
        (FAILED | KNOWN, pages.FAILED), (0, pages.SKIPPED),
    ],
)
def test_letters_of_states(state: int, letter: str) -> None:
    """Each state has a letter: what passed and failed is mixed, else the worst counts."""
    assert history_outcomes.letter(state) == letter


def test_outcomes_of_all_tests(path: Path) -> None:
    """Each test has a letter for each run, in its configuration's; skipped is not `not run`."""
    grid, found, counts, done = read(path)
    assert [column.name for column in grid.columns] == ["r0", "r1", "r2", "r3", "r4"]
    assert (grid.earlier, grid.moments) == (0, [HOUR * number for number in range(1, 6)])
    assert letters(found, "x") == {
        "TestA.test_a": "PFXCM", "TestA.test_b": "PS--P", "TestA.test_c": "SSSSS",
        "TestA.test_d": "PPPPP", "TestA.test_e": "PPPPP", "TestA.test_f": "PPPPP",
    }
    assert letters(found, "y")["TestA.test_a"] == "PFXC-"
    assert (counts.expected, counts.failed) == ({2: 1}, {1: 1, 3: 1, 4: 1})
    (outcomes,) = rows(path, "SELECT count(*) FROM outcome")
    (skips,) = rows(path, "SELECT count(*) FROM skip")
    assert [sum(done)] == [int(str(outcomes[0])) + int(str(skips[0]))]


def test_errors_of_a_test(path: Path) -> None:
    """Of each error it is told in how many runs it was, and in which first and last."""
    _, found, _, _ = read(path)
    (failures,) = [each.failures for each in found if each[:3] == ("TestA.test_a", "test_a", "x")]
    assert sum(each.runs for each in failures) == 4
    assert failures[0] == Failure("", 0, 0, 4)._replace(
        error=failures[0].error, runs=failures[0].runs, first=failures[0].first
    )


def test_a_skip_beside_an_outcome_does_not_count(tmp_path: Path) -> None:
    """A test that one part of a run skipped and another ran, did run, whichever came first."""
    for name, suites in (("one", ("S", "P")), ("other", ("P", "S"))):
        for states in suites:
            record_suite(tmp_path / name, {"TestA.test_a": states})
        _, found, _, _ = read(tmp_path / name)
        assert [each.letters for each in found] == ["P"]


def test_the_last_runs_have_columns(path: Path) -> None:
    """Where there are many runs the last are shown; counted are all."""
    grid, found, counts, _ = read(path, most=2)
    assert (grid.earlier, [column.name for column in grid.columns]) == (3, ["r3", "r4"])
    assert letters(found, "x")["TestA.test_a"] == "CM"
    assert counts.failed == {1: 1, 3: 1, 4: 1} and len(grid.moments) == 5


def test_runs_that_do_not_count(path: Path) -> None:
    """Runs that were not asked for are not there; those set aside are, remarked, not counted."""
    grid, found, _, _ = read(path, Choice(configuration="x", last=2))
    assert [column.name for column in grid.columns] == ["r3", "r4"]
    assert letters(found, "y") == {}
    record_suite(path, {f"TestA.test_{name}": "F" for name in "abdef"}, "x", first=7)
    grid, found, counts, _ = read(path)
    assert [column.remark for column in grid.columns][-2:] == [
        "", "set aside: 5 of 5 tests failed",
    ]
    assert letters(found, "x")["TestA.test_d"] == "PPPPPF"
    assert len(grid.moments) == 5 and max(counts.failed) == 4


def test_reading_is_told_of_now_and_then(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After so many outcomes it is told how many were read."""
    whole = read(path)[3]
    monkeypatch.setattr(history_series, "TELL_EVERY", 10)
    told = read(path)[3]
    assert len(told) > 2 and sum(told) == sum(whole)


def test_skips_are_pruned(path: Path) -> None:
    """Skips go with their runs, and tests that only skipped with them."""
    from trunk_failures import history_runs

    with history.writing(str(path)) as connection:
        history_runs.prune(connection, HOUR * 5)
    assert rows(path, "SELECT DISTINCT key FROM skip JOIN test ON id = test") == [
        ("TestA.test_c",)
    ]
    with history.writing(str(path)) as connection:
        history_runs.prune(connection, HOUR * 50)
    assert rows(path, "SELECT * FROM skip") == rows(path, "SELECT * FROM test") == []
