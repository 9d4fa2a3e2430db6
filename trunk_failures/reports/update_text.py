"""The summary of an update as text."""

from __future__ import annotations

from collections.abc import Iterator

from trunk_failures.reports import rows
from trunk_failures.summaries import Summary


def render(summary: Summary) -> str:
    """Return the summary as lines of text."""
    return "\n".join(_lines(summary)) + "\n"


def _counted(summary: Summary) -> str:
    tests = f"{summary.tests} test{'' if summary.tests == 1 else 's'}"
    if not summary.files:  # The history was asked.
        return tests
    return f"{summary.tests} tests in {summary.files} file{'' if summary.files == 1 else 's'}"


def _lines(summary: Summary) -> Iterator[str]:
    yield (
        f"{summary.headline} (mode {summary.mode} in {rows.visible(summary.test_dir)}; "
        f"{_counted(summary)}; {summary.state})"
    )
    for kind, found in summary.kinds.items():
        yield ""
        yield f"{kind.value}:"
        for each in found:
            where = rows.where(each)
            yield f"  {rows.subject(each)}{' ' if where else ''}{where}"
            yield f"      {rows.why(each)}"
    if summary.causes:
        yield ""
        yield "causes of new failures:"
        for cause in summary.causes:
            tests = f"{len(cause.keys)} test{'' if len(cause.keys) == 1 else 's'}"
            yield f"  {tests}: {rows.visible(cause.cause)}"
    for title, texts in (("passed over: ", summary.faults), ("no test id: ", summary.unnamed)):
        for text in texts:
            yield f"{title}{rows.visible(text)}"
    yield from map(rows.visible, summary.notices)
