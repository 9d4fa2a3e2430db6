"""People see their own frames: none of the package's is in what a runner prints."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from . import projects, runners
from .verdict_table import XFAIL

LISTED = (
    *(
        (XFAIL, key, "")
        for key in (
            "TestFrames.test_expected",
            "TestFrames.test_expected_sub_test",
            "TestFrames.test_passes",
            "TestCoroutineFrames.test_expected",
            "TestFixtureFrames.setUpClass",
            "test_function_frames.test_expected",
            "test_function_frames.test_passes",
            "TestPlainFrames.test_expected",
        )
    ),
    (XFAIL, "TestFrames.test_differs", "{name}: raises: KeyError\n"),
    (XFAIL, "TestFixtureDiffers.setUpClass", "{name}: raises: KeyError\n"),
    (XFAIL, "test_function_frames.test_differs", "{name}: raises: KeyError\n"),
    (XFAIL, "TestFrames.test_expired", "{name}: expires: 2020-01-31\n"),
    (XFAIL, "test_function_frames.test_expired", "{name}: expires: 2020-01-31\n"),
    (XFAIL, "TestFrames.test_broken", "{name}: severity: high\n"),
    (XFAIL, "TestFrames.test_isolated", "{name}: run: isolated\n"),
)
OF_TEST_CASES = {
    "own line",
    "own line of a sub-test",
    "line under mock",
    "coroutine's line",
    "different line",
    "expired line",
    "broken line",
    "fixture's line",
}
OF_FUNCTIONS = {
    "function's line",
    "method's line",
    "different line of a function",
    "expired line of a function",
}
EXPECTED_OF_TEST_CASES = {
    "expected line",
    "expected line of a sub-test",
    "expected line of a coroutine",
    "expected line of a fixture",
    "child's line",
}
EXPECTED_OF_FUNCTIONS = {"expected line of a function", "expected line of a method"}

SHOW_EXPECTED = """
import unittest
suite = unittest.defaultTestLoader.discover("tests")
result = suite.run(unittest.TestResult())
for _, text in result.expectedFailures:
    print(text)
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the suite `frames`, with its lists."""
    made = projects.make("frames", tmp_path_factory.mktemp("frames") / "project")
    projects.list_tests(made, LISTED)
    return made


def raised(output: str) -> set[str]:
    """Return what the lines say that a traceback shows as the ones that raised."""
    return set(re.findall(r'^[> ] *raise ValueError\("(.*)"\)$', output, re.MULTILINE))


def own_frames(output: str, version: tuple[int, int] = (3, 11)) -> list[str]:
    """Return the lines of tracebacks, in any runner's style, that name the package's files.

    From Python 3.10's tracebacks a function has no way to take itself out: there the decorators'
    frame is left, where it is not the first that unittest would show.
    """
    found = re.findall(r"^.*\btrunk_failures[/\\]\w+\.py\W.*$", output, re.MULTILINE)
    return [line for line in found if version > (3, 10) or "functions.py" not in line]


def test_unittest_shows_no_frame_of_ours(python: str, project: Path) -> None:
    """unittest shows the line of every failure, and no line of the package."""
    run = runners.call(
        [python, "-m", "unittest", "discover", "-s", "tests"],
        project,
        runners.environment(python),
    )
    assert raised(run.stdout) == OF_TEST_CASES
    assert own_frames(run.stdout, runners.version(python)) == []


@pytest.mark.parametrize("style", ["auto", "short", "line"])
def test_pytest_shows_no_frame_of_ours(
    python_with_pytest: str, project: Path, style: str
) -> None:
    """pytest shows the line of every failure, and no line of the package, in each style."""
    run = pytest_run(python_with_pytest, project, f"--tb={style}")
    if style != "line":
        assert raised(run) == OF_TEST_CASES | OF_FUNCTIONS
    assert own_frames(run) == []


def test_unittest_has_the_real_traceback(python: str, project: Path) -> None:
    """An expected failure carries the traceback of what failed, for any result to show."""
    run = runners.call([python, "-c", SHOW_EXPECTED], project, runners.environment(python))
    assert raised(run.stdout) == EXPECTED_OF_TEST_CASES
    assert own_frames(run.stdout, runners.version(python)) == []


def test_pytest_has_the_real_traceback(python_with_pytest: str, project: Path) -> None:
    """Under pytest an expected failure carries the traceback of what failed too."""
    run = pytest_run(python_with_pytest, project, "--tb=short", "--xfail-tb", "-rx")
    shown = run.partition(" XFAILURES ")[2]
    assert raised(shown) == EXPECTED_OF_TEST_CASES | EXPECTED_OF_FUNCTIONS
    assert own_frames(shown) == []


def pytest_run(python: str, project: Path, *options: str) -> str:
    """Return what pytest prints."""
    env = runners.environment(python, PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")
    command = [python, "-m", "pytest", "-p", "no:cacheprovider", "--rootdir=tests", *options]
    return runners.call([*command, "tests"], project, env).stdout
