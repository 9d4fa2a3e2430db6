"""Progress of long work: one line on a terminal, and nothing elsewhere."""

from __future__ import annotations

import os
import shutil
import sys
import time
from typing import TextIO

STEP = 0.1
"""Seconds between two writes of the line."""

FIRST = 0.5
"""Seconds of work that nothing is shown of."""


class Progress:
    """Files and bytes that are done, of all, and the time that is left."""

    def __init__(self, total: int, stream: TextIO | None = None) -> None:
        self._total = total
        self._stream = sys.stderr if stream is None else stream
        self._shown = self._stream.isatty() and os.environ.get("TERM") != "dumb"
        self._began = time.monotonic()
        self._next = self._began + FIRST
        self._files = self._bytes = 0
        self._written = False

    def __enter__(self) -> Progress:
        """Begin."""
        return self

    def __exit__(self, *raised: object) -> None:
        """Clear the line."""
        if self._written:
            self._stream.write("\r\x1b[K")
            self._stream.flush()

    def done(self, size: int, label: str) -> None:
        """Note that one more file has been done, of so many bytes."""
        self._files += 1
        self._bytes += size
        now = time.monotonic()
        if self._shown and now >= self._next:
            self._next = now + STEP
            self._written = True
            line = self._line(now, label)[: shutil.get_terminal_size().columns - 1]
            self._stream.write(f"\r{line}\x1b[K")
            self._stream.flush()

    def _line(self, now: float, label: str) -> str:
        share = min(self._bytes / self._total, 1.0) if self._total else 1.0
        left = (now - self._began) / share * (1 - share) if share else 0.0
        return (
            f"{self._files} files, {self._bytes / 1e6:.1f} of {self._total / 1e6:.1f} MB "
            f"({share:.0%}), {left:.0f} s left: {label}"
        )
