"""`trunk-failures record`: what test runs came to, and what trunk said, into the history."""

from __future__ import annotations

import argparse
import datetime
import itertools
import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence

from trunk_failures import (
    commands,
    git_versions,
    history,
    history_runs,
    history_statuses,
    input_options,
    inputs,
    list_places,
    progress,
    status_series,
    statuses,
)
from trunk_failures.errors import SourceError, UsageError
from trunk_failures.history_statuses import Snapshot
from trunk_failures.inputs import Input
from trunk_failures.recommendations import counted
from trunk_failures.results import collecting, implied
from trunk_failures.results.collecting import Collected
from trunk_failures.results.seen import Gathered
from trunk_failures.results.seen import Test as SeenTest
from trunk_failures.trials import Run

NAME = "trunk-failures record"
DAY = 86400
DESCRIPTION = """\
Keep what test runs came to, and which tests trunk had disabled when, in one SQLite file.
Recording a run again, or in parts, puts together what is said of it; nothing is counted twice.
"""
EPILOG = """\
examples:
  trunk-failures record results.jsonl --run "$GITHUB_RUN_ID" --commit "$GITHUB_SHA" --branch main
  trunk-failures record reports/py311 --run 17 --config py311 --keep 365
  trunk-failures record --status status.json
  trunk-failures record --from-git main:status.json

exit codes: 0; 2 what cannot be used, read or written: then the history is as it was
"""


def main(argv: Sequence[str]) -> int:
    """Run the command; returns its exit code."""
    options = _parser().parse_args(argv)
    _check(options)
    snapshots = _snapshots(options)
    # What is wrong with the first one is known before a history is made.
    begun = [*itertools.islice(snapshots, 1)]
    snapshots = itertools.chain(begun, snapshots)
    if not options.results:
        with history.writing(options.history) as connection:
            said = _record_others(connection, options, snapshots)
    else:
        test_dir = list_places.to_write(options.test_dir, os.environ)
        with inputs.collected([Input("", options.results)], options) as collected:
            with history.writing(options.history) as connection:
                said = [_record_run(connection, options, collected, test_dir)]
                said += _record_others(connection, options, snapshots)
        inputs.tell_faults(NAME, collected.faults)
        said += _doubts(collected)
        said += [f"no test id: {each}" for each in collected.without_id]
    for each in said:
        commands.tell(NAME, each)
    return 0


def _check(options: argparse.Namespace) -> None:
    if bool(options.results) != bool(options.run):
        raise UsageError(
            "results and the run that they are of go together: RESULTS... --run ID"
        )
    if not (options.results or options.status or options.from_git or options.keep is not None):
        raise UsageError(
            "nothing was given to record: RESULTS... --run ID, --status FILE, --from-git "
            "BRANCH:PATH, or --keep DAYS"
        )


def _record_run(
    connection: sqlite3.Connection,
    options: argparse.Namespace,
    collected: Collected,
    test_dir: str,
) -> str:
    """Write what the results say of a run; returns what came of it in words."""
    modes = history_runs.common_modes(collected.modes)
    texts = (options.run, options.config, options.commit, options.branch, modes)
    name, configuration, commit, branch, ran_in = map(history.storable, texts)
    time = int(options.time.timestamp()) if options.time else 0
    run = Run(name, configuration, time, commit, branch, ran_in)
    now = int(statuses.now().timestamp())
    with progress.Progress(0, unit="tests", quiet=options.quiet) as shown:
        parts = _parts(connection, collected, test_dir, shown)
        recorded = history_runs.record(connection, run, parts, now)
    where = f" of {options.config}" if options.config else ""
    late = "; its time is to come: until then it counts as the last one" if time > now + DAY else ""
    return (
        f"run {options.run}{where}: {counted(recorded.tests, 'test')} that ran, {recorded.new} of"
        f" them not recorded before, in {options.history}{late}"
    )


def _doubts(collected: Collected) -> Iterator[str]:
    named = sorted(filter(None, collected.modes))
    if len(named) > 1:
        yield (
            f"the results are of several modes ({'; '.join(named)}), and a test that fails in one"
            f" of them and passes in another did both; record each with a --config of its own"
        )


def _parts(
    connection: sqlite3.Connection,
    collected: Collected,
    test_dir: str,
    shown: progress.Progress,
) -> Iterator[Gathered]:
    """Yield the tests of the results; what is told of a whole module comes last."""
    known = history_runs.fixtures(connection)
    places: dict[str, dict[str, bool]] = {}
    wide: list[SeenTest] = []
    gathered = None
    for gathered in collected.gathered(known, collecting.resolver(test_dir)):
        for name, where in gathered.places.items():
            places.setdefault(name, {}).update(where)
        wide += [test for test in gathered.tests if implied.is_module_wide(test.key)]
        narrow = [test for test in gathered.tests if not implied.is_module_wide(test.key)]
        yield gathered._replace(tests=narrow)
        shown.done(gathered.total)
    if gathered is not None:
        yield gathered._replace(tests=implied.completed(wide, known, places), passed=())


def _record_others(
    connection: sqlite3.Connection, options: argparse.Namespace, snapshots: Iterable[Snapshot]
) -> list[str]:
    """Write what trunk said, then delete what is too old; returns what came of it in words."""
    said = []
    if options.status or options.from_git:
        given, added = history_statuses.record(connection, snapshots)
        statuses_given = counted(given, "status", "es")
        said.append(f"{statuses_given}, {added} of them not recorded before, in {options.history}")
    if options.keep is not None:
        before = int(statuses.now().timestamp()) - options.keep * DAY
        runs = counted(history_runs.prune(connection, before), "run")
        spans = counted(history_statuses.prune(connection, before), "disabled span")
        said.append(f"deleted as older than {counted(options.keep, 'day')}: {runs}, {spans}")
    return said


def _snapshots(options: argparse.Namespace) -> Iterator[Snapshot]:
    """Yield what the statuses say that are named; raises UsageError for what is none."""
    for path in options.status:
        yield from _told(status_series.read(path, options.source, options.time))
    for place in options.from_git:
        yield from _of_git(place, options.source)


def _told(snapshots: Iterable[Snapshot]) -> Iterator[Snapshot]:
    try:
        yield from snapshots
    except SourceError as error:
        raise UsageError(str(error)) from None


def _of_git(place: str, source: str) -> Iterator[Snapshot]:
    """Yield what the versions of a file say; those that are no status are told, no more."""
    branch, _, path = place.partition(":")
    if not branch or not path:
        raise UsageError(f"--from-git {place!r} is no BRANCH:PATH, such as main:status.json")
    for commit, seconds, content in git_versions.read(branch, path, os.getcwd()):
        where = f"{path} of commit {commit[:12]}"
        if content is None:
            commands.tell(NAME, f"passed over: {where} is no file any more, or too large")
            continue
        time = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
        try:
            yield from [*status_series.parse(content, where, source or path, time)]
        except SourceError as error:
            commands.tell(NAME, f"passed over: {error}")


def _parser() -> argparse.ArgumentParser:
    parser = commands.Parser(
        prog=NAME,
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("results", metavar="RESULTS", nargs="*", help="files, directories, patterns, or -")
    add("--run", metavar="ID", help="the run that the results are of")
    add("--commit", metavar="SHA", default="", help="that it tested")
    add(
        "--time", metavar="T", type=_time,
        help="when it was, as ISO 8601 or in seconds since 1970 (default: now); of a status that"
        " does not tell its time, too",
    )
    add("--branch", metavar="B", default="", help="that it tested")
    add("--config", metavar="C", default="", help="the configuration, such as py311")
    add(
        "--status", metavar="FILE", action="append", default=[],
        help="what `fetch` wrote, PyTorch's own, or a series of them; can be repeated",
    )
    add(
        "--from-git", metavar="BRANCH:PATH", action="append", default=[],
        help="every version of such a file in this repository; can be repeated",
    )
    add("--source", metavar="NAME", default="", help="who said so (default: as the status tells)")
    add(
        "--history", metavar="PATH", default=history.DEFAULT,
        help="the file (default: %(default)s)",
    )
    add(
        "--keep", metavar="DAYS", type=_days,
        help="delete what is older; since when a test fails is not known then, if it is longer",
    )
    add("--test-dir", metavar="DIR", help="where the tests are (default: as for a test run)")
    input_options.add_options(parser)
    return parser


def _time(text: str) -> datetime.datetime:
    try:
        return statuses.read_time(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no time; allowed are such as 2030-12-31T23:59:59Z, and seconds since 1970"
        ) from None


def _days(text: str) -> int:
    if not text.isdecimal() or len(text) > 6:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of days")
    return int(text)
