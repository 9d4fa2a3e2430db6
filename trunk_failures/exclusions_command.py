"""`trunk-failures exclusions`: trunk's status as what a test runner takes to leave tests out."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Sequence

from trunk_failures import (
    closing_keywords,
    collected_ids,
    commands,
    exclusions,
    platforms,
    source_options,
)
from trunk_failures.collected_ids import Collected
from trunk_failures.errors import SourceError, UsageError
from trunk_failures.exclusions import Exclusions
from trunk_failures.runner_arguments import SHELLS, Arguments
from trunk_failures.statuses import Disabled, Status

NAME = "trunk-failures exclusions"
SUMMARY = "GITHUB_STEP_SUMMARY"
"""The variable that names the file of a job's summary."""

PATIENCE = 60.0
"""Seconds to wait for an update of the same lists."""

DESCRIPTION = """\
Turn trunk's status into what a test runner takes to leave out what is disabled or failing there.
Only tests that are collected are left out, and no other test whose id begins like theirs.
"""
EPILOG = """\
The tests are those that --collected names; else pytest is asked, with what follows `--`.

examples:
  trunk-failures exclusions STATUS --format args-file > out.txt && pytest @out.txt
  trunk-failures exclusions STATUS --format args-file -- tests/unit -m 'not slow' > out.txt

formats:
  args-file  for `pytest @FILE`, as above in every shell: of any length, and no shell reads it;
             pytest finds the plugin that it may need (see --no-plugin) where this package is
             installed
  deselect   one line of --deselect=ID and the like, quoted for a shell; so no test runs where no
             status could be had:
               out=$(trunk-failures exclusions STATUS) && eval "pytest $out"
               out=$(trunk-failures exclusions STATUS) && PYTEST_ADDOPTS=$out pytest
               $out = trunk-failures exclusions STATUS --shell pwsh
               if ($?) { Invoke-Expression "pytest $out" }
  unittest   the dotted names of the methods to run, as unittest can leave none out:
               out=$(trunk-failures exclusions STATUS --format unittest) && python -m unittest $out
             from pytest's root directory; functions and parametrised tests are none of unittest's
  list       the ids that are left out, one a line
  json       these with their issues and reasons, and the entries that no collected test is

exit codes: 0; 2 what cannot be used; 4 no status could be had
"""
FORMATS = ("deselect", "args-file", "unittest", "list", "json")


def main(argv: Sequence[str]) -> int:
    """Run the command; returns its exit code."""
    collecting = gc.isenabled()
    gc.disable()  # A large status is many objects and no circles: looking for some takes long.
    try:
        return _run(argv)
    finally:
        if collecting:
            gc.enable()


def _run(argv: Sequence[str]) -> int:
    own, asked = commands.split(argv)
    options = _parser().parse_args(own)
    _check(options, asked)
    patterns = [exclusions.pattern(text) for text in options.match]
    here = options.platform or platforms.of_run(sys.platform, os.environ)
    try:
        status = source_options.status(options, NAME)
    except SourceError as error:
        commands.tell(NAME, f"no status could be had: {error}")
        return source_options.FAILED
    disabled, unknown = platforms.disabled(status.tests, here)
    for sentence in dict.fromkeys(platforms.sentences(unknown)):
        commands.tell(NAME, sentence)
    disabled, fixed = _without_fixed(disabled, options)
    found = exclusions.follow(_collected(options, asked).ids, disabled, patterns)
    if options.into_lists:
        left_in = _list(found, options)
    elif options.format == "json":
        from trunk_failures.reports import exclusions_json

        left_in = {}
        commands.write_exactly(exclusions_json.render(found, status, fixed))
    else:
        left_in = _print(found, options)
    for node_id, why in left_in.items():
        commands.tell(NAME, f"not left out, as {why}: {node_id}")
    found = exclusions.without(found, left_in)
    _tell(found, options.verbose)
    if not options.dry_run:
        _summarise(found, status)
    return 0


def _check(options: argparse.Namespace, asked: list[str] | None) -> None:
    if options.status:
        if options.source:
            raise UsageError(
                f"{options.status!r} and --source {options.source[0]} both name a status; leave"
                f" one out (paths for pytest come last, after `--`)"
            )
        options.source = [f"status={options.status}"]
    if options.collected and asked is not None:
        raise UsageError("--collected names the tests, and so do paths after `--`; give one")
    if options.dry_run and not options.into_lists:
        raise UsageError("--dry-run shows what --into-lists would write; add that, or leave it out")
    if options.collected == options.fixes_from == "-":
        raise UsageError("--collected and --fixes-from both read standard input; name a file")


def _without_fixed(
    disabled: list[Disabled], options: argparse.Namespace
) -> tuple[list[Disabled], list[Disabled]]:
    """Return the disabled tests without those whose issues are closed, and these."""
    if not options.fixes_from:
        return disabled, []
    said = closing_keywords.read(options.fixes_from, os.environ)
    disabled, fixed = closing_keywords.split(disabled, said)
    for test in fixed:
        commands.tell(NAME, f"runs, as {test.issue} is fixed here: {test.name}")
    return disabled, fixed


def _collected(options: argparse.Namespace, asked: list[str] | None) -> Collected:
    if not options.collected:
        return collected_ids.ask(asked or (), os.environ)
    collected = collected_ids.read(options.collected)
    if not collected.counted:
        commands.tell(
            NAME,
            f"{options.collected!r} does not say how many tests were collected; its"
            f" {len(collected.ids)} ids are taken for all",
        )
    return collected


def _tell(found: Exclusions, verbose: bool) -> None:
    out, unmatched = len(found.excluded), len(found.unmatched)
    commands.tell(NAME, f"{out} of {out + len(found.kept)} collected tests are left out")
    if unmatched and not verbose:
        entries = f"{unmatched} entr{'y' if unmatched == 1 else 'ies'}"
        commands.tell(NAME, f"{entries} of the status match no collected test; -v names them")
    elif unmatched:
        for each in found.unmatched:
            where = f" ({each.issue})" if each.issue else ""
            commands.tell(NAME, f"matches no collected test: {each.name}{where}")


def _print(found: Exclusions, options: argparse.Namespace) -> dict[str, str]:
    """Print arguments for a runner; returns what they do not leave out, and why."""
    made = _arguments(found, options)
    commands.write_exactly(made.text)
    if made.by_plugin:
        commands.tell(
            NAME,
            f"--deselect would leave out other tests with {len(made.by_plugin)} of these, whose ids"
            f" begin theirs, as does {made.by_plugin[0]!r}; pytest leaves them out by the plugin of"
            f" this package, which has to be installed there (see --no-plugin)",
        )
    if made.nameless:
        commands.tell(
            NAME,
            f"{len(made.nameless)} of the tests that are to run are no methods, and unittest runs"
            f" none of them, such as {made.nameless[0]!r}",
        )
    longest = SHELLS[options.shell].longest
    if options.format == "deselect" and len(made.text) > longest:
        commands.tell(
            NAME,
            f"{len(made.text)} characters may be more than a command line or a variable holds"
            f" ({longest}); --format args-file has no such limit",
        )
    return dict(made.left_in)


def _arguments(found: Exclusions, options: argparse.Namespace) -> Arguments:
    from trunk_failures import runner_arguments

    if options.format == "args-file":
        return runner_arguments.args_file(found, options.plugin)
    if options.format == "deselect":
        return runner_arguments.deselect(found, SHELLS[options.shell], options.plugin)
    if options.format == "unittest":
        return runner_arguments.as_unittest(found)
    return runner_arguments.listed(found)


def _list(found: Exclusions, options: argparse.Namespace) -> dict[str, str]:
    """List what is excluded as skips, or print the diff; returns what is not listed, and why."""
    from trunk_failures import exclusion_lists, file_changes, list_files, list_lock
    from trunk_failures import list_places, list_writing

    mode = options.into_lists
    test_dir = list_places.to_write(options.test_dir, os.environ)
    with list_lock.held(test_dir, PATIENCE):
        there = [each for each in list_files.directories(test_dir) if each[0] == mode]
        loaded = list_files.read(test_dir, (mode,), there)
        made = exclusion_lists.changes(found, loaded, mode, list_places.qualifier(test_dir))
        planned = file_changes.plan(loaded, made.changes)
        if options.dry_run:
            commands.write_exactly(file_changes.diff(planned, list_places.root(test_dir)))
        else:
            list_writing.write(planned)
    state = "would be listed" if options.dry_run else "listed"
    where = f"{list_places.shown(test_dir)}/{mode}_skips"
    commands.tell(NAME, f"{len(planned)} {state} in {where}; {made.there} were listed before")
    return dict(made.left_in)


def _summarise(found: Exclusions, status: Status) -> None:
    """Append what was excluded to the summary of a job; that it cannot be is said, no more."""
    path = os.environ.get(SUMMARY)
    if not path:
        return
    from trunk_failures.reports import exclusions_markdown

    text = exclusions_markdown.render(found, status.origin)
    try:
        with open(path, "a", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        commands.tell(NAME, f"{SUMMARY} {path!r} cannot be written: {error.strerror}")


def _parser() -> argparse.ArgumentParser:
    parser = commands.Parser(
        prog=NAME,
        usage="%(prog)s [STATUS | --source KIND[=VALUE]] [options] [-- PATHS]",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("status", metavar="STATUS", nargs="?", help="a file that `fetch` wrote, or PyTorch's own")
    add(
        "--collected", metavar="FILE",
        help=f"what `{collected_ids.COMMAND}` printed, or - for standard input",
    )
    add(
        "--platform", metavar="P[,P]", type=platforms.parse,
        help="where the tests will run (default: this system, and what PyTorch's variables say)",
    )
    add(
        "--match", metavar="PATTERN", action="append", default=[],
        help="only tests whose id or file is like this glob, or has in it what re:REGEX finds",
    )
    add(
        "--fixes-from", metavar="FILE",
        help="a pull request's text, or GitHub's event: the tests of issues that it fixes do run",
    )
    add("-v", "--verbose", action="store_true", help="name the entries that no collected test is")
    making = parser.add_argument_group("what is made of them")
    kinds = making.add_mutually_exclusive_group()
    kinds.add_argument("--format", choices=FORMATS, default=FORMATS[0])
    kinds.add_argument(
        "--into-lists", metavar="MODE", type=commands.mode_name,
        help="write a skip for each test into the lists of a mode, with issue and reason",
    )
    add = making.add_argument
    add("--shell", choices=SHELLS, default="posix", help="that reads --format deselect")
    add(
        "--no-plugin", dest="plugin", action="store_false",
        help="use pytest's own options alone: tests whose ids begin others' ids then run",
    )
    add("--test-dir", metavar="DIR", help="where the lists are (default: as for a test run)")
    add("--dry-run", action="store_true", help="write no lists; print the changes as a diff")
    source_options.add_options(parser)
    return parser
