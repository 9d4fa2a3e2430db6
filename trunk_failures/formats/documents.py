"""Documents: text of lists as people wrote it, within bounds, with the comments beside it."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import NamedTuple

from trunk_failures.changes import Fields
from trunk_failures.errors import UsageError
from trunk_failures.formats.imported import Dropped

LIMIT = 1 << 26
"""Bytes that a list may have."""

LONGEST = 10_000
"""Characters that a line may have."""

_URL = re.compile(r"https?://[^\s<>()]+[^\s<>().,;:]")


class Line(NamedTuple):
    """One line that is neither blank nor a comment, stripped.

    `comment` are the comments above it: a block holds for all lines that follow it, up to a blank
    one or to the next block.
    """

    number: int
    text: str
    comment: str


def text(content: bytes, where: str) -> str:
    """Return a document's text; raises UsageError where it is none or is too large."""
    if len(content) > LIMIT:
        raise UsageError(f"{where} has more than the {LIMIT:,} bytes that are read")
    # PowerShell writes UTF-16 where it redirects.
    utf_16 = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return content.decode("utf-16" if utf_16 else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{where} is not UTF-8 (byte {error.start}); write it again as UTF-8"
        ) from None


def lines(content: bytes, where: str) -> Iterator[Line | Dropped]:
    """Yield the lines of a document whose comments are lines that begin with `#`."""
    comments: list[str] = []
    in_block = False
    for number, line in enumerate(text(content, where).split("\n"), 1):
        stripped = line.strip()
        if len(stripped) > LONGEST:
            yield Dropped(number, f"a line of {len(stripped):,} characters is no test's")
        elif not stripped:
            comments, in_block = [], False
        elif stripped.startswith("#"):
            comments = [*(comments if in_block else ()), stripped.lstrip("#").strip()]
            in_block = True
        else:
            in_block = False
            yield Line(number, stripped, " ".join(filter(None, comments)))


def said(comment: str) -> Fields:
    """Return what a comment says: its URLs are the issue, and all of it the reason.

    A comment that is nothing but URLs is no reason.
    """
    urls = _URL.findall(comment)
    words = _URL.sub("", comment).strip(" ,.;:()<>")
    reason = (("reason", comment),) if words else ()
    return (*reason, ("issue", ", ".join(dict.fromkeys(urls)))) if urls else reason
