"""Disabled spans: from when to when a source said that a test is disabled. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Span(NamedTuple):
    """From `since` until, and without, `until`; None while it goes on. Seconds since 1970."""

    since: int
    until: int | None = None


def covers(span: Span, time: int) -> bool:
    """Tell whether a time is within a span."""
    return span.since <= time and (span.until is None or time < span.until)


def with_span(spans: Sequence[Span], added: Span) -> list[Span]:
    """Return spans that have no time in common with an added one, and it, joined where they meet.
    """
    since, until = added
    found = []
    for span in sorted(spans):
        if span.until == since:
            since = span.since
        elif span.since == until:
            until = span.until
        else:
            found.append(span)
    return sorted([*found, Span(since, until)])


def without_span(spans: Sequence[Span], removed: Span) -> list[Span]:
    """Return spans without the time of another one, which is within one of them."""
    found = []
    for span in sorted(spans):
        if not covers(span, removed.since):
            found.append(span)
            continue
        if span.since < removed.since:
            found.append(Span(span.since, removed.since))
        if removed.until is not None and (span.until is None or removed.until < span.until):
            found.append(Span(removed.until, span.until))
    return found
