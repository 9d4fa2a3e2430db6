"""The stability of tests as Markdown, for a pull request or the summary of a job."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from trunk_failures import stability_summaries
from trunk_failures.recommendations import counted
from trunk_failures.reports import stability_rows
from trunk_failures.reports.markdown import MOST, cell, code
from trunk_failures.stability_summaries import Row, Summary


def render(summary: Summary) -> str:
    """Return the summary as Markdown; nothing that tests say can be more than text there."""
    return "\n".join(_lines(summary)) + "\n"


def _lines(summary: Summary) -> Iterator[str]:
    yield f"### Stability: {summary.counts} ({counted(summary.runs, 'run')})"
    if summary.rows:
        yield from ("", "| verdict | test | runs | passed (95 %) | since | error | what to do |")
        yield "|---|---|---|---|---|---|---|"
        groups = stability_summaries.groups(summary.rows)
        yield from map(_row, groups[:MOST])
        if len(groups) > MOST:
            yield f"| and {len(groups) - MOST} more | | | | | | |"
    if summary.set_aside:
        yield from ("", "Set aside, as most of their tests failed:", "")
        for run in summary.set_aside[:MOST]:
            said = f"{stability_rows.run(run)} {run.configuration}".rstrip()
            yield f"* {code(said)}: {run.failed} of {run.tests} tests failed"
    now = [each for each in summary.disabled if each.now]
    if now:
        yield from ("", f"Disabled on trunk now: {counted(len(now), 'test')}.", "")
        yield from (f"* {code(stability_rows.disabled(each))}" for each in now[:MOST])


def _row(group: Sequence[Row]) -> str:
    found = group[0].stability
    named = stability_rows.subject(group)
    where = f" [{found.configuration}]" if found.configuration else ""
    texts = (stability_rows.since(group), stability_rows.cause(group), stability_rows.advice(group))
    said = " | ".join(cell(text) if text else "" for text in texts)
    runs, rate, _ = stability_rows.numbers(group)
    return f"| {found.verdict.value} | {cell(named + where)} | {runs} | {rate} | {said} |"
