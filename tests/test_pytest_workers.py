"""What pytest-xdist's workers are sent and what they tell, without a worker."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest
from plugin_fixtures import Project

from trunk_failures import in_force, list_files, transfer
from trunk_failures.pytest_workers import UNMATCHED, Worker, Workers

pytest_plugins = ["plugin_fixtures"]


class Listening:
    """A controller that keeps whether it listens."""

    listens = False

    def listen(self) -> None:
        """Keep that it listens."""
        self.listens = True


class Channel:
    """What execnet gives to talk to a worker."""

    def __init__(self) -> None:
        self.executed: list[str] = []
        self.sent: list[Any] = []
        self.closed = 0

    def remote_exec(self, source: str) -> Channel:
        """Keep what is to be executed."""
        self.executed.append(source)
        return self

    def send(self, item: Any) -> None:
        """Keep what is sent."""
        self.sent.append(item)

    def waitclose(self) -> None:
        """Keep that it is waited for."""
        self.closed += 1


def test_lists_are_sent(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each worker is sent the lists before it begins, as plain values that were made once."""
    project.list("test_a.test_it", content="raises: ValueError")
    options = SimpleNamespace(trunk_failures_results="out.jsonl")
    config: Any = SimpleNamespace(option=options, rootpath=project.path)
    monkeypatch.setattr(in_force, "lists", list_files.load(str(project.path / "tests"), {}))
    controller: Any = Listening()
    workers = Workers(config, SimpleNamespace(), controller)  # type: ignore[arg-type]
    channel = Channel()
    for _ in range(2):
        workers.pytest_configure_node(SimpleNamespace(gateway=channel))
    first, second = channel.sent
    assert first is second
    assert json.loads(json.dumps(first)) == first
    assert first["results"] is True
    assert channel.executed == [transfer.RECEIVER] * 2
    assert (controller.listens, channel.closed) == (True, 2)


def test_unmatched_entries() -> None:
    """A worker tells the controller which entries match no test; one that died tells nothing."""
    found: Any = SimpleNamespace(unmatched=(1, ["tests/trunk_skips/test_a.test_it"]))
    output: dict[str, object] = {}
    session: Any = SimpleNamespace(config=SimpleNamespace(workeroutput=output))
    Worker(found).pytest_sessionfinish(session)
    assert output == {UNMATCHED: found.unmatched}
    session.config = SimpleNamespace()
    Worker(found).pytest_sessionfinish(session)
    heard: Any = SimpleNamespace(unmatched=None)
    controller: Any = Listening()
    workers = Workers(SimpleNamespace(), heard, controller)  # type: ignore[arg-type]
    workers.pytest_testnodedown(SimpleNamespace(workeroutput=output))
    workers.pytest_testnodedown(SimpleNamespace(workeroutput={UNMATCHED: None}))
    workers.pytest_testnodedown(SimpleNamespace())
    assert heard.unmatched == found.unmatched
