"""Runs in the history: what the tests of a run came to, written and pruned.

What several records of one run say is put together, whatever their order and number: a test's
state has the bits of all that it came to, so that saying the same again changes nothing.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from typing import NamedTuple, Optional

from trunk_failures import causes, history
from trunk_failures.proposals import FAILING, PASSING
from trunk_failures.results.seen import FAILURES, Gathered, Seen
from trunk_failures.results.seen import Test as SeenTest
from trunk_failures.trials import Run
from trunk_failures.verdicts import Verdict

PASSED, FAILED, KNOWN, CRASHED = 1, 2, 4, 8
"""The bits of a state; KNOWN is a failure that a list, or a mark in the source, expects."""

BITS = {
    **dict.fromkeys(PASSING, PASSED),
    **dict.fromkeys(FAILING - FAILURES, KNOWN),
    **dict.fromkeys(FAILURES, FAILED),
    Verdict.CRASHED: CRASHED,
}
"""The bit of each verdict of a test that ran; the others are of tests that did not."""

UNEXPECTED = FAILED | CRASHED

_FIXTURES = """
    SELECT DISTINCT key FROM test WHERE (key GLOB '_FailedTest.*' OR key GLOB '*.setUpClass'
    OR key GLOB '*.tearDownClass' OR key GLOB '*.setUpModule' OR key GLOB '*.tearDownModule')
    AND EXISTS (SELECT 1 FROM outcome WHERE outcome.test = test.id)
"""

_FIRST = "INSERT INTO outcome VALUES (?, ?, ?, ?)"
_AGAIN = "INSERT OR REPLACE INTO outcome VALUES (?, ?, ?, ?)"

_Tests = dict[str, tuple[int, Optional[int]]]
"""By key: the state and the error."""

_Row = tuple[int, int, int, Optional[int]]
"""Test, run, state and error."""


class Recorded(NamedTuple):
    """What a record came to: how many tests of the run it has told of, how many were new to it."""

    tests: int
    new: int


def fixtures(connection: sqlite3.Connection) -> set[str]:
    """Return the keys of modules that did not load and of fixtures that failed in some run.

    Of these nothing is told when they pass but that their tests ran.
    """
    return {key for (key,) in connection.execute(_FIXTURES)}


def record(
    connection: sqlite3.Connection, run: Run, parts: Iterable[Gathered], now: int
) -> Recorded:
    """Write what a run's tests came to; each part has all there is of its tests.

    `now` is the time of a run that is new and says none.
    """
    return _Recording(connection, run, now).record(parts)


def prune(connection: sqlite3.Connection, before: int) -> int:
    """Delete the runs before a time, and what only they had; returns how many there were."""
    old = "SELECT id FROM run WHERE time < ?"
    for table in ("outcome", "skip"):
        connection.execute(f"DELETE FROM {table} WHERE run IN ({old})", (before,))
    count = connection.execute("DELETE FROM run WHERE time < ?", (before,)).rowcount
    if count:
        connection.execute(
            "DELETE FROM test WHERE id NOT IN (SELECT test FROM outcome)"
            " AND id NOT IN (SELECT test FROM skip)"
        )
        connection.execute(
            "DELETE FROM error WHERE id NOT IN (SELECT error FROM outcome WHERE error IS NOT NULL)"
        )
    return count


def state(seen: Seen) -> int:
    """Return the bits of what a test came to; 0 where it did not run."""
    found = 0
    for verdict in seen.verdicts:
        found |= BITS.get(verdict, 0)
    return found


def common_modes(told: Iterable[str]) -> str:
    """Return the modes that were in force in all parts of a run, as each part's are told.

    Which part ran a test is not kept, so that of a mode of some parts nothing can be said.
    """
    named = [{name.strip() for name in modes.split(",")} for modes in told]
    common = set.intersection(*named) if named else set()
    return ",".join(sorted(common - {""}))


class _Recording:
    """One run on its way into the history."""

    def __init__(self, connection: sqlite3.Connection, run: Run, now: int) -> None:
        self._connection = connection
        self._run, self._is_new = _add_run(connection, run, now)
        self._last_test = _greatest(connection, "test")
        self._errors: dict[str, int] = {}

    def record(self, parts: Iterable[Gathered]) -> Recorded:
        """Write the outcomes and count them."""
        told = new = failed = 0
        for gathered in parts:
            for place, tests in self._by_place(gathered):
                rows = self._rows(place, tests)
                before = {} if self._is_new else self._before(row[0] for row in rows)
                if before:
                    rows = [_merged(row, before.get(row[0])) for row in rows]
                self._connection.executemany(_AGAIN if before else _FIRST, rows)
                told += len(rows)
                new += len(rows) - len(before)
                failed += sum(row[2] & UNEXPECTED != 0 for row in rows if row[2] != PASSED)
                failed -= sum(state & UNEXPECTED != 0 for state, _ in before.values())
            self._skip(gathered)
        self._connection.execute(
            "UPDATE run SET tests = tests + ?, failed = failed + ? WHERE id = ?",
            (new, failed, self._run),
        )
        return Recorded(told, new)

    def _skip(self, gathered: Gathered) -> None:
        """Write which tests skipped themselves; where a part says that one ran, that holds."""
        places: dict[str, _Tests] = {}
        for test in gathered.tests:
            (seen,) = test.seen.values()
            if Verdict.SKIPPED in seen.verdicts and not state(seen):
                tests = places.setdefault(history.storable(test.place), {})
                tests[history.storable(test.key)] = (0, None)
        for place, tests in places.items():
            self._connection.executemany(
                "INSERT OR IGNORE INTO skip VALUES (?, ?)",
                [row[:2] for row in self._rows(place, tests)],
            )

    def _by_place(self, gathered: Gathered) -> Iterator[tuple[str, _Tests]]:
        """Yield the tests that ran, those of one scope and one place together, with the place."""
        scopes: dict[tuple[str, str], _Tests] = {}
        for _, scope, place, names in gathered.passed:
            keys: Iterable[str] = [f"{scope}.{name}" for name in names]
            if not "".join(keys).isascii():
                keys = map(self._storable, keys)
            tests = scopes.setdefault((scope, self._storable(place)), {})
            tests.update(dict.fromkeys(keys, (PASSED, None)))
        for test in gathered.tests:
            told = self._told(test)
            if told is not None:
                scope = test.key.partition(".")[0]
                tests = scopes.setdefault((scope, self._storable(test.place)), {})
                key = self._storable(test.key)
                state, error = tests.get(key, (0, None))
                tests[key] = told[0] | state, told[1] if error is None else error
        for (_, place), tests in scopes.items():
            yield place, tests

    def _storable(self, text: str) -> str:
        """Return a text as it is kept; where it is another one then, two tests may be one."""
        kept = history.storable(text)
        self._is_new = self._is_new and kept == text
        return kept

    def _told(self, test: SeenTest) -> tuple[int, int | None] | None:
        """Return a test's state and its error; None where it did not run."""
        (seen,) = test.seen.values()
        found = state(seen)
        if not found:
            return None
        text = causes.normalised(seen.error) if found != PASSED else ""
        return found, self._error(text) if text else None

    def _rows(self, place: str, tests: _Tests) -> list[_Row]:
        """Return the rows of tests, in their order on the disk; those that are new are added."""
        known = self._connection.execute(
            "SELECT key, id FROM test WHERE key BETWEEN ? AND ? AND place = ?",
            (min(tests), max(tests), place),
        ).fetchall()
        run = self._run
        rows = sorted((number, run, *tests[key]) for key, number in known if key in tests)
        if len(rows) < len(tests):
            added = sorted(tests.keys() - {key for key, _ in known})
            first = self._last_test + 1
            self._last_test += len(added)
            rows += [(number, run, *tests[key]) for number, key in enumerate(added, first)]
            self._connection.executemany(
                "INSERT INTO test VALUES (?, ?, ?)",
                [(number, key, place) for number, key in enumerate(added, first)],
            )
        return rows

    def _before(self, numbers: Iterable[int]) -> dict[int, tuple[int, int | None]]:
        """Return what was recorded of tests of this run before."""
        query = "SELECT state, error FROM outcome WHERE test = ? AND run = ?"
        found = {}
        for number in numbers:
            row = self._connection.execute(query, (number, self._run)).fetchone()
            if row is not None:
                found[number] = row
        return found

    def _error(self, text: str) -> int:
        if text not in self._errors:
            self._errors[text] = _number_of_error(self._connection, text)
        return self._errors[text]


def _merged(row: _Row, before: tuple[int, int | None] | None) -> _Row:
    """Return a row with what was recorded before; of several errors the first one known stays."""
    if before is None:
        return row
    test, run, state, error = row
    known = [each for each in (error, before[1]) if each is not None]
    return test, run, state | before[0], min(known, default=None)


def _add_run(connection: sqlite3.Connection, run: Run, now: int) -> tuple[int, bool]:
    """Return a run's number and whether it is new; what is said anew of a known one is kept."""
    found = connection.execute(
        "SELECT id, modes FROM run WHERE name = ? AND configuration = ?", run[:2]
    ).fetchone()
    if found is None:
        cursor = connection.execute(
            "INSERT INTO run (name, configuration, time, commit_id, branch, modes)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            run._replace(time=run.time or now)[:6],
        )
        assert cursor.lastrowid is not None
        return cursor.lastrowid, True
    number, modes = found
    common = common_modes([modes, run.modes])
    connection.execute("UPDATE run SET modes = ? WHERE id = ?", (common, number))
    for column, value in (("time", run.time), ("commit_id", run.commit), ("branch", run.branch)):
        if value:
            connection.execute(f"UPDATE run SET {column} = ? WHERE id = ?", (value, number))
    return int(number), False


def _number_of_error(connection: sqlite3.Connection, text: str) -> int:
    connection.execute("INSERT INTO error (text) VALUES (?) ON CONFLICT DO NOTHING", (text,))
    (number,) = connection.execute("SELECT id FROM error WHERE text = ?", (text,)).fetchone()
    return int(number)


def _greatest(connection: sqlite3.Connection, table: str) -> int:
    (number,) = connection.execute(f"SELECT coalesce(max(id), 0) FROM {table}").fetchone()
    return int(number)
