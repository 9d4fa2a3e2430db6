"""Explanations: which entry acts on a test, and why."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from trunk_failures import decisions, entries, ids, in_force, lookup
from trunk_failures.decisions import Decision, State
from trunk_failures.listed_entries import Listed

if TYPE_CHECKING:
    import unittest


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
    found = [
        *decisions.of(
            in_force.lists, test_id.key, test_file, lookup.environment(), lookup.today()
        )
    ]
    acting = next((each.entry for each in found if each.state is State.ACTS), None)
    notes = tuple(map(note, found))
    return Explanation(test_id.key, in_force.lists.modes, acting, notes)


def note(decision: Decision) -> str:
    """Return a sentence that says which entry it is and what comes of it."""
    entry = decision.entry
    if entry is None:
        return decision.why
    because = (decision.state is State.NOT_HERE and "; ".join(decision.when)) or entry.reason
    return f"{named(entry)} {decision.why}{because and ': '}{because}"


def named(entry: entries.Entry | Listed) -> str:
    """Return what to call an entry: its path, and what it is."""
    kind = entry.kind.replace("_", " ").rstrip("s")
    return f"`{entry.path}` ({kind} of mode {entry.mode})"


def _named(modes: tuple[str, ...]) -> str:
    return f"the lists in force ({', '.join(modes) or 'none'})"
