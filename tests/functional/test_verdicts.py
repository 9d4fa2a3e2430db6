"""One table of verdicts is met in full by every runner, on every interpreter asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from . import projects, runners
from .runners import PASSED, Run, Runner, Told
from .verdict_table import (
    ABSENT,
    CRASHES,
    ENTRIES_OF_TABLE,
    ENVIRONMENTS,
    OFF,
    TABLE,
    Row,
    in_environment,
)

CHILDREN = {row.test.partition(".")[0].rpartition("/")[0] for row in TABLE if row.alone == CRASHES}


class Suite(NamedTuple):
    """The suite `verdicts` on disk, and the paths of its entries by list directory and key."""

    project: Path
    paths: dict[tuple[str, str], str]


RunSuite = Callable[[dict[str, str], Sequence[str]], Run]


@pytest.fixture(scope="session")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Suite:
    """Make the suite, once for all runs."""
    project = projects.make("verdicts", tmp_path_factory.mktemp("verdicts") / "project")
    return Suite(project, projects.list_tests(project, ENTRIES_OF_TABLE))


@pytest.fixture(params=runners.INTERPRETERS)
def python(request: pytest.FixtureRequest) -> str:
    """Return an interpreter to run suites with."""
    return str(request.param)


@pytest.fixture(params=runners.RUNNERS, ids=lambda runner: runner.name)
def runner(request: pytest.FixtureRequest, python: str) -> Runner:
    """Return a runner that the interpreter has."""
    chosen: Runner = request.param
    if runners.lacks(python, chosen):
        pytest.skip(f"{chosen.name} needs the package {chosen.requires}, which {python} lacks")
    return chosen


def run(
    runner: Runner, python: str, suite: Suite, reports: Path, variables: dict[str, str], files: Sequence[str]
) -> Run:
    env = runners.environment(python, **variables)
    return runner.run(python, suite.project, reports, list(files), env)


def test_every_verdict(python: str, runner: Runner, suite: Suite, tmp_path: Path) -> None:
    """Every test of the suite is told of as the table says, and no other test is."""
    done = run(runner, python, suite, tmp_path, {}, projects.test_files(suite.project))
    check(TABLE + in_environment("no mode"), done, suite, runner, tmp_path)


@pytest.mark.parametrize("environment", [name for name in ENVIRONMENTS if name != "no mode"])
def test_modes(
    python: str, runner: Runner, suite: Suite, tmp_path: Path, environment: str
) -> None:
    done = run(runner, python, suite, tmp_path, ENVIRONMENTS[environment], ["test_modes"])
    check(in_environment(environment), done, suite, runner, tmp_path)


def test_off(python: str, runner: Runner, suite: Suite, tmp_path: Path) -> None:
    files = [f for f in projects.test_files(suite.project) if f not in CHILDREN]
    done = run(runner, python, suite, tmp_path, OFF, files)
    rows = [alone(row) for row in TABLE + in_environment("no mode") if row.test.partition(".")[0].rpartition("/")[0] not in CHILDREN]
    check(rows, done, suite, runner, tmp_path)

def check(rows: Sequence[Row], run: Run, suite: Suite, runner: Runner, reports: Path) -> None:
    """Fail with every difference between a run and a table, one a line."""
    __tracebackhide__ = True
    wrong = list(differences(rows, run, suite, runner))
    if wrong:
        output = reports / "output.txt"
        output.write_text(run.output, encoding="utf-8")
        pytest.fail("\n".join([*wrong, f"the whole output is in {output}"]), pytrace=False)


def alone(row: Row) -> Row:
    in_pytest = row.in_pytest and (row.in_pytest[0],) * 2
    return row._replace(outcome=row.alone, text="", in_pytest=in_pytest)


def differences(rows: Sequence[Row], run: Run, suite: Suite, runner: Runner) -> Iterator[str]:
    """Yield what a run told otherwise than a table says."""
    told, unnamed = dict(run.told), list(run.unnamed)
    for row in rows:
        outcome = row.outcome
        if row.in_pytest and runner.requires in ("pytest", "xdist"):
            outcome = row.in_pytest[1]
        text = row.text.replace("{path}", suite.paths.get((row.listed, row.key), ""))
        text = text.replace("{key}", row.key)
        seen = told.pop(row.test, None) or _take(unnamed, outcome if row.entry else "")
        if seen.outcome != outcome:
            yield f"{row.test}: {seen.outcome}, not {outcome}; {seen.message}"
        elif outcome not in (PASSED, ABSENT) and text not in (seen.message or text):
            yield f"{row.test}: {outcome}, and says {seen.message!r}, not {text!r}"
    yield from (f"{test}: not in the table; {seen}" for test, seen in told.items())
    yield from (f"a fixture that has no name: not in the table; {seen}" for seen in unnamed)


def _take(unnamed: list[Told], outcome: str) -> Told:
    """Take one that was told without a name, as unittest tells of fixtures."""
    for seen in unnamed:
        if seen.outcome == outcome:
            unnamed.remove(seen)
            return seen
    return Told(ABSENT)
