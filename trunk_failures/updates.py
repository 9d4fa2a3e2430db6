"""Updates: what results make of the lists of one mode, decided test by test."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from trunk_failures import entry_files, guards, key_groups
from trunk_failures.changes import Address
from trunk_failures.configurations import Configuration
from trunk_failures.errors import EntryError
from trunk_failures.lists import Lists, Located
from trunk_failures.proposals import Kind, Listed, Policy, Proposal
from trunk_failures.results import collecting, implied
from trunk_failures.results.collecting import Collected
from trunk_failures.results.seen import Test
from trunk_failures.verdicts import Verdict

KNOWN_GOOD = "known good"
"""The configuration of the runs that are known to be good; no other can be called so."""


class Limits(NamedTuple):
    """What an update is refused for (see `guards`), and whether regressions are listed."""

    max_new: int | None = None
    max_failing: float = guards.SHARE
    accept_regressions: bool = False


class Decision(NamedTuple):
    """What follows from results, in the order of the keys; `refused` says why nothing may.

    `tests` is how many tests there were in all.
    """

    proposals: Sequence[Proposal]
    tests: int
    refused: str = ""

    @property
    def changing(self) -> Sequence[Proposal]:
        """The proposals that change the lists."""
        return [each for each in self.proposals if each.change is not None]


def decide(
    collected: Collected,
    loaded: Lists,
    known: Mapping[str, Configuration],
    policy: Policy,
    limits: Limits,
    today: datetime.date,
) -> Decision:
    """Return what results make of the lists of a mode."""
    listed = by_key(loaded)
    resolve = collecting.resolver(loaded.test_dir)
    found: list[Proposal] = []
    tests, ran, failed = 0, dict.fromkeys(known, 0), dict.fromkeys(known, 0)
    scopes: set[str] = set()
    places: dict[str, dict[str, bool]] = {}
    wide: list[Test] = []
    seen_keys: set[tuple[str, str]] = set()
    for gathered in collected.gathered(listed, resolve):
        tests += gathered.total
        for name in known:
            ran[name] += gathered.ran[name]
            failed[name] += gathered.failed[name]
        scopes |= gathered.scopes
        for name, where in gathered.places.items():
            places.setdefault(name, {}).update(where)
        wide += [test for test in gathered.tests if implied.is_module_wide(test.key)]
        narrow = [test for test in gathered.tests if not implied.is_module_wide(test.key)]
        seen_keys.update((test.key, test.place) for test in narrow if _without_good(test).seen)
        found += _of_tests(narrow, listed, known, policy, limits, today)
    completed = implied.completed(wide, listed, places)
    seen_keys.update((test.key, test.place) for test in completed)
    found += _of_tests(completed, listed, known, policy, limits, today)
    good = {place for name, where in places.items() if name != KNOWN_GOOD for place in where}
    found += _stale(listed, seen_keys, scopes, good)
    found.sort(key=_order)
    additions = sum(each.kind is Kind.ADDED for each in found)
    refused = guards.refusal(
        ran, failed, tests, additions, limits.max_new, limits.max_failing
    )
    return Decision(found, tests, refused)


def _order(each: Proposal) -> tuple[object, ...]:
    addresses = each.change[:2] if each.change is not None else ()
    return each.key, each.kind.value, *(address or () for address in addresses)


def by_key(loaded: Lists) -> dict[str, list[Located]]:
    """Return the entries of lists by the keys of their tests."""
    found: dict[str, list[Located]] = {}
    for located in loaded.all():
        found.setdefault(located.key, []).append(located)
    return found


def _of_tests(
    tests: Sequence[Test],
    listed: Mapping[str, Sequence[Located]],
    known: Mapping[str, Configuration],
    policy: Policy,
    limits: Limits,
    today: datetime.date,
) -> Iterator[Proposal]:
    """Yield what follows for tests, all those of a key together."""
    tests_by_key: dict[str, list[Test]] = {}
    for test in tests:
        tests_by_key.setdefault(test.key, []).append(test)
    for key, same in tests_by_key.items():
        good = any(
            Verdict.PASSED in test.seen[KNOWN_GOOD].verdicts
            for test in same
            if KNOWN_GOOD in test.seen
        )
        ran = [test for test in map(_without_good, same) if test.seen]
        entries = [read(located, today) for located in listed.get(key, ())]
        for each in key_groups.propose(ran, entries, known, policy):
            if good and each.kind is Kind.ADDED and not limits.accept_regressions:
                why = f"{each.why}, and it passed before: a regression is mended, not listed"
                each = each._replace(kind=Kind.REGRESSION, why=why, change=None)
            yield each


def _without_good(test: Test) -> Test:
    if KNOWN_GOOD not in test.seen:
        return test
    return test._replace(
        seen={name: seen for name, seen in test.seen.items() if name != KNOWN_GOOD}
    )


def read(located: Located, today: datetime.date) -> Listed:
    """Return an entry as it is read, or what is wrong with it."""
    listing = located.listing
    address = Address(listing.mode, listing.kind, located.key, located.test_file)
    try:
        entry = entry_files.read(located)
    except EntryError as error:
        return Listed(address, None, str(error))
    return Listed(address, entry, expired=entry.expired(today))


def _stale(
    listed: Mapping[str, Sequence[Located]],
    seen: set[tuple[str, str]],
    scopes: set[str],
    places: set[str],
) -> Iterator[Proposal]:
    """Yield what is said of the entries whose module ran, without the test."""
    keys = {key for key, _ in seen}
    for key, there in listed.items():
        if implied.is_module_wide(key):  # Its module ran: then it passed, or was told of.
            continue
        scope = key.partition(".")[0]
        for located in there:
            if located.test_file:
                gone = located.test_file in places and (key, located.test_file) not in seen
            else:
                gone = key not in keys and scope in scopes
            if gone:
                listing = located.listing
                yield key_groups.stale(
                    Address(listing.mode, listing.kind, key, located.test_file)
                )
