"""Key groups: tests of several files that have one key, and what follows for the key's entries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from trunk_failures import proposals
from trunk_failures.changes import Address, Change
from trunk_failures.configurations import Configuration
from trunk_failures.proposals import CHANGING, Kind, Listed, Policy, Proposal
from trunk_failures.results.seen import Test

AMBIGUOUS = (
    "tests of this name in several files came to different ends, which the entries that can be "
    "written do not tell apart; give each file's test an entry of its own"
)


def propose(
    tests: Sequence[Test],
    listed: Sequence[Listed],
    known: Mapping[str, Configuration],
    policy: Policy,
) -> list[Proposal]:
    """Return what follows for the tests of one key, which the entries given list.

    An entry that holds for one file wins over the one that holds for any. Where it is removed,
    that other one comes to hold for the file's test, and what follows from that follows too.
    """
    qualified = {each.address.test_file: each for each in listed}
    top = qualified.pop("", None)
    found = []
    rest: list[tuple[Test, Proposal]] = []
    for test in tests:
        own = qualified.get(test.place) if test.is_file else None
        if own is not None:
            found.append(proposals.of_listed(test, own, known, policy))
            if found[-1].kind is Kind.REMOVED:
                rest += _without_entry(test, top, known, policy)
        elif top is not None:
            rest.append((test, proposals.of_listed(test, top, known, policy)))
        else:
            unlisted = proposals.of_unlisted(test, known, policy)
            if unlisted.kind is not Kind.NOTHING or any(proposals.runs(test, known)):
                rest.append((test, unlisted))
    found += _of_any_file(rest, top)
    return [_allowed(each, policy) for each in found if each.kind is not Kind.NOTHING]


def _without_entry(
    test: Test, top: Listed | None, known: Mapping[str, Configuration], policy: Policy
) -> list[tuple[Test, Proposal]]:
    """Return what follows for a test that passes, once the entry of its own file is gone."""
    if top is None:
        return [(test, Proposal(Kind.NOTHING, test.key, ""))]
    found = proposals.of_listed(test, top, known, policy)
    return [] if found.kind is Kind.NOTHING else [(test, found)]


def _of_any_file(said: Sequence[tuple[Test, Proposal]], top: Listed | None) -> list[Proposal]:
    """Return what follows for tests that have no entry of their own file's."""
    if len({_outcome(found) for _, found in said}) <= 1:
        return [_merged([found for _, found in said])] if said else []
    return _apart(said) if top is None else _split(said, top)


def _outcome(found: Proposal) -> tuple[Kind, Address | None, str]:
    """Return what proposals have in common that one change can stand for."""
    if found.change is None:
        return found.kind, None, ""
    return found.kind, found.change.after, dict(found.change.fields).get("when", "")


def _merged(found: Sequence[Proposal]) -> Proposal:
    """Return one proposal for tests that all came to the same."""
    first = min(found, key=lambda each: (each.change.fields if each.change else (), each.cause))
    names = sorted({name for each in found for name in each.configurations})
    return first._replace(configurations=tuple(names))


def _apart(said: Sequence[tuple[Test, Proposal]]) -> list[Proposal]:
    """Return what follows where files' tests come to different ends, and none is listed.

    Each file that was found has an entry of its own. One for any file can be for what is left.
    """
    found = [_qualified(test, each) for test, each in said if test.is_file and each.change]
    left = [each for test, each in said if not (test.is_file and each.change)]
    if len(set(map(_outcome, left))) == 1:
        return [*found, _merged(left)]
    return [*found, *(each if each.change is None else _ambiguous(each) for each in left)]


def _qualified(test: Test, found: Proposal) -> Proposal:
    """Return a proposal to add an entry for one file alone."""
    assert found.change is not None and found.change.after is not None
    after = found.change.after._replace(test_file=test.place)
    return found._replace(change=found.change._replace(after=after))


def _split(said: Sequence[tuple[Test, Proposal]], top: Listed) -> list[Proposal]:
    """Return what follows for an entry that some files' tests no longer need, and others do."""
    going = [found for _, found in said if found.kind is Kind.REMOVED]
    staying = [test for test, found in said if found.kind is Kind.NOTHING]
    if not going or len(going) + len(staying) < len(said) or top.entry is None:
        return [
            found if found.change is None else _ambiguous(found)
            for _, found in said
            if found.kind is not Kind.NOTHING
        ]
    if not all(test.is_file for test in staying):
        return [_ambiguous(going[0])]
    addresses = [top.address._replace(test_file=test.place) for test in staying]
    moved = Change(top.address, addresses[0])
    copies = [Change(None, address, top.entry.fields) for address in addresses[1:]]
    why = "it passes in other files that have a test of this name"
    return [
        going[0]._replace(kind=Kind.SPLIT, why=why, change=change) for change in (moved, *copies)
    ]


def _ambiguous(found: Proposal) -> Proposal:
    return found._replace(kind=Kind.KEPT_BACK, why=AMBIGUOUS, change=None)


def _allowed(found: Proposal, policy: Policy) -> Proposal:
    """Return a proposal as the policy lets it be: under `only_remove` nothing but removals."""
    if not policy.only_remove or found.kind not in CHANGING or found.kind is Kind.REMOVED:
        return found
    why = f"{found.why}; it would be {found.kind.value}, but for --only-remove"
    return found._replace(kind=Kind.KEPT_BACK, why=why, change=None)


def stale(address: Address) -> Proposal:
    """Return the proposal about an entry whose module ran, without the test that it lists."""
    why = "its module ran, and no such test did; nothing is changed, as not run is not passed"
    return Proposal(Kind.STALE, address.key, why)
