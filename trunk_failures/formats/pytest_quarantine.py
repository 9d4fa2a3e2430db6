"""pytest-quarantine: the node ids of tests to be marked xfail, one a line, without comments.

Read: `pytest_quarantine/plugin.py` of version 2.0.0. It runs the tests, and a pass is no failure
there; here it is.
"""

from __future__ import annotations

from collections.abc import Sequence

from trunk_failures import lists
from trunk_failures.formats import id_lists
from trunk_failures.formats.collected_tests import CollectedTests
from trunk_failures.formats.imported import Imported, Listed


def read(content: bytes, where: str) -> Imported:
    """Return the tests that a quarantine names; comments, which it has none of, are read too."""
    return id_lists.gathered(content, where, lists.EXPECTED_FAILURES)


def covered(each: Listed, tests: CollectedTests) -> Sequence[str]:
    """Return the test of this very id."""
    return [node_id for node_id in tests.by_id.get(each.name, ()) if node_id == each.name]
