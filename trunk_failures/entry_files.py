"""Entries on disk: one small file each, read when its test is about to run."""

from __future__ import annotations

import os
import stat

from trunk_failures import discovery, entries, file_names, lists
from trunk_failures.errors import EntryError

LIMIT = 65536
"""Bytes that an entry's file may hold."""

LINK = "is reached by a link, which is not followed here; an entry is a file of its own; write one"

_shown: dict[str, str] = {}


def shown(path: str) -> str:
    """Return a path as people know it: relative to its repository, with slashes.

    Outside a repository it is relative to the directory that the test directory is in.
    """
    directory, _, name = path.rpartition(os.sep)
    if directory not in _shown:
        root = discovery.repository(directory) or _above_lists(directory)
        _shown[directory] = os.path.relpath(directory, root).replace(os.sep, "/")
    return f"{_shown[directory]}/{name}"


def path_of(located: lists.Located) -> str:
    """Return the path of the file that lists a test."""
    return f"{located.folder.path}{os.sep}{located.folder.file_name(located.key)}"


def read(located: lists.Located) -> entries.Entry:
    """Return the entry of a listed test, its content read now.

    Raises EntryError when the file is gone, is no regular file, is too large, is not UTF-8 or
    breaks a rule of its format.
    """
    listing, folder, key = located.listing, located.folder, located.key
    name = folder.file_name(key)
    entry = entries.Entry(key, listing.mode, listing.kind, shown_of(located), located.test_file)
    content = text(located) if folder.read is None else folder.read.contents.get(key, "")
    if folder.read is not None and key in folder.read.faults:
        raise EntryError(folder.read.faults[key])
    return entries.parse(entry, name, content) if content else entry


def text(located: lists.Located) -> str:
    """Return what the file of a listed test holds, read now; raises EntryError as `read` does."""
    return content_of(path_of(located))


def content_of(path: str, follow: bool = True) -> str:
    """Return the text of an entry's file, bounded; raises EntryError as `read` does.

    A link is an error too where it is not to be followed.
    """
    try:
        status = os.stat(path, follow_symlinks=follow)
        if stat.S_ISLNK(status.st_mode):
            raise EntryError(f"`{shown(path)}` {LINK}")
        if not stat.S_ISREG(status.st_mode):
            raise EntryError(f"`{shown(path)}` is no regular file; an entry is; remove it")
        if not status.st_size:
            return ""  # Most entries: opening them would cost three times the test itself.
        content = _bytes(path)
    except OSError as error:
        raise EntryError(
            f"`{shown(path)}` cannot be read: {error.strerror}; it was there when the lists were "
            f"loaded; run the tests again, or mend its permissions"
        ) from error
    if len(content) > LIMIT:
        raise EntryError(
            f"`{shown(path)}` holds more than {LIMIT} bytes, which no entry does; "
            f"keep what its fields say and remove the rest"
        )
    try:
        return content.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise EntryError(
            f"`{shown(path)}` is not UTF-8 (byte {error.start}); write it again as UTF-8"
        ) from None


def _bytes(path: str) -> bytes:
    """Return what a file holds, up to one byte more than it may; half the time of `open`."""
    number = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    try:
        content = b""
        while len(content) <= LIMIT and (more := os.read(number, LIMIT + 1 - len(content))):
            content += more
        return content
    finally:
        os.close(number)


def shown_of(located: lists.Located) -> str:
    """Return the path of the file that lists a test, as people know it."""
    if located.folder.read is not None:
        return f"{located.folder.read.shown}/{located.folder.file_name(located.key)}"
    return shown(path_of(located))


def read_key(path: str, name: str) -> str:
    """Return the key of a file whose name ends in a hash, from its first line.

    Raises EntryError when the line is missing or says another test than the name.
    """
    first = content_of(path).partition("\n")[0].strip().removeprefix(f"{name.lstrip()}: ")
    if not first.startswith(file_names.FIRST_LINE):
        raise EntryError(
            f"its name ends in a hash, so that its first line must be "
            f"`{file_names.FIRST_LINE}<key>`; found {first[:80]!r}"
        )
    key = file_names.unspell(first.removeprefix(file_names.FIRST_LINE))
    if file_names.hashed(key) != name:
        raise EntryError(
            f"its first line says `{key}`, whose file is `{file_names.hashed(key)}`; "
            f"rename the file or mend the line"
        )
    return key


def _above_lists(directory: str) -> str:
    """Return the directory that the test directory of a list is in."""
    place = directory
    while lists.mode_and_kind(os.path.basename(place)) is None:
        above = os.path.dirname(place)
        if above == place:
            return directory
        place = above
    return os.path.dirname(os.path.dirname(place))
