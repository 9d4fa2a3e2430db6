"""What a commit's runs in continuous integration left: artifacts and jobs."""

from __future__ import annotations

from typing import NamedTuple


class Artifact(NamedTuple):
    """A zip file that was downloaded: its name there, its path here, its run, its size in bytes.

    `earlier` tells that it is from an attempt before the run's last, which did not replace it.
    """

    name: str
    path: str
    run: int
    size: int
    earlier: bool = False


class Left(NamedTuple):
    """An artifact that was not downloaded."""

    name: str
    run: int


class Job(NamedTuple):
    """A job, or a whole run that has no job to speak of; names are as the site shows them.

    `status` is GitHub's (`queued`, `in_progress`, `completed` ...), as is `conclusion` (`success`,
    `failure`, `cancelled`, `skipped` ...), which is "" until it has ended.
    """

    name: str
    workflow: str
    run: int
    status: str
    conclusion: str = ""


class Fetched(NamedTuple):
    """All of it: what was downloaded, and what was not, and why."""

    repository: str
    commit: str
    artifacts: tuple[Artifact, ...]
    running: tuple[Job, ...] = ()
    ended: tuple[Job, ...] = ()
    expired: tuple[Left, ...] = ()
    superseded: tuple[Left, ...] = ()
    """Those of attempts that were made again."""
    unwanted: tuple[Left, ...] = ()
