"""Places: the paths that directories and patterns stand for, and how paths are shown."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Callable, Iterator

ENDINGS = (".xml", ".jsonl", ".json", ".log", ".gz", ".zip")
"""What the names of results end in, in a directory and in a zip file; case does not count."""

LOOKED_FOR = f"looked for names that end in {', '.join(ENDINGS[:-1])} or {ENDINGS[-1]}"

Report = Callable[[str, OSError], None]
"""Is told of a path that cannot be read."""

_SEPARATOR = re.escape(os.sep + (os.altsep or ""))
_ANY_DEPTH = re.compile(rf"(?:^|(?<=[{_SEPARATOR}]))\*\*(?:[{_SEPARATOR}]+|$)")


def visible(text: str) -> str:
    """Give a path as people can read it: what is not printable, or no character, is escaped."""
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode() for char in text
    )


def looks_like_results(name: str) -> bool:
    """Tell whether a file is taken for results by its name."""
    return not name.startswith(".") and name.lower().endswith(ENDINGS)


def files(top: str, report: Report) -> Iterator[str]:
    """Yield the paths of what looks like results in a directory and in those below it.

    Hidden directories are left out, and so are those that links lead to, which could be anywhere.
    """
    for directory, entries in _walk(top, report):
        for entry in entries:
            if looks_like_results(entry.name) and not entry.is_dir():
                yield os.path.join(directory, entry.name)


def matches(pattern: str) -> list[str]:
    """Return the paths that a pattern stands for; `**` is any number of directories.

    A `**` at the end stands for the directory itself. As in shells, hidden names need a dot in the
    pattern. Unlike `glob`, no link to a directory is followed by `**`: two that lead to where they
    are in would take for ever.
    """
    start, *rest = _ANY_DEPTH.split(pattern, maxsplit=1)
    if not rest:
        return glob.glob(pattern)
    tops = glob.glob(start) if start else [""]
    if not rest[0]:
        return [top or os.curdir for top in tops if os.path.isdir(top or os.curdir)]
    found = {
        match: None
        for top in tops
        for directory, _ in _walk(top or os.curdir, _ignore)
        for match in matches(os.path.join(_pattern(top, directory), rest[0]))
    }
    return list(found)


def _pattern(top: str, directory: str) -> str:
    path = directory if top else os.path.relpath(directory)
    return "" if path == os.curdir else glob.escape(path)


def _walk(top: str, report: Report) -> Iterator[tuple[str, list[os.DirEntry[str]]]]:
    stack = [top]
    while stack:
        directory = stack.pop()
        try:
            with os.scandir(directory) as scanned:
                entries = sorted(scanned, key=lambda entry: entry.name)
        except OSError as error:
            report(directory, error)
            entries = []
        yield directory, entries
        stack += [
            os.path.join(directory, entry.name)
            for entry in entries
            if _is_own_directory(entry) and not entry.name.startswith(".")
        ]


def _is_own_directory(entry: os.DirEntry[str]) -> bool:
    # Junctions are Windows' older kind of links; Python before 3.12 follows them, up to the length
    # that paths can have there.
    is_junction = getattr(entry, "is_junction", bool)
    return entry.is_dir(follow_symlinks=False) and not is_junction()


def _ignore(path: str, error: OSError) -> None:
    """Take what cannot be read for what a pattern does not match, as `glob` does."""
