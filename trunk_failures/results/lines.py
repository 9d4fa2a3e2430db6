"""Lines of JSON, read from a stream one by one, each bounded."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
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
    for group in _groups(stream):
        numbered = [(at, line) for at, line in enumerate(group, number + 1) if line.strip()]
        number += len(group)
        objects = _objects([line for _, line in numbered])
        if objects is None:
            yield from ((at, _object(at, line)) for at, line in numbered)
        else:
            yield from zip((at for at, _ in numbered), objects)


def _objects(lines: Sequence[bytes]) -> list[dict[str, Any]] | None:
    """Return the objects of lines, parsed together; None where one is to be looked at alone."""
    try:
        # The lines keep their ends, so that no string can go on from one to the next.
        found = json.loads(b"[%b]" % b",".join(lines))
    except (ValueError, RecursionError):
        return None
    whole = len(found) == len(lines) and all(isinstance(each, dict) for each in found)
    return found if whole else None


def _object(number: int, line: bytes) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError) as error:
        if not line.endswith(b"\n"):
            raise ResultsError(f"it ends too early, in the middle of line {number}") from None
        raise ResultsError(f"line {number} is no JSON: {error}") from None
    if not isinstance(found, dict):
        raise ResultsError(f"line {number} is no JSON object, as each line has to be")
    return found


def _groups(stream: BinaryIO) -> Iterator[list[bytes]]:
    """Yield the lines, with their ends, those that were read at once together."""
    rest = b""
    while chunk := stream.read(CHUNK):
        *whole, rest = (rest + chunk).split(b"\n")
        yield [line + b"\n" for line in whole]
        if len(rest) > LIMIT:
            raise ResultsError(f"it has a line of more than {LIMIT} bytes")
    if rest:
        yield [rest]
