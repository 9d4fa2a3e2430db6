"""What tests of `import` and `export` share: a project with lists, and the commands run in it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from trunk_failures import cli

Transfer = Callable[..., "tuple[int, str, list[str]]"]
"""Runs a command in the project; returns its code, stdout, and the lines of stderr."""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a project with a test directory, which is the working directory."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "tests").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TRUNK_FAILURES_DIR", raising=False)
    return tmp_path


@pytest.fixture
def transfer(project: Path, capsys: pytest.CaptureFixture[str]) -> Transfer:
    """Return a function that runs `import` or `export`."""

    def run(name: str, *arguments: str) -> tuple[int, str, list[str]]:
        code = cli.main([name, *arguments])
        out, err = capsys.readouterr()
        lines = err.split("\n")[:-1]
        return code, out, [each.removeprefix(f"trunk-failures {name}: ") for each in lines]

    return run
