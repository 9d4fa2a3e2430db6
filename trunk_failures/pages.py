"""Pages: what the page about the stability of tests shows, as values."""

from __future__ import annotations

import types
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple


class Outcome(NamedTuple):
    """What a test came to in one run, as the page tells it: by a symbol, and in words."""

    symbol: str
    words: str


PASSED, MIXED, FAILED, CRASHED, EXPECTED, SKIPPED, NOT_RUN = "PMFCXS-"
OUTCOMES = {
    PASSED: Outcome("·", "passed"),
    FAILED: Outcome("×", "failed"),
    CRASHED: Outcome("!", "crashed"),
    MIXED: Outcome("±", "passed and failed"),
    EXPECTED: Outcome("o", "failed as expected"),
    SKIPPED: Outcome("s", "skipped"),
    NOT_RUN: Outcome("", "not run"),
}
"""By the letter that stands for it in a row's outcomes, in the order in which they are told.

The symbols are of Latin-1, which every monospaced font has in one width.
"""


class Column(NamedTuple):
    """One run of the suite in all its configurations: a column of the grid.

    `time` is in seconds since 1970, UTC; `remark` is what is to be known of the run.
    """

    name: str
    time: int
    commit: str = ""
    branch: str = ""
    remark: str = ""


class Curve(NamedTuple):
    """A number over time: each point is a time, in seconds since 1970, and the number from then on.

    The points are in the order of their times.
    """

    name: str
    points: Sequence[tuple[int, int]]


class Failure(NamedTuple):
    """An error that a test had in `runs` runs; `first` and `last` are numbers of columns."""

    error: str
    runs: int
    first: int
    last: int


class Span(NamedTuple):
    """A time that trunk disabled a test for, `where` (platforms); `until` is None while it does."""

    since: int
    until: int | None = None
    issue: str = ""
    where: str = ""


class Row(NamedTuple):
    """One test in one configuration.

    `outcomes` has one letter of OUTCOMES for each column. `interval` is that of the share of
    passes at 95 %. `since` is when it began to be as it is, in seconds since 1970; None where
    there is nothing to tell of it. `listed` is how it is listed, or "", `modes` in which modes;
    `entry` the entry's fields, `path` its file. `advice` says what to do.
    """

    key: str
    place: str = ""
    configuration: str = ""
    verdict: str = ""
    passes: int = 0
    runs: int = 0
    interval: tuple[float, float] = (0.0, 1.0)
    since: int | None = None
    listed: str = ""
    modes: Sequence[str] = ()
    owner: str = ""
    outcomes: str = ""
    failures: Sequence[Failure] = ()
    spans: Sequence[Span] = ()
    path: str = ""
    entry: Sequence[tuple[str, str]] = ()
    advice: str = ""


class Page(NamedTuple):
    """All of a page; `time` is the last that it tells of, in seconds since 1970, or 0.

    `verdicts` has, in the order in which they are told, what each verdict of a row means; `rows`
    are read once, and `others` has how many more tests of each verdict there are. `commits` is what
    a commit's address begins with, or "".
    """

    title: str
    time: int
    verdicts: Mapping[str, str]
    columns: Sequence[Column] = ()
    rows: Iterable[Row] = ()
    curves: Sequence[Curve] = ()
    notes: Sequence[str] = ()
    others: Mapping[str, int] = types.MappingProxyType({})
    commits: str = ""
