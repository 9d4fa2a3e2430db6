"""Discovered ids: what unittest finds, and that nothing is run or left out without a word."""

from __future__ import annotations

import io
import json
import os
import sys
import unittest
from collections.abc import Sequence
from pathlib import Path

import pytest

from trunk_failures import discovered_ids
from trunk_failures.discovered_ids import Discovered, Lister
from trunk_failures.errors import UsageError

MODULE = """
import unittest, sys
print("loaded")
class TestA(unittest.TestCase):
    def test_a(self):
        raise SystemExit("run")
    def test_b(self):
        pass
class TestB(TestA):
    pass
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a project with a module of tests, the working directory."""
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_a.py").write_text(MODULE)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def ask(*arguments: str) -> list[Discovered]:
    """Return what is found with the environment of this process."""
    return discovered_ids.ask(arguments, os.environ)


def test_what_unittest_finds(project: Path) -> None:
    """Each test is told by its key and its file, inherited ones by their own class; none is run."""
    file = str(project / "tests" / "test_a.py")
    keys = ["TestA.test_a", "TestA.test_b", "TestB.test_a", "TestB.test_b"]
    found = ask("discover", "-s", "tests")
    assert sorted(found) == [Discovered(key, os.path.realpath(file)) for key in keys]


def test_what_was_asked_for_cannot_be_found(project: Path) -> None:
    """Modules that do not load, no tests, and options that unittest has not are errors."""
    with pytest.raises(UsageError, match="`python -m unittest discover -s gone` ended with exit"):
        ask("discover", "-s", "gone")
    (project / "tests" / "test_b.py").write_text("import gone")
    with pytest.raises(UsageError, match="cannot load 'test_b', so that tests are missing.*--resu"):
        ask("discover", "-s", "tests")
    (project / "empty").mkdir()
    with pytest.raises(UsageError, match="finds no test in .*`-- discover -s tests`"):
        ask("discover", "-s", "empty")


@pytest.mark.parametrize(("count", "more"), [(5, ""), (7, " and 2 more")])
def test_few_modules_are_named(count: int, more: str) -> None:
    """Of many modules that do not load the first are named, and how many more there are."""
    found = [Discovered(f"_FailedTest.test_{number}", "") for number in range(count)]
    with pytest.raises(UsageError) as caught:
        discovered_ids._refuse(found, "python -m unittest")
    assert f"'test_4'{more}, so that" in str(caught.value)


def test_the_lister_runs_nothing() -> None:
    """A lister keeps a suite's tests, and tells of no failure."""

    class TestA(unittest.TestCase):
        def test_a(self) -> None:
            raise AssertionError("run")

    class TestB(unittest.TestCase):
        __module__ = "made_up"

        def test_b(self) -> None:
            raise AssertionError("run")

    lister = Lister()
    nested = unittest.TestSuite([unittest.TestSuite([TestA("test_a")]), TestB("test_b")])
    assert lister.run(nested).wasSuccessful()
    assert lister.found == [
        Discovered("TestA.test_a", os.path.abspath(__file__)), Discovered("TestB.test_b", ""),
    ]


def test_the_product_is_apart_from_what_modules_print(
    project: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """What is told goes to the real stdout, one JSON array a line, and prints to stderr."""
    kept = os.dup(1)

    def main(module: object, argv: Sequence[str], testRunner: Lister, exit: bool) -> None:
        assert (module, argv, exit) == (None, ["unittest", "-k", "x"], False)
        os.write(1, b"loaded\n")
        testRunner.found = [Discovered("TestA.test_é", "/a.py")]

    monkeypatch.setattr(unittest, "main", main)
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    try:
        discovered_ids.tell(["-k", "x"])
    finally:
        os.dup2(kept, 1)
        os.close(kept)
    out, err = capfd.readouterr()
    assert (json.loads(out), err) == (["TestA.test_é", "/a.py"], "loaded\n")
