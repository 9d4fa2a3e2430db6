"""Retirement: entries that the history says may go."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Mapping, Sequence

from trunk_failures import entry_files, modes, recommendations, stability, updates
from trunk_failures.changes import Address, Change
from trunk_failures.entries import Entry
from trunk_failures.errors import EntryError
from trunk_failures.lists import Located
from trunk_failures.proposals import Kind, Listed, Proposal
from trunk_failures.recommendations import Action, Policy
from trunk_failures.reports import rows
from trunk_failures.stability import Stability
from trunk_failures.trials import Series


def path(located: Located) -> str:
    """Return the path of an entry below the test directory."""
    return rows.path(_address(located))


def in_mode(series: Series, mode: str) -> Series | None:
    """Return what a test came to in the runs that were made in a mode; None where none was.

    Trunk's lists always are in force; of others the results have to say so.
    """
    if mode == modes.TRUNK:
        return series
    kept = [place for place, run in enumerate(series.runs) if mode in run.modes.split(",")]
    if not kept:
        return None
    places = {place: number for number, place in enumerate(kept)}
    ran = [(places[place], at) for at, place in enumerate(series.places) if place in places]
    return series._replace(
        runs=[series.runs[place] for place in kept],
        places=[place for place, _ in ran],
        states=bytes(series.states[at] for _, at in ran),
    )


def staying(located: Sequence[Located], series: Series, policy: Policy) -> str:
    """Return why none of a test's entries may go, though it passed often; "" where one may."""
    reasons = [_staying(each, series, policy) for each in located]
    return reasons[0] if all(reasons) else ""


def _staying(located: Located, series: Series, policy: Policy) -> str:
    mode = located.listing.mode
    own = in_mode(series, mode)
    if own is None:
        return f"its entry is of mode {mode}, and no run says that it was made in it"
    advice = recommendations.recommend(stability.judge(own), True, policy)
    if advice.action is not Action.UNLIST:
        return f"in mode {mode} that is: {advice.why}"
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
