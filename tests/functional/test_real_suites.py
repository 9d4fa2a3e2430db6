"""Real suites that none of us wrote, run by the plugin with no edit.

They are looked for in the directory that the variable TRUNK_FAILURES_TEST_SDISTS names; where it is
not set, these tests are skipped. It holds the unpacked source distributions of two projects, and
beside each a virtual environment with what its failures come of:

- `networkx-2.8.8`, and `networkx-2.8.8.venv` of Python 3.13 with pytest 9.0.2, pytest-xdist 3.8.0
  and numpy 2.5.5, and without lxml, scipy and pandas: NumPy 2 has no `float_`, of which its readers
  and writers of XML make use; plain functions, classes and doctests.
- `Babel-2.9.1`, and `Babel-2.9.1.venv` of Python 3.12 with pytest 8.4.2 (its conftest breaks
  pytest 9), pytest-xdist 3.8.0, pytz 2026.6 and freezegun 1.5.5: `distutils` and parts of `gettext`
  are gone; `TestCase`s, plain functions with thousands of parameters, doctests, and modules that
  do not import.

Each is made by `pip download --no-binary :all: --no-deps NAME==VERSION`, `tar`, `python -m venv`
and `pip install` of the packages named; the projects themselves are not installed.
"""

from __future__ import annotations

import json
import os
import xml.etree.ElementTree as ElementTree
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pytest

from . import projects, runners

SDISTS = os.environ.get("TRUNK_FAILURES_TEST_SDISTS", "")
FOLDER = "trunk_expected_failures"

pytestmark = pytest.mark.skipif(not SDISTS, reason="TRUNK_FAILURES_TEST_SDISTS is not set")


class Project(NamedTuple):
    """A project: what pytest is to run of it, how many fail, and files that have some of these."""

    name: str
    arguments: tuple[str, ...]
    failing: int
    files: tuple[str, ...]


class Ran(NamedTuple):
    """One run: the exit code, the result lines, and what JUnit's report tells of each test.

    `entries` names the tests of which the report tells which entry they have.
    """

    code: int
    lines: list[dict[str, str]]
    cases: Counter[tuple[str, ...]]
    entries: set[str]

    def ids(self, *verdicts: str) -> set[str]:
        """Return the keys of the tests that came to one of these verdicts."""
        return {line["id"] for line in self.lines if line["verdict"] in verdicts}


class Suite:
    """A project's suite, with lists in a directory of their own."""

    def __init__(self, project: Project, directory: Path) -> None:
        self.project = project
        self.directory = directory
        (directory / "tests" / FOLDER).mkdir(parents=True)
        self.sources = Path(SDISTS, project.name)
        bin_ = Path(SDISTS, f"{project.name}.venv", "Scripts" if os.name == "nt" else "bin")
        self.python = str(bin_ / "python")
        if not self.sources.is_dir() or not bin_.is_dir():
            pytest.skip(f"{project.name} and its virtual environment are not there")

    def run(self, *options: str, lists: bool = True, file: str | None = None) -> Ran:
        """Run the suite, or one file of it, with the plugin or without."""
        results, junit = self.directory / "results.jsonl", self.directory / "junit.xml"
        results.write_text("")
        plugin = (
            *("-p", "trunk_failures.pytest_plugin", f"--trunk-failures={self.directory / 'tests'}"),
            f"--trunk-failures-results={results}",
        )
        arguments = self.project.arguments
        if file is not None:
            arguments = (*(each for each in arguments if each.startswith("-")), file)
        ran = runners.call(
            [
                *(self.python, "-m", "pytest", "-p", "no:cacheprovider", f"--junitxml={junit}"),
                *(plugin if lists else ()),
                *("--continue-on-collection-errors", *options, *arguments),
            ],
            self.sources,
            runners.environment(self.python, PYTHONDONTWRITEBYTECODE="1"),
        )
        lines = [json.loads(line) for line in results.read_text(encoding="utf-8").splitlines()]
        return Ran(ran.returncode, lines, *read(junit))

    def list(self, keys: set[str]) -> dict[str, Path]:
        """List tests as expected failures; return their entries."""
        listed = projects.list_tests(self.directory, [(FOLDER, key, "") for key in keys])
        return {key: self.directory / path for (_, key), path in listed.items()}


def read(report: Path) -> tuple[Counter[tuple[str, ...]], set[str]]:
    """Return what a JUnit report tells of each test that has no entry, and the entries."""
    cases: Counter[tuple[str, ...]] = Counter()
    entries = set()
    for case in ElementTree.parse(report).iter("testcase"):
        properties = {each.get("name"): each.get("value", "") for each in case.iter("property")}
        if "trunk_failures.entry" in properties:
            entries.add(properties["trunk_failures.entry"])
            continue
        told = [f"{each.tag}: {each.get('message')}\n{each.text}" for each in case]
        cases[(case.get("classname", ""), case.get("name", ""), *told)] += 1
    return cases, entries


def without_failures(cases: Counter[tuple[str, ...]]) -> Counter[tuple[str, ...]]:
    """Return what was told of the tests that did not fail."""
    bad = ("failure: ", "error: ")
    kept = {case: count for case, count in cases.items() if not "".join(case[2:3]).startswith(bad)}
    return Counter(kept)


PROJECTS = [
    Project(
        "networkx-2.8.8",
        ("--doctest-modules", "networkx/readwrite", "networkx/classes"),
        45,
        ("networkx/readwrite/gexf.py", "networkx/readwrite/tests/test_gexf.py"),
    ),
    Project(
        "Babel-2.9.1", (".",), 6, ("tests/test_support.py", "tests/messages/test_frontend.py")
    ),
]


@pytest.fixture(params=PROJECTS, ids=lambda project: project.name)
def suite(request: pytest.FixtureRequest, tmp_path: Path) -> Suite:
    """Return the suite of a project."""
    return Suite(request.param, tmp_path)


def test_is_green_under_its_lists_alone(suite: Suite) -> None:
    """Red without lists, green with each failure listed, red with that test of which none is."""
    red = suite.run()
    failed = red.ids("failed", "error")
    assert (red.code, len(failed)) == (1, suite.project.failing)
    taken = [min(suite.run(file=file).ids("failed", "error")) for file in suite.project.files]

    entries = suite.list(failed)
    green = suite.run()
    assert (green.code, green.ids("expected failure")) == (0, failed)
    assert not green.ids("failed", "error")

    for file, key in zip(suite.project.files, taken):
        content = entries[key].read_bytes()
        entries[key].unlink()
        run = suite.run(file=file)
        assert (run.code, run.ids("failed", "error")) == (1, {key})
        entries[key].write_bytes(content)


@pytest.mark.parametrize("options", ["", "-n 2"])
def test_tests_that_are_not_listed_stay_as_they_are(suite: Suite, options: str) -> None:
    """Tests without entries come to what they come to without the plugin, message for message."""
    plain = suite.run(*options.split(), lists=False)
    assert plain.code == 1
    red = suite.run(*options.split())
    assert (red.code, without_failures(red.cases)) == (1, without_failures(plain.cases))
    assert sum(red.cases.values()) == sum(plain.cases.values())

    suite.list(red.ids("failed", "error"))
    green = suite.run(*options.split())
    assert (green.code, len(green.entries)) == (0, suite.project.failing)
    assert green.cases == without_failures(plain.cases)
