"""Trials: the runs of a series, and its blocks."""

from __future__ import annotations

from history_fixtures import series
from hypothesis import given
from hypothesis import strategies as st


def test_runs_that_did_not_run_the_test_are_passed_over() -> None:
    """The numbers of a series are those of the runs that ran the test."""
    found = series("P..F.P")
    assert [found.run(number).name for number in range(3)] == ["r0", "r3", "r5"]
    assert found.run(-1).name == "r5"


@given(st.text("PFM"))
def test_blocks_are_all_of_it(states: str) -> None:
    """Blocks follow one another, passes and failures by turns, and are the whole series."""
    blocks = series(states).blocks
    assert sum(block.length for block in blocks) == len(states)
    for block, after in zip(blocks, blocks[1:]):
        assert block.start + block.length == after.start
        assert block.passed is not after.passed
    for block in blocks:
        letters = {*states[block.start : block.start + block.length]}
        assert letters <= ({"P"} if block.passed else {"F", "M"})
