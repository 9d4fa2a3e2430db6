"""Stability summaries: which tests are told of, in which order, and which are one."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from history_fixtures import judged

from trunk_failures import stability_summaries
from trunk_failures.recommendations import Action, Policy
from trunk_failures.stability import Stability
from trunk_failures.stability_summaries import Cause, Summary, Told

NONE: Sequence[str] = ()


def rows(*found: Stability, listed: Sequence[str] = NONE, everything: bool = False) -> Told:
    """Return the rows of tests, of which some keys are listed."""
    entries = [f"trunk_skips/{key}" for key in listed]
    return stability_summaries.rows(
        found,
        lambda each: [entry for entry in entries if entry.endswith(f"/{each.key}")],
        Policy(),
        everything,
    )


def broken(key: str, error: str, states: str = "PPFF", **fields: str) -> Stability:
    """Return a test that fails with an error."""
    return judged(states, key=key, error=error, **fields)


@pytest.mark.parametrize(
    ("states", "notable"),
    [
        ("PPPP", False), ("PPFF", True), ("PFPFP", True), ("FFPP", True), ("...P", False),
        ("...F", True), ("F" + "." * 20, False), ("." * 20, False),
    ],
)
def test_which_tests_are_told_of(states: str, notable: bool) -> None:
    """Tests that fail, or did, are told of; stable, new and vanished ones where they are listed."""
    found = judged(states, key="a.b")
    assert stability_summaries.is_notable(found) is notable
    assert len(rows(found).rows) == notable
    assert len(rows(found, listed=["a.b"]).rows) == len(rows(found, everything=True).rows) == 1


def test_all_are_counted() -> None:
    """Whether told of or not, each test is counted under its verdict."""
    told = rows(*(judged(states) for states in ("PP", "PP", "FF", "PPFF")))
    assert {verdict.value: count for verdict, count in told.verdicts.items()} == {
        "stable": 2, "broken": 2,
    }


def test_the_order() -> None:
    """What is worst comes first, then what may be unlisted, then by name."""
    found = [
        judged("P" * 200, key="b.may"), judged("PP", key="a.must"), judged("PFPFP", key="a.flaky"),
        judged("PF", key="z.broken"), judged("FF", key="b.broken"),
    ]
    told = rows(*found, listed=["b.may", "a.must"])
    assert [row.stability.key for row in told.rows] == [
        "b.broken", "z.broken", "a.flaky", "b.may", "a.must",
    ]
    assert [row.recommendation.action for row in told.rows] == [
        Action.LIST_FAILURE, Action.MEND, Action.LIST_SKIP, Action.UNLIST, Action.KEEP,
    ]


def test_one_cause_of_many_tests() -> None:
    """Tests that fail with one error share it, however stable they are otherwise."""
    found = [
        broken("a.a", "E: no"), broken("a.b", "E: no"), broken("a.c", "other"),
        broken("a.d", "E: no", "PFPFP"), broken("a.e", "E: no", "FFFPPP"), broken("a.f", ""),
        broken("a.a", "E: no", configuration="py312"),
    ]
    told = rows(*found)
    sharing = {(row.stability.key, row.stability.configuration): row.sharing for row in told.rows}
    assert sharing == {
        ("a.a", ""): 3, ("a.a", "py312"): 3, ("a.b", ""): 3, ("a.c", ""): 1, ("a.d", ""): 3,
        ("a.e", ""): 0, ("a.f", ""): 0,
    }
    assert stability_summaries.causes(told.rows) == [
        Cause("E: no", ["a.a", "a.b", "a.d"]), Cause("other", ["a.c"]),
    ]


def test_groups() -> None:
    """Broken tests of one cause are one, where what to do about them is the same."""
    found = [
        broken("a.a", "E: no"), broken("a.b", "E: no"), broken("a.c", "other"),
        broken("a.d", "E: no", "PFPFP"), broken("a.e", "E: no", configuration="py312"),
        broken("a.f", "E: no", "FF"), broken("a.g", ""), broken("a.h", ""),
    ]
    grouped = stability_summaries.groups(rows(*found).rows)
    keys = [[row.stability.key for row in group] for group in grouped]
    assert keys == [["a.a", "a.b"], ["a.c"], ["a.e"], ["a.f"], ["a.g"], ["a.h"], ["a.d"]]


def test_without_the_rest() -> None:
    """What is told of everything is, without the rest, what would have been told at first."""
    found = [judged("PP", key="a.listed"), judged("PP", key="a.b"), judged("PFP", key="a.flaky")]
    everything = rows(*found, listed=["a.listed"], everything=True)
    summary = Summary("h", 3, [""], everything.verdicts, everything.rows, (), (), ())
    assert [row.stability.key for row in summary.rows] == ["a.flaky", "a.b", "a.listed"]
    kept = stability_summaries.without_the_rest(summary)
    assert kept.rows == rows(*found, listed=["a.listed"]).rows
    assert [row.stability.key for row in kept.rows] == ["a.flaky", "a.listed"]
