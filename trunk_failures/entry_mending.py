"""Entry mending: what `check --fix` makes of files whose faults have one right answer.

It never changes which tests are listed, nor what an entry that can be read says, and it loses no
text. What has two right answers is left as it is.
"""

from __future__ import annotations

import collections
import os
from collections.abc import Collection, Iterable, Iterator, Sequence

from trunk_failures import entries, entry_lines, file_names
from trunk_failures.file_changes import FileChange
from trunk_failures.surveys import EntryFile

CONFLICT = ("<<<<<<< ", ">>>>>>> ")
"""What git begins the lines with between which a merge left two texts."""


def plan(files: Iterable[EntryFile], taken: Collection[str] = ()) -> list[FileChange]:
    """Return the changes that mend files, in the order of their paths.

    `taken` are paths that have files which list no test.
    """
    folders: dict[str, list[EntryFile]] = {}
    for file in files:
        folders.setdefault(file.folder, []).append(file)
    found = [change for folder in folders.values() for change in _in_folder(folder, taken)]
    return sorted(found, key=lambda change: change.old or "")


def _in_folder(files: Sequence[EntryFile], taken: Collection[str]) -> Iterator[FileChange]:
    names = _names(files)
    by_key: dict[str, list[EntryFile]] = {}
    for file in files:
        by_key.setdefault(file.address.key, []).append(file)
    for key, same in by_key.items():
        kept, copies = _one_of(same, names[key])
        yield from (FileChange(copy.path, None, copy.content) for copy in copies)
        for file in kept:
            new = os.path.join(file.folder, names[key])
            free = len(kept) == 1 and new not in taken and not file.trouble
            change = _change(file, names[key] if free else file.name)
            if change is not None:
                yield change


def _names(files: Sequence[EntryFile]) -> dict[str, str]:
    """Return the name that each key's file is to have; a name that is right stays."""
    by_rule = file_names.names(file.address.key for file in files)
    alike: dict[str, set[str]] = {}
    for file in files:
        alike.setdefault(file.name.lower(), set()).add(file.address.key)
    return {
        file.address.key: file.name
        if is_right(file) and len(alike[file.name.lower()]) == 1
        else by_rule[file.address.key]
        for file in sorted(files, key=is_right)
    }


def is_right(file: EntryFile) -> bool:
    """Tell whether a file has one of the two names that its key can have."""
    key = file.address.key
    return file.name == file_names.encode(key) or file.name == file_names.hashed(key)


def _one_of(same: list[EntryFile], name: str) -> tuple[list[EntryFile], list[EntryFile]]:
    """Return the files of one key that stay, and those that say the same as the one that does."""
    texts = {_renamed(file, name) for file in same}
    if len(same) == 1 or len(texts) > 1 or any(file.trouble for file in same):
        return same, []
    kept = min(same, key=lambda file: (file.name != name, file.path))
    return [kept], [file for file in same if file is not kept]


def _change(file: EntryFile, name: str) -> FileChange | None:
    if file.trouble:
        return None
    after = _renamed(file, name)
    if name == file.name and after == file.content:
        return None
    return FileChange(file.path, os.path.join(file.folder, name), file.content, after)


def _renamed(file: EntryFile, name: str) -> str:
    """Return the mended text of a file, as it is under a name."""
    text = mended(file.content, file.name, file.entry)
    if name == file.name:
        return text
    return entry_lines.edited(text, name, file.address.key, (), file.name.lstrip())


def told(change: FileChange) -> str:
    """Return in words what a change does to a file."""
    if change.new is None:
        return "removed, as a file beside it says the same of the same test"
    if change.new != change.old:
        return f"renamed to `{os.path.basename(change.new)}`"
    left = collections.Counter(change.after.split("\n"))
    numbers = []
    for number, line in enumerate(change.before.split("\n"), 1):
        left[line] -= 1
        if left[line] < 0 and line.strip():
            numbers.append(str(number))
    lines = f"line{'' if len(numbers) == 1 else 's'} {', '.join(numbers)}"
    return f"mended {lines}: each begins with the file's name, and none is said twice"


def mended(content: str, name: str, entry: entries.Entry) -> str:
    """Return a file's content with its name before each line, and no line twice."""
    if not content.strip() or any(line.startswith(CONFLICT) for line in content.split("\n")):
        return content
    lines = content.split("\n")
    found = _once(_owned(lines, name, entry), name)
    found = _with_reason(found, name, entry)
    if found == lines:
        return content
    return "\n".join(found if not found[-1].strip() else [*found, ""])


def _owned(lines: Sequence[str], name: str, entry: entries.Entry) -> list[str]:
    """Return lines with the file's name before each field that is given in one way alone."""
    named = [_renewed(line, name, entry.key) for line in lines]
    owned = [_own(line, name, entry) for line in named]
    ways: dict[str, set[str]] = {}
    said = [said_in(line, name) for line in owned]
    for field, value in filter(None, said):
        ways.setdefault(field, set()).add(value)
    return [
        own if each is not None and len(ways[each[0]]) == 1 else line
        for line, own, each in zip(named, owned, said)
    ]


def _renewed(line: str, name: str, key: str) -> str:
    """Return a line with the file's name in the place of another one of the same test."""
    bare, prefix = line.strip(), f"{name.lstrip()}:"
    former = "" if bare.startswith(prefix) else former_prefix(bare, key)
    return f"{prefix}{bare.removeprefix(former)}{_end(line)}" if former else line


def _own(line: str, name: str, entry: entries.Entry) -> str:
    """Return a field that lacks a name with the file's, where it can be read then."""
    bare = line.strip()
    if not entries.is_bare_field(bare) or entries.other_owner(bare):
        return line
    own = f"{name.lstrip()}: {bare}"
    is_sound = not any(fault.line for fault in entries.examine(entry, name, own).faults)
    return f"{own}{_end(line)}" if is_sound else line


def former_prefix(line: str, key: str) -> str:
    """Return what a line begins with that had its file's name when the test's file had another."""
    for name in (file_names.encode(key), file_names.hashed(key) if "~" in line else ""):
        if name and line.startswith(f"{name.lstrip()}:"):
            return f"{name.lstrip()}:"
    return ""


def _end(line: str) -> str:
    return "\r" if line.endswith("\r") else ""


def _once(lines: Sequence[str], name: str) -> list[str]:
    """Return lines without those fields that one above has said in the same words."""
    seen: set[tuple[str, str]] = set()
    kept = []
    for line in lines:
        said = said_in(line, name)
        if said is None or said not in seen:
            kept.append(line)
        if said is not None:
            seen.add(said)
    return kept


def said_in(line: str, name: str) -> tuple[str, str] | None:
    """Return the field and the value of a line that the file's name begins, or None."""
    bare, prefix = line.strip(), f"{name.lstrip()}:"
    if not bare.startswith(prefix):
        return None
    field, _, value = bare.removeprefix(prefix).partition(":")
    return (field.strip(), value.strip()) if field.strip() in entries.FIELDS else None


def _with_reason(lines: list[str], name: str, entry: entries.Entry) -> list[str]:
    """Return lines in which what is read as the reason is one line, where the first of it was."""
    reading = entries.examine(entry, name, "\n".join(lines))
    said = [said_in(line, name) for line in lines]
    own = [number for number, each in enumerate(said) if each and each[0] == "reason"]
    if not reading.free or not reading.entry.reason or len(own) > 1:
        return lines
    of_reason = {*own, *(number - 1 for number in reading.free)}
    line = f"{name.lstrip()}: reason: {reading.entry.reason}"
    first = own[0] if own else min(of_reason)
    return [
        f"{line}{_end(each)}" if number == first else each
        for number, each in enumerate(lines)
        if number == first or number not in of_reason
    ]
