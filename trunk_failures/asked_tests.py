"""Asked tests: which listed tests people mean by what they ask for, and what is near to it."""

from __future__ import annotations

import difflib
import heapq
import os
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from trunk_failures import ids, list_places, lists, lookup
from trunk_failures.errors import UsageError
from trunk_failures.matching import own_name

MOST_NEAR = 10
MOST_LIKE = 5
"""Tests that are named as near, and names of those that are but like the one asked for."""

CUTOFF = 0.8
"""How alike names have to be, of 1, to be near."""


class Asked(NamedTuple):
    """What is asked for: a test's key, or a name alone, which any class or module may have.

    `test_file` is the file that entries are qualified by, "" where none is known.
    """

    text: str
    key: str
    name: str
    test_file: str = ""

    def means(self, key: str) -> bool:
        """Tell whether a listed key is meant; without parameters all of a test are."""
        asked, listed = (self.key, key) if self.key else (self.name, _method(key))
        return listed == asked or ("[" not in asked and own_name(listed) == asked)


class Place(NamedTuple):
    """A test that entries can be about: its key, and its one file or "" for any."""

    key: str
    test_file: str


class Near(NamedTuple):
    """A listed test that was not asked for, and what it has of the one that was."""

    place: Place
    why: str


def read(text: str, test_dir: str, listings: Iterable[lists.Listing]) -> Asked:
    """Read an id in any dialect, the path of an entry, or a test's own name.

    Raises UsageError for text that is none of them.
    """
    entry = _of_entry(text, listings)
    if entry is not None:
        return Asked(text, entry.key, _method(entry.key), entry.test_file)
    try:
        test = ids.read(text)
    except UsageError:
        if own_name(text).isidentifier():
            return Asked(text, "", text)
        raise
    return Asked(text, test.key, test.name, _test_file(test, test_dir))


def meant(asked: Asked, listings: Iterable[lists.Listing]) -> list[Place]:
    """Return the listed tests that are meant, in order."""
    found: set[Place] = set()
    for listing in listings:
        for test_file, folder in (("", listing.top), *listing.below.items()):
            if test_file and asked.test_file not in ("", test_file):
                continue
            keys = {key for key in folder.keys if asked.means(key)}
            if asked.key and folder.standing_for(asked.key):
                keys.add(asked.key)
            found.update(Place(key, asked.test_file or test_file) for key in keys)
    return sorted(found)


def near(asked: Asked, listings: Iterable[lists.Listing]) -> list[Near]:
    """Return listed tests that were not asked for and are like what was, the likest first."""
    places = {
        Place(key, test_file)
        for listing in listings
        for test_file, folder in (("", listing.top), *listing.below.items())
        for key in folder.keys
    }
    ranked = [(*found, place) for place in places if (found := _alike(asked, place))]
    ranked += _like(asked, places - {place for _, _, place in ranked})
    return [Near(place, why) for _, why, place in heapq.nsmallest(MOST_NEAR, ranked)]


def _alike(asked: Asked, place: Place) -> tuple[float, str] | None:
    """Return how near a listed test is that has something of the asked one, and what."""
    if asked.means(place.key):
        return 0, "the same test in another file"
    if not asked.key:
        same = own_name(_method(place.key)).casefold() == own_name(asked.name).casefold()
        return (1, "the same name with other parameters or in other case") if same else None
    head = own_name(place.key)
    if head == own_name(asked.key):
        return 1, "the same test with other parameters"
    if head.casefold() == own_name(asked.key).casefold():
        return 2, "the same name in other case"
    if own_name(_method(place.key)) == own_name(asked.name):
        return 3, "the same name in another class or module"
    return None


def _like(asked: Asked, places: Iterable[Place]) -> Iterator[tuple[float, str, Place]]:
    """Yield the tests whose names are like the asked one's."""
    by_name: dict[str, list[Place]] = {}
    for place in places:
        name = own_name(place.key if asked.key else _method(place.key))
        by_name.setdefault(name, []).append(place)
    wanted = own_name(asked.key or asked.name)
    for number, name in enumerate(_close(wanted, [*by_name])):
        for place in sorted(by_name[name])[:MOST_LIKE]:
            yield 4 + number, "a like name", place


def _close(wanted: str, names: Sequence[str]) -> list[str]:
    return difflib.get_close_matches(wanted, sorted(names), MOST_LIKE, CUTOFF)


def _of_entry(text: str, listings: Iterable[lists.Listing]) -> Place | None:
    """Return the test that an entry's file lists, given by the file's path."""
    if "\0" in text or not os.path.isfile(text):
        return None
    directory, name = os.path.split(os.path.abspath(text))
    for listing in listings:
        for test_file, folder in (("", listing.top), *listing.below.items()):
            if os.path.realpath(folder.path) == os.path.realpath(directory):
                keys = (key for key in folder.keys if folder.file_name(key) == name)
                return next((Place(key, test_file) for key in keys), None)
    return None


def _test_file(test: ids.TestId, test_dir: str) -> str:
    """Return a test's file, which may be seen from here, from above the lists or from theirs."""
    if not test.file:
        return list_places.file_of(test, test_dir)
    place = test.file.removesuffix(".py")
    there = list_places.qualifier(test_dir)(test.file) or list_places.below(test_dir, place)
    if there:
        return there
    gone = lookup.relative_to(test_dir, test.file).removesuffix(".py")  # Its entries may not be.
    return place if os.path.isabs(gone) else gone


def _method(key: str) -> str:
    return key.partition(".")[2]
