"""What the functional tests share: the runners, and the interpreters that they run under."""

from __future__ import annotations

import pytest

from . import other_runners, runners
from .limits import NO_SUB_TESTS, OF_TESTS
from .runners import Runner

DECORATED = (*runners.RUNNERS, *other_runners.OTHERS)
UNDECORATED = (*runners.UNDECORATED, *other_runners.OTHERS_UNDECORATED)


@pytest.fixture(params=runners.INTERPRETERS, scope="session")
def python(request: pytest.FixtureRequest) -> str:
    """Return an interpreter to run suites with."""
    return str(request.param)


@pytest.fixture(params=DECORATED, ids=lambda runner: runner.name)
def runner(request: pytest.FixtureRequest, python: str) -> Runner:
    """Return a runner that the interpreter has."""
    return _had(request.param, python)


@pytest.fixture(params=runners.RUNNERS, ids=lambda runner: runner.name)
def usual_runner(request: pytest.FixtureRequest, python: str) -> Runner:
    """Return a runner that most suites are run by, where all would take too long."""
    return _had(request.param, python)


@pytest.fixture(params=UNDECORATED, ids=lambda runner: runner.name)
def runner_of_every(request: pytest.FixtureRequest, python: str) -> Runner:
    """Return a runner that the interpreter has and that puts the lists on every test."""
    return _had(request.param, python)


@pytest.fixture(params=runners.PLUGINS, ids=lambda runner: runner.name)
def plugin(request: pytest.FixtureRequest, python: str) -> Runner:
    """Return pytest with the plugin, in one process or in several."""
    return _had(request.param, python)


def _had(chosen: Runner, python: str) -> Runner:
    if runners.lacks(python, chosen):
        pytest.skip(f"{chosen.name} needs {chosen.requires}, which {python} lacks")
    if OF_TESTS in chosen.limits and not runners.imports(python, "_pytest.subtests"):
        return chosen._replace(limits=chosen.limits | {NO_SUB_TESTS})  # pytest before 9.
    return chosen


@pytest.fixture
def python_with_pytest(python: str) -> str:
    """Return an interpreter that has pytest."""
    if runners.lacks(python, runners.PYTEST):
        pytest.skip(f"this needs pytest, which {python} lacks")
    return python
