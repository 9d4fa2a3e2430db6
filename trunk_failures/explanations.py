"""Explanations: which entry acts on a test, and why."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from trunk_failures import entries, entry_files, ids, in_force, lookup
from trunk_failures.errors import EntryError

if TYPE_CHECKING:
    import unittest
    from collections.abc import Iterator


class Explanation(NamedTuple):
    """What the lists in force say of one test.

    `entry` is the one that decides, or None. `notes` has one sentence for each entry found, the
    most specific first; `str()` gives it all as text.
    """

    key: str
    modes: tuple[str, ...]
    entry: entries.Entry | None
    notes: tuple[str, ...]

    def __str__(self) -> str:
        if not self.notes:
            return f"{self.key} is not listed in {_named(self.modes)}"
        return "\n".join((f"{self.key}, in {_named(self.modes)}:", *self.notes))


def explain(test: str | unittest.TestCase) -> Explanation:
    """Return which entry acts on a test in this process, and why.

    `test` is a TestCase or an id in any dialect: a key, a unittest id, a pytest node id, a
    DISABLED issue's `test_x (module.Class)`. Raises UsageError for text that is no id.
    """
    test_id = ids.read(test if isinstance(test, str) else test.id())
    # Keys count files from the test directory, node ids from where pytest is started.
    file = lookup.relative_file(test_id.file)
    test_file = (test_id.file if os.path.isabs(file) else file).removesuffix(".py")
    if not test_file and test_id.module:
        test_file = lookup.test_file(test_id.module)
    found = list(_found(test_id.key, test_file))
    acting = next((entry for entry, _, acts in found if acts), None)
    notes = tuple(note for _, note, _ in found)
    return Explanation(test_id.key, in_force.lists.modes, acting, notes)


def _found(key: str, test_file: str) -> Iterator[tuple[entries.Entry | None, str, bool]]:
    """Yield each entry of a test, what there is to say of it, and whether it acts."""
    decided = False
    for located in in_force.lists.find(key, test_file):
        acts = not decided
        try:
            entry = entry_files.read(located)
            here = entry.holds(lookup.environment())
        except EntryError as error:
            yield None, str(error), False
            return
        if not here:
            acts, state = False, "its `when` does not hold here"
        elif entry.expired(lookup.today()):
            acts, state = False, lookup.expiry(entry)
        else:
            state = "acts" if acts else "is overruled by a more specific mode's"
        decided = decided or acts
        kind = entry.kind.replace("_", " ").rstrip("s")
        because = f": {entry.reason}" if entry.reason else ""
        yield entry, f"`{entry.path}` ({kind} of mode {entry.mode}) {state}{because}", acts


def _named(modes: tuple[str, ...]) -> str:
    return f"the lists in force ({', '.join(modes) or 'none'})"
