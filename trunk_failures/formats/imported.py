"""Imported: what the list of another tool says, as tests to be listed here."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from trunk_failures import ids
from trunk_failures.changes import Fields
from trunk_failures.errors import UsageError
from trunk_failures.ids import TestId

NEVER: Fields = (("run", "never"),)
"""Of tests that the other tool does not run at all."""

SHOWN = 200
"""Characters of a name that a sentence shows."""


class Listed(NamedTuple):
    """A test, or several, that a list names.

    `name` is as the list has it, `line` where (0 where there are no lines). `kind` and `mode` are
    "" where the list does not say. `test` is None where the name alone does not tell one test:
    those that are collected then tell which it covers. `place` is the file that the entry is to
    hold for, as entries are qualified ("" for any), or None where that is to be decided.
    """

    name: str
    line: int = 0
    test: TestId | None = None
    kind: str = ""
    fields: Fields = ()
    mode: str = ""
    place: str | None = None


class Dropped(NamedTuple):
    """What is in a list and cannot be here: a sentence, and the line."""

    line: int
    what: str


class Imported(NamedTuple):
    """What a list says; `passing` are tests that it wants to pass, where that is what it lists."""

    listed: tuple[Listed, ...]
    dropped: tuple[Dropped, ...] = ()
    passing: tuple[Listed, ...] = ()


class Reader(Protocol):
    """A function that reads a list of one format."""

    def __call__(self, content: bytes, where: str) -> Imported:
        """Return what a document says; raises UsageError, which names it, for what is none."""


def gathered(found: list[Listed | Dropped]) -> Imported:
    """Return what was found, line by line."""
    listed = tuple(each for each in found if isinstance(each, Listed))
    return Imported(listed, tuple(each for each in found if isinstance(each, Dropped)))


def named(name: str, line: int, kind: str = "", fields: Fields = ()) -> Listed | Dropped:
    """Return the test that an id of any dialect names, or that it is none.

    A path before a name is taken for a test file only where the name looks like a test's:
    `fast/article.html` and `gcc.dg/unroll.c` are tests of other kinds.
    """
    head = name.partition("[")[0]
    is_node_id = "::" in head
    try:
        test = ids.of_item(name) if is_node_id else ids.read(name)
    except UsageError:
        return Dropped(line, f"{shown(name)} is no test's id")
    is_path = "/" in head and not is_node_id
    if is_path and not (ids.is_fixture(test) or test.name.startswith("test")):
        return Dropped(line, f"{shown(name)} is no Python test's id")
    place = test.file.removesuffix(".py") if is_path and not head.endswith(".py") else None
    return Listed(name, line, test, kind, fields, place=place)


def shown(name: str) -> str:
    """Return a name as a sentence shows it."""
    return f"{name!r:.{SHOWN}}"
