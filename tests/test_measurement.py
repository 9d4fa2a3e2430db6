"""Measurement: what coverage.py is told and asked; that it works is shown with the real one.

(tests/test_isolation.py does so, in processes of their own: a process that is itself measured
cannot stop coverage.py and start it anew.)
"""

from __future__ import annotations

import os
import sys
import types
from typing import Any

import pytest

from trunk_failures import measurement


class Data:
    """Stand for coverage.py's data."""

    def __init__(self, no_disk: bool = False) -> None:
        self.no_disk = no_disk
        self.held = b"parent"

    def dumps(self) -> bytes:
        """Give what is held."""
        return self.held

    def loads(self, held: bytes) -> None:
        """Hold something else."""
        self.held = held

    def update(self, other: Data) -> None:
        """Add what another holds."""
        assert other.no_disk
        self.held += other.held


class Coverage:
    """Stand for coverage.py's Coverage: what it was made with, and what was asked of it."""

    running: Coverage | None = None
    options: dict[str, Any] = {"run:branch": True, "run:source": ["lib", "package"]}

    def __init__(self, **given: Any) -> None:
        self.given = given
        self.done: list[str] = []
        self.data = Data()

    @classmethod
    def current(cls) -> Coverage | None:
        """Give the one that measures this process."""
        return cls.running

    def get_option(self, name: str) -> Any:
        """Give an option of the configuration."""
        return self.options.get(name)

    def start(self) -> None:
        """Note that it was started."""
        self.done.append("start")

    def stop(self) -> None:
        """Note that it was stopped."""
        self.done.append("stop")

    def get_data(self) -> Data:
        """Give the data."""
        return self.data


@pytest.fixture
def parent(monkeypatch: pytest.MonkeyPatch) -> Coverage:
    """Have this process measured by the stand-in."""
    coverage: Any = types.ModuleType("coverage")
    coverage.Coverage, coverage.CoverageData = Coverage, Data
    monkeypatch.setitem(sys.modules, "coverage", coverage)
    monkeypatch.setattr(Coverage, "running", Coverage())
    running = Coverage.running
    assert running is not None
    return running


def test_a_child_is_measured_as_its_parent_is(
    parent: Coverage, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    """The copy that a fork has is stopped; a new one, which writes no file, has its options."""
    (tmp_path / "lib").mkdir()
    monkeypatch.setattr(measurement, "WORKING", str(tmp_path))
    started = measurement.start(measurement.of_this_process())
    assert parent.done == ["stop"]
    assert started.done == ["start"]
    assert started.given == {
        "data_file": None,
        "config_file": False,
        "branch": True,
        "source": [os.path.join(str(tmp_path), "lib"), "package"],
    }
    assert measurement.finish(started) == b"parent"
    assert started.done == ["start", "stop"]


def test_a_new_interpreter_has_no_coverage_to_stop(
    parent: Coverage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A child that is no fork starts to measure where nothing measured before."""
    measured = measurement.of_this_process()
    monkeypatch.setattr(Coverage, "running", None)
    assert measurement.start(measured).done == ["start"]
    assert parent.done == []


def test_what_a_child_measured_is_added(parent: Coverage) -> None:
    """The parent's data then hold both."""
    measurement.add(b"+child")
    assert parent.data.held == b"parent+child"
    measurement.add(b"")
    assert parent.data.held == b"parent+child"


def test_without_coverage_nothing_is_done(
    parent: Coverage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that is not measured measures no child, and takes nothing from one."""
    monkeypatch.setattr(Coverage, "running", None)
    assert measurement.of_this_process() is None
    monkeypatch.delitem(sys.modules, "coverage")
    assert measurement.of_this_process() is None
    assert measurement.start(None) is None
    assert measurement.finish(None) == b""
    measurement.add(b"child")
