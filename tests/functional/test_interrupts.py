"""What ends a whole run ends it in listed tests too: no entry takes it for a failure."""

from __future__ import annotations

from pathlib import Path

import pytest

from . import projects, runners
from .runners import EXPECTED, SKIPPED, Run, Runner
from .verdict_table import SKIP, XFAIL

LISTED = {
    # where the run is ended: what is listed
    "body": (XFAIL, "TestInterrupt.test_1_is_interrupted", ""),
    "setUp": (SKIP, "TestInterrupt.test_1_is_interrupted", ""),
    "sub-test": (XFAIL, "TestInterrupt.test_1_is_interrupted", ""),
    "setUpClass": (XFAIL, "TestInterruptFixture.setUpClass", ""),
    "function": (XFAIL, "test_exit.test_function", ""),
    "plain class": (SKIP, "TestPlain.test_method", ""),
    "test case": (XFAIL, "TestCase.test_method", ""),
}


def make(directory: Path, file: str, place: str) -> Path:
    """Put one file of the suite on disk, with an entry for what ends the run."""
    project = projects.make("interrupts", directory / "project", file.__ne__)
    projects.list_tests(project, [LISTED[place]])
    return project


def is_suppressed(run: Run) -> bool:
    """Tell whether a run told of a test as the lists make it."""
    outcomes = {told.outcome for told in (*run.told.values(), *run.unnamed)}
    return bool(outcomes & {EXPECTED, SKIPPED})


# xdist takes ten seconds to give up on a worker that was interrupted.
@pytest.mark.parametrize(
    "runner",
    [runner for runner in runners.RUNNERS if runner is not runners.XDIST],
    ids=lambda runner: runner.name,
    indirect=True,
)
def test_interrupts_propagate(python: str, runner: Runner, tmp_path: Path) -> None:
    """A KeyboardInterrupt in a listed test ends the run under every runner."""
    project = make(tmp_path, "test_interrupt", "body")
    run = runner.run(python, project, tmp_path, runners.environment(python, END_IN="body"))
    assert "KeyboardInterrupt" in run.output or "keyboard-interrupt" in run.output
    assert run.code not in (0, 1)
    assert not is_suppressed(run)


@pytest.mark.parametrize("place", ["setUp", "sub-test", "setUpClass"])
def test_interrupts_propagate_from_everywhere(python: str, tmp_path: Path, place: str) -> None:
    """A KeyboardInterrupt propagates from set-up, sub-tests and listed fixtures too."""
    project = make(tmp_path, "test_interrupt", place)
    env = runners.environment(python, END_IN=place)
    run = runners.UNITTEST.run(python, project, tmp_path, env)
    assert run.output.rstrip().endswith("KeyboardInterrupt")
    assert run.code not in (0, 1)
    assert not is_suppressed(run)
    assert "test_3_comes_after" not in run.output


@pytest.mark.parametrize(
    "place, how, code",
    [
        ("function", "exit", 7),
        ("plain class", "exit", 7),
        ("test case", "exit", 2),  # pytest itself loses the code on its way out of unittest.
        ("function", "interrupt", 2),
        ("plain class", "interrupt", 2),
        ("test case", "interrupt", 2),
    ],
)
def test_pytest_ends(
    python_with_pytest: str, tmp_path: Path, place: str, how: str, code: int
) -> None:
    """pytest.exit and an interrupt in a listed test end pytest's run, with their exit codes."""
    project = make(tmp_path, "functions/test_exit", place)
    env = runners.environment(python_with_pytest, END_IN=place, END_BY=how)
    run = runners.PYTEST.run(python_with_pytest, project, tmp_path, env)
    words = {"exit": "_pytest.outcomes.Exit: enough", "interrupt": "KeyboardInterrupt"}
    assert words[how] in run.output
    assert run.code == code
    assert not is_suppressed(run)
    assert "functions/test_exit/test_exit.test_last" not in run.told
