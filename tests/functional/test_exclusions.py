"""Exclusions and real runners: just the excluded tests are left out, whatever they are called."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import trunk_failures

ROOT = Path(trunk_failures.__file__).parents[1]
SUITE = r'''
import os, unittest
import pytest

NAMES = ["a b", " a", "a ", "'", '"', "'\"", "$(touch pwned)", "`touch pwned`", "[", "]", "[1]",
         "\\", "\\'", "\\n", "é", "*", "?", "~", "#", ";", "&", "|", "a - b", "a::b", "%PATH%", "!",
         "-k", "@x", "=", "1 test collected in 0.1s", ""]

def note(name):
    with open(os.environ["RAN"], "a", encoding="utf-8") as file:
        file.write(f"{name!a}\n")

@pytest.mark.parametrize("odd", NAMES, ids=NAMES)
def test_p(odd): note(odd)

def test_x(): note("test_x")
def test_x_more(): note("test_x_more")

class TestA(unittest.TestCase):
    def test_y(self): note("test_y")
    def test_y_more(self): note("test_y_more")
    def test_é(self): note("test_é")
'''
ODD = [
    *("a b", " a", "a ", "'", '"', "'\"", "$(touch pwned)", "`touch pwned`", "[", "]", "[1]", "\\"),
    *("\\'", "\\n", "é", "*", "?", "~", "#", ";", "&", "|", "a - b", "a::b", "%PATH%", "!", "-k"),
    *("@x", "=", "1 test collected in 0.1s", ""),
]
OTHERS = ["test_x", "test_x_more", "test_y", "test_y_more", "test_é"]
OUT = [each for each in ODD if each != "*"] + ["test_x", "test_y", "test_é"]

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the commands are a POSIX shell's")


class Suite:
    """A small suite, its environment, and the status that disables most of it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        bin_ = path / "bin"
        bin_.mkdir()
        for name, what in (
            ("python", f'exec "{sys.executable}" "$@"'),
            ("pytest", f'exec "{sys.executable}" -m pytest "$@"'),
            ("trunk-failures", f'exec "{sys.executable}" -m trunk_failures "$@"'),
        ):
            (bin_ / name).write_text(f"#!/bin/sh\n{what}\n")
            (bin_ / name).chmod(0o755)
        (path / "tests").mkdir()
        (path / "tests" / "__init__.py").write_text("")
        (path / "tests" / "test_a.py").write_text(SUITE, encoding="utf-8")
        settings = "disable_test_id_escaping_and_forfeit_all_rights_to_community_support = true"
        (path / "pytest.ini").write_text(f"[pytest]\n{settings}\ntestpaths = tests\n")
        ids = [f"tests/test_a.py::test_p[{each}]" for each in ODD if each != "*"]
        ids += ["tests/test_a.py::test_x", "TestA.test_y", "test_é (tests.test_a.TestA)"]
        rows = [{"name": each} for each in [*ids, "TestGone.test_z"]]
        status = {"trunk_failures_status": 1, "fetched": "2026-01-01T00:00:00Z", "tests": rows}
        (path / "status.json").write_text(json.dumps(status))
        self.environ = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("TRUNK_FAILURES", "PYTEST", "GITHUB", "COV"))
        }
        self.environ |= {
            "PATH": f"{bin_}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "TRUNK_FAILURES": "0",
            "RAN": str(path / "ran.txt"),
        }

    def run(self, script: str, shell: str = "sh", code: int = 0) -> str:
        """Run a script and return what it said on stderr."""
        done = subprocess.run(
            [shell, "-c", script], cwd=self.path, env=self.environ, capture_output=True, text=True
        )
        assert done.returncode == code, done.stdout + done.stderr
        assert not (self.path / "pwned").exists()
        return done.stderr

    @property
    def ran(self) -> list[str]:
        """The tests that ran."""
        file = self.path / "ran.txt"
        lines = file.read_text().splitlines() if file.exists() else []
        return sorted(ast.literal_eval(line) for line in lines)


@pytest.fixture
def suite(tmp_path: Path) -> Suite:
    """Return the suite."""
    return Suite(tmp_path)


KEPT = sorted({*ODD, *OTHERS} - {*OUT})
PLUGIN = "-p trunk_failures.pytest_plugin"  # As the package is not installed where it is tried.
EXCLUDE = "trunk-failures exclusions status.json"


@pytest.mark.parametrize("shell", ["sh", "bash"])
@pytest.mark.parametrize(
    "script",
    [
        f'out=$({EXCLUDE}) && eval "pytest -q $out"',
        f"out=$({EXCLUDE}) && PYTEST_ADDOPTS=$out pytest -q",
        f"{EXCLUDE} --format args-file > out.txt && pytest -q {PLUGIN} @out.txt",
        "pytest --collect-only -q > ids.txt &&"
        f' out=$({EXCLUDE} --collected ids.txt) && eval "pytest -q $out"',
        "pytest --collect-only -q |"
        f" {EXCLUDE} --collected - --format args-file > out.txt &&"
        f" pytest -q {PLUGIN} @out.txt tests",
    ],
)
def test_just_the_excluded_tests_are_left_out(suite: Suite, script: str, shell: str) -> None:
    """Each form that the help names runs all tests but the excluded ones, whatever their names."""
    if shutil.which(shell) is None:
        pytest.skip(f"there is no {shell}")
    said = suite.run(script, shell)
    assert suite.ran == KEPT, said
    assert "33 of 36 collected tests are left out" in said
    assert "1 entry of the status match" in said


def test_pytest_alone_leaves_out_fewer(suite: Suite) -> None:
    """Without the plugin the tests whose ids begin others' run, and that is said."""
    said = suite.run(f'out=$({EXCLUDE} --no-plugin) && eval "pytest -q $out"')
    assert suite.ran == sorted([*KEPT, "test_x", "test_y"])
    assert re.findall(r"not left out, as .*: (\S+)", said) == [
        "tests/test_a.py::test_x", "tests/test_a.py::TestA::test_y"
    ]


def test_plain_deselect_is_not_exact(suite: Suite) -> None:
    """pytest's own option takes an id for a beginning: that is what all of this is about."""
    suite.run("pytest -q --deselect=tests/test_a.py::test_x")
    assert "test_x_more" not in suite.ran


def test_unittest_runs_what_is_left(suite: Suite) -> None:
    """unittest is told the methods that are to run, and how many tests it has no name for."""
    said = suite.run(f"out=$({EXCLUDE} --format unittest) && python -m unittest $out")
    assert suite.ran == ["test_y_more"]
    assert "2 of the tests that are to run are no methods" in said


@pytest.mark.parametrize(
    "script",
    [
        'out=$({}) && eval "pytest -q $out"',
        "out=$({}) && PYTEST_ADDOPTS=$out pytest -q",
        "{} --format args-file > out.txt && pytest -q @out.txt",
        "out=$({} --format unittest) && python -m unittest $out",
    ],
)
def test_nothing_runs_without_a_status(suite: Suite, script: str) -> None:
    """Where no status can be had, each form that the help names ends there."""
    (suite.path / "status.json").unlink()
    said = suite.run(script.format(EXCLUDE), code=4)
    assert "no status could be had" in said and not suite.ran


def test_the_suite_is_what_it_is_taken_for(suite: Suite) -> None:
    """Without exclusions all of the tests run."""
    suite.run("pytest -q")
    assert suite.ran == sorted([*ODD, *OTHERS])
