"""GitHub's workflow runs: a server with its endpoints in the shapes that its REST API has."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path
from typing import Any

import pytest
from github_fixtures import COMMIT, GitHub, REPOSITORY, SECOND, TOKEN, job
from http_fixtures import PretendedTime, Reply, Site, of_json

from trunk_failures import github_runs
from trunk_failures.download import Client
from trunk_failures.errors import DownloadError, UsageError
from trunk_failures.fetched import Fetched, Job, Left
from trunk_failures.github_runs import Bounds

pytest_plugins = ["http_fixtures", "github_fixtures"]


def fetch(github: GitHub, directory: Path, commit: str = COMMIT, **options: Any) -> Fetched:
    """Fetch from the server."""
    options = {"token": TOKEN, "api": github.site.url, **options}
    return github_runs.fetch(REPOSITORY, commit, str(directory), **options)


def test_artifacts_of_a_commit(github: GitHub, tmp_path: Path) -> None:
    """Those of all runs are there, in files of their own, however they are called."""
    names = ["junit", "../../etc/x", "ünïcode ☃", "CON", "a" * 250, "JUNIT", "junit"]
    for run in (11, 12):
        listed = [github.artifact(run * 100 + n, name) for n, name in enumerate(names[:-1])]
        github.run(run, jobs=[job(run, "test (3.11)")], artifacts=listed)
    fetched = fetch(github, tmp_path / "new" / "directory")
    assert [each.name for each in fetched.artifacts] == names[:-1] * 2
    assert (fetched.repository, fetched.commit) == (REPOSITORY, COMMIT)
    for artifact in fetched.artifacts:
        path = Path(artifact.path)
        assert path.parent == tmp_path / "new" / "directory"
        assert path.name.isascii() and path.name.startswith(f"{artifact.run}.{artifact.run}0")
        assert path.stat().st_size == artifact.size and not artifact.earlier
        with zipfile.ZipFile(path) as opened:
            assert opened.read("junit.xml").startswith(b"artifact %d" % artifact.run)
    paths = {artifact.path.lower() for artifact in fetched.artifacts}
    assert len(paths) == 12 == len(os.listdir(tmp_path / "new" / "directory"))
    assert fetched.ended == tuple(
        Job("test (3.11)", "CI", run, "completed", "success") for run in (11, 12)
    )
    assert (fetched.running, fetched.expired, fetched.superseded, fetched.unwanted) == ((),) * 4


def test_what_the_servers_see(github: GitHub, tmp_path: Path) -> None:
    """The API gets the token and what it documents; the other host gets neither."""
    github.run(1, artifacts=[github.artifact(2, "junit")])
    fetch(github, tmp_path)
    assert len(github.site.asked) == 4 and len(github.blobs.asked) == 1
    for asked in github.site.asked:
        assert asked.headers["authorization"] == f"Bearer {TOKEN}"
        assert asked.headers["accept"] == "application/vnd.github+json"
        assert asked.headers["x-github-api-version"] == "2022-11-28"
    headers = github.blobs.asked[0].headers
    assert not {"authorization", "x-github-api-version"} & set(headers)
    assert TOKEN not in str(github.blobs.asked)
    github.site.asked.clear()
    fetch(github, tmp_path, token=None)
    assert not [asked for asked in github.site.asked if "authorization" in asked.headers]


def test_all_pages_are_read(github: GitHub, tmp_path: Path) -> None:
    """Lists go on to their last page, and what is listed twice is once."""
    for run in (1, 2, 3, 4, 5):
        listed = [github.artifact(run * 10 + n, f"a{n}") for n in range(5)]
        jobs = [job(run * 10 + n, f"job {n}") for n in (0, 1, 1, 2, 3)]
        github.run(run, jobs=jobs, artifacts=listed, size=2)
    for path, (reply,) in github.site.replies.items():
        if "/jobs?" in path:  # the second of the five is the third too
            changed = reply.body.replace(b'"total_count": 5', b'"total_count": 4')
            github.site.replies[path] = [reply._replace(body=changed)]
    fetched = fetch(github, tmp_path)
    assert len(fetched.artifacts) == 25
    assert [each.name for each in fetched.ended] == ["job 0", "job 1", "job 2", "job 3"] * 5


def test_what_has_not_ended_is_named(github: GitHub, tmp_path: Path) -> None:
    """Jobs that run or wait are, and runs whose jobs do not tell, or are not there yet."""
    running = [
        job(1, "runs", status="in_progress", conclusion=None, completed_at=None),
        job(2, "waits", status="queued", conclusion=None, completed_at=None),
        job(3, "failed", conclusion="failure"),
    ]
    waiting: dict[str, Any] = {"status": "in_progress", "conclusion": None}
    github.run(1, jobs=running, artifacts=[github.artifact(1, "junit")], **waiting)
    github.run(2, name="Others", jobs=[job(4, "first of two")], **waiting)
    github.run(3, name="Nightly", status="queued", conclusion=None)
    github.run(4, name=None, conclusion="startup_failure")
    fetched = fetch(github, tmp_path)
    assert fetched.running == (
        Job("runs", "CI", 1, "in_progress"),
        Job("waits", "CI", 1, "queued"),
        Job("Others", "Others", 2, "in_progress"),
        Job("Nightly", "Nightly", 3, "queued"),
    )
    path = ".github/workflows/ci.yml"
    assert fetched.ended == (
        Job("failed", "CI", 1, "completed", "failure"),
        Job("first of two", "Others", 2, "completed", "success"),
        Job(path, path, 4, "completed", "startup_failure"),
    )


def test_a_run_that_was_made_again_whole(github: GitHub, tmp_path: Path) -> None:
    """Its last attempt counts: artifacts of the one before are named, and are not downloaded."""
    jobs = [job(1, "a", conclusion="failure"), job(2, "b")]
    jobs += [
        job(3, "a", run_attempt=2, completed_at="2026-05-01T12:10:00Z"),
        job(4, "b", run_attempt=2, status="in_progress", conclusion=None, completed_at=None),
    ]
    listed = [github.artifact(8, "junit-a", created_at="2026-05-01T12:10:00Z")]
    listed += [github.artifact(5, "junit-a"), github.artifact(6, "junit-b")]
    github.run(1, run_attempt=2, run_started_at=SECOND, jobs=jobs, artifacts=listed)
    fetched = fetch(github, tmp_path)
    assert [(each.name, each.earlier) for each in fetched.artifacts] == [("junit-a", False)]
    assert ".8." in fetched.artifacts[0].path
    assert fetched.superseded == (Left("junit-a", 1), Left("junit-b", 1))
    assert fetched.running == (Job("b", "CI", 1, "in_progress"),)
    assert fetched.ended == (Job("a", "CI", 1, "completed", "success"),)


@pytest.mark.parametrize("carried", [False, True])
def test_a_run_whose_failed_jobs_were_made_again(
    github: GitHub, tmp_path: Path, carried: bool
) -> None:
    """What passed before was not made again, and its artifacts count: they are marked."""
    jobs = [
        job(1, "a", conclusion="failure"),
        job(2, "b"),
        job(3, "a", run_attempt=2, completed_at="2026-05-01T12:10:00Z"),
    ]
    if carried:
        jobs.append(job(4, "b", run_attempt=2))
    listed = [
        github.artifact(5, "junit-a"),
        github.artifact(6, "junit-b"),
        github.artifact(8, "junit-a", created_at="2026-05-01T12:10:00Z"),
    ]
    github.run(1, run_attempt=2, run_started_at=SECOND, jobs=jobs, artifacts=listed)
    fetched = fetch(github, tmp_path)
    marked = {each.name: each.earlier for each in fetched.artifacts}
    assert marked == {"junit-a": False, "junit-b": True}
    assert fetched.superseded == (Left("junit-a", 1),)
    assert sorted((each.name, each.conclusion) for each in fetched.ended) == [
        ("a", "success"),
        ("b", "success"),
    ]


def test_expired_artifacts_are_named(github: GitHub, tmp_path: Path) -> None:
    """Those that are listed so, and those that are gone when they are asked for."""
    listed = [github.artifact(n, name) for n, name in enumerate(("old", "gone", "junit"), 1)]
    listed[0]["expired"] = True
    gone = of_json({"message": "Artifact has expired"}, 410)
    github.site.replies[f"{github.base}/actions/artifacts/2/zip"] = [gone]
    github.run(1, artifacts=listed)
    fetched = fetch(github, tmp_path)
    assert fetched.expired == (Left("old", 1), Left("gone", 1))
    assert [each.name for each in fetched.artifacts] == ["junit"]
    assert len(os.listdir(tmp_path)) == 1


def test_only_what_is_wanted_is_downloaded(github: GitHub, tmp_path: Path) -> None:
    """The rest is named; the progress counts what is wanted."""
    names = ("junit-a", "docs", "junit-b")
    listed = [github.artifact(number, name) for number, name in enumerate(names)]
    github.run(1, artifacts=listed)
    told: list[tuple[int, int]] = []
    fetched = fetch(
        github,
        tmp_path,
        wanted=lambda name: name.startswith("junit"),
        progress=lambda count, size: told.append((count, size)),
    )
    assert [each.name for each in fetched.artifacts] == ["junit-a", "junit-b"]
    assert fetched.unwanted == (Left("docs", 1),)
    one, both = fetched.artifacts[0].size, sum(each.size for each in fetched.artifacts)
    assert told == [(0, both), (one, both), (both, both)]


def test_runs_that_are_left_out(github: GitHub, tmp_path: Path) -> None:
    """The run that asks, and those of other commits, which a server may list, count for nothing."""
    github.run(1, artifacts=[github.artifact(1, "mine")])
    github.run(2, artifacts=[github.artifact(2, "junit")])
    github.run(3, artifacts=[github.artifact(3, "other")], head_sha="f" * 40)
    fetched = fetch(github, tmp_path, without=[1])
    assert [each.name for each in fetched.artifacts] == ["junit"]
    assert {each.run for each in fetched.ended} == {2}


def test_a_commit_by_its_first_digits(github: GitHub, tmp_path: Path) -> None:
    """It is asked for first, since lists of runs find whole ones alone."""
    github.site.replies[f"{github.base}/commits/{COMMIT[:8]}"] = [of_json({"sha": COMMIT})]
    github.run(1, artifacts=[github.artifact(1, "junit")])
    assert fetch(github, tmp_path, COMMIT[:8].upper()).commit == COMMIT
    answers: tuple[object, ...] = ({"sha": "f" * 40}, {"sha": COMMIT[:8] + "\n"}, {}, [])
    for answer in answers:
        github.site.replies[f"{github.base}/commits/{COMMIT[:8]}"] = [of_json(answer)]
        with pytest.raises(DownloadError, match="give all of its digits"):
            fetch(github, tmp_path, COMMIT[:8])


@pytest.mark.parametrize(
    ("repository", "commit", "fault"),
    [
        ("octo", COMMIT, "allowed is OWNER/REPO"),
        ("octo/a/b", COMMIT, "allowed is OWNER/REPO"),
        ("octo/..", COMMIT, "allowed is OWNER/REPO"),
        ("../octo", COMMIT, "allowed is OWNER/REPO"),
        ("octo/a?b", COMMIT, "allowed is OWNER/REPO"),
        ("octo/a\n", COMMIT, "allowed is OWNER/REPO"),
        ("https://github.com/octo/a", COMMIT, "allowed is OWNER/REPO"),
        ("octo/a", "main", "7 to 64 hex digits"),
        ("octo/a", "012345", "7 to 64 hex digits"),
        ("octo/a", COMMIT * 2, "7 to 64 hex digits"),
        ("octo/a", COMMIT + "\n", "7 to 64 hex digits"),
        ("octo/a", "", "7 to 64 hex digits"),
    ],
)
def test_what_is_asked_for_is_checked(
    site: Site, tmp_path: Path, repository: str, commit: str, fault: str
) -> None:
    """What is no repository or no commit is an error before anything is asked."""
    with pytest.raises(UsageError, match=fault):
        github_runs.fetch(repository, commit, str(tmp_path), api=site.url)
    assert not site.asked


def test_no_run_is_an_error(github: GitHub, tmp_path: Path) -> None:
    """A commit of which nothing is known is no commit without failures."""
    github.run(1, head_sha="f" * 40)
    with pytest.raises(DownloadError, match="has no workflow run for commit 0123456789abcdef"):
        fetch(github, tmp_path)


def test_no_artifact_is_an_error(github: GitHub, tmp_path: Path) -> None:
    """Nor is one without artifacts, which says what there is instead."""
    waiting: dict[str, Any] = {"status": "in_progress", "conclusion": None}
    github.run(1, jobs=[job(1, "test"), job(2, "test 2", **waiting)], **waiting)
    with pytest.raises(DownloadError, match="1 jobs have ended, 1 have not.*says nothing"):
        fetch(github, tmp_path)
    listed = [github.artifact(n, f"a{n:02}") for n in range(1, 13)]
    listed[0]["expired"] = True
    github.run(2, artifacts=listed)
    with pytest.raises(DownloadError) as raised:
        fetch(github, tmp_path, wanted=lambda name: name == "a01")
    assert "expired: 'a01'; unwanted: 'a02', " in str(raised.value)
    assert "'a11', ...)" in str(raised.value) and "a12" not in str(raised.value)
    assert not os.listdir(tmp_path)


@pytest.mark.parametrize(
    ("bounds", "fault"),
    [
        (Bounds(artifacts=1), "has 2 artifacts of"),
        (Bounds(size=200), "has 2 artifacts of"),
        (Bounds(pages=1), "more than 1 pages of artifacts"),
    ],
)
def test_bounds(github: GitHub, tmp_path: Path, bounds: Bounds, fault: str) -> None:
    """More than is allowed is an error before anything is downloaded."""
    github.run(1, artifacts=[github.artifact(1, "a"), github.artifact(2, "b")], size=1)
    with pytest.raises(DownloadError, match=fault):
        fetch(github, tmp_path, bounds=bounds)
    assert not github.blobs.asked


def test_the_bound_holds_whatever_is_listed(github: GitHub, tmp_path: Path) -> None:
    """A file that is longer than its list says is bounded by what is left for all."""
    listed = [github.artifact(1, "a", "x" * 1000), github.artifact(2, "b", "x" * 1000)]
    github.run(1, artifacts=[{**each, "size_in_bytes": 1} for each in listed])
    with pytest.raises(DownloadError, match="more than the 8.. bytes"):
        fetch(github, tmp_path, bounds=Bounds(size=2000))
    assert len(os.listdir(tmp_path)) == 1


def test_a_list_that_is_not_whole_is_an_error(github: GitHub, tmp_path: Path) -> None:
    """A server that says that there are more than it lists has left some out."""
    github.run(1, jobs=[job(1, "a")])
    path = f"{github.base}/actions/runs/1/jobs?filter=all&per_page=100"
    github.site.replies[path] = [of_json({"total_count": 3, "jobs": [job(1, "a")]})]
    with pytest.raises(DownloadError, match="there are 3 jobs, and listed 1; try again"):
        fetch(github, tmp_path)


@pytest.mark.parametrize("link", ["https://evil.example/a", "http://[", "file:///a"])
def test_the_next_page_is_of_the_api(github: GitHub, tmp_path: Path, link: str) -> None:
    """Nobody else is asked, whatever a header says."""
    github.run(1)
    path = f"{github.base}/actions/runs/1/jobs?filter=all&per_page=100"
    value = {"total_count": 0, "jobs": []}
    github.site.replies[path] = [of_json(value, link=f'<{link}>; rel="next"')]
    with pytest.raises(DownloadError, match="not of the API"):
        fetch(github, tmp_path)


RUN = {"id": 1, "head_sha": COMMIT, "status": "completed"}


@pytest.mark.parametrize(
    "value",
    [
        [],
        "x",
        {},
        {"workflow_runs": {}},
        {"workflow_runs": [1]},
        {"workflow_runs": [{}]},
        {"workflow_runs": [{**RUN, "id": [1]}]},
        {"workflow_runs": [{**RUN, "id": True}]},
        {"workflow_runs": [{**RUN, "id": -1}]},
        {"workflow_runs": [{**RUN, "run_attempt": "2"}]},
        {"workflow_runs": [{**RUN, "name": 5}]},
        {"workflow_runs": [{**RUN, "head_sha": 5}]},
    ],
)
def test_answers_of_another_shape(github: GitHub, tmp_path: Path, value: object) -> None:
    """They are errors that show what came, and not what it could mean."""
    path = f"{github.base}/actions/runs?head_sha={COMMIT}&per_page=100"
    github.site.replies[path] = [of_json(value)]
    with pytest.raises(DownloadError, match="check the address of the API"):
        fetch(github, tmp_path)


@pytest.mark.parametrize("status", [401, 403, 404])
def test_what_may_not_be_read(github: GitHub, tmp_path: Path, status: int) -> None:
    """A refusal says which variables are to hold a token, and what it needs."""
    github.run(1, artifacts=[github.artifact(1, "junit")])
    refused = of_json({"message": "Requires authentication"}, status)
    github.site.replies[f"{github.base}/actions/artifacts/1/zip"] = [refused]
    with pytest.raises(DownloadError, match="GITHUB_TOKEN holds a token with the permission"):
        fetch(github, tmp_path)


def test_no_frame_of_ours_shows_the_token(github: GitHub, tmp_path: Path) -> None:
    """A traceback that shows variables shows none that has it, though it was given as a text."""
    with pytest.raises(DownloadError) as raised:
        fetch(github, tmp_path)
    package = Path(github_runs.__file__).parent
    ours = [entry for entry in raised.traceback if Path(entry.path).parent == package]
    assert len(ours) > 3
    for entry in ours:
        assert TOKEN not in repr(entry.frame.f_locals)


def test_faults_that_pass(github: GitHub, passing: PretendedTime, tmp_path: Path) -> None:
    """A server that stumbles and limits is asked again, lists and files alike."""
    github.run(1, artifacts=[github.artifact(1, "junit")])
    limited = of_json({"message": "secondary rate limit"}, 403, retry_after="30")
    for path, replies in [*github.site.replies.items()]:
        github.site.replies[path] = [Reply(status=502), limited, *replies]
    github.blobs.replies["/blob/1?sig=secret"].insert(0, Reply(b"PK", length=100))

    def connect(api: str, token: str | None) -> Client:
        return Client(token, api, clock=passing.clock)

    fetched = fetch(github, tmp_path, connect=connect)
    assert len(fetched.artifacts) == 1
    assert passing.slept == [1.0, 30.0] * 4 + [4.0]


def test_a_directory_that_cannot_be(github: GitHub, tmp_path: Path) -> None:
    """Where the files cannot be, the error says so."""
    (tmp_path / "file").write_text("")
    github.run(1, artifacts=[github.artifact(1, "junit")])
    with pytest.raises(DownloadError, match="cannot be made.*choose another directory"):
        fetch(github, tmp_path / "file" / "under")


@pytest.mark.parametrize(
    ("environ", "token", "api"),
    [
        ({}, None, "https://api.github.com"),
        ({"GITHUB_TOKEN": " a\n"}, "a", "https://api.github.com"),
        ({"GITHUB_TOKEN": "a", "GH_TOKEN": "b"}, "b", "https://api.github.com"),
        ({"GITHUB_TOKEN": "a", "GH_TOKEN": ""}, "a", "https://api.github.com"),
        ({"GITHUB_API_URL": "https://ghe.example/api/v3"}, None, "https://ghe.example/api/v3"),
    ],
)
def test_the_environment(environ: dict[str, str], token: str | None, api: str) -> None:
    """Variables are those of GitHub's own tools, and a token is not shown."""
    assert github_runs.token(environ) == token
    assert github_runs.api(environ) == api
    assert token is None or repr(github_runs.token(environ)) == "'***'"


def test_the_address_of_the_api(github: GitHub, tmp_path: Path) -> None:
    """It may have a path and a slash at its end; the default is GitHub's own, by https."""
    github.base = f"/api/v3{github.base}"
    github.run(1, artifacts=[github.artifact(1, "junit")])
    fetched = fetch(github, tmp_path, api=f"{github.site.url}/api/v3/")
    assert len(fetched.artifacts) == 1
    assert "api.github.com" in repr(github_runs.client(github_runs.API, TOKEN))
