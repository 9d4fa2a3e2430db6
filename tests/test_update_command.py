"""`trunk-failures update`, as people call it: what it writes, prints and returns."""

from __future__ import annotations

import concurrent.futures
import errno
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from git_fixtures import git
from test_file_changes import tree

from trunk_failures import cli, list_lock, update_command
from trunk_failures.errors import UsageError

Update = Callable[..., tuple[int, str, str]]


def write_results(path: Path, *tests: tuple[str, ...], mode: str = "trunk") -> str:
    """Write result lines, each given as (key, verdict) or (key, verdict, error)."""
    lines = []
    for key, verdict, *error in tests:
        text = error[0] if error else ("AssertionError: 1 != 2" if verdict != "passed" else None)
        line = {"id": key, "file": "test_m.py", "verdict": verdict, "seconds": 0, "error": text}
        lines.append(json.dumps({**line, "mode": mode}))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n")
    return str(path)


PASSES = [(f"T.test_{number}", "passed") for number in range(8)]


@pytest.fixture
def update(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Update:
    """Return a function that runs the command in a project that is a repository."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests/test_m.py").write_text("")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TRUNK_FAILURES_DIR", raising=False)

    def run(*arguments: str) -> tuple[int, str, str]:
        code = cli.main(["update", *arguments])
        return (code, *capsys.readouterr())

    return run


def test_failures_are_listed_and_passes_unlisted(update: Update, tmp_path: Path) -> None:
    """A first run lists what fails; once it passes, the next takes it away."""
    results = write_results(tmp_path / "r.jsonl", *PASSES, ("T.test_x", "failed"))
    code, out, err = update(results)
    assert (code, err) == (0, "")
    assert out.startswith("1 added (mode trunk in tests; 9 tests in 1 file; written)\n")
    assert "it fails: AssertionError: 1 != 2" in out
    assert tree(tmp_path / "tests") == {
        "test_m.py": "",
        "trunk_expected_failures/T.test_x": "T.test_x: reason: AssertionError: 1 != 2\n",
    }
    assert update(results)[1].startswith("nothing to change")
    write_results(tmp_path / "r.jsonl", *PASSES, ("T.test_x", "unexpected success"))
    assert update(results)[1].startswith("1 removed")
    assert tree(tmp_path / "tests") == {"test_m.py": "", "trunk_expected_failures/.gitkeep": ""}


def test_check_and_dry_run_write_nothing(update: Update, tmp_path: Path) -> None:
    """--check exits with 1 where there are changes; --dry-run prints a diff and nothing else."""
    results = write_results(tmp_path / "r.jsonl", *PASSES, ("T.test_x", "failed"))
    before = tree(tmp_path / "tests")
    code, out, _ = update("--check", results)
    assert code == 1 and "not written" in out
    code, out, err = update("--dry-run", results)
    assert code == 0 and out.startswith("diff --git a/tests/trunk_expected_failures/T.test_x b/")
    assert err.startswith("1 added")
    assert tree(tmp_path / "tests") == before
    update(results)
    assert update("--check", results)[0] == 0


def test_configurations_give_markers(update: Update, tmp_path: Path) -> None:
    """What fails in one configuration alone is listed with the marker of that one."""
    one = write_results(tmp_path / "a.jsonl", *PASSES, ("T.test_x", "failed"))
    other = write_results(tmp_path / "b.jsonl", *PASSES, ("T.test_x", "passed"))
    arguments = [
        f'--config=py311:python_version == "3.11"={one}',
        f'--config=py312:python_version == "3.12"={other}',
    ]
    assert "when: python_version" in update(*arguments)[1]
    entry = (tmp_path / "tests/trunk_expected_failures/T.test_x").read_text()
    assert entry.endswith('T.test_x: when: python_version == "3.11"\n')
    assert update(*reversed(arguments))[1].startswith("nothing to change")


def test_a_broken_machine_is_refused(update: Update, tmp_path: Path) -> None:
    """A run in which nearly all fails changes nothing, and exits with 3."""
    failing = [(key, "error") for key, _ in PASSES]
    results = write_results(tmp_path / "r.jsonl", *failing, ("T.test_x", "passed"))
    code, _, err = update(results)
    assert code == 3 and "refused: 8 of 9 tests failed" in err
    assert update("--max-failing", "95", "--max-new", "7", results)[0] == 3
    assert not (tmp_path / "tests/trunk_expected_failures").exists()
    assert update("--max-failing", "95", "--max-new", "8", results)[0] == 0


def test_files_that_cannot_be_read(update: Update, tmp_path: Path) -> None:
    """A truncated file is named and changes nothing, unless --keep-going passes over it."""
    results = write_results(tmp_path / "r/a.jsonl", *PASSES, ("T.test_x", "failed"))
    (tmp_path / "r/b.xml").write_text('<testsuite><testcase classname="T" name="test_1"/>')
    code, out, err = update(str(tmp_path / "r"))
    assert (code, out) == (2, "")
    assert "b.xml: it ends too early" in err and err.count("\n") == 1
    assert "--keep-going" in err
    code, out, err = update("--keep-going", str(tmp_path / "r"))
    assert code == 0 and out.startswith("1 added") and "passed over: " in out
    os.remove(results)
    assert update("--keep-going", str(tmp_path / "r"))[0] == 2


def test_formats_and_issues(update: Update, tmp_path: Path) -> None:
    """The summary comes as JSON and Markdown too, and issues as one text a cause."""
    failing = [("T.test_x", "failed"), ("T.test_y", "failed"), ("T.test_z", "crashed", "worker")]
    results = write_results(tmp_path / "r.jsonl", *PASSES, *failing)
    issues = tmp_path / "issues"
    code, out, _ = update("--check", "--format=json", f"--issues={issues}", results)
    summary = json.loads(out)
    assert [each["test"] for each in summary["added"]] == ["T.test_x", "T.test_y"]
    assert [each["test"] for each in summary["crashed"]] == ["T.test_z"]
    assert summary["causes"][0]["tests"] == ["T.test_x", "T.test_y"]
    assert sorted(path.suffix for path in issues.iterdir()) == [".md", ".md"]
    assert "### Added" in update("--check", "--format=markdown", results)[1]
    (tmp_path / "file").write_text("")
    code, _, err = update("--check", f"--issues={tmp_path / 'file'}", results)
    assert code == 2 and "issue texts cannot be written" in err


def test_regressions_are_told_not_listed(update: Update, tmp_path: Path) -> None:
    """What passed in results that are known to be good is reported, unless it is accepted."""
    good = write_results(tmp_path / "good.jsonl", *PASSES, ("T.test_x", "passed"))
    results = write_results(tmp_path / "r.jsonl", *PASSES, ("T.test_x", "failed"))
    code, out, _ = update("--known-good", good, results)
    assert code == 0 and out.startswith("1 regression") and "passed before" in out
    assert not (tmp_path / "tests/trunk_expected_failures").exists()
    out = update("--known-good", good, "--accept-regressions", results)[1]
    assert out.startswith("1 added")


def test_modes(update: Update, tmp_path: Path) -> None:
    """The lists of the mode that is named change; results of another mode are refused."""
    results = write_results(
        tmp_path / "r.jsonl", *PASSES, ("T.test_x", "failed"), mode="dynamo,trunk"
    )
    code, _, err = update(results)
    assert code == 2 and "--mode dynamo" in err
    assert update("--mode", "other", results)[0] == 2
    assert update("--mode", "dynamo", results)[0] == 0
    assert (tmp_path / "tests/dynamo_expected_failures/T.test_x").exists()
    assert "is no mode" in update("--mode", "a/b", results)[2]


def test_only_removals(update: Update, tmp_path: Path) -> None:
    """--only-remove takes away what passes, and says what else it would do."""
    tests = [("T.test_x", "unexpected success"), ("T.test_y", "failed")]
    listed = tmp_path / "tests/trunk_expected_failures/T.test_x"
    listed.parent.mkdir()
    listed.touch()
    code, out, _ = update("--only-remove", write_results(tmp_path / "r.jsonl", *PASSES, *tests))
    assert code == 0 and out.startswith("1 removed, 1 kept back")
    assert not listed.exists()


def test_staging(update: Update, tmp_path: Path) -> None:
    """--git-add stages the changes; without it git is left alone."""
    (tmp_path / ".git").rmdir()
    git(tmp_path, "init", "--quiet")
    results = write_results(tmp_path / "r.jsonl", *PASSES, ("T.test_x", "failed"))
    update(results)
    assert git(tmp_path, "diff", "--cached", "--name-only") == ""
    write_results(tmp_path / "r.jsonl", *PASSES, ("T.test_y", "failed"))
    update("--git-add", results)
    staged = git(tmp_path, "diff", "--cached", "--name-only")
    assert staged == "tests/trunk_expected_failures/T.test_y\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "no results were given"),
        (["nosuch"], "nosuch"),
        (["--config", "a"], "names no configuration"),
        (["--config", "known good=x", "x"], "can be called 'known good'"),
        (["--config", 'a:mode == "x"=r', "--config", 'a:mode == "y"=r'], "two markers"),
        (["--max-new", "x", "r"], "no whole number"),
        (["--jobs", "0", "r"], "no number of processes"),
        (["--executor", "x", "r.jsonl"], "x"),
        (["--test-dir", "nosuch", "r"], "is no directory"),
        (["--github", "a/b"], "needs --commit"),
        (["--commit", "abc", "r"], "go with --github"),
        (["--nosuch"], "nosuch"),
    ],
)
def test_usage_errors_are_one_line(
    update: Update, tmp_path: Path, arguments: list[str], said: str
) -> None:
    """What cannot be used is one line on stderr, and exit code 2."""
    write_results(tmp_path / "r.jsonl", *PASSES)
    code, out, err = update(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith("trunk-failures update: ") and err.count("\n") == 1
    assert said in err


def test_another_update_is_waited_for(
    update: Update, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where another command holds the lists for too long, that is said."""
    monkeypatch.setattr(update_command, "PATIENCE", 0.1)
    results = write_results(tmp_path / "r.jsonl", *PASSES)
    with list_lock.held(str(tmp_path / "tests"), 0):
        code, _, err = update(results)
    assert code == 2 and "another command that writes lists holds" in err


def test_processes_and_executors_give_the_same(
    update: Update, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One process, two, and threads write the same summary, however tests are spread."""
    monkeypatch.setattr("trunk_failures.inputs.SMALL", 0)
    for number in range(6):
        rows = [(f"T{number}.test_{each}", "passed") for each in range(20)]
        write_results(tmp_path / f"r/{number}.jsonl", *rows, (f"T{number}.test_x", "failed"))
    summaries = {
        update("--check", "--format=json", *arguments, str(tmp_path / "r"))[1]
        for arguments in (
            ["--jobs=1"],
            ["--jobs=2"],
            ["--executor=concurrent.futures:ThreadPoolExecutor"],
        )
    }
    assert len(summaries) == 1
    assert len(json.loads(summaries.pop())["added"]) == 6


def failing() -> concurrent.futures.Executor:
    """Return an executor that cannot run anything."""

    class Broken(concurrent.futures.ThreadPoolExecutor):
        def submit(self, *args: Any, **kwargs: Any) -> Any:
            raise OSError("no worker answers")

    return Broken()


def test_an_executor_that_fails_is_one_line(update: Update, tmp_path: Path) -> None:
    """What an executor raises itself is told with its name."""
    results = write_results(tmp_path / "r.jsonl", *PASSES)
    code, _, err = update("--executor=test_update_command:failing", results)
    assert code == 2 and err.count("\n") == 1
    assert "test_update_command:failing failed: OSError: no worker answers" in err


def test_the_lists_have_to_be_in_order(update: Update, tmp_path: Path) -> None:
    """Lists that break their rules are not added to."""
    (tmp_path / "tests/trunk_skips").mkdir()
    (tmp_path / "tests/trunk_skips/nonsense").touch()
    code, _, err = update(write_results(tmp_path / "r.jsonl", *PASSES))
    assert code == 2 and "break their rules" in err


def test_results_command(
    update: Update, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`results` counts verdicts and names what failed; as JSON it has the counts."""
    more: list[Any] = [("T.test_x", "failed"), ("T.test_y", "skipped", "no")]
    path = write_results(tmp_path / "r.jsonl", *PASSES, *more)
    assert cli.main(["results", path]) == 0
    out = capsys.readouterr().out
    assert out.splitlines() == [
        "10 tests in 1 file",
        "       8 passed",
        "       1 failed",
        "       1 skipped",
        "T.test_x (test_m): failed: AssertionError: 1 != 2",
    ]
    assert cli.main(["results", "--format=json", path]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "files": 1,
        "tests": 10,
        "verdicts": {"passed": 8, "failed": 1, "skipped": 1},
    }
    assert cli.main(["results", str(tmp_path / "nosuch")]) == 2
    assert cli.main(["results", "--help"]) == 0


def unreadable() -> concurrent.futures.Executor:
    """Return an executor that says what is wrong in this package's own words."""

    class Broken(concurrent.futures.ThreadPoolExecutor):
        def submit(self, *args: Any, **kwargs: Any) -> Any:
            raise UsageError("say it otherwise")

    return Broken()


def test_an_error_of_ours_stays_as_it_is(update: Update, tmp_path: Path) -> None:
    """What this package raises in an executor is told as it is."""
    results = write_results(tmp_path / "r.jsonl", *PASSES)
    code, _, err = update("--executor=test_update_command:unreadable", results)
    assert (code, err) == (2, "trunk-failures update: say it otherwise\n")


@pytest.mark.parametrize("number", [errno.ENOSPC, None])
def test_no_room_for_what_is_read(
    update: Update, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int | None
) -> None:
    """Where what is read cannot be kept, that is said; what is no such error is not hidden."""

    def refuse(**kwargs: Any) -> Any:
        raise OSError(number, "no room") if number else OSError("odd")

    results = write_results(tmp_path / "r.jsonl", *PASSES)
    monkeypatch.setattr("trunk_failures.inputs.tempfile.TemporaryDirectory", refuse)
    if number is None:
        with pytest.raises(OSError, match="odd"):
            update(results)
    else:
        code, _, err = update(results)
        assert code == 2 and "cannot be kept" in err


def test_a_name_that_no_entry_can_have(update: Update, tmp_path: Path) -> None:
    """A failing test whose name is no key is told of, and not listed."""
    cases = "".join(f'<testcase classname="test_m.T" name="test_{n}"/>' for n in range(8))
    cases += '<testcase classname="test_m.T" name="[x]"><failure message="no"/></testcase>'
    (tmp_path / "r.xml").write_text(f"<testsuite>{cases}</testsuite>")
    code, out, _ = update(str(tmp_path / "r.xml"))
    assert code == 0 and "no entry can have that name" in out
    assert tree(tmp_path / "tests") == {"test_m.py": ""}


def write_broken_suites(path: Path, count: int) -> str:
    """Write a report of suites in which a test passes, and which failed as a whole."""
    case = '<testcase classname="test_m.T" name="test_{}"/><error message="broke"/>'
    suites = (f'<testsuite name="s{n}">{case.format(n)}</testsuite>' for n in range(count))
    path.write_text(f"<testsuites>{''.join(suites)}</testsuites>")
    return str(path)


@pytest.mark.parametrize("style", ["text", "json"])
def test_failures_without_a_test_are_told_by_results(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], style: str
) -> None:
    """A suite that failed as a whole is told of, whatever passed in it; none goes unsaid."""
    path = write_broken_suites(tmp_path / "r.xml", 30)
    assert cli.main(["results", f"--format={style}", path]) == 0
    out, err = capsys.readouterr()
    told = (out if style == "text" else err).splitlines()
    told = [line.partition("no test id: ")[2] for line in told if "no test id: " in line]
    assert told == [*(f"suite 's{n}' (error)" for n in range(20)), "and 10 more"]


def test_failures_without_a_test_are_told_by_update(update: Update, tmp_path: Path) -> None:
    """The summary says how many more there are than it names."""
    out = update("--format=json", write_broken_suites(tmp_path / "r.xml", 30))[1]
    assert json.loads(out)["no_test_id"][19:] == ["suite 's19' (error)", "and 10 more"]
    out = update("--format=json", write_broken_suites(tmp_path / "r.xml", 2))[1]
    assert json.loads(out)["no_test_id"] == ["suite 's0' (error)", "suite 's1' (error)"]


def test_a_file_that_cannot_be_used_is_named(
    update: Update, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the system refuses after the results were read is told with the file that it is of."""

    def refuse(*arguments: Any) -> Any:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), "/lists")

    monkeypatch.setattr(update_command, "_load", refuse)
    code, _, err = update(write_results(tmp_path / "r.jsonl", *PASSES))
    assert code == 2 and "'/lists' cannot be used: Permission denied" in err
    assert "cannot be kept" not in err
