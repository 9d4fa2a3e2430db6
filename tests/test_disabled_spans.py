"""Disabled spans: times are added to them and taken away."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from trunk_failures import disabled_spans
from trunk_failures.disabled_spans import Span

END = 20
"""A time that is later than all others; the open end is there."""


def times(spans: list[Span]) -> set[int]:
    """Return the times that spans cover."""
    return {time for time in range(END + 1) if any(disabled_spans.covers(s, time) for s in spans)}


def spans_of(covered: set[int]) -> list[Span]:
    """Return the fewest spans that cover times; what covers the end goes on."""
    found: list[Span] = []
    for time in sorted(covered):
        if found and found[-1].until == time:
            found[-1] = Span(found[-1].since, time + 1)
        else:
            found.append(Span(time, time + 1))
    if found and found[-1].until == END + 1:
        found[-1] = Span(found[-1].since)
    return found


@given(st.sets(st.integers(0, END)), st.integers(0, END - 1), st.booleans())
def test_added_and_removed(covered: set[int], since: int, to_the_end: bool) -> None:
    """Spans are those of the times that are covered before, and of those added or removed."""
    there = spans_of(covered)
    until = None if to_the_end else since + 1
    own = {*range(since, END + 1)} if to_the_end else {since}
    if not own & covered:
        added = disabled_spans.with_span(there, Span(since, until))
        assert added == spans_of(covered | own)
        assert disabled_spans.without_span(added, Span(since, until)) == there
    if own <= covered:
        removed = disabled_spans.without_span(there, Span(since, until))
        assert removed == spans_of(covered - own)
        assert times(removed) == covered - own


def test_what_a_span_covers() -> None:
    """A span covers its start, not its end; without an end it goes on."""
    assert disabled_spans.covers(Span(3, 5), 3) and disabled_spans.covers(Span(3), 10**9)
    assert not disabled_spans.covers(Span(3, 5), 5) and not disabled_spans.covers(Span(3), 2)
