"""Recommendations: what follows from a test's stability, and how surely."""

from __future__ import annotations

import pytest
from history_fixtures import judged
from hypothesis import given
from hypothesis import strategies as st

from trunk_failures import recommendations
from trunk_failures.recommendations import Action, Policy

CASES = [
    (
        "P" * 150, True, Action.UNLIST,
        "150 passes, no failure: at most 2 % failing at 95 %, may be unlisted",
    ),
    (
        "F" * 3 + "P" * 150, True, Action.UNLIST,
        "150 passes, no failure since: at most 2 % failing at 95 %, may be unlisted",
    ),
    (
        "P" * 148, True, Action.KEEP,
        "148 passes, no failure: at most 2.1 % failing at 95 %; 1 more needed for 2 %",
    ),
    (
        "FP", True, Action.KEEP,
        "1 pass, no failure since: at most 95 % failing at 95 %; 148 more needed for 2 %",
    ),
    ("P" * 300 + "F", True, Action.KEEP, "it fails: 1 failure in a row"),
    ("P" * 300 + "M", True, Action.KEEP, "it fails: 1 failure in a row"),
    ("FF", True, Action.KEEP, "it fails: 2 failures in a row"),
    (
        "P" * 300 + "." * 10, True, Action.KEEP,
        "not run lately, and not run is not passed",
    ),
    ("." * 10, True, Action.KEEP, "none of these runs ran it, and not run is not passed"),
    ("P" * 300 + "." * 10, False, Action.NOTHING, ""),
    ("P" * 300, False, Action.NOTHING, ""),
    ("F" * 5 + "P" * 10, False, Action.NOTHING, ""),
    (
        "P" * 300 + "F", False, Action.MEND,
        "a regression: it passed before run r300 at commit c300; not to be listed",
    ),
    (
        "FF", False, Action.LIST_FAILURE,
        "no pass is known, 2 failures in 2 runs: 34.2 to 100.0 % failing at 95 %",
    ),
    (
        "PPF" * 30, False, Action.LIST_SKIP,
        "flaky, 30 failures in 90 runs: 24.5 to 43.6 % failing at 95 %",
    ),
    (
        "P" * 100 + "M", False, Action.LIST_SKIP,
        "flaky, 1 failure in 101 runs: 0.2 to 5.4 % failing at 95 %",
    ),
    # What would be unlisted at once is not listed.
    ("P" * 150 + "F" + "P" * 149, False, Action.NOTHING, ""),
]


@pytest.mark.parametrize(("states", "listed", "action", "why"), CASES)
def test_what_to_do(states: str, listed: bool, action: Action, why: str) -> None:
    """A test that is listed, or is not, is told what to do about, and why."""
    found = recommendations.recommend(judged(states), listed)
    assert (found.action, found.why) == (action, why)


def test_without_a_commit() -> None:
    """A regression whose commit is not known names its run."""
    found = judged("PF")
    assert found.failing_since is not None
    bare = found._replace(failing_since=found.failing_since._replace(commit=""))
    said = recommendations.recommend(bare, False).why
    assert said == "a regression: it passed before run r1; not to be listed"


@pytest.mark.parametrize(
    ("passes", "policy", "action"),
    [
        (459, Policy(0.99, 0.01), Action.UNLIST),
        (458, Policy(0.99, 0.01), Action.KEEP),
        (1, Policy(0.5, 0.5), Action.UNLIST),
        (149, Policy(), Action.UNLIST),
    ],
)
def test_other_policies(passes: int, policy: Policy, action: Action) -> None:
    """The confidence and the bound are the user's, and the recommendation states them."""
    found = recommendations.recommend(judged("P" * passes), True, policy)
    assert found.action is action and found.confidence == policy.confidence
    assert f"at {100 * policy.confidence:g} %" in found.why


@given(st.text("PFM.", max_size=200), st.sampled_from([0.5, 0.9, 0.95]))
def test_nothing_is_unlisted_without_passes(states: str, confidence: float) -> None:
    """What may be unlisted has passed so often since its last failure, and ran lately."""
    policy = Policy(confidence, 0.1)
    found = recommendations.recommend(judged(states), True, policy)
    if found.action is Action.UNLIST:
        tail = states.replace(".", "").rpartition("F")[2].rpartition("M")[2]
        assert 0.9 ** len(tail) <= 1 - confidence + 1e-9
        assert states[-10:].strip(".")


@given(st.integers(0, 100), st.integers(1, 50))
def test_a_regression_is_never_listed(greens: int, reds: int) -> None:
    """What was green and then red is mended, however long either was."""
    found = recommendations.recommend(judged("P" * (greens + 1) + "F" * reds), False)
    assert found.action is Action.MEND


@given(st.floats(1e-6, 1.0))
def test_shares_are_rounded_up(share: float) -> None:
    """What is stated is never less than what is known, and no more than 10 % off."""
    stated = float(recommendations._rounded_up(share)) / 100
    assert share * (1 - 1e-9) <= stated <= 1.1 * share
