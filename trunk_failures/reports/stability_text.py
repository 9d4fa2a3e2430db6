"""The stability of tests as text: a table that fits a terminal, and what is said of each row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from trunk_failures import progress, stability_summaries
from trunk_failures.recommendations import counted
from trunk_failures.reports import rows, stability_rows
from trunk_failures.stability import Verdict
from trunk_failures.stability_summaries import Row, Summary

HEADS = ("verdict", "test", "config", "runs", "passed % (95 %)", "flips")
LEAST = 16
"""Columns that a test's name has at the least."""

DISABLED = 10
"""Disabled tests that are named."""

_CODES = {
    Verdict.BROKEN: "31",
    Verdict.FLAKY: "33",
    Verdict.RECOVERED: "32",
    Verdict.NEW: "36",
    Verdict.NOT_SEEN: "2",
}


def render(summary: Summary, width: int | None = None, colours: bool = False) -> str:
    """Return the summary as lines of text, none of more columns than `width`, where one is given.
    """
    return "\n".join(_lines(summary, width, colours)) + "\n"


def _lines(summary: Summary, width: int | None, colours: bool) -> Iterator[str]:
    said = [*_head(summary)]
    yield from (_cut(rows.visible(line), width) for line in said)
    if summary.rows:
        yield ""
        yield from _table(stability_summaries.groups(summary.rows), width, colours)
    yield from (_cut(rows.visible(line), width) for line in _foot(summary))


def _head(summary: Summary) -> Iterator[str]:
    count = len(summary.configurations)
    configurations = f" in {count} configurations" if count > 1 else ""
    yield f"{counted(summary.runs, 'run')}{configurations}: {summary.counts}"
    for run in summary.set_aside:
        where = f" of {run.configuration}" if run.configuration else ""
        yield (
            f"set aside: {stability_rows.run(run)}{where}, in which {run.failed} of {run.tests} "
            f"tests failed"
        )


def _table(
    groups: Sequence[Sequence[Row]], width: int | None, colours: bool
) -> Iterator[str]:
    cells = [HEADS, *map(_cells, groups)]
    if not any(row[2] for row in cells[1:]):
        cells = [(*row[:2], *row[3:]) for row in cells]
    widths = [max(len(row[column]) for row in cells) for column in range(len(cells[0]))]
    if width is not None:
        left = width - (sum(widths) - widths[1] + 2 * (len(widths) - 1))
        widths[1] = max(LEAST, min(widths[1], left))
    for number, row in enumerate(cells):
        texts = [_filled(text, columns) for text, columns in zip(row, widths)]
        line = _cut("  ".join(texts).rstrip(), width)
        if not number:
            yield line
            continue
        group = groups[number - 1]
        yield _coloured(line, len(row[0]), group[0].stability.verdict) if colours else line
        told = (stability_rows.since, stability_rows.cause, stability_rows.advice)
        for text in filter(None, (say(group) for say in told)):
            yield from _folded(rows.visible(text), width)


def _folded(text: str, width: int | None) -> Iterator[str]:
    """Yield a text in as many lines as it takes, the later ones a little further in."""
    line = "   "
    for word in text.split(" "):
        longer = f"{line} {word}"
        if line.strip() and _cut(longer, width) != longer.rstrip():
            yield _cut(line, width)
            longer = f"      {word}"
        line = longer
    yield _cut(line, width)


def _cells(group: Sequence[Row]) -> tuple[str, ...]:
    found = group[0].stability
    return (
        found.verdict.value,
        rows.visible(stability_rows.subject(group)),
        rows.visible(found.configuration),
        *stability_rows.numbers(group),
    )


def _foot(summary: Summary) -> Iterator[str]:
    now = sorted((each for each in summary.disabled if each.now), key=lambda each: each.spans[-1])
    if summary.disabled:
        yield ""
        ever = len(summary.disabled)
        yield f"disabled on trunk: {counted(len(now), 'test')} now, {ever} at some time"
    yield from (f"    {stability_rows.disabled(each)}" for each in now[:DISABLED])
    if len(now) > DISABLED:
        yield f"    and {len(now) - DISABLED} more"


def _filled(text: str, columns: int) -> str:
    shown, taken = progress.cut(text, columns)
    if shown != text:
        shown, taken = progress.cut(text, columns - 3)
        shown, taken = f"{shown}...", taken + 3
    return shown + " " * (columns - taken)


def _cut(line: str, width: int | None) -> str:
    return line if width is None else _filled(line, width).rstrip()


def _coloured(line: str, length: int, verdict: Verdict) -> str:
    code = _CODES.get(verdict)
    return f"\x1b[{code}m{line[:length]}\x1b[0m{line[length:]}" if code else line
