"""Trunk's status puts its disabled tests under every runner as a list of skips would."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from . import runners
from .runners import Runner, Told

TESTS = """
import unittest


class TestOpsCPU(unittest.TestCase):
    def test_add_cpu_float32(self):
        self.fail("trunk's own")

    def test_mul(self):
        pass

    def test_mac(self):
        self.fail("disabled elsewhere")

    def test_add_more(self):
        self.fail("not disabled")


class TestExact(unittest.TestCase):
    def test_here(self):
        raise ValueError("known")

    def test_here_too(self):
        pass
"""
DISABLED = {
    "test_add (__main__.TestOps)": ["1", "https://x/1", []],
    "test_mul (__main__.TestOps)": ["2", "https://x/2", ["linux", "mac", "win"]],
    "test_mac (__main__.TestOps)": ["3", "https://x/3", ["rocm"]],
}
ELSEWHERE = "other/test_status.py::TestExact::test_here_too"
HERE = "tests/test_status.py::TestExact::test_here"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a suite without any list, and a status of it that `fetch` wrote."""
    project = tmp_path / "project"
    (project / "tests").mkdir(parents=True)
    (project / ".git").mkdir()
    (project / "tests/test_status.py").write_text(TESTS)
    (project / "disabled.json").write_text(json.dumps(DISABLED))
    (project / "known.txt").write_text(f"{HERE}  # https://x/4\n{ELSEWHERE}\n")
    fetch = ["-m", "trunk_failures", "fetch", "--source=disabled-tests=disabled.json"]
    more = ["--source=list=known.txt", "--union", "-o", "status.json"]
    env = runners.environment(sys.executable)
    subprocess.run([sys.executable, *fetch, *more], cwd=project, env=env, check=True)
    return project


def test_disabled_tests_run_and_are_suppressed(
    python: str, runner_of_every: Runner, project: Path, tmp_path: Path
) -> None:
    """A disabled test runs: its failure is a skip, its pass is told; no other test is touched."""
    env = runners.environment(
        python,
        TRUNK_FAILURES_STATUS=str(project / "status.json"),
        TRUNK_FAILURES_PLATFORM="linux",
    )
    ran = runner_of_every.run(python, project, tmp_path, env)
    told = {test.rpartition("/")[2]: each for test, each in ran.told.items()}
    outcomes = {test: each.outcome for test, each in told.items()}
    assert outcomes == {
        "TestOpsCPU.test_add_cpu_float32": "skipped",
        "TestOpsCPU.test_mul": "skipped",
        "TestOpsCPU.test_mac": "failed",
        "TestOpsCPU.test_add_more": "failed",
        "TestExact.test_here": "skipped",
        "TestExact.test_here_too": "passed",
    }, ran.output
    assert "https://x/1" in message(told["TestOpsCPU.test_add_cpu_float32"])
    assert "This test passed, maybe" in message(told["TestOpsCPU.test_mul"])
    assert "ValueError: known" in message(told["TestExact.test_here"])
    assert ran.code == 1


def message(told: Told) -> str:
    """Return what was told of a test beside its outcome."""
    assert told.message is not None
    return told.message


def test_a_status_that_cannot_be_read_stops_the_run(
    python: str, runner_of_every: Runner, project: Path, tmp_path: Path
) -> None:
    """Without its status a run does not begin: it would be red for what trunk knows."""
    env = runners.environment(python, TRUNK_FAILURES_STATUS=str(project / "none.json"))
    ran = runner_of_every.run(python, project, tmp_path, env)
    assert ran.code not in (0, 5) and not ran.told
    assert "none.json' cannot be read" in ran.output
