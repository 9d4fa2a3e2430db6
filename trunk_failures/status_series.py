"""Status series: what a source said at many times, out of documents of one or of many statuses.

A series is JSON Lines: each line is a status (see `status_files`), or a change, `{"time": ISO 8601,
"set": {a document such as PyTorch's}, "drop": [names]}`, of what the changes before it came to.
"""

from __future__ import annotations

import datetime
import os
from collections.abc import Iterator
from typing import Any

from trunk_failures import history, json_documents, status_files, statuses
from trunk_failures.errors import SourceError
from trunk_failures.history_statuses import Snapshot
from trunk_failures.status_files import MARK
from trunk_failures.statuses import Disabled

_CHANGE = frozenset(("time", "set", "drop"))


def read(path: str, source: str, time: datetime.datetime | None) -> Iterator[Snapshot]:
    """Yield what a file says, as `parse` does, with the file's time where none is given.

    Raises SourceError where it cannot be read. What does not name its source is the file's.
    """
    content, origin, changed = status_files.content(path)
    return parse(content, origin, source, time or changed)


def parse(
    content: bytes, origin: str, source: str, time: datetime.datetime
) -> Iterator[Snapshot]:
    """Yield what a document says; raises SourceError for one that is neither status nor series.

    `time` is that of a status that does not say its own. `source` is who said it all; where it is
    "", each status tells, and of what does not it is the name of the file.
    """
    try:
        whole = json_documents.parse(content)
    except ValueError as error:
        lines = content.splitlines()
        if sum(bool(line.strip()) for line in lines) < 2:
            raise status_files.unreadable(content, origin, error) from None
    else:
        if not _is_change(whole):
            yield _snapshot(whole, origin, source, time)
            return
        lines = [content]
    yield from _of_lines(lines, origin, source, time)


def _is_change(value: object) -> bool:
    return isinstance(value, dict) and {"time", "set"} <= value.keys() <= _CHANGE


def _of_lines(
    lines: list[bytes], origin: str, source: str, time: datetime.datetime
) -> Iterator[Snapshot]:
    tests: dict[str, Disabled] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        where = f"{origin}, line {number},"
        try:
            value: Any = json_documents.parse(line)
        except ValueError as error:
            raise SourceError(f"{where} is no JSON ({error}): {line[:80]!r}") from None
        if isinstance(value, dict) and MARK in value:
            yield _snapshot(value, where, source, time)
        elif _is_change(value):
            changed, then = _change(value, where)
            tests = {**tests, **changed}
            for name in value.get("drop", ()):
                tests.pop(history.storable(name), None)
            yield Snapshot(history.storable(source or os.path.basename(origin)), then, tests)
        else:
            raise SourceError(
                f"{where} is neither a status nor a change of one: {line[:80]!r}; allowed are "
                f"what `fetch` writes, and objects with time, set and drop"
            )


def _change(value: dict[str, Any], where: str) -> tuple[dict[str, Disabled], int]:
    """Return what a change sets, and its time."""
    try:
        time = statuses.read_time(str(value["time"]))
    except ValueError as error:
        raise SourceError(f"{where} has no time: {value['time']!r:.80} ({error})") from None
    dropped = value.get("drop", [])
    if not isinstance(dropped, list) or not all(isinstance(name, str) for name in dropped):
        raise SourceError(f"{where} drops {dropped!r:.80}, where names were expected")
    return _by_name(status_files.of_value(value["set"], where, time)), int(time.timestamp())


def _snapshot(value: Any, origin: str, source: str, time: datetime.datetime) -> Snapshot:
    status = status_files.of_value(value, origin, time)
    said = status.origin if MARK in value else os.path.basename(origin)
    named = history.storable(source or said)
    return Snapshot(named, int(status.fetched.timestamp()), _by_name(status))


def _by_name(status: statuses.Status) -> dict[str, Disabled]:
    found = {}
    for test in status.tests:
        name = history.storable(test.name)
        texts = map(history.storable, (test.issue, test.reason, *test.platforms))
        issue, reason, *platforms = texts
        # What changes from one fetch to the next, such as the moment it was seen, is no news.
        found[name] = Disabled(name, test.rule, tuple(platforms), issue, reason)
    return found
