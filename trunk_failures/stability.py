"""Stability: what a test's runs say of it. Pure; not run is never passed."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from typing import NamedTuple

from trunk_failures import change_points, intervals, trials
from trunk_failures.change_points import Block
from trunk_failures.trials import FAILED, MIXED, PASSED, Run, Series

RECENT = 10
"""Runs of a configuration after which a test that none of them ran counts as not seen."""

FEW = 5
"""Runs that a test needs to be more than new, where the configuration was run before it.

So many failures in a row it takes, too, for one that passed on retry to be broken.
"""

SHARE = 0.8
"""The share of failing tests from which on a run is set aside."""

FEWEST = 5
"""Tests of a run below which that share says nothing of the machine."""


class Verdict(enum.Enum):
    """How stable a test is; the value is the word for it. In order of what to look at first."""

    BROKEN = "broken"
    FLAKY = "flaky"
    RECOVERED = "recovered"
    NEW = "new"
    NOT_SEEN = "not seen"
    STABLE = "stable"


class Stability(NamedTuple):
    """How stable one test is in one configuration.

    `interval` is that of the share of passes, at 95 %. `flips` is how often it went from passes to
    failures or back. `failing_since` is the first run of the failures that it ends with, and
    `recovery` the mean of the seconds from a first failure to the next pass. `regression` tells
    that it passed before it broke. `error` is the last failure's, normalised.
    """

    key: str
    place: str
    configuration: str
    verdict: Verdict
    runs: int
    passes: int
    interval: tuple[float, float]
    flips: int = 0
    failures_in_a_row: int = 0
    passes_in_a_row: int = 0
    failing_since: Run | None = None
    last_pass: Run | None = None
    last_run: Run | None = None
    recovery: float | None = None
    regression: bool = False
    error: str = ""

    @property
    def rate(self) -> float | None:
        """The share of passes; None where it never ran."""
        return self.passes / self.runs if self.runs else None


def set_aside(run: Run, share: float = SHARE) -> bool:
    """Tell whether so many of a run's tests failed that it says nothing of any of them."""
    return run.tests >= FEWEST and run.failed >= share * run.tests


def judge(series: Series) -> Stability:
    """Return how stable a test is."""
    states = series.states
    runs, passes = len(states), states.count(PASSED)
    blocks = [Block(True, 0, runs)] if runs and passes == runs else series.blocks
    last = blocks[-1] if blocks else Block(True, 0, 0)
    verdict = _verdict(series, blocks)
    return Stability(
        series.key,
        series.place,
        series.configuration,
        verdict,
        runs,
        passes,
        intervals.wilson(passes, runs),
        max(0, len(blocks) - 1),
        0 if last.passed else last.length,
        last.length if last.passed else 0,
        None if last.passed else series.run(last.start),
        series.run(states.rindex(PASSED)) if passes else None,
        series.run(-1) if runs else None,
        _recovery(series, blocks),
        verdict is Verdict.BROKEN and passes > 0,
        series.error,
    )


def _verdict(series: Series, blocks: Sequence[Block]) -> Verdict:
    places = series.places
    if not places or len(series.runs) - places[-1] > RECENT:
        return Verdict.NOT_SEEN
    if len(places) < FEW and places[0] > 0 and not series.earlier:
        return Verdict.NEW
    regime = blocks if len(blocks) == 1 else change_points.last_regime(blocks)
    states = series.states[regime[0].start :]
    if MIXED in states:
        return Verdict.BROKEN if _passes_no_more(states) else Verdict.FLAKY
    # Passes and then failures, or the other way about, is one change: flaky is what comes back.
    if len(regime) > 2:
        return Verdict.FLAKY
    if not regime[-1].passed:
        return Verdict.BROKEN
    return Verdict.RECOVERED if len(blocks) > 1 else Verdict.STABLE


def _passes_no_more(states: bytes) -> bool:
    """Tell whether a test that passed on retry has come to fail however often it is tried."""
    if len(states) - len(states.rstrip(FAILED)) < FEW:
        return False
    return len(change_points.last_regime(trials.blocks(states.replace(MIXED, PASSED)))) == 1


def _recovery(series: Series, blocks: Sequence[Block]) -> float | None:
    """Return the mean of the seconds from a first failure to the next pass."""
    ended = [
        series.run(after.start).time - series.run(block.start).time
        for block, after in zip(blocks, blocks[1:])
        if not block.passed
    ]
    return sum(ended) / len(ended) if ended else None
