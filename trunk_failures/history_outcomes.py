"""Outcomes out of the history: what each test came to run by run, a letter a run."""

from __future__ import annotations

import collections
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from trunk_failures import history_series, pages
from trunk_failures.history_runs import CRASHED, FAILED, KNOWN, PASSED
from trunk_failures.history_series import OutcomeRow, Runs
from trunk_failures.pages import Column, Failure

ERRORS = 5
"""Errors of a test that are told, those that came last."""

# What skipped has no outcome, and where it has, in another part of the run, that comes first.
_ROWS = """
    SELECT test, run, state, error FROM outcome
    UNION ALL SELECT test, run, 0, NULL FROM skip
    ORDER BY test, run, state DESC
"""
_FAILURES = FAILED | KNOWN | CRASHED
_UNEXPECTED = FAILED | CRASHED
_BY_BIT = ((CRASHED, pages.CRASHED), (FAILED, pages.FAILED), (KNOWN, pages.EXPECTED))


class Grid(NamedTuple):
    """The runs that are told of, in the order of their times, all configurations' together.

    `columns` are the last of them, before which there are `earlier` ones; `moments` are the times
    of all that count. `places` says of each number in the history what its configuration is, and
    which moment and which column it belongs to, -1 for none.
    """

    columns: Sequence[Column]
    earlier: int
    moments: Sequence[int]
    places: Mapping[int, tuple[str, int, int]]


class Outcomes(NamedTuple):
    """What one test in one configuration came to; `letters` has one for each column."""

    key: str
    place: str
    configuration: str
    letters: str
    failures: Sequence[Failure]


class Counts(NamedTuple):
    """How many tests failed, expected or not, at each moment of a grid."""

    expected: collections.Counter[int]
    failed: collections.Counter[int]


def grid(connection: sqlite3.Connection, chosen: Runs, most: int) -> Grid:
    """Return the columns: the last runs that count, by their names, and those set aside."""
    aside = {(run.name, run.configuration): run for run in chosen.set_aside}
    numbers: dict[str, list[tuple[int, str, bool]]] = {}
    found: dict[str, Column] = {}
    counting: dict[str, int] = {}
    for number, name, configuration, time, commit, branch in connection.execute(
        "SELECT id, name, configuration, time, commit_id, branch FROM run ORDER BY time, id"
    ):
        counts = chosen.places.get(number, ("", -1))[1] >= 0
        run = aside.get((name, configuration))
        if not counts and run is None:
            continue
        remark = f"set aside: {run.failed} of {run.tests} tests failed" if run else ""
        found.setdefault(name, Column(name, time, commit, branch, remark))
        numbers.setdefault(name, []).append((number, configuration, counts))
        if counts:
            counting.setdefault(name, len(counting))
    first = max(0, len(found) - most)
    places = {
        number: (configuration, counting[name] if counts else -1, max(-1, column - first))
        for column, name in enumerate(found)
        for number, configuration, counts in numbers[name]
    }
    moments = [found[name].time for name in counting]
    return Grid([*found.values()][first:], first, moments, places)


def letter(state: int) -> str:
    """Return the letter of what a test came to in one run; without a bit it skipped itself."""
    if state & PASSED:
        return pages.MIXED if state & _FAILURES else pages.PASSED
    return next((letter for bit, letter in _BY_BIT if state & bit), pages.SKIPPED)


def total(connection: sqlite3.Connection) -> int:
    """Return about how many outcomes `read` reads, those of tests that skipped among them."""
    (skipped,) = connection.execute("SELECT count(*) FROM skip").fetchone()
    return history_series.outcomes(connection) + int(skipped)


def read(
    connection: sqlite3.Connection,
    shown: Grid,
    counts: Counts,
    done: Callable[[int], None] = lambda rows: None,
) -> Iterator[Outcomes]:
    """Yield the outcomes of each test in each configuration, the tests in order; adds to `counts`.

    `done` is called with numbers of outcomes that have been read.
    """
    errors = history_series.Errors(connection)
    for key, place, own in history_series.by_test(connection, _ROWS, done):
        for configuration, letters in sorted(_letters(own, shown, counts).items()):
            yield Outcomes(key, place, configuration, str(letters), letters.failures(errors))


def _letters(
    rows: Sequence[OutcomeRow], shown: Grid, counts: Counts
) -> dict[str, _Letters]:
    """Return what one test came to, by its configurations; adds it to `counts`."""
    found: dict[str, _Letters] = {}
    failing: dict[bool, set[int]] = {True: set(), False: set()}
    for _, run, state, error in rows:
        if run not in shown.places:
            continue
        configuration, moment, column = shown.places[run]
        if configuration not in found:
            found[configuration] = _Letters(len(shown.columns))
        found[configuration].add(column, state, error)
        if state & _FAILURES:
            failing[bool(state & _UNEXPECTED)].add(moment)
    counts.expected.update(failing[False])
    counts.failed.update(failing[True])
    return found


class _Letters:
    """What one test in one configuration came to, as it is read."""

    def __init__(self, columns: int) -> None:
        self._letters = [pages.NOT_RUN] * columns
        self._errors: dict[int, list[int]] = {}

    def __str__(self) -> str:
        return "".join(self._letters)

    def add(self, column: int, state: int, error: int | None) -> None:
        """Add one run, where it has a column."""
        if column >= 0 and self._letters[column] == pages.NOT_RUN:
            self._letters[column] = letter(state)
            if error is not None:
                self._errors.setdefault(error, []).append(column)

    def failures(self, errors: history_series.Errors) -> list[Failure]:
        """Return the errors, that of the last run first."""
        found = sorted(self._errors.items(), key=lambda each: -max(each[1]))
        return [
            Failure(errors.text(error), len(columns), min(columns), max(columns))
            for error, columns in found[:ERRORS]
        ]
