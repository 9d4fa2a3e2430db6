"""Curves: numbers over time as a figure."""

from __future__ import annotations

import datetime
import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from page_fixtures import CURVES, DAY, HOSTILE, START

from trunk_failures.pages import Curve
from trunk_failures.reports import curves

POINT = st.tuples(st.integers(0, 2_000_000_000), st.integers(0, 999))
POINTS = st.lists(POINT, min_size=1).map(sorted)


def at(text: str) -> int:
    """Return a time in seconds since 1970."""
    return int(datetime.datetime.fromisoformat(f"{text}+00:00").timestamp())


def parsed(figure: str) -> ElementTree.Element:
    """Return a figure's elements."""
    return ElementTree.fromstring(figure.replace("<output", "<i").replace("</output", "</i"))


@pytest.mark.parametrize(
    ("highest", "wanted"),
    [
        (0, [0, 1]),
        (1, [0, 1]),
        (5, [0, 1, 2, 3, 4, 5]),
        (6, [0, 2, 4, 6]),
        (20, [0, 5, 10, 15, 20]),
        (237, [0, 50, 100, 150, 200, 250]),
        (1_900, [0, 500, 1000, 1500, 2000]),
    ],
)
def test_levels_are_round(highest: int, wanted: list[int]) -> None:
    """A handful of round numbers get a line."""
    assert curves.levels(highest) == wanted


@given(st.integers(0, 10**9))
def test_levels_hold_all(highest: int) -> None:
    """From two to six lines hold every number between them."""
    found = curves.levels(highest)
    assert 2 <= len(found) <= 6 and found[0] == 0 and found[-1] >= highest


@pytest.mark.parametrize(
    ("start", "end", "wanted"),
    [
        ("2026-01-01 10:00", "2026-01-01 12:00", ["2026-01-01 10:00"]),
        ("2026-01-01 10:00", "2026-01-04 12:00", ["Jan 02", "Jan 03", "Jan 04"]),
        (
            "2026-01-30 10:00", "2026-02-18 12:00",
            ["Jan 31", "Feb 03", "Feb 06", "Feb 09", "Feb 12", "Feb 15", "Feb 18"],
        ),
        ("2026-01-10 00:00", "2026-04-11 12:00", ["Feb 2026", "Mar 2026", "Apr 2026"]),
        (
            "2025-01-01 00:00", "2026-01-11 12:00",
            ["Jan 2025", "Apr 2025", "Jul 2025", "Oct 2025", "Jan 2026"],
        ),
        (
            "2022-08-16 00:00", "2025-06-10 12:00",
            ["Jan 2023", "Jul 2023", "Jan 2024", "Jul 2024", "Jan 2025"],
        ),
        ("2016-08-16 00:00", "2025-06-10 12:00", ["2017", "2019", "2021", "2023", "2025"]),
    ],
)
def test_times_get_marks(start: str, end: str, wanted: list[str]) -> None:
    """Beginnings of days, months or years get a mark, of which there is a handful."""
    found = curves.ticks(at(start), at(end))
    assert [label for _, label in found] == wanted
    assert all(at(start) <= time <= at(end) for time, _ in found)


@given(st.integers(0, 3_000_000_000), st.integers(1, 3_000_000_000))
def test_marks_are_few_and_within(start: int, length: int) -> None:
    """Whatever the time, there are some marks, few, and in order."""
    found = curves.ticks(start, start + length)
    assert 1 <= len(found) <= curves.TICKS + 1
    assert [time for time, _ in found] == sorted({time for time, _ in found})


@given(POINTS, st.integers(4, 40))
def test_fewer_points_have_the_same_extremes(points: list[tuple[int, int]], most: int) -> None:
    """Of many points those are drawn that the line's ends and peaks are of, in their order."""
    found = curves.thinned(points, most)
    numbers = [number for _, number in points]
    assert len(found) <= max(most, 4) + 4
    assert found[0] == points[0] and found[-1] == points[-1]
    assert {min(numbers), max(numbers)} <= {number for _, number in found}
    assert [time for time, _ in found] == sorted(time for time, _ in found)


def test_the_text_says_what_the_curve_shows() -> None:
    """Instead of the drawing there is a sentence: the ends, the most and the fewest, and when."""
    curve = Curve("disabled", [(START, 1237), (START + DAY, 5), (START + 2 * DAY, 40)])
    assert curves.text(curve) == (
        "disabled: from 1,237 on 2026-01-01 to 40 on 2026-01-03; "
        "most 1,237 on 2026-01-01, fewest 5 on 2026-01-02."
    )


def test_a_figure() -> None:
    """The figure is well-formed and has the lines, a title, a text and the numbers."""
    figure = parsed(curves.figure(CURVES))
    svg = figure.find("svg")
    assert svg is not None and svg.get("role") == "img"
    assert [svg.findtext("title"), svg.get("aria-labelledby")] == [
        "listed, failing over time", "curve-title curve-text",
    ]
    assert [path.get("class") for path in svg.findall("svg/path")] == ["line c0", "line c1"]
    assert svg.findall("svg/path")[1].get("d") == (
        "M0.0 200.0H200.0V133.3H400.0V66.7H600.0V0.0H800.0V200.0H1000.0V133.3H1000"
    )
    rows = ["".join(cell.text or "" for cell in row) for row in figure.findall(".//tbody/tr")]
    assert rows[:2] == ["2026-01-01 00:002200", "2026-01-02 00:002211"] and len(rows) == 6


def test_numbers_of_long_times_are_by_periods() -> None:
    """The table has the number at the end of each month, or year, and the most within it."""
    monthly = Curve("x", [(START + number * DAY, number % 40) for number in range(90)])
    rows = parsed(curves.figure([monthly])).findall(".//tbody/tr")
    assert [[cell.text for cell in row] for row in rows] == [
        ["2026-01", "30", "30"], ["2026-02", "18", "39"], ["2026-03", "9", "39"],
    ]
    yearly = Curve("x", [(START + number * 30 * DAY, 1) for number in range(80)])
    rows = parsed(curves.figure([yearly])).findall(".//tbody/tr")
    assert [row.findtext("th") for row in rows] == [f"{year}" for year in range(2026, 2033)]


def test_curves_that_begin_at_different_times() -> None:
    """Where a curve has no number yet, the table has none."""
    late = Curve("late", [(START + DAY, 7)])
    rows = parsed(curves.figure([CURVES[0], late])).findall(".//tbody/tr")
    assert [cell.text for cell in rows[0]] == ["2026-01-01 00:00", "2", "2", None, None]


def test_nothing_and_one_point() -> None:
    """No points are no figure; one point is a level line."""
    assert curves.figure([Curve("x", [])]) == ""
    assert ' d="M0.0 0.0H1000"' in curves.figure([Curve("x", [(START, 4)])])


def test_names_are_text() -> None:
    """A curve's name is no HTML, wherever it stands."""
    figure = curves.figure([Curve(HOSTILE, [(START, 4)])])
    tags = set(re.findall(r"<(\w+)", figure))
    assert "img" not in tags and parsed(figure).find(".//desc") is not None
