"""Listed entries: what each file of the lists says, and who added it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from trunk_failures import entries, entry_files, git_records
from trunk_failures.changes import Address
from trunk_failures.errors import EntryError
from trunk_failures.git_records import Added, Records
from trunk_failures.lists import Listing, Located


class Listed(NamedTuple):
    """One entry of the lists, as its file says.

    `path` is the file's as shown to people. Where the file cannot be read `entry` is None and
    `fault` says why; where it is not known who added it `added` is None and `unknown` says why.
    """

    key: str
    mode: str
    kind: str
    path: str
    test_file: str = ""
    entry: entries.Entry | None = None
    fault: str = ""
    added: Added | None = None
    unknown: str = ""


def records(test_dir: str, listings: Iterable[Listing]) -> Records:
    """Return git's records of the lists that are on disk."""
    names = [f"{each.mode}_{each.kind}" for each in listings if each.is_on_disk]
    return git_records.read(test_dir, names)


def place(located: Located) -> str:
    """Return the path of a listed test's file below the test directory, with slashes."""
    listing = located.listing
    address = Address(listing.mode, listing.kind, located.key, located.test_file)
    return address.place(located.folder.file_name(located.key))


def read(located: Located, known: Records) -> Listed:
    """Return a listed test's entry, its file read now."""
    listing = located.listing
    path = entry_files.shown_of(located)
    listed = Listed(located.key, listing.mode, listing.kind, path, located.test_file)
    if listing.is_on_disk:
        below = place(located)
        listed = listed._replace(added=known.added.get(below), unknown=known.why_unknown(below))
    try:
        return listed._replace(entry=entry_files.read(located))
    except EntryError as error:
        return listed._replace(fault=str(error))
