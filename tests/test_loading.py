"""Loading tests: a module that does not load is one failing test, whatever it raises."""

from __future__ import annotations

import sys
import unittest
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from lists_fixtures import PutInForce, Telling

from trunk_failures import interception
from trunk_failures.loading import Loader

pytest_plugins = ["lists_fixtures"]

PASSING = "import unittest\nclass TestA(unittest.TestCase):\n    def test_b(self): pass\n"
FAILED = "trunk_expected_failures/_FailedTest"


@pytest.fixture
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return a directory that modules are imported from, for one test."""
    place = tmp_path / "modules"
    (place / "pkg").mkdir(parents=True)
    (place / "pkg" / "__init__.py").write_text("")
    monkeypatch.setattr(sys, "path", [str(place), *sys.path])
    loaded = set(sys.modules)
    yield place
    for name in set(sys.modules) - loaded:
        del sys.modules[name]


def cases(suite: unittest.TestSuite) -> Iterator[unittest.TestCase]:
    """Yield the tests of a suite and of those in it."""
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from cases(test)
        else:
            yield test


def names(suite: unittest.TestSuite) -> list[str]:
    """Return the keys of all tests of a suite."""
    return [*map(interception.key_of, cases(suite))]


def told_of(suite: unittest.TestSuite) -> list[tuple[str, str]]:
    """Run a suite and return what the runner is told."""
    runner = Telling()
    suite.run(runner)
    return runner.between


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("is no python", ("addError", "SyntaxError: ")),
        ("raise ValueError('x')", ("addError", "ValueError: x")),
        ("import missing_module", ("addError", "ImportError: Failed to import test module: ")),
        ("import unittest\nraise unittest.SkipTest('own reason')", ("addSkip", "own reason")),
        (PASSING, ("addSuccess", "")),
    ],
)
@pytest.mark.parametrize("name", ["test_m", "pkg.test_m"])
def test_a_named_module_is_loaded_or_stood_in_for(
    put_in_force: PutInForce, directory: Path, text: str, told: tuple[str, str], name: str
) -> None:
    """What a module raises as it is loaded is the outcome of one test, named after it."""
    put_in_force()
    (directory / f"{name.replace('.', '/')}.py").write_text(text)
    suite = Loader().loadTestsFromNames([name])
    (key,) = names(suite)
    scope = {"addSkip": "ModuleSkipped", "addError": "_FailedTest"}.get(told[0])
    assert key in ("TestA.test_b", f"{scope}.test_m")
    ((method, said),) = told_of(suite)
    assert method == told[0] and said.startswith(told[1])


def test_modules_beside_one_that_does_not_load_are_loaded(
    put_in_force: PutInForce, directory: Path
) -> None:
    """A module that does not load keeps no other from running."""
    put_in_force()
    (directory / "test_m.py").write_text("is no python")
    (directory / "test_n.py").write_text(PASSING)
    assert names(Loader().loadTestsFromNames(["test_m", "test_n"])) == [
        "_FailedTest.test_m",
        "TestA.test_b",
    ]


def test_what_ends_the_process_ends_it(put_in_force: PutInForce, directory: Path) -> None:
    """An interrupt and an exit while a module is loaded are no test's failure."""
    put_in_force()
    for error in (KeyboardInterrupt, SystemExit):
        (directory / f"test_{error.__name__}.py").write_text(f"raise {error.__name__}")
        with pytest.raises(error):
            Loader().loadTestsFromName(f"test_{error.__name__}")


@pytest.mark.parametrize("name", ["test_m", "pkg.test_m"])
def test_a_module_that_loads_against_its_entry_has_one_test_more(
    put_in_force: PutInForce, directory: Path, name: str
) -> None:
    """Where a module is listed as one that fails to load, a passing test says that it loads."""
    (directory / f"{name.replace('.', '/')}.py").write_text(PASSING)
    put_in_force()
    assert names(Loader().loadTestsFromName(name)) == ["TestA.test_b"]
    put_in_force({f"{FAILED}.test_m": ""})
    suite = Loader().loadTestsFromName(name)
    assert names(suite) == ["TestA.test_b", "_FailedTest.test_m"]
    assert told_of(suite) == [("addSuccess", "")] * 2


def test_discovery_does_the_same(put_in_force: PutInForce, directory: Path) -> None:
    """Discovered modules are stood in for as named ones are."""
    (directory / "test_m.py").write_text("is no python")
    (directory / "test_n.py").write_text(PASSING)
    put_in_force({f"{FAILED}.test_n": "", f"{FAILED}.test_m": ""})
    found = names(Loader().discover(str(directory)))
    assert sorted(found) == ["TestA.test_b", "_FailedTest.test_m", "_FailedTest.test_n"]


def test_the_stand_in_is_named_as_unittest_names_it(
    put_in_force: PutInForce, directory: Path
) -> None:
    """The id of the test that stands for a module is the one that unittest itself would give."""
    put_in_force()
    (directory / "test_m.py").write_text("is no python")
    (ours,) = cases(Loader().loadTestsFromName("test_m"))
    (theirs,) = cases(unittest.TestLoader().discover(str(directory)))
    assert ours.id() == theirs.id() == "unittest.loader._FailedTest.test_m"


def test_load_tests_is_heard(put_in_force: PutInForce) -> None:
    """A module's own `load_tests` decides what its suite is, and its entry is heard of too."""
    put_in_force({f"{FAILED}.test_made": ""})
    module = ModuleType("test_made")

    class TestA(unittest.TestCase):
        def test_b(self) -> None: ...

        def test_c(self) -> None: ...

    def load_tests(loader: object, tests: object, pattern: object) -> unittest.TestSuite:
        return unittest.TestSuite([TestA("test_c")])

    setattr(module, "TestA", TestA)
    assert names(Loader().loadTestsFromModule(module)) == [
        "TestA.test_b",
        "TestA.test_c",
        "_FailedTest.test_made",
    ]
    setattr(module, "load_tests", load_tests)
    suite = Loader().loadTestsFromModule(module)
    assert names(suite) == ["TestA.test_c", "_FailedTest.test_made"]
