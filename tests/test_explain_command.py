"""`trunk-failures explain`, as people call it: what it prints, says and returns."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from git_fixtures import commit
from history_fixtures import record_suite
from lists_fixtures import write_entry

from trunk_failures import cli, history, status_files, statuses
from trunk_failures.statuses import Disabled

Explain = Callable[..., tuple[int, str, str]]
KEY = "TestA.test_b"


@pytest.fixture
def explain(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Explain:
    """Return a function that runs the command in a project, with environment variables."""
    tests = tmp_path / "tests"
    write_entry(tests, f"trunk_expected_failures/{KEY}", "reason: r\nowner: ann\nwhen: env.X == ''")
    files = {"tests/test_a.py": ""}
    commit(tmp_path, "List what fails\x1b[31m", files, "2026-01-01", "A <a@x.org>")
    write_entry(tests, f"dynamo_skips/{KEY}", "issue: https://example.org/1")
    write_entry(tests, f"trunk_skips/nn/test_a/{KEY}", "nope: x")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TRUNK_FAILURES", raising=False)
    monkeypatch.delenv("X", raising=False)

    def run(*arguments: str, **environ: str) -> tuple[int, str, str]:
        with monkeypatch.context() as patched:
            for name, value in environ.items():
                patched.setenv(name, value)
            code = cli.main(["explain", *arguments])
        return (code, *capsys.readouterr())

    return run


def test_all_that_there_is_to_say(explain: Explain, tmp_path: Path) -> None:
    """Entries of all modes, with their fields, their commits, and the values of `when`."""
    first = commit_of(tmp_path)
    assert explain("tests/test_a.py::TestA::test_b") == (0, f"""\
TestA.test_b of test_a.py is listed (in force: trunk):
`tests/trunk_expected_failures/{KEY}` (expected failure of mode trunk) acts
    reason: r
    owner: ann
    when: env.X == ''
        env.X == '' is true here: env.X is not set
    added 2026-01-01 by A <a@x.org>
    in {first[:10]}: List what fails\\x1b[31m
`tests/dynamo_skips/{KEY}` (skip of mode dynamo) acts under PYTORCH_TEST_WITH_DYNAMO=1
    issue: https://example.org/1
    added: not known (no commit added it yet)
""", "")


def commit_of(root: Path) -> str:
    """Return the commit that a repository is at."""
    head = (root / ".git/HEAD").read_text().split()[1]
    return (root / ".git" / head).read_text().strip()


def test_each_file_has_its_paragraph(explain: Explain) -> None:
    """Without its file, a test is told of for any file, and for each that has its own entry."""
    code, out, err = explain("test_b", X="y\x1b")
    any_file, one_file = out.split("\n\n")
    assert (code, err) == (0, "")
    assert any_file.startswith(f"{KEY} is listed")
    assert " (expected failure of mode trunk) its `when` does not hold here\n" in any_file
    assert """        env.X == '' is false here: env.X is "y\\x1b"\n""" in any_file
    first, second = one_file.splitlines()[:2]
    assert first == f"{KEY} of nn/test_a.py is listed (in force: trunk):"
    assert second.startswith(
        f"`tests/trunk_skips/nn/test_a/{KEY}` (skip of mode trunk) suppresses nothing: "
        f"line 1: unknown field 'nope'"
    )
    assert "(expected failure of mode trunk) is overruled by the entry of this very file" in out


def test_other_modes(explain: Explain) -> None:
    """What acts is what the environment says, and what would act is said with what it needs."""
    _, out, _ = explain(KEY, PYTORCH_TEST_WITH_DYNAMO="1")
    assert out.startswith(
        f"{KEY} is listed (in force: dynamo, trunk):\n"
        f"`tests/dynamo_skips/{KEY}` (skip of mode dynamo) acts\n"
    )
    assert "(expected failure of mode trunk) is overruled by a more specific mode's\n" in out
    code, out, _ = explain(KEY, TRUNK_FAILURES="0", X="1")
    assert code == 0 and "(no list is in force: TRUNK_FAILURES=0):\n" in out
    wanted = "(expected failure of mode trunk) without TRUNK_FAILURES=0, its `when` does not hold"
    assert wanted in out
    assert "acts under PYTORCH_TEST_WITH_DYNAMO=1 without TRUNK_FAILURES=0\n" in out


def test_what_is_not_listed(explain: Explain, tmp_path: Path) -> None:
    """It is said, with what is near; one of several that is not listed makes the exit code 1."""
    code, out, err = explain("TestC.test_b", KEY, "zzzzzz")
    assert (code, err) == (1, "")
    missing, *_, unheard = out.split("\n\n")
    assert missing.splitlines() == [
        f"TestC.test_b is not listed in any list in {tmp_path / 'tests'} (modes: trunk, dynamo)",
        "near to it, and listed:",
        f"  {KEY}: the same name in another class or module",
        f"  nn/test_a/{KEY}: the same name in another class or module",
    ]
    assert unheard.startswith("zzzzzz is not listed in any list in ") and unheard.count("\n") == 1


def test_where_there_are_no_lists(explain: Explain, tmp_path: Path) -> None:
    """No list lists nothing, and that there is none is said."""
    (tmp_path / "empty").mkdir()
    code, out, _ = explain("--test-dir=empty", KEY)
    assert code == 1 and out.endswith(f"in any list in {tmp_path / 'empty'} (there is none)\n")


def test_trunks_status(explain: Explain, tmp_path: Path) -> None:
    """The disabled tests of a status are told of, given by an option or by the variable."""
    disabled = (Disabled("TestC.test_d", reason="broken"), Disabled("a.b", platforms=("lunix",)))
    status_files.write(
        str(tmp_path / "s.json"), statuses.Status(disabled, statuses.now(), "x")
    )
    code, out, err = explain("--status=s.json", "TestC.test_d")
    assert (code, out) == (0, """\
TestC.test_d is listed (in force: trunk, trunk_status):
`s.json:trunk_status_skips/TestC.test_d` (skip of mode trunk_status) acts
    reason: broken
""")
    assert err.startswith("trunk-failures explain: ") and "lunix" in err
    assert explain("TestC.test_d", TRUNK_FAILURES_STATUS="s.json")[:2] == (0, out)


def test_json(explain: Explain, tmp_path: Path) -> None:
    """Programs are told the same."""
    code, out, _ = explain("--format=json", KEY, "TestC.test_b")
    found: dict[str, Any] = json.loads(out)
    assert code == 1
    assert (found["in_force"], found["fault"]) == (["trunk"], "")
    listed, missing = found["asked"]
    assert (listed["listed"], missing["listed"], missing["tests"]) == (True, False, [])
    assert missing["near"][0] == {
        "test": KEY, "test_file": "", "why": "the same name in another class or module",
    }
    any_file, one_file = listed["tests"]
    assert (any_file["test"], one_file["test_file"]) == (KEY, "nn/test_a")
    acts, under = any_file["entries"]
    assert acts == {
        "path": f"tests/trunk_expected_failures/{KEY}", "mode": "trunk",
        "kind": "expected_failures", "test_file": "", "state": "acts", "why": "acts", "under": "",
        "fields": {"reason": "r", "owner": "ann", "when": "env.X == ''"},
        "when": ["env.X == '' is true here: env.X is not set"], "fault": "",
        "added": {
            "commit": commit_of(tmp_path), "when": "2026-01-01T12:00:00Z", "author": "A",
            "email": "a@x.org", "subject": "List what fails\x1b[31m",
        },
        "added_unknown": "",
    }
    assert (under["state"], under["under"]) == ("acts", "under PYTORCH_TEST_WITH_DYNAMO=1")
    assert (under["added"], under["added_unknown"]) == (None, "no commit added it yet")
    assert one_file["entries"][0]["state"] == "unreadable"
    assert "nope" in one_file["entries"][0]["fault"]


def test_broken_lists(explain: Explain, tmp_path: Path) -> None:
    """Lists that break their rules are said to, and what they say is told all the same."""
    write_entry(tmp_path / "tests", "trunk_skips/nothing")
    code, out, err = explain(KEY)
    assert code == 0 and "(expected failure of mode trunk) acts" in out
    assert err.startswith("trunk-failures explain: the lists in ") and err.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "the following arguments are required: TEST"),
        (["a b\x1b"], "'a b\\x1b' is no test id here"),
        (["--test-dir=gone", KEY], "--test-dir 'gone' is no directory"),
        (["--status=gone", KEY], "'gone' cannot be read"),
        (["--format=xml", KEY], "invalid choice: 'xml'"),
    ],
)
def test_what_cannot_be_used(explain: Explain, arguments: list[str], said: str) -> None:
    """A usage error is one line on stderr, and exit code 2."""
    code, out, err = explain(*arguments)
    assert (code, out) == (2, "") and said in err and err.count("\n") == 1


@pytest.mark.skipif(sys.platform == "win32", reason="it has no such names")
def test_names_of_any_kind(explain: Explain) -> None:
    """Nothing that is asked for reaches a terminal raw."""
    code, out, _ = explain("TestA.test_\udc80[\x1b[31m]", "TestA.test_b[\n]")
    assert code == 1 and "\x1b" not in out and out.isascii() and out.count("\n\n") == 1


def test_last_results(explain: Explain, tmp_path: Path) -> None:
    """What the history says of a test follows its entries, and of one that is not listed too."""
    usual = tmp_path / history.DEFAULT
    usual.parent.mkdir()
    record_suite(usual, {KEY: "PPPPPF", "TestA.new": "F", "TestA.good": "PPPPPP"}, "py311")
    _, out, _ = explain("tests/test_a.py::TestA::test_b", "TestA.new", "TestA.good")
    lines = out.splitlines()
    assert lines[lines.index("") - 3 : lines.index("")] == [
        "in the history under py311: broken, 5 passes in 6 runs, the last"
        " run r5 (c5, 1970-01-01T06:00:00Z)",
        "    failing since run r5 (c5, 1970-01-01T06:00:00Z), 1 in a row, last pass"
        " run r4 (c4, 1970-01-01T05:00:00Z)",
        "    last error: ValueError: no",
    ]
    assert out.endswith("stable, 6 passes in 6 runs, the last run r5 (c5, 1970-01-01T06:00:00Z)\n")
    assert "TestA.new is not listed" in out and "in the history under py311: broken, 0" in out


def test_last_results_for_programs(explain: Explain, tmp_path: Path) -> None:
    """A history elsewhere is named; the results are in the JSON of what is listed, or is not."""
    elsewhere = tmp_path / "h.sqlite3"
    record_suite(elsewhere, {KEY: "PPPPPP", "TestA.new": "PPPPPP"})
    _, out, _ = explain(KEY, "TestA.new", "TestA.none", "--format=json", f"--history={elsewhere}")
    listed, new, none = json.loads(out)["asked"]
    told = {test["test_file"]: test["results"] for test in listed["tests"]}
    assert [each["verdict"] for each in told[""]] == ["stable"] and told["nn/test_a"] == []
    assert (listed["results"], new["tests"], none["results"]) == ([], [], [])
    assert [each["test"] for each in new["results"]] == ["TestA.new"]


def test_a_history_that_is_named_has_to_be_there(explain: Explain) -> None:
    """Without a history there are no results; one that is named and not there is an error."""
    assert "in the history" not in explain(KEY)[1]
    code, out, err = explain(KEY, "--history=none.sqlite3")
    assert (code, out) == (2, "") and "there is no history 'none.sqlite3'" in err
