"""`record`: results, statuses and git histories into the history."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from history_fixtures import dump, rows, write_results
from test_git_versions import commit, git

from trunk_failures import cli, git_versions, history, record_command
from trunk_failures.errors import TrunkFailuresError

ISSUE = "https://example.org/1"


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a project of one test file."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_a.py").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TRUNK_FAILURES_DIR", raising=False)
    return tmp_path


def record(*arguments: object) -> int:
    """Run the command."""
    return record_command.main([*map(str, arguments)])


def found(project: Path, query: str) -> list[tuple[object, ...]]:
    """Return what a query of the default history gives."""
    return [*rows(project / history.DEFAULT, query)]


def test_results(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What results say of a run is in the history, and what was recorded is told."""
    write_results(project / "r.jsonl", {"TestA.a": "passed", "TestA.b": "failed",
                                        "TestA.c": "skipped", "TestA.d": "failed, passed"})
    assert record("r.jsonl", "--run", "17", "--commit", "abc", "--time", "2026-01-02T00:00:00Z",
                  "--branch", "main", "--config", "py311") == 0
    said = "run 17 of py311: 3 tests that ran, 3 of them not recorded before, in "
    captured = capsys.readouterr()
    assert said in captured.err and not captured.out
    assert found(project, "SELECT * FROM run") == [
        (1, "17", "py311", 1767312000, "abc", "main", "trunk", 3, 2)
    ]
    outcomes = "SELECT key, place, state FROM test JOIN outcome ON test = test.id ORDER BY key"
    assert found(project, outcomes) == [
        ("TestA.a", "test_a", 1), ("TestA.b", "test_a", 2), ("TestA.d", "test_a", 3),
    ]


@pytest.mark.parametrize(
    ("time", "late"), [("9999-12-31", True), ("2020-01-01", False), (None, False)]
)
def test_a_time_that_is_to_come(
    project: Path, capsys: pytest.CaptureFixture[str], time: str | None, late: bool
) -> None:
    """A time that is more than a day ahead is told: what is recorded later comes before it."""
    write_results(project / "r.jsonl", {"TestA.a": "passed"})
    record("r.jsonl", "--run", "17", *(["--time", time] if time else []))
    assert ("its time is to come" in capsys.readouterr().err) is late


def test_a_run_twice(project: Path) -> None:
    """The same run again changes nothing."""
    write_results(project / "r.jsonl", {"TestA.a": "passed", "TestA.b": "failed"})
    record("r.jsonl", "--run", "17")
    before = dump(project / history.DEFAULT)
    record("r.jsonl", "--run", "17")
    assert dump(project / history.DEFAULT) == before


def test_a_module_that_loads_again(project: Path) -> None:
    """A module or a fixture that failed once passes where its tests run again."""
    broken = {"_FailedTest.test_a": "error", "TestA.setUpClass": "error"}
    write_results(project / "1.jsonl", broken)
    write_results(project / "2.jsonl", {"TestA.a": "passed"})
    write_results(project / "3.jsonl", {"TestB.b": "skipped"})
    for number in (1, 2, 3):
        record(f"{number}.jsonl", "--run", number)
    states = """
        SELECT run.name, key, state FROM outcome JOIN test ON test.id = test
        JOIN run ON run.id = run ORDER BY run.name, key
    """
    assert found(project, states) == [
        ("1", "TestA.setUpClass", 2), ("1", "_FailedTest.test_a", 2),
        ("2", "TestA.a", 1), ("2", "TestA.setUpClass", 1), ("2", "_FailedTest.test_a", 1),
    ]


def test_modes(project: Path) -> None:
    """A mode is told of a run where all of its results were made in it, and say so."""
    lines = write_results(project / "r.jsonl", {"TestA.a": "passed"}).read_text()
    (project / "d.jsonl").write_text(lines.replace('"trunk"', '"dynamo,trunk"'))
    (project / "r.xml").write_text("<testsuites/>")
    for names, modes in (
        ("d.jsonl", "dynamo,trunk"), ("d.jsonl r.jsonl", "trunk"), ("d.jsonl r.xml", ""),
    ):
        record(*names.split(), "--run", names)
        assert found(project, f"SELECT modes FROM run WHERE name = '{names}'") == [(modes,)]


def test_several_modes_in_one(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Results of several modes that are told to be of one configuration are told."""
    lines = write_results(project / "r.jsonl", {"TestA.a": "passed"}).read_text()
    (project / "d.jsonl").write_text(lines.replace('"trunk"', '"dynamo,trunk"'))
    record("r.jsonl", "d.jsonl", "--run", "1")
    assert "of several modes (dynamo,trunk; trunk), and a test" in capsys.readouterr().err
    record("d.jsonl", "d.jsonl", "--run", "2")
    assert "several modes" not in capsys.readouterr().err


def test_no_results(project: Path) -> None:
    """A run without any test is a run."""
    (project / "r.xml").write_text("<testsuites/>")
    assert record("r.xml", "--run", "1") == 0
    assert found(project, "SELECT tests, failed FROM run") == [(0, 0)]


def test_results_that_cannot_be_read(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file that is no result file is an error, or with --keep-going told and passed over."""
    write_results(project / "r.jsonl", {"TestA.a": "passed"})
    (project / "bad.xml").write_text("<testsuites>")
    assert cli.main(["record", "r.jsonl", "bad.xml", "--run", "1"]) == 2
    assert not (project / history.DEFAULT).exists()
    capsys.readouterr()
    assert cli.main(["record", "r.jsonl", "bad.xml", "--run", "1", "--keep-going"]) == 0
    assert "passed over: bad.xml" in capsys.readouterr().err


def test_results_without_a_test_id(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What has no test id is told, without what a terminal would obey."""
    write_results(project / "r.jsonl", {"\x9bno key": "failed"})
    record("r.jsonl", "--run", "1")
    said = capsys.readouterr().err
    assert "no test id: " in said and "\x9b" not in said


def test_a_status(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A status and a series of them are recorded, once."""
    status = {"test_a (m.TestA)": ["1", ISSUE, []]}
    (project / "s.json").write_text(json.dumps(status))
    lines = [{"time": f"2026-01-0{day}", "set": status if day == 1 else {}, "drop": [*status][
        : day == 2
    ]} for day in (1, 2)]
    (project / "s.jsonl").write_text("\n".join(map(json.dumps, lines)))
    for _ in range(2):
        assert record("--status", "s.json", "--status", "s.jsonl", "--time", "1000") == 0
    said = [line.partition("record: ")[2] for line in capsys.readouterr().err.splitlines()]
    assert said[0].startswith("3 statuses, 3 of them not recorded before")
    assert said[1].startswith("3 statuses, 0 of them not recorded before")
    assert found(project, "SELECT source, since, until FROM disabled ORDER BY since") == [
        ("s.json", 1000, None), ("s.jsonl", 1767225600, 1767312000),
    ]


def test_sources_can_be_named(project: Path) -> None:
    """Files of one source are told so."""
    for day in (1, 2):
        (project / f"{day}.json").write_text(json.dumps({f"test_{day} (m.A)": ["1", ISSUE, []]}))
        record("--status", f"{day}.json", "--source", "pytorch", "--time", 1000 * day)
    assert found(project, "SELECT source, name, until FROM disabled ORDER BY since") == [
        ("pytorch", "test_1 (m.A)", 2000), ("pytorch", "test_2 (m.A)", None),
    ]


@pytest.mark.parametrize("name", ["caf\udcff.json", "caf\udcff.jsonl"])
def test_a_name_that_is_no_text(project: Path, name: str) -> None:
    """The name of a file, or of a source, need be no UTF-8."""
    series = json.dumps({"time": "2026-01-01", "set": {"test_a (m.A)": ["1", ISSUE, []]}})
    (project / "s").write_text("\n".join([series] * (2 if name.endswith("l") else 1)))
    os.rename("s", name)
    record("--status", name)
    record("--status", name, "--source", "\udcff")
    assert found(project, "SELECT DISTINCT source FROM disabled ORDER BY source") == [
        ("\\udcff",), (name.replace("\udcff", "\\udcff"),),
    ]


@pytest.fixture
def repository(project: Path) -> Path:
    """Return the project as a repository that has versions of a status."""
    (project / ".git").rmdir()
    git(project, "init", "-q", "-b", "main")
    for time, names in enumerate((["a"], ["a", "b"], [], ["b"])):
        document = {f"test_{name} (m.A)": ["1", ISSUE, []] for name in names}
        commit(project, time, dir__status=json.dumps(document) if names else "no status")
    commit(project, 9, dir__status=None)
    return project


def test_versions_in_git(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each version of a status is recorded at its commit's time; what is none is told."""
    assert record("--from-git", "main:dir/status") == 0
    said = capsys.readouterr().err
    assert "passed over: dir/status of commit" in said and "is no status" in said
    assert "is no file any more" in said and "3 statuses, 3 of them" in said
    start = 1_700_000_000
    assert found(repository, "SELECT source, name, since, until FROM disabled") == [
        ("dir/status", "test_a (m.A)", start, start + 3),
        ("dir/status", "test_b (m.A)", start + 1, None),
    ]


def test_git_and_a_directory(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The repository is that of the working directory, and the path is from its root."""
    monkeypatch.chdir(repository / "tests")
    assert record("--from-git", "main:dir/status", "--history", "../h.sqlite3") == 0
    assert git_versions.read and (repository / "h.sqlite3").exists()


def test_keeping(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is older than so many days goes, with what was recorded just now or alone."""
    write_results(project / "r.jsonl", {"TestA.a": "passed"})
    record("r.jsonl", "--run", "old", "--time", "2020-01-01")
    record("r.jsonl", "--run", "new", "--keep", "30")
    assert found(project, "SELECT name FROM run") == [("new",)]
    record("r.jsonl", "--run", "old", "--time", "2020-01-01")
    assert record("--keep", "30") == 0
    assert found(project, "SELECT name FROM run") == [("new",)]
    assert "deleted as older than 30 days: 1 run, 0 disabled spans" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "nothing was given to record"),
        (["r.jsonl"], "results and the run"),
        (["--run", "1"], "results and the run"),
        (["r.jsonl", "--run", ""], "results and the run"),
        (["--keep", "x"], "'x' is no number of days"),
        (["--status", "absent"], "'absent' cannot be read"),
        (["--from-git", "main"], "'main' is no BRANCH:PATH"),
        (["--from-git", "main:absent"], "git"),
        (["r.jsonl", "--run", "1", "--time", "yesterday"], "'yesterday' is no time"),
        (["r.jsonl", "--run", "1", "--time", "9" * 19], "is no time"),
        (["absent.jsonl", "--run", "1"], "absent.jsonl"),
        (["r.jsonl", "--run", "1", "--history", "tests"], "cannot be used"),
        (["--status", "s.json", "--history", "r.jsonl"], "not a database"),
        (["r.jsonl", "--run", "1", "--status", "absent"], "'absent' cannot be read"),
        (["--frob"], "unrecognized"),
    ],
)
def test_usage_errors(
    project: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    """What cannot be used is one line on stderr, and 2."""
    write_results(project / "r.jsonl", {"TestA.a": "passed"})
    (project / "s.json").write_text("{}")
    assert cli.main(["record", *arguments]) == 2
    captured = capsys.readouterr()
    assert said in captured.err and captured.err.count("\n") == 1 and not captured.out
    assert not os.path.exists(history.DEFAULT)


def test_a_status_that_is_none_records_nothing(project: Path) -> None:
    """Where one of several statuses cannot be read, none of them is recorded."""
    (project / "s.json").write_text("{}")
    (project / "bad.json").write_text("[]")
    with pytest.raises(TrunkFailuresError, match="bad.json is no status"):
        record("--status", "s.json", "--status", "bad.json")
    record("--keep", "9")
    assert found(project, "SELECT count(*) FROM status") == [(0,)]


def test_help(capsys: pytest.CaptureFixture[str]) -> None:
    """The help has a description, examples and the exit codes."""
    assert cli.main(["record", "--help"]) == 0
    text = capsys.readouterr().out
    assert "examples:" in text and "exit codes:" in text and "nothing is counted twice" in text
