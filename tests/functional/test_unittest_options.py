"""unittest's own options, with decorators and without."""

from __future__ import annotations

from pathlib import Path

import pytest

from . import projects, runners
from .verdict_table import SKIP, XFAIL

TESTS = """
import unittest
from trunk_failures import suppressIfTrunkFailing

@suppressIfTrunkFailing
class TestOrder(unittest.TestCase):
    def test_1_fails(self):
        self.fail("body")
    def test_2_skip_passes(self):
        pass
    def test_3_skip_fails(self):
        self.fail("body")
    def test_4(self):
        {body}
    def test_5_comes_after(self):
        pass
"""
LISTED = (
    (XFAIL, "TestOrder.test_1_fails", ""),
    (SKIP, "TestOrder.test_2_skip_passes", ""),
    (SKIP, "TestOrder.test_3_skip_fails", ""),
)
COMMANDS = {
    "decorated": ("-m", "unittest"),
    "run": (*runners.UNDER, "-m", "unittest"),
    "trunk_failures unittest": ("-m", "trunk_failures", "unittest"),
}


def told(
    python: str, directory: Path, command: str, body: str, *options: str, entry: str = ""
) -> dict[str, str]:
    """Return the outcomes of a run of TESTS with some options, by method."""
    (directory / ".git").mkdir()
    (directory / "tests").mkdir()
    (directory / "tests/test_order.py").write_text(TESTS.replace("{body}", body))
    more = ((XFAIL, "TestOrder.test_4", entry),) if entry else ()
    projects.list_tests(directory, (*LISTED, *more))
    if command != "decorated":
        projects.undecorate(directory)
    started = [python, *COMMANDS[command], "discover", "-v", "-s", "tests", *options]
    ran = runners.call(started, directory, runners.environment(python))
    seen, _ = runners.read_verbose(ran.stdout)
    return {test.partition(".")[2]: each.outcome for test, each in seen.items()}


FIRST = {
    "test_1_fails": "expected failure",
    "test_2_skip_passes": "skipped",
    "test_3_skip_fails": "skipped",
}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    ("body", "entry"),
    [
        ("self.fail('body')", ""),
        ("pass", "{name}: reason: it passes"),
        ("self.fail('body')", "{name}: raises: ValueError"),
    ],
    ids=["not listed", "unexpected success", "fails differently"],
)
def test_failfast(python: str, command: str, body: str, entry: str, tmp_path: Path) -> None:
    """Under `--failfast` a suppressed failure goes on, and the first failure is the last test."""
    seen = told(python, tmp_path, command, body, "--failfast", entry=entry)
    assert seen == {**FIRST, "test_4": "failed"}


@pytest.mark.parametrize("command", COMMANDS)
def test_failfast_of_a_suite_that_does_as_expected(
    python: str, command: str, tmp_path: Path
) -> None:
    """Under `--failfast` a suite whose failures are all expected runs to its end."""
    seen = told(python, tmp_path, command, "pass", "--failfast")
    assert seen == {**FIRST, "test_4": "passed", "test_5_comes_after": "passed"}


@pytest.mark.parametrize("command", COMMANDS)
def test_pattern(python: str, command: str, tmp_path: Path) -> None:
    """`-k` chooses tests, and the lists are about those."""
    assert told(python, tmp_path, command, "pass", "-k", "*_fails") == {
        "test_1_fails": "expected failure",
        "test_3_skip_fails": "skipped",
    }
