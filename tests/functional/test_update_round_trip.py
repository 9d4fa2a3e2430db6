"""Round trips by what runners write: red, `update`, green, mended, `update --only-remove`."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from trunk_failures import entry_files, list_files

from . import projects, runners

PYTEST = (
    *("-m", "pytest", "-p", "no:cacheprovider", "--continue-on-collection-errors"),
    *("--rootdir=tests", "tests", "-o"),
    "disable_test_id_escaping_and_forfeit_all_rights_to_community_support=true",
)
JUNIT = (*PYTEST, "--junitxml=results/junit.xml")
LEGACY = (*JUNIT, "-o", "junit_family=xunit1")
LINES = (*PYTEST, *runners.PLUGIN, "--trunk-failures-results=results/lines.jsonl")
XMLRUNNER = ("-m", "xmlrunner", *runners.DISCOVER, "-o", "results")
UNITTEST = (
    *("-m", "trunk_failures", "unittest", "--results", "results/lines.jsonl"),
    *runners.DISCOVER,
)

ENTRIES = {
    "TestOps.test_cleans_up": "KeyError: 'clean-up <&>'",
    "TestOps.test_errors": "ValueError: first line",
    "test_ops/TestOps.test_fails": "AssertionError: an object at 0x...",
    "nn/test_ops/TestOps.test_passes": "ValueError: fails here alone",
    "TestOps.test_sub_tests": "AssertionError: sub-test 1",
    "TestOne.test_inherited": "AssertionError: TestOne",
    "TestOther.test_inherited": "AssertionError: TestOther",
    "testother.test_inherited": "AssertionError: testother",
    "TestSetUp.setUpClass": "ValueError: class set-up",
    "TestTearDown.tearDownClass": "ValueError: class tear-down",
    "test_module_fixture.setUpModule": "ValueError: module set-up",
}
"""The entries that results of each kind lead to, and their reasons."""

NOT_LOADING = "_FailedTest.test_not_loading"
OF_UNITTEST = {NOT_LOADING: "ImportError: Failed to import test module: test_not_loading"}
"""What unittest's loader makes of the exception that pytest shows as it is."""

OF_PYTEST = {
    NOT_LOADING: "ModuleNotFoundError: No module named 'repaired'",
    "TestPlain.test_fails[0.5]": "ValueError: a method",
    "TestPlain.test_fails[-1]": "ValueError: a method",
    "functions_test.test_set_up": "LookupError: fixture",
    "functions_test.test_tear_down": "LookupError: fixture",
    **{
        f"functions_test.test_fails[{text}]": "ValueError: a function"
        for text in (
            *("a.b", "a/b.py::c", "a\\b", "a b", "%41", "[x]", "--", ""),
            *("\xfc\u2713", "e\u0301", "\u200b\u2028", "a\nb"),
            *("x" * 300, "Case", "case"),
        )
    },
}
"""No other runner has plain functions and parameters."""


class Kind(NamedTuple):
    """Results of one kind: the package that they need, and the commands that write them.

    `first` is run while there are no lists: as people do who do not know of this package, where
    that writes results. `entries` are those that results of this kind alone lead to.
    """

    name: str
    requires: str
    first: tuple[str, ...]
    under_lists: tuple[str, ...]
    entries: dict[str, str]


KINDS = (
    Kind("unittest", "", UNITTEST, UNITTEST, OF_UNITTEST),
    Kind("xmlrunner", "xmlrunner", XMLRUNNER, (*runners.UNDER, *XMLRUNNER), OF_UNITTEST),
    Kind("pytest", "pytest", LINES, LINES, OF_PYTEST),
    Kind("pytest --junitxml", "pytest", JUNIT, (*JUNIT, *runners.PLUGIN), OF_PYTEST),
    Kind("xunit1", "pytest", LEGACY, (*LEGACY, *runners.PLUGIN), OF_PYTEST),
)


class Project:
    """A suite in a directory of its own, with no lists yet."""

    def __init__(self, python: str, directory: Path) -> None:
        self.python = python
        self.directory = projects.make("round_trip", directory)
        self.results = directory / "results"

    def call(self, *arguments: str) -> tuple[int, str]:
        """Run Python in the project; return its exit code and what it printed."""
        env = runners.environment(self.python, PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")
        done = runners.call([self.python, *arguments], self.directory, env)
        return done.returncode, done.stdout

    def run(self, arguments: tuple[str, ...]) -> int:
        """Run the suite, with new results; return its exit code."""
        self.results.mkdir(exist_ok=True)
        for former in self.results.iterdir():
            former.unlink()
        return self.call(*arguments)[0]

    def update(self, *options: str) -> str:
        """Update the lists by the results; return the first line of what is said."""
        code, said = self.call("-m", "trunk_failures", "update", *options, "results")
        assert code == 0, said
        return said.partition("\n")[0]

    @property
    def entries(self) -> dict[str, str]:
        """The entries that are there, and their reasons."""
        return expected_failures(self.directory / "tests")


def expected_failures(test_dir: Path) -> dict[str, str]:
    """Return the entries of a test directory, and their reasons; none may be a skip."""
    there = list_files.directories(str(test_dir))
    loaded = list_files.read(str(test_dir), ("trunk",), there)
    assert not loaded.skips
    return {
        f"{located.test_file}/{located.key}".lstrip("/"): entry_files.read(located).reason
        for located in loaded.all()
    }


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_there_and_back(python: str, tmp_path: Path, kind: Kind) -> None:
    """Results of each kind lead to the same lists, which are green; mended, all entries go."""
    if kind.requires and not runners.imports(python, kind.requires):
        pytest.skip(f"this needs {kind.requires}, which {python} lacks")
    project = Project(python, tmp_path / "project")
    wanted = {**ENTRIES, **kind.entries}

    assert project.run(kind.first) == 1
    assert project.update().startswith(f"{len(wanted)} added ")
    assert project.entries == wanted

    assert project.run(kind.under_lists) == 0
    assert project.update().startswith("nothing to change ")
    assert project.entries == wanted

    (project.directory / "tests/repaired.py").write_text("")
    assert project.run(kind.under_lists) == 1
    assert project.update("--only-remove").startswith(f"{len(wanted)} removed ")
    assert project.entries == {}
    assert project.run(kind.under_lists) == 0
    assert project.update().startswith("nothing to change ")
