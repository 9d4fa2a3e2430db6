"""The lists decide whether a run is red, whoever runs it."""

from __future__ import annotations

from pathlib import Path

from . import projects, runners
from .runners import Runner
from .verdict_table import SKIP, XFAIL

LISTED = (
    (XFAIL, "TestGreen.test_expected", ""),
    (SKIP, "TestGreen.test_skip", ""),
    (XFAIL, "TestGreenFixture.setUpClass", ""),
)


def test_exit_code(python: str, runner: Runner, tmp_path: Path) -> None:
    """A run whose failures are all listed is green, and red once one entry is taken away."""
    project = projects.make("green", tmp_path / "project")
    paths = projects.list_tests(project, LISTED)
    env = runners.environment(python)
    assert runner.run(python, project, tmp_path, env).code == 0
    (project / paths[XFAIL, "TestGreen.test_expected"]).unlink()
    assert runner.run(python, project, tmp_path, env).code == 1


def test_runs_inside_pytest(python_with_pytest: str, tmp_path: Path) -> None:
    """unittest's run is the same where a test of pytest's started it, and the tests import pytest.

    pytest names the test that it runs in the environment, which child processes inherit.
    """
    project = projects.make("green", tmp_path / "project")
    projects.list_tests(project, LISTED)
    module = project / "tests/test_green.py"
    module.write_text(module.read_text().replace("import unittest", "import pytest, unittest"))
    outer = "test_outer.py::test_outer (call)"
    env = runners.environment(python_with_pytest, PYTEST_CURRENT_TEST=outer)
    assert runners.UNITTEST.run(python_with_pytest, project, tmp_path, env).code == 0
