"""The trivial suites that `pytest_runs.py` times, and what says which of their tests fail."""

from __future__ import annotations

import pathlib
from collections.abc import Iterator, Sequence

A_FILE = 100
"""Tests in one file; each odd one fails where a suite has failures."""

MORE = 10
"""How many times as many entries as are listed of the suite there are in the longer list."""

MARK = "@pytest.mark.xfail(strict=True)\n"
CONFTEST = """
import os
import pytest

LISTED = set(os.listdir(os.path.join(os.path.dirname(__file__), "known_failures")))


def pytest_collection_modifyitems(items):
    for item in items:
        if f"{item.module.__name__}.{item.name}" in LISTED:
            item.add_marker(pytest.mark.xfail(strict=True))
"""


def write(folder: pathlib.Path, name: str, tests: int, fail: bool) -> None:
    """Write the suite of the run called `name`, and what says that each odd test fails."""
    (folder / "tests").mkdir(parents=True)
    (folder / "pytest.ini").write_text("[pytest]\n")  # Where this is, is pytest's root directory.
    odd: list[tuple[str, str]] = []
    for module, names in _modules(tests):
        text = ["import pytest\n"]
        for even_name, odd_name in zip(names[::2], names[1::2]):
            text.append(f"\n\ndef {even_name}():\n    assert 1 == 1\n")
            mark = MARK if name == "marks" else ""
            text.append(f"\n\n{mark}def {odd_name}():\n    assert 1 {'!=' if fail else '=='} 1\n")
            odd.append((module, odd_name))
        (folder / "tests" / f"{module}.py").write_text("".join(text))
    _write_listed(folder, name, odd)


def _modules(tests: int) -> Iterator[tuple[str, list[str]]]:
    """Yield the name of each module, with those of its tests; none begins as another does."""
    for module in range(tests // A_FILE):
        yield f"test_module_{module:03}", [f"test_number_{test:02}" for test in range(A_FILE)]


def _write_listed(folder: pathlib.Path, name: str, odd: Sequence[tuple[str, str]]) -> None:
    """Write what says that tests fail: the lists of this plugin, or what a peer reads."""
    ids = [f"tests/{module}.py::{test}" for module, test in odd]
    lists = folder / "tests" / "trunk_expected_failures"
    if name == "quarantine":
        (folder / "listed.txt").write_text("\n".join(ids))
    elif name == "deselect":
        (folder / "arguments.txt").write_text("\n".join(f"--deselect={each}" for each in ids))
    elif name == "xfaillist":
        keys = ", ".join(f'"{module}.{test}"' for module, test in odd)
        (folder / "xfails.list").write_text(f"[{keys}]")
    elif name == "conftest":  # Beside the tests' directory: pytest looks at each file in that.
        (folder / "conftest.py").write_text(CONFTEST)
        _write_entries(folder / "known_failures", odd)
    elif name in ("unlisted", "listed", "many"):
        _write_entries(lists, odd if name != "unlisted" else ())
    if name == "many":
        for copy in range(1, MORE):
            _write_entries(lists, [(f"{module}_{copy}", test) for module, test in odd])


def _write_entries(folder: pathlib.Path, tests: Sequence[tuple[str, str]]) -> None:
    """Write a directory with an empty file for each test."""
    folder.mkdir(exist_ok=True)
    for module, test in tests:
        (folder / f"{module}.{test}").touch()
