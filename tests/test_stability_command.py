"""`stability`: what the history says of each test."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from history_fixtures import HOUR, counted, record, record_suite

from trunk_failures import cli, history, history_statuses, stability_command
from trunk_failures.history_statuses import Snapshot
from trunk_failures.statuses import Disabled
from trunk_failures.trials import Run

SUITE = {
    "TestA.good": "P" * 12, "TestA.broken": "P" * 10 + "FF", "TestA.flaky": "PPF" * 4,
    "TestA.listed": "P" * 12, "TestA.gone": "P" + "." * 11,
}


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a project that has a history and lists."""
    (tmp_path / ".git").mkdir()
    skips = tmp_path / "tests" / "trunk_skips"
    skips.mkdir(parents=True)
    (skips / "TestA.listed").touch()
    (tmp_path / "tests" / "test_a.py").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TRUNK_FAILURES_DIR", raising=False)
    record_suite(tmp_path / history.DEFAULT, SUITE)
    return tmp_path


def said(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    """Return what the command prints."""
    assert stability_command.main([*map(str, arguments)]) == 0
    return capsys.readouterr().out


def told(capsys: pytest.CaptureFixture[str], *arguments: object) -> dict[str, Any]:
    """Return the tests of the JSON document, by their keys."""
    document = json.loads(said(capsys, "--format", "json", *arguments))
    return {each["test"]: each for each in document["tests"]}


def test_text(capsys: pytest.CaptureFixture[str]) -> None:
    """The text has the tests that fail, and those that are listed; the others are counted."""
    text = said(capsys)
    assert text.startswith("12 runs: 1 broken, 1 flaky, 1 not seen, 2 stable\n")
    assert "mend: a regression: it passed before run r10 at commit c10" in text
    assert "keep listed: 12 passes, no failure: at most 23 % failing at 95 %" in text
    assert "TestA.good" not in text and "\x1b" not in text


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    """The JSON document has the same tests; with --all, each."""
    found = told(capsys)
    assert [*found] == ["TestA.broken", "TestA.flaky", "TestA.listed"]
    assert found["TestA.listed"]["listed"] == ["trunk_skips/TestA.listed"]
    assert {*told(capsys, "--all")} == {*SUITE}


def test_progress(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is read is counted once: the outcomes, and for the page once more, skips too."""
    record(project / history.DEFAULT, Run("r12"), [("TestA.good", "skipped")])
    with counted() as found:
        said(capsys, "--html", "s.html")
    assert found == [[49, 49], [50, 50]]


def test_files(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Reports are written into files, too, and are what is printed."""
    text = said(capsys, "--json", "s.json", "--markdown", "s.md")
    assert text.startswith("12 runs")
    assert (project / "s.json").read_text() == said(capsys, "--format", "json")
    assert (project / "s.md").read_text() == said(capsys, "--format", "markdown")
    assert "| broken | `TestA.broken` |" in (project / "s.md").read_text()


@pytest.mark.parametrize(
    ("arguments", "keys"),
    [
        (["--match", "*.fl*"], ["TestA.flaky"]),
        (["--match", "re:broken|flaky"], ["TestA.broken", "TestA.flaky"]),
        (["--match", "test_a", "--match", "x"], ["TestA.broken", "TestA.flaky", "TestA.listed"]),
        (["--match", "x"], []),
        (["--last", "1"], ["TestA.broken", "TestA.flaky", "TestA.listed"]),
        (["--config", "py311"], []),
        (["--branch", "main"], []),
    ],
)
def test_which_tests(
    capsys: pytest.CaptureFixture[str], arguments: list[str], keys: list[str]
) -> None:
    """Patterns, a number of runs, a configuration and a branch say what counts."""
    assert [*told(capsys, *arguments)] == keys


def test_policies(capsys: pytest.CaptureFixture[str]) -> None:
    """The confidence and the bound are the user's."""
    found = told(capsys, "--confidence", "50", "--at-most", "10%")["TestA.listed"]
    assert found["recommendation"] == {
        "action": "may be unlisted", "confidence": 0.5,
        "why": "12 passes, no failure: at most 5.7 % failing at 50 %, may be unlisted",
    }


def test_an_entry_that_passes_say_nothing_of(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where an entry is for some platforms, passes on any are no reason to unlist its test."""
    entry = project / "tests" / "trunk_skips" / "TestA.listed"
    entry.write_text("TestA.listed: when: sys_platform == 'win32'\n")
    advice = told(capsys, "--confidence", "50", "--at-most", "10")["TestA.listed"]["recommendation"]
    assert advice["action"] == "keep listed"
    assert advice["why"].startswith("12 passes, no failure: at most 5.7 % failing at 50 %; but the")
    assert "holds where sys_platform == 'win32'" in advice["why"]


@pytest.mark.parametrize("table", ["test", "error"])
def test_a_history_that_is_damaged(
    project: Path, capsys: pytest.CaptureFixture[str], table: str
) -> None:
    """A history of which something is missing is an error in one line."""
    with history.writing(str(project / history.DEFAULT)) as connection:
        connection.execute(f"DELETE FROM {table} WHERE id = 1")
    assert cli.main(["stability"]) == 2
    captured = capsys.readouterr()
    assert "cannot be used: it has outcomes of a" in captured.err and table in captured.err
    assert captured.err.count("\n") == 1 and not captured.out


def test_runs_that_are_set_aside(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A run of a broken machine is named, and counts for no test."""
    path = project / history.DEFAULT
    verdicts = [(f"TestA.t{number}", "failed") for number in range(9)]
    record(path, Run("bad", "", 99 * HOUR), [*verdicts, ("TestA.good", "passed")])
    assert "set aside: run bad (1970-01-05T03:00:00Z), in which 9 of 10 tests" in said(capsys)
    assert "set aside" not in said(capsys, "--set-aside", "95")
    assert "TestA.t1" not in told(capsys) and "TestA.t1" in told(capsys, "--set-aside", "95")


def test_disabled_tests(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What trunk disabled is told of, as far as it is asked for."""
    with history.writing(str(project / history.DEFAULT)) as connection:
        given = {name: Disabled(name, issue="https://e.org/1") for name in ("test_x (m.X)", "y")}
        history_statuses.record(connection, [Snapshot("s", 7, given)])
    assert "disabled on trunk: 2 tests now, 2 at some time" in said(capsys)
    assert "disabled on trunk: 1 test now, 1 at some time" in said(capsys, "--match", "test_x*")


def test_lists_of_another_directory(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The lists are those of the directory that is named."""
    (project / "other" / "dynamo_skips" / "test_a").mkdir(parents=True)
    (project / "other" / "dynamo_skips" / "test_a" / "TestA.good").touch()
    (project / "other" / "test_a.py").touch()
    found = told(capsys, "--test-dir", "other")
    assert found["TestA.good"]["listed"] == ["dynamo_skips/test_a/TestA.good"]


def test_listed_tests_that_no_run_ran(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A listed test that never ran is told of, in the page too; where nothing ran, none is."""
    (project / "tests" / "trunk_skips" / "TestA.never").write_text("TestA.never: owner: me\n")
    text = said(capsys, "--html", "page.html")
    assert text.startswith("12 runs: 1 broken, 1 flaky, 2 not seen, 2 stable\n")
    assert "keep listed: none of these runs ran it, and not run is not passed" in text
    assert "TestA.never" in (project / "page.html").read_text()
    assert told(capsys)["TestA.never"]["listed"] == ["trunk_skips/TestA.never"]
    assert "TestA.never" not in told(capsys, "--match", "*.good")
    assert "TestA.never" not in told(capsys, "--branch", "none")


def test_without_lists(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where there are no lists no test is listed."""
    (project / "tests" / "trunk_skips" / "TestA.listed").unlink()
    (project / "tests" / "trunk_skips").rmdir()
    assert [*told(capsys)] == ["TestA.broken", "TestA.flaky"]


class Terminal(io.StringIO):
    """What says that it is a terminal."""

    def isatty(self) -> bool:
        """Say so."""
        return True


def test_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal the verdicts are coloured, unless NO_COLOR is set, and lines fit."""
    monkeypatch.delenv("TERM", raising=False)
    for value, coloured in (("", True), ("1", False)):
        monkeypatch.setenv("NO_COLOR", value)
        terminal = Terminal()
        monkeypatch.setattr(sys, "stdout", terminal)
        stability_command.main([])
        assert ("\x1b[31mbroken" in terminal.getvalue()) is coloured
        if not coloured:
            assert max(map(len, terminal.getvalue().splitlines())) <= 80


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["--history", "absent"], "there is no history 'absent'"),
        (["--last", "0"], "'0' is no number of runs"),
        (["--confidence", "100"], "'100' is no percentage"),
        (["--at-most", "many"], "'many' is no percentage"),
        (["--match", "re:("], "no regular expression"),
        (["--test-dir", "absent"], "is no directory"),
        (["--json", "absent/s.json"], "cannot be written to 'absent/s.json'"),
        (["--markdown", "a\0b"], "cannot be written"),
        (["frob"], "unrecognized"),
    ],
)
def test_usage_errors(
    capsys: pytest.CaptureFixture[str], arguments: list[str], text: str
) -> None:
    """What cannot be used is one line on stderr, and 2."""
    assert cli.main(["stability", *arguments]) == 2
    captured = capsys.readouterr()
    assert text in captured.err and captured.err.count("\n") == 1 and not captured.out


def test_help(capsys: pytest.CaptureFixture[str]) -> None:
    """The help has a description, examples and the exit codes."""
    assert cli.main(["stability", "--help"]) == 0
    text = capsys.readouterr().out
    assert "examples:" in text and "exit codes:" in text and "A pass on retry" in text
