"""Guards: which results are not believed."""

from __future__ import annotations

import pytest

from trunk_failures import guards

# Tests that ran and that failed, by configuration, the suite, the additions, and the refusal.
CASES = [
    ({"": 10}, {"": 7}, 10, 7, ""),
    ({"": 10}, {"": 8}, 10, 8, "refused: 8 of 10 tests failed in the run, which is 80% or more"),
    ({"": 1}, {"": 1}, 1, 1, "refused: 1 of 1 tests failed in the run"),
    ({"": 0}, {"": 0}, 0, 0, ""),
    ({"a": 10, "b": 10}, {"b": 10}, 20, 0, "refused: 10 of 10 tests failed in configuration 'b'"),
    ({"b": 9, "a": 9}, {"a": 9, "b": 9}, 9, 0, "9 of 9 tests failed in configuration 'a'"),
    ({"a": 10}, {}, 10, 50, ""),
    ({"a": 100}, {"a": 51}, 100, 51, "refused: 51 tests would be added, and 50 is the most (50, "),
    ({"a": 900}, {"a": 91}, 900, 91, "refused: 91 tests would be added, and 90 is the most (50, "),
    ({"a": 900}, {"a": 90}, 900, 90, ""),
]


@pytest.mark.parametrize(("ran", "failed", "suite", "additions", "refusal"), CASES)
def test_refusals(
    ran: dict[str, int], failed: dict[str, int], suite: int, additions: int, refusal: str
) -> None:
    """A run that mostly fails is refused, and so are more additions than are likely."""
    found = guards.refusal(ran, failed, suite, additions)
    assert refusal in found
    assert bool(found) is bool(refusal)


@pytest.mark.parametrize(
    ("additions", "most", "refusal"),
    [(5, 5, ""), (6, 5, "6 tests would be added, and 5 is the most; look"), (1, 0, "0 is the")],
)
def test_the_most_that_is_given(additions: int, most: int, refusal: str) -> None:
    """The most additions that are given count, and the message says how to allow them."""
    found = guards.refusal({"": 100}, {"": 1}, 100, additions, most)
    assert refusal in found
    assert found.endswith(f"--max-new {additions}" if refusal else "")


def test_the_share_that_is_given() -> None:
    """The share of failures from which on a run is refused can be given."""
    assert guards.refusal({"": 10}, {"": 8}, 10, 8, share=0.9) == ""
    assert "which is 50% or more" in guards.refusal({"": 10}, {"": 5}, 10, 5, share=0.5)
