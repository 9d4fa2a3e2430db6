"""Lines of JSON, read from a stream one by one, each bounded."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, BinaryIO

from trunk_failures.errors import ResultsError

CHUNK = 1 << 16
LIMIT = 1 << 24
"""Bytes that one line may have."""


def read(stream: BinaryIO) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the number and the object of each line that is not blank.

    Raises ResultsError for a line that is no JSON object or has more than `LIMIT` bytes, and for
    a last line that has no end and is none either: the file was cut off in the middle of it.
    """
    number = 0
    for line in _lines(stream):
        number += 1
        if not line.strip():
            continue
        try:
            found = json.loads(line)
        except (ValueError, RecursionError) as error:
            if not line.endswith(b"\n"):
                raise ResultsError(f"it ends too early, in the middle of line {number}") from None
            raise ResultsError(f"line {number} is no JSON: {error}") from None
        if not isinstance(found, dict):
            raise ResultsError(f"line {number} is no JSON object, as each line has to be")
        yield number, found


def _lines(stream: BinaryIO) -> Iterator[bytes]:
    rest = b""
    while chunk := stream.read(CHUNK):
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            yield line + b"\n"
        if len(rest) > LIMIT:
            raise ResultsError(f"it has a line of more than {LIMIT} bytes")
    if rest:
        yield rest
