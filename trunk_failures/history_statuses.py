"""Statuses in the history: when each source said that which test is disabled.

Kept are the spans in which a test was disabled, and the moments at which the source was heard. What
holds at one moment holds until the next, so that statuses may come in any order, and twice.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from trunk_failures import disabled_spans
from trunk_failures.disabled_spans import Span
from trunk_failures.statuses import Disabled


class Snapshot(NamedTuple):
    """What a source said at a time (in seconds since 1970): the disabled tests by their names."""

    source: str
    time: int
    tests: Mapping[str, Disabled]


class DisabledTest(NamedTuple):
    """One test that a source has disabled, with the spans, the first of them first."""

    source: str
    name: str
    spans: tuple[Span, ...]
    issue: str = ""
    platforms: str = ""
    reason: str = ""

    @property
    def now(self) -> bool:
        """Whether it is disabled as far as is known."""
        return self.spans[-1].until is None


def record(connection: sqlite3.Connection, snapshots: Iterable[Snapshot]) -> tuple[int, int]:
    """Write what sources said; returns how many statuses that were, and how many were new."""
    given = added = 0
    timelines: dict[str, _Timeline] = {}
    for snapshot in snapshots:
        source = snapshot.source
        timeline = timelines.get(source)
        if timeline is None:
            timeline = timelines[source] = _Timeline(connection, source)
        added += timeline.record(snapshot)
        given += 1
    return given, added


def disabled(connection: sqlite3.Connection) -> Iterator[DisabledTest]:
    """Yield the tests that were ever disabled, by source and name."""
    rows = connection.execute(
        "SELECT source, name, since, until, issue, platforms, reason FROM disabled"
        " ORDER BY source, name, since"
    )
    found: DisabledTest | None = None
    for source, name, since, until, *said in rows:
        span = Span(since, until)
        if found is not None and (found.source, found.name) == (source, name):
            found = DisabledTest(source, name, (*found.spans, span), *said)
            continue
        if found is not None:
            yield found
        found = DisabledTest(source, name, (span,), *said)
    if found is not None:
        yield found


def heard(connection: sqlite3.Connection) -> dict[str, int]:
    """Return when each source last said something, in seconds since 1970."""
    query = "SELECT source, max(time) FROM status GROUP BY source ORDER BY source"
    return {source: int(time) for source, time in connection.execute(query)}


def last(connection: sqlite3.Connection) -> int:
    """Return when a source last said something, or 0."""
    return max(heard(connection).values(), default=0)


def prune(connection: sqlite3.Connection, before: int) -> int:
    """Delete the spans that ended before a time; returns how many there were."""
    count = connection.execute("DELETE FROM disabled WHERE until <= ?", (before,)).rowcount
    # The last moment before stays: what was said then holds on.
    connection.execute(
        "DELETE FROM status WHERE time < (SELECT max(other.time) FROM status AS other"
        " WHERE other.source = status.source AND other.time <= ?)",
        (before,),
    )
    return count


class _Timeline:
    """What one source said, as it is in the history."""

    def __init__(self, connection: sqlite3.Connection, source: str) -> None:
        self._connection = connection
        self._source = source
        self._last: tuple[int, Mapping[str, Disabled]] | None = None
        """The last moment of all, where it is one that was just written, and what holds since."""

    def record(self, snapshot: Snapshot) -> bool:
        """Write what the source said at one moment; tells whether the moment is new."""
        time, said = snapshot.time, snapshot.tests
        if self._last is not None and self._last[0] < time:
            known, until = self._last[1], None
            before = set(known)
        else:
            known, until = {}, self._next(time)
            before = self._covering(time)
        for name in before - said.keys():
            self._put(name, disabled_spans.without_span(self._spans(name), Span(time, until)))
        for name in said.keys() - before:
            spans = disabled_spans.with_span(self._spans(name), Span(time, until))
            self._put(name, spans, said[name])
        if until is None:  # What is said of a time that is past is no news of the tests.
            self._describe(test for name, test in said.items() if test != known.get(name))
        new = self._connection.execute(
            "INSERT INTO status VALUES (?, ?) ON CONFLICT DO NOTHING", (self._source, time)
        ).rowcount
        self._last = (time, dict(said)) if until is None else None
        return bool(new)

    def _next(self, time: int) -> int | None:
        (found,) = self._connection.execute(
            "SELECT min(time) FROM status WHERE source = ? AND time > ?", (self._source, time)
        ).fetchone()
        return None if found is None else int(found)

    def _covering(self, time: int) -> set[str]:
        rows = self._connection.execute(
            "SELECT name FROM disabled WHERE source = ? AND since <= ?"
            " AND (until IS NULL OR until > ?)",
            (self._source, time, time),
        )
        return {name for (name,) in rows}

    def _spans(self, name: str) -> list[Span]:
        rows = self._connection.execute(
            "SELECT since, until FROM disabled WHERE source = ? AND name = ?", (self._source, name)
        )
        return [Span(*row) for row in rows]

    def _put(self, name: str, spans: Iterable[Span], test: Disabled | None = None) -> None:
        """Replace the spans of a test; what is known of it stays, where something is."""
        query = "SELECT issue, platforms, reason FROM disabled WHERE source = ? AND name = ?"
        named = (self._source, name)
        said = self._connection.execute(query, named).fetchone() or _said(test)
        self._connection.execute("DELETE FROM disabled WHERE source = ? AND name = ?", named)
        self._connection.executemany(
            "INSERT INTO disabled VALUES (?, ?, ?, ?, ?, ?, ?)",
            [(*named, *span, *said) for span in spans],
        )

    def _describe(self, tests: Iterable[Disabled]) -> None:
        """Write what is known of tests."""
        self._connection.executemany(
            "UPDATE disabled SET issue = ?, platforms = ?, reason = ?"
            " WHERE source = ? AND name = ?",
            [(*_said(test), self._source, test.name) for test in tests],
        )


def _said(test: Disabled | None) -> tuple[str, str, str]:
    """Return what is said of a test beside its name."""
    return (test.issue, ", ".join(test.platforms), test.reason) if test else ("", "", "")
