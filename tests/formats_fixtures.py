"""What tests of formats share: what a list says, in short."""

from __future__ import annotations

from pathlib import Path

from trunk_failures.formats import collected_tests
from trunk_failures.formats.collected_tests import CollectedTests
from trunk_failures.formats.imported import Imported
from trunk_failures.formats.table import FORMATS

URL = "https://example.org/issues/"
Said = dict[str, tuple[str, dict[str, str]]]
"""By name: the kind, and the fields."""


def read(name: str, text: str) -> Imported:
    """Return what a text says in a format."""
    return FORMATS[name].read(text.encode("utf-8"), "a list")


def said(found: Imported) -> Said:
    """Return what is listed: by the test's id or key, the kind and the fields."""
    return {each.name: (each.kind, dict(each.fields)) for each in found.listed}


def lines(found: Imported) -> dict[int, str]:
    """Return what is dropped, by line."""
    return {each.line: each.what for each in found.dropped}


def resolved(name: str, text: str, node_ids: list[str]) -> Imported:
    """Return what a text says of collected tests."""
    form, tests = FORMATS[name], CollectedTests(node_ids)
    if form.resolve is not None:
        return form.resolve(read(name, text), tests)
    return collected_tests.expanded(read(name, text), tests, form.covered)


def make_files(directory: Path, node_ids: list[str]) -> None:
    """Make the files that node ids name."""
    for node_id in node_ids:
        file = directory / node_id.partition("::")[0]
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
