"""History pages: the page about all that a history has, read out of it."""

from __future__ import annotations

import collections
import sqlite3
from collections.abc import Callable, Mapping

from trunk_failures import history_outcomes, history_statuses, stability_pages
from trunk_failures.history_outcomes import Counts
from trunk_failures.history_series import Runs
from trunk_failures.pages import Page
from trunk_failures.stability_pages import Known, Listed
from trunk_failures.stability_summaries import Summary

RUNS = 200
"""Runs that are shown one by one, the last ones."""

TESTS = 20_000
"""Tests of the history from which on those are counted alone of which there is nothing to say."""


def shows_all(connection: sqlite3.Connection) -> bool:
    """Tell whether the page shows all tests, as there are not too many for a person."""
    (count,) = connection.execute("SELECT count(*) FROM test").fetchone()
    return int(count) <= TESTS


def read(
    connection: sqlite3.Connection,
    chosen: Runs,
    summary: Summary,
    listed: Listed,
    environ: Mapping[str, str],
    done: Callable[[int], None] = lambda rows: None,
) -> Page:
    """Return the page about the tests that a summary tells of.

    In a job of GitHub's the environment says where a commit can be seen.
    """
    judged = {
        (row.stability.key, row.stability.place, row.stability.configuration): row
        for row in summary.rows
    }
    grid = history_outcomes.grid(connection, chosen, RUNS)
    counts = Counts(collections.Counter(), collections.Counter())
    heard = history_statuses.last(connection)
    known = Known(summary, judged, listed, grid, heard, _commits(environ))
    outcomes = history_outcomes.read(connection, grid, counts, done)
    return stability_pages.page(known, outcomes, counts)


def _commits(environ: Mapping[str, str]) -> str:
    """Return what the address of a commit begins with, or ""."""
    server, repository = environ.get("GITHUB_SERVER_URL"), environ.get("GITHUB_REPOSITORY")
    return f"{server}/{repository}/commit/" if server and repository else ""
