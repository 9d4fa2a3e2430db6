"""Issue texts: one for each cause of new failures, ready to be filed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from trunk_failures.reports import rows
from trunk_failures.summaries import Cause, Summary

TITLE = 100
TESTS = 100
TEXT = 8000
"""Characters of a title, tests, and characters of a failure's text that an issue has."""


def texts(summary: Summary) -> Iterator[tuple[str, str]]:
    """Yield the file name and the text of one issue for each cause.

    The name depends on the cause alone, so that a second update writes the same file.
    """
    for cause in summary.causes:
        digest = hashlib.sha256(cause.cause.encode("utf-8", "surrogatepass")).hexdigest()[:12]
        yield f"cause-{digest}.md", "\n".join(_lines(cause, summary.mode)) + "\n"


def _lines(cause: Cause, mode: str) -> Iterator[str]:
    count = f"{len(cause.keys)} test{'' if len(cause.keys) == 1 else 's'}"
    shown = rows.visible(cause.cause)
    yield f"# {count} failing: {shown[:TITLE]}"
    yield ""
    where = ", ".join(name for name in cause.configurations if name)
    yield f"{count} failed{f' in {where}' if where else ''} (lists of mode {mode}):"
    yield ""
    yield from _fenced("\n".join(rows.visible(key) for key in cause.keys[:TESTS]))
    if len(cause.keys) > TESTS:
        yield f"and {len(cause.keys) - TESTS} more."
    if cause.text:
        yield from ("", "One of the failures:", "")
        yield from _fenced(cause.text[:TEXT])


def _fenced(text: str) -> Iterator[str]:
    """Yield a block of code that no line of the text can end."""
    fence = "```"
    while fence in text:
        fence += "`"
    yield fence
    yield from (rows.visible(line) for line in text.splitlines())
    yield fence
