"""Trunk's status as lists in force: its disabled tests run, and are suppressed like skips.

They are a list of their own, after all those on disk, and no file lists them.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from trunk_failures import (
    entry_lines,
    file_names,
    list_places,
    lists,
    platforms,
    ruled_folders,
    status_files,
)
from trunk_failures.statuses import PYTORCH, Disabled


class Overlaid(NamedTuple):
    """Lists with a status after them, and what people are to know of it."""

    lists: lists.Lists
    notes: tuple[str, ...]


def overlaid(
    loaded: lists.Lists, path: str, environ: Mapping[str, str], base: str | None
) -> Overlaid:
    """Return lists with the disabled tests of a status after them.

    `base` is where the status's files are looked for if there is no test directory. Raises
    SourceError where the status cannot be read: without it every failure would be news.
    """
    status = status_files.read(path)
    here = platforms.of_run(sys.platform, environ)
    tests, unknown = platforms.disabled(status.tests, here)
    top = loaded.test_dir if loaded.test_dir is not None else base
    made = _listing(tests, path, top)
    both = (*loaded.modes, lists.STATUS)
    notes = tuple(platforms.sentences(unknown))
    return Overlaid(lists.Lists(top, both, (*loaded.listings, *made)), notes)


def _listing(tests: Iterable[Disabled], path: str, top: str | None) -> list[lists.Listing]:
    """Return the status as listings: one of exact names, one of those by PyTorch's rule."""
    exact: dict[str, dict[str, Disabled]] = {"": {}}
    ruled: dict[str, Disabled] = {}
    for disabled in tests:
        names = disabled.method_and_class if disabled.rule == PYTORCH else None
        if names is not None:
            method, scope = names
            ruled.setdefault(f"{scope}.{method}", disabled)
            continue
        test = disabled.test
        if test is not None:
            exact.setdefault(list_places.file_of(test, top), {}).setdefault(test.key, disabled)
    folders = {file: _folder(lists.Folder, each, path) for file, each in exact.items()}
    first = folders.pop("")
    found = [lists.Listing(lists.STATUS, lists.SKIPS, first, folders)]
    if ruled:
        by_rule = _folder(ruled_folders.RuledFolder, ruled, path)
        found.append(lists.Listing(lists.STATUS, lists.SKIPS, by_rule, {}))
    return found


def _folder(kind: type[lists.Folder], tests: Mapping[str, Disabled], path: str) -> lists.Folder:
    relative = os.path.relpath(path)
    inside = not relative.startswith(os.pardir)
    shown = f"{relative if inside else path}:{lists.STATUS}_{lists.SKIPS}"
    names = file_names.names(tests)
    contents = {
        key: entry_lines.edited("", names[key], key, _fields(disabled))
        for key, disabled in tests.items()
    }
    read = lists.Read(shown, contents, {})
    odd = {key: name for key, name in names.items() if key != name}
    return kind(path, {*tests}, odd, read)


def _fields(disabled: Disabled) -> list[tuple[str, str]]:
    reason = disabled.reason or " ".join(filter(None, ("disabled on trunk", disabled.issue)))
    if disabled.runs:
        reason += f" (failed in {disabled.failed} of the last {disabled.runs} runs)"
    return [("reason", reason), ("issue", disabled.issue)]
