"""Cases: what a result file says of one test."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from trunk_failures.verdicts import Verdict

TEXT_LIMIT = 16384
"""Characters of a failure's text that are kept."""


BATCH = 4096
"""Tests that are handed on together, at the most."""


class Case(NamedTuple):
    """One result of one test.

    `place` is the test's module as far as the file says: a path with slashes and without `.py`,
    from wherever the run was started, or "". `error` is the failure's first line, as
    "Type: message"; `text` all that was said of it. A failure that `decides` stands whatever
    passes of the same test the same file has: it is a sub-test's, or the passes are not what
    they seem.
    """

    key: str
    place: str
    verdict: Verdict
    error: str = ""
    text: str = ""
    decides: bool = False


class Sink(Protocol):
    """What takes in the cases of one file, as they are read."""

    def passes(self, scope: str, place: str, names: Sequence[str]) -> None:
        """Take tests that passed, all of one scope (see `ids`) and one place."""

    def case(self, case: Case) -> None:
        """Take one case that is not simply a pass."""

    def unnamed(self, found: str, verdict: Verdict) -> None:
        """Take the result of what has no test id."""

    def modes(self, modes: str) -> None:
        """Take the modes in force, comma-separated, as result lines have them."""


class Batches:
    """Passes on their way to a sink, together where they are of one scope and one place."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._scope = self._place = ""
        self._names: list[str] = []

    def add(self, key: str, place: str) -> None:
        """Add a test that passed."""
        scope, _, name = key.partition(".")
        if scope != self._scope or place != self._place or len(self._names) >= BATCH:
            self.flush()
            self._scope, self._place = scope, place
        self._names.append(name)

    def flush(self) -> None:
        """Hand on what is left."""
        if self._names:
            self._sink.passes(self._scope, self._place, self._names)
            self._names = []


def first_line(kind: str, message: str) -> str:
    """Return an error's first line from its type's name and its message; either may be empty."""
    line = message.strip().split("\n", 1)[0].strip()
    bare = kind.rpartition(".")[2]
    return f"{bare}: {line}" if bare and line else bare or line
