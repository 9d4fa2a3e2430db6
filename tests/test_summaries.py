"""Summaries: proposals in order, and failures by their causes."""

from __future__ import annotations

from trunk_failures import summaries
from trunk_failures.proposals import Kind, Proposal
from trunk_failures.summaries import Cause, Summary

NEW = Proposal(Kind.ADDED, "TestB.b", "it fails", None, ("py312",), "ValueError: no", "second")


def test_by_kind() -> None:
    """Proposals come in the order of the kinds, and within one as they were."""
    found = [
        Proposal(Kind.STALE, "A.a", ""),
        NEW,
        Proposal(Kind.REMOVED, "A.a", ""),
        NEW._replace(key="A.a"),
    ]
    by_kind = summaries.by_kind(found)
    assert list(by_kind) == [Kind.ADDED, Kind.REMOVED, Kind.STALE]
    assert [each.key for each in by_kind[Kind.ADDED]] == ["TestB.b", "A.a"]
    assert summaries.by_kind([]) == {}


def test_causes() -> None:
    """New failures are grouped by cause, that of the most tests first, each test once."""
    found = [
        NEW,
        NEW._replace(key="TestA.a", configurations=("py311", "py312"), text="first"),
        NEW._replace(key="TestA.a"),
        NEW._replace(kind=Kind.REGRESSION, key="TestR.r", cause="B"),
        NEW._replace(kind=Kind.CRASHED, key="TestC.c", cause="", text=""),
        NEW._replace(kind=Kind.CRASHED, key="TestD.d", cause="A"),
        NEW._replace(kind=Kind.KEPT_BACK, key="TestK.k", cause="A"),
        NEW._replace(kind=Kind.REMOVED, key="TestK.k"),
    ]
    assert summaries.causes(found) == [
        Cause("ValueError: no", ["TestA.a", "TestB.b"], ["py311", "py312"], "first"),
        Cause("A", ["TestD.d"], ["py312"], "second"),
        Cause("B", ["TestR.r"], ["py312"], "second"),
        Cause("no message", ["TestC.c"], ["py312"], ""),
    ]
    assert summaries.causes(found[::-1]) == summaries.causes(found)


def test_headline() -> None:
    """The headline counts what there is of each kind, or says that there is nothing."""
    kinds = summaries.by_kind([NEW, NEW, Proposal(Kind.MOVED, "A.a", "")])
    summary = Summary("trunk", "tests", "written", 3, kinds, [], 1, [], [])
    assert summary.headline == "2 added, 1 moved to skips"
    assert summary._replace(kinds={}).headline == "nothing to change"
