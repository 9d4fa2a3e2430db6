"""Decisions: what comes of each entry that lists in force have of one test, and why."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from enum import Enum
from typing import NamedTuple

from trunk_failures import entries, entry_files, lookup, marker_values
from trunk_failures.errors import EntryError
from trunk_failures.lists import Lists, Located
from trunk_failures.markers import Environment


class State(Enum):
    """What comes of an entry: it acts, or why it does not."""

    ACTS = "acts"
    OVERRULED = "overruled"
    NOT_HERE = "not here"
    EXPIRED = "expired"
    UNREADABLE = "unreadable"
    NOT_ASKED = "not asked"
    IN_CONTEXT = "in context"


class Decision(NamedTuple):
    """What comes of one entry; `entry` is None where it cannot be read or applied.

    `why` says it in words that follow the entry's path, or of one that cannot be read in a
    sentence of its own. `when` has a sentence for each comparison of the entry's marker.
    """

    located: Located
    entry: entries.Entry | None
    state: State
    why: str
    when: tuple[str, ...] = ()


def of(
    lists: Lists, key: str, test_file: str, environment: Environment, today: datetime.date
) -> Iterator[Decision]:
    """Yield what comes of each entry of a test, the most specific mode's first.

    The first that holds, has not expired and can be read acts, as `lookup.acting` says; none
    after one that cannot be read.
    """
    settled: State | None = None
    for located in lists.find(key, test_file):
        decision = _decision(located, environment, today)
        if decision.state is State.ACTS and settled is not None:
            decision = decision._replace(state=settled, why=_LATER[settled])
        yield decision
        if settled is None and decision.state in _SETTLES:
            settled = _SETTLES[decision.state]


_SETTLES = {State.ACTS: State.OVERRULED, State.UNREADABLE: State.NOT_ASKED}
_LATER = {
    State.OVERRULED: "is overruled by a more specific mode's",
    State.NOT_ASKED: "is not asked, as a more specific mode's cannot be read",
}


def _decision(located: Located, environment: Environment, today: datetime.date) -> Decision:
    """Return what comes of an entry where no other one decides."""
    when: tuple[str, ...] = ()
    try:
        entry = entry_files.read(located)
        if entry.when is not None:
            when = marker_values.sentences(entry.when, environment)
        here = entry.holds(environment)
    except EntryError as error:
        return Decision(located, None, State.UNREADABLE, str(error), when)
    found = Decision(located, entry, State.ACTS, "acts", when)
    if not here:
        return found._replace(state=State.NOT_HERE, why="its `when` does not hold here")
    if entry.expired(today):
        why = lookup.expiry(entry).removeprefix(f"`{entry.path}` ")
        return found._replace(state=State.EXPIRED, why=why)
    return found
