"""Curves: numbers over time, as a figure of HTML that needs no script."""

from __future__ import annotations

import datetime
import html
from collections.abc import Iterator, Sequence

from trunk_failures.pages import Curve
from trunk_failures.reports import rows

WIDTH, HEIGHT, TOP, BOTTOM = 1000, 200, 22, 24
"""Units that the drawing is wide and pixels that it is high, and the pixels above and below it."""

POINTS = 2000
"""About how many points of one curve are drawn; more than these are the same line to the eye."""

PERIODS = 48
"""Rows that the table of numbers has at the most, where a period is less than a year."""

TICKS = 7
DAY = 86_400


def figure(curves: Sequence[Curve]) -> str:
    """Return the figure: the curves, what they are, a text instead of them, and the numbers."""
    curves = [curve for curve in curves if curve.points]
    if not curves:
        return ""
    lines = *_legend(curves), *_drawing(curves), *_table(curves)
    return "\n".join(("<figure>", *lines, "</figure>"))


def text(curve: Curve) -> str:
    """Return what a curve shows, in a sentence."""
    (start, first), (end, last) = curve.points[0], curve.points[-1]
    most_at, most = max(curve.points, key=lambda point: point[1])
    least_at, least = min(curve.points, key=lambda point: point[1])
    return (
        f"{curve.name}: from {first:,} on {day(start)} to {last:,} on {day(end)}; "
        f"most {most:,} on {day(most_at)}, fewest {least:,} on {day(least_at)}."
    )


def day(time: int) -> str:
    """Return the day of a time, in UTC."""
    return _utc(time).strftime("%Y-%m-%d")


def thinned(
    points: Sequence[tuple[int, int]], most: int = POINTS
) -> Sequence[tuple[int, int]]:
    """Return points that draw the same line: of neighbours the first, the extremes and the last."""
    if len(points) <= most:
        return points
    size = -(-4 * len(points) // most)
    kept: list[tuple[int, int]] = []
    for start in range(0, len(points), size):
        part = points[start : start + size]
        numbers = [number for _, number in part]
        places = {0, numbers.index(min(numbers)), numbers.index(max(numbers)), len(part) - 1}
        kept += [part[place] for place in sorted(places)]
    return kept


def levels(highest: int) -> list[int]:
    """Return the numbers that get a line: round ones from 0 on, the last not below the highest."""
    step = 1
    while highest > 5 * step:
        step = step * 5 // 2 if str(step)[0] == "2" else step * 2
    return [*range(0, max(highest, 1) + step, step)]


def ticks(start: int, end: int) -> list[tuple[int, str]]:
    """Return the times that get a mark, and what stands there: beginnings of years, months, days.

    They are those of the shortest period that gives a handful.
    """
    if end - start < DAY:
        return [(start, _utc(start).strftime("%Y-%m-%d %H:%M"))]
    for months in (12, 6, 3, 1):
        found = [*_months(start, end, months)]
        if len(found) > (3 if months > 1 else 2):
            break
    else:
        return [*_days(start, end)]
    every = -(-len(found) // TICKS)
    return found[::every]


def _months(start: int, end: int, months: int) -> Iterator[tuple[int, str]]:
    first, last = _utc(start), _utc(end)
    for number in range(first.year * 12 + first.month - 1, last.year * 12 + last.month):
        year, month = divmod(number, 12)
        moment = datetime.datetime(year, month + 1, 1, tzinfo=datetime.timezone.utc)
        time = int(moment.timestamp())
        if start <= time <= end and month % months == 0:
            yield time, str(year) if months == 12 else f"{moment:%b %Y}"


def _days(start: int, end: int) -> Iterator[tuple[int, str]]:
    first = -(-start // DAY)
    every = -(-(end // DAY - first + 1) // TICKS)
    for number in range(first, end // DAY + 1, every):
        yield number * DAY, f"{_utc(number * DAY):%b %d}"


def _legend(curves: Sequence[Curve]) -> Iterator[str]:
    """Yield the names, each with a piece of its line; the script puts numbers there too."""
    yield '<figcaption class="legend">'
    for number, curve in enumerate(curves):
        yield (
            f'<span class="key"><svg class="line c{number % 4}" width="28" height="10" '
            f'aria-hidden="true"><path d="M0 5H28"/></svg>{_escaped(curve.name)}'
            f' <b class="now">{curve.points[-1][1]:,}</b></span>'
        )
    yield '<output class="at" id="at"></output></figcaption>'


def _drawing(curves: Sequence[Curve]) -> Iterator[str]:
    """Yield the drawing.

    What is in per cent stretches with the window, and so does the inner drawing: texts keep their
    size, and lines their thickness.
    """
    start, end = _range(curves)
    marks = levels(max(number for curve in curves for _, number in curve.points))
    high = TOP + HEIGHT
    yield (
        f'<svg class="curve" id="curve" width="100%" height="{high + BOTTOM}" role="img" '
        f'aria-labelledby="curve-title curve-text" data-start="{start}" data-end="{end}">'
    )
    yield f'<title id="curve-title">{_escaped(_names(curves))} over time</title>'
    yield f'<desc id="curve-text">{_escaped(" ".join(map(text, curves)))}</desc>'
    for level in marks:
        y = _height(level, marks[-1])
        yield f'<line class="level" x1="0" x2="100%" y1="{y}" y2="{y}"/>'
    for time, label in ticks(start, end):
        yield _mark(100 * (time - start) / (end - start), high, label)
    yield (
        f'<svg y="{TOP}" width="100%" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'preserveAspectRatio="none">'
    )
    for number, curve in enumerate(curves):
        yield f'<path class="line c{number % 4}" d="{_path(curve, start, end, marks[-1])}"/>'
    yield "</svg>"
    for level in marks[1:]:  # Over the curves, to be read.
        yield f'<text x="0" y="{_height(level, marks[-1]) - 4}">{level:,}</text>'
    yield f'<line class="cursor" id="cursor" y1="{TOP}" y2="{high}" hidden=""/></svg>'


def _height(number: int, highest: int) -> float:
    return round(TOP + HEIGHT - HEIGHT * number / highest, 1)


def _mark(percent: float, high: int, label: str) -> str:
    """Return one mark of the time; the first and last texts stay within the drawing."""
    anchor = "start" if percent < 4 else "end" if percent > 96 else "middle"
    x = f"{percent:.2f}%"
    return (
        f'<line class="tick" x1="{x}" x2="{x}" y1="{high}" y2="{high + 5}"/>'
        f'<text x="{x}" y="{high + 18}" text-anchor="{anchor}">{label}</text>'
    )


def _path(curve: Curve, start: int, end: int, highest: int) -> str:
    """Return the line of a curve: level from point to point, and to the end."""
    drawn: list[str] = []
    for time, number in thinned(curve.points):
        x = WIDTH * (time - start) / (end - start)
        y = HEIGHT - HEIGHT * number / highest
        drawn.append(f"H{x:.1f}V{y:.1f}" if drawn else f"M{x:.1f} {y:.1f}")
    return f"{''.join(drawn)}H{WIDTH}"


def _table(curves: Sequence[Curve]) -> Iterator[str]:
    """Yield the numbers at the end of each period, and the highest within it."""
    form = _form(curves)
    found = [_by_period(curve, form) for curve in curves]
    yield "<details><summary>These numbers as a table</summary>"
    yield '<div class="scroll" tabindex="0" role="region" aria-label="Numbers over time">'
    yield f"<table><caption>{_escaped(_names(curves))}: at the end, and the most</caption>"
    heads = "".join(
        f'<th scope="col">{_escaped(curve.name)}</th><th scope="col">most</th>' for curve in curves
    )
    yield f'<thead><tr><th scope="col">Time</th>{heads}</tr></thead><tbody>'
    for period in sorted(set().union(*found)):
        cells = "".join(
            f"<td>{last:,}</td><td>{most:,}</td>" if last is not None else "<td></td><td></td>"
            for last, most in (each.get(period, (None, 0)) for each in found)
        )
        yield f'<tr><th scope="row">{period}</th>{cells}</tr>'
    yield "</tbody></table></div></details>"


def _form(curves: Sequence[Curve]) -> str:
    """Return how the times of the table are written: the finest that gives no endless table."""
    for form in ("%Y-%m-%d %H:%M", "%Y-%m-%d", "%Y-%m"):
        if len({f"{_utc(time):{form}}" for curve in curves for time, _ in curve.points}) <= PERIODS:
            return form
    return "%Y"


def _by_period(curve: Curve, form: str) -> dict[str, tuple[int, int]]:
    found: dict[str, tuple[int, int]] = {}
    for time, number in curve.points:
        period = f"{_utc(time):{form}}"
        found[period] = number, max(number, found.get(period, (0, 0))[1])
    return found


def _range(curves: Sequence[Curve]) -> tuple[int, int]:
    """Return the first and last time, which are never the same."""
    start = min(curve.points[0][0] for curve in curves)
    end = max(curve.points[-1][0] for curve in curves)
    return start, max(end, start + 1)


def _names(curves: Sequence[Curve]) -> str:
    return ", ".join(curve.name for curve in curves)


def _utc(time: int) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(time, datetime.timezone.utc)


def _escaped(shown: str) -> str:
    return html.escape(rows.visible(shown))
