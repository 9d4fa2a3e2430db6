"""pytest-skip: names of tests to be skipped, one a line, with comments on lines of their own.

Read: `pytest_skip/plugin.py` of version 0.2.0. A name is a node id or a test's name; without
parameters it is that of all of them, and `name[r"REGEX"]@regexp` of those whose parameters match.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from trunk_failures import lists, patterns
from trunk_failures.errors import EntryError
from trunk_failures.formats import documents, id_lists, imported
from trunk_failures.formats.collected_tests import CollectedTests
from trunk_failures.formats.documents import Line
from trunk_failures.formats.exported import Exported, Named
from trunk_failures.formats.imported import Dropped, Imported, Listed

SUFFIX = "@regexp"

_REGEXP = re.compile(r'(.+)\[r"(.*?)"\]@regexp')
_QUANTIFIER = re.compile(r"[*+?{]")
MOST = 3
"""Quantifiers that an expression without groups may have: more, and groups, can take an age."""

LONGEST = 1000
"""Characters of a line that ends in `@regexp`."""


def read(content: bytes, where: str) -> Imported:
    """Return the tests that a file for `--skip-from-file` or `--deselect-from-file` names."""
    found: list[Listed | Dropped] = []
    for line in documents.lines(content, where):
        found.append(_listed(line) if isinstance(line, Line) else line)
    return imported.gathered(found)


def _listed(line: Line) -> Listed | Dropped:
    each = id_lists.listed(line, lists.SKIPS, imported.NEVER)
    if not line.text.endswith(SUFFIX):
        return each
    match = _REGEXP.fullmatch(line.text) if len(line.text) <= LONGEST else None
    if match is None:
        return Dropped(line.number, f"{imported.shown(line.text)} holds no regular expression")
    if not (patterns.is_quick(match[2]) or _is_flat(match[2])):
        return Dropped(line.number, f"{imported.shown(match[2])} may take long to be searched")
    try:
        patterns.compile(match[2])
    except EntryError as error:
        return Dropped(line.number, str(error))
    return each._replace(test=None)


def _is_flat(regexp: str) -> bool:
    """Tell whether an expression has few quantifiers and no groups: then no text takes long."""
    return "(" not in regexp and len(_QUANTIFIER.findall(regexp)) <= MOST


def covered(each: Listed, tests: CollectedTests) -> Sequence[str]:
    """Return the tests that the plugin would skip."""
    match = _REGEXP.fullmatch(each.name) if each.name.endswith(SUFFIX) else None
    if match is None:
        return _of_name(each.name, tests)
    pattern = patterns.compile(match[2])
    found = _of_name(match[1], tests)
    return [each for each in found if pattern.match(each.partition("[")[2].removesuffix("]"))]


def _of_name(name: str, tests: CollectedTests) -> list[str]:
    return [*dict.fromkeys([*tests.by_id.get(name, ()), *tests.by_name.get(name, ())])]


def render(entries: list[Named]) -> Exported:
    """Return a file for `--skip-from-file`."""
    return id_lists.render(entries, (SUFFIX,))
