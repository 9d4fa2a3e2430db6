"""Looks: what the history, the lists and statuses say now that people may have to be told."""

from __future__ import annotations

import datetime
import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence, Set
from typing import NamedTuple

from trunk_failures import (
    discovery,
    entry_files,
    history,
    history_series,
    history_statuses,
    list_files,
    list_places,
    notifications,
    outbox,
    retirement,
    stability,
    status_changes,
    status_files,
)
from trunk_failures.entries import Entry
from trunk_failures.errors import EntryError, ListError, SourceError
from trunk_failures.history_series import Choice
from trunk_failures.listed_tests import ListedTests
from trunk_failures.notifications import Change, Kind, Memory
from trunk_failures.stability import Stability


OF_TRUNK = (Kind.DISABLED, Kind.ENABLED)


class Terms(NamedTuple):
    """When there is something to tell: after how many days, how many days or hours before or after.
    """

    failing: int = 14
    expiring: int = 7
    stale: int = 24
    everything: bool = False


class Look(NamedTuple):
    """What there is to tell for the first time, what is known without a word, and what is kept.

    `lists` is the directory whose lists were looked at, or ""; `runs` is how many runs counted.
    `readable` are the files of statuses that are there. `sources` are those of trunk's statuses,
    and `disabled` the tests, as (source, name), that they disabled before and disable now.
    """

    changes: Sequence[Change]
    silent: Sequence[Change]
    before: Memory
    after: Memory
    lists: str
    runs: int
    readable: Sequence[str] = ()
    sources: Set[str] = frozenset()
    disabled: tuple[Set[tuple[str, str]], Set[tuple[str, str]]] = (frozenset(), frozenset())


class Listed(NamedTuple):
    """The lists of a test directory: how it is shown, its entries, and which of them list a test.

    `faults` says what of them cannot be read.
    """

    shown: str = ""
    entries: Sequence[Entry] = ()
    listing: Callable[[Stability], Sequence[str]] = lambda found: ()
    faults: Sequence[str] = ()


def look(
    connection: sqlite3.Connection,
    choice: Choice,
    listed: Listed,
    status_paths: Sequence[str],
    terms: Terms,
    now: datetime.datetime,
    done: Callable[[int], None] = lambda rows: None,
) -> Look:
    """Return what changed since the last look, as far as it was not told; writes nothing."""
    branch, seconds = choice.branch or "", int(now.timestamp())
    before = outbox.memory(connection, branch)
    chosen = history_series.runs(connection, choice)
    found = map(stability.judge, history_series.read(connection, chosen, done))
    decided = notifications.of_tests(
        found, before, seconds, terms.failing, branch, terms.everything, listed.listing,
        outbox.failing_on_others(connection, branch),
    )
    first = listed.shown not in outbox.watched(connection, "", outbox.LISTS)
    entries, silent = notifications.of_entries(
        listed.entries, now.date(), terms.expiring, first and not terms.everything, listed.shown
    )
    heard, known = history_statuses.heard(connection), outbox.disabled(connection)
    of_trunk, disabled = status_changes.of_disabled(
        history_statuses.disabled(connection), heard, known,
        outbox.watched(connection, "", outbox.SOURCES), terms.everything,
    )
    files = [_status(path, terms.stale, now) for path in status_paths]
    old = [*files, *(_kept(*each, terms.stale, now) for each in heard.items())]
    changes = notifications.in_order([*decided.changes, *entries, *of_trunk, *filter(None, old)])
    return Look(
        outbox.new(connection, changes),
        [*decided.silent, *silent],
        before,
        decided.memory,
        listed.shown,
        chosen.total,
        [
            history.storable(path)
            for path, change in zip(status_paths, files)
            if change is None or change.since.run
        ],
        heard.keys(),
        (known, disabled),
    )


def keep(
    connection: sqlite3.Connection, found: Look, branch: str, untold: Sequence[Change] = ()
) -> None:
    """Write what was seen by a look; what of trunk nobody is told of is new the next time, too.

    So are lists, where nobody is told of the first look at them.
    """
    outbox.remember(connection, branch, found.before, found.after)
    first = notifications.first_looks(untold)
    if found.lists and notifications.LISTS not in first:
        outbox.watch(connection, "", outbox.LISTS, [found.lists])
    of_trunk = any(each.kind in OF_TRUNK for each in untold)
    if not of_trunk and status_changes.FIRST not in first:
        outbox.watch(connection, "", outbox.SOURCES, found.sources)
        outbox.remember_disabled(connection, *found.disabled)
    outbox.forget(connection, map(status_changes.missing, found.readable))


def listed(given: str | None) -> Listed:
    """Return the lists of a test directory; of none, those that a test run would find from here.

    Faults in them keep nobody from being told of the rest.
    """
    if given is not None:
        test_dir: str | None = list_places.to_write(given, os.environ)
    else:
        package = os.path.dirname(__file__)
        test_dir = discovery.find(os.environ, package, None, os.getcwd()).test_dir
    if test_dir is None:
        return Listed()
    try:
        located = ListedTests(test_dir)
        faults: list[str] = []
        entries = [*_entries(test_dir, faults)]
    except ListError as error:
        return Listed(faults=(str(error),))
    return Listed(
        history.storable(list_places.shown(test_dir)),
        entries,
        lambda found: [*map(retirement.path, located(found))],
        faults,
    )


def _entries(test_dir: str, faults: list[str]) -> Iterator[Entry]:
    """Yield the entries of all modes; why one cannot be read is added to `faults`."""
    there = list_files.directories(test_dir)
    names = tuple(dict.fromkeys(mode for mode, _, _ in there))
    for located in list_files.read(test_dir, names, there).all():
        try:
            yield entry_files.read(located)
        except EntryError as error:
            faults.append(str(error))


def _status(path: str, hours: int, now: datetime.datetime) -> Change | None:
    fault, fetched = "", None
    try:
        fetched = status_files.read(path).fetched
    except SourceError as error:
        fault = str(error)
    return status_changes.of_status(history.storable(path), fetched, now, hours, fault)


def _kept(source: str, time: int, hours: int, now: datetime.datetime) -> Change | None:
    """Return what is to be told of a source whose last status, as far as is kept, is of a time."""
    heard = datetime.datetime.fromtimestamp(time, datetime.timezone.utc)
    return status_changes.of_status(source, heard, now, hours)
