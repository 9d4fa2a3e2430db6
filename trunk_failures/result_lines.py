"""Result lines: what a test run wrote, one JSON object a line for each test."""

from __future__ import annotations

import contextlib
import errno
import json
import os
from typing import NamedTuple

from trunk_failures.errors import UsageError


PAGE = 4096
"""Bytes in the smallest page of memory that any system here has."""

ERROR_LIMIT = 500
"""Characters of an error that a line keeps; escaped, they still leave a page room for the rest."""


class ResultLine(NamedTuple):
    """What happened to one test.

    `id` is the key; `file` is relative to the test directory, absolute elsewhere, None where
    there is none; `verdict` is one of `verdicts.Verdict`'s values; `error` is the first line of
    the failure, or of what a skip says; `mode` names the modes in force, comma-separated.
    """

    id: str
    file: str | None
    verdict: str
    seconds: float
    error: str | None
    mode: str


class ResultLines:
    """A file of result lines, each written whole, at once, as its test ends.

    A process that is killed leaves the complete lines of the tests that had ended, and at most
    blanks after them: a kill can cut a write in two where it goes from one page of memory to the
    next, so that blanks fill what is left of a page before a line that would do so. When a line
    cannot be written (the disk is full) the file is cut back to its last complete line, and
    `trouble` says so; nothing is written after that.
    """

    def __init__(self, path: str) -> None:
        """Open a file anew; raises UsageError when that cannot be done."""
        self.path = path
        self.trouble = ""
        self._size = 0
        try:
            self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o666)
        except OSError as error:
            raise UsageError(
                f"results cannot be written to {path!r}: {error.strerror}; name a file that can be"
            ) from error

    def write(self, line: ResultLine) -> None:
        """Add one line."""
        if self.trouble:
            return
        if line.error is not None:
            line = line._replace(error=line.error[:ERROR_LIMIT])
        data = json.dumps(line._asdict(), ensure_ascii=True).encode() + b"\n"
        left = PAGE - self._size % PAGE
        try:
            if left < len(data):
                self._write(b" " * left)
            self._write(data)
        except OSError as error:
            self._cut_back(error.strerror or str(error))

    def _write(self, data: bytes) -> None:
        written = os.write(self._file, data)
        if written != len(data):  # The disk is full: the rest raises what is the matter.
            written += os.write(self._file, data[written:])
        if written != len(data):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self._size += written

    def close(self) -> None:
        """Bring the lines to the disk and close the file."""
        try:
            if os.path.isfile(self.path):
                os.fsync(self._file)
        except OSError as error:
            self.trouble = self.trouble or f"results in {self.path!r} may be lost: {error.strerror}"
        os.close(self._file)

    def _cut_back(self, cause: str) -> None:
        self.trouble = (
            f"results could not be written to {self.path!r}: {cause}; it ends at the last complete "
            f"line, and the tests after that are not in it"
        )
        with contextlib.suppress(OSError):
            os.ftruncate(self._file, self._size)
