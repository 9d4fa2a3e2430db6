"""Terminals: how wide what shows a report is, and whether it is to have colours."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TextIO

WIDTH = 80
"""Columns of a terminal that does not say how many it has."""


def width(stream: TextIO) -> int | None:
    """Return the columns of the terminal that a stream writes to; None where it is no terminal."""
    if not _is_terminal(stream):
        return None
    try:
        return os.get_terminal_size(stream.fileno()).columns or WIDTH
    except (OSError, ValueError):
        return WIDTH


def colours(stream: TextIO, environ: Mapping[str, str]) -> bool:
    """Tell whether to write colours: on a terminal that has some, unless NO_COLOR says not to."""
    plain = environ.get("NO_COLOR") or environ.get("TERM") == "dumb"
    return not plain and _is_terminal(stream)


def _is_terminal(stream: TextIO) -> bool:
    try:
        return stream.isatty()
    except ValueError:  # It has been closed.
        return False
