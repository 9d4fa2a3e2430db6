"""`update --github`: a commit's artifacts are the results, and what is missing is named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from github_fixtures import COMMIT, REPOSITORY, TOKEN, GitHub, job
from test_file_changes import tree

from trunk_failures import cli, github_inputs
from trunk_failures.fetched import Artifact, Fetched, Left
from trunk_failures.job_names import Assigned

pytest_plugins = ["http_fixtures", "github_fixtures"]


def junit(**tests: bool) -> str:
    """Return a JUnit report: whether each test passes."""
    cases = "".join(
        f'<testcase classname="test_m.T" name="{name}">'
        + ("" if passes else '<failure message="AssertionError: no"/>')
        + "</testcase>"
        for name, passes in {**tests, **{f"test_{n}": True for n in range(8)}}.items()
    )
    return f"<testsuite>{cases}</testsuite>"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a project's directory, which is the working one."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "tests").mkdir()
    monkeypatch.chdir(tmp_path)
    for name in ("TRUNK_FAILURES_DIR", "GITHUB_RUN_ID", "GITHUB_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GH_TOKEN", TOKEN)
    return tmp_path


def test_artifacts_are_configurations(
    github: GitHub, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Jobs and artifacts go to configurations by their names; running jobs are told of."""
    github.run(
        1,
        jobs=[
            job(1, "test (3.11)"),
            job(2, "test (3.12)"),
            job(3, "docs"),
            job(4, "test (3.13)", status="in_progress", conclusion=None),
        ],
        artifacts=[
            github.artifact(11, "junit-3.11", junit(test_x=False)),
            github.artifact(12, "junit-3.12", junit(test_x=True)),
        ],
    )
    patterns = project / "patterns"
    patterns.write_text('py312:python_version == "3.12"=*3.12*\n')
    arguments = ["update", "--github", REPOSITORY, "--commit", COMMIT, "--format=json"]
    arguments += ["--github-api", github.site.url, "--jobs-file", str(patterns)]
    arguments += ["--job", 'py311:python_version == "3.11"=*3.11*']
    assert cli.main(arguments) == 0
    out, err = capsys.readouterr()
    summary = json.loads(out)
    assert [each["to"] for each in summary["added"]] == ["trunk_expected_failures/T.test_x"]
    notices = "\n".join(summary["notices"])
    assert "still running: job 'test (3.13)'" in notices
    assert "no artifact: job 'docs'" in notices
    text = tree(project / "tests")["trunk_expected_failures/T.test_x"]
    assert 'when: python_version == "3.11"' in text
    assert TOKEN not in out + err
    assert {each.headers.get("authorization") for each in github.site.asked} == {f"Bearer {TOKEN}"}


def test_what_cannot_be_had_changes_nothing(
    github: GitHub, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No run, and a file of patterns that is not there, are one line and exit code 2."""
    github.lists(f"{github.base}/actions/runs?head_sha={COMMIT}&per_page=100", "workflow_runs", [])
    arguments = ["update", "--github", REPOSITORY, "--commit", COMMIT]
    arguments += ["--github-api", github.site.url]
    assert cli.main(arguments) == 2
    assert cli.main([*arguments, "--jobs-file", "nosuch"]) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 2 and "cannot be read" in err
    assert tree(project / "tests") == {}


def test_what_is_missing_is_told() -> None:
    """Expired artifacts, those of no pattern and those of earlier attempts are named."""
    there = Artifact("junit", "x.zip", 1, 1, earlier=True)
    fetched = Fetched("o/r", COMMIT, (there,), expired=(Left("old", 1),))
    assigned = Assigned((), (Left("docs", 1),), (), ())
    assert [*github_inputs._notices(fetched, assigned)] == [
        "expired: artifact 'old'",
        "no pattern matches: artifact 'docs'",
        "of an earlier attempt: artifact 'junit'",
    ]


def test_the_run_that_asks_is_left_out(
    github: GitHub,
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A job that updates the lists does not wait for, or read, the run that it is part of."""
    github.run(1, artifacts=[github.artifact(11, "junit", junit(test_x=False))])
    github.run(2, jobs=[job(5, "update", status="in_progress", conclusion=None)])
    arguments = ["update", "--github", REPOSITORY, "--commit", COMMIT, "--format=json"]
    arguments += ["--github-api", github.site.url, "--check"]
    told = {}
    for own in ("", "2"):
        monkeypatch.setenv("GITHUB_RUN_ID", own)
        assert cli.main(arguments) == 1
        told[own] = json.loads(capsys.readouterr().out)["notices"]
    assert any("still running: job 'update'" in each for each in told[""])
    assert not any("'update'" in each for each in told["2"])
