"""Retirement: which entries the history says may go, and `update --retire`."""

from __future__ import annotations

from pathlib import Path

import pytest
from history_fixtures import counted, judged, record_suite, runs_of, series
from lists_fixtures import write_entry
from update_fixtures import TODAY, failure, lists_of, skip

from trunk_failures import cli, history, retirement, updates
from trunk_failures.changes import Address
from trunk_failures.listed_tests import ListedTests
from trunk_failures.proposals import Kind, Proposal
from trunk_failures.recommendations import Policy
from trunk_failures.stability import Stability

LONG = "P" * 150
KEY = "TestA.test_a"
HERE, ANYWHERE = skip(KEY, "test_a"), skip(KEY)


def proposed(
    model: dict[Address, dict[str, str]], *found: Stability, is_file: bool = True
) -> list[Proposal]:
    """Return what is proposed for lists; files are where the tests say."""
    listed = updates.by_key(lists_of(model))
    return retirement.propose(
        found, listed, lambda place: (place, is_file), Policy(), TODAY
    )


@pytest.mark.parametrize(
    ("entry", "states", "gone"),
    [
        (ANYWHERE, [LONG], True),
        (failure(KEY), [LONG], True),
        (HERE, [LONG], True),
        (skip(KEY, "test_b"), [LONG], False),
        (skip("TestA.other"), [LONG], False),
        (ANYWHERE, [LONG, "F" + LONG], True),
        (ANYWHERE, [LONG, "P" * 100], False),
        (ANYWHERE, [LONG, LONG + "F"], False),
        (ANYWHERE, [LONG + "." * 10], False),
        (ANYWHERE, [LONG, "." * 20], False),
        (ANYWHERE, [], False),
    ],
)
def test_what_may_go(entry: Address, states: list[str], gone: bool) -> None:
    """An entry goes where its test passed for long in each configuration that had it."""
    found = [judged(each, configuration=f"c{number}") for number, each in enumerate(states)]
    proposals = proposed({entry: {}}, *found)
    assert [each.change and each.change.before for each in proposals] == [entry] * gone
    for each in proposals:
        assert each.kind is Kind.REMOVED and each.change and each.change.after is None
        assert "150 passes, no failure" in each.why and "may be unlisted" in each.why
        assert each.configurations == tuple(sorted(test.configuration for test in found))


def test_the_entry_that_acts() -> None:
    """An entry for one file is gone by that file's test; the one for any file by the others'."""
    model: dict[Address, dict[str, str]] = {HERE: {}, ANYWHERE: {}}
    here, there = judged(LONG), judged("PF", place="test_b")
    assert [each.change and each.change.before for each in proposed(model, here, there)] == [HERE]
    swapped = judged("PF"), judged(LONG, place="test_b")
    assert [each.change and each.change.before for each in proposed(model, *swapped)] == [ANYWHERE]
    # A place that is no file is none that an entry can be for.
    bare = proposed(model, here, is_file=False)
    assert [each.change and each.change.before for each in bare] == [ANYWHERE]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"keep": "hardware"}, "keep: hardware"), ({"frob": "x"}, "its entry cannot be read"),
        ({"when": 'sys_platform == "win32"'}, 'holds where sys_platform == "win32", and the'),
    ],
)
def test_entries_that_stay(fields: dict[str, str], said: str) -> None:
    """An entry that is to be kept, or cannot be read, stays, and it is said why."""
    (found,) = proposed({ANYWHERE: fields}, judged(LONG))
    assert found.kind is Kind.KEPT_BACK and found.change is None and said in found.why


@pytest.mark.parametrize(
    ("entries", "modes", "reason"),
    [
        ({"trunk_skips/TestA.test_a": ""}, "", ""),
        ({"trunk_skips/TestA.test_a": "keep: x"}, "", "the entry says keep: x"),
        ({"trunk_skips/TestA.test_a": "frob: x"}, "", "its entry cannot be read: "),
        ({"trunk_skips/TestA.test_a": "when: mode == 'x'"}, "", "the entry holds"),
        ({"dynamo_skips/TestA.test_a": ""}, "dynamo,trunk", ""),
        ({"dynamo_skips/TestA.test_a": ""}, "trunk", "its entry is of mode dynamo, and no run"),
        ({"dynamo_skips/TestA.test_a": "", "trunk_skips/TestA.test_a": ""}, "trunk", ""),
    ],
)
def test_entries_whatever_their_tests_come_to(
    tmp_path: Path, entries: dict[str, str], modes: str, reason: str
) -> None:
    """What its passes say nothing of stays: an entry of another mode, or for some places."""
    for entry, content in entries.items():
        write_entry(tmp_path, entry, content)
    ran = series(LONG)
    ran = ran._replace(runs=[run._replace(modes=modes) for run in ran.runs])
    located = ListedTests(str(tmp_path))(judged(LONG))
    found = retirement.staying(located, ran, Policy())
    assert found.startswith(reason) and bool(found) is bool(reason)


def test_passes_in_some_modes(tmp_path: Path) -> None:
    """What passed often, but not in the mode of its entry, stays."""
    write_entry(tmp_path, "dynamo_skips/TestA.test_a")
    ran = series(LONG)
    runs = [run._replace(modes="dynamo" * (run.name != "r0")) for run in ran.runs]
    located = ListedTests(str(tmp_path))(judged(LONG))
    assert retirement.staying(located, ran._replace(runs=runs), Policy()) == ""
    fewer = ran._replace(runs=[*runs[:-1], runs[0]])
    said = retirement.staying(located, fewer, Policy())
    assert said.startswith("in mode dynamo that is: 148 passes, no failure: at most 2.1 %")


def test_modes() -> None:
    """A mode's entries go by runs in that mode alone; trunk's by any."""
    bare = series("PF.PM")
    assert retirement.in_mode(bare, "trunk") is bare and retirement.in_mode(bare, "dynamo") is None
    runs = [
        run._replace(modes="dynamo,trunk" if number in (1, 2, 4) else "trunk,dynamo2")
        for number, run in enumerate(runs_of(5))
    ]
    assert retirement.in_mode(bare._replace(runs=runs), "dynamo") == bare._replace(
        runs=[runs[1], runs[2], runs[4]], places=[0, 2], states=b"FM"
    )


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a project that has lists."""
    (tmp_path / ".git").mkdir()
    for entry in ("trunk_skips/TestA.gone", "trunk_skips/TestA.flaky", "dynamo_skips/TestA.gone",
                  "trunk_skips/TestA.never"):
        write_entry(tmp_path / "tests", entry)
    (tmp_path / "tests" / "test_a.py").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TRUNK_FAILURES_DIR", raising=False)
    return tmp_path


def listed(project: Path) -> list[str]:
    """Return the entries that there are."""
    tests = project / "tests"
    return sorted(str(file.relative_to(tests)) for file in tests.glob("*_skips/Test*"))


def test_update(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`update --retire` removes what the history says, and nothing that did not run."""
    suite = {"TestA.gone": "K" + "L" * 6, "TestA.flaky": "LLLLLLK", "TestA.new": "FFFFFFF"}
    record_suite(project / history.DEFAULT, suite)
    assert cli.main(["update", "--retire", "95"]) == 0
    assert "nothing to change" in capsys.readouterr().out
    assert cli.main(["update", "--retire", "50%", "--at-most", "20", "--check"]) == 1
    assert "1 removed (mode trunk in tests; 2 tests; not written)" in capsys.readouterr().out
    assert len(listed(project)) == 4
    assert cli.main(["update", "--retire", "50", "--at-most", "20", "--only-remove"]) == 0
    out = capsys.readouterr().out
    assert "6 passes, no failure since: at most 11 % failing at 50 %, may be unlisted" in out
    assert listed(project) == [
        "dynamo_skips/TestA.gone", "trunk_skips/TestA.flaky", "trunk_skips/TestA.never",
    ]
    assert cli.main(["update", "--retire", "50", "--at-most", "20", "--check"]) == 0


def test_progress(project: Path) -> None:
    """All outcomes of the history are read, and counted."""
    record_suite(project / history.DEFAULT, {"TestA.gone": "LLL", "TestA.new": "FF"})
    with counted() as found:
        assert cli.main(["update", "--retire", "95", "--quiet"]) == 0
    assert found[-1] == [5, 5]


def test_update_of_a_mode(project: Path) -> None:
    """Runs in another mode say nothing of a mode's lists."""
    path = project / history.DEFAULT
    arguments = ["update", "--retire", "50", "--at-most", "20", "--mode", "dynamo"]
    record_suite(path, {"TestA.gone": "PPPPPP"})
    assert cli.main(arguments) == 0
    assert "dynamo_skips/TestA.gone" in listed(project)
    record_suite(path, {"TestA.gone": "LLLLLL"}, "dynamo", modes="dynamo,trunk")
    record_suite(path, {"TestA.gone": "K"}, first=10, modes="dynamo,trunk")
    assert cli.main(arguments) == 0
    assert "dynamo_skips/TestA.gone" in listed(project)
    record_suite(path, {"TestA.gone": "LLLLLL"}, first=11, modes="dynamo,trunk")
    assert cli.main(arguments) == 0
    assert "dynamo_skips/TestA.gone" not in listed(project)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--retire", "95", "results.jsonl"], "--retire goes by the history alone"),
        (["--retire", "95", "--config", "a=b"], "--retire goes by the history alone"),
        (["--retire", "0"], "'0' is no percentage"),
        (["--retire", "95", "--history", "absent"], "there is no history 'absent'"),
        ([], "no results were given"),
    ],
)
def test_usage_errors(
    project: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    """What cannot be used is one line on stderr, and 2."""
    assert cli.main(["update", *arguments]) == 2
    captured = capsys.readouterr()
    assert said in captured.err and captured.err.count("\n") == 1
    assert len(listed(project)) == 4
