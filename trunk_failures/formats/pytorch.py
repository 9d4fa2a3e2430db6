"""PyTorch's lists: its list directories, and the module of sets that came before them.

Read: `torch/testing/_internal/dynamo_test_failures.py` of pytorch/pytorch, of both kinds. Our own
list directories are of the same form, with fields.
"""

from __future__ import annotations

import os

from trunk_failures import entry_files, ids, list_files, lists
from trunk_failures.errors import EntryError, UsageError
from trunk_failures.formats import python_sets
from trunk_failures.formats.imported import Dropped, Imported, Listed
from trunk_failures.lists import Located

read = python_sets.read


def read_directory(path: str) -> Imported:
    """Return the entries of a list directory, or of all that a test directory holds."""
    path = os.path.abspath(path)
    own = lists.mode_and_kind(os.path.basename(path))
    found = [(*own, path)] if own else list_files.directories(path)
    if not found:
        raise UsageError(
            f"{path!r} holds no `<mode>_expected_failures` and no `<mode>_skips`, and is none"
        )
    listed: list[Listed] = []
    dropped: list[Dropped] = []
    for mode, kind, directory in found:
        faults: list[list_files.Fault] = []
        listing = list_files.read_listing(mode, kind, directory, faults)
        dropped += [Dropped(0, str(fault)) for fault in faults]
        for located in lists.Lists(path, (mode,), (listing,)).all():
            try:
                listed.append(_listed(located))
            except EntryError as error:
                dropped.append(Dropped(0, str(error)))
    return Imported(tuple(listed), tuple(dropped))


def _listed(located: Located) -> Listed:
    entry = entry_files.read(located)
    scope, _, name = entry.key.partition(".")
    test = ids.TestId(scope, name)
    return Listed(entry.key, 0, test, entry.kind, entry.fields, entry.mode, entry.test_file)
