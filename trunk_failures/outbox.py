"""The outbox, in the history: what was told, what is remembered, what waits to be sent.

A change enters it once, with a message for each channel; a message leaves it when it was sent. All
that follows from one look is written in one transaction.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence, Set
from typing import NamedTuple

from trunk_failures import messages
from trunk_failures.history import storable
from trunk_failures.messages import Channel, Message
from trunk_failures.notifications import Change, Memory, Since, Subject

TESTS, LISTS, SOURCES = "tests", "lists", "sources"
"""What can be looked at for the first time: a configuration's tests, a directory's lists, trunk."""

DISABLED = "disabled"
"""What is remembered beside that: a test that trunk disabled at the last look."""


class Waiting(NamedTuple):
    """A message that is to be sent; `tries` is how often that has failed, `fault` why at last."""

    number: int
    message: Message
    tries: int = 0
    fault: str = ""


def memory(connection: sqlite3.Connection, branch: str) -> Memory:
    """Return what is remembered of a branch."""
    rows = connection.execute(
        "SELECT key, place, configuration, run, time, commit_id FROM failing WHERE branch = ?",
        (branch,),
    )
    failing = {
        Subject(key, place, configuration, branch): Since(*since)
        for key, place, configuration, *since in rows
    }
    return Memory(failing, frozenset(watched(connection, branch, TESTS)))


def failing_on_others(connection: sqlite3.Connection, branch: str) -> set[Subject]:
    """Return what fails on other branches, as far as is remembered; of no one branch nothing."""
    query = "SELECT key, place, configuration, branch FROM failing WHERE branch NOT IN ('', ?)"
    return {Subject(*row) for row in connection.execute(query, (branch,))} if branch else set()


def watched(connection: sqlite3.Connection, branch: str, kind: str) -> set[str]:
    """Return what of a kind was looked at before."""
    query = "SELECT name FROM watched WHERE branch = ? AND kind = ?"
    return {name for (name,) in connection.execute(query, (branch, kind))}


def remember(
    connection: sqlite3.Connection, branch: str, before: Memory, after: Memory
) -> None:
    """Write what has to be remembered of a branch, given what was."""
    connection.executemany(
        "DELETE FROM failing WHERE branch = ? AND key = ? AND place = ? AND configuration = ?",
        [(branch, *subject[:3]) for subject in before.failing.keys() - after.failing.keys()],
    )
    connection.executemany(
        "INSERT OR REPLACE INTO failing VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (branch, *subject[:3], *after.failing[subject])
            for subject in after.failing.keys() - before.failing.keys()
        ],
    )
    watch(connection, branch, TESTS, after.watched - before.watched)


def watch(connection: sqlite3.Connection, branch: str, kind: str, names: Iterable[str]) -> None:
    """Write what was looked at."""
    connection.executemany(
        "INSERT OR IGNORE INTO watched VALUES (?, ?, ?)",
        [(branch, kind, storable(name)) for name in sorted(names)],
    )


def disabled(connection: sqlite3.Connection) -> set[tuple[str, str]]:
    """Return the tests, as (source, name), that were disabled at the last look."""
    return {(source, name) for source, name in map(json.loads, watched(connection, "", DISABLED))}


def remember_disabled(
    connection: sqlite3.Connection, before: Set[tuple[str, str]], after: Set[tuple[str, str]]
) -> None:
    """Write which tests are disabled, given which were."""
    connection.executemany(
        "DELETE FROM watched WHERE branch = '' AND kind = ? AND name = ?",
        [(DISABLED, json.dumps(test)) for test in before - after],
    )
    watch(connection, "", DISABLED, map(json.dumps, after - before))


def new(connection: sqlite3.Connection, changes: Iterable[Change]) -> list[Change]:
    """Return the changes that were never told."""
    query = "SELECT 1 FROM told WHERE identity = ?"
    return [
        each
        for each in changes
        if connection.execute(query, (_identity(each),)).fetchone() is None
    ]


def add(
    connection: sqlite3.Connection,
    changes: Sequence[Change],
    silent: Iterable[Change],
    channels: Iterable[Channel],
    now: int,
) -> None:
    """Write the messages of new changes for each channel, and that these, and others, are known."""
    connection.executemany(
        "INSERT OR IGNORE INTO told VALUES (?, ?)",
        [(_identity(each), now) for each in (*changes, *silent)],
    )
    connection.executemany(
        "INSERT OR IGNORE INTO message (channel, key, made, changes) VALUES (?, ?, ?, ?)",
        [
            (storable(channel.name), made.key, made.made, messages.dump(made.changes))
            for channel in channels
            for made in made_for(channel, changes, now)
        ],
    )


def taken(
    channels: Iterable[Channel], changes: Sequence[Change]
) -> tuple[list[Change], list[Change]]:
    """Return the changes that some channel tells, and those that none does."""
    told = {each for channel in channels for part in channel.parts(changes) for each in part}
    return [each for each in changes if each in told], [
        each for each in changes if each not in told
    ]


def forget(connection: sqlite3.Connection, changes: Iterable[Change]) -> None:
    """Write that changes are over, so that they are told when they come again."""
    connection.executemany(
        "DELETE FROM told WHERE identity = ?", [(_identity(each),) for each in changes]
    )


def made_for(channel: Channel, changes: Sequence[Change], now: int) -> list[Message]:
    """Return the messages of new changes for a channel."""
    return [
        Message(messages.key(channel.name, part, now), now, part) for part in channel.parts(changes)
    ]


def waiting(connection: sqlite3.Connection, channel: str) -> list[Waiting]:
    """Return the messages that are to be sent by a channel, the first of them first."""
    rows = connection.execute(
        "SELECT id, key, made, changes, tries, fault FROM message WHERE channel = ? ORDER BY id",
        (storable(channel),),
    )
    return [
        Waiting(number, Message(key, made, messages.load(changes)), tries, fault)
        for number, key, made, changes, tries, fault in rows
    ]


def left(connection: sqlite3.Connection, named: Iterable[str]) -> dict[str, int]:
    """Return how many messages wait for each channel that is none of those named."""
    query = "SELECT channel, count(*) FROM message GROUP BY channel ORDER BY channel"
    known = {*map(storable, named)}
    return {name: count for name, count in connection.execute(query) if name not in known}


def sent(connection: sqlite3.Connection, waiting: Waiting) -> None:
    """Take a message out, as it was sent or is given up."""
    connection.execute("DELETE FROM message WHERE id = ?", (waiting.number,))


def failed(connection: sqlite3.Connection, waiting: Waiting, fault: str) -> None:
    """Write why a message could not be sent."""
    connection.execute(
        "UPDATE message SET tries = tries + 1, fault = ? WHERE id = ?",
        (storable(fault), waiting.number),
    )


def _identity(change: Change) -> str:
    return json.dumps(change.identity)
