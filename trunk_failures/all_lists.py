"""All lists of a test directory: those in force, and those that other variables would put there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from trunk_failures import in_force, list_files, lists, modes


class AllLists(NamedTuple):
    """Every list of a test directory, and those of them that are in force.

    `faults` are the rules that the lists break: while there are any, tests do not even start.
    `notes` are what people are to know of trunk's status.
    """

    test_dir: str
    listings: tuple[lists.Listing, ...]
    in_force: lists.Lists
    faults: tuple[str, ...]
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
    """Read every list, and the status file where one is given; faults are told, and end nothing.

    Raises UsageError where the environment names a mode that is not there, SourceError where the
    status cannot be read.
    """
    faults: list[str] = []
    listings = tuple(
        list_files.read_listing(*each, faults) for each in list_files.directories(test_dir)
    )
    there = _modes(listings)
    found = _of(test_dir, modes.in_force(there, environ), listings)
    whole = _of(test_dir, tuple(sorted(there)), listings)
    faults += map(list_files.listed_twice, whole.in_both_kinds())
    off = modes.switched_off(environ)
    overlaid, notes = in_force.with_status(found, "" if off else status, test_dir)
    added = overlaid.listings[len(found.listings) :]
    return AllLists(test_dir, (*listings, *added), overlaid, tuple(faults), notes, off)


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
