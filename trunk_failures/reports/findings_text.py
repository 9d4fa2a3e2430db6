"""What is wrong with lists, as text: one line for each finding."""

from __future__ import annotations

from collections.abc import Iterator

from trunk_failures.findings import Outcome
from trunk_failures.reports import rows


def render(outcome: Outcome) -> str:
    """Return what was mended, and what remains."""
    return "".join(f"{rows.visible(line)}\n" for line in _lines(outcome))


def _lines(outcome: Outcome) -> Iterator[str]:
    for mended in outcome.mended:
        yield f"{mended.path}: {mended.text}"
    for found in outcome.findings:
        line = f":{found.line}" if found.line else ""
        yield f"{found.path}{line}: {found.text}"
