"""Stability pages: what the page shows of what there is to say of all tests."""

from __future__ import annotations

import collections
from collections.abc import Sequence

import pytest
from history_fixtures import HOUR, judged, runs_of

from trunk_failures import disabled_spans, pages, recommendations, stability_pages
from trunk_failures.history_outcomes import Counts, Grid, Outcomes
from trunk_failures.history_statuses import DisabledTest
from trunk_failures.listed_counts import Counts as Dated
from trunk_failures.pages import Column, Curve, Page, Span
from trunk_failures.recommendations import Action, Recommendation
from trunk_failures.stability import Verdict
from trunk_failures.stability_pages import Entries, Known, Listed
from trunk_failures.stability_summaries import Row as Judged
from trunk_failures.stability_summaries import Summary
from trunk_failures.trials import Run

NOTHING = Recommendation(Action.NOTHING)
KEEP = Recommendation(Action.KEEP, "it fails")
UNLISTED = Listed(lambda row: Entries(), Dated([]))
LISTED = Entries("skip", ("trunk",), "@ana", "tests/trunk_skips/TestA.test_a", (("reason", "x"),))


def columns(count: int) -> list[Column]:
    """Return a column for each of so many runs, an hour apart."""
    return [Column(run.name, run.time, run.commit) for run in runs_of(count)]


def summary(
    verdicts: dict[Verdict, int] | None = None,
    disabled: Sequence[DisabledTest] = (),
    aside: Sequence[Run] = (),
) -> Summary:
    """Return a summary of which a page takes only what is given here."""
    return Summary("h", 0, [], collections.Counter(verdicts), [], [], aside, disabled)


def page(*states: str, advice: Recommendation = NOTHING, earlier: int = 0) -> Page:
    """Return the page about tests `test_0` and so on, of which each came to some states."""
    found = [judged(each, key=f"TestA.test_{number}") for number, each in enumerate(states)]
    rows = {(each.key, each.place, ""): Judged(each, [], advice) for each in found}
    count = max(map(len, states))
    grid = Grid(columns(count), earlier, [HOUR * n for n in range(1, count + 1)], {})
    outcomes = [
        Outcomes(each.key, each.place, "", letters.replace(".", "-").ljust(count, "-"), ())
        for each, letters in zip(found, states)
    ]
    verdicts = {each.verdict: 1 for each in found}
    known = Known(summary(verdicts), rows, Listed(lambda row: LISTED, Dated([])), grid)
    counts = Counts(collections.Counter({0: 2}), collections.Counter({1: 3}))
    return stability_pages.page(known, outcomes, counts)


def test_a_row() -> None:
    """A row has what is known of the test, what the lists say, and the outcomes."""
    made = page("PPFF", advice=KEEP)
    (row,) = made.rows
    assert row == pages.Row(
        "TestA.test_0", "test_a", "", "broken", 2, 4, judged("PPFF").interval, 3 * HOUR,
        "skip", ("trunk",), "@ana", "PPFF", (), (), LISTED.path, LISTED.fields,
        "keep listed: it fails",
    )
    assert made.time == 4 * HOUR and made.notes == [] and not any(made.others.values())


@pytest.mark.parametrize(
    ("states", "since"),
    [
        ("PPPP", None), ("PPFF", 3), ("FFFF", 1), ("PFPFP", 2), ("FFPPP", 3), ("FFFP", 4),
        ("F" + "." * 20, 1), ("." * 20 + "F", None), ("." * 20, None),
    ],
)
def test_since_when(states: str, since: int | None) -> None:
    """It says since when a test is broken, flaky, passing again or gone; or nothing."""
    (row,) = page(states).rows
    assert row.since == (None if since is None else HOUR * since)


def test_since_when_where_no_column_tells() -> None:
    """Where the failures were before the first column, or nothing ran after, nothing is told."""
    found = judged("FFPPP")
    grid = Grid(columns(2), 3, [], {})
    for letters in ("PP", "-F"):
        known = Known(summary(), {}, UNLISTED, grid)
        row = stability_pages._row(
            Judged(found, [], NOTHING), Outcomes("a", "", "", letters, ()), known
        )
        assert row.since is None


@pytest.mark.parametrize(
    ("advice", "words"),
    [
        (NOTHING, ""), (KEEP, "keep listed: it fails"), (Recommendation(Action.MEND), "mend"),
        (recommendations.recommend(judged("P" * 200), True), "200 passes, no failure"),
    ],
)
def test_advice(advice: Recommendation, words: str) -> None:
    """What to do and why is told in one sentence."""
    (row,) = page("PP", advice=advice).rows
    assert row.advice.startswith(words) and bool(row.advice) is bool(words)


def test_the_order() -> None:
    """What is worst comes first, and of that what began last."""
    rows = [*page("PPPP", "FFFF", "PPFF", "PFPF", "PPFF").rows]
    assert [row.key[-1] for row in rows] == ["2", "4", "1", "3", "0"]


def test_tests_that_no_column_has() -> None:
    """A test that only runs which are not shown have is there, as not run."""
    made = page("PP", "FF")
    found = judged("PP", key="TestA.other")
    known = Known(
        summary({Verdict.STABLE: 1}), {("TestA.other", "test_a", ""): Judged(found, [], NOTHING)},
        UNLISTED, Grid(columns(3), 0, [], {}),
    )
    empty = Counts(collections.Counter(), collections.Counter())
    (row,) = stability_pages.page(known, [], empty).rows
    assert (row.key, row.outcomes) == ("TestA.other", "---")
    assert len([*made.rows]) == 2


def test_curves() -> None:
    """It is told how many tests failed in each run, as listed or not; nothing where none ran."""
    assert page("PP").curves == [
        Curve("failing as listed", [(HOUR, 2), (2 * HOUR, 0)]),
        Curve("failing", [(HOUR, 0), (2 * HOUR, 3)]),
    ]
    known = Known(summary(), {}, UNLISTED, Grid([], 0, [], {}))
    empty = Counts(collections.Counter(), collections.Counter())
    assert stability_pages.page(known, [], empty) == Page(
        "Stability of tests", 0, stability_pages.VERDICTS, [], [], [], [], {}
    )
    grid = Grid(columns(1), 0, [HOUR], {})
    (curve,) = stability_pages.page(known._replace(grid=grid), [], empty).curves
    assert curve == Curve("failing", [(HOUR, 0)])


@pytest.mark.parametrize(
    ("points", "wanted"),
    [
        ([], None), ([(5, 0)], None), ([(5, 3)], [(HOUR, 3)]),
        ([(5, 3), (6, 4), (2 * HOUR, 5)], [(HOUR, 4), (2 * HOUR, 5)]),
        ([(2 * HOUR, 5)], [(2 * HOUR, 5)]),
    ],
)
def test_the_curve_of_the_lists(
    points: list[tuple[int, int]], wanted: list[tuple[int, int]] | None
) -> None:
    """How many tests were listed is told from the first run on, or where none ran, of all times."""
    empty = Counts(collections.Counter(), collections.Counter())
    listed = UNLISTED._replace(counts=Dated(points))
    known = Known(summary(), {}, listed, Grid(columns(1), 0, [HOUR], {}))
    made = stability_pages.page(known, [], empty)
    curves = [each for each in made.curves if each.name == "listed"]
    assert curves == ([] if wanted is None else [Curve("listed", wanted)])
    alone = stability_pages.page(known._replace(grid=Grid([], 0, [], {})), [], empty).curves
    assert alone == ([] if wanted is None else [Curve("listed", points)])


def disabled(source: str, name: str, *spans: tuple[int, int | None]) -> DisabledTest:
    """Return a test that a source has disabled."""
    return DisabledTest(
        source, name, tuple(disabled_spans.Span(*span) for span in spans), "issue", "linux", "why"
    )


def test_disabled_tests() -> None:
    """Tests that trunk disables are there, those that still are first, and how many were when."""
    tests = [
        disabled("s", "a", (10, 20), (30, None)), disabled("s", "b", (10, 40)),
        disabled("s", "c", (20, None)),
    ]
    grid = Grid([], 0, [], {})
    known = Known(summary(None, tests), {}, UNLISTED, grid, 50)
    empty = Counts(collections.Counter(), collections.Counter())
    made = stability_pages.page(known, [], empty)
    rows = [*made.rows]
    assert [(row.key, row.verdict, row.since) for row in rows] == [
        ("a", "disabled", 30), ("c", "disabled", 20), ("b", "enabled again", 40),
    ]
    assert rows[0].spans == [Span(10, 20, "issue", "linux"), Span(30, None, "issue", "linux")]
    assert rows[0].entry == [("source", "s"), ("reason", "why")]
    assert made.time == 50
    points = [(10, 2), (20, 2), (30, 3), (40, 2), (50, 2)]
    assert made.curves == [Curve("disabled on trunk", points)]


def test_disabled_by_several() -> None:
    """Where several sources tell of disabled tests each has its curve, and its name with a test."""
    tests = [disabled("s", "a", (10, None)), disabled("t", "a", (20, None))]
    known = Known(summary(None, tests), {}, UNLISTED, Grid([], 0, [], {}), 20)
    empty = Counts(collections.Counter(), collections.Counter())
    made = stability_pages.page(known, [], empty)
    assert made.curves == [
        Curve("disabled by s", [(10, 1), (20, 1)]), Curve("disabled by t", [(20, 1)]),
    ]
    assert {row.place for row in made.rows} == {"s", "t"}


def test_notes() -> None:
    """It is told which runs were set aside, and how many runs and tests are not shown."""
    aside = [Run(f"r{number}", "x" * number, tests=9, failed=8) for number in range(12)]
    known = Known(
        summary({Verdict.STABLE: 1200, Verdict.NEW: 3}, (), aside), {}, UNLISTED,
        Grid(columns(2), 7, [HOUR], {}),
    )
    empty = Counts(collections.Counter(), collections.Counter())
    made = stability_pages.page(known, [], empty)
    one, two, three = made.notes
    assert one.startswith("12 runs are set aside, as most of the tests failed: r0, 8 of 9, r1 (x),")
    assert one.endswith(", and 2 more")
    assert two == "the last 2 runs are shown one by one, and 7 are not"
    assert three == "1,203 tests of which there is nothing to say are counted, and not shown"
    assert made.others == {"stable": 1200, "new": 3}
    troubled = UNLISTED._replace(counts=Dated([], "git says: no"))
    known = known._replace(summary=summary(aside=aside[:1]), listed=troubled)
    notes = stability_pages.page(known, [], empty).notes
    assert notes[0].startswith("1 run is set aside")
    assert notes[1] == "how many tests were listed when is not known: git says: no"
