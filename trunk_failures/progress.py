"""Progress: how far long work has come, on a terminal, and nothing anywhere else."""

from __future__ import annotations

import os
import sys
import time
import unicodedata
from types import TracebackType
from typing import TextIO

INTERVAL = 0.1
"""Seconds at least between two drawings."""

SETTLED = 1.0
"""Seconds after which there is something to tell the time left from."""

WIDTH = 80
"""Columns of a terminal that does not say how many it has."""

_UNITS = ("B", "kB", "MB", "GB", "TB")


class Progress:
    """One line on a terminal that says what share of so many bytes is done; a context.

    The line is written again and again, at most ten times a second, and is gone at the end. In a
    pipe, a file or a terminal that cannot return to a line's start nothing is written, and nowhere
    where it is to be `quiet`. `files` is how many there are to be done, or 0 where that is not
    known. Where what is done is no bytes of files, `unit` is the word for it: then it is counted.
    """

    def __init__(
        self,
        total_bytes: int,
        stream: TextIO | None = None,
        files: int = 0,
        unit: str = "",
        quiet: bool = False,
    ) -> None:
        """Begin with nothing done; the stream is standard error, if none is given."""
        self._total = total_bytes
        self._files = files
        self._unit = unit
        self._stream = sys.stderr if stream is None else stream
        can_return = os.environ.get("TERM") != "dumb"
        self._shows = not quiet and can_return and is_terminal(self._stream)
        self._done_bytes = 0
        self._done_files = 0
        self._started = self._drawn = 0.0
        self._on_screen = 0

    def __enter__(self) -> Progress:
        """Start the clock and show the line."""
        self._started = time.monotonic()
        self._draw("")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Take the line away."""
        self.clear()

    def done(self, size: int, label: str = "", files: int = 1) -> None:
        """Count bytes, and the files that are done with them; `label` says what they were."""
        self._done_bytes += size
        self._done_files += files
        if self._shows and time.monotonic() - self._drawn >= INTERVAL:
            self._draw(label)

    def clear(self) -> None:
        """Take the line away, so that something else can be written; `done` brings it back."""
        if self._on_screen:
            self._write("\r" + " " * self._on_screen + "\r")
            self._on_screen = 0

    def _draw(self, label: str) -> None:
        if not self._shows:
            return
        self._drawn = time.monotonic()
        text = _printable(self._text(label), self._stream)
        # The last column is left free: some terminals go to the next line once it is written.
        line, columns = cut(text, width(self._stream) - 1)
        self._write("\r" + line + " " * (self._on_screen - columns))
        self._on_screen = columns

    def _text(self, label: str) -> str:
        text = self._counted() if self._unit else self._sized()
        elapsed = self._drawn - self._started
        if self._total > 0:
            share = min(self._done_bytes / self._total, 1.0)
            text += f", {share:.0%}"
            if 0 < share < 1 and elapsed >= SETTLED:
                text += f", {_duration(elapsed / share - elapsed)} left"
        if self._done_bytes and elapsed >= SETTLED:
            rate = self._done_bytes / elapsed
            text += f", {rate:,.0f}/s" if self._unit else f", {_bytes(rate)}/s"
        return f"{text}  {label}" if label else text

    def _counted(self) -> str:
        total = f" of {self._total:,}" if self._total > 0 else ""
        return f"{self._done_bytes:,}{total} {self._unit}"

    def _sized(self) -> str:
        files = f"{self._done_files} of {self._files}" if self._files else f"{self._done_files}"
        total = f" of {_bytes(self._total)}" if self._total > 0 else ""
        return f"{files} files, {_bytes(self._done_bytes)}{total}"

    def _write(self, text: str) -> None:
        try:
            self._stream.write(text)
            self._stream.flush()
        except (OSError, ValueError):  # The terminal is gone, which is no reason to stop the work.
            self._shows = False


def is_terminal(stream: TextIO | None) -> bool:
    """Tell whether a stream, where there is one, writes to a terminal."""
    try:
        return stream is not None and stream.isatty()
    except ValueError:  # It has been closed.
        return False


def width(stream: TextIO) -> int:
    """Return how many columns a terminal has."""
    try:
        return os.get_terminal_size(stream.fileno()).columns or WIDTH
    except (OSError, ValueError):
        return WIDTH


def _printable(text: str, stream: TextIO) -> str:
    encoding = stream.encoding or "ascii"
    text = "".join(char if char.isprintable() else "?" for char in text)
    return text.encode(encoding, "replace").decode(encoding)


def cut(text: str, columns: int) -> tuple[str, int]:
    """Return what of a text fits into so many columns, and how many it takes."""
    taken = 0
    for place, char in enumerate(text):
        wide = unicodedata.east_asian_width(char) in "WF"
        needed = 0 if unicodedata.combining(char) else 2 if wide else 1
        if taken + needed > columns:
            return text[:place], taken
        taken += needed
    return text, taken


def _bytes(count: float) -> str:
    for unit in _UNITS:
        if count < 1000 or unit == _UNITS[-1]:
            break
        count /= 1000
    return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(int(seconds + 0.5), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
