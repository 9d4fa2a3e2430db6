"""What changed, as text: for terminals, files, mail and chats."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from trunk_failures import notifications
from trunk_failures.notifications import Change, Kind
from trunk_failures.reports import rows, stability_rows

MOST = 50
"""Changes of one kind that are shown; the JSON has all."""


def headline(changes: Sequence[Change]) -> str:
    """Return how much there is of each kind, in words; the word alone where it is one sentence."""
    counts = {kind: 0 for kind in Kind}
    for each in changes:
        counts[each.kind] += 1
    return ", ".join(f"{count} {kind.value}" for kind, count in counts.items() if count)


def render(changes: Sequence[Change], most: int = MOST) -> str:
    """Return the changes as lines of text, in groups of one kind, those of one cause together."""
    return "".join(f"{line}\n" for line in _lines(changes, most))


def moment(time: int) -> str:
    """Return a time in seconds since 1970 as text, or "" where it is not known."""
    return stability_rows.moment(time) if time else ""


def began(change: Change) -> str:
    """Return what a change began with: the run, its commit and its time."""
    since = change.since
    commit = f"commit {since.commit}" if since.commit else ""
    known = filter(None, (f"run {since.run}" if since.run else "", commit, moment(since.time)))
    return rows.visible(", ".join(known))


def test(change: Change) -> str:
    """Return the test that a change is about, with its file where that is known."""
    key, place = change.test
    return rows.visible(f"{key} ({place})" if place else key)


def where(change: Change) -> str:
    """Return the configuration and the branch of a change, or ""."""
    subject = change.subject
    known = [*filter(None, (subject.configuration, subject.branch and f"on {subject.branch}"))]
    return rows.visible(f" [{' '.join(known)}]") if known else ""


def elsewhere(change: Change) -> str:
    """Return the names of the configurations in which a test fails, too, one of which has none."""
    return ", ".join(name or "the configuration without a name" for name in change.elsewhere)


def _lines(changes: Sequence[Change], most: int) -> Iterator[str]:
    yield headline(changes)
    for kind in Kind:
        found = [each for each in changes if each.kind is kind]
        if not found:
            continue
        yield f"{kind.value}:"
        left = most
        for group in notifications.by_cause(found) if kind in notifications.TESTS else [found]:
            if left > 0:
                yield from _group(group, left)
            left -= len(group)
        if left < 0:
            yield f"  and {-left} more"


def _group(group: Sequence[Change], most: int) -> Iterator[str]:
    """Yield the lines of some changes; the error of tests that fail alike is there once."""
    tests = {each.test for each in group}
    alike = len(tests) > notifications.ALIKE and group[0].kind in notifications.TESTS
    if alike:
        yield f"  {len(tests)} tests: {rows.visible(group[0].detail)}"
    for each in group[:most]:
        yield from _of_one(each, "    " if alike else "  ", not alike)


def _of_one(change: Change, indent: str, with_detail: bool) -> Iterator[str]:
    if change.kind in notifications.TESTS:
        yield f"{indent}{test(change)}{where(change)} since {began(change)}"
        if with_detail and change.detail:
            yield f"{indent}    {rows.visible(change.detail)}"
        if change.elsewhere:
            yield f"{indent}    fails in {rows.visible(elsewhere(change))} too"
        if change.entry:
            owner = f", owner {change.owner}" if change.owner else ""
            yield f"{indent}    {rows.visible(f'listed in {change.entry}{owner}')}"
        return
    subject = f"{change.subject.key} {change.subject.place}".strip()
    date = f" {change.since.run}" if change.since.run else ""
    owner = f", owner {change.owner}" if change.owner else ""
    detail = f": {change.detail}" if change.detail else ""
    yield f"{indent}{rows.visible(f'{subject}{date}{owner}')}{where(change)}{rows.visible(detail)}"
