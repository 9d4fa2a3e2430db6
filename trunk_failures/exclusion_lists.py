"""Exclusions into lists: a skip for each excluded test, with its issue and the reason."""

from __future__ import annotations

import collections
from collections.abc import Callable, Sequence
from typing import NamedTuple

from trunk_failures import ids, lists
from trunk_failures.changes import Address, Change
from trunk_failures.exclusions import Excluded, Exclusions
from trunk_failures.lists import Lists


class Listing(NamedTuple):
    """The changes to lists, how many tests are listed already, and what cannot be listed, and why.
    """

    changes: Sequence[Change]
    there: int
    left_in: Sequence[tuple[str, str]]


def changes(
    found: Exclusions, loaded: Lists, mode: str, below: Callable[[str], str | None]
) -> Listing:
    """Return what lists excluded tests as skips of a mode; entries that are there stay as they are.

    `below` gives the file of an id as entries are qualified by it, or None where it is in no test
    directory. A test whose key is that of one that is kept gets an entry for its file alone.
    """
    shared = _files_by_key(found.kept)
    new: dict[Address, Change] = {}
    left_in: list[tuple[str, str]] = []
    there = 0
    for excluded in found.excluded:
        test = ids.of_item(excluded.id)
        others = shared.get(test.key, ())
        test_file = below(test.file)
        if loaded.find(test.key, test_file or ""):
            there += 1
        elif others and (test_file is None or test.file in others):
            why = f"an entry {test.key!r} would be that of another test too"
            left_in.append((excluded.id, why))
        else:
            address = Address(mode, lists.SKIPS, test.key, (test_file or "") if others else "")
            new.setdefault(address, Change(None, address, _fields(excluded)))
    return Listing([*new.values()], there, left_in)


def _fields(excluded: Excluded) -> tuple[tuple[str, str], ...]:
    return ("reason", excluded.reason), ("issue", ", ".join(excluded.issues))


def _files_by_key(node_ids: Sequence[str]) -> dict[str, set[str]]:
    found = collections.defaultdict(set)
    for node_id in node_ids:
        test = ids.of_item(node_id)
        found[test.key].add(test.file)
    return {**found}
