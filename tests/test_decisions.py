"""Decisions: what comes of each entry of a test, in lists of any modes."""

from __future__ import annotations

import datetime
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunk_failures import decisions, lists, markers
from trunk_failures.decisions import Decision, State

TODAY = datetime.date(2026, 1, 15)
KEY = "TestA.test_b"
HERE = markers.Environment("3.11", "linux", "x86_64", "cpython", ("fast", "slow", "trunk"), {})
MODES = ("fast", "slow", "trunk")

CONTENTS = {
    State.ACTS: "owner: ann",
    State.NOT_HERE: 'when: python_version == "3.10"',
    State.EXPIRED: "expires: 2026-01-14",
    State.UNREADABLE: "nope: x",
}


def decided(contents: Mapping[str, str], key: str = KEY) -> list[Decision]:
    """Return what comes of entries, given by mode as a line of their files."""
    listings = []
    for mode, content in contents.items():
        place = f"tests/{mode}_skips"
        read = lists.Read(place, {KEY: f"{KEY}: {content}\n"}, {})
        folder = lists.Folder(place, {KEY}, {}, read)
        listings.append(lists.Listing(mode, lists.SKIPS, folder, {}))
    loaded = lists.Lists("tests", MODES, tuple(listings))
    return [*decisions.of(loaded, key, "", HERE, TODAY)]


@pytest.mark.parametrize(
    ("content", "state", "why", "when"),
    [
        ("owner: ann", State.ACTS, "acts", ()),
        ("expires: 2026-01-15", State.ACTS, "acts", ()),
        (
            'when: mode == "slow"', State.ACTS, "acts",
            ('mode == "slow" is true here: mode is "fast" and "slow" and "trunk"',),
        ),
        (
            'when: python_version == "3.10"', State.NOT_HERE, "its `when` does not hold here",
            ('python_version == "3.10" is false here: python_version is "3.11"',),
        ),
        (
            "expires: 2026-01-14", State.EXPIRED,
            "expired on 2026-01-14 and no longer suppresses TestA.test_b; mend the test, or renew "
            "the date", (),
        ),
        (
            "expires: soon", State.EXPIRED,
            "suppresses nothing: `expires: soon` is no date such as 2030-12-31, which counts as "
            "expired; mend the date or remove the entry", (),
        ),
    ],
)
def test_one_entry(content: str, state: State, why: str, when: tuple[str, ...]) -> None:
    """An entry acts, or it is said why not, in words that follow its path."""
    (decision,) = decided({"trunk": content})
    assert decision.entry is not None
    assert (decision.state, decision.why, decision.when) == (state, why, when)


def test_entries_that_cannot_be_applied() -> None:
    """What cannot be read or decided is said in a sentence, with the values where there are any."""
    (unread,) = decided({"trunk": "nope: x"})
    assert unread.entry is None and unread.state is State.UNREADABLE and not unread.when
    assert unread.why.startswith("`tests/trunk_skips/TestA.test_b`, line 1: unknown field 'nope'")
    (undecided,) = decided({"trunk": 'when: env.X > "1" or env.X == "x"'})
    assert undecided.state is State.NOT_HERE
    environment = HERE._replace(variables={"X": "x"})
    listing = undecided.located.listing
    loaded = lists.Lists("tests", MODES, (listing,))
    (undecided,) = decisions.of(loaded, KEY, "", environment, TODAY)
    assert undecided.state is State.UNREADABLE and "cannot decide 'env.X > " in undecided.why
    assert undecided.when[0] == 'env.X > "1" is not decided here: env.X is "x"'


def test_a_test_that_is_not_listed() -> None:
    """Nothing comes of entries of other tests."""
    assert not decided({"trunk": ""}, "TestA.test_c")


@given(st.lists(st.sampled_from([*CONTENTS]), min_size=3, max_size=3))
def test_at_most_one_acts(states: list[State]) -> None:
    """The first that can acts, those below it are overruled; below a broken one none is asked."""
    contents = {mode: CONTENTS[state] for mode, state in zip(MODES, states)}
    below: State | None = None
    for decision, state in zip(decided(contents), states, strict=True):
        expected = below if below and state is State.ACTS else state
        assert decision.state is expected
        if below is None:
            below = {State.ACTS: State.OVERRULED, State.UNREADABLE: State.NOT_ASKED}.get(state)
