"""Retirement: entries that the history says may go, and which entries list which test."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Mapping, Sequence

from trunk_failures import entry_files, list_files, modes, recommendations, updates
from trunk_failures.changes import Address, Change
from trunk_failures.entries import Entry
from trunk_failures.errors import EntryError
from trunk_failures.lists import Located
from trunk_failures.proposals import Kind, Listed, Proposal
from trunk_failures.recommendations import Action, Policy
from trunk_failures.reports import rows
from trunk_failures.results import collecting
from trunk_failures.stability import Stability
from trunk_failures.trials import Series


def listing(test_dir: str) -> Callable[[Stability], Sequence[Located]]:
    """Return what says which entries list a test."""
    there = list_files.directories(test_dir)
    names = tuple(dict.fromkeys(mode for mode, _, _ in there))
    by_key = updates.by_key(list_files.read(test_dir, names, there))
    resolve = collecting.resolver(test_dir)

    def listed(found: Stability) -> Sequence[Located]:
        located = by_key.get(found.key)
        if not located:
            return ()
        place, is_file = resolve(found.place)
        return [
            each
            for each in located
            if not each.test_file or (is_file and each.test_file == place)
        ]

    return listed


def path(located: Located) -> str:
    """Return the path of an entry below the test directory."""
    return rows.path(_address(located))


def counts(series: Series, mode: str) -> bool:
    """Tell whether the lists of a mode were in force in the runs of a series.

    Trunk's always are; of others the results have to say so.
    """
    if mode == modes.TRUNK:
        return True
    ran = [series.run(number) for number in range(len(series.places))]
    return bool(ran) and all(mode in run.modes.split(",") for run in ran)


def staying(located: Sequence[Located], series: Series) -> str:
    """Return why none of a test's entries may go, however often it passed; "" where one may."""
    reasons = [_staying(each, series) for each in located]
    return reasons[0] if all(reasons) else ""


def _staying(located: Located, series: Series) -> str:
    mode = located.listing.mode
    if not counts(series, mode):
        return f"its entry is of mode {mode}, and not all runs say that they were made in it"
    try:
        return _reason(entry_files.read(located))
    except EntryError as error:
        return f"its entry cannot be read: {error}"


def _reason(entry: Entry) -> str:
    if entry.keep:
        return f"the entry says keep: {entry.keep}"
    if entry.when is not None:
        # Where it does not hold, the test passes without saying anything of where it does.
        return f"the entry holds where {entry.when.text}, and the history knows no such thing"
    return ""


def propose(
    found: Iterable[Stability],
    listed: Mapping[str, Sequence[Located]],
    resolve: Callable[[str], tuple[str, bool]],
    policy: Policy,
    today: datetime.date,
) -> list[Proposal]:
    """Return the removals of entries all of whose tests may be unlisted wherever they were run.

    `found` has the listed tests, each in all configurations that have it.
    """
    tests: dict[Address, list[Stability]] = {}
    entries = {
        _address(located): located for there in listed.values() for located in there
    }
    for each in found:
        place, is_file = resolve(each.place)
        for address in _acting(each.key, place if is_file else "", listed):
            tests.setdefault(address, []).append(each)
    proposals = []
    for address, own in sorted(tests.items()):
        advice = [recommendations.recommend(each, True, policy) for each in own]
        if all(each.action is Action.UNLIST for each in advice):
            weakest = min(zip(own, advice), key=lambda each: each[0].passes_in_a_row)
            names = tuple(sorted({each.configuration for each in own}))
            read = updates.read(entries[address], today)
            proposals.append(_removal(read, weakest[1].why, names))
    return proposals


def _acting(
    key: str, test_file: str, listed: Mapping[str, Sequence[Located]]
) -> Iterable[Address]:
    """Return the addresses of the entries that act on a test: in each list, its own file's first.
    """
    acting: dict[tuple[str, str], Address] = {}
    for located in sorted(listed.get(key, ()), key=lambda each: each.test_file):
        if located.test_file in ("", test_file):
            address = _address(located)
            acting[address.mode, address.kind] = address
    return acting.values()


def _removal(listed: Listed, why: str, names: tuple[str, ...]) -> Proposal:
    address, entry = listed.address, listed.entry
    reason = f"its entry cannot be read: {listed.fault}" if entry is None else _reason(entry)
    if reason:
        return Proposal(Kind.KEPT_BACK, address.key, f"{why}; but {reason}", None, names)
    return Proposal(Kind.REMOVED, address.key, why, Change(address, None), names)


def _address(located: Located) -> Address:
    listing = located.listing
    return Address(listing.mode, listing.kind, located.key, located.test_file)
