"""All lists of a test directory: those in force, and those that other variables would put there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from trunk_failures import in_force, list_files, lists, modes
from trunk_failures.errors import ListError


class AllLists(NamedTuple):
    """Every list of a test directory, and those of them that are in force.

    `fault` says which rules the lists break, or "": while they do, no test even starts. `notes`
    are what people are to know of trunk's status.
    """

    test_dir: str
    listings: tuple[lists.Listing, ...]
    in_force: lists.Lists
    fault: str
    notes: tuple[str, ...]
    switched_off: bool = False

    @property
    def modes(self) -> tuple[str, ...]:
        """All modes, those in force first."""
        there = dict.fromkeys(each.mode for each in self.listings)
        return tuple(dict.fromkeys((*self.in_force.modes, *there)))

    def under(self, mode: str) -> lists.Lists:
        """Return the lists that would be in force with a mode alone, as `setting` says."""
        if mode in self.in_force.modes:
            return self.in_force
        found = modes.in_force(_modes(self.listings), dict([_variable(mode)]))
        return _of(self.test_dir, found, self.listings)

    def setting(self, mode: str) -> str:
        """Return what puts a mode in force, such as `under X=1`; "" where it is, or is none."""
        if mode in self.in_force.modes or mode in modes.CONTEXTS:
            return ""
        name, value = _variable(mode)
        words = [f"under {name}={value}"] if mode != modes.TRUNK else []
        return " ".join([*words, *(["without TRUNK_FAILURES=0"] if self.switched_off else [])])


def read(test_dir: str, environ: Mapping[str, str], status: str = "") -> AllLists:
    """Return every list, and those of a status file where one is given.

    Raises UsageError where the environment names a mode that is not there, SourceError where the
    status cannot be read.
    """
    there = list_files.directories(test_dir)
    fault = ""
    try:
        listings = list_files.read(test_dir, tuple({mode for mode, _, _ in there}), there).listings
    except ListError as error:
        fault = str(error)
        listings = tuple(list_files.read_listing(*each, []) for each in there)
    found = _of(test_dir, modes.in_force(_modes(listings), environ), listings)
    off = modes.switched_off(environ)
    overlaid, notes = in_force.with_status(found, "" if off else status, test_dir)
    added = overlaid.listings[len(found.listings) :]
    return AllLists(test_dir, (*listings, *added), overlaid, fault, notes, off)


def _modes(listings: tuple[lists.Listing, ...]) -> set[str]:
    return {each.mode for each in listings} - modes.CONTEXTS


def _of(
    test_dir: str, found: tuple[str, ...], listings: tuple[lists.Listing, ...]
) -> lists.Lists:
    return lists.Lists(test_dir, found, tuple(each for each in listings if each.mode in found))


def _variable(mode: str) -> tuple[str, str]:
    """Return the variable that puts a mode in force, and its value."""
    name = f"{modes.FLAG}{mode.upper()}"
    if name.isascii() and name.isidentifier():
        return name, "1"
    return modes.MODES, mode
