"""Projects on disk: a suite's files, in a directory of their own, with the lists of a table."""

from __future__ import annotations

import ast
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

from trunk_failures import file_names

SUITES = Path(__file__).parent / "suites"


def make(suite: str, directory: Path, leave_out: Callable[[str], bool] | None = None) -> Path:
    """Copy a suite to a directory, as a repository of its own, and return that.

    `leave_out` tells of a test file, as entries name it, whether it is not to be copied.
    """
    shutil.copytree(SUITES / suite, directory, ignore=shutil.ignore_patterns("__pycache__"))
    (directory / ".git").mkdir()  # Entries are shown by their path from here.
    for file in test_files(directory):
        if leave_out is not None and leave_out(file):
            (directory / f"tests/{file}.py").unlink()
    return directory


def undecorate(project: Path) -> None:
    """Take every trace of this package out of a project's files: imports, decorators."""
    for file in (project / "tests").rglob("*.py"):
        bare = without_decorators(file.read_text(encoding="utf-8"))
        assert "IfTrunkFailing" not in bare, f"{file} uses the package beside its decorators"
        file.write_text(bare, encoding="utf-8")


def without_decorators(source: str) -> str:
    """Return a module's source without what it imports from this package and its uses.

    Other lines stay as they are; what is used otherwise than as a decorator is left behind.
    """
    tree = ast.parse(source)
    gone: set[int] = set()
    imported: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "trunk_failures":
            imported.update(alias.asname or alias.name for alias in node.names)
            gone.update(_lines(node))
    for node in ast.walk(tree):
        for decorator in getattr(node, "decorator_list", ()):
            called = decorator.func if isinstance(decorator, ast.Call) else decorator
            if isinstance(called, ast.Name) and called.id in imported:
                gone.update(_lines(decorator))
    lines = source.splitlines(keepends=True)
    return "".join(line for number, line in enumerate(lines, 1) if number not in gone)


def _lines(node: ast.stmt | ast.expr) -> range:
    return range(node.lineno, (node.end_lineno or node.lineno) + 1)


def list_tests(project: Path, listed: Iterable[tuple[str, str, str]]) -> dict[tuple[str, str], str]:
    """Write entries, given as (list directory, key, content), and return their paths.

    In the content `{name}` stands for the name of the entry's file.
    """
    entries = {(folder, key): content for folder, key, content in listed}
    paths = {}
    for folder in {folder for folder, _ in entries}:
        names = file_names.names(key for each, key in entries if each == folder)
        for key, name in names.items():
            path = project / "tests" / folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            first = f"test: {file_names.spell(key)}\n" if file_names.is_hashed(name) else ""
            content = entries[folder, key].replace("{name}", name)
            path.write_bytes((first + content).encode())
            paths[folder, key] = path.relative_to(project).as_posix()
    return paths


def test_files(project: Path) -> list[str]:
    """Return the test files of a project as entries name them: `nn/test_init`."""
    tests = project / "tests"
    found = (path.relative_to(tests).with_suffix("") for path in tests.rglob("test_*.py"))
    return sorted(path.as_posix() for path in found)
