"""GitHub's workflow runs: the artifacts that those of one commit left, downloaded."""

from __future__ import annotations

import contextlib
import os
import re
import urllib.parse
from collections.abc import Callable, Collection, Mapping
from typing import Any, NamedTuple

from trunk_failures import file_names, github_answers, urls
from trunk_failures.download import Client, Token
from trunk_failures.errors import DownloadError, UsageError
from trunk_failures.fetched import Artifact, Fetched, Job, Left

API = "https://api.github.com"
ADVICE = (
    "check the repository and the commit, and that GH_TOKEN or GITHUB_TOKEN holds a token with"
    " the permission actions: read (artifacts need one even where all can read the repository)"
)
HEADERS = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}

_REPOSITORY = re.compile(r"[A-Za-z0-9_-]{1,100}/(?!\.\.?\Z)[A-Za-z0-9._-]{1,100}")
_COMMIT = re.compile(r"[0-9a-f]{7,64}")
_WHOLE = (40, 64)  # hex digits of SHA-1 and SHA-256
_NEXT = re.compile(r'<([^<>]*)>[^<]*?;\s*rel="?next\b')


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
    if not _REPOSITORY.fullmatch(repository):
        raise UsageError(f"{repository!r} is no repository; allowed is OWNER/REPO")
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
    site = _Site(connect(api, token), api.rstrip("/"), repository, bounds)
    commit = site.whole(commit.lower())
    found = [run for run in site.runs(commit) if run.id not in without]
    if not found:
        raise DownloadError(
            f"{repository} has no workflow run for commit {commit}; check both, and that its"
            " workflows have begun"
        )
    jobs: list[Job] = []
    counting: list[tuple[github_answers.Listed, bool]] = []
    replaced: list[github_answers.Listed] = []
    for run in found:
        tried = site.attempts(run)
        jobs += github_answers.last(run, tried)
        whole = github_answers.is_whole(run, tried)
        new, old = github_answers.newest(site.artifacts(run), run, whole)
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
    result = site.download(listing, there, directory, progress)
    if not result.artifacts:
        raise DownloadError(_nothing(result))
    return result


class _Site:
    """One repository at one API."""

    def __init__(self, client: Client, api: str, repository: str, bounds: Bounds) -> None:
        self._client, self._bounds, self._repository = client, bounds, repository
        self._api, self._base = api, f"{api}/repos/{repository}"

    def whole(self, commit: str) -> str:
        """Return all digits of a commit's SHA: lists of runs find no other."""
        if len(commit) in _WHOLE:
            return commit
        url = f"{self._base}/commits/{commit}"
        value = self._client.json(url, HEADERS).value
        sha = value.get("sha") if isinstance(value, dict) else None
        if not isinstance(sha, str) or not sha.startswith(commit) or not _COMMIT.fullmatch(sha):
            raise DownloadError(
                f"{urls.shown(url)} answered with {sha!r:.80} for the SHA of commit {commit}; give"
                " all of its digits"
            )
        return sha

    def runs(self, commit: str) -> list[github_answers.Run]:
        listed = self._items(f"actions/runs?head_sha={commit}&per_page=100", "workflow_runs")
        return github_answers.runs(listed, commit)

    def attempts(self, run: github_answers.Run) -> list[github_answers.Attempt]:
        listed = self._items(f"actions/runs/{run.id}/jobs?filter=all&per_page=100", "jobs")
        return github_answers.attempts(listed, run)

    def artifacts(self, run: github_answers.Run) -> list[github_answers.Listed]:
        listed = self._items(f"actions/runs/{run.id}/artifacts?per_page=100", "artifacts")
        return github_answers.artifacts(listed, run)

    def download(
        self,
        listing: Fetched,
        there: list[tuple[github_answers.Listed, bool]],
        directory: str,
        progress: Callable[[int, int], None],
    ) -> Fetched:
        """Return the listing with what was downloaded, and what expired meanwhile."""
        size = sum(each.size for each, _ in there)
        self._check_bounds(len(there), size)
        _make(directory)
        artifacts: list[Artifact] = []
        expired: list[github_answers.Listed] = []
        left = self._bounds.size  # what is listed as the size need not be
        for each, earlier in there:
            progress(self._bounds.size - left, size)
            # The name is anyone's: it is escaped, and the ids tell apart what it does not.
            name = f"{each.run}.{each.id}.{file_names.encode(each.name)}.zip"
            path = os.path.join(directory, name)
            url = f"{self._base}/actions/artifacts/{each.id}/zip"
            try:
                count = self._client.zip(url, path, left, HEADERS)
            except DownloadError as error:
                if error.status != 410:
                    raise
                expired.append(each)
                continue
            left -= count
            artifacts.append(Artifact(each.name, path, each.run, count, earlier))
        progress(self._bounds.size - left, size)
        return listing._replace(
            artifacts=tuple(artifacts), expired=listing.expired + _left(expired)
        )

    def _check_bounds(self, count: int, size: int) -> None:
        most = self._bounds
        if count > most.artifacts or size > most.size:
            raise DownloadError(
                f"{self._repository} has {count:,} artifacts of {size:,} bytes for the commit;"
                f" allowed are {most.artifacts:,} of {most.size:,} bytes; name fewer by patterns,"
                " or raise the bounds"
            )

    def _items(self, path: str, key: str) -> list[Any]:
        """Return all items of a list, of all its pages, each once."""
        url = f"{self._base}/{path}"
        found: dict[object, Any] = {}
        total: int | None = None
        for _ in range(self._bounds.pages):
            document = self._client.json(url, HEADERS)
            items, count = _page(document.value, key, url)
            # What is begun meanwhile moves others to the next page, where they are listed again.
            found.update((item.get("id"), item) for item in items)
            total = count if total is None else total
            following = _NEXT.search(document.headers.get("link", ""))
            if following is None:
                break
            url = self._following(url, following[1])
        else:
            raise DownloadError(
                f"{urls.shown(url)} has more than {self._bounds.pages} pages of {key}"
            )
        if len(found) < total:
            raise DownloadError(
                f"{urls.shown(url)} says that there are {total:,} {key}, and listed"
                f" {len(found):,}; try again"
            )
        return list(found.values())

    def _following(self, url: str, link: str) -> str:
        with contextlib.suppress(ValueError, UsageError):
            target = urllib.parse.urljoin(url, link)
            if urls.origin(target, plain_http=True) == urls.origin(self._api, plain_http=True):
                return target
        raise DownloadError(
            f"{urls.shown(url)} has its next page at {urls.shown(link)!r}, which is not of the API;"
            " check the address of the API"
        )


def _page(value: object, key: str, url: str) -> tuple[list[dict[str, Any]], int]:
    items = value.get(key) if isinstance(value, dict) else None
    total = value.get("total_count") if isinstance(value, dict) else None
    if not isinstance(items, list) or not all(map(_is_item, items)):
        raise DownloadError(
            f"{urls.shown(url)} answered with {value!r:.80}, where GitHub's API has an object with"
            f" a list {key!r} of objects with an id; check the address of the API"
        )
    return items, total if isinstance(total, int) else 0


def _is_item(item: object) -> bool:
    return isinstance(item, dict) and isinstance(item.get("id"), int)


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
