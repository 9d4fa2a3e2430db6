"""File changes: what changes to the lists do to files, and how that is shown as a diff."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from trunk_failures import entry_files, entry_lines, file_names, lists
from trunk_failures.changes import Address, Change
from trunk_failures.errors import ListError


class FileChange(NamedTuple):
    """One file, before and after: paths are absolute, None where there is no file."""

    old: str | None
    new: str | None
    before: str = ""
    after: str = ""


def plan(loaded: lists.Lists, changes: Iterable[Change]) -> list[FileChange]:
    """Return what changes do to the files of lists, in the order of their paths.

    An entry that is there keeps its file's name where it can. Raises ListError where an entry
    that is to change is not there, or its file cannot be read.
    """
    wanted = [change for change in changes if change.after != change.before or change.fields]
    there = _Folders(loaded)
    names = there.names([change.after for change in wanted if change.after is not None])
    found = [_planned(change, there, names) for change in wanted]
    return sorted(
        (each for each in found if each.old != each.new or each.before != each.after),
        key=lambda each: (each.new or each.old or "", each.old or ""),
    )


def _planned(change: Change, there: _Folders, names: dict[Address, str]) -> FileChange:
    before, after = change.before, change.after
    old, content, former = None, "", None
    if before is not None:
        located = there.located(before)
        old, content = entry_files.path_of(located), entry_files.text(located)
        former = located.folder.file_name(before.key)
    if after is None:
        return FileChange(old, None, content)
    name = names[after]
    new = os.path.join(there.directory(after), name)
    text = entry_lines.edited(content, name, after.key, change.fields, former)
    if not change.fields and former == name:
        text = content
    return FileChange(old, new, content, text)


class _Folders:
    """The folders of lists: what is in them, and what is to be."""

    def __init__(self, loaded: lists.Lists) -> None:
        assert loaded.test_dir is not None
        self._test_dir = loaded.test_dir
        self._listings = {(each.mode, each.kind): each for each in loaded.listings}

    def folder(self, address: Address) -> lists.Folder | None:
        """Return the folder that an address is in, if there is one."""
        listing = self._listings.get((address.mode, address.kind))
        if listing is None:
            return None
        return listing.below.get(address.test_file) if address.test_file else listing.top

    def directory(self, address: Address) -> str:
        """Return the path of the folder that an address is in."""
        top = os.path.join(self._test_dir, f"{address.mode}_{address.kind}")
        return os.path.join(top, *address.test_file.split("/")) if address.test_file else top

    def located(self, address: Address) -> lists.Located:
        """Return the entry at an address."""
        folder = self.folder(address)
        listing = self._listings.get((address.mode, address.kind))
        if folder is None or listing is None or address.key not in folder.keys:
            raise ListError(
                f"{self.directory(address)!r} has no entry of {address.key!r}, which was to "
                f"change; load the lists again"
            )
        return lists.Located(address.key, listing, folder, address.test_file)

    def names(self, addresses: Sequence[Address]) -> dict[Address, str]:
        """Return the file name of each address that is to have an entry."""
        found: dict[Address, str] = {}
        groups: dict[tuple[str, str, str], list[Address]] = {}
        for address in addresses:
            group = (address.mode, address.kind, address.test_file)
            groups.setdefault(group, []).append(address)
        for group_of in groups.values():
            folder = self.folder(group_of[0])
            there = folder.keys if folder is not None else set[str]()
            by_rule = file_names.names(there | {address.key for address in group_of})
            for address in group_of:
                if folder is not None and address.key in there:
                    found[address] = folder.file_name(address.key)
                else:
                    found[address] = by_rule[address.key]
        return found


def diff(changes: Iterable[FileChange], root: str) -> str:
    """Return changes as a diff that git can apply in `root`."""
    return "".join(line for change in changes for line in _diff(change, root))


def _diff(change: FileChange, root: str) -> Iterator[str]:
    old, new = (_shown(path, root) for path in (change.old, change.new))
    first, second = old or new or "", new or old or ""
    yield f"diff --git {_quoted('a/' + first)} {_quoted('b/' + second)}\n"
    if change.old is None:
        yield "new file mode 100644\n"
    elif change.new is None:
        yield "deleted file mode 100644\n"
    elif old != new:
        if change.before == change.after:
            yield "similarity index 100%\n"
        yield f"rename from {_quoted(first)}\nrename to {_quoted(second)}\n"
    lines = difflib.unified_diff(
        _lines(change.before),
        _lines(change.after),
        _quoted("a/" + first) if change.old else "/dev/null",
        _quoted("b/" + second) if change.new else "/dev/null",
    )
    for line in lines:
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _lines(text: str) -> list[str]:
    """Return the lines of a text as git counts them: no other character ends one."""
    *whole, rest = text.split("\n")
    return [*(f"{line}\n" for line in whole), *([rest] if rest else [])]


def _shown(path: str | None, root: str) -> str | None:
    return None if path is None else os.path.relpath(path, root).replace(os.sep, "/")


def _quoted(path: str) -> str:
    """Return a path as git writes it: in quotes where it holds what ends a name."""
    plain = path.isascii() and path.isprintable() and not set('"\\') & set(path)
    if plain:
        return path
    escaped = "".join(
        chr(byte) if 32 <= byte < 127 and byte not in b'"\\' else f"\\{byte:03o}"
        for byte in path.encode("utf-8", "surrogateescape")
    )
    return f'"{escaped}"'
