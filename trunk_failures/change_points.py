"""Change points: where a test's rate of passes became the one that it has now."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

MOST = 64
"""Blocks that are looked at, the last ones; a test that changes so often is flaky anyway."""


class Block(NamedTuple):
    """Runs one after the other in which a test came to the same: `start` is the first one's place.
    """

    passed: bool
    start: int
    length: int


def last_regime(blocks: Sequence[Block]) -> Sequence[Block]:
    """Return the blocks since the last change of the rate; all of them where there was none.

    Of all ways to cut the blocks into regimes, each with a rate of its own, it takes the one whose
    likelihood is greatest, where a cut costs what Bayes' information criterion takes for the two
    numbers that it adds, its place and a rate.
    """
    recent = blocks[-MOST:]
    penalty = math.log(sum(block.length for block in recent)) if recent else 0.0
    passes, runs = [0], [0]
    for block in recent:
        passes.append(passes[-1] + block.length * block.passed)
        runs.append(runs[-1] + block.length)
    best = [-penalty]
    began = [0]
    for end in range(1, len(recent) + 1):
        cost, start = min(
            (best[at] + penalty + _cost(passes[end] - passes[at], runs[end] - runs[at]), at)
            for at in range(end)
        )
        best.append(cost)
        began.append(start)
    since = began[-1]
    return blocks if not since and len(recent) < len(blocks) else recent[since:]


def _cost(passes: int, runs: int) -> float:
    """Return the logarithm of how unlikely runs are at their own rate."""
    failures = runs - passes
    if not passes or not failures:
        return 0.0
    return -passes * math.log(passes / runs) - failures * math.log(failures / runs)
