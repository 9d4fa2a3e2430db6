"""What the functional tests share: the runners, and the interpreters that they run under."""

from __future__ import annotations

import pytest

from . import runners
from .runners import Runner


@pytest.fixture(params=runners.INTERPRETERS, scope="session")
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


@pytest.fixture
def python_with_pytest(python: str) -> str:
    """Return an interpreter that has pytest."""
    if runners.lacks(python, runners.PYTEST):
        pytest.skip(f"this needs pytest, which {python} lacks")
    return python
