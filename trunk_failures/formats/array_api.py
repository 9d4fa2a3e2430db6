"""array-api-tests: the ids of tests for its `--xfails-file` and `--skips-file`.

Read: `conftest.py` of data-apis/array-api-tests, of several years, and its README.md. A line is a
node id, an id without its parameters, a file or a folder; by its README, and in earlier versions,
any part of an id. Comments are lines of their own. Tests of a skips file are not run.
"""

from __future__ import annotations

from collections.abc import Sequence

from trunk_failures import lists
from trunk_failures.formats import id_lists, imported
from trunk_failures.formats.collected_tests import CollectedTests
from trunk_failures.formats.imported import Imported, Listed

ROOT = "array-api-tests/"
"""What ids begin with where pytest is started above the suite; lists never do."""


def read_xfails(content: bytes, where: str) -> Imported:
    """Return what an xfails file names."""
    return id_lists.gathered(content, where, lists.EXPECTED_FAILURES)


def read_skips(content: bytes, where: str) -> Imported:
    """Return what a skips file names."""
    return id_lists.gathered(content, where, lists.SKIPS, imported.NEVER)


def covered(each: Listed, tests: CollectedTests) -> Sequence[str]:
    """Return the tests that the suite's conftest would mark."""
    for name in (each.name, f"{ROOT}{each.name}"):
        found = tests.by_id.get(name) or tests.by_file.get(name.removesuffix("/"))
        if found:
            return found
    return [node_id for node_id in tests.ids if each.name in node_id]
