"""Pyodide's `python_tests.yaml`: CPython's test modules, and what of them does not run there.

Read: `src/tests/python_tests.yaml` of pyodide/pyodide, and the comment at its head. A module can
have `skip`, a list of globs as `-i` of CPython's test runner takes them, which match the whole id
of a test or one of its parts; and `xfail`, the reason why none of its tests is run. Both cover
tests that only a collection tells.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator, Sequence

from trunk_failures import ids, lists
from trunk_failures.changes import Fields
from trunk_failures.errors import UsageError
from trunk_failures.formats import imported, yaml_documents
from trunk_failures.formats.collected_tests import CollectedTests
from trunk_failures.formats.imported import Dropped, Imported, Listed
from trunk_failures.formats.yaml_documents import Node

LONGEST = 200
"""Characters that a glob may have."""

BETWEEN = ": "
"""What is between a module and a glob in the names that are read."""


def read(content: bytes, where: str) -> Imported:
    """Return the tests that are skipped, and the modules that are."""
    root = yaml_documents.parse(content, where)
    if not isinstance(root.value, list):
        raise UsageError(f"{where} is no list of test modules, as a `python_tests.yaml` is")
    found: list[Listed | Dropped] = []
    for module in root.value:
        if isinstance(module.value, dict):
            for name, settings in module.value.items():
                found += _module(name, settings)
        elif not isinstance(module.value, str):
            found.append(Dropped(module.line, "a list, where a module was expected"))
    return imported.gathered(found)


def _module(name: str, settings: Node) -> Iterator[Listed | Dropped]:
    if not isinstance(settings.value, dict):
        yield Dropped(settings.line, f"of {imported.shown(name)}: no settings")
        return
    for setting, given in settings.value.items():
        if setting == "skip":
            yield from _globs(name, given)
        elif setting == "xfail" and isinstance(given.value, str):
            yield Listed(name, given.line, None, lists.SKIPS, _fields(given.value))
        else:
            what = f"of {imported.shown(name)}: {imported.shown(setting)} has no place here"
            yield Dropped(given.line, what)


def _globs(name: str, given: Node) -> Iterator[Listed | Dropped]:
    for glob in given.value if isinstance(given.value, list) else [given]:
        if isinstance(glob.value, str) and 0 < len(glob.value) <= LONGEST:
            named = f"{name}{BETWEEN}{glob.value}"
            yield Listed(named, glob.line, None, lists.SKIPS, imported.NEVER)
        else:
            yield Dropped(glob.line, f"of {imported.shown(name)}: no glob of at most {LONGEST}")


def _fields(reason: str) -> Fields:
    return (("reason", reason), *imported.NEVER) if reason.strip() else imported.NEVER


def covered(each: Listed, tests: CollectedTests) -> Sequence[str]:
    """Return the tests of a module, or those that the glob matches."""
    module, between, glob = each.name.partition(BETWEEN)
    of_module = tests.of_module(module)
    if not between:
        return of_module
    match = re.compile(fnmatch.translate(glob)).match
    return [
        node_id
        for node_id in of_module
        if any(match(part) for part in _parts(ids.to_unittest(ids.of_item(node_id))))
    ]


def _parts(unittest_id: str) -> list[str]:
    return [unittest_id, *unittest_id.split(".")]
