"""Stability pages: the values of the page out of what there is to say of all tests. Pure."""

from __future__ import annotations

import collections
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from trunk_failures import listed_counts, pages
from trunk_failures.history_outcomes import Counts, Grid, Outcomes
from trunk_failures.history_statuses import DisabledTest
from trunk_failures.pages import Curve, Page, Span
from trunk_failures.recommendations import Action, Recommendation
from trunk_failures.stability import Verdict
from trunk_failures.stability_summaries import Row as Judged
from trunk_failures.stability_summaries import Summary
from trunk_failures.trials import Run

DISABLED, ENABLED = "disabled", "enabled again"
VERDICTS = {
    Verdict.BROKEN.value: "it fails now, each time since it broke",
    Verdict.FLAKY.value: "it passes and fails by turns",
    Verdict.RECOVERED.value: "it failed, and passes again",
    Verdict.NEW.value: "it has run too few times",
    Verdict.NOT_SEEN.value: "none of the last runs ran it",
    Verdict.STABLE.value: "it passes each time",
    DISABLED: "trunk has it disabled",
    ENABLED: "trunk had it disabled, and no longer has",
}
NAMED = 10
"""Runs that are named where some are set aside."""

_FAILED = frozenset((pages.FAILED, pages.CRASHED, pages.MIXED, pages.EXPECTED))


class Entries(NamedTuple):
    """What the lists say of a test: how and in which modes it is listed, and the entries' fields.

    `path` is that of the first entry's file, as people know it.
    """

    listed: str = ""
    modes: Sequence[str] = ()
    owner: str = ""
    path: str = ""
    fields: Sequence[tuple[str, str]] = ()


class Listed(NamedTuple):
    """What the lists say of each test, and how many tests they had when."""

    entries: Callable[[Judged], Entries]
    counts: listed_counts.Counts


class Known(NamedTuple):
    """What a page is made of beside what is read of the outcomes.

    `judged` has the tests that are shown by key, place and configuration; `heard` is when a source
    of disabled tests was last asked, or 0; `commits` is what a commit's address begins with.
    """

    summary: Summary
    judged: Mapping[tuple[str, str, str], Judged]
    listed: Listed
    grid: Grid
    heard: int = 0
    commits: str = ""


def page(known: Known, outcomes: Iterable[Outcomes], counts: Counts) -> Page:
    """Return the page; `counts` are complete when the outcomes have all been read."""
    summary, columns = known.summary, known.grid.columns
    found = [*_rows(known, outcomes)]
    order = {name: place for place, name in enumerate(VERDICTS)}
    found.sort(key=lambda row: (order[row.verdict], -(row.since or 0), row.key))
    several = len({test.source for test in summary.disabled}) > 1
    time = max([known.heard, *(column.time for column in columns[-1:])])
    ran = [
        *_curves(known.grid, counts),
        *_disabled_curves(summary.disabled, known.heard, several),
    ]
    return Page(
        "Stability of tests",
        time,
        VERDICTS,
        columns,
        [*found, *_disabled_rows(summary.disabled, several)],
        [*_listed_curve(known, ran), *ran],
        [*_notes(known)],
        _others(known),
        known.commits,
    )


def _rows(known: Known, outcomes: Iterable[Outcomes]) -> Iterator[pages.Row]:
    """Yield the rows of the tests that are shown, those last that no run that is told of ran."""
    left = dict(known.judged)
    for each in outcomes:
        judged = left.pop((each.key, each.place, each.configuration), None)
        if judged is not None:
            yield _row(judged, each, known)
    letters = pages.NOT_RUN * len(known.grid.columns)
    for named, judged in left.items():
        yield _row(judged, Outcomes(*named, letters, ()), known)


def _row(judged: Judged, outcomes: Outcomes, known: Known) -> pages.Row:
    found = judged.stability
    entries = known.listed.entries(judged)
    return pages.Row(
        found.key,
        found.place,
        found.configuration,
        found.verdict.value,
        found.passes,
        found.runs,
        found.interval,
        _since(judged, outcomes.letters, known.grid),
        entries.listed,
        entries.modes,
        entries.owner,
        outcomes.letters,
        outcomes.failures,
        (),
        entries.path,
        entries.fields,
        _advice(judged.recommendation),
    )


def _since(judged: Judged, letters: str, grid: Grid) -> int | None:
    """Return when a test began to be as it is, as far as the columns tell; None for stable ones."""
    found = judged.stability
    failing = [place for place, letter in enumerate(letters) if letter in _FAILED]
    if found.verdict is Verdict.BROKEN and found.failing_since is not None:
        return found.failing_since.time
    if found.verdict is Verdict.FLAKY and failing:
        return grid.columns[failing[0]].time
    if found.verdict is Verdict.RECOVERED and failing:
        passes = letters.find(pages.PASSED, failing[-1])
        return grid.columns[passes].time if passes >= 0 else None
    if found.verdict is Verdict.NOT_SEEN and found.last_run is not None:
        return found.last_run.time
    return None


def _advice(found: Recommendation) -> str:
    if found.action in (Action.NOTHING, Action.UNLIST):
        return found.why
    return f"{found.action.value}: {found.why}" if found.why else found.action.value


def _disabled_rows(tests: Sequence[DisabledTest], several: bool) -> list[pages.Row]:
    """Return the rows of tests that trunk disables; they are told apart by their source."""
    found = [_disabled_row(test, test.source if several else "") for test in tests]
    return sorted(found, key=lambda row: (row.verdict != DISABLED, -(row.since or 0), row.key))


def _disabled_row(test: DisabledTest, place: str) -> pages.Row:
    last = test.spans[-1]
    said = (("source", test.source), ("reason", test.reason))
    return pages.Row(
        test.name,
        place,
        verdict=DISABLED if test.now else ENABLED,
        since=last.since if last.until is None else last.until,
        spans=[Span(each.since, each.until, test.issue, test.platforms) for each in test.spans],
        entry=[field for field in said if field[1]],
    )


def _listed_curve(known: Known, others: Sequence[Curve]) -> Iterator[Curve]:
    """Yield how many tests were listed, from where the other curves begin, if there are any."""
    points = known.listed.counts.points
    start = min((curve.points[0][0] for curve in others), default=0)
    before = [number for time, number in points if time <= start]
    kept = [point for point in points if point[0] > start]
    if before:
        kept.insert(0, (start, before[-1]))
    if any(number for _, number in kept):
        yield Curve("listed", kept)


def _curves(grid: Grid, counts: Counts) -> Iterator[Curve]:
    """Yield how many tests failed in each run that counts."""
    if grid.moments:
        numbers = [*enumerate(grid.moments)]
        if any(counts.expected[place] for place, _ in numbers):
            yield Curve("failing as listed", [(time, counts.expected[n]) for n, time in numbers])
        yield Curve("failing", [(time, counts.failed[n]) for n, time in numbers])


def _disabled_curves(
    tests: Sequence[DisabledTest], heard: int, several: bool
) -> Iterator[Curve]:
    """Yield how many tests each source had disabled, from the first time to the last."""
    changes: dict[str, dict[int, int]] = {}
    for test in tests:
        own = changes.setdefault(test.source, {})
        for since, until in test.spans:
            own[since] = own.get(since, 0) + 1
            if until is not None:
                own[until] = own.get(until, 0) - 1
    for source, own in sorted(changes.items()):
        number = 0
        points = []
        for time, change in sorted(own.items()):
            number += change
            points.append((time, number))
        if points[-1][0] < heard:
            points.append((heard, number))
        yield Curve(f"disabled by {source}" if several else "disabled on trunk", points)


def _notes(known: Known) -> Iterator[str]:
    aside, grid = known.summary.set_aside, known.grid
    if aside:
        names = ", ".join(map(_named, aside[:NAMED]))
        more = f", and {len(aside) - NAMED} more" if len(aside) > NAMED else ""
        runs = "1 run is" if len(aside) == 1 else f"{len(aside)} runs are"
        yield f"{runs} set aside, as most of the tests failed: {names}{more}"
    if known.listed.counts.trouble:
        yield f"how many tests were listed when is not known: {known.listed.counts.trouble}"
    if grid.earlier:
        yield f"the last {len(grid.columns)} runs are shown one by one, and {grid.earlier} are not"
    hidden = sum(_others(known).values())
    if hidden:
        yield f"{hidden:,} tests of which there is nothing to say are counted, and not shown"


def _others(known: Known) -> collections.Counter[str]:
    """Return how many tests of each verdict are not shown."""
    found = collections.Counter(each.stability.verdict for each in known.judged.values())
    hidden = known.summary.verdicts - found
    return collections.Counter({verdict.value: count for verdict, count in hidden.items()})


def _named(run: Run) -> str:
    where = f" ({run.configuration})" if run.configuration else ""
    return f"{run.name}{where}, {run.failed} of {run.tests}"
