"""`trunk-failures update`: results in, lists changed, and what changed and why."""

from __future__ import annotations

import argparse
import datetime
import os
import sys
from collections.abc import Sequence
from typing import NamedTuple

from trunk_failures import (
    commands,
    configurations,
    file_changes,
    git_index,
    github_inputs,
    guards,
    history,
    history_series,
    input_options,
    inputs,
    issue_files,
    list_files,
    list_lock,
    list_places,
    list_writing,
    lists,
    modes,
    progress,
    recommendations,
    retirement,
    stability,
    summaries,
    updates,
)
from trunk_failures.configurations import Configuration
from trunk_failures.errors import UsageError
from trunk_failures.github_inputs import Downloaded
from trunk_failures.inputs import Input
from trunk_failures.proposals import Policy
from trunk_failures.reports import update_json, update_markdown, update_text
from trunk_failures.results import collecting
from trunk_failures.results.collecting import Collected
from trunk_failures.updates import Decision, Limits

NAME = "trunk-failures update"
REFUSED = 3
PATIENCE = 60.0
"""Seconds to wait for another update of the same lists."""

DESCRIPTION = "Change the lists by what test runs wrote: JUnit XML, result lines, reportlogs."
EPILOG = """\
examples:
  trunk-failures update results.jsonl                        one run
  trunk-failures update --dry-run reports/                   what it would change, as a diff
  trunk-failures update --config py311:'python_version == "3.11"'=reports/py311 \\
                        --config py312:'python_version == "3.12"'=reports/py312
  trunk-failures update --only-remove reports/               what a robot may do every night
  trunk-failures update --retire 95                          what the history says may go

exit codes: 0; 1 with --check where there is something to change; 2 what cannot be used or read;
3 refused, as a broken machine must not write lists
"""
FORMATS = {
    "text": update_text.render,
    "markdown": update_markdown.render,
    "json": update_json.render,
}


class Asked(NamedTuple):
    """What is to be read: the inputs, their configurations by name, what is to be known of them.
    """

    inputs: Sequence[Input]
    known: dict[str, Configuration]
    notices: Sequence[str] = ()


def main(argv: Sequence[str]) -> int:
    """Run the command; returns its exit code."""
    options = _parser().parse_args(argv)
    test_dir = list_places.to_write(options.test_dir, os.environ)
    with github_inputs.downloaded(options) as downloaded:
        asked = _asked(options, downloaded)
        with inputs.collected(asked.inputs, options) as collected:
            mode = _mode(options, collected)
            policy = Policy(mode, options.only_remove, options.also_remove_skips)
            with list_lock.held(test_dir, PATIENCE):
                return _update(options, asked, policy, test_dir, collected)


def _update(
    options: argparse.Namespace,
    asked: Asked,
    policy: Policy,
    test_dir: str,
    collected: Collected,
) -> int:
    loaded = _load(test_dir, policy.mode)
    limits = Limits(options.max_new, options.max_failing / 100, options.accept_regressions)
    today = datetime.datetime.now(datetime.timezone.utc).date()
    if options.retire is not None:
        decision = _retired(options, loaded, policy.mode, today)
    else:
        decision = updates.decide(collected, loaded, asked.known, policy, limits, today)
    changes = [each.change for each in decision.proposals if each.change is not None]
    planned = file_changes.plan(loaded, changes)
    root = list_places.root(test_dir)
    writes = not (options.dry_run or options.check or decision.refused)
    if writes:
        list_writing.write(planned)
        if options.git_add:
            git_index.add(planned, root)
    state = "refused" if decision.refused else "written" if writes else "not written"
    summary = _summary(policy.mode, test_dir, state, decision, collected, asked.notices)
    text = FORMATS[options.format](summary)
    if options.dry_run:
        sys.stderr.write(text)
        text = file_changes.diff(planned, root)
    commands.write(text)
    inputs.tell_faults(NAME, collected.faults)
    if decision.refused:
        print(f"{NAME}: {decision.refused}", file=sys.stderr)
        return REFUSED
    if options.issues:
        issue_files.write(options.issues, summary)
    return int(options.check and bool(planned))


def _retired(
    options: argparse.Namespace, loaded: lists.Lists, mode: str, today: datetime.date
) -> Decision:
    """Return what the history says of the lists; see `recommendations`."""
    listed = updates.by_key(loaded)
    with history.reading(options.history) as connection:
        chosen = history_series.runs(connection)
        count = history_series.outcomes(connection)
        with progress.Progress(count, unit="outcomes", quiet=options.quiet) as shown:
            found = [
                stability.judge(own)
                for series in history_series.read(connection, chosen, shown.done)
                if series.key in listed
                and (own := retirement.in_mode(series, mode)) is not None
            ]
    policy = recommendations.Policy(options.retire, options.at_most)
    resolve = collecting.resolver(loaded.test_dir)
    proposals = retirement.propose(found, listed, resolve, policy, today)
    return Decision(proposals, len({(each.key, each.place) for each in found}))


def _load(test_dir: str, mode: str) -> lists.Lists:
    there = [each for each in list_files.directories(test_dir) if each[0] == mode]
    return list_files.read(test_dir, (mode,), there)


def _summary(
    mode: str,
    test_dir: str,
    state: str,
    decision: Decision,
    collected: Collected,
    notices: Sequence[str],
) -> summaries.Summary:
    return summaries.Summary(
        mode,
        list_places.shown(test_dir),
        state,
        decision.tests,
        summaries.by_kind(decision.proposals),
        summaries.causes(decision.proposals),
        collected.files,
        [inputs.sentence(*fault) for fault in collected.faults],
        collected.without_id,
        notices,
    )


def _mode(options: argparse.Namespace, collected: Collected) -> str:
    """Return the mode whose lists are to change; the results say in which modes they were made.

    Raises UsageError where they were made in another one, whose failures are not this one's.
    """
    ran = [[each.strip() for each in made.split(",")] for made in collected.modes if made]
    if options.mode is not None:
        wrong = [names for names in ran if options.mode not in names]
        mode: str = options.mode
    else:
        mode = modes.TRUNK
        wrong = [names for names in ran if names[0] != mode]
    if not wrong:
        return mode
    names = ", ".join(wrong[0])
    raise UsageError(
        f"the results were made in mode {names}, and the lists to change are those of mode {mode}; "
        f"name the mode of these results with --mode {wrong[0][0]}"
    )


def _asked(options: argparse.Namespace, downloaded: Downloaded | None) -> Asked:
    """Return the inputs that the options name, and those that were downloaded."""
    if options.retire is not None:
        if options.results or options.config or downloaded is not None:
            raise UsageError(
                "--retire goes by the history alone; record the results there, then update without "
                "them"
            )
        return Asked((), {})
    known: dict[str, Configuration] = {}
    found: list[Input] = []
    given = [configurations.parse(text) for text in options.config]
    found += [Input(configuration.name, [path]) for configuration, path in given]
    here = [configuration for configuration, _ in given]
    if downloaded is not None:
        found += downloaded.inputs
        here += downloaded.configurations
    for configuration in here:
        name = configuration.name
        if known.setdefault(name, configuration) != configuration:
            raise UsageError(
                f"configuration {name!r} is given two markers; give it one, or name one of them "
                f"otherwise"
            )
    if updates.KNOWN_GOOD in known:
        raise UsageError(f"no configuration can be called {updates.KNOWN_GOOD!r}; rename it")
    if options.results:
        known.setdefault("", Configuration())
        found.append(Input("", options.results))
    if not found:
        raise UsageError("no results were given: name files, directories, patterns or `-`")
    if options.known_good:
        found.append(Input(updates.KNOWN_GOOD, options.known_good))
    return Asked(found, known, downloaded.notices if downloaded is not None else ())


def _parser() -> argparse.ArgumentParser:
    parser = commands.Parser(
        prog=NAME,
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("results", metavar="RESULTS", nargs="*", help="files, directories, patterns, or -")
    add(
        "--config", metavar="NAME[:MARKER]=PATH", action="append", default=[],
        help="results of one configuration, where MARKER is true; can be repeated",
    )
    add(
        "--mode", metavar="MODE", type=commands.mode_name,
        help="whose lists change (default: trunk)",
    )
    add("--test-dir", metavar="DIR", help="where the lists are (default: as for a test run)")
    input_options.add_options(parser)
    github_inputs.add_options(parser)
    changing = parser.add_argument_group("what may change")
    add = changing.add_argument
    add("--only-remove", action="store_true", help="take entries away, and do nothing else")
    add("--also-remove-skips", action="store_true", help="skips too, whose tests all passed")
    add(
        "--max-new", metavar="N", type=commands.whole_number,
        help="refuse more additions than this",
    )
    add(
        "--max-failing", metavar="PERCENT", type=commands.whole_number,
        default=int(guards.SHARE * 100),
        help="refuse runs in which so many tests or more fail (default: %(default)s)",
    )
    add(
        "--known-good", metavar="RESULTS", action="append", default=[],
        help="results of before: what passed there and fails now is reported, not listed",
    )
    add("--accept-regressions", action="store_true", help="list these too")
    add(
        "--retire", metavar="CONFIDENCE", type=commands.share,
        help="by the history, not by results: remove the entries of tests that now pass, as is"
        " said with so many per cent confidence (see `trunk-failures stability`)",
    )
    add(
        "--at-most", metavar="PERCENT", type=commands.share, default=recommendations.AT_MOST,
        help="failures that a test may have left and be retired (default: 2)",
    )
    add(
        "--history", metavar="PATH", default=history.DEFAULT,
        help="that --retire goes by (default: %(default)s)",
    )
    writing = parser.add_argument_group("what is written")
    add = writing.add_argument
    add("--dry-run", action="store_true", help="write nothing; print the changes as a diff")
    add("--check", action="store_true", help="write nothing; exit 1 if there are changes")
    add("--git-add", action="store_true", help="stage the changes in git")
    add("--format", choices=FORMATS, default="text", help="of the summary")
    add("--issues", metavar="DIR", help="write one issue text for each cause of failures")
    return parser
