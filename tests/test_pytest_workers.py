"""What pytest-xdist's workers are sent and what they tell, without a worker."""

from __future__ import annotations

import json
import sys
from types import SimpleNamespace
from typing import Any

import pytest
from _pytest.junitxml import xml_key
from plugin_fixtures import Project

from trunk_failures import in_force, list_files, pytest_reports, pytest_workers, transfer
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


NODE = SimpleNamespace()
"""A worker that has not come to its end."""


def crash(
    project: Project,
    monkeypatch: pytest.MonkeyPatch,
    content: str | None,
    acts: tuple[str, ...] | None = None,
    node: Any = NODE,
) -> pytest.TestReport:
    """Return what becomes of xdist's report on a test during which its worker died."""
    project.list("test_a.test_it" if content is not None else "test_a.other", content=content or "")
    monkeypatch.setattr(in_force, "lists", list_files.load(str(project.path / "tests"), {}))
    xml = SimpleNamespace(properties=[])
    xml.node_reporter = lambda _: SimpleNamespace(
        add_property=lambda *given: xml.properties.append(given)
    )
    config: Any = SimpleNamespace(rootpath=project.path, stash={xml_key: xml})
    controller: Any = SimpleNamespace(begun=lambda _: acts)
    when: Any = "???"
    nodeid = "tests/test_a.py::test_it"
    report = pytest.TestReport(nodeid, ("", 1, ""), {}, "failed", "worker died", when)
    report.node = node
    workers = Workers(config, SimpleNamespace(), controller)  # type: ignore[arg-type]
    workers.pytest_handlecrashitem(report.nodeid, report)
    assert xml.properties == report.user_properties
    return report


@pytest.mark.parametrize(
    ("content", "outcome", "said", "verdict"),
    [
        (None, "failed", "worker died", "crashed"),
        ("", "failed", "`raises: Crashed` would, and `run: isolated` would keep", "crashed"),
        ("expires: 2020-01-31", "failed", "expired on 2020-01-31", "crashed"),
        ("raises: Crashed", "skipped", "worker died", "expected failure"),
        ("raises: ValueError", "failed", "fails differently", "fails differently"),
    ],
)
def test_crashes(
    project: Project,
    monkeypatch: pytest.MonkeyPatch,
    content: str | None,
    outcome: str,
    said: str,
    verdict: str,
) -> None:
    """Only an entry that says so expects its test's worker to die."""
    report = crash(project, monkeypatch, content)
    assert report.outcome == outcome
    assert said in str(report.longrepr)
    told = pytest_reports.told(report)
    rulings = told.get("rulings", [("", *told["seen"], None)])
    assert rulings[0][1] == verdict
    assert (told["id"], told["file"]) == ("test_a.test_it", "test_a.py")


@pytest.mark.parametrize(
    ("kind", "content", "outcome", "said"),
    [
        ("expected_failures", "raises: Crashed", "skipped", "worker died"),
        ("expected_failures", "severity: high", "failed", "unknown field 'severity'"),
        ("skips", "raises: Crashed", "failed", "worker died"),
    ],
)
def test_the_entry_that_the_worker_named(
    project: Project,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    content: str,
    outcome: str,
    said: str,
) -> None:
    """Which entry acts is the worker's to say, where the test had begun; if it is still there."""
    acts = ("trunk", kind, "", "test_a.test_it")
    report = crash(project, monkeypatch, content, acts)
    assert report.outcome == outcome
    assert said in str(report.longrepr)


def test_an_interrupt_is_no_crash(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that came to its end, as an interrupted one does, did not crash in its test."""
    report = crash(
        project, monkeypatch, "raises: Crashed", node=SimpleNamespace(workeroutput={})
    )
    assert (report.outcome, pytest_reports.told(report)) == ("failed", {})


def test_a_worker_without_a_junit_file() -> None:
    """Where no JUnit file is written there is nowhere to put properties."""
    report = pytest.TestReport("a", ("", 1, ""), {}, "failed", None, "call")
    report.user_properties.append(("name", "value"))
    config: Any = SimpleNamespace(stash={})
    pytest_workers._name_in_junit(config, report)


def test_what_a_worker_does(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker says which entry acts as a listed test begins, for when it does not end."""
    project.write("def test_it(): assert 0")
    project.list("test_a.test_it")
    loaded = list_files.load(str(project.path / "tests"), {})
    sent = {"lists": transfer.pack(loaded, str(project.path)), "results": False}
    monkeypatch.setattr(sys, transfer.SENT, sent, raising=False)
    project.write("def pytest_configure(config): config.workerinput = {}", "conftest.py")
    ran = project.run(force="")
    assert ran.outcomes == {"test_it": "xfailed"}
    first = pytest_reports.told(ran.reports[0])
    assert first == {"acts": ("trunk", "expected_failures", "", "test_a.test_it")}
