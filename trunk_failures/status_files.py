"""Status files: trunk's status as one JSON document, ours or PyTorch's.

Ours is `{"trunk_failures_status": 1, "fetched": moment, "origin": text, "asked": text, "notes":
[text], "tests": [{"name": text, ...}]}`, where a test has those fields of `Disabled` that are not
empty. PyTorch's `disabled-tests-condensed.json` is `{"test_x (module.Class)": [issue's number,
issue's URL, [platforms]]}`.
"""

from __future__ import annotations

import datetime
import json
import os
from collections.abc import Iterator
from typing import Any

from trunk_failures import atomic_files, json_documents, statuses
from trunk_failures.errors import SourceError
from trunk_failures.statuses import Disabled, Status

VERSION = 1
MARK = "trunk_failures_status"
LIMIT = 1 << 28
"""Bytes that a status may have."""

SHOWN = 80
_EMPTY = Disabled("")._asdict()
_DEFAULTS = [*_EMPTY.values()]
_TYPES = [*map(type, _DEFAULTS)]
_TEXT = frozenset((str,))


def read(path: str) -> Status:
    """Return the status that a file holds; raises SourceError where it holds none.

    Of PyTorch's documents, which do not tell, the time is the file's.
    """
    return parse(*content(path))


def content(path: str) -> tuple[bytes, str, datetime.datetime]:
    """Return what a file holds, its path, and when it was changed; raises SourceError."""
    try:
        with open(path, "rb") as file:
            read = file.read(LIMIT + 1)
            changed = os.fstat(file.fileno()).st_mtime
    except (OSError, ValueError) as error:
        said = error.strerror if isinstance(error, OSError) else error
        raise SourceError(f"the status {path!r} cannot be read: {said}; fetch it first") from None
    if len(read) > LIMIT:
        raise SourceError(f"the status {path!r} has more than the {LIMIT:,} bytes that are read")
    return read, path, datetime.datetime.fromtimestamp(int(changed), datetime.timezone.utc)


def parse(content: bytes, origin: str, time: datetime.datetime) -> Status:
    """Return the status that a document of either form holds; raises SourceError for any other.

    `origin` says where it is from, and `time` when, where it does not say so itself.
    """
    try:
        value = json_documents.parse(content)
    except ValueError as error:
        raise unreadable(content, origin, error) from None
    return of_value(value, origin, time)


def unreadable(content: bytes, origin: str, error: ValueError) -> SourceError:
    """Return the error that says that a document is no JSON, as its parser said."""
    return SourceError(
        f"{origin} is no status: it begins with {content[:SHOWN]!r}, where a JSON document was"
        f" expected ({error})"
    )


def of_value(value: object, origin: str, time: datetime.datetime) -> Status:
    """Return the status that a JSON document's value is, as `parse` does."""
    if not isinstance(value, dict):
        raise _misshapen(origin, value, "an object")
    return _own(value, origin) if MARK in value else _condensed(value, origin, time)


def write(path: str, status: Status) -> None:
    """Write a status; raises SourceError, with the file as it was, where it cannot be written."""
    try:
        atomic_files.replace(path, render(status))
    except (OSError, ValueError) as error:
        said = error.strerror if isinstance(error, OSError) else error
        raise SourceError(
            f"the status cannot be written to {path!r}: {said}; the file is as it was"
        ) from error


def render(status: Status) -> str:
    """Return a status as JSON, a test a line, in order: what has not changed is no difference."""
    head: dict[str, Any] = {MARK: VERSION, "fetched": statuses.moment(status.fetched)}
    head.update({"origin": status.origin, "asked": status.asked, "notes": list(status.notes)})
    rows = [
        {name: value for name, value in test._asdict().items() if value != _EMPTY[name]}
        for test in sorted(status.tests)
    ]
    lines = ",\n".join(f"  {json.dumps(row)}" for row in rows)
    return f'{json.dumps(head)[:-1]}, "tests": [\n{lines}\n]}}\n' if rows else (
        f'{json.dumps(head)[:-1]}, "tests": []}}\n'
    )


def _own(value: dict[str, Any], origin: str) -> Status:
    if value[MARK] != VERSION:
        raise SourceError(
            f"{origin} is a status of version {value[MARK]!r:.20}; this package reads version"
            f" {VERSION}; install the version of it that wrote the file, or fetch it anew"
        )
    texts = {name: value.get(name, "") for name in ("fetched", "origin", "asked")}
    notes, rows = value.get("notes", []), value.get("tests")
    if not _are_texts([*texts.values()]) or not _are_texts(notes) or not isinstance(rows, list):
        raise _misshapen(origin, value, "a status with its time, its origin, its notes and tests")
    try:
        fetched = statuses.read_moment(texts["fetched"])
    except ValueError:
        raise _misshapen(origin, texts["fetched"], "the time at which it was fetched") from None
    tests = tuple(_rows(rows, origin))
    return Status(tests, fetched, texts["origin"] or origin, tuple(notes), texts["asked"])


def _rows(rows: list[Any], origin: str) -> Iterator[Disabled]:
    """Yield the tests of rows; nearly all have but texts and numbers, and need no other look."""
    for row in rows:
        if type(row) is dict:
            values = [*map(row.get, _EMPTY, _DEFAULTS)]
            if [*map(type, values)] == _TYPES and values[0] and values[1] in statuses.RULES:
                yield Disabled._make(values)
                continue
        yield _row(row, origin)


def _row(row: Any, origin: str) -> Disabled:
    if isinstance(row, dict) and isinstance(row.get("name"), str) and row["name"]:
        known = {name: row[name] for name in row if name in _EMPTY}  # Others are a later version's.
        known["platforms"] = tuple(known.get("platforms", ()))
        if _is_row(known) and known.get("rule", statuses.EXACT) in statuses.RULES:
            return Disabled(**known)
    raise _misshapen(origin, row, "a test with its name")


def _is_row(known: dict[str, Any]) -> bool:
    same = all(type(value) is type(_EMPTY[name]) for name, value in known.items())
    return same and _are_texts(known["platforms"])


def _condensed(value: dict[str, Any], origin: str, time: datetime.datetime) -> Status:
    found: list[Disabled] = []
    wrong: list[str] = []
    known: dict[tuple[str, ...], tuple[str, ...]] = {}
    for name, row in value.items():
        if not _is_condensed(row):
            wrong.append(name)
            continue
        named = tuple(row[-1])
        if named not in known:  # Many tests have the same platforms.
            known[named] = tuple(each.strip() for each in named)
        found.append(Disabled(name, statuses.PYTORCH, known[named], row[-2], "", origin))
    if wrong and len(wrong) == len(value):
        raise _misshapen(
            origin, {wrong[0]: value[wrong[0]]}, "tests, each with its issue and platforms"
        )
    return Status(tuple(found), time, origin, tuple(
        f"{name!r:.200} has {value[name]!r:.80}, where an issue and platforms were expected; it"
        f" is passed over"
        for name in wrong
    ))


def _is_condensed(row: Any) -> bool:
    """Tell whether a value is (issue, URL, platforms), or as it once was, (URL, platforms)."""
    if type(row) is not list or len(row) not in (2, 3):
        return False
    return type(row[-2]) is str and _are_texts(row[-1])


def _are_texts(values: Any) -> bool:
    return type(values) in (list, tuple) and _TEXT.issuperset(map(type, values))


def _misshapen(origin: str, found: object, wanted: str) -> SourceError:
    return SourceError(f"{origin} is no status: found {found!r:.80}, where {wanted} was expected")
