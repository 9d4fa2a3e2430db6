"""Proposals: which changes to the lists follow from what was seen of the tests.

Pure: the table of design section 9. Not run is never passed, and what crashed changes nothing.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from trunk_failures import causes, configurations, entries, lists
from trunk_failures.changes import Address, Change
from trunk_failures.configurations import Configuration
from trunk_failures.results.seen import FAILURES, Seen, Test
from trunk_failures.verdicts import Verdict


class Kind(enum.Enum):
    """What becomes of a test; the value is the word for it."""

    ADDED = "added"
    REMOVED = "removed"
    MOVED = "moved to skips"
    NARROWED = "narrowed"
    WIDENED = "widened"
    SPLIT = "kept for some files"
    KEPT_BACK = "kept back"
    CRASHED = "crashed"
    REGRESSION = "regression"
    STALE = "stale"
    NOTHING = "nothing"


CHANGING = (Kind.ADDED, Kind.REMOVED, Kind.MOVED, Kind.NARROWED, Kind.WIDENED, Kind.SPLIT)


class Proposal(NamedTuple):
    """What follows for one test, and why.

    `configurations` are those that saw what it follows from. `cause` is the failure's first
    line, normalised; `text` what was said of one such failure.
    """

    kind: Kind
    key: str
    why: str
    change: Change | None = None
    configurations: tuple[str, ...] = ()
    cause: str = ""
    text: str = ""


class Listed(NamedTuple):
    """An entry that is there: read, or with the `fault` for which it cannot be."""

    address: Address
    entry: entries.Entry | None
    fault: str = ""
    expired: bool = False


class Policy(NamedTuple):
    """What the user decided: the mode whose lists change, and which changes may be made."""

    mode: str
    only_remove: bool = False
    also_remove_skips: bool = False


class State(enum.Enum):
    """What a test came to in one configuration, all its runs together."""

    PASSES = "passes"
    FAILS = "fails"
    BOTH = "passes and fails"
    CRASHED = "crashed"
    NOTHING = "nothing"


PASSING = frozenset({Verdict.PASSED, Verdict.UNEXPECTED_SUCCESS, Verdict.SKIP_LISTED_PASSED})
FAILING = frozenset(
    {
        Verdict.FAILED,
        Verdict.ERROR,
        Verdict.FAILS_DIFFERENTLY,
        Verdict.EXPECTED_FAILURE,
        Verdict.SKIP_LISTED_FAILED,
    }
)
UNLISTED_FAILING = frozenset({Verdict.FAILED, Verdict.ERROR})
"""How a test fails that nothing accounts for; else its own mark does, or another list."""


def state(seen: Seen) -> State:
    """Return what a test came to in one configuration."""
    if Verdict.CRASHED in seen.verdicts:
        return State.CRASHED
    passes, fails = bool(seen.verdicts & PASSING), bool(seen.verdicts & FAILING)
    if passes and fails:
        return State.BOTH
    return State.PASSES if passes else State.FAILS if fails else State.NOTHING


class Runs(NamedTuple):
    """A test's configurations, by what it came to in them; each sorted by name."""

    passes: tuple[Configuration, ...]
    fails: tuple[Configuration, ...]
    both: tuple[Configuration, ...]
    crashed: tuple[Configuration, ...]


def runs(test: Test, known: Mapping[str, Configuration]) -> Runs:
    """Sort a test's configurations by what it came to in them."""
    by_state: dict[State, list[Configuration]] = {each: [] for each in State}
    for name in sorted(test.seen):
        by_state[state(test.seen[name])].append(known[name])
    states = (State.PASSES, State.FAILS, State.BOTH, State.CRASHED)
    return Runs(*(tuple(by_state[each]) for each in states))


def named(these: Sequence[Configuration]) -> tuple[str, ...]:
    """Return the names of configurations."""
    return tuple(each.name for each in these)


def of_unlisted(test: Test, known: Mapping[str, Configuration], policy: Policy) -> Proposal:
    """Return what follows for a test that is not listed.

    Once there is a failure that nothing accounts for, all verdicts count as they will when the
    test is listed, so that the same results change nothing then.
    """
    ran = runs(test, known)
    if ran.crashed:
        why = "it crashed; no entry follows from that, unless one says `run: isolated`"
        return _told(Kind.CRASHED, test, why, ran.crashed)
    if any(Verdict.UNEXPECTED_SUCCESS in seen.verdicts for seen in test.seen.values()):
        why = "it passes, though a mark in its source or another mode's list expects it to fail"
        return _told(Kind.KEPT_BACK, test, why, [known[name] for name in sorted(test.seen)])
    if any(seen.verdicts & UNLISTED_FAILING for seen in test.seen.values()):
        return _of_failing(test, ran, policy)
    return Proposal(Kind.NOTHING, test.key, "")


def _of_failing(test: Test, ran: Runs, policy: Policy) -> Proposal:
    passes, fails, both, _ = ran
    if both:
        return _added(test, policy, lists.SKIPS, "it passes and fails", both, label="flaky")
    if passes:
        marker = configurations.marker_of(fails, passes)
        if marker is not None:
            why = "it fails here, and passes in others"
            return _added(test, policy, lists.EXPECTED_FAILURES, why, fails, marker)
        why = "it fails in some configurations and passes in others, which no markers tell apart"
        return _added(test, policy, lists.SKIPS, why, fails)
    return _added(test, policy, lists.EXPECTED_FAILURES, "it fails", fails)


def of_listed(
    test: Test, listed: Listed, known: Mapping[str, Configuration], policy: Policy
) -> Proposal:
    """Return what follows for a test that is listed."""
    found = _of_entry(test, listed, known, policy)
    entry = listed.entry
    if found.change is not None and entry is not None and entry.keep:
        why = f"{found.why}; it would be {found.kind.value}, but the entry says keep: {entry.keep}"
        return found._replace(kind=Kind.KEPT_BACK, why=why, change=None)
    return found


def _of_entry(
    test: Test, listed: Listed, known: Mapping[str, Configuration], policy: Policy
) -> Proposal:
    ran = runs(test, known)
    if listed.entry is None:
        everywhere = [known[name] for name in sorted(test.seen)]
        return _told(Kind.KEPT_BACK, test, f"its entry cannot be read: {listed.fault}", everywhere)
    if ran.crashed:
        return _told(Kind.CRASHED, test, "it crashed; its entry stays", ran.crashed)
    differently = [
        known[name]
        for name in sorted(test.seen)
        if Verdict.FAILS_DIFFERENTLY in test.seen[name].verdicts
    ]
    if differently:
        why = "it fails, but not as its entry's `raises` and `match` say; mend either"
        return _told(Kind.KEPT_BACK, test, why, differently)
    inside, outside = (_where(listed.entry, ran, wanted) for wanted in (True, False))
    if listed.address.kind == lists.SKIPS:
        return _of_skip(test, listed, inside, outside, policy)
    return _of_failure(test, listed, inside, outside)


def _where(entry: entries.Entry, ran: Runs, wanted: bool) -> Runs:
    """Return the configurations in which an entry's `when` holds, as far as is known; or not."""
    return Runs(
        *(
            tuple(
                each
                for each in found
                if (configurations.holds(entry.when, each) is not False) is wanted
            )
            for found in ran
        )
    )


def _of_skip(
    test: Test, listed: Listed, inside: Runs, outside: Runs, policy: Policy
) -> Proposal:
    entry = listed.entry
    failing = (*outside.fails, *outside.both)
    if failing and entry is not None and entry.when is not None:
        when = configurations.widened(entry.when, configurations.marker_of(failing, ()) or "")
        if not configurations.tells_apart(when, failing, ()):
            when = ""
        why = "it fails where the `when` of its skip does not hold"
        return _with_when(Kind.WIDENED, test, listed, why, failing, when)
    if not inside.passes or inside.fails or inside.both:
        return Proposal(Kind.NOTHING, test.key, "")
    why = "it is listed as a skip, and passed in every configuration that ran it"
    if policy.also_remove_skips:
        return _changed(Kind.REMOVED, test, listed, why, inside.passes, None)
    return _told(Kind.KEPT_BACK, test, f"{why}; --also-remove-skips removes it", inside.passes)


def _of_failure(test: Test, listed: Listed, inside: Runs, outside: Runs) -> Proposal:
    """Return what follows for an expected failure: see the table."""
    entry = listed.entry
    assert entry is not None
    both = (*inside.both, *outside.both)
    if both:
        return _to_skips(test, listed, "it passes and fails", both)
    if inside.passes and not (inside.fails or outside.fails):
        why = "it passes in every configuration that ran it"
        return _changed(Kind.REMOVED, test, listed, why, inside.passes, None)
    if inside.passes:
        when = _narrower(entry, inside, outside)
        if not when:
            why = "it passes in some configurations, which no markers tell apart from the others"
            return _to_skips(test, listed, why, inside.passes)
        why = "it passes in some configurations"
        return _with_when(Kind.NARROWED, test, listed, why, inside.passes, when)
    if outside.fails:
        when = _wider(entry, inside, outside)
        if not when:
            why = "it fails where its `when` does not hold, and passes elsewhere"
            return _to_skips(test, listed, why, outside.fails)
        why = "it fails where its `when` does not hold"
        return _with_when(Kind.WIDENED, test, listed, why, outside.fails, when)
    return _still_fails(test, listed, inside.fails)


def _narrower(entry: entries.Entry, inside: Runs, outside: Runs) -> str:
    """Return the `when` that leaves out where the test passes; "" where none does."""
    failing, passing = (*inside.fails, *outside.fails), (*inside.passes, *outside.passes)
    marker = configurations.marker_of(failing, passing)
    if marker is None:
        return ""
    when = configurations.narrowed(None if outside.fails else entry.when, marker)
    return when if configurations.tells_apart(when, failing, passing) else ""


def _wider(entry: entries.Entry, inside: Runs, outside: Runs) -> str:
    """Return the `when` that takes in where else the test fails; "" where none does."""
    marker = configurations.marker_of(outside.fails, outside.passes)
    if marker is None or entry.when is None:
        return ""
    when = configurations.widened(entry.when, marker)
    failing = (*inside.fails, *outside.fails)
    return when if configurations.tells_apart(when, failing, outside.passes) else ""


def _still_fails(test: Test, listed: Listed, fails: Sequence[Configuration]) -> Proposal:
    if listed.expired and fails:
        why = "its entry has expired, and it still fails; renew the date or mend the test"
        return _told(Kind.KEPT_BACK, test, why, fails)
    return Proposal(Kind.NOTHING, test.key, "")


def _to_skips(
    test: Test, listed: Listed, why: str, these: Sequence[Configuration]
) -> Proposal:
    after = listed.address._replace(kind=lists.SKIPS)
    fields = (("when", ""),) if listed.entry is not None and listed.entry.when else ()
    return _changed(Kind.MOVED, test, listed, why, these, after, fields)


def _with_when(
    kind: Kind,
    test: Test,
    listed: Listed,
    why: str,
    these: Sequence[Configuration],
    when: str,
) -> Proposal:
    return _changed(kind, test, listed, why, these, listed.address, (("when", when),))


def _changed(
    kind: Kind,
    test: Test,
    listed: Listed,
    why: str,
    these: Sequence[Configuration],
    after: Address | None,
    fields: tuple[tuple[str, str], ...] = (),
) -> Proposal:
    change = Change(listed.address, after, fields)
    return _told(kind, test, why, these)._replace(change=change)


def _added(
    test: Test,
    policy: Policy,
    kind: str,
    why: str,
    these: Sequence[Configuration],
    marker: str = "",
    label: str = "",
) -> Proposal:
    if not lists.is_key(test.key):
        return _told(Kind.KEPT_BACK, test, f"{why}, but no entry can have that name", these)
    told = _told(Kind.ADDED, test, why, these)
    reason = ": ".join(filter(None, (label, told.cause)))
    fields = tuple((name, text) for name, text in (("reason", reason), ("when", marker)) if text)
    return told._replace(change=Change(None, Address(policy.mode, kind, test.key), fields))


def _told(kind: Kind, test: Test, why: str, these: Sequence[Configuration]) -> Proposal:
    """Return a proposal that changes nothing, with the failure that was seen."""
    seen = [test.seen[each.name] for each in these if each.name in test.seen]
    failures = sorted(
        (causes.normalised(each.error), each.text) for each in seen if each.verdicts & FAILURES
    )
    cause, text = failures[0] if failures else ("", "")
    return Proposal(kind, test.key, why, None, named(these), cause, text)
