"""`python -m trunk_failures unittest`: whole suites under their lists, without an edit."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from . import projects, runners
from .verdict_table import SKIP, XFAIL

OPS = """
import os, signal, unittest

def setUpModule():
    pass

class TestOps(unittest.TestCase):
    def test_errors(self):
        raise ValueError("first line\\nsecond line")
    def test_fails(self):
        self.fail("body")
    def test_differs(self):
        raise KeyError("seen")
    def test_expired(self):
        self.fail("body")
    def test_never(self):
        raise SystemExit
    def test_not_listed(self):
        pass
    def test_passes(self):
        pass
    def test_skip_fails(self):
        self.fail("body")
    def test_skip_passes(self):
        pass
    def test_skips(self):
        self.skipTest("own reason")
    def test_sub_tests(self):
        for number in range(3):
            with self.subTest(number=number):
                self.assertNotEqual(number, 1)

class TestSetUp(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        raise ValueError("fixture")
    def test_needs_it(self):
        pass

class TestTearDown(unittest.TestCase):
    @classmethod
    def tearDownClass(cls):
        raise ValueError("fixture")
    def test_before_it(self):
        pass
"""
FIXTURES = """
import unittest

class Passes(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        pass
    def test_needs_it(self):
        pass

class Fails(Passes):
    @classmethod
    def setUpClass(cls):
        raise ValueError("fixture")

class TestPasses(Passes): pass
class TestSkipPasses(Passes): pass
class TestDiffers(Fails): pass
class TestSkipFails(Fails): pass

def load_tests(loader, tests, pattern):
    classes = (TestPasses, TestSkipPasses, TestDiffers, TestSkipFails)
    return unittest.TestSuite(map(loader.loadTestsFromTestCase, classes))
"""
MODULE = """
import unittest

def setUpModule():
    raise ValueError("fixture")

class TestModule(unittest.TestCase):
    def test_needs_it(self):
        pass
"""
RED = """
import unittest

class TestRed(unittest.TestCase):
    def test_1_fails(self):
        self.fail("body")
    def test_2_fails(self):
        self.fail("body")
    def test_3_passes(self):
        print("printed")
"""
GREEN = """
import unittest

class TestGreen(unittest.TestCase):
    def test_passes(self):
        pass
"""
KILLED = """
import os, signal, unittest

class TestKilled(unittest.TestCase):
    def test_1_passes(self):
        pass
    def test_2_fails(self):
        self.fail("ü" * 1000)
    def test_3_is_killed(self):
        os.kill(os.getpid(), signal.SIGKILL)
    def test_4_comes_after(self):
        pass
"""
SUITE = {
    "test_ops.py": OPS,
    "test_module.py": MODULE,
    "test_import_error.py": "import no_module_of_this_name\n",
    "test_syntax_error.py": "x = = 1\n",
    "test_loads.py": "",
}
LISTED = (
    (XFAIL, "TestOps.test_errors", ""),
    (XFAIL, "TestOps.test_fails", ""),
    (XFAIL, "TestOps.test_differs", "{name}: raises: ValueError\n"),
    (XFAIL, "TestOps.test_expired", "{name}: expires: 2020-01-31\n"),
    (XFAIL, "TestOps.test_never", "{name}: run: never\n"),
    (XFAIL, "TestOps.test_passes", ""),
    (SKIP, "TestOps.test_skip_fails", ""),
    (SKIP, "TestOps.test_skip_passes", ""),
    (XFAIL, "TestOps.test_skips", ""),
    (XFAIL, "TestOps.test_sub_tests", ""),
    (XFAIL, "TestSetUp.setUpClass", ""),
    (XFAIL, "TestTearDown.tearDownClass", ""),
    (XFAIL, "test_module.setUpModule", ""),
    (XFAIL, "_FailedTest.test_import_error", ""),
    (XFAIL, "_FailedTest.test_syntax_error", ""),
    (XFAIL, "_FailedTest.test_loads", ""),
)
LINES = {
    # id: (file, verdict, what its error begins with)
    "TestOps.test_errors": ("test_ops.py", "expected failure", "ValueError: first line"),
    "TestOps.test_fails": ("test_ops.py", "expected failure", "AssertionError: body"),
    "TestOps.test_differs": ("test_ops.py", "fails differently", "KeyError: 'seen'"),
    "TestOps.test_expired": ("test_ops.py", "failed", ""),
    "TestOps.test_never": ("test_ops.py", "not run", "not run, as `tests/"),
    "TestOps.test_not_listed": ("test_ops.py", "passed", None),
    "TestOps.test_passes": ("test_ops.py", "unexpected success", "Unexpected success, please"),
    "TestOps.test_skip_fails": ("test_ops.py", "skip-listed and failed", "AssertionError: body"),
    "TestOps.test_skip_passes": ("test_ops.py", "skip-listed and passed", "This test passed"),
    "TestOps.test_skips": ("test_ops.py", "skipped", "own reason"),
    "TestOps.test_sub_tests": ("test_ops.py", "expected failure", "AssertionError: 1 == 1"),
    "TestSetUp.setUpClass": ("test_ops.py", "expected failure", "ValueError: fixture"),
    "TestTearDown.test_before_it": ("test_ops.py", "passed", None),
    "TestTearDown.tearDownClass": ("test_ops.py", "expected failure", "ValueError: fixture"),
    "test_module.setUpModule": ("test_module.py", "expected failure", "ValueError: fixture"),
    "_FailedTest.test_import_error": (None, "expected failure", "ImportError: "),
    "_FailedTest.test_syntax_error": (None, "expected failure", "ImportError: "),
    "_FailedTest.test_loads": (None, "unexpected success", "Unexpected success, please"),
}


def make(directory: Path, files: Mapping[str, str], *listed: tuple[str, str, str]) -> Path:
    """Write a project of undecorated tests, and its lists."""
    tests = directory / "tests"
    tests.mkdir()
    (directory / ".git").mkdir()
    (tests / XFAIL).mkdir()
    for name, text in files.items():
        (tests / name).write_text(text, encoding="utf-8")
    projects.list_tests(directory, listed)
    return directory


def run(
    python: str, project: Path, *arguments: str, of: str = "trunk_failures unittest"
) -> subprocess.CompletedProcess[str]:
    """Run the command in the test directory; stdout and stderr are kept apart."""
    return subprocess.run(
        [python, "-m", *of.split(), *arguments],
        cwd=project / "tests",
        env=runners.environment(python),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=runners.TIME_LIMIT,
        check=False,
    )


def lines(project: Path) -> list[dict[str, Any]]:
    """Return the result lines that a run wrote."""
    text = (project / "tests/results.jsonl").read_text(encoding="utf-8")
    assert text == "" or text.endswith("\n")
    return [json.loads(line) for line in text.splitlines()]


def test_every_kind_of_test_has_its_line(python: str, tmp_path: Path) -> None:
    """Sub-tests, fixtures and modules that do not load are under the lists, and in the results."""
    project = make(tmp_path, SUITE, *LISTED)
    done = run(python, project, "--results", "results.jsonl")
    assert done.returncode == 1
    written = {line["id"]: line for line in lines(project)}
    for test, (file, verdict, error) in LINES.items():
        line = written.pop(test)
        assert (line["file"], line["verdict"]) == (file, verdict), test
        assert (line["error"] or "").startswith(error or "") and "\n" not in (line["error"] or "")
        assert (line["error"] is None) == (error is None), test
        assert line["seconds"] >= 0 and line["mode"] == "trunk"
    assert not written


def test_fixtures_have_lines_of_their_own(python: str, tmp_path: Path) -> None:
    """A listed fixture has a line with its own key and the verdict, as a test has."""
    project = make(
        tmp_path,
        {"test_fixtures.py": FIXTURES},
        (XFAIL, "TestPasses.setUpClass", ""),
        (XFAIL, "TestDiffers.setUpClass", "{name}: raises: KeyError\n"),
        (SKIP, "TestSkipFails.setUpClass", ""),
        (SKIP, "TestSkipPasses.setUpClass", ""),
    )
    done = run(python, project, "--results", "results.jsonl")
    assert done.returncode == 1
    verdicts = {line["id"]: line["verdict"] for line in lines(project)}
    assert verdicts == {
        "TestPasses.setUpClass": "unexpected success",
        "TestPasses.test_needs_it": "passed",
        "TestDiffers.setUpClass": "fails differently",
        "TestSkipFails.setUpClass": "skip-listed and failed",
        "TestSkipPasses.setUpClass": "skip-listed and passed",
        "TestSkipPasses.test_needs_it": "passed",
    }


def test_listed_failures_leave_a_run_green(python: str, tmp_path: Path) -> None:
    """With every failure listed the run is green, sub-tests, fixtures and modules included."""
    red = ("differs", "expired", "passes", "_loads")
    listed = [entry for entry in LISTED if not entry[1].endswith(red)]
    keys = ("TestOps.test_differs", "TestOps.test_expired")
    project = make(tmp_path, SUITE, *listed, *((XFAIL, key, "") for key in keys))
    done = run(python, project, "-v")
    assert done.returncode == 0, done.stderr
    assert "setUpClass (test_ops.TestSetUp) ... expected failure" in done.stderr


@pytest.mark.parametrize("module", ["test_import_error", "test_syntax_error"])
def test_named_modules_that_do_not_load(python: str, tmp_path: Path, module: str) -> None:
    """A module that is named and does not load is one listed test, and the others run."""
    project = make(tmp_path, {**SUITE, "test_green.py": GREEN}, *LISTED)
    done = run(python, project, "--results", "results.jsonl", module, "test_green")
    assert done.returncode == 0, done.stderr
    verdicts = {line["id"]: line["verdict"] for line in lines(project)}
    assert verdicts == {
        f"_FailedTest.{module}": "expected failure",
        "TestGreen.test_passes": "passed",
    }


def test_unlisted_modules_that_do_not_load(python: str, tmp_path: Path) -> None:
    """A module that does not load and is not listed is an error, whether named or discovered."""
    project = make(tmp_path, {"test_syntax_error.py": "x = = 1\n", "test_green.py": GREEN})
    for arguments in ((), ("test_syntax_error", "test_green")):
        done = run(python, project, "--results", "results.jsonl", *arguments)
        assert done.returncode == 1
        verdicts = {line["id"]: line["verdict"] for line in lines(project)}
        assert verdicts == {
            "_FailedTest.test_syntax_error": "error",
            "TestGreen.test_passes": "passed",
        }


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no SIGKILL here")
def test_lines_are_whole_when_the_process_is_killed(python: str, tmp_path: Path) -> None:
    """A process that is killed leaves whole lines of all the tests that had ended."""
    project = make(tmp_path, {"test_killed.py": KILLED})
    done = run(python, project, "--results", "results.jsonl")
    assert done.returncode == -signal.SIGKILL
    verdicts = {line["id"]: line["verdict"] for line in lines(project)}
    assert verdicts == {"TestKilled.test_1_passes": "passed", "TestKilled.test_2_fails": "failed"}


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("-v",),
        ("-b",),
        ("--failfast", "test_red"),
        ("-k", "3_passes"),
        ("-k", "no_test_of_this_name"),
        ("test_green.TestGreen.test_passes", "test_red.TestRed.test_3_passes"),
        ("test_green.TestGreen.no_test_of_this_name",),
        ("no_module_of_this_name",),
        ("discover", "-p", "test_g*.py"),
        ("--no-option-of-this-name",),
    ],
    ids=" ".join,
)
def test_what_unittest_takes_is_taken(
    python: str, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    """Arguments mean what they mean to `python -m unittest`, and the exit code is the same."""
    project = make(tmp_path, {"test_red.py": RED, "test_green.py": GREEN})
    ours, theirs = (
        run(python, project, *arguments, of=command)
        for command in ("trunk_failures unittest", "unittest")
    )
    assert ours.returncode == theirs.returncode
    assert ours.stdout == theirs.stdout
    ran = [line for line in theirs.stderr.splitlines() if line.startswith(("OK", "FAILED", "NO "))]
    assert [line for line in ours.stderr.splitlines() if line in ran] == ran


def test_failfast_stops_at_what_the_lists_do_not_expect(python: str, tmp_path: Path) -> None:
    """--failfast passes by an expected failure and stops at the first other one."""
    project = make(tmp_path, {"test_red.py": RED}, (XFAIL, "TestRed.test_1_fails", ""))
    done = run(python, project, "--failfast", "--results", "results.jsonl")
    assert done.returncode == 1
    verdicts = {line["id"]: line["verdict"] for line in lines(project)}
    assert verdicts == {
        "TestRed.test_1_fails": "expected failure",
        "TestRed.test_2_fails": "failed",
    }


@pytest.mark.parametrize("results", [".", "no_directory_of_this_name/results.jsonl", ""])
def test_results_that_cannot_be_written(python: str, tmp_path: Path, results: str) -> None:
    """A results file that cannot be written is a usage error, before any test has run."""
    project = make(tmp_path, {"test_green.py": GREEN})
    done = run(python, project, "--results", results)
    assert is_usage_error(done, "results")


@pytest.mark.parametrize(
    "listed, said",
    [
        (((XFAIL, "TestGreen.test_passes", ""), (SKIP, "TestGreen.test_passes", "")), "as a skip"),
        (((XFAIL, "no_key_of_two_parts", ""),), "no_key_of_two_parts"),
    ],
)
def test_broken_lists(
    python: str, tmp_path: Path, listed: tuple[tuple[str, str, str], ...], said: str
) -> None:
    """Lists that break their rules are a usage error, in one line that names the file."""
    project = make(tmp_path, {"test_green.py": GREEN}, *listed)
    assert is_usage_error(run(python, project), said)


def test_a_directory_that_is_not_there(python: str, tmp_path: Path) -> None:
    """TRUNK_FAILURES_DIR that names no directory is a usage error."""
    project = make(tmp_path, {"test_green.py": GREEN})
    env = runners.environment(python, TRUNK_FAILURES_DIR="no_directory_of_this_name")
    done = subprocess.run(
        [python, "-m", "trunk_failures", "unittest"],
        cwd=project,
        env=env,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert is_usage_error(done, "no_directory_of_this_name")


def is_usage_error(done: subprocess.CompletedProcess[str], said: str) -> bool:
    """Tell whether a command ended as usage errors do: one line on stderr, and exit code 2."""
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    return line.startswith("trunk-failures unittest: ") and said in line
