"""List places: which directory's lists a command changes, and how that is shown."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from trunk_failures import list_places
from trunk_failures.errors import UsageError


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a repository that is the working directory."""
    made = Path(os.path.realpath(tmp_path)) / "project"
    (made / ".git").mkdir(parents=True)
    monkeypatch.chdir(made)
    return made


def test_the_one_given(project: Path) -> None:
    """The directory that is given is taken, lists or not, and whatever the environment says."""
    (project / "other").mkdir()
    environ = {"TRUNK_FAILURES_DIR": str(project)}
    assert list_places.to_write("other", environ) == str(project / "other")


@pytest.mark.parametrize("given", ["none", "file", ""])
def test_no_directory(given: str, project: Path) -> None:
    """What is no directory is refused, with what to do."""
    (project / "file").touch()
    with pytest.raises(UsageError, match=f"--test-dir '{given}' is no directory; make it, or"):
        list_places.to_write(given, {})


def test_the_one_that_a_run_finds(project: Path) -> None:
    """Where there are lists, those that a test run from here finds are taken."""
    (project / "tests").mkdir()
    (project / "test" / "trunk_skips").mkdir(parents=True)
    assert list_places.to_write(None, {}) == str(project / "test")
    environ = {"TRUNK_FAILURES_DIR": str(project / "tests")}
    assert list_places.to_write(None, environ) == str(project / "tests")


@pytest.mark.parametrize(
    ("there", "found"),
    [(["tests", "test"], "tests"), (["test"], "test"), ([], ""), (["testing"], "")],
)
def test_no_lists_yet(there: list[str], found: str, project: Path) -> None:
    """Where there are no lists yet, they are made in the directory that tests are in."""
    for name in there:
        (project / name).mkdir()
    assert list_places.to_write(None, {}) == str(project / found if found else project)


def test_a_repository(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a repository, paths are shown from its root, wherever the command is started."""
    (project / "a" / "tests").mkdir(parents=True)
    monkeypatch.chdir(project / "a")
    assert list_places.root(str(project / "a" / "tests")) == str(project)
    assert list_places.shown(str(project / "a" / "tests")) == "a/tests"
    assert list_places.shown(str(project)) == "."


def test_no_repository(
    tmp_path: Path, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Elsewhere they are shown from the working directory, or from the one above the lists."""
    (project / ".git").rmdir()
    (project / "a" / "tests").mkdir(parents=True)
    tests = str(project / "a" / "tests")
    assert list_places.root(tests) == str(project)
    assert list_places.shown(tests) == "a/tests"
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert list_places.root(tests) == str(project / "a")
    assert list_places.shown(tests) == "tests"


def test_another_drive(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A directory on another drive than the working one is shown from the one above it."""
    (project / ".git").rmdir()
    (project / "tests").mkdir()
    drives = iter(("C:", "D:"))
    monkeypatch.setattr(os.path, "splitdrive", lambda path: (next(drives), path))
    assert list_places.root(str(project / "tests")) == str(project)


def test_files_as_entries_have_them(project: Path) -> None:
    """A file below the test directory is given without its ending; any other is given as none."""
    for name in ("tests/nn/test_a.py", "test_b.py", "tests_too/test_c.py"):
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).touch()
    below = list_places.qualifier(str(project / "tests"))
    assert below("tests/nn/test_a.py") == "nn/test_a"
    others = ("test_b.py", "tests_too/test_c.py", "tests/gone.py", "tests")
    assert [*map(below, others)] == [None] * len(others)
