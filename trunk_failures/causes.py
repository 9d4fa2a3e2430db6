"""Causes: what failures have in common, once what differs from run to run is taken out."""

from __future__ import annotations

import re

LENGTH = 200
"""Characters of a cause that are kept."""

_SPARE = (
    (re.compile(r"\b0x[0-9a-fA-F]{4,}\b"), "0x..."),
    (re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"), "<uuid>"),
    (
        re.compile(
            r"(?:(?:/private)?/(?:tmp|var/tmp|var/folders|dev/shm)|[A-Za-z]:\\[^\s'\"]*?\\Temp)"
            r"[/\\][^\s'\",;)]*"
        ),
        "<tmp>",
    ),
    (
        re.compile(
            r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?"
        ),
        "<time>",
    ),
    (re.compile(r"\b(pid|PID|id|ID|thread|port)([ =:]{1,2})\d+\b"), r"\1\2N"),
    (re.compile(r"\b(localhost|127\.0\.0\.1|\[::1\]):\d+\b"), r"\1:N"),
    (re.compile(r"\b\d+\.\d{3,} ?(s|ms|us|sec|secs|seconds)\b"), r"N \1"),
    (re.compile(r"(?<![\w.])\d{6,}(?![\w.])"), "N"),
)
_BLANKS = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def normalised(error: str) -> str:
    """Return an error's first line without addresses, ids, times and temporary paths."""
    text = _BLANKS.sub(" ", error[: 20 * LENGTH]).strip()
    text = text.encode("utf-8", "backslashreplace").decode()
    former = ""
    while text != former:  # What is cut can end in what is to be taken out.
        former, text = text, _shorter(text)
    return text


def _shorter(text: str) -> str:
    for pattern, instead in _SPARE:
        text = pattern.sub(instead, text)
    return text if len(text) <= LENGTH else f"{text[: LENGTH - 3].rstrip()}..."
