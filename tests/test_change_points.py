"""Change points: since when a test has the rate of passes that it has."""

from __future__ import annotations

import itertools
import math

import pytest
from history_fixtures import series
from hypothesis import given
from hypothesis import strategies as st

from trunk_failures import change_points
from trunk_failures.change_points import Block


def regime(states: str) -> str:
    """Return the states since the last change of the rate."""
    blocks = series(states).blocks
    found = change_points.last_regime(blocks)
    return states[found[0].start :] if found else ""


@pytest.mark.parametrize(
    ("before", "since"),
    [
        ("", ""),
        ("", "P"),
        ("", "F" * 50),
        ("P" * 100, "F"),
        ("P" * 150, "F" * 5),
        ("F" * 20, "P" * 20),
        ("P" * 150 + "F" * 3, "P" * 147),  # Neither change would be found without the other.
        ("P" * 100 + "F" * 20 + "P" * 100, "F" * 4),
        ("", "P" * 150 + "F" + "P" * 149),
        ("", "PPF" * 30),
        ("", "PPF" * 30 + "FF"),
        ("PPF" * 30, "F" * 12),
        ("PPF" * 30, "P" * 60),
        ("P" * 200, "PF" * 15),
        ("", "PF"),
    ],
)
def test_where_the_rate_changed(before: str, since: str) -> None:
    """What follows the last change is one regime, however often the test came back before."""
    found = regime(before + since)
    assert abs(len(found) - len(since)) <= 1


def test_many_flips_are_looked_at_from_the_end() -> None:
    """However often a test flips, only its last blocks count, and one regime is all blocks."""
    flaky = "PF" * 500
    assert regime(flaky) == flaky
    assert regime(flaky + "P" * 100) == "P" * 100


def best(states: str) -> float:
    """Return the least cost of all ways to cut states, by trying each."""
    blocks = series(states).blocks
    penalty = math.log(len(states))
    costs = []
    for cuts in itertools.product((False, True), repeat=len(blocks) - 1):
        ends = [number for number, cut in enumerate(cuts, 1) if cut] + [len(blocks)]
        cost = penalty * (len(ends) - 1)
        for start, end in zip([0, *ends], ends):
            own = blocks[start:end]
            runs = sum(block.length for block in own)
            cost += change_points._cost(sum(b.length for b in own if b.passed), runs)
        costs.append(cost)
    return min(costs)


@given(st.text("PF", min_size=1, max_size=14))
def test_no_other_cut_is_better(states: str) -> None:
    """The last regime is that of the best way to cut, as trying all of them finds it."""
    found = regime(states)
    rest = states[: len(states) - len(found)]
    penalty = math.log(len(states))
    cost = change_points._cost(found.count("P"), len(found))
    if rest:
        cost += penalty + _best_of(rest, penalty)
    assert cost == pytest.approx(best(states), abs=1e-9)


def _best_of(states: str, penalty: float) -> float:
    """Return the least cost of the ways to cut states, at another number's penalty."""
    blocks = series(states).blocks
    found = [-penalty]
    for end in range(1, len(blocks) + 1):
        found.append(
            min(
                found[start] + penalty + change_points._cost(
                    sum(b.length for b in blocks[start:end] if b.passed),
                    sum(b.length for b in blocks[start:end]),
                )
                for start in range(end)
            )
        )
    return found[-1]


def test_a_block_is_where_it_is() -> None:
    """Blocks have their places, and what is both a pass and a failure is none of passes."""
    assert series("PPFMP").blocks == [Block(True, 0, 2), Block(False, 2, 2), Block(True, 4, 1)]
