"""A list of tests that people keep by hand: the fallback when nobody else can be asked."""

from __future__ import annotations

import datetime
import os
import re
from collections.abc import Iterator
from typing import NamedTuple

from trunk_failures.errors import SourceError
from trunk_failures.statuses import Disabled, Status

LIMIT = 1 << 24
"""Bytes that such a list may have."""

_MARK = re.compile(r"\s+#\s*")
_URL = re.compile(r"https?://\S+")


class ListFile(NamedTuple):
    """A text file with one test a line, in any dialect of `ids`.

    What follows a `#` is a comment: of a line of its own, or, after a blank, of the test before
    it. A test's comment is its reason, and a URL in it its issue.
    """

    path: str

    def __str__(self) -> str:
        return f"list={self.path}"

    def fetch(self) -> Status:
        """Return the tests that the file names; raises SourceError, for an empty file too."""
        text, time = self._read()
        tests = tuple(self._tests(text))
        if not text.strip():
            raise SourceError(
                f"the list {self.path!r} is empty; write a comment into it where no test is to be"
                f" in it"
            )
        return Status(tests, time, self.path)

    def _read(self) -> tuple[str, datetime.datetime]:
        try:
            with open(self.path, "rb") as file:
                content = file.read(LIMIT + 1)
                changed = os.fstat(file.fileno()).st_mtime
            text = content.decode("utf-8-sig")
        except (OSError, ValueError) as error:
            raise SourceError(f"the list {self.path!r} cannot be read: {error}") from None
        if len(content) > LIMIT:
            raise SourceError(f"the list {self.path!r} has more than {LIMIT:,} bytes")
        return text, datetime.datetime.fromtimestamp(int(changed), datetime.timezone.utc)

    def _tests(self, text: str) -> Iterator[Disabled]:
        for number, line in enumerate(text.split("\n"), 1):
            name, comment = _parts(line.strip())
            if not name:
                continue
            issue = _URL.search(comment)
            test = Disabled(
                name, issue=issue[0] if issue else "", reason=comment, source=self.path
            )
            if test.test is None:
                raise SourceError(
                    f"{self.path}, line {number}: {name!r:.200} is no test's id; allowed are ids"
                    f" of pytest's and unittest's and keys of the lists; mend the line, or put a"
                    f" # before it"
                )
            yield test


def _parts(line: str) -> tuple[str, str]:
    """Return the test of a line and its comment; a # in a test's parameters is none."""
    if line.startswith("#"):
        return "", line
    for mark in _MARK.finditer(line):
        name = line[: mark.start()]
        if name.count("[") <= name.count("]"):
            return name, line[mark.end() :]
    return line, ""
