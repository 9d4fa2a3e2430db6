"""Source options: the sources of trunk's status, as a command line names them."""

from __future__ import annotations

import argparse
import datetime
import os
import re
from collections.abc import Callable

from trunk_failures import commands, statuses
from trunk_failures.errors import UsageError
from trunk_failures.statuses import Source, Status

FAILED = 4
"""The exit code where no status could be had."""

FORMS = (
    "disabled-tests[=URL|FILE]",
    "github-issues=OWNER/REPO",
    "github-runs=OWNER/REPO",
    "results=PATH",
    "list=FILE",
    "lists[=DIR]",
    "status=FILE",
)
_UNITS = {"s": 1, "min": 60, "h": 3600, "d": 86400}
_AGE = re.compile(r"(\d{1,9})(s|min|h|d)")


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that name sources."""
    group = parser.add_argument_group("where trunk's status is from")
    add = group.add_argument
    add(
        "--source", metavar="KIND[=VALUE]", action="append", default=[],
        help=f"{', '.join(FORMS)}; of several, the first that answers",
    )
    add("--union", action="store_true", help="of several sources all together, not the first")
    add("--rule", choices=statuses.RULES, help="how the sources' names are compared with tests")
    add("--cache", metavar="FILE", help="keep the answer there, and use it while it is new")
    add("--max-age", metavar="AGE", type=_age, default="1h", help="how long (default: %(default)s)")
    add(
        "--max-stale", metavar="AGE", type=_age, default="7d",
        help="how long, where the sources do not answer (default: %(default)s)",
    )
    add(
        "--fallback", metavar="FILE", action="append", default=[],
        help="a list kept by hand, for when nothing else answers",
    )
    runs = parser.add_argument_group("of github-runs")
    add = runs.add_argument
    add("--workflow", metavar="W", help="the workflow, by its file's name")
    add("--branch", metavar="B", default="main", help="the branch (default: %(default)s)")
    add("--last", metavar="N", type=_count, default=5, help="how many runs (default: %(default)s)")
    add(
        "--failing-in", metavar="N", type=_count, default=1,
        help="in how many of them a test has to fail (default: %(default)s)",
    )
    add(
        "--artifact", metavar="PATTERN", action="append", default=[],
        help="names of the artifacts that hold results (default: all)",
    )
    add("--github-api", metavar="URL", help="the API (default: GITHUB_API_URL, or GitHub's)")


def status(options: argparse.Namespace, command: str) -> Status:
    """Return what the sources say, and tell on stderr which of them said it, and how old it is.

    Raises SourceError where none answers, UsageError where none is named.
    """
    found = source(options).fetch()
    if options.rule:
        tests = tuple(test._replace(rule=options.rule) for test in found.tests)
        found = found._replace(tests=tests)
    for note in found.notes:
        commands.tell(command, note)
    age = statuses.ago(found.age(statuses.now()))
    count = len(found.tests)
    commands.tell(command, f"{count} test{'' if count == 1 else 's'}, from {found.origin}, {age}")
    return found


def source(options: argparse.Namespace) -> Source:
    """Return the source that the options make up; raises UsageError."""
    from trunk_failures.sources import combined, list_file

    given = [_named(text, options) for text in options.source]
    found: Source
    if options.union:
        found = combined.UnionSource(given)
    else:
        found = given[0] if len(given) == 1 else combined.FallbackSource(given)
    if options.cache and given:
        found = combined.CachedSource(found, options.cache, options.max_age, options.max_stale)
    last = [list_file.ListFile(path) for path in options.fallback]
    if not given and not last:
        raise UsageError(
            f"no source was named; allowed are {', '.join(FORMS)}, as in"
            f" --source github-issues=OWNER/REPO"
        )
    return combined.FallbackSource([*([found] if given else []), *last]) if last else found


def _named(text: str, options: argparse.Namespace) -> Source:
    kind, _, value = text.partition("=")
    if kind not in _KINDS:
        raise UsageError(f"{text!r} is no source; allowed are {', '.join(FORMS)}")
    if not value and f"{kind}[=" not in " ".join(FORMS):
        form = next(form for form in FORMS if form.startswith(f"{kind}="))
        raise UsageError(f"{text!r} does not say which; allowed is {form}")
    return _KINDS[kind](value, options)


def _disabled_tests(value: str, options: argparse.Namespace) -> Source:
    from trunk_failures.sources import disabled_tests

    return disabled_tests.DisabledTests(value or disabled_tests.URL)


def _results(value: str, options: argparse.Namespace) -> Source:
    from trunk_failures.sources import result_files

    return result_files.ResultFiles([value])


def _list(value: str, options: argparse.Namespace) -> Source:
    from trunk_failures.sources import list_file

    return list_file.ListFile(value)


def _lists(value: str, options: argparse.Namespace) -> Source:
    from trunk_failures.sources import own_lists

    return own_lists.OwnLists(value, os.environ)


def _status(value: str, options: argparse.Namespace) -> Source:
    from trunk_failures.sources import status_file

    return status_file.StatusFile(value)


def _github_issues(value: str, options: argparse.Namespace) -> Source:
    from trunk_failures.sources import github_issues

    # What was listed is kept beside what it came to: the next time only changes are listed.
    pages = f"{options.cache}.{value.replace('/', '.')}.issues" if options.cache else ""
    return github_issues.GitHubIssues(value, pages, options.github_api or "")


def _github_runs(value: str, options: argparse.Namespace) -> Source:
    from trunk_failures.sources import github_runs

    if not options.workflow:
        raise UsageError(
            f"github-runs={value} needs --workflow W: name the workflow's file, such as ci.yml"
        )
    return github_runs.RecentRuns(
        value,
        options.workflow,
        options.branch,
        options.last,
        options.failing_in,
        tuple(options.artifact),
        options.github_api or "",
    )


_KINDS: dict[str, Callable[[str, argparse.Namespace], Source]] = {
    "disabled-tests": _disabled_tests,
    "github-issues": _github_issues,
    "github-runs": _github_runs,
    "results": _results,
    "list": _list,
    "lists": _lists,
    "status": _status,
}


def _age(text: str) -> datetime.timedelta:
    match = _AGE.fullmatch(text)
    if match is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no age; allowed are 90s, 30min, 2h, 7d")
    return datetime.timedelta(seconds=int(match[1]) * _UNITS[match[2]])


def _count(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= 100:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 to 100")
    return int(text)
