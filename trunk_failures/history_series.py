"""Series out of the history: one test after the other, however many outcomes there are."""

from __future__ import annotations

import collections
import itertools
import operator
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, Optional

from trunk_failures import stability, trials
from trunk_failures.history_runs import PASSED
from trunk_failures.trials import Run, Series

TELL_EVERY = 50_000
"""Outcomes after which it is told how many have been read."""

EARLIER, ASIDE = -2, -1
"""The places of runs that do not count: those before the last ones, and those set aside."""

_LETTERS = bytes(
    (trials.PASSED if state == PASSED else trials.MIXED if state & PASSED else trials.FAILED)[0]
    for state in range(256)
)


OutcomeRow = tuple[int, int, int, Optional[int]]
"""Test, run, state and error; a state without bits is of a test that skipped itself."""


class Choice(NamedTuple):
    """Which runs count: of a branch, of a configuration, the last of each configuration.

    `share` is that of failing tests from which on a run is set aside.
    """

    branch: str | None = None
    configuration: str | None = None
    last: int | None = None
    share: float = stability.SHARE


class Runs(NamedTuple):
    """The runs that count, in the order of their times, and those that were set aside.

    `by_configuration` has the former; `places` says of each number in the history what its
    configuration is and which of its runs it is, less than 0 for those that do not count.
    """

    by_configuration: Mapping[str, Sequence[Run]]
    places: Mapping[int, tuple[str, int]]
    set_aside: Sequence[Run]

    @property
    def total(self) -> int:
        """How many runs count."""
        return sum(map(len, self.by_configuration.values()))


def runs(connection: sqlite3.Connection, choice: Choice = Choice()) -> Runs:
    """Return the runs that count."""
    found: dict[str, list[Run]] = {}
    places: dict[int, tuple[str, int]] = {}
    aside: list[Run] = []
    skipped = _skipped(connection, choice)
    for number, run in _chosen(connection, choice):
        if stability.set_aside(run, choice.share):
            aside.append(run)
        elif skipped.get(run.configuration, 0) > 0:
            skipped[run.configuration] -= 1
            places[number] = run.configuration, EARLIER
            continue
        else:
            counting = found.setdefault(run.configuration, [])
            places[number] = run.configuration, len(counting)
            counting.append(run)
            continue
        places[number] = run.configuration, ASIDE
    return Runs({name: found[name] for name in sorted(found)}, places, aside)


def _skipped(connection: sqlite3.Connection, choice: Choice) -> dict[str, int]:
    """Return how many of the first runs of each configuration do not count."""
    if choice.last is None:
        return {}
    counts = collections.Counter(
        run.configuration
        for _, run in _chosen(connection, choice)
        if not stability.set_aside(run, choice.share)
    )
    return {name: count - choice.last for name, count in counts.items()}


def _chosen(connection: sqlite3.Connection, choice: Choice) -> Iterator[tuple[int, Run]]:
    """Yield the runs of the branch and the configuration that are asked for, the oldest first."""
    query = (
        "SELECT id, name, configuration, time, commit_id, branch, modes, tests, failed FROM run"
        " WHERE branch = coalesce(?, branch) AND configuration = coalesce(?, configuration)"
        " ORDER BY time, id"
    )
    for number, *fields in connection.execute(query, (choice.branch, choice.configuration)):
        yield number, Run(*fields)


def outcomes(connection: sqlite3.Connection) -> int:
    """Return about how many outcomes there are, without counting them."""
    (count,) = connection.execute("SELECT coalesce(sum(tests), 0) FROM run").fetchone()
    return int(count)


def read(
    connection: sqlite3.Connection, chosen: Runs, done: Callable[[int], None] = lambda rows: None
) -> Iterator[Series]:
    """Yield the series of each test in each configuration that has it, the tests in order.

    One that only runs which do not count have is there without any trials.
    `done` is called with numbers of outcomes that have been read.
    """
    errors = Errors(connection)
    query = "SELECT test, run, state, error FROM outcome ORDER BY test, run"
    for key, place, own in by_test(connection, query, done):
        yield from _series(key, place, own, chosen, errors)


def by_test(
    connection: sqlite3.Connection, query: str, done: Callable[[int], None]
) -> Iterator[tuple[str, str, Sequence[OutcomeRow]]]:
    """Yield the key, the place and the rows of each test, the rows being what a query gives.

    It gives them in the order of their tests. `done` is called with numbers of rows.
    """
    tests = connection.execute("SELECT id, key, place FROM test ORDER BY id")
    read_rows = 0
    for number, found in itertools.groupby(connection.execute(query), operator.itemgetter(0)):
        own = [*found]
        named = next(((key, place) for other, key, place in tests if other == number), None)
        if named is None:
            raise sqlite3.DatabaseError(f"it has outcomes of a test {number}, and no such test")
        yield (*named, own)
        read_rows += len(own)
        if read_rows >= TELL_EVERY:
            done(read_rows)
            read_rows = 0
    done(read_rows)


def of_keys(
    connection: sqlite3.Connection, chosen: Runs, keys: Iterable[str]
) -> Iterator[Series]:
    """Yield the series of the tests that have these keys, of whatever file."""
    errors = Errors(connection)
    query = "SELECT id, place FROM test WHERE key = ? ORDER BY place"
    outcome = "SELECT test, run, state, error FROM outcome WHERE test = ? ORDER BY run"
    for key in keys:
        for number, place in connection.execute(query, (key,)).fetchall():
            own = connection.execute(outcome, (number,)).fetchall()
            yield from _series(key, place, own, chosen, errors)


class Errors:
    """The errors' texts, looked up when they are asked for."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._known: dict[int, str] = {}

    def text(self, number: int) -> str:
        """Return an error's text."""
        if number not in self._known:
            query = "SELECT text FROM error WHERE id = ?"
            found = self._connection.execute(query, (number,)).fetchone()
            if found is None:
                raise sqlite3.DatabaseError(f"it has outcomes of an error {number}, and no such")
            (self._known[number],) = found
        return self._known[number]


def _series(
    key: str,
    place: str,
    rows: Sequence[OutcomeRow],
    chosen: Runs,
    errors: Errors,
) -> Iterator[Series]:
    """Yield the series of one test, by its configurations."""
    by_configuration: dict[str, list[tuple[int, int, int | None]]] = {}
    earlier: set[str] = set()
    places = chosen.places
    for _, run, state, error in rows:
        where = places.get(run)
        if where is not None:
            ran = by_configuration.setdefault(where[0], [])
            if where[1] >= 0:
                ran.append((where[1], state, error))
            elif where[1] == EARLIER:
                earlier.add(where[0])
    for name, ran in sorted(by_configuration.items()):
        ran.sort()  # Mostly they are: runs are numbered as they are recorded.
        last = next((error for _, _, error in reversed(ran) if error is not None), None)
        text = errors.text(last) if last is not None else ""
        states = bytes(state for _, state, _ in ran).translate(_LETTERS)
        numbers = [number for number, _, _ in ran]
        own = chosen.by_configuration.get(name, ())
        yield Series(key, place, name, own, numbers, states, text, name in earlier)
