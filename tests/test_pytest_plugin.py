"""The plugin's options: when the lists are applied, and which."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from plugin_fixtures import SKIP, Project

from trunk_failures import in_force, interception, pytest_plugin

pytest_plugins = ["plugin_fixtures"]

TESTS = "def test_it(): assert 0"


@pytest.fixture
def listed(project: Project) -> Project:
    """Return a project whose only test fails and is listed."""
    project.write(TESTS)
    project.list("test_a.test_it")
    return project


@pytest.mark.parametrize(
    ("given", "outcome"),
    [
        ((), "failed"),
        (("--trunk-failures",), "xfailed"),
        (("--trunk-failures=tests",), "xfailed"),
        (("--trunk-failures", "tests"), "xfailed"),
        (("tests", "--trunk-failures"), "xfailed"),
        (("--trunk-failures", "tests/test_a.py::test_it"), "xfailed"),
        (("-o", "trunk_failures=true"), "xfailed"),
        (("-o", "trunk_failures=false"), "failed"),
        (("--trunk-failures", "--runxfail"), "failed"),
        (("--trunk-failures", "--verbose", "tests"), "xfailed"),
    ],
)
def test_when_the_lists_are_applied(
    listed: Project, given: tuple[str, ...], outcome: str
) -> None:
    """The lists are applied when that is asked for, and a path after the option is a path."""
    ran = listed.run(*given, force="")
    assert ran.outcomes == {"test_it": outcome}
    assert "PytestDeprecationWarning" not in ran.output


def test_the_option_in_addopts(listed: Project) -> None:
    """The option can stand in the ini file's addopts."""
    listed.write("[pytest]\naddopts = --trunk-failures", "pytest.ini")
    assert listed.run("tests", force="").outcomes == {"test_it": "xfailed"}


def test_the_plugin_in_a_conftest(listed: Project) -> None:
    """A project can name the plugin in its conftest, where it is not installed."""
    listed.write("pytest_plugins = ['trunk_failures.pytest_plugin']", "conftest.py")
    ran = listed.pytester.runpytest_inprocess("-p", "no:cacheprovider", "--trunk-failures=tests")
    ran.assert_outcomes(xfailed=1)


def test_conftests_are_found_behind_the_bare_option(listed: Project) -> None:
    """A path after the bare option is where pytest looks for the first conftest files."""
    listed.write("def pytest_addoption(parser): parser.addoption('--own')", "tests/conftest.py")
    assert listed.run("tests", "--own=1", force="--trunk-failures").code == 0


def test_another_directory(listed: Project) -> None:
    """The directory given is the one whose lists are in force."""
    (listed.path / "other" / "trunk_skips").mkdir(parents=True)
    (listed.path / "other" / "trunk_skips" / "test_a.test_it").touch()
    ran = listed.run(force="--trunk-failures=other")
    assert ran.outcomes == {"test_it": "skipped"}
    assert "0 expected failures, 1 skips; modes in force: trunk; in other" in ran.output


def test_lists_are_found_from_what_is_collected(
    listed: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lists beside the tests that are named count, wherever pytest is started."""
    elsewhere = listed.path / "elsewhere"
    (elsewhere / ".git").mkdir(parents=True)
    monkeypatch.chdir(elsewhere)
    ran = listed.run("../tests/test_a.py", force="--trunk-failures")
    assert ran.outcomes == {"test_it": "xfailed"}


def test_modes(listed: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment says which modes are in force, and the header which they are."""
    listed.list("test_a.test_it", folder="dynamo_skips")
    assert "modes in force: trunk;" in listed.run().output
    monkeypatch.setenv("PYTORCH_TEST_WITH_DYNAMO", "1")
    ran = listed.run()
    assert ran.outcomes == {"test_it": "skipped"}
    assert "1 expected failures, 1 skips; modes in force: dynamo, trunk; in tests" in ran.output


def test_the_switch(listed: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """Under TRUNK_FAILURES=0 no list is in force, and the header says so."""
    monkeypatch.setenv("TRUNK_FAILURES", "0")
    ran = listed.run()
    assert ran.outcomes == {"test_it": "failed"}
    assert "trunk_failures: no list is in force (TRUNK_FAILURES=0)" in ran.output


def test_runxfail(listed: Project) -> None:
    """--runxfail puts the lists out of force, for decorated tests too."""
    listed.write(
        "from trunk_failures import skipIfTrunkFailing\n@skipIfTrunkFailing\n" + TESTS,
        "tests/test_b.py",
    )
    listed.list("test_b.test_it", folder=SKIP)
    ran = listed.run("--runxfail")
    assert ran.outcomes == {"test_it": "failed, failed"}
    assert "trunk_failures: no list is in force (--runxfail)" in ran.output


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("--trunk-failures=missing", "--trunk-failures=missing is no directory"),
        ("--trunk-failures-results=out", "--trunk-failures-results needs --trunk-failures"),
    ],
)
def test_usage_errors(listed: Project, given: str, said: str) -> None:
    """What cannot be used is said in one line, and nothing runs."""
    ran = listed.run(force=given)
    assert (ran.code, ran.told) == (4, {})
    (line,) = (line for line in ran.output.splitlines() if line)
    assert said in line


def test_lists_that_break_a_rule(listed: Project) -> None:
    """Lists that cannot be used are a usage error, not an error of each test."""
    listed.list("test_a.test_it", folder=SKIP)
    ran = listed.run()
    assert (ran.code, ran.told) == (4, {})
    assert "break their rules: `trunk_expected_failures/test_a.test_it`" in ran.output


def test_no_lists(project: Project) -> None:
    """Where there are no lists a warning names the places that were looked at."""
    project.write(TESTS)
    ran = project.run(force="--trunk-failures")
    assert ran.outcomes == {"test_it": "failed"}
    assert "TrunkFailuresWarning: no list directory was found" in ran.output
    assert "in no directory" in ran.output
    ran = project.run()
    assert "TrunkFailuresWarning: the test directory holds no list directory" in ran.output


def test_the_process_is_left_as_it_was(listed: Project) -> None:
    """What the plugin put in force ends with its session."""
    before = in_force.lists
    listed.run()
    assert in_force.lists is before
    assert interception._observer is None


def test_the_process_without_lists_is_left_as_it_was(
    listed: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lists that had not been loaded by then are loaded when somebody asks for them."""
    monkeypatch.delattr(in_force, "lists")
    listed.run()
    assert "lists" not in vars(in_force)


def run_in_process(*arguments: str, cwd: str, code: str = "") -> subprocess.CompletedProcess[str]:
    """Run an interpreter in a directory; nothing but `code` decides what is loaded there."""
    command = [sys.executable, *(["-c", code] if code else ["-m", "pytest"]), *arguments]
    environ = {**os.environ, "PYTHONPATH": str(Path(in_force.__file__).parents[1])}
    return subprocess.run(
        command, cwd=cwd, env=environ, capture_output=True, text=True, check=False
    )


def test_importing_the_plugin_loads_no_lists(listed: Project) -> None:
    """Every run of pytest imports the plugin where it is installed; that alone does nothing."""
    script = (
        "import sys; import trunk_failures.pytest_plugin; from trunk_failures import in_force; "
        "print('lists' in vars(in_force), 'trunk_failures.pytest_items' in sys.modules); "
        "import trunk_failures; print(len(trunk_failures.expected_failures)); "
        "from trunk_failures import xfailIfTrunkFailing; print('lists' in vars(in_force))"
    )
    ran = run_in_process(cwd=str(listed.path), code=script)
    assert ran.stdout.split() == ["False", "False", "1", "True"], ran.stderr


def test_decorators_without_the_options(listed: Project) -> None:
    """Where the options are not given decorated tests find the lists as they always do."""
    listed.write(
        "from trunk_failures import xfailIfTrunkFailing\n@xfailIfTrunkFailing\n" + TESTS
    )
    settings = ("-p", "trunk_failures.pytest_plugin", "-p", "no:cacheprovider", "-q", "tests")
    ran = run_in_process(*settings, cwd=str(listed.path))
    assert "1 xfailed" in ran.stdout
    assert "Warning" not in ran.stdout + ran.stderr


def test_the_module_and_the_entry_point() -> None:
    """Where `-p` names the module, the entry point that is installed is not registered too."""
    manager = pytest.PytestPluginManager()
    manager.register(pytest_plugin, "trunk_failures.pytest_plugin")
    assert manager.is_blocked("trunk_failures")
    manager = pytest.PytestPluginManager()
    manager.register(pytest_plugin, "trunk_failures")
    assert not manager.is_blocked("trunk_failures")
    assert manager.get_plugin("trunk_failures") is pytest_plugin
