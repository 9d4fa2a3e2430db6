"""GitHub's workflow runs: the artifacts that those of one commit left, downloaded."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Mapping
from typing import Any, NamedTuple

from trunk_failures import file_names, github_answers, github_site, urls
from trunk_failures.download import Client, Token
from trunk_failures.errors import DownloadError, UsageError
from trunk_failures.fetched import Artifact, Fetched, Job, Left
from trunk_failures.github_site import HEADERS, Site

API = "https://api.github.com"
ADVICE = (
    "check the repository and the commit, and that GH_TOKEN or GITHUB_TOKEN holds a token with"
    " the permission actions: read (artifacts need one even where all can read the repository)"
)

_COMMIT = re.compile(r"[0-9a-f]{7,64}")
_WHOLE = (40, 64)  # hex digits of SHA-1 and SHA-256


class Bounds(NamedTuple):
    """How much is fetched at most, of all runs together; over it is an error."""

    artifacts: int = 1000
    size: int = 2 << 30
    """Bytes of the zip files."""
    pages: int = 100
    """Of one list; a page has 100 items."""


def token(environ: Mapping[str, str]) -> Token | None:
    """Return the environment's token: `GH_TOKEN`, else `GITHUB_TOKEN`, as GitHub's `gh` does."""
    found = environ.get("GH_TOKEN", "").strip() or environ.get("GITHUB_TOKEN", "").strip()
    return Token(found) if found else None


def api(environ: Mapping[str, str]) -> str:
    """Return the address of the API: `GITHUB_API_URL`, which GitHub Actions set, or GitHub's."""
    return environ.get("GITHUB_API_URL", "").strip() or API


def check(repository: str, commit: str) -> None:
    """Raise UsageError unless the two are OWNER/REPO and a SHA, or the first digits of one."""
    github_site.check(repository)
    if not _COMMIT.fullmatch(commit.lower()):
        raise UsageError(
            f"{commit!r} is no commit; allowed are 7 to 64 hex digits, as git rev-parse gives them"
        )


def client(api: str, token: str | None) -> Client:
    """Return a client that sends the token to that API alone."""
    return Client(token, api if token else "", advice=ADVICE)


def fetch(
    repository: str,
    commit: str,
    directory: str,
    *,
    api: str = API,
    token: str | None = None,
    wanted: Callable[[str], bool] = lambda name: True,
    bounds: Bounds = Bounds(),
    without: Collection[int] = (),
    progress: Callable[[int, int], None] = lambda count, size: None,
    connect: Callable[[str, str | None], Client] = client,
) -> Fetched:
    """Download the artifacts of a commit's workflow runs whose names are wanted.

    Several runs of one workflow all count; of a run that was made again, its last attempt. The run
    that asks can leave itself out: `without` has ids of runs. `progress` is told how many of how
    many bytes are there. Raises DownloadError where nothing came, even if nothing was there.
    """
    check(repository, commit)
    token = Token(token) if token else None
    site = Site(connect(api, token), api, repository, bounds.pages)
    commit = whole(site, commit.lower())
    listed = site.items(f"actions/runs?head_sha={commit}&per_page=100", "workflow_runs")
    found = [run for run in github_answers.runs(listed, commit) if run.id not in without]
    if not found:
        raise DownloadError(
            f"{repository} has no workflow run for commit {commit}; check both, and that its"
            " workflows have begun"
        )
    jobs: list[Job] = []
    counting: list[tuple[github_answers.Listed, bool]] = []
    replaced: list[github_answers.Listed] = []
    for run in found:
        tried = attempts(site, run)
        jobs += github_answers.last(run, tried)
        new, old = github_answers.newest(
            artifacts(site, run), run, github_answers.is_whole(run, tried)
        )
        counting += new
        replaced += old
    listing = Fetched(
        repository,
        commit,
        (),
        running=tuple(job for job in jobs if github_answers.is_running(job)),
        ended=tuple(job for job in jobs if not github_answers.is_running(job)),
        expired=_left(each for each, _ in counting if each.expired and wanted(each.name)),
        superseded=_left(replaced),
        unwanted=_left(each for each, _ in counting if not wanted(each.name)),
    )
    there = [each for each in counting if not each[0].expired and wanted(each[0].name)]
    result = _downloaded(site, listing, there, directory, bounds, progress)
    if not result.artifacts:
        raise DownloadError(_nothing(result))
    return result


def whole(site: Site, commit: str) -> str:
    """Return all digits of a commit's SHA: lists of runs find no other."""
    if len(commit) in _WHOLE:
        return commit
    url = site.url(f"commits/{commit}")
    value = site.json(url).value
    sha = value.get("sha") if isinstance(value, dict) else None
    if not isinstance(sha, str) or not sha.startswith(commit) or not _COMMIT.fullmatch(sha):
        raise DownloadError(
            f"{urls.shown(url)} answered with {sha!r:.80} for the SHA of commit {commit}; give"
            " all of its digits"
        )
    return sha


def attempts(site: Site, run: github_answers.Run) -> list[github_answers.Attempt]:
    """Return the jobs of a run, of all its attempts."""
    listed = site.items(f"actions/runs/{run.id}/jobs?filter=all&per_page=100", "jobs")
    return github_answers.attempts(listed, run)


def artifacts(site: Site, run: github_answers.Run) -> list[github_answers.Listed]:
    """Return the artifacts of a run, of all its attempts."""
    listed = site.items(f"actions/runs/{run.id}/artifacts?per_page=100", "artifacts")
    return github_answers.artifacts(listed, run)


def check_bounds(site: Site, count: int, size: int, most: Bounds) -> None:
    """Raise DownloadError for more artifacts than may be fetched, or larger ones."""
    if count > most.artifacts or size > most.size:
        raise DownloadError(
            f"{site.repository} has {count:,} artifacts of {size:,} bytes for what was asked;"
            f" allowed are {most.artifacts:,} of {most.size:,} bytes; name fewer by patterns, or"
            " raise the bounds"
        )


def download(
    site: Site, listed: github_answers.Listed, earlier: bool, directory: str, left: int
) -> Artifact | None:
    """Download an artifact of at most `left` bytes; None where it has expired meanwhile."""
    # The name is anyone's: it is escaped, and the ids tell apart what it does not.
    name = f"{listed.run}.{listed.id}.{file_names.encode(listed.name)}.zip"
    path = os.path.join(directory, name)
    url = site.url(f"actions/artifacts/{listed.id}/zip")
    try:
        count = site.client.zip(url, path, left, HEADERS)
    except DownloadError as error:
        if error.status != 410:
            raise
        return None
    return Artifact(listed.name, path, listed.run, count, earlier)


def _downloaded(
    site: Site,
    listing: Fetched,
    there: list[tuple[github_answers.Listed, bool]],
    directory: str,
    bounds: Bounds,
    progress: Callable[[int, int], None],
) -> Fetched:
    """Return the listing with what was downloaded, and what expired meanwhile."""
    size = sum(each.size for each, _ in there)
    check_bounds(site, len(there), size, bounds)
    _make(directory)
    found: list[Artifact] = []
    expired: list[github_answers.Listed] = []
    left = bounds.size  # what is listed as the size need not be
    for each, earlier in there:
        progress(bounds.size - left, size)
        artifact = download(site, each, earlier, directory, left)
        if artifact is None:
            expired.append(each)
        else:
            left -= artifact.size
            found.append(artifact)
    progress(bounds.size - left, size)
    return listing._replace(artifacts=tuple(found), expired=listing.expired + _left(expired))


def _make(directory: str) -> None:
    try:
        os.makedirs(directory, exist_ok=True)
    except OSError as error:
        raise DownloadError(
            f"{directory!r} cannot be made: {error.strerror}; choose another directory"
        ) from None


def _left(listed: Any) -> tuple[Left, ...]:
    return tuple(Left(each.name, each.run) for each in listed)


def _nothing(fetched: Fetched) -> str:
    told = [f"{len(fetched.ended)} jobs have ended, {len(fetched.running)} have not"]
    for what in ("expired", "superseded", "unwanted"):
        names = sorted({each.name for each in getattr(fetched, what)})
        if names:
            told.append(f"{what}: {', '.join(map(repr, names[:10]))}{', ...' * (len(names) > 10)}")
    return (
        f"{fetched.repository} has no artifact to be had for commit {fetched.commit}"
        f" ({'; '.join(told)}); that says nothing of its tests; wait for its jobs, have them"
        " upload their results, or correct the patterns"
    )
