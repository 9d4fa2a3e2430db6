"""Status changes: what there is to tell of trunk's statuses."""

from __future__ import annotations

import datetime
from collections.abc import Collection

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunk_failures import status_changes
from trunk_failures.disabled_spans import Span
from trunk_failures.history_statuses import DisabledTest
from trunk_failures.notifications import Kind

DAY = 86400
HEARD = {"them": 9 * DAY}
A = ("them", "test_a (m.A)")
GOES_ON, ENDED = (Span(DAY),), (Span(DAY), Span(3 * DAY, 4 * DAY))


def told(
    spans: Collection[Span], known: Collection[tuple[str, str]] = (), watched: bool = True
) -> list[tuple[str, ...]]:
    """Return what is told of one test, as identities."""
    test = DisabledTest(*A, tuple(spans), "https://a.b/1", "linux", "slow")
    found, now = status_changes.of_disabled(
        [test] if spans else [], HEARD, {*known}, {"them"} if watched else set()
    )
    assert now == ({A} if spans and test.now else set())
    return [each.identity for each in found]


NEWLY = ("DISABLED", "test_a (m.A)", "them", "", "", "1970-01-02T00:00:00Z")
AGAIN = ("ENABLED", "test_a (m.A)", "them", "", "", "1970-01-05T00:00:00Z")
GONE = (*AGAIN[:5], "1970-01-10T00:00:00Z")


@pytest.mark.parametrize(
    ("spans", "known", "expected"),
    [
        (GOES_ON, [], [NEWLY]),
        (GOES_ON, [A], []),
        (ENDED, [A], [AGAIN]),
        (ENDED, [], []),
        ((), [A], [GONE]),
        ((), [("others", "test_a (m.A)")], []),
    ],
)
def test_what_is_told_of_a_test(
    spans: Collection[Span], known: list[tuple[str, str]], expected: list[tuple[str, ...]]
) -> None:
    """That it is disabled where it was not before, and that it no longer is, each once."""
    assert told(spans, known) == expected


def test_the_first_status_of_a_source() -> None:
    """What is disabled by then is one sentence, unless all of it is to be told."""
    tests = [DisabledTest("them", f"test_{n} (m.A)", GOES_ON) for n in range(7)]
    (only,), now = status_changes.of_disabled(tests, HEARD, set(), set())
    assert only.kind is Kind.WATCHED and len(now) == 7
    assert only.detail.startswith("7 tests are disabled now (test_0 (m.A), test_1 (m.A), ")
    assert only.detail.endswith(" and 2 more); changes are told from now on")
    (none,), _ = status_changes.of_disabled([], HEARD, set(), set())
    assert none.detail == "0 tests are disabled now; changes are told from now on"
    every, _ = status_changes.of_disabled(tests, HEARD, set(), set(), everything=True)
    assert {each.kind for each in every} == {Kind.DISABLED} and len(every) == 7
    (one,), _ = status_changes.of_disabled(tests[:1], HEARD, set(), set())
    assert one.detail.startswith("1 test is disabled now (test_0 (m.A))")


def test_what_is_known_of_a_test() -> None:
    """Its issue, where it is disabled, and why are told with it."""
    test = DisabledTest(*A, GOES_ON, "https://a.b/1", "linux", "slow")
    (found,), _ = status_changes.of_disabled([test], HEARD, set(), {"them"})
    assert found.detail == "https://a.b/1, linux, slow"


@given(st.lists(st.sets(st.sampled_from("abcd")), min_size=1))
def test_each_change_is_told_once(looks: list[set[str]]) -> None:
    """By what was told from the first look on it is known what is disabled."""
    known: set[tuple[str, str]] = set()
    disabled = set(looks[0])
    for number, names in enumerate(looks):
        tests = [DisabledTest("them", name, GOES_ON) for name in names]
        watched = {"them"} if number else set()
        changes, known = status_changes.of_disabled(tests, HEARD, known, watched)
        for change in changes:
            if change.kind is Kind.DISABLED:
                assert change.subject.key not in disabled
                disabled.add(change.subject.key)
            elif change.kind is Kind.ENABLED:
                disabled.remove(change.subject.key)
        assert disabled == names


@pytest.mark.parametrize(("hours", "is_told"), [(0, False), (24, False), (25, True), (-5, False)])
def test_what_is_told_of_a_status(hours: int, is_told: bool) -> None:
    """That it is older than is allowed; one from the future is new."""
    now = datetime.datetime(2026, 1, 15, 12, tzinfo=datetime.timezone.utc)
    fetched = now - datetime.timedelta(hours=hours)
    found = status_changes.of_status("status.json", fetched, now, 24)
    assert (found is not None) is is_told
    if found is not None:
        assert found.identity == (
            "STALE", "status.json", "", "", "", "2026-01-14T11:00:00Z"
        )
        assert found.detail == "it is 25 h old"


def test_a_status_that_is_not_there() -> None:
    """It is told with what is wrong."""
    now = datetime.datetime(2026, 1, 15, tzinfo=datetime.timezone.utc)
    found = status_changes.of_status("status.json", None, now, 24, "it cannot be read")
    assert found is not None and found.detail == "it cannot be read"
