"""GitHub's answers about workflow runs, read: what of a commit's runs, jobs and artifacts counts.

Pure; the shapes are those of its REST API, version 2022-11-28.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from typing import Any, NamedTuple

from trunk_failures.errors import DownloadError
from trunk_failures.fetched import Job

_ENDED = "completed"
_FAILED = frozenset({"failure", "timed_out"})
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


class Run(NamedTuple):
    """A workflow run; `started` is when its last attempt was, `url` is for people."""

    id: int
    workflow: str
    attempt: int
    started: str
    status: str
    conclusion: str
    url: str = ""


class Attempt(NamedTuple):
    """A job in one attempt of its run."""

    job: Job
    attempt: int
    ended: str
    id: int = 0


class Listed(NamedTuple):
    """An artifact as it is listed; sizes in bytes."""

    id: int
    name: str
    run: int
    size: int
    expired: bool
    created: str


def runs(items: Iterable[dict[str, Any]], commit: str) -> list[Run]:
    """Read `workflow_runs`; what is of another commit, which a server may add, is left out."""
    return [_run(item) for item in items if _text(item, "head_sha") == commit]


def of_branch(items: Iterable[dict[str, Any]], repository: str, branch: str) -> list[Run]:
    """Read `workflow_runs`; those that ended, and are of a branch of the repository itself.

    GitHub lists with them those of pull requests from branches that are called so too.
    """
    return [
        _run(item)
        for item in items
        if _text(item, "head_branch") == branch
        and _text(item, "status") == _ENDED
        and not _text(item, "event").startswith("pull_request")
        and _owner(item).lower() in ("", repository.lower())
    ]


def _owner(item: dict[str, Any]) -> str:
    value = item.get("head_repository")
    if not isinstance(value, (dict, type(None))):
        raise _misshapen("head_repository", value, "an object")
    return _text(value or {}, "full_name")


def _run(item: dict[str, Any]) -> Run:
    return Run(
        _number(item, "id"),
        _text(item, "name") or _text(item, "path"),
        _number(item, "run_attempt", 1),
        _text(item, "run_started_at"),
        _text(item, "status"),
        _text(item, "conclusion"),
        _text(item, "html_url"),
    )


def attempts(items: Iterable[dict[str, Any]], run: Run) -> list[Attempt]:
    """Read `jobs` of one run, of all its attempts."""
    return [
        Attempt(
            Job(
                _text(item, "name"),
                run.workflow,
                run.id,
                _text(item, "status"),
                _text(item, "conclusion"),
            ),
            _number(item, "run_attempt", run.attempt),
            _text(item, "completed_at"),
            _number(item, "id"),
        )
        for item in items
    ]


def artifacts(items: Iterable[dict[str, Any]], run: Run) -> list[Listed]:
    """Read `artifacts` of one run."""
    return [
        Listed(
            _number(item, "id"),
            _text(item, "name"),
            run.id,
            _number(item, "size_in_bytes"),
            bool(item.get("expired")),
            _text(item, "created_at"),
        )
        for item in items
    ]


def last(run: Run, tried: Iterable[Attempt]) -> list[Job]:
    """Return each job as its last attempt left it, and the run where its jobs do not tell all.

    A run that waits has no jobs yet, or none but those that others need; one that could not
    start has none at all.
    """
    found = [each.job for each in _latest(tried)]
    itself = Job(run.workflow, run.workflow, run.id, run.status, run.conclusion)
    if is_running(itself) and not any(map(is_running, found)):
        return [*found, itself]
    return found or [itself]


def failed(tried: Iterable[Attempt]) -> list[Attempt]:
    """Return the jobs whose last attempts failed."""
    return [each for each in _latest(tried) if each.job.conclusion in _FAILED]


def _latest(tried: Iterable[Attempt]) -> list[Attempt]:
    tried = [*tried]
    latest: dict[str, int] = defaultdict(int)
    for each in tried:
        latest[each.job.name] = max(latest[each.job.name], each.attempt)
    return [each for each in tried if each.attempt == latest[each.job.name]]


def is_running(job: Job) -> bool:
    """Tell whether a job, or a run, has not ended, or not even begun."""
    return job.status != _ENDED


def is_whole(run: Run, tried: Iterable[Attempt]) -> bool:
    """Tell whether a run's last attempt made every job again, not only those that had failed.

    GitHub was seen to list jobs that were not made again either with the attempt that made them or
    with the last one, and then with the times of the former.
    """
    again = {each.job.name for each in tried if each.attempt == run.attempt}
    carried = any(
        each.attempt == run.attempt and is_before(each.ended, run.started) for each in tried
    )
    return not carried and all(each.job.name in again for each in tried)


def newest(
    listed: Iterable[Listed], run: Run, whole: bool
) -> tuple[list[tuple[Listed, bool]], list[Listed]]:
    """Return what counts of a run's artifacts, and what a later attempt replaced.

    Of one name the last counts, as in GitHub's own download action; what is older than the last
    attempt (True beside it) does where that attempt did not make all jobs again.
    """
    latest: dict[str, Listed] = {}
    for each in sorted(listed, key=lambda listed: listed.id):
        latest[each.name] = each
    counting, replaced = [], []
    for each in sorted(listed, key=lambda listed: listed.id):
        earlier = run.attempt > 1 and is_before(each.created, run.started)
        if latest[each.name] is each and not (earlier and whole):
            counting.append((each, earlier))
        else:
            replaced.append(each)
    return counting, replaced


def is_before(moment: str, other: str) -> bool:
    """Tell whether one of GitHub's moments is before another; False where either is unknown."""
    return bool(_MOMENT.fullmatch(moment) and _MOMENT.fullmatch(other)) and moment < other


def _number(item: dict[str, Any], name: str, default: int | None = None) -> int:
    value = item.get(name)
    value = default if value is None else value
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise _misshapen(name, value, "a whole number")
    return value


def _text(item: dict[str, Any], name: str) -> str:
    value = item.get(name)
    if not isinstance(value, (str, type(None))):
        raise _misshapen(name, value, "a text")
    return value or ""


def _misshapen(name: str, value: object, wanted: str) -> DownloadError:
    return DownloadError(
        f"the answer has {value!r:.80} for {name!r}, where GitHub's API has {wanted}; check the"
        " address of the API"
    )
