"""What tests of the history share: histories made of what tests came to, run by run."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from unittest import mock

from update_fixtures import collected, told

from trunk_failures import history, history_runs, progress, stability
from trunk_failures.results import collecting
from trunk_failures.stability import Stability
from trunk_failures.trials import Run, Series

HOUR = 3600
WORDS = {
    "P": "passed", "F": "failed", "M": "failed, passed", "K": "skip-listed and failed",
    "L": "skip-listed and passed", "C": "crashed", "S": "skipped", "N": "not run",
}
"""What a test came to in one run, by one letter; `.` is nothing at all."""

Suite = Mapping[str, str]
"""By the tests' keys, what each came to in one run after the other."""


def runs_of(count: int) -> list[Run]:
    """Return runs that are an hour apart, each with a commit of its own."""
    return [Run(f"r{number}", "", HOUR * (number + 1), f"c{number}") for number in range(count)]


def series(states: str, runs: int | None = None, error: str = "", **fields: str) -> Series:
    """Return the series of a test; `.` are runs that did not run it."""
    places = [place for place, state in enumerate(states) if state != "."]
    kept = states.replace(".", "").encode()
    own = runs_of(len(states) if runs is None else runs)
    given = {"key": "TestA.test_a", "place": "test_a", "configuration": "", **fields}
    return Series(*given.values(), own, places, kept, error)  # type: ignore[arg-type]


def judged(states: str, **fields: str) -> Stability:
    """Return how stable a test is that came to these states."""
    return stability.judge(series(states, **fields))


def write_results(path: Path, verdicts: Mapping[str, str], error: str = "ValueError: no") -> Path:
    """Write result lines of tests of `test_a.py`, by their keys and verdicts."""
    lines = [
        json.dumps(
            {
                "id": key, "file": "test_a.py", "verdict": verdict, "seconds": 0.1, "mode": "trunk",
                "error": None if "passed" in verdict else error,
            }
        )
        for key, each in verdicts.items()
        for verdict in each.split(", ")
    ]
    path.write_text("\n".join(lines) + "\n")
    return path


def record(
    path: Path, run: Run, verdicts: Iterable[tuple[str, str]], place: str = "test_a", now: int = 1
) -> history_runs.Recorded:
    """Record what tests came to in one run, given as (key, verdicts)."""
    records, names = told(("", place, key, each) for key, each in verdicts)
    with history.writing(str(path)) as connection:
        parts = collected(records, names or [""]).gathered((), collecting.resolver(None))
        return history_runs.record(connection, run, parts, now)


def record_suite(
    path: Path, suite: Suite, configuration: str = "", first: int = 0, modes: str = ""
) -> None:
    """Record what the tests of a suite came to, an hour apart, as runs `r0`, `r1` and so on."""
    for number in range(max(map(len, suite.values()))):
        verdicts = [
            (key, WORDS[states[number]])
            for key, states in suite.items()
            if number < len(states) and states[number] != "."
        ]
        run = Run(f"r{number + first}", configuration, HOUR * (number + first + 1), f"c{number}")
        record(path, run._replace(modes=modes), verdicts)


def rows(path: Path, query: str) -> Sequence[tuple[object, ...]]:
    """Return what a query of a history gives."""
    with history.reading(str(path)) as connection:
        return connection.execute(query).fetchall()


def dump(path: Path) -> list[str]:
    """Return all that a history holds, as statements."""
    with history.reading(str(path)) as connection:
        return [*connection.iterdump()]


class Counted(progress.Progress):
    """Progress that keeps, of each, how much there is to be done, and how much was told as done."""

    found: list[list[int]] = []

    def __init__(self, total: int, *arguments: Any, **options: Any) -> None:
        """Begin with nothing done."""
        super().__init__(total, *arguments, **options)
        self.found.append([total, 0])

    def done(self, size: int, label: str = "", files: int = 1) -> None:
        """Count."""
        self.found[-1][1] += size


@contextlib.contextmanager
def counted() -> Iterator[list[list[int]]]:
    """Yield the totals of all progress within, and what was told as done of each."""
    Counted.found = []
    with mock.patch.object(progress, "Progress", Counted):
        yield Counted.found
