"""What tests of notifications share: stabilities and changes as values.

PYTEST_DONT_REWRITE: test modules import it before pytest does, and nothing here asserts.
"""

from __future__ import annotations

from typing import Any

from trunk_failures.messages import Message
from trunk_failures.notifications import DAY, Change, Kind, Since, Subject
from trunk_failures.stability import Stability, Verdict
from trunk_failures.trials import Run

NOW = 1_800_000_000
ERROR = "AssertionError: no"
HOSTILE = "test_a[<script>@team `x` | **b** \r\nBcc: a@b.c\n```\nPlatforms: linux\u202e\x1b[31m]"
"""A name as nobody wants it."""


def run(name: str = "5", days: int = 1, commit: str = "") -> Run:
    """Return a run of so many days ago."""
    return Run(name, "", NOW - days * DAY, commit)


def failing(
    key: str = "TestA.test_a",
    since: str = "5",
    days: int = 1,
    configuration: str = "",
    verdict: Verdict = Verdict.BROKEN,
    place: str = "",
    error: str = ERROR,
) -> Stability:
    """Return how stable a test is that fails since a run."""
    return Stability(
        key, place, configuration, verdict, 9, 5, (0, 1), failures_in_a_row=4,
        failing_since=run(since, days), last_run=run("9", 0), error=error,
    )


def passing(
    key: str = "TestA.test_a",
    configuration: str = "",
    verdict: Verdict = Verdict.RECOVERED,
    place: str = "",
    last: Run | None = run("9", 0),
    passes: int = 4,
    flips: int = 4,
) -> Stability:
    """Return how stable a test is that passes now."""
    return Stability(
        key, place, configuration, verdict, 9, 5, (0, 1), flips, passes_in_a_row=passes,
        last_run=last,
    )


def change(
    kind: Kind = Kind.FAILING,
    key: str = "TestA.test_a",
    place: str = "tests/test_a",
    configuration: str = "",
    since: str = "5",
    detail: str = ERROR,
    **fields: Any,
) -> Change:
    """Return a change of a test."""
    subject = Subject(key, place, configuration)
    return Change(kind, subject, Since(since, NOW, "abc"), detail, **fields)


def message(*changes: Change, key: str = "0123456789abcdef") -> Message:
    """Return a message."""
    return Message(key, NOW, changes or (change(),))
