"""Known tests: which tests exist, as collections and results tell, and what is listed of others."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from trunk_failures import entry_files, ids, lists
from trunk_failures.findings import Finding, Rule
from trunk_failures.lists import Located

UNLOADED = "_FailedTest."
"""What the keys of modules that do not load begin with."""

Place = tuple[str, bool]
"""A file below the test directory, without its ending, and True; else a path, and False."""


PlaceOf = Callable[[str], Place]
"""Gives the place of a file, its ending left out."""


class KnownTests(NamedTuple):
    """The tests that exist: `places` has the keys, and where each is a test.

    Results tell of more tests than need be kept: `ran` are the scopes of those, too.
    """

    places: Mapping[str, frozenset[Place]]
    ran: frozenset[str] = frozenset()

    @property
    def files(self) -> set[tuple[str, str]]:
        """The tests whose files are known, as (key, file)."""
        found = self.places.items()
        return {(key, path) for key, places in found for path, is_file in places if is_file}

    @property
    def elsewhere(self) -> set[str]:
        """The keys of tests that are, somewhere, in no file that is known."""
        found = self.places.items()
        return {key for key, places in found if not all(is_file for _, is_file in places)}

    @property
    def scopes(self) -> set[str]:
        """The classes and modules that hold tests, by their own names."""
        stems = {stem(path) for places in self.places.values() for path, _ in places}
        return {key.partition(".")[0] for key in self.places} | stems | self.ran


def stem(place: str) -> str:
    """Return a module's own name, from its file without the ending or from its dotted name."""
    return place.replace("/", ".").rpartition(".")[2]


def known(told: Iterable[tuple[str, Place]], ran: Iterable[str] = ()) -> KnownTests:
    """Return the tests that are told of, each by its key and its place."""
    places: dict[str, set[Place]] = {}
    for key, place in told:
        places.setdefault(key, set()).add(place)
    return KnownTests({key: frozenset(found) for key, found in places.items()}, frozenset(ran))


def of_node_ids(
    node_ids: Iterable[str], place_of: PlaceOf
) -> Iterator[tuple[str, Place]]:
    """Yield the key and the place of each of pytest's node ids."""
    for node_id in node_ids:
        test = ids.of_item(node_id)
        yield test.key, place_of(os.path.splitext(test.file)[0])


def placer(test_dir: str, resolve: PlaceOf, working: str) -> PlaceOf:
    """Return what gives the places of files.

    A file that is where its path says, seen from the working directory, is that one; any other
    is looked for below the test directory by `resolve`, as it was named from somewhere else.
    """
    seen: dict[str, Place] = {}

    def place_of(path: str) -> Place:
        if path not in seen:
            seen[path] = _place(os.path.join(working, path), test_dir) or resolve(path)
        return seen[path]

    return place_of


def _place(path: str, test_dir: str) -> Place | None:
    if "\0" in path or not os.path.isfile(f"{path}.py"):
        return None
    for file, top in ((path, test_dir), (os.path.realpath(path), os.path.realpath(test_dir))):
        file = os.path.normpath(file)
        if file.startswith(os.path.join(top, "")):
            return os.path.relpath(file, top).replace(os.sep, "/"), True
    return path.replace(os.sep, "/"), False


def findings(loaded: lists.Lists, tests: KnownTests, told_by: str) -> list[Finding]:
    """Return what is wrong with lists where these are all the tests that exist."""
    return [*_absent(loaded, tests, told_by), *_ambiguous(loaded, tests)]


def _absent(loaded: lists.Lists, tests: KnownTests, told_by: str) -> Iterator[Finding]:
    scopes = tests.scopes
    served = {key for key in loaded.keys if _is_served(key, scopes)}
    _, found = loaded.unmatched(tests.files, tests.elsewhere | served, sys.maxsize)
    for located in found:
        yield Finding(
            entry_files.shown_of(located), 0, Rule.NO_SUCH_TEST,
            f"{located.key!r} is none of the tests that {told_by}{_where(located, tests)}; name "
            f"the entry as the test is called now, or remove it",
        )


def _where(located: Located, tests: KnownTests) -> str:
    """Return the file that an entry is about, and where else there is such a test."""
    if not located.test_file:
        return ""
    files = sorted(path for path, _ in tests.places.get(located.key, ()))
    others = f" (there is one in {_listed(files)})" if files else ""
    return f" in {f'{located.test_file}.py'!r}{others}"


def _is_served(key: str, scopes: set[str]) -> bool:
    """Tell whether an entry is about a fixture, or the loading, of what there is."""
    if key.startswith(UNLOADED):
        return key.removeprefix(UNLOADED) in scopes
    scope, _, name = key.partition(".")
    return ids.is_fixture(ids.TestId(scope, name)) and scope in scopes


def _ambiguous(loaded: lists.Lists, tests: KnownTests) -> Iterator[Finding]:
    """Yield the entries that hold for any file where more than one has such a test."""
    for listing in loaded.listings:
        for key in sorted(listing.top.keys & tests.places.keys()):
            files = {path for path, is_file in tests.places[key] if is_file}
            if len(files) > 1:
                files -= _own_entries(loaded, listing.mode, key)
            if len(files) > 1:
                located = Located(key, listing, listing.top, "")
                first = min(files)
                yield Finding(
                    entry_files.shown_of(located), 0, Rule.AMBIGUOUS,
                    f"{key!r} is a test in each of {_listed(sorted(files))}, and this entry holds "
                    f"for all of them; move it to the folder of the one that is meant, as "
                    f"`{listing.mode}_{listing.kind}/{first}/`",
                )


def _own_entries(loaded: lists.Lists, mode: str, key: str) -> set[str]:
    """Return the files that have an entry of their own for a key in a mode's lists."""
    return {
        file
        for listing in loaded.listings
        if listing.mode == mode
        for file, folder in listing.below.items()
        if key in folder.keys
    }


def _listed(files: Sequence[str]) -> str:
    shown = ", ".join(f"{file}.py" for file in files[:3])
    return f"{shown} and {len(files) - 3} more" if len(files) > 3 else shown
