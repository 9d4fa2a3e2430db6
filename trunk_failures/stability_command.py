"""`trunk-failures stability`: of each test in the history how stable it is, and what to do."""

from __future__ import annotations

import argparse
import itertools
import os
import sqlite3
import sys
from collections.abc import Callable, Iterator, Sequence

from trunk_failures import (
    atomic_files,
    commands,
    discovery,
    exclusions,
    history,
    history_outcomes,
    history_pages,
    history_series,
    history_statuses,
    list_places,
    listed_counts,
    page_entries,
    progress,
    recommendations,
    retirement,
    stability,
    stability_summaries,
)
from trunk_failures.errors import UsageError
from trunk_failures.history_series import Choice, Runs
from trunk_failures.listed_counts import Counts
from trunk_failures.listed_tests import ListedTests
from trunk_failures.lists import Located
from trunk_failures.pages import Page
from trunk_failures.reports import (
    page,
    stability_json,
    stability_markdown,
    stability_text,
    terminals,
)
from trunk_failures.stability import Stability
from trunk_failures.stability_pages import Listed
from trunk_failures.stability_summaries import Summary, Told
from trunk_failures.trials import Series

NAME = "trunk-failures stability"
DESCRIPTION = """\
Say of each test in the history how stable it is: stable, flaky, broken, recovered, new or not seen,
since when it fails, and what to do about it. Stable tests are counted; --all tells of each.
"""
EPILOG = """\
A pass on retry in one run is no pass. A run in which 80 % of the tests failed (of 5 or more; not
counting failures that a list expects) is set aside, and named. A test is not seen when none of the
last 10 runs of its configuration ran it.

examples:
  trunk-failures stability
  trunk-failures stability --match '*TestSums*' --last 100
  trunk-failures stability --format markdown >> "$GITHUB_STEP_SUMMARY"
  trunk-failures stability --json stability.json
  trunk-failures stability --html stability.html
  trunk-failures update --retire 95                           unlists what may be unlisted

exit codes: 0; 2 what cannot be used or read
"""
FORMATS = ("text", "json", "markdown")


def main(argv: Sequence[str]) -> int:
    """Run the command; returns its exit code."""
    options = _parser().parse_args(argv)
    summary, shown = _read(options)
    for path, render in (
        (options.json, stability_json.render),
        (options.markdown, stability_markdown.render),
    ):
        if path:
            _write(path, render(summary))
    if shown is not None:
        _write(options.html, page.render(shown))
    commands.write(_rendered(summary, options.format))
    return 0


def _read(options: argparse.Namespace) -> tuple[Summary, Page | None]:
    """Return what there is to say and, where it is wanted, the page, of one moment."""
    wanted = [exclusions.pattern(text) for text in options.match]
    policy = recommendations.Policy(options.confidence, options.at_most)
    test_dir = _test_dir(options.test_dir)
    located = ListedTests(test_dir) if test_dir else None

    def entries(found: Stability) -> Sequence[Located]:
        return located(found) if located else ()

    reasons: dict[tuple[str, str, str], str] = {}

    def listed(found: Stability) -> Sequence[str]:
        return [*map(retirement.path, entries(found))]

    def judged(series: Series) -> Stability:
        found = stability.judge(series)
        if found.passes_in_a_row and (there := entries(found)):
            reasons[found[:3]] = retirement.staying(there, series, policy)
        return found

    choice = Choice(options.branch, options.config, options.last, options.set_aside)
    with history.reading(options.history) as connection:
        chosen = history_series.runs(connection, choice)
        count = history_series.outcomes(connection)
        everything = bool(options.html) and history_pages.shows_all(connection)
        with progress.Progress(count, unit="outcomes", quiet=options.quiet) as shown:
            found: Iterator[Stability] = map(
                judged, _series(connection, chosen, wanted, shown.done)
            )
            if located and chosen.total:
                found = itertools.chain(found, located.not_run(wanted))
            told = stability_summaries.rows(
                found, listed, policy, options.all or everything,
                lambda test: reasons.get(test[:3], ""),
            )
        summary = _summary(connection, options.history, chosen, told, wanted)
        made = None
        if options.html:
            said = Listed(
                lambda row: page_entries.read(entries(row.stability)),
                listed_counts.read(test_dir) if test_dir else Counts([]),
            )
            count, unit = history_outcomes.total(connection), "outcomes for the page"
            with progress.Progress(count, unit=unit, quiet=options.quiet) as shown:
                made = history_pages.read(
                    connection, chosen, summary, said, os.environ, shown.done
                )
    if everything and not options.all:
        summary = stability_summaries.without_the_rest(summary)
    return summary, made


def _summary(
    connection: sqlite3.Connection,
    path: str,
    chosen: Runs,
    told: Told,
    wanted: Sequence[Callable[[str], bool]],
) -> Summary:
    disabled = [
        each
        for each in history_statuses.disabled(connection)
        if not wanted or any(match(each.name) for match in wanted)
    ]
    causes = [each for each in stability_summaries.causes(told.rows) if len(each.tests) > 1]
    return Summary(
        path,
        chosen.total,
        [*chosen.by_configuration],
        told.verdicts,
        told.rows,
        causes,
        chosen.set_aside,
        disabled,
    )


def _series(
    connection: sqlite3.Connection,
    chosen: Runs,
    wanted: Sequence[Callable[[str], bool]],
    done: Callable[[int], None],
) -> Iterator[Series]:
    for series in history_series.read(connection, chosen, done):
        if not wanted or any(match(series.key) or match(series.place) for match in wanted):
            yield series


def _test_dir(given: str | None) -> str | None:
    if given is not None:
        return list_places.to_write(given, os.environ)
    package = os.path.dirname(__file__)
    return discovery.find(os.environ, package, None, os.getcwd()).test_dir


def _rendered(summary: Summary, style: str) -> str:
    if style == "json":
        return stability_json.render(summary)
    if style == "markdown":
        return stability_markdown.render(summary)
    colours = terminals.colours(sys.stdout, os.environ)
    return stability_text.render(summary, terminals.width(sys.stdout), colours)


def _write(path: str, text: str) -> None:
    try:
        atomic_files.replace(path, text)
    except (OSError, ValueError) as error:
        said = error.strerror if isinstance(error, OSError) else error
        raise UsageError(
            f"the report cannot be written to {path!r}: {said}; the file is as it was"
        ) from error


def _parser() -> argparse.ArgumentParser:
    parser = commands.Parser(
        prog=NAME,
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add(
        "--history", metavar="PATH", default=history.DEFAULT,
        help="the file (default: %(default)s)",
    )
    add(
        "--match", metavar="PATTERN", action="append", default=[],
        help="only tests whose key or file is like this glob, or has in it what re:REGEX finds",
    )
    add("--branch", metavar="B", help="only runs of this branch")
    add("--config", metavar="C", help="only runs of this configuration")
    add("--last", metavar="N", type=_count, help="only the last runs of each configuration")
    add("--all", action="store_true", help="tell of stable tests too")
    add(
        "--confidence", metavar="PERCENT", type=commands.share, default=0.95,
        help="of what is said before a test may be unlisted (default: 95)",
    )
    add(
        "--at-most", metavar="PERCENT", type=commands.share, default=recommendations.AT_MOST,
        help="failures that a test may have left and be unlisted (default: 2)",
    )
    add(
        "--set-aside", metavar="PERCENT", type=commands.share, default=stability.SHARE,
        help="failing tests from which on a run is set aside (default: 80)",
    )
    add("--test-dir", metavar="DIR", help="where the lists are (default: as for a test run)")
    add("-q", "--quiet", action="store_true", help="show no progress")
    add("--format", choices=FORMATS, default="text", help="of what is printed")
    add("--json", metavar="FILE", help="write the report as JSON, too")
    add("--markdown", metavar="FILE", help="write the report as Markdown, too")
    add("--html", metavar="FILE", help="write all of it as a page for a browser, too")
    return parser


def _count(text: str) -> int:
    if not text.isdecimal() or len(text) > 9 or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of runs")
    return int(text)
