"""Exported: entries of the lists, as the list of another tool says them."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from trunk_failures import entry_lines
from trunk_failures.entries import Entry


class Named(NamedTuple):
    """An entry, and the node ids of its tests, as far as they are known."""

    entry: Entry
    node_ids: tuple[str, ...] = ()


class Lost(NamedTuple):
    """What could not be said of an entry, or why the whole of it is left out."""

    entry: Entry
    what: str


class Exported(NamedTuple):
    """The text, and what is lost in it."""

    text: str
    lost: tuple[Lost, ...] = ()


class Writer(Protocol):
    """A function that writes a list of one format."""

    def __call__(self, entries: list[Named]) -> Exported:
        """Return the text of entries, in their order."""


def comments(entry: Entry) -> list[str]:
    """Return what is said of an entry in comments, as `documents.said` reads them."""
    missing = [each for each in entry.issue.split(", ") if each and each not in entry.reason]
    return [f"# {entry_lines.one_line(each)}" for each in (entry.reason, *missing) if each]


def blocks(found: list[tuple[Entry, list[str]]]) -> str:
    """Return lines with the comments of their entries above them, apart from all others."""
    text: list[str] = []
    apart = False
    for entry, lines in found:
        above = comments(entry)
        text += [""] if text and (above or apart) else []
        text += [*above, *lines]
        apart = bool(above)
    return "".join(f"{line}\n" for line in text)
