"""Notifications: what is told of what changed, and what is not, as tables of values."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lists_fixtures import make_entry
from notify_fixtures import NOW, failing, passing, run

from trunk_failures import notifications
from trunk_failures.notifications import Change, Decision, Kind, Memory, Since, Subject
from trunk_failures.stability import Stability, Verdict

KNOWN = frozenset({""})
SUBJECT = Subject("TestA.test_a")
SINCE = Since("5", NOW - 86400)
FAILING = Memory({SUBJECT: SINCE}, KNOWN)
TODAY = datetime.date(2026, 1, 15)


def decide(*found: Stability, memory: Memory = Memory(watched=KNOWN), days: int = 14) -> Decision:
    """Return what follows from tests in a configuration that was looked at before."""
    return notifications.of_tests(found, memory, NOW, days)


def kinds(decision: Decision) -> list[Kind]:
    """Return the kinds of the changes to tell."""
    return [each.kind for each in decision.changes]


@pytest.mark.parametrize(
    ("found", "memory", "told", "still_failing"),
    [
        (failing(), Memory(watched=KNOWN), [Kind.FAILING], True),
        (failing(verdict=Verdict.NEW), Memory(watched=KNOWN), [Kind.FAILING], True),
        (failing(verdict=Verdict.FLAKY), Memory(watched=KNOWN), [Kind.FAILING], True),
        (failing(verdict=Verdict.NOT_SEEN), Memory(watched=KNOWN), [], False),
        (failing(days=20), Memory(watched=KNOWN), [Kind.FAILING], True),
        (failing(days=14), Memory(watched=KNOWN), [Kind.FAILING], True),
        (passing(), Memory(watched=KNOWN), [], False),
        (failing(), FAILING, [], True),
        (failing(since="7"), FAILING, [], True),
        (failing(days=20), FAILING, [Kind.LONG], True),
        (passing(), FAILING, [Kind.RECOVERED], False),
        (passing(verdict=Verdict.STABLE), FAILING, [Kind.RECOVERED], False),
        (passing(verdict=Verdict.NEW), FAILING, [Kind.RECOVERED], False),
        (passing(verdict=Verdict.FLAKY), FAILING, [], True),
        (passing(verdict=Verdict.FLAKY, passes=19), FAILING, [], True),
        (passing(verdict=Verdict.FLAKY, passes=20), FAILING, [Kind.RECOVERED], False),
        (passing(verdict=Verdict.FLAKY, passes=2, flips=2), FAILING, [], True),
        (passing(verdict=Verdict.FLAKY, passes=3, flips=2), FAILING, [Kind.RECOVERED], False),
        (passing(verdict=Verdict.NOT_SEEN, passes=99), FAILING, [], True),
        (passing(verdict=Verdict.NOT_SEEN), FAILING, [], True),
        (failing(days=20, verdict=Verdict.NOT_SEEN), FAILING, [], True),
    ],
)
def test_what_is_told_of_a_test(
    found: Stability, memory: Memory, told: list[Kind], still_failing: bool
) -> None:
    """Failures and recoveries are told, once each; what was not run is neither."""
    decision = decide(found, memory=memory)
    assert kinds(decision) == told
    assert (SUBJECT in decision.memory.failing) is still_failing
    # What is told as new is not told as what lasts, too.
    is_late = told == [Kind.FAILING] and found.failing_since == run(days=20)
    assert [each.kind for each in decision.silent] == [Kind.LONG] * is_late


def test_a_flaky_test_is_one_episode() -> None:
    """It is told as failing when it first fails, and as recovered when it is flaky no more."""
    memory = Memory(watched=KNOWN)
    told: list[Change] = []
    for found in (
        failing(since="1", verdict=Verdict.BROKEN),
        passing(verdict=Verdict.FLAKY),
        failing(since="3", verdict=Verdict.FLAKY),
        passing(verdict=Verdict.FLAKY),
        failing(since="5", verdict=Verdict.FLAKY),
        passing(verdict=Verdict.STABLE),
    ):
        decision = decide(found, memory=memory)
        told += decision.changes
        memory = decision.memory
    assert [(each.kind, each.since.run) for each in told] == [
        (Kind.FAILING, "1"), (Kind.RECOVERED, "1"),
    ]


def test_changes_say_what_they_are_about() -> None:
    """The test, the run, the error, what lists it, where else it fails, and its branch."""
    decision = notifications.of_tests(
        [failing(configuration="a"), failing(configuration="b"), passing("TestB.test_b", "a")],
        Memory({Subject("TestB.test_b", "", "a", "main"): SINCE}, frozenset({"a", "b"})),
        NOW, 14, "main", listed=lambda found: ["trunk_skips/x", "dynamo_skips/x"],
    )
    first, second, recovered = decision.changes
    assert first == Change(
        Kind.FAILING, Subject("TestA.test_a", "", "a", "main"), Since("5", NOW - 86400),
        "AssertionError: no", ("b",), "trunk_skips/x, dynamo_skips/x",
    )
    assert second.elsewhere == ("a",) and recovered.elsewhere == ()
    assert recovered.detail == "4 passes in a row, the last in run 9"
    assert recovered.since == SINCE
    one = decide(passing(last=None, passes=1), memory=FAILING).changes[0]
    assert one.detail == "1 pass in a row"


def test_a_configuration_that_is_no_longer_run_fails_nowhere() -> None:
    """What was red when it was last run there keeps no issue open for ever."""
    gone = Subject("TestA.test_a", "", "old", "")
    memory = Memory({SUBJECT: SINCE, gone: SINCE}, KNOWN | {"old"})
    last = failing(configuration="old", verdict=Verdict.NOT_SEEN)
    decision = decide(passing(), last, memory=memory)
    assert [(each.kind, each.elsewhere) for each in decision.changes] == [(Kind.RECOVERED, ())]
    assert gone in decision.memory.failing


def test_the_first_look_at_a_configuration() -> None:
    """One sentence tells what fails in it, and that is not told again; other ones go on."""
    found = [failing(f"TestA.test_{n}", configuration="new", days=20) for n in range(7)]
    found += [failing(configuration=""), passing("TestB.test_b", "empty")]
    decision = decide(*found)
    assert kinds(decision) == [Kind.FAILING, Kind.WATCHED, Kind.WATCHED]
    empty, new = decision.changes[1:]
    assert new.subject == Subject("tests", "", "new") and "TestA.test_4 and 2 more" in new.detail
    assert new.detail.startswith("7 tests fail now (TestA.test_0, ")
    assert empty.detail == "0 tests fail now; changes are told from now on"
    assert [each.kind for each in decision.silent] == 7 * [Kind.FAILING, Kind.LONG]
    again = decide(*found, memory=decision.memory)
    # What fails for long is known: it was among what was told without a word.
    assert {*again.changes} <= {*decision.silent}
    assert "1 test fails now" in decide(failing(), memory=Memory()).changes[0].detail


def test_everything_is_told_the_first_time_where_it_is_asked_for() -> None:
    """Then there is no sentence, but each change."""
    decision = notifications.of_tests([failing()], Memory(), NOW, 14, everything=True)
    assert kinds(decision) == [Kind.FAILING] and not decision.silent


@pytest.mark.parametrize(
    ("fields", "kind", "detail"),
    [
        ({}, None, ""),
        ({"expires": datetime.date(2026, 1, 14)}, Kind.EXPIRED, "x"),
        ({"expires": TODAY}, Kind.EXPIRING, "x"),
        ({"expires": datetime.date(2026, 1, 22)}, Kind.EXPIRING, "x"),
        ({"expires": datetime.date(2026, 1, 23)}, None, ""),
        ({"unreadable_date": "soon"}, Kind.EXPIRED, "'soon' is no date, and counts as expired"),
    ],
)
def test_what_is_told_of_an_entry(
    fields: dict[str, object], kind: Kind | None, detail: str
) -> None:
    """That it has expired, or will soon; the day that it names still counts."""
    entry = make_entry(reason="x", owner="me", **fields)
    found, silent = notifications.of_entries([entry], TODAY, 7, first=False)
    assert [each.kind for each in found] == ([kind] if kind else []) and not silent
    for each in found:
        assert (each.detail, each.owner, each.entry) == (detail, "me", entry.path)
        assert each.since.run == str(fields.get("expires", "soon"))


def test_the_first_look_at_lists() -> None:
    """One sentence tells what has expired in them."""
    entry = make_entry(expires=TODAY)
    found, silent = notifications.of_entries([entry], TODAY, 7, True, "tests")
    assert [each.kind for each in found] == [Kind.WATCHED]
    assert found[0].detail == f"1 entry expired, or will within 7 days ({entry.path})"
    assert [each.kind for each in silent] == [Kind.EXPIRING]
    assert notifications.of_entries([make_entry()], TODAY, 7, True) == ([], [])


def test_tests_that_fail_alike_are_one_group() -> None:
    """More than four tests of one error are; a test's configurations are together anyway."""
    alike = [failing(f"TestA.test_{n}", configuration=c) for n in range(5) for c in "xy"]
    others = [failing(f"TestB.test_{n}", configuration="x", error="other") for n in range(4)]
    silent = [failing(f"TestC.test_{n}", configuration="x", error="") for n in range(5)]
    found = notifications.of_tests(
        [*alike, *others, *silent], Memory(watched=frozenset("xy")), NOW, 14
    )
    assert [len(group) for group in notifications.by_cause(found.changes)] == [10] + 9 * [1]
    assert [len(group) for group in notifications.by_test(found.changes)] == 5 * [2] + 9 * [1]


VERDICTS = st.sampled_from(Verdict)
TESTS = st.builds(
    lambda fails, *rest: failing(*rest[:2], rest[2], rest[3], rest[4]) if fails else passing(
        rest[0], rest[3], rest[4]
    ),
    st.booleans(), st.sampled_from(["TestA.test_a", "TestB.test_b"]), st.sampled_from("12345"),
    st.integers(0, 30), st.sampled_from(["", "x"]), VERDICTS,
)


@given(st.lists(st.lists(TESTS, unique_by=lambda each: (each.key, each.configuration))))
def test_no_change_is_told_twice_unless_it_happens_twice(looks: list[list[Stability]]) -> None:
    """Between two failures of a test there is its recovery, and the other way about."""
    memory = Memory()
    state: dict[Subject, Kind] = {}
    for found in looks:
        decision = notifications.of_tests(found, memory, NOW, 14)
        memory = decision.memory
        for each in (*decision.changes, *decision.silent):
            if each.kind in (Kind.FAILING, Kind.RECOVERED):
                assert state.get(each.subject, Kind.RECOVERED) is not each.kind
                state[each.subject] = each.kind
        again = notifications.of_tests(found, memory, NOW, 14)
        assert {each.kind for each in again.changes} <= {Kind.LONG}
    assert {each for each, kind in state.items() if kind is Kind.FAILING} == {*memory.failing}
