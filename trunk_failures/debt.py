"""Debt: how many entries the lists hold, how old they are, and whose they are."""

from __future__ import annotations

import collections
import datetime
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from trunk_failures import lists
from trunk_failures.listed_entries import Listed

WITHIN = 30
"""Days within which an entry that expires does so soon."""

OLDEST = 10
"""How many of the oldest entries are named."""

BANDS = (7, 30, 90, 365)
"""The ages, in days, up to which entries are counted together."""


class Debt(NamedTuple):
    """Figures of lists on a day.

    `modes` counts by mode and kind, `ages` by the most days of a band (None for all that are
    older); what is of unknown age is counted by why that is so in `ages_unknown`. `owners` has
    the entries of nobody under "". `expiring` do so within `within` days, the first first;
    `oldest` begins with the oldest. `unreadable` have neither owner, issue nor date.
    """

    today: datetime.date
    within: int
    total: int
    modes: Mapping[str, Mapping[str, int]]
    ages: Mapping[int | None, int]
    ages_unknown: Mapping[str, int]
    owners: Mapping[str, int]
    with_issue: int
    without_issue: int
    expired: Sequence[Listed]
    expiring: Sequence[Listed]
    unreadable: Sequence[Listed]
    oldest: Sequence[Listed]


def of(listed: Collection[Listed], today: datetime.date, within: int = WITHIN) -> Debt:
    """Return the figures of entries; `within` is in days from today, which is UTC's."""
    readable = [each for each in listed if each.entry is not None]
    with_issue = sum(bool(each.entry and each.entry.issue) for each in readable)
    return Debt(
        today,
        within,
        len(listed),
        _modes(listed),
        _ages(listed, today),
        _most_first(each.unknown or "it is in no file" for each in listed if each.added is None),
        _most_first(each.entry.owner for each in readable if each.entry),
        with_issue,
        len(readable) - with_issue,
        [each for each in readable if each.entry and each.entry.expired(today)],
        _expiring(readable, today, within),
        [each for each in listed if each.entry is None],
        sorted((each for each in listed if each.added), key=_added)[:OLDEST],
    )


def age(listed: Listed, today: datetime.date) -> int | None:
    """Return the days since an entry was added, by UTC's dates; None where that is not known.

    What was added in the future, by another machine's clock, was added today.
    """
    if listed.added is None:
        return None
    return max((today - listed.added.when.date()).days, 0)


def _modes(listed: Iterable[Listed]) -> dict[str, dict[str, int]]:
    counts = collections.Counter((each.mode, each.kind) for each in listed)
    return {
        mode: {kind: counts[mode, kind] for kind in lists.KINDS}
        for mode in sorted({mode for mode, _ in counts})
    }


def _ages(listed: Iterable[Listed], today: datetime.date) -> dict[int | None, int]:
    counts: dict[int | None, int] = dict.fromkeys((*BANDS, None), 0)
    for each in listed:
        days = age(each, today)
        if days is not None:
            counts[next((most for most in BANDS if days <= most), None)] += 1
    return counts


def _expiring(readable: Iterable[Listed], today: datetime.date, within: int) -> list[Listed]:
    found = [
        (each.entry.expires, each)
        for each in readable
        if each.entry and each.entry.expires and not each.entry.expired(today)
    ]
    soon = [each for each in found if (each[0] - today).days <= within]
    return [each for _, each in sorted(soon, key=lambda each: (each[0], each[1].path))]


def _most_first(names: Iterable[str]) -> dict[str, int]:
    counts = collections.Counter(names)
    return dict(sorted(counts.items(), key=lambda each: (-each[1], each[0])))


def _added(listed: Listed) -> tuple[datetime.datetime, str]:
    assert listed.added is not None
    return listed.added.when, listed.path
