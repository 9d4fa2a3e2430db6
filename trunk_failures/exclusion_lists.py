"""Exclusions into lists: a skip for each excluded test, with its issue and the reason."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from trunk_failures import additions, ids, lists
from trunk_failures.additions import Below, Wanted
from trunk_failures.changes import Change, Fields
from trunk_failures.exclusions import Excluded, Exclusions
from trunk_failures.lists import Lists


class Listing(NamedTuple):
    """The changes to lists, how many tests are listed already, and what cannot be listed, and why.
    """

    changes: Sequence[Change]
    there: int
    left_in: Sequence[tuple[str, str]]


def changes(found: Exclusions, loaded: Lists, mode: str, below: Below) -> Listing:
    """Return what lists excluded tests as skips of a mode; entries that are there stay as they are.

    A test whose key is that of one that is kept gets an entry for its file alone. Of tests of one
    key the first one's fields count.
    """
    firsts: dict[str, Fields] = {}
    wanted = []
    for excluded in found.excluded:
        test = ids.of_item(excluded.id)
        fields = firsts.setdefault(test.key, _fields(excluded))
        wanted.append(Wanted(test, mode, lists.SKIPS, fields))
    made = additions.follow(wanted, found.kept, loaded, below)
    left_in = [(found.excluded[number].id, why) for number, why in made.left_out]
    return Listing(made.changes, len(made.there), left_in)


def _fields(excluded: Excluded) -> Fields:
    return ("reason", excluded.reason), ("issue", ", ".join(excluded.issues))
