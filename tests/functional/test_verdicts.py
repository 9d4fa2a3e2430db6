"""One table of verdicts is met in full by every runner, on every interpreter asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from . import projects, runners
from .limits import NO_WARNINGS, OF_TESTS
from .runners import PASSED, Run, Runner, Told
from .verdict_table import (
    ABSENT,
    CRASHES,
    ENTRIES_OF_TABLE,
    ENVIRONMENTS,
    OFF,
    PYTEST_WARNINGS,
    TABLE,
    WARNINGS,
    Row,
    everywhere,
    in_environment,
    under,
)

NO_MODE, *MODES = ENVIRONMENTS
WHOLE = TABLE + in_environment(NO_MODE)
CRASHING = {row.file for row in WHOLE if row.alone == CRASHES}


class Suite(NamedTuple):
    """The suite `verdicts` on disk, and the paths of its entries by list directory and key."""

    project: Path
    paths: dict[tuple[str, str], str]


def make_suite(directory: Path, leave_out: Callable[[str], bool] | None = None) -> Suite:
    """Put the suite and all its lists on disk."""
    project = projects.make("verdicts", directory, leave_out)
    return Suite(project, projects.list_tests(project, ENTRIES_OF_TABLE))


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Suite:
    """Make the whole suite, once for all runs."""
    return make_suite(tmp_path_factory.mktemp("whole") / "project")


@pytest.fixture(scope="module")
def suite_undecorated(tmp_path_factory: pytest.TempPathFactory) -> Suite:
    """Make the whole suite without a trace of the package in it."""
    suite = make_suite(tmp_path_factory.mktemp("undecorated") / "project")
    projects.undecorate(suite.project)
    return suite


@pytest.fixture(scope="module")
def suite_of_modes(tmp_path_factory: pytest.TempPathFactory) -> Suite:
    """Make the suite with nothing but the tests that several modes list."""
    return make_suite(tmp_path_factory.mktemp("modes") / "project", "test_modes".__ne__)


@pytest.fixture(scope="module")
def suite_without_crashes(tmp_path_factory: pytest.TempPathFactory) -> Suite:
    """Make the suite without the files whose tests end or stop a process."""
    return make_suite(tmp_path_factory.mktemp("off") / "project", CRASHING.__contains__)


def test_every_verdict(python: str, runner: Runner, suite: Suite, tmp_path: Path) -> None:
    """Every test of the suite is told of as the table says, and nothing else is."""
    env = runners.environment(python, **ENVIRONMENTS[NO_MODE])
    run = runner.run(python, suite.project, tmp_path, env)
    check(WHOLE, run, suite, runner, tmp_path)
    expected = PYTEST_WARNINGS if OF_TESTS in runner.limits else WARNINGS
    if NO_WARNINGS not in runner.limits:
        assert [text for text in expected if text not in run.output] == []


def test_every_verdict_without_decorators(
    python: str, runner_of_every: Runner, suite_undecorated: Suite, tmp_path: Path
) -> None:
    """A suite that knows nothing of the package has the same verdicts under its front ends."""
    env = runners.environment(python, **ENVIRONMENTS[NO_MODE])
    run = runner_of_every.run(python, suite_undecorated.project, tmp_path, env)
    check([everywhere(row) for row in WHOLE], run, suite_undecorated, runner_of_every, tmp_path)


def test_every_verdict_with_decorators_and_the_plugin(
    python: str, plugin: Runner, suite: Suite, tmp_path: Path
) -> None:
    """Where a test is decorated and the lists are on every test it is treated once."""
    env = runners.environment(python, **ENVIRONMENTS[NO_MODE])
    run = plugin.run(python, suite.project, tmp_path, env)
    rows = [everywhere(row, decorated=True) for row in WHOLE]
    check(rows, run, suite, plugin, tmp_path)


@pytest.mark.parametrize("environment", MODES)
def test_modes(
    python: str, usual_runner: Runner, suite_of_modes: Suite, tmp_path: Path, environment: str
) -> None:
    """The lists of the modes that the environment puts in force decide, and no others."""
    env = runners.environment(python, **ENVIRONMENTS[environment])
    run = usual_runner.run(python, suite_of_modes.project, tmp_path, env)
    check(in_environment(environment), run, suite_of_modes, usual_runner, tmp_path)


def test_lists_out_of_force(
    python: str, runner: Runner, suite_without_crashes: Suite, tmp_path: Path
) -> None:
    """Under TRUNK_FAILURES=0 every test is told of as if it were neither listed nor decorated."""
    env = runners.environment(python, **OFF)
    run = runner.run(python, suite_without_crashes.project, tmp_path, env)
    rows = [_alone(row) for row in WHOLE if row.file not in CRASHING]
    check(rows, run, suite_without_crashes, runner, tmp_path)


def check(rows: Sequence[Row], run: Run, suite: Suite, runner: Runner, reports: Path) -> None:
    """Fail with all differences between a run and a table, one a line."""
    __tracebackhide__ = True
    wrong = list(differences(rows, run, suite, runner))
    if wrong:
        output = reports / "output.txt"
        output.write_text(run.output, encoding="utf-8")
        pytest.fail("\n".join([*wrong, f"the whole output is in {output}"]), pytrace=False)


def differences(rows: Sequence[Row], run: Run, suite: Suite, runner: Runner) -> Iterator[str]:
    """Yield what a run told otherwise than a table says."""
    told, unnamed = dict(run.told), list(run.unnamed)
    for row in (under(row, runner.limits) for row in rows):
        outcome = row.outcome
        path = suite.paths.get((row.listed, row.key), "")
        text = row.text.replace("{path}", path).replace("{key}", row.key)
        seen = told.pop(row.test, None) or _take(unnamed, Told(outcome, text))
        if seen.outcome != outcome:
            yield f"{row.test}: {_shown(seen)}, where {outcome} is expected"
        elif outcome not in (PASSED, ABSENT) and text not in (seen.message or text):
            yield f"{row.test}: {_shown(seen)}, which does not say {text!r}"
    yield from (f"{test}: {_shown(seen)}, and not in the table" for test, seen in told.items())
    yield from (f"something unnamed: {_shown(seen)}, and not in the table" for seen in unnamed)


def _shown(told: Told) -> str:
    # A message may hold a whole traceback, whose end says what happened.
    message = " ".join((told.message or "").split())[-300:]
    return f"{told.outcome} {message!r}" if message else told.outcome


def _alone(row: Row) -> Row:
    """Return a row as it is while no list is in force."""
    instead = (each._replace(outcome=each.alone, text="") for each in row.instead)
    return row._replace(outcome=row.alone, text="", instead=tuple(instead))


def _take(unnamed: list[Told], expected: Told) -> Told:
    """Take what was told without a name; unittest does so at times, of fixtures above all."""
    for seen in unnamed:
        said = expected.message if seen.message is None else seen.message
        if seen.outcome == expected.outcome and (expected.message or "") in (said or ""):
            unnamed.remove(seen)
            return seen
    return Told(ABSENT)
