"""Markdown: text from tests and from elsewhere that is no more than text there."""

from __future__ import annotations

from collections.abc import Iterator

from trunk_failures.reports import rows

MOST = 200
"""Rows of one table; a pull request's text has a limit."""


def code(text: str) -> str:
    """Return a text as code."""
    shown = rows.visible(text)
    longest = max((len(run) for run in _runs(shown)), default=0)
    fence = "`" * (longest + 1)
    blank = " " if longest or not shown.strip() else ""
    return f"{fence}{blank}{shown}{blank}{fence}"


def cell(text: str) -> str:
    """Return a text as code that may stand in a table's cell.

    A backslash before a bar would take that one's own backslash away.
    """
    return code(text).replace("\\|", "\\x5c|").replace("|", "\\|")


def _runs(text: str) -> Iterator[str]:
    run = ""
    for character in text:
        run = run + character if character == "`" else ""
        if run:
            yield run
