"""Recent workflow runs as a source: a server with its endpoints in the shapes of GitHub's API."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from github_fixtures import REPOSITORY, SECOND, TOKEN, GitHub, job
from http_fixtures import PretendedTime, Reply, Site, of_json

from trunk_failures import statuses
from trunk_failures.download import Client
from trunk_failures.errors import SourceError, UsageError
from trunk_failures.github_runs import Bounds
from trunk_failures.matching import Matcher
from trunk_failures.sources import github_runs, run_failures
from trunk_failures.sources.github_runs import RecentRuns
from trunk_failures.statuses import Source, Status

pytest_plugins = ["http_fixtures", "github_fixtures"]

STAMP = "2026-05-01T10:00:00.1234567Z "
FAILED: dict[str, Any] = {"conclusion": "failure"}


def junit(**tests: str) -> str:
    """Return a JUnit report of tests/test_m.py: why each test failed, or "" where it passed."""
    cases = "".join(
        f'<testcase classname="tests.test_m.T" name="{name}">'
        + (f'<failure message="{error}"/>' if error else "")
        + "</testcase>"
        for name, error in tests.items()
    )
    return f"<testsuite>{cases}</testsuite>"


def packed(**members: bytes) -> bytes:
    """Return a zip file."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, content in members.items():
            opened.writestr(name.replace("_", "."), content)
    return file.getvalue()


class Runs:
    """The runs of a workflow at GitHub's API."""

    def __init__(self, github: GitHub) -> None:
        self.github = github
        self.path = (
            f"{github.base}/actions/workflows/ci.yml/runs"
            "?branch=main&status=completed&per_page=100"
        )

    def add(self, id: int, *artifacts: str | dict[str, Any], **fields: Any) -> None:
        """Add a run that is newer than those before, with reports as its artifacts."""
        fields = {
            "head_branch": "main",
            "head_repository": {"full_name": REPOSITORY},
            "html_url": f"https://github.com/{REPOSITORY}/actions/runs/{id}",
            "run_started_at": f"2026-05-01T10:00:{id:02}Z",
            **fields,
        }
        listed = [
            self._artifact(id * 100 + n, each) if isinstance(each, str) else each
            for n, each in enumerate(artifacts)
        ]
        self.github.run(id, artifacts=listed, **fields)
        self.lists()

    def _artifact(self, id: int, report: str) -> dict[str, Any]:
        return self.github.artifact(id, f"junit {id}", report)

    def lists(self, size: int = 100) -> None:
        """List the runs, newest first."""
        self.github.lists(self.path, "workflow_runs", self.github.runs[::-1], size)

    def log(self, id: int, *lines: str) -> None:
        """Have a job's log, at another host."""
        text = "".join(f"{STAMP}{line}\r\n" for line in ("\x1b[36;1mpytest\x1b[0m", *lines))
        headers = {"location": f"{self.github.blobs.other_url}/log/{id}?sig=secret"}
        self.github.site.replies[f"{self.github.base}/actions/jobs/{id}/logs"] = [
            Reply(b"", 302, headers)
        ]
        self.github.blobs.replies[f"/log/{id}?sig=secret"] = [
            Reply(f"\ufeff{text}".encode(), headers={"content-type": "text/plain"})
        ]


@pytest.fixture
def runs(github: GitHub) -> Runs:
    """Serve the runs of a workflow."""
    return Runs(github)


def source(runs: Runs, **options: Any) -> RecentRuns:
    """Return the source that asks the server."""
    options = {"environ": {"GH_TOKEN": TOKEN}, "api": runs.github.site.url, **options}
    return RecentRuns(REPOSITORY, options.pop("workflow", "ci.yml"), **options)


def failing(status: Status) -> dict[str, tuple[int, int]]:
    """Return in how many of how many runs each test failed."""
    return {test.name: (test.failed, test.runs) for test in status.tests}


X, Y, Z = (f"tests/test_m.py::T::test_{name}" for name in "xyz")


def test_tests_that_fail_in_recent_runs(runs: Runs) -> None:
    """Those that failed in reports of the last runs are failing, with how often and why."""
    runs.add(1, junit(test_x="E: old", test_y="E: y", test_z=""), **FAILED)
    runs.add(2, junit(test_x="E: at 0x7f12345678", test_y=""), junit(test_z=""), **FAILED)
    runs.add(3, junit(test_x="", test_y="", test_z=""))
    found: Source = source(runs)
    status = found.fetch()
    assert failing(status) == {X: (2, 3), Y: (1, 3)}
    test = status.tests[0]
    assert test.rule == statuses.EXACT and test.seen == "2026-05-01T10:00:02Z"
    assert test.reason == "E: at 0x..." and test.platforms == ()
    assert test.source == status.origin == f"runs of ci.yml on main of {REPOSITORY}"
    assert status.notes == ("3 of the last 3 runs tell something of tests",)
    assert status.age(statuses.now()).total_seconds() < 60
    assert str(found) == status.asked == (
        f"github-runs={REPOSITORY} (ci.yml on main, last 5, failing in 1) at {runs.github.site.url}"
    )
    known = test.test
    assert known is not None and known.key == "T.test_x" and known.file == "tests/test_m.py"
    assert Matcher(status.tests).find(known) == [test]


def test_what_the_servers_see(runs: Runs) -> None:
    """The API gets the token; the hosts of artifacts and of logs get none."""
    runs.add(1, jobs=[job(7, "test", **FAILED)], **FAILED)
    runs.add(2, junit(test_x="E"), **FAILED)
    runs.log(7, "FAILED tests/test_m.py::T::test_y - E")
    assert failing(source(runs).fetch()) == {X: (1, 2), Y: (1, 2)}
    assert {each.headers["authorization"] for each in runs.github.site.asked} == {f"Bearer {TOKEN}"}
    assert len(runs.github.blobs.asked) == 2
    for asked in runs.github.blobs.asked:
        assert TOKEN not in str(asked) and "authorization" not in asked.headers


def test_a_test_has_to_fail_in_some_of_the_runs(runs: Runs) -> None:
    """One that failed in fewer is not failing; where fewer tell something there is no answer."""
    runs.add(1, junit(test_x="E", test_y="E"), **FAILED)
    runs.add(2, junit(test_x="E", test_y=""), **FAILED)
    assert failing(source(runs, failing_in=2).fetch()) == {X: (2, 2)}
    with pytest.raises(SourceError, match="2 of the last 2 runs .* tell .*, and 3 have to; check"):
        source(runs, failing_in=3).fetch()


def test_only_the_last_runs_count(runs: Runs) -> None:
    """Those that were cancelled or skipped do not, and pages are read until there are enough."""
    runs.add(1, junit(test_y="E"), **FAILED)
    runs.add(2, junit(test_x="E"), **FAILED)
    for number, conclusion in enumerate(("cancelled", "skipped", "stale", "action_required"), 3):
        runs.add(number, junit(test_z="E"), conclusion=conclusion)
    runs.add(7, junit(test_x=""))
    runs.lists(2)
    status = source(runs, last=2).fetch()
    assert failing(status) == {X: (1, 2)}
    assert status.notes == (
        "2 of the last 2 runs tell something of tests; 4 more were cancelled or skipped and do not"
        " count",
    )
    pages = [each.path for each in runs.github.site.asked if "/workflows/ci.yml/" in each.path]
    assert len(pages) == 3
    runs.lists(100)
    assert source(runs, last=1).fetch().notes == ("1 of the last 1 runs tell something of tests",)


def test_runs_that_are_not_trunks(runs: Runs) -> None:
    """Those of forks and pull requests, whose branch has the same name, are left out."""
    runs.add(1, junit(test_x="E"), head_repository={"full_name": REPOSITORY.upper()}, **FAILED)
    runs.add(2, junit(test_y="E"), head_repository={"full_name": "fork/repo"}, **FAILED)
    runs.add(3, junit(test_y="E"), event="pull_request", **FAILED)
    runs.add(4, junit(test_y="E"), head_branch="other", **FAILED)
    runs.add(5, junit(test_y="E"), status="in_progress", conclusion=None)
    runs.add(6, junit(test_z="E"), head_repository=None, **FAILED)
    assert failing(source(runs).fetch()) == {X: (1, 2), Z: (1, 2)}


@pytest.mark.parametrize("silent", [False, True])
def test_no_run_is_no_answer(runs: Runs, silent: bool) -> None:
    """A branch without runs, or with cancelled ones alone, is no branch without failures."""
    runs.lists()
    if silent:
        runs.add(1, junit(test_x=""), conclusion="cancelled")
    more = "; 1 more were cancelled or skipped" if silent else "; check the workflow"
    with pytest.raises(SourceError, match=f"0 of the last 0 runs of ci.yml on main .*{more}"):
        source(runs).fetch()


def test_runs_that_failed_for_unknown_reasons(runs: Runs) -> None:
    """They are told and not counted; where there are no others there is no answer."""
    runs.add(1, jobs=[job(7, "test", **FAILED), job(8, "cut", conclusion="cancelled")], **FAILED)
    runs.log(7, "ERROR: the runner was lost", "FAILED to upload")
    runs.add(2, conclusion="startup_failure")
    with pytest.raises(SourceError, match="0 of the last 2.*run 1 .*its tests are unknown"):
        source(runs).fetch()
    runs.add(3, junit(test_x="E"), **FAILED)
    status = source(runs).fetch()
    assert failing(status) == {X: (1, 1)}
    assert status.notes == (
        "1 of the last 3 runs tell something of tests",
        f"run 2 (https://github.com/{REPOSITORY}/actions/runs/2): it ended as 'startup_failure',"
        " and neither its 0 artifacts nor the logs of its 0 failed jobs tell of a failed test; its"
        " tests are unknown",
        f"run 1 (https://github.com/{REPOSITORY}/actions/runs/1): it ended as 'failure', and"
        " neither its 0 artifacts nor the logs of its 1 failed jobs tell of a failed test; its"
        " tests are unknown",
    )


def test_runs_that_left_nothing_and_succeeded(runs: Runs) -> None:
    """That no job failed says that no test did; it is told that nothing else is known."""
    runs.add(1, jobs=[job(7, "test")])
    runs.add(2, junit(test_x=""))
    status = source(runs).fetch()
    assert status.tests == ()
    assert status.notes == (
        "2 of the last 2 runs tell something of tests; of 1 of them nothing is known but that they"
        " succeeded",
    )


def test_logs_where_there_are_no_reports(runs: Runs) -> None:
    """Lines of the jobs that failed name tests; a job that was made again counts as it ended."""
    jobs = [
        job(7, "a", **FAILED),
        job(8, "b", conclusion="timed_out"),
        job(9, "c", **FAILED),
        job(10, "c", run_attempt=2, completed_at="2026-05-01T12:10:00Z"),
        job(11, "d"),
    ]
    runs.add(1, jobs=jobs, run_attempt=2, run_started_at=SECOND, **FAILED)
    runs.log(7, "FAILED tests/test_m.py::T::test_x - E: why", "FAILED tests/test_m.py::T::test_y")
    runs.log(8, "ERROR tests/test_m.py::T::test_x", "ERROR tests/test_n.py - ImportError: no")
    for number in (9, 10, 11):
        runs.log(number, "FAILED tests/test_m.py::T::test_z")
    status = source(runs).fetch()
    assert failing(status) == {X: (1, 1), Y: (1, 1), "tests/test_n.py": (1, 1)}
    assert status.tests[0].reason == "E: why" and status.tests[0].seen == SECOND
    assert all(test.test is not None for test in status.tests)


def test_logs_where_reports_tell_of_no_failure(runs: Runs) -> None:
    """A run that failed is not taken to have passed because the reports that it left have."""
    runs.add(1, junit(test_x="", test_y=""), jobs=[job(7, "test", **FAILED)], **FAILED)
    runs.log(7, "FAILED tests/test_m.py::T::test_z - E")
    assert failing(source(runs).fetch()) == {Z: (1, 1)}
    runs.log(7, "lint: no")
    status = source(runs).fetch()
    assert failing(status) == {}
    assert "tell of a failed test; 2 others ran" in status.notes[1]


def test_what_the_lists_of_trunk_expect_is_no_failure(runs: Runs) -> None:
    """Expected failures and skips are none, nor is a test that passed unexpectedly."""
    verdicts = (
        "expected failure", "skip-listed and failed", "skip-listed and passed", "skipped",
        "unexpected success", "failed", "error", "fails differently", "crashed",
    )
    fields = {"file": "tests/test_m.py", "seconds": 0.1, "error": "E", "mode": "trunk"}
    lines = "".join(
        json.dumps({"id": f"T.test_{n}", "verdict": verdict, **fields}) + "\n"
        for n, verdict in enumerate(verdicts)
    )
    listed = runs.github.artifact(11, "results")
    runs.github.blobs.replies["/blob/11?sig=secret"] = [Reply(packed(r_jsonl=lines.encode()))]
    runs.add(1, listed, **FAILED)
    assert [*failing(source(runs).fetch())] == [
        f"tests/test_m.py::T::test_{n}" for n in (5, 6, 7, 8)
    ]


def test_only_artifacts_of_the_patterns(runs: Runs) -> None:
    """The others are not downloaded."""
    names = ("junit-linux", "junit-win", "wheel")
    listed = [
        runs.github.artifact(n, name, junit(**{f"test_{letter}": "E"}))
        for n, (name, letter) in enumerate(zip(names, "xyz"), 11)
    ]
    runs.add(1, *listed, **FAILED)
    found = source(runs, artifacts=("junit-l*", "junit-w*"))
    assert failing(found.fetch()) == {X: (1, 1), Y: (1, 1)}
    assert len(runs.github.blobs.asked) == 2
    assert "failing in 1, artifacts junit-l* junit-w*)" in str(found)
    assert len(failing(source(runs).fetch())) == 3


def test_artifacts_that_hold_something_else(runs: Runs) -> None:
    """Without a report they say nothing; a report that is cut short is told, by its names."""
    listed = [runs.github.artifact(n, f"thing {n}") for n in (11, 12, 13)]
    bodies = (
        packed(wheel_whl=b"x"),
        packed(a_xml=b"<testsuite><testcase", b_xml=junit(test_x="E").encode()),
        packed(c_zip=b"x"),
    )
    for number, body in enumerate(bodies, 11):
        runs.github.blobs.replies[f"/blob/{number}?sig=secret"] = [Reply(body)]
    runs.add(1, *listed, **FAILED)
    status = source(runs).fetch()
    assert failing(status) == {X: (1, 1)}
    told = [note.partition("runs/1): ")[2] for note in status.notes[1:]]
    assert told[0].startswith("thing 13!c.zip is a zip file in a zip file")
    assert told[1].startswith("thing 12!a.xml: ")
    assert len(told) == 2 and "/tmp" not in str(told)


def test_a_zip_bomb_is_no_result(runs: Runs) -> None:
    """What expands without end is given up and told, and the other reports are read."""
    listed = runs.github.artifact(11, "bomb")
    bomb = packed(a_xml=b"<testsuite>" + b" " * (80 << 20), b_xml=junit(test_x="E").encode())
    assert len(bomb) < 1 << 17
    runs.github.blobs.replies["/blob/11?sig=secret"] = [Reply(bomb)]
    runs.add(1, listed, **FAILED)
    status = source(runs).fetch()
    assert failing(status) == {X: (1, 1)}
    assert "bomb!a.xml expands to more than 200 times its size" in status.notes[1]


def test_results_without_a_test_id_are_told(runs: Runs) -> None:
    """A failure that is no test's is in the notes with its run."""
    report = '<testsuite><testcase name=""><failure message="E: lost"/></testcase></testsuite>'
    runs.add(1, report, junit(test_x=""), **FAILED)
    status = source(runs).fetch()
    assert status.tests == ()
    assert any("runs/1): failed, and has no test id: " in note for note in status.notes)


def test_expired_artifacts_are_told(runs: Runs) -> None:
    """Those that are listed so and those that are gone; then the logs are asked."""
    listed = [runs.github.artifact(n, f"a{n}", junit(test_z="E")) for n in (11, 12)]
    listed[0]["expired"] = True
    gone = of_json({"message": "Artifact has expired"}, 410)
    runs.github.site.replies[f"{runs.github.base}/actions/artifacts/12/zip"] = [gone]
    runs.add(1, *listed, jobs=[job(7, "test", **FAILED)], **FAILED)
    runs.log(7, "FAILED tests/test_m.py::T::test_x - E")
    status = source(runs).fetch()
    assert failing(status) == {X: (1, 1)}
    assert [note.partition("runs/1): ")[2] for note in status.notes[1:]] == [
        "its artifact 'a12' has expired",
        "its artifact 'a11' has expired",
    ]
    del runs.github.site.replies[f"{runs.github.base}/actions/jobs/7/logs"]
    with pytest.raises(SourceError, match="0 of the last 1 .*the log of its job 'test' is gone"):
        source(runs).fetch()


def short(runs: Runs, passing: PretendedTime) -> Callable[[str, str | None], Client]:
    """Return what makes clients for which time passes at once."""

    def connect(api: str, token: str | None) -> Client:
        return Client(token, api, clock=passing.clock, advice=github_runs.ADVICE)

    return connect


def test_a_server_that_fails_for_some(runs: Runs, passing: PretendedTime) -> None:
    """What it does not give is told, and what it gives counts."""
    listed = [runs.github.artifact(n, f"a{n}", junit(test_x="E")) for n in (11, 12)]
    runs.github.site.replies[f"{runs.github.base}/actions/artifacts/12/zip"] = [Reply(status=502)]
    runs.add(1, jobs=[job(7, "test", **FAILED)], **FAILED)
    runs.github.site.replies[f"{runs.github.base}/actions/jobs/7/logs"] = [Reply(status=500)]
    runs.add(2, *listed, **FAILED)
    status = source(runs, connect=short(runs, passing)).fetch()
    assert failing(status) == {X: (1, 1)}
    assert "its artifact 'a12' cannot be had: http" in status.notes[1]
    assert "502 (Bad Gateway)" in status.notes[1]
    assert "the log of its job 'test' cannot be had: http" in status.notes[2]


def test_many_faults_are_counted(runs: Runs) -> None:
    """A few of them are shown, and how many more there are."""
    listed = [runs.github.artifact(n, f"a{n}") for n in range(11, 31)]
    runs.add(1, *[{**each, "expired": True} for each in listed], junit(test_x="E"), **FAILED)
    status = source(runs).fetch()
    assert len(status.notes) == 1 + run_failures.SHOWN + 1
    assert status.notes[-1].endswith("and 15 more like these")


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize("what", ["artifacts/100/zip", "jobs/7/logs", "runs/1/jobs"])
def test_what_may_not_be_read(runs: Runs, what: str, status: int) -> None:
    """A refusal is an error that says which variables are to hold a token, and what it needs."""
    artifacts = [junit(test_x="E")] if what.startswith("art") else []
    runs.add(1, *artifacts, jobs=[job(7, "test", **FAILED)], **FAILED)
    runs.add(2, junit(test_x="E"), **FAILED)
    refused = of_json({"message": "Must have admin rights to Repository."}, status)
    for path in [*runs.github.site.replies, f"{runs.github.base}/actions/jobs/7/logs"]:
        if what in path:
            runs.github.site.replies[path] = [refused]
    with pytest.raises(SourceError, match="GITHUB_TOKEN holds a token with the permission") as told:
        source(runs).fetch()
    assert TOKEN not in str(told.value) and "Must have admin rights" in str(told.value)


def test_limits_of_requests(runs: Runs, passing: PretendedTime) -> None:
    """They are waited for as the server says, and are an error where that is too long."""
    runs.add(1, junit(test_x="E"), **FAILED)
    limited = of_json({"message": "slow down"}, 429, retry_after="30")
    runs.github.site.replies[runs.path].insert(0, limited)
    assert failing(source(runs, connect=short(runs, passing)).fetch()) == {X: (1, 1)}
    assert passing.slept == [30.0]
    path = f"{runs.github.base}/actions/artifacts/100/zip"
    runs.github.site.replies[path] = [of_json({"message": "rate limit"}, 403, retry_after="3600")]
    with pytest.raises(SourceError, match="the next try is of use in 3600 s"):
        source(runs, connect=short(runs, passing)).fetch()


@pytest.mark.parametrize(
    ("bounds", "fault"),
    [
        (Bounds(artifacts=1), "has 2 artifacts of .*name fewer by patterns"),
        (Bounds(size=300), "has 2 artifacts of .*name fewer by patterns"),
        (Bounds(pages=1), "more than 1 pages of workflow_runs"),
    ],
)
def test_bounds_of_all_runs_together(runs: Runs, bounds: Bounds, fault: str) -> None:
    """More than is allowed is an error before it is downloaded."""
    runs.add(1, junit(test_x="E"), **FAILED)
    runs.add(2, junit(test_x="E"), **FAILED)
    runs.lists(1)
    with pytest.raises(SourceError, match=fault):
        source(runs, bounds=bounds).fetch()


def test_the_bound_holds_whatever_is_listed(runs: Runs) -> None:
    """A file that is longer than its list says is bounded by what is left for all."""
    listed = runs.github.artifact(11, "long", junit(test_x="E" * 5000))
    runs.add(1, {**listed, "size_in_bytes": 1}, **FAILED)
    with pytest.raises(SourceError, match="'long' cannot be had: .*more than the 2,000 bytes"):
        source(runs, bounds=Bounds(size=2000)).fetch()
    second = {**runs.github.artifact(21, "second", junit(test_y="E")), "size_in_bytes": 1}
    runs.add(2, {**listed, "size_in_bytes": 1}, second, **FAILED)
    size = listed["size_in_bytes"]
    status = source(runs, bounds=Bounds(size=size + 10), last=1).fetch()
    assert failing(status) == {X: (1, 1)} and "'second' cannot be had" in status.notes[1]


def test_a_workflow_by_its_name(runs: Runs) -> None:
    """It is looked up; a name that none or several have is an error that says which there are."""
    runs.add(1, junit(test_x="E"), **FAILED)
    listed = [
        {"id": 5, "name": "CI", "path": ".github/workflows/ci.yml"},
        {"id": 6, "name": "Twice"},
        {"id": 7, "name": "Twice"},
        {"id": 8, "name": None},
    ]
    runs.github.lists(f"{runs.github.base}/actions/workflows?per_page=100", "workflows", listed)
    by_id = runs.path.replace("ci.yml", "5")
    runs.github.site.replies[by_id] = runs.github.site.replies[runs.path]
    assert failing(source(runs, workflow="CI").fetch()) == {X: (1, 1)}
    for workflow, count in (("Nightly", 0), ("Twice", 2)):
        with pytest.raises(SourceError, match=f"{count} workflows of .*'CI', 'Twice', None; name"):
            source(runs, workflow=workflow).fetch()
    runs.github.lists(f"{runs.github.base}/actions/workflows?per_page=100", "workflows", [])
    with pytest.raises(SourceError, match="0 workflows of .*; there are none; name one by its"):
        source(runs, workflow="CI").fetch()


def test_a_workflow_and_a_branch_of_odd_names(runs: Runs) -> None:
    """They are quoted, and the directory of the workflow may be given."""
    odd = runs.path.replace("ci.yml", "a%20b%3F.yaml").replace("branch=main", "branch=r%2F1%26x")
    runs.add(1, junit(test_x="E"), head_branch="r/1&x", **FAILED)
    runs.github.site.replies[odd] = runs.github.site.replies[runs.path]
    options = {"workflow": ".github/workflows/a b?.yaml", "branch": "r/1&x"}
    assert failing(source(runs, **options).fetch()) == {X: (1, 1)}


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        ({"repository": "octo"}, "allowed is OWNER/REPO"),
        ({"workflow": " "}, "no workflow of o/r is named"),
        ({"branch": ""}, "no branch of o/r is named"),
        ({"last": 0}, "allowed are 1 to 100 runs"),
        ({"last": 101}, "allowed are 1 to 100 runs"),
        ({"failing_in": 0}, "allowed are 1 to 100 runs"),
        ({"last": 2, "failing_in": 3}, "fails in 3 of the last 2 runs; allowed are"),
    ],
)
def test_what_cannot_be(options: dict[str, Any], fault: str) -> None:
    """It is an error before anything is asked."""
    with pytest.raises(UsageError, match=fault):
        RecentRuns(**{"repository": "o/r", "workflow": "ci.yml", **options})


LOGIN = Reply(b"<html>Sign in</html>", headers={"content-type": "text/html"})


@pytest.mark.parametrize(
    ("reply", "fault"),
    [
        (LOGIN, "where a JSON document was expected.*a page to sign in"),
        (Reply(b"\xff"), "where a JSON document was expected"),
        (of_json([]), "check the address of the API"),
        (of_json({"workflow_runs": [1]}), "check the address of the API"),
        (of_json({"workflow_runs": [{"id": 1, "head_branch": 5}]}), "'head_branch'"),
        (
            of_json({"workflow_runs": [
                {"id": 1, "head_branch": "main", "status": "completed", "head_repository": "x"}
            ]}),
            "'head_repository'",
        ),
        (of_json({"message": "Not Found"}, 404), "404.*check the repository, the workflow and the"),
    ],
)
def test_what_is_no_answer(runs: Runs, reply: Reply, fault: str) -> None:
    """A page to sign in, what is no JSON, another shape and refusals are errors."""
    runs.github.site.replies[runs.path] = [reply]
    with pytest.raises(SourceError, match=fault):
        source(runs).fetch()


@pytest.mark.parametrize(
    "reply", [LOGIN, Reply(b"PK", length=100), Reply(b"PK\x05\x06" + b"\0" * 18)]
)
def test_artifacts_that_are_none(runs: Runs, reply: Reply, passing: PretendedTime) -> None:
    """A page to sign in, one that is cut short and an empty one tell of no test."""
    runs.add(1, junit(test_x="E"), **FAILED)
    runs.github.blobs.replies["/blob/100?sig=secret"] = [reply]
    with pytest.raises(SourceError, match="0 of the last 1 runs"):
        source(runs, connect=short(runs, passing)).fetch()


def test_nothing_is_left_behind(
    runs: Runs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was downloaded is gone, whether it gave an answer or not; without room none is given."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    runs.add(1, junit(test_x="E"), **FAILED)
    source(runs).fetch()
    runs.github.site.replies[f"{runs.github.base}/actions/artifacts/100/zip"] = [Reply(status=401)]
    with pytest.raises(SourceError, match="401"):
        source(runs).fetch()
    assert not [*tmp_path.iterdir()]
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "none"))
    with pytest.raises(SourceError, match="No such file"):
        source(runs).fetch()


def test_the_environment_says_whom_to_ask(runs: Runs, site: Site) -> None:
    """GitHub Actions name the API; nobody sees the token in what the source says of itself."""
    runs.add(1, junit(test_x="E"), **FAILED)
    environ = {"GITHUB_API_URL": site.url, "GH_TOKEN": TOKEN}
    found = RecentRuns(REPOSITORY, "ci.yml", environ=environ)
    assert failing(found.fetch()) == {X: (1, 1)}
    assert str(found) == f"github-runs={REPOSITORY} (ci.yml on main, last 5, failing in 1)"
    assert TOKEN not in repr(found)
    assert "api.github.com" in repr(github_runs.client("https://api.github.com", TOKEN))


SUITE = """
import unittest, pytest

class T(unittest.TestCase):
    def test_x(self): self.assertEqual(1, 2)
    def test_ok(self): pass
    def test_sub(self):
        for i in range(2):
            with self.subTest(i=i):
                self.assertEqual(i, 0)
    @unittest.expectedFailure
    def test_unexpected(self): pass

class TestOuter:
    class TestInner:
        def test_in(self): assert 0

@pytest.mark.parametrize("p", ["a - b", "a/b.c", "x[y]", "\u2603", "a\\nb", "(z) w::v"])
def test_p(p): assert 0

@pytest.fixture
def broken(): raise OSError("no - way")
def test_fixture(broken): pass

@pytest.mark.xfail(strict=True)
def test_strict(): pass
"""


def test_reports_and_logs_of_a_real_run_name_the_same_tests(runs: Runs, tmp_path: Path) -> None:
    """What pytest writes of one suite, as a report and as a log, is counted as the same tests."""
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_m.py").write_text(SUITE, encoding="utf-8")
    (tmp_path / "tests" / "test_n.py").write_text("import nosuchmodule")
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--color=yes", "-q"]
        + ["--continue-on-collection-errors", "--junitxml=report.xml", "tests"],
        cwd=tmp_path,
        env={**os.environ, "CI": "1", "PYTHONIOENCODING": "utf-8"},
        stdout=subprocess.PIPE,
    )
    assert ran.returncode == 1
    runs.add(1, (tmp_path / "report.xml").read_text(encoding="utf-8"), **FAILED)
    runs.add(2, jobs=[job(7, "test", **FAILED)], **FAILED)
    runs.log(7, *ran.stdout.decode().splitlines())
    status = source(runs, failing_in=2).fetch()
    names = ("T::test_sub", "T::test_x", "TestOuter::TestInner::test_in", "test_fixture")
    parameters = ("(z) w::v", "\\u2603", "a - b", "a/b.c", "a\\nb", "x[y]")
    expected = [*names, *(f"test_p[{each}]" for each in parameters)]
    assert failing(status) == {
        **{f"tests/test_m.py::{name}": (2, 2) for name in expected},
        "tests/test_n.py": (2, 2),
    }
    assert failing(source(runs).fetch()) == failing(status)
    for test in status.tests:
        assert test.test is not None and Matcher(status.tests).find(test.test) == [test]


def test_tests_that_reports_do_not_tell_apart(runs: Runs) -> None:
    """Classes within two classes are one test in reports, and two where logs name them."""
    runs.add(1, jobs=[job(7, "test", **FAILED)], **FAILED)
    runs.log(7, *(f"FAILED tests/test_m.py::{outer}::T::test_x - E" for outer in "AB"))
    runs.add(2, junit(test_x="E"), **FAILED)
    assert failing(source(runs).fetch()) == {
        f"tests/test_m.py::{outer}::T::test_x": (2, 2) for outer in "AB"
    }


@pytest.mark.parametrize(
    ("key", "place", "name"),
    [
        ("T.test_x", "tests/test_m", "tests/test_m.py::T::test_x"),
        ("test_m.test_x[a/b-c.d]", "tests/test_m", "tests/test_m.py::test_x[a/b-c.d]"),
        ("T.setUpClass", "tests/test_m", "tests/test_m.py::T::setUpClass"),
        ("T.test_x", "__main__", "__main__.T.test_x"),
        ("T.test_x", "", "T.test_x"),
        ("_FailedTest.test_m", "", "_FailedTest.test_m"),
        ("calculator.py[calculator.add]", "a/calculator", "a/calculator.py::py[calculator.add]"),
        ("T.test x y", "tests/test_m", "tests/test_m.py::T::test x y"),
        ("T.test_x@gpu", "tests/test_m", "tests/test_m/T.test_x@gpu"),
        ("T.", "tests/test_m", "tests/test_m/T."),
    ],
)
def test_names_are_read_again(key: str, place: str, name: str) -> None:
    """A test's name says its file or its module wherever it is known."""
    assert run_failures.name(key, place) == name
    assert run_failures.identity(name)
