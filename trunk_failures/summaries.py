"""Summaries: what an update came to, in order, and which failures have one cause."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from trunk_failures.proposals import Kind, Proposal

WITH_CAUSE = (Kind.ADDED, Kind.REGRESSION, Kind.CRASHED)
"""What failed and was not listed before."""


class Cause(NamedTuple):
    """One cause of failures: the tests that it is the cause of, where, and one failure's text."""

    cause: str
    keys: Sequence[str]
    configurations: Sequence[str]
    text: str


class Summary(NamedTuple):
    """What an update came to.

    `state` is "written", "would be written" or a refusal; `kinds` has the proposals of each kind
    that there are; `unnamed` are failures of what has no test id; `notices` tell what there was
    to read and what was missing.
    """

    mode: str
    test_dir: str
    state: str
    tests: int
    kinds: dict[Kind, list[Proposal]]
    causes: Sequence[Cause]
    files: int
    faults: Sequence[str]
    unnamed: Sequence[str]
    notices: Sequence[str] = ()

    @property
    def headline(self) -> str:
        """How many there are of each kind, in words."""
        counts = [f"{len(found)} {kind.value}" for kind, found in self.kinds.items()]
        return ", ".join(counts) or "nothing to change"


def by_kind(proposals: Iterable[Proposal]) -> dict[Kind, list[Proposal]]:
    """Return proposals by their kind, in the order of the kinds."""
    found: dict[Kind, list[Proposal]] = {}
    for each in proposals:
        found.setdefault(each.kind, []).append(each)
    return {kind: found[kind] for kind in Kind if kind in found}


def causes(proposals: Iterable[Proposal]) -> list[Cause]:
    """Return the causes of new failures, that of the most tests first."""
    groups: dict[str, list[Proposal]] = {}
    for each in proposals:
        if each.kind in WITH_CAUSE:
            groups.setdefault(each.cause or "no message", []).append(each)
    found = [
        Cause(
            cause,
            sorted({each.key for each in group}),
            sorted({name for each in group for name in each.configurations}),
            min(each.text for each in group),
        )
        for cause, group in groups.items()
    ]
    return sorted(found, key=lambda each: (-len(each.keys), each.cause))
