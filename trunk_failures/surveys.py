"""Surveys: all that is in the lists of a test directory, in force or not, faults included."""

from __future__ import annotations

import contextlib
import gc
import os
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from trunk_failures import entries, entry_files, list_files, lists
from trunk_failures.changes import Address
from trunk_failures.errors import EntryError, ListError
from trunk_failures.list_files import Fault

_NEAR = re.compile(r"(?!\.).*[_-](skip(ped)?s?|(x|expected[_-]?)fail(ure|ing)?s?)", re.IGNORECASE)
"""What directories are called that are meant for lists; those that are lists are called so too."""

_KEY = re.compile(r"[^.]+\.test(_|[A-Z])")


class EntryFile(NamedTuple):
    """One file that lists a test: where it is, the path that people know, and what it holds.

    `trouble` says why it cannot be read.
    """

    address: Address
    folder: str
    name: str
    shown: str
    content: str = ""
    trouble: str = ""

    @property
    def path(self) -> str:
        """The file's path."""
        return f"{self.folder}{os.sep}{self.name}"

    @property
    def entry(self) -> entries.Entry:
        """The entry without what its content says."""
        mode, kind, key, test_file = self.address
        return entries.Entry(key, mode, kind, self.shown, test_file)


class Survey(NamedTuple):
    """What is in the lists.

    `loaded` are the lists of all modes; where two files list one key, it has the first. `files`
    has both. `faults` are of names and directories. `strays` are paths of sub-folders that hold
    for no file that is there, and `misnamed` those of directories that are nearly called like
    lists, and are none.
    """

    loaded: lists.Lists
    files: Sequence[EntryFile]
    faults: Sequence[Fault]
    strays: Sequence[str]
    misnamed: Sequence[str]


def survey(test_dir: str) -> Survey:
    """Read the lists of a test directory, whatever is wrong with them."""
    faults: list[Fault] = []
    listings = []
    for mode, kind, path in list_files.directories(test_dir):
        try:
            listings.append(list_files.read_listing(mode, kind, path, faults))
        except ListError as error:
            faults.append(Fault(path, str(error)))
    modes = tuple(dict.fromkeys(listing.mode for listing in listings))
    loaded = lists.Lists(test_dir, modes, tuple(listings))
    with _uncollected():
        files = [*_files(loaded, faults)]
    return Survey(loaded, files, faults, [*_strays(test_dir, listings)], _misnamed(test_dir))


@contextlib.contextmanager
def _uncollected() -> Iterator[None]:
    """Look for no garbage meanwhile: among tens of thousands of tuples there is none to be found.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _files(loaded: lists.Lists, faults: Sequence[Fault]) -> Iterator[EntryFile]:
    second: dict[str, list[tuple[str, str]]] = {}
    for fault in faults:
        if fault.key:
            folder, name = os.path.split(fault.path)
            second.setdefault(folder, []).append((fault.key, name))
    top = os.path.join(os.path.realpath(loaded.test_dir or ""), "")
    for listing in loaded.listings:
        for test_file, there in [("", listing.top), *sorted(listing.below.items())]:
            named = [(key, there.file_name(key)) for key in sorted(there.keys)]
            # Links lead there from the test directory, and out of it.
            leaves = not os.path.realpath(there.path).startswith(top)
            for key, name in [*named, *second.get(there.path, ())]:
                address = Address(listing.mode, listing.kind, key, test_file)
                yield _file(address, there.path, name, leaves)


def _file(address: Address, folder: str, name: str, leaves: bool) -> EntryFile:
    path = f"{folder}{os.sep}{name}"
    shown = entry_files.shown(path)
    if leaves:
        return EntryFile(address, folder, name, shown, trouble=entry_files.LINK)
    try:
        # Whoever proposes a link would have any file of this machine printed.
        content = entry_files.content_of(path, follow=False)
        return EntryFile(address, folder, name, shown, content)
    except EntryError as error:
        trouble = str(error).removeprefix(f"`{shown}` ")
        return EntryFile(address, folder, name, shown, trouble=trouble)


def _strays(test_dir: str, listings: Sequence[lists.Listing]) -> Iterator[str]:
    for listing in listings:
        for test_file, folder in sorted(listing.below.items()):
            if not _has_file(os.path.join(test_dir, *test_file.split("/"))):
                yield folder.path


def _misnamed(test_dir: str) -> list[str]:
    """Return directories that look like lists to people alone: by their names and their files'."""
    with os.scandir(test_dir) as found:
        near = [each.path for each in found if _NEAR.fullmatch(each.name) and each.is_dir()]
    return sorted(
        path
        for path in near
        if lists.mode_and_kind(os.path.basename(path)) is None
        and any(map(_KEY.match, _files_in(path)))
    )


def _has_file(path: str) -> bool:
    """Tell whether there is a file of tests, its ending left out."""
    if os.path.isfile(f"{path}.py"):
        return True
    directory, stem = os.path.split(path)
    # Doctests and the like have other endings.
    return any(os.path.splitext(name)[0] == stem for name in _files_in(directory))


def _files_in(directory: str) -> list[str]:
    """Return the names of a directory's files; none where it is not there or is closed."""
    try:
        with os.scandir(directory) as found:
            return [each.name for each in found if each.is_file()]
    except OSError:
        return []
