"""Small projects that pytest runs under the plugin, in this very process: a plugin of pytest's.

PYTEST_DONT_REWRITE: test modules import it before pytest does, and nothing here asserts.
"""

from __future__ import annotations

import json
import textwrap
from typing import Any, NamedTuple

import pytest
from lists_fixtures import put_back_at_the_end, write_entry

from trunk_failures import (  # noqa: F401 - before pytester remembers which modules there are
    decorators,
    pytest_items,
    pytest_loading,
    pytest_results,
    pytest_session,
    pytest_workers,
)

pytest_plugins = ["pytester"]

XFAIL, SKIP = "trunk_expected_failures", "trunk_skips"


class Told(NamedTuple):
    """What pytest told of one phase of a test, or of one sub-test."""

    outcome: str
    message: str


class Ran(NamedTuple):
    """One run: what was told of each test, by what follows the file in its node id."""

    code: int
    told: dict[str, list[Told]]
    output: str
    reports: list[Any]

    def one(self, test: str) -> Told:
        """Return what was told of a test of which one thing was told."""
        (told,) = self.told[test]
        return told

    @property
    def outcomes(self) -> dict[str, str]:
        """The outcomes of each test, joined where there are several."""
        return {test: ", ".join(each.outcome for each in told) for test, told in self.told.items()}


class Project:
    """A directory of tests and lists."""

    def __init__(self, pytester: pytest.Pytester) -> None:
        self.pytester = pytester
        self.path = pytester.path
        (self.path / ".git").mkdir()  # Entries are shown by their path from here.

    def write(self, text: str, name: str = "tests/test_a.py") -> None:
        """Write a file."""
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(text), encoding="utf-8")

    def list(self, *keys: str, content: str = "", folder: str = XFAIL) -> None:
        """List tests, each with the same content."""
        (self.path / "tests" / folder).mkdir(parents=True, exist_ok=True)
        for key in keys:
            write_entry(self.path / "tests", f"{folder}/{key}", content)

    def run(self, *options: str, force: str = "--trunk-failures=tests") -> Ran:
        """Run pytest on the project."""
        settings = ("-p", "no:cacheprovider", "-p", "trunk_failures.pytest_plugin", "-Wdefault")
        given = [force] if force else []
        ran = self.pytester.runpytest_inprocess(
            *settings, *given, *options, no_reraise_ctrlc=True
        )
        recorder = ran.reprec  # type: ignore[attr-defined]
        began = hasattr(recorder, "getreports")  # pytester has another where pytest did not.
        reports = recorder.getreports("pytest_runtest_logreport") if began else []
        told: dict[str, list[Told]] = {}
        for report in reports:
            seen = _told(report)
            if seen is not None:
                told.setdefault(report.nodeid.partition("::")[2], []).append(seen)
        output = "\n".join([*ran.outlines, *ran.errlines])
        return Ran(int(ran.ret), told, output, reports)

    def lines(self, name: str = "out.jsonl") -> list[dict[str, Any]]:
        """Return the result lines in a file."""
        text = (self.path / name).read_text(encoding="utf-8")
        return [json.loads(line) for line in text.splitlines() if line.strip()]


def _told(report: Any) -> Told | None:
    message = str(getattr(report, "wasxfail", report.longrepr))
    if report.outcome == "passed":
        if hasattr(report, "wasxfail"):
            return Told("xpassed", message)
        sub_test = type(report) is not pytest.TestReport
        return Told("passed", "") if report.when == "call" and not sub_test else None
    if report.outcome == "skipped":
        return Told("xfailed" if hasattr(report, "wasxfail") else "skipped", message)
    return Told("failed" if report.when == "call" else "error", message)


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Project:
    """Return an empty project, no list being switched off."""
    put_back_at_the_end(monkeypatch)
    monkeypatch.delenv("TRUNK_FAILURES")
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    return Project(pytester)
