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
    for directory in directories(top):
        for entry in _entries(directory, report):
            if looks_like_results(entry.name) and not entry.is_dir():
                yield os.path.join(directory, entry.name)


def directories(top: str) -> Iterator[str]:
    """Yield a directory and those below it, but for hidden ones, each once."""
    seen = set()
    stack = [top]
    while stack:
        directory = stack.pop()
        # On Windows there are links that do not look like any.
        real = os.path.normcase(os.path.realpath(directory))
        if real in seen:
            continue
        seen.add(real)
        yield directory
        stack += [
            os.path.join(directory, entry.name)
            for entry in _entries(directory)
            if entry.is_dir(follow_symlinks=False) and not entry.name.startswith(".")
        ]


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
        for directory in directories(top or os.curdir)
        for match in matches(os.path.join(_escaped(directory), rest[0]))
    }
    return list(found)


def _escaped(directory: str) -> str:
    return "" if directory == os.curdir else glob.escape(directory)


def _entries(directory: str, report: Report | None = None) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(directory) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        if report:
            report(directory, error)
        return []
