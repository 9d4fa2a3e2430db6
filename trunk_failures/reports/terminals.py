"""Terminals: how wide what shows a report is, and whether it is to have colours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TextIO

from trunk_failures import progress


def width(stream: TextIO) -> int | None:
    """Return the columns of the terminal that a stream writes to; None where it is no terminal."""
    return progress.width(stream) if progress.is_terminal(stream) else None


def colours(stream: TextIO, environ: Mapping[str, str]) -> bool:
    """Tell whether to write colours: on a terminal that has some, unless NO_COLOR says not to."""
    plain = environ.get("NO_COLOR") or environ.get("TERM") == "dumb"
    return not plain and progress.is_terminal(stream)
