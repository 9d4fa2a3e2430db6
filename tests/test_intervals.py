"""Intervals: known values, and what holds of all of them."""

from __future__ import annotations

import math
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunk_failures import intervals

CONFIDENCES = st.sampled_from([0.5, 0.9, 0.95, 0.99])


@pytest.mark.parametrize(
    ("passes", "runs", "low", "high"),
    [  # As R's prop.test has them without its correction.
        (0, 0, 0.0, 1.0),
        (0, 10, 0.0, 0.277533),
        (10, 10, 0.722467, 1.0),
        (9, 10, 0.595850, 0.982124),
        (5, 10, 0.236593, 0.763407),
        (1, 2, 0.094531, 0.905469),
        (150, 150, 0.975030, 1.0),
        (270, 300, 0.860834, 0.929052),
    ],
)
def test_wilson(passes: int, runs: int, low: float, high: float) -> None:
    """The interval is the one that tables give."""
    assert intervals.wilson(passes, runs) == pytest.approx((low, high), abs=2e-6)


def test_wilson_at_other_confidences() -> None:
    """The more confidence is asked for, the wider the interval."""
    assert intervals.wilson(9, 10, 0.99) == pytest.approx((0.492768, 0.988148), abs=1e-6)
    widths = [high - low for low, high in (intervals.wilson(9, 10, c) for c in (0.5, 0.9, 0.99))]
    assert widths == sorted(widths)


@given(st.integers(1, 5000), st.integers(1, 5000))
def test_ends_are_as_far_as_chance_goes(passes: int, failures: int) -> None:
    """At each end what was seen is as far away as 1.96 of the end's own standard deviations."""
    runs = passes + failures
    for end in intervals.wilson(passes, runs):
        away = abs(passes / runs - end) / math.sqrt(end * (1 - end) / runs)
        assert away == pytest.approx(1.959964, abs=1e-5)


@given(st.integers(0, 5000), st.integers(0, 5000), CONFIDENCES)
def test_what_was_seen_is_within(passes: int, failures: int, confidence: float) -> None:
    """An interval is within 0 and 1 and holds the share that was seen; swapped, it is mirrored."""
    low, high = intervals.wilson(passes, passes + failures, confidence)
    assert 0 <= low <= high <= 1
    if passes + failures:
        assert low <= passes / (passes + failures) <= high
    mirrored = intervals.wilson(failures, passes + failures, confidence)
    assert mirrored == pytest.approx((1 - high, 1 - low), abs=1e-9)


@pytest.mark.parametrize(
    ("passes", "confidence", "share"),
    [
        (0, 0.95, 1.0),
        (1, 0.95, 0.95),
        (10, 0.95, 0.258866),
        (149, 0.95, 0.019905),
        (150, 0.95, 0.019773),
        (298, 0.95, 0.010002),
        (299, 0.95, 0.009969),
        (458, 0.99, 0.010005),
        (459, 0.99, 0.009983),
    ],
)
def test_failing_at_most(passes: int, confidence: float, share: float) -> None:
    """The bound is Clopper and Pearson's of no failure."""
    assert intervals.failing_at_most(passes, confidence) == pytest.approx(share, abs=1e-6)


@given(st.integers(1, 100_000), CONFIDENCES)
def test_so_many_passes_are_unlikely_above_the_bound(passes: int, confidence: float) -> None:
    """At the bound the chance of so many passes is what the confidence leaves."""
    bound = intervals.failing_at_most(passes, confidence)
    assert (1 - bound) ** passes == pytest.approx(1 - confidence, rel=1e-6)


@given(st.integers(100, 100_000))
def test_rule_of_three(passes: int) -> None:
    """At 95 % the bound is a little less than three by the number of passes."""
    assert 0.98 < intervals.failing_at_most(passes) * passes / -math.log(0.05) <= 1


@given(st.floats(0.0005, 0.9), CONFIDENCES)
def test_passes_needed(share: float, confidence: float) -> None:
    """So many passes say that no more than the share fails, and one less does not."""
    needed = intervals.passes_needed(share, confidence)
    assert intervals.failing_at_most(needed, confidence) <= share * (1 + 1e-9)
    assert needed == 1 or intervals.failing_at_most(needed - 1, confidence) > share * (1 - 1e-9)


def test_passes_needed_are_those_of_the_tables() -> None:
    """Known numbers of passes: 2 % at 95 %, 1 % at 95 % and at 99 %."""
    asked = [(0.02, 0.95), (0.01, 0.95), (0.01, 0.99), (0.5, 0.5)]
    assert [intervals.passes_needed(*each) for each in asked] == [149, 299, 459, 1]


@pytest.mark.parametrize(
    ("tiny", "needed"), [(1e-12, 2.995732e12), (1e-18, 2.995732e18), (5e-324, sys.maxsize)]
)
def test_tiny_shares(tiny: float, needed: float) -> None:
    """However little may fail, or is to be sure, there is a number to say."""
    assert intervals.passes_needed(tiny, 0.95) == pytest.approx(needed, rel=1e-6)
    assert intervals.failing_at_most(1, tiny) == tiny
