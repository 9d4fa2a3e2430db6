"""Collected tests, looked up: which of them the names of a list cover."""

from __future__ import annotations

import bisect
import collections
import functools
import itertools
from collections.abc import Callable, Iterable, Sequence

from trunk_failures import ids
from trunk_failures.formats import imported
from trunk_failures.formats.imported import Dropped, Imported, Listed

Covered = Callable[[Listed, "CollectedTests"], Sequence[str]]
"""A function that gives the ids of the collected tests that a name covers."""


class CollectedTests:
    """The ids of collected tests, indexed as they are asked for."""

    def __init__(self, node_ids: Sequence[str]) -> None:
        self.ids = node_ids

    @functools.cached_property
    def by_id(self) -> dict[str, list[str]]:
        """By the whole id, and by the id without its parameters."""
        return self._by(lambda node_id: (node_id, without_parameters(node_id)))

    @functools.cached_property
    def by_name(self) -> dict[str, list[str]]:
        """By the last part of the id, with its parameters and without."""
        return self._by(lambda node_id: (name(node_id), without_parameters(name(node_id))))

    @functools.cached_property
    def by_file(self) -> dict[str, list[str]]:
        """By the file, and by each of the folders that it is in."""
        return self._by(_places)

    @functools.cached_property
    def by_key(self) -> dict[str, list[str]]:
        """By the key that lists have for the test."""
        return self._by(lambda node_id: (ids.of_item(node_id).key,))

    def beginning(self, text: str) -> list[str]:
        """Return the ids that begin so, sorted."""
        start = bisect.bisect_left(self._sorted, text)
        found = itertools.islice(self._sorted, start, None)
        return [*itertools.takewhile(lambda node_id: node_id.startswith(text), found)]

    @functools.cached_property
    def _sorted(self) -> list[str]:
        return sorted(self.ids)

    def of_module(self, module: str) -> list[str]:
        """Return the ids of the tests of a dotted module, whatever folders its root is in.

        A module of that name in a package is another one.
        """
        path = f"{module.replace('.', '/')}.py"
        files = [each for each in self.by_file if each == path or each.endswith(f"/{path}")]
        depth = min((each.count("/") for each in files), default=0)
        return [
            node_id
            for file in files
            if file.count("/") == depth
            for node_id in self.by_file[file]
        ]

    def _by(self, names: Callable[[str], Iterable[str]]) -> dict[str, list[str]]:
        found = collections.defaultdict(list)
        for node_id in self.ids:
            for each in dict.fromkeys(names(node_id)):
                found[each].append(node_id)
        return {**found}


def file(node_id: str) -> str:
    """Return the file of a node id."""
    return node_id.partition("::")[0]


def name(node_id: str) -> str:
    """Return what pytest calls a test's name: the last part of its id, with its parameters."""
    head, bracket, parameters = node_id.partition("[")
    return head.rpartition("::")[2] + bracket + parameters


def without_parameters(text: str) -> str:
    """Return an id or a name without parameters."""
    return text.partition("[")[0]


def _places(node_id: str) -> list[str]:
    parts = file(node_id).split("/")
    return ["/".join(parts[: end + 1]) for end in range(len(parts))]


def expanded(found: Imported, tests: CollectedTests, covered: Covered) -> Imported:
    """Return what a list says, each name put down to the collected tests that it covers."""
    listed: list[Listed] = []
    dropped = [*found.dropped]
    for each in found.listed:
        if each.place is not None:
            listed.append(each)
            continue
        of_it = covered(each, tests)
        listed += [each._replace(name=node_id, test=ids.of_item(node_id)) for node_id in of_it]
        if not of_it:
            what = f"{imported.shown(each.name)} matches no collected test"
            dropped.append(Dropped(each.line, what))
    return found._replace(listed=tuple(listed), dropped=tuple(dropped))


def by_test(each: Listed, tests: CollectedTests) -> Sequence[str]:
    """Return the ids of a test's key, in its file or module where these are told."""
    if each.test is None:
        return ()
    of_key = tests.by_key.get(each.test.key, [])
    if each.test.file:
        return [node_id for node_id in of_key if file(node_id) == each.test.file]
    inside = {*tests.of_module(each.test.module)} if each.test.module else {*of_key}
    return [node_id for node_id in of_key if node_id in inside]
