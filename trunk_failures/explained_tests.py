"""Explained tests: what each entry of a test comes to, in the lists in force and in all others."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from trunk_failures import decisions, git_records, listed_entries, lists, markers, modes
from trunk_failures.all_lists import AllLists
from trunk_failures.asked_tests import Asked, Near, Place
from trunk_failures.decisions import Decision, State
from trunk_failures.git_records import Records
from trunk_failures.listed_entries import Listed
from trunk_failures.stability import Stability

GIVEN_TO_GIT = 100
"""Paths that git is asked for one by one; of more, it is asked for whole list directories."""


class Explained(NamedTuple):
    """One entry of a test: what it says, and what comes of it.

    `under` says what would put its mode in force, "" where it is; the state is then what would
    come of it. `why` follows the entry's path; `when` is as in `Decision`.
    """

    listed: Listed
    state: State
    why: str
    under: str
    when: Sequence[str] = ()


class Answer(NamedTuple):
    """What there is to say of what was asked: the entries of each test meant, or what is near.

    `results` has what the history says of each test that it has: of those meant, or of the one
    that is not listed.
    """

    asked: Asked
    tests: Sequence[tuple[Place, Sequence[Explained]]]
    near: Sequence[Near] = ()
    results: Mapping[Place, Sequence[Stability]] = {}


def located(found: AllLists, place: Place) -> Iterator[lists.Located]:
    """Yield every entry that is about a test, in the order of the modes."""
    for mode in found.modes:
        for listing in found.listings:
            folder = listing.below.get(place.test_file)
            if listing.mode == mode and folder is not None and place.key in folder.keys:
                yield lists.Located(place.key, listing, folder, place.test_file)
        for listing in found.listings:
            key = listing.top.standing_for(place.key) if listing.mode == mode else ""
            if key:
                yield lists.Located(key, listing, listing.top, "")


def records(found: AllLists, places: Iterable[Place]) -> Records:
    """Return git's records of the entries that are about tests."""
    entries = [each for place in places for each in located(found, place)]
    on_disk = [each for each in entries if each.listing.is_on_disk]
    if len(on_disk) > GIVEN_TO_GIT:
        return listed_entries.records(found.test_dir, {each.listing for each in on_disk})
    return git_records.read(found.test_dir, map(listed_entries.place, on_disk))


def explain(
    found: AllLists, place: Place, known: Records, today: datetime.date
) -> list[Explained]:
    """Return what comes of every entry of a test, those in force first."""
    decided: dict[str, list[Decision]] = {}
    explained = []
    for each in located(found, place):
        mode = each.listing.mode
        if mode not in decided:
            under = found.under(mode)
            here = markers.here(under.modes)
            decided[mode] = [*decisions.of(under, *place, here, today)]
        decision = next((one for one in decided[mode] if _same(one.located, each)), None)
        _, _, state, why, when = decision or _other(each, place)
        listed = listed_entries.read(each, known)
        explained.append(Explained(listed, state, why, found.setting(mode), when))
    return explained


def _same(one: lists.Located, other: lists.Located) -> bool:
    return one.folder is other.folder and one.listing is other.listing


def _other(located: lists.Located, place: Place) -> Decision:
    """Return what comes of an entry that is not even found where tests are looked up."""
    if located.listing.mode in modes.CONTEXTS:
        why = "suppresses nothing: the test runs inside a context manager of the suite's"
        return Decision(located, None, State.IN_CONTEXT, why)
    why = (
        "is overruled by the entry of this very file"
        if place.test_file and not located.test_file
        else "is not asked, as its mode has another entry of the test"
    )
    return Decision(located, None, State.OVERRULED, why)
