"""Lists in force in this very process, for one test at a time: a plugin of pytest's.

PYTEST_DONT_REWRITE: test modules import it before pytest does, and nothing here asserts.
"""

from __future__ import annotations

import unittest
from collections.abc import Callable, Generator, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from trunk_failures import (
    contexts,
    entries,
    entry_files,
    in_force,
    interception,
    list_files,
    lists,
    lookup,
    outcomes,
    verdicts,
)

PutInForce = Callable[..., Path]
"""Writes entries, given as {"trunk_skips/TestA.test_b": "reason: x"}, and puts them in force.

Keywords are environment variables. Returns the test directory.
"""


class Telling(unittest.TestResult):
    """A runner's result that keeps what it is told, in order, as (method, detail)."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[tuple[str, str]] = []
        self.errors_told: list[BaseException] = []

    def _tell(self, method: str, detail: object = "") -> None:
        if isinstance(detail, tuple):
            self.errors_told.append(detail[1])
            detail = f"{type(detail[1]).__name__}: {detail[1]}"
        self.told.append((method, str(detail)))

    def startTest(self, test: Any) -> None:
        """Keep a start."""
        self._tell("startTest")

    def stopTest(self, test: Any) -> None:
        """Keep an end."""
        self._tell("stopTest")

    def addSuccess(self, test: Any) -> None:
        """Keep a pass."""
        self._tell("addSuccess")

    def addError(self, test: Any, err: Any) -> None:
        """Keep an error."""
        self._tell("addError", err)

    def addFailure(self, test: Any, err: Any) -> None:
        """Keep a failure."""
        self._tell("addFailure", err)

    def addSkip(self, test: Any, reason: str) -> None:
        """Keep a skip."""
        self._tell("addSkip", reason)

    def addExpectedFailure(self, test: Any, err: Any) -> None:
        """Keep an expected failure."""
        self._tell("addExpectedFailure", err)

    def addUnexpectedSuccess(self, test: Any) -> None:
        """Keep an unexpected success."""
        self._tell("addUnexpectedSuccess")

    def addSubTest(self, test: Any, subtest: Any, err: Any) -> None:
        """Keep a sub-test."""
        self._tell("addSubTest", err or "")

    @property
    def between(self) -> list[tuple[str, str]]:
        """What was told between the starts and the ends of tests."""
        return [told for told in self.told if told[0] not in ("startTest", "stopTest")]


def write_entry(test_dir: Path, path: str, content: str = "") -> Path:
    """Write an entry's file, its name put before each line of the content."""
    file = test_dir / path
    file.parent.mkdir(parents=True, exist_ok=True)
    lines = [f"{file.name}: {line}\n" for line in content.splitlines()]
    file.write_text("".join(lines), encoding="utf-8")
    return file


def make_entry(kind: str = lists.EXPECTED_FAILURES, **fields: Any) -> entries.Entry:
    """Return an entry of `TestA.test_b` in trunk's lists."""
    path = f"tests/trunk_{kind}/TestA.test_b"
    return entries.Entry("TestA.test_b", "trunk", kind, path, **fields)


def shown(kind: str = lists.EXPECTED_FAILURES, key: str = "TestA.test_b") -> str:
    """Return the path of an entry as messages show it."""
    return f"`tests/trunk_{kind}/{key}`"


def ruling(verdict: verdicts.Verdict | None, text: str = "said") -> verdicts.Ruling:
    """Return a ruling without an outcome."""
    return verdicts.Ruling(verdict, text)


@pytest.fixture
def put_in_force(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PutInForce]:
    """Return a function that puts lists in force; what that changes is put back at the end."""
    (tmp_path / ".git").mkdir()  # Entries are shown by their path from here.
    test_dir = tmp_path / "tests"
    test_dir.mkdir()
    put_back_at_the_end(monkeypatch)

    def put(written: Mapping[str, str] | None = None, **environ: str) -> Path:
        for path, content in (written or {}).items():
            write_entry(test_dir, path, content)
        for name, value in environ.items():
            monkeypatch.setenv(name, value)
        loaded = list_files.load(str(test_dir), environ)
        monkeypatch.setattr(in_force, "lists", loaded)
        _forget()
        return test_dir

    # A child that is a new interpreter finds the same lists.
    monkeypatch.setenv("TRUNK_FAILURES_DIR", str(test_dir))
    monkeypatch.delenv("TRUNK_FAILURES")
    yield put
    _forget()


def _forget() -> None:
    """Clear what was kept of the lists that were in force before."""
    for kept in vars(lookup).values():
        if hasattr(kept, "cache_clear"):
            kept.cache_clear()


def put_back_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put back at the end of a test what lists in force change in this process."""
    monkeypatch.setattr(in_force, "lists", in_force.lists)
    monkeypatch.setattr(unittest.TestCase, "run", unittest.TestCase.run)
    monkeypatch.setattr(unittest.TestSuite, "run", unittest.TestSuite.run)
    monkeypatch.setattr(interception, "_keys", set())
    monkeypatch.setattr(interception, "_every", False)
    monkeypatch.setattr(contexts, "_registered", {})
    monkeypatch.setattr(entry_files, "_shown", {})


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, object, object]:
    """Fail a test out of which a verdict came: pytest would take that for the test's own skip."""
    try:
        return (yield)
    except (pytest.skip.Exception, pytest.xfail.Exception, unittest.SkipTest) as error:
        if "put_in_force" not in pyfuncitem.fixturenames:
            raise
        raise AssertionError(f"a verdict came out of the test: {error}") from error


@pytest.fixture
def outside_pytest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the package report as it does under runners other than pytest."""
    monkeypatch.setattr(outcomes, "running_pytest", lambda: None)
