"""pytest-xdist on one machine: each test has the verdict that it has without it."""

from __future__ import annotations

import itertools
import json
import os
import xml.etree.ElementTree as ElementTree
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from . import projects, runners
from .verdict_table import SKIP, XFAIL

SUITE = '''import os, pytest, unittest
def test_passes(): pass
def test_fails(): assert 0, "fails"
def test_not_listed(): assert 0, "not listed"
def test_differs(): raise KeyError("seen")
def test_expired(): assert 0
def test_elsewhere(): assert 0
def test_gone(): pass
def test_flaky(): assert 0
def test_mended(): pass
def test_never(): os._exit(4)
def test_isolated(): os._exit(3)
@pytest.mark.xdist_group("group")
def test_grouped(): assert 0
@pytest.mark.xdist_group("group")
@pytest.mark.parametrize("a", ["cpu/x", "a::b"])
def test_parameters(a): assert 0
@pytest.fixture
def broken():
    yield
    raise ValueError("fixture")
def test_tear_down(broken): pass
class TestPlain:
    def test_fails(self): assert 0
    def test_passes(self): pass
class TestCase(unittest.TestCase):
    def test_errors(self): raise ValueError("case")
    def test_isolated(self): os._exit(3)
    def test_skips(self): self.skipTest("own reason")
    def test_sub_tests(self):
        for number in range(3):
            with self.subTest(number=number):
                self.assertNotEqual(number, 1)
    @unittest.expectedFailure
    def test_marked(self): pass
class TestSetUp(unittest.TestCase):
    @classmethod
    def setUpClass(cls): raise ValueError("fixture")
    def test_needs_it(self): pass
'''
EYE = """import unittest
class TestInit(unittest.TestCase):
    def test_eye(self): self.fail(__file__)
"""
FILES = {
    "test_ops.py": SUITE,
    "test_init.py": EYE,
    "nn/__init__.py": "",
    "nn/test_init.py": EYE,
    "test_broken.py": "raise ImportError('broken here')",
}
LISTED = [
    (XFAIL, "test_ops.test_fails", "{name}: reason: known"),
    (XFAIL, "test_ops.test_differs", "{name}: raises: ValueError"),
    (XFAIL, "test_ops.test_expired", "{name}: expires: 2020-01-01"),
    (XFAIL, "test_ops.test_elsewhere", '{name}: when: python_version < "3"'),
    (XFAIL, "test_ops.test_gone", ""),
    (SKIP, "test_ops.test_flaky", "{name}: match: assert"),
    (SKIP, "test_ops.test_mended", ""),
    (SKIP, "test_ops.test_never", "{name}: run: never"),
    (XFAIL, "test_ops.test_isolated", "{name}: run: isolated"),
    (XFAIL, "test_ops.test_grouped", ""),
    (XFAIL, "test_ops.test_parameters[cpu/x]", ""),
    (SKIP, "test_ops.test_parameters[a::b]", ""),
    (XFAIL, "test_ops.test_tear_down", ""),
    (XFAIL, "TestPlain.test_fails", ""),
    (XFAIL, "TestCase.test_errors", "{name}: match: case"),
    (SKIP, "TestCase.test_isolated", "{name}: run: isolated\n{name}: raises: Crashed"),
    (XFAIL, "TestCase.test_skips", ""),
    (XFAIL, "TestCase.test_sub_tests", ""),
    (XFAIL, "TestCase.test_marked", ""),
    (XFAIL, "TestSetUp.setUpClass", ""),
    (XFAIL, "TestInit.test_eye", ""),
    (f"{SKIP}/nn/test_init", "TestInit.test_eye", ""),
    (XFAIL, "_FailedTest.test_broken", ""),
]
CRASHES = '''import os, pytest, time, unittest
def die(end=lambda: os._exit(1)):
    time.sleep(0.3)  # What was told before must have left this process.
    end()
@pytest.fixture
def late():
    yield
    die()
def test_before(): pass
def test_not_listed(): die()
def test_listed(): die()
def test_flaky(): die()
def test_flaky_crashes(): die()
def test_isolated(): die()
def test_crashes(): die(lambda: os.kill(os.getpid(), 9))
def test_differs(): die()
def test_torn_down(late): pass
class TestCase(unittest.TestCase):
    def test_crashes(self): die()
TestAlias = type("Inner", (unittest.TestCase,), {"test_crashes": lambda self: die()})
def test_after(): assert 0
'''
CRASHED = "{name}: raises: Crashed"
VERDICTS_OF_CRASHES = {
    # key: verdict, list directory, content
    "test_crash.test_before": ("passed", "", ""),
    "test_crash.test_not_listed": ("crashed", "", ""),
    "test_crash.test_listed": ("crashed", XFAIL, ""),
    "test_crash.test_flaky": ("crashed", SKIP, ""),
    "test_crash.test_flaky_crashes": ("skip-listed and failed", SKIP, CRASHED),
    "test_crash.test_isolated": ("expected failure", XFAIL, "{name}: run: isolated"),
    "test_crash.test_crashes": ("expected failure", XFAIL, CRASHED),
    "test_crash.test_differs": ("fails differently", XFAIL, "{name}: raises: KeyError"),
    "test_crash.test_torn_down": ("expected failure", XFAIL, CRASHED),
    "TestCase.test_crashes": ("expected failure", XFAIL, CRASHED),
    "Inner.test_crashes": ("expected failure", XFAIL, CRASHED),
    "test_crash.test_after": ("expected failure", XFAIL, ""),
}
WATCH = """import os, sys
def heed(event, arguments):
    path = str(arguments[0]) if arguments else ""
    if event in EVENTS and ("trunk_expected_failures" in path or "trunk_skips" in path):
        who = os.environ.get("PYTEST_XDIST_WORKER", "controller")
        with open("seen.txt", "a") as file:
            file.write(f"{who} {event} {path}\\n")

EVENTS = ("open", "os.listdir", "os.scandir")
sys.addaudithook(heed)
"""
WITHOUT_LISTS = """import shutil, pytest
@pytest.hookimpl(trylast=True)
def pytest_configure_node(node):
    for name in ("trunk_expected_failures", "trunk_skips"):
        shutil.rmtree(node.config.rootpath / "tests" / name, ignore_errors=True)
"""
LOCAL = [
    *(("-n", "2", "--dist", way) for way in "load loadscope loadfile worksteal loadgroup".split()),
    ("-n", "0"),
    ("-n", "4", "--maxprocesses=1"),
    ("-n", "2", "--max-worker-restart=0"),
]


class Ran(NamedTuple):
    """One run: the verdicts of each test in the result lines, and JUnit's properties of it."""

    code: int
    verdicts: dict[tuple[str | None, str], list[str]]
    properties: dict[str, list[dict[str, str]]]
    output: str


def make(directory: Path, files: Mapping[str, str], listed: list[tuple[str, str, str]]) -> Path:
    """Put a project on disk."""
    (directory / ".git").mkdir(parents=True)
    for name, text in files.items():
        file = directory / "tests" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    projects.list_tests(directory, listed)
    return directory


def command(python: str, *options: str) -> list[str]:
    """Return the command that runs pytest under the plugin and xdist."""
    settings = ("-p", "trunk_failures.pytest_plugin", "-p", "xdist", "-p", "no:cacheprovider")
    results = ("--trunk-failures-results=out.jsonl", "--junitxml=junit.xml", "--tb=native", "-q")
    return [python, "-m", "pytest", *settings, *results, "--trunk-failures=tests", *options]


def environment(python: str, project: Path) -> dict[str, str]:
    """Return the environment for that, with the project's own plugins."""
    env = runners.environment(python, PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")
    paths = (env.get("PYTHONPATH", ""), str(project))
    return {**env, "PYTHONPATH": os.pathsep.join(filter(None, paths))}


def run(python: str, project: Path, *options: str) -> Ran:
    """Run a project's tests."""
    env = environment(python, project)
    ran = runners.call(command(python, *options, "tests"), project, env)
    return read(project, ran.returncode, ran.stdout)


def read(project: Path, code: int, output: str) -> Ran:
    """Read what a run wrote."""
    verdicts: dict[tuple[str | None, str], list[str]] = {}
    for line in (project / "out.jsonl").read_text(encoding="utf-8").splitlines():
        if line.strip():
            told = json.loads(line)
            verdicts.setdefault((told["file"], told["id"]), []).append(told["verdict"])
    return Ran(code, verdicts, _properties(project / "junit.xml"), output)


def _properties(report: Path) -> dict[str, list[dict[str, str]]]:
    found: dict[str, list[dict[str, str]]] = {}
    for case in ElementTree.parse(report).iter("testcase"):
        told = {each.get("name", ""): each.get("value", "") for each in case.iter("property")}
        name = case.get("name", "").removesuffix("@group")  # So xdist has it under loadgroup.
        found.setdefault(f"{case.get('classname')}.{name}", []).append(told)
    return found


@pytest.fixture(scope="module")
def python_with_xdist(python: str) -> str:
    """Return an interpreter that has xdist."""
    if runners.lacks(python, runners.XDIST):
        pytest.skip(f"this needs pytest-xdist, which {python} lacks")
    return python


@pytest.fixture(scope="module")
def alone(python_with_xdist: str, tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """Return a run of the suite without xdist's workers."""
    project = make(tmp_path_factory.mktemp("alone") / "project", FILES, LISTED)
    ran = run(python_with_xdist, project)
    assert len(ran.verdicts) == 26, ran.output
    return ran


@pytest.mark.parametrize("options", LOCAL, ids=" ".join)
def test_workers_agree(
    python_with_xdist: str, alone: Ran, tmp_path: Path, options: tuple[str, ...]
) -> None:
    """Result lines and JUnit's properties are those of a run without xdist."""
    project = make(tmp_path / "project", FILES, LISTED)
    ran = run(python_with_xdist, project, *options)
    assert ran[:3] == alone[:3], ran.output


def test_every_worker_runs_all(python_with_xdist: str, alone: Ran, tmp_path: Path) -> None:
    """Under `--dist each` a test has one verdict from each worker, all of them the same."""
    project = make(tmp_path / "project", FILES, LISTED)
    ran = run(python_with_xdist, project, "--dist", "each", "-n", "2")
    once = "TestSetUp.setUpClass"  # A fixture has one line, however many tests need it.
    twice = {test: told * (1 + (test[1] != once)) for test, told in alone.verdicts.items()}
    assert (ran.code, ran.verdicts) == (alone.code, twice), ran.output


def test_no_worker_reads_the_lists(python_with_xdist: str, tmp_path: Path) -> None:
    """Only the controller opens entries and reads list directories."""
    project = make(tmp_path / "project", FILES, LISTED)
    (project / "watch.py").write_text(WATCH, encoding="utf-8")
    # pytest itself looks for tests in every directory below the one that it is given.
    options = ("-p", "watch", "-n", "2", "-o", "norecursedirs=trunk_*")
    ran = run(python_with_xdist, project, *options)
    seen = (project / "seen.txt").read_text(encoding="utf-8").splitlines()
    assert {line.split()[0] for line in seen} == {"controller"}, ran.output


def test_workers_need_no_list_directory(
    python_with_xdist: str, alone: Ran, tmp_path: Path
) -> None:
    """Verdicts are the same when the list directories are gone before a worker begins."""
    project = make(tmp_path / "project", {**FILES, "conftest.py": WITHOUT_LISTS}, LISTED)
    ran = run(python_with_xdist, project, "-n", "2")
    assert not (project / "tests" / XFAIL).exists()
    assert (ran.code, ran.verdicts) == (alone.code, alone.verdicts), ran.output


@pytest.fixture(scope="module")
def crashed(python_with_xdist: str, tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """Return a run in which most tests end their worker."""
    listed = [(where, key, text) for key, (_, where, text) in VERDICTS_OF_CRASHES.items() if where]
    directory = tmp_path_factory.mktemp("crashes") / "project"
    project = make(directory, {"test_crash.py": CRASHES}, listed)
    return run(python_with_xdist, project, "-n", "1", "--max-worker-restart=99")


@pytest.mark.parametrize("test", VERDICTS_OF_CRASHES)
def test_crashes(crashed: Ran, test: str) -> None:
    """A test that ends its worker is expected to only where its entry says so."""
    assert crashed.code == 1
    told = crashed.verdicts.get(("test_crash.py", test))
    assert told == [VERDICTS_OF_CRASHES[test][0]], crashed.output


def test_junit_tells_of_crashes(crashed: Ran) -> None:
    """JUnit's properties name the verdict of a listed test that ended its worker."""
    properties = itertools.chain(*crashed.properties.values())
    told = Counter(each.get("trunk_failures.verdict", "") for each in properties)
    ruled = ("expected failure", "skip-listed and failed", "fails differently")
    lines = Counter(itertools.chain(*crashed.verdicts.values()))
    assert [told[each] for each in ruled] == [lines[each] for each in ruled], crashed.output
