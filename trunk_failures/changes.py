"""Changes to the lists: where an entry is and where it is to be."""

from __future__ import annotations

from typing import NamedTuple


Fields = tuple[tuple[str, str], ...]
"""What is said of a test: fields of its entry, and their values."""


class Address(NamedTuple):
    """Where an entry is: its mode's list of one kind, for any test file ("") or for one."""

    mode: str
    kind: str
    key: str
    test_file: str = ""

    def place(self, name: str) -> str:
        """Return the path of the entry's file below the test directory, which has some name."""
        return "/".join(filter(None, (f"{self.mode}_{self.kind}", self.test_file, name)))


class Change(NamedTuple):
    """One change: an entry is added (no `before`), removed (no `after`), moved, or edited.

    `fields` are set on the entry, in this order; an empty value takes a field away. All others
    stay as they are.
    """

    before: Address | None
    after: Address | None
    fields: Fields = ()
