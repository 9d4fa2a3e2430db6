"""Trials: the runs of a suite, and what one test came to in them, as values."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from trunk_failures.change_points import Block

PASSED, FAILED, MIXED = b"P", b"F", b"M"
"""What a test came to in one run: MIXED is both, such as a pass on retry, and is no pass."""

_BLOCKS = re.compile(rb"(P+)|[FM]+")


class Run(NamedTuple):
    """One run of a suite in one configuration.

    `time` is in seconds since 1970, UTC; `modes` are the modes that were in force in all of it,
    comma-separated, as far as the results say; `failed` is how many of its `tests` failed that no
    list expects to.
    """

    name: str
    configuration: str = ""
    time: int = 0
    commit: str = ""
    branch: str = ""
    modes: str = ""
    tests: int = 0
    failed: int = 0


class Series(NamedTuple):
    """What one test came to in the runs of one configuration, in the order of their times.

    `runs` are those of the configuration, `places` which of them ran the test, and `states` what
    it came to there, a byte each. `error` is its last failure's, normalised, and `earlier` tells
    whether runs before those ran it.
    """

    key: str
    place: str
    configuration: str
    runs: Sequence[Run]
    places: Sequence[int]
    states: bytes
    error: str = ""
    earlier: bool = False

    @property
    def blocks(self) -> list[Block]:
        """The passes and failures that follow one another without a break."""
        return blocks(self.states)

    def run(self, number: int) -> Run:
        """Return one of the runs that ran the test."""
        return self.runs[self.places[number]]


def blocks(states: bytes) -> list[Block]:
    """Return the passes and failures that follow one another without a break."""
    return [
        Block(match[1] is not None, match.start(), len(match[0]))
        for match in _BLOCKS.finditer(states)
    ]
