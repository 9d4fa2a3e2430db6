"""The debt of lists as text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from trunk_failures.debt import Debt
from trunk_failures.listed_entries import Listed
from trunk_failures.reports.rows import visible

MOST = 20
"""Rows of a section; there can be thousands of the same kind."""

_BANDS = {7: "a week", 30: "a month", 90: "three months", 365: "a year"}


def render(debt: Debt) -> str:
    """Return the figures as lines of text, one to each entry that is named."""
    return "\n".join(_lines(debt)) + "\n"


def _lines(debt: Debt) -> Iterator[str]:
    yield f"{_counted(debt.total)} on {debt.today}"
    if not debt.total:
        return
    yield from _section("by mode:", _rows(_modes(debt)))
    yield from _section("by age:", _rows(_ages(debt)))
    owners = [(owner or "nobody", count) for owner, count in debt.owners.items()]
    yield from _section("by owner:", _rows(owners))
    issues = (("with one", debt.with_issue), ("without", debt.without_issue))
    yield from _section("by issue:", _rows(issues))
    yield from _section("expired:", [_dated(each) for each in debt.expired])
    soon = [_dated(each) for each in debt.expiring]
    yield from _section(f"expiring within {debt.within} days:", soon)
    yield from _section("cannot be read:", [f"  {visible(each.fault)}" for each in debt.unreadable])
    yield from _section("oldest:", [_oldest(each) for each in debt.oldest])


def _section(title: str, rows: Sequence[str]) -> Iterator[str]:
    if rows:
        yield from ("", title, *rows[:MOST])
    if len(rows) > MOST:
        yield f"  and {len(rows) - MOST} more"


def _modes(debt: Debt) -> Iterator[tuple[str, int]]:
    for mode, kinds in debt.modes.items():
        for kind, count in kinds.items():
            yield f"{mode}, {kind.replace('_', ' ')}", count


def _ages(debt: Debt) -> Iterator[tuple[str, int]]:
    for most, count in debt.ages.items():
        yield f"over {_BANDS[365]}" if most is None else f"up to {_BANDS[most]}", count
    for why, count in debt.ages_unknown.items():
        yield f"not known: {why}", count


def _rows(counts: Iterable[tuple[str, int]]) -> list[str]:
    return [f"{count:>8} {visible(name)}" for name, count in counts if count]


def _counted(count: int) -> str:
    return f"{count} entr{'y' if count == 1 else 'ies'}"


def _dated(listed: Listed) -> str:
    fields = dict(listed.entry.fields) if listed.entry else {}
    owner = f" ({visible(fields['owner'])})" if "owner" in fields else ""
    return f"  {visible(listed.path)}: {visible(fields['expires'])}{owner}"


def _oldest(listed: Listed) -> str:
    added = listed.added
    assert added is not None
    who = f"{added.when.date()} by {added.author} in {added.commit[:10]} ({added.subject})"
    return f"  {visible(listed.path)}: {visible(who)}"
