"""The summary of an update as Markdown, for a pull request."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from trunk_failures.reports import rows
from trunk_failures.reports.markdown import MOST, cell, code
from trunk_failures.summaries import Summary

_TITLES = {"faults": "Passed over", "unnamed": "No test id", "notices": "Of the runs"}


def render(summary: Summary) -> str:
    """Return the summary as Markdown; nothing that tests say can be more than text there."""
    return "\n".join(_lines(summary)) + "\n"


def _lines(summary: Summary) -> Iterator[str]:
    yield f"**{summary.headline}** in the lists of mode {code(summary.mode)} ({summary.state})."
    for kind, found in summary.kinds.items():
        yield from ("", f"### {kind.value.capitalize()}", "")
        yield from ("| test | where | why |", "|---|---|---|")
        for each in found[:MOST]:
            where = rows.where(each)
            seen = cell(where) if where else ""
            yield f"| {cell(rows.subject(each))} | {seen} | {cell(rows.why(each))} |"
        if len(found) > MOST:
            yield f"| and {len(found) - MOST} more | | |"
    if summary.causes:
        yield from ("", "### Causes of new failures", "", "| tests | cause |", "|---|---|")
        for cause in summary.causes[:MOST]:
            yield f"| {len(cause.keys)} | {cell(cause.cause)} |"
    for name, title in _TITLES.items():
        texts: Sequence[str] = getattr(summary, name)
        if texts:
            yield from ("", f"### {title}", "")
            yield from (f"* {code(text)}" for text in texts[:MOST])
