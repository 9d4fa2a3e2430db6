"""`stability --html`: the page about a history."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from history_fixtures import HOUR, record_suite
from lists_fixtures import write_entry

from trunk_failures import cli, history, history_pages, history_statuses
from trunk_failures.history_statuses import Snapshot
from trunk_failures.statuses import Disabled

SUITE = {
    "TestA.good": "P" * 12, "TestA.broken": "P" * 10 + "FF", "TestA.skips": "PS" * 6,
    "TestA.listed": "K" * 12,
}


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a project that has a history and lists."""
    (tmp_path / ".git").mkdir()
    write_entry(tmp_path / "tests", "trunk_skips/TestA.listed", "owner: @ana")
    monkeypatch.chdir(tmp_path)
    for name in ("TRUNK_FAILURES_DIR", "GITHUB_SERVER_URL", "GITHUB_REPOSITORY"):
        monkeypatch.delenv(name, raising=False)
    record_suite(tmp_path / history.DEFAULT, SUITE)
    return tmp_path


def data(*arguments: str) -> dict[str, Any]:
    """Return the data of the page that the command writes."""
    assert cli.main(["stability", "--html", "page.html", *arguments]) == 0
    text = Path("page.html").read_text(encoding="utf-8")
    (found,) = re.findall(r'id="data">(.*?)</script>', text)
    read: dict[str, Any] = json.loads(found)
    return read


def outcomes(found: dict[str, Any]) -> dict[str, str]:
    """Return by key what tests came to."""
    return {row[0]: row[11] for row in found["rows"]}


def test_all_tests_have_rows(capsys: pytest.CaptureFixture[str]) -> None:
    """The page has all tests, those of which there is nothing to say too; the text does not."""
    found = data()
    assert outcomes(found) == {
        "TestA.broken": "P10F2", "TestA.listed": "X12", "TestA.good": "P12",
        "TestA.skips": "PSPSPSPSPSPS",
    }
    (listed,) = [row for row in found["rows"] if row[0] == "TestA.listed"]
    assert listed[8:11] == ["skip", ["trunk"], "@ana"]
    assert [curve[0] for curve in found["page"]["curves"]] == ["failing as listed", "failing"]
    assert found["page"]["commits"] == ""
    printed = capsys.readouterr().out
    assert "TestA.broken" in printed and "TestA.good" not in printed


def test_what_is_printed_is_the_same_with_a_page(capsys: pytest.CaptureFixture[str]) -> None:
    """The page takes nothing from the report that is printed, and adds nothing."""
    for options in ([], ["--all"], ["--format", "json"], ["--match", "*broken"]):
        data(*options)
        with_page = capsys.readouterr().out
        assert cli.main(["stability", *options]) == 0
        assert capsys.readouterr().out == with_page


def test_many_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of very many tests those are counted alone of which there is nothing to say."""
    monkeypatch.setattr(history_pages, "TESTS", 3)
    found = data()
    assert {*outcomes(found)} == {"TestA.broken", "TestA.listed"}
    text = Path("page.html").read_text(encoding="utf-8")
    assert "2 tests of which there is nothing to say" in text
    assert {*outcomes(data("--all"))} == {*SUITE}


def test_a_choice_of_tests_and_runs() -> None:
    """The options that choose tests and runs do so for the page too."""
    assert outcomes(data("--match", "*broken", "--last", "3")) == {"TestA.broken": "PF2"}


def test_commits_of_a_job_have_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a job of GitHub's commits lead to the repository."""
    monkeypatch.setenv("GITHUB_SERVER_URL", "https://github.com")
    assert data()["page"]["commits"] == ""
    monkeypatch.setenv("GITHUB_REPOSITORY", "o/r")
    assert data()["page"]["commits"] == "https://github.com/o/r/commit/"


def test_disabled_tests(project: Path) -> None:
    """What trunk disabled is there, with when the source last said something."""
    entry = Disabled("test_x (m.T)", issue="https://example.org/issues/7")
    with history.writing(str(project / history.DEFAULT)) as connection:
        snapshots = [Snapshot("s", HOUR, {entry.name: entry}), Snapshot("s", 99 * HOUR, {})]
        history_statuses.record(connection, snapshots)
    found = data()
    assert found["rows"][-1][0] == entry.name and found["rows"][-1][3] == "enabled again"
    assert found["page"]["time"] == 99 * HOUR
    assert found["page"]["curves"][-1] == ["disabled on trunk", [HOUR, 1], [99 * HOUR, 0]]


def test_the_same_history_makes_the_same_page() -> None:
    """The page says nothing of when or where it was made."""
    data()
    first = Path("page.html").read_bytes()
    data()
    assert Path("page.html").read_bytes() == first


def test_a_page_that_cannot_be_written(capsys: pytest.CaptureFixture[str]) -> None:
    """It is told in one line, nothing is printed, and nothing is left behind."""
    assert cli.main(["stability", "--html", "nowhere/page.html"]) == 2
    captured = capsys.readouterr()
    assert captured.out == "" and captured.err.count("\n") == 1
    assert "nowhere/page.html" in captured.err
