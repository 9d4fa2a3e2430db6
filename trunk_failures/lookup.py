"""Looking up which entry acts on a test, here and today."""

from __future__ import annotations

import datetime
import functools
import os
import sys
from typing import TYPE_CHECKING, NamedTuple

from trunk_failures import entry_files, in_force, markers
from trunk_failures.errors import EntryError

if TYPE_CHECKING:
    from collections.abc import Collection

    from trunk_failures.entries import Entry


class Acting(NamedTuple):
    """What the lists say of one test.

    `entry` is in force, or None. `trouble` says why an entry that is there suppresses nothing:
    it has expired, or (then `broken`) it cannot be read.
    """

    entry: Entry | None = None
    trouble: str = ""
    broken: bool = False


def acting(key: str, test_file: str, kinds: Collection[str]) -> Acting | None:
    """Return what the lists in force say of a test; None when they say nothing.

    Of several modes' entries the most specific one whose `when` holds and which has not expired
    decides.
    """
    expired = None
    for located in in_force.lists.find(key, test_file):
        if located.listing.kind not in kinds:
            continue
        try:
            entry = entry_files.read(located)
            if entry.when is not None and not entry.holds(environment()):
                continue
        except EntryError as error:
            return Acting(None, str(error), broken=True)
        if (entry.expires or entry.unreadable_date) and entry.expired(today()):
            expired = expired or Acting(None, expiry(entry))
            continue
        return Acting(entry)
    return expired


def environment() -> markers.Environment:
    """Return this process's environment as it is now, for the markers of `when`."""
    return markers.here(in_force.lists.modes)


def today() -> datetime.date:
    """Return the date that `expires` is compared with: UTC's, so that all machines agree."""
    return datetime.datetime.now(datetime.timezone.utc).date()


def expiry(entry: Entry) -> str:
    """Return the sentence that says an entry has expired."""
    if entry.unreadable_date:
        return (
            f"`{entry.path}` suppresses nothing: `expires: {entry.unreadable_date}` is no date "
            f"such as 2030-12-31, which counts as expired; mend the date or remove the entry"
        )
    return (
        f"`{entry.path}` expired on {entry.expires} and no longer suppresses {entry.key}; "
        f"mend the test, or renew the date"
    )


def test_file(module: str) -> str:
    """Return a module's file as entries are qualified by it, or "" when none can be.

    Relative to the test directory, without `.py`, with slashes. Costs nothing where no entry
    is qualified.
    """
    if not in_force.lists.has_qualified:
        return ""
    return _test_file(getattr(sys.modules.get(module), "__file__", None))


@functools.cache
def _test_file(file: str | None) -> str:
    relative = relative_file(file)
    return "" if os.path.isabs(relative) else os.path.splitext(relative)[0]


def relative_file(file: str | None) -> str:
    """Return a file relative to the test directory, with slashes; absolute if it is elsewhere."""
    return relative_to(in_force.lists.test_dir, file)


def relative_to(top: str | None, file: str | None) -> str:
    """Return a file relative to a test directory, as `relative_file` does."""
    if not file:
        return ""
    path = os.path.abspath(file)
    if top is None:
        return path.replace(os.sep, "/")
    for candidate, directory in ((path, top), (os.path.realpath(path), os.path.realpath(top))):
        if candidate.startswith(os.path.join(directory, "")):
            return os.path.relpath(candidate, directory).replace(os.sep, "/")
    return path.replace(os.sep, "/")
