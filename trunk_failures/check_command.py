"""`trunk-failures check`: what is wrong with the lists, and what of it has one right answer."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence

from trunk_failures import (
    commands,
    discovery,
    entries,
    entry_files,
    entry_mending,
    existing_tests,
    list_faults,
    list_places,
    lookup,
    surveys,
)
from trunk_failures.errors import TrunkFailuresError, UsageError
from trunk_failures.file_changes import FileChange
from trunk_failures.findings import Finding, Mended, Outcome
from trunk_failures.list_faults import Policy
from trunk_failures.reports import findings_github, findings_json, findings_text
from trunk_failures.surveys import Survey

NAME = "trunk-failures check"
PATIENCE = 60.0
"""Seconds to wait for an update of the same lists."""

DESCRIPTION = """\
Say what is wrong with the lists, those that are not in force too: names, lines, fields and values
that break a rule, tests that are listed twice, entries that have expired; and, where it is asked
for, entries of tests that there are not, fields that are missing, and lists that grow.
"""
EPILOG = """\
examples:
  trunk-failures check                                      one line for each thing that is wrong
  trunk-failures check --fix                                mend what has one right answer
  trunk-failures check --require reason,issue --only-shrink origin/main --format github
  pytest --collect-only -q | trunk-failures check --collected -
  trunk-failures check --ask pytest -- tests -m 'not slow'
  trunk-failures check --ask unittest -- discover -s tests
  trunk-failures check --stats --format json

--fix changes neither which tests are listed nor what an entry says: it gives a file the name that
its test has on every file system, puts that name before the lines that lack it, and removes lines
and files that say the same as another one. What has two right answers is left, and told.

exit codes: 0 nothing is wrong; 1 something is, or is left after --fix; 2 what cannot be used
"""
FORMATS = {
    "text": findings_text.render,
    "github": findings_github.render,
    "json": findings_json.render,
}


def main(argv: Sequence[str]) -> int:
    """Run the command; returns its exit code."""
    own, asked = commands.split(argv)
    options = _parser().parse_args(own)
    existing_tests.check(options, asked)
    _refuse(options)
    test_dir = list_places.to_write(options.test_dir, os.environ)
    if not discovery.holds_lists(test_dir):
        commands.tell(NAME, f"{list_places.shown(test_dir)!r} holds no list directory")
    return _tell(options, test_dir) if options.stats else _check(options, asked, test_dir)


def _refuse(options: argparse.Namespace) -> None:
    """Raise UsageError where figures are asked for together with what they are not of."""
    if not options.stats:
        return
    if options.format == "github":
        raise UsageError("--stats has no annotations; allowed are --format text and json")
    parser = _parser()
    for name in ("fix", "require", "max", "only_shrink", "results", "collected", "ask"):
        if getattr(options, name) != parser.get_default(name):
            raise UsageError(
                f"--stats counts entries and checks none; leave out --{name.replace('_', '-')}, or "
                f"run the command once for each"
            )


def _tell(options: argparse.Namespace, test_dir: str) -> int:
    """Print the figures of the lists."""
    from trunk_failures import debt, listed_entries
    from trunk_failures.reports import debt_json, debt_text

    loaded = surveys.survey(test_dir).loaded
    records = listed_entries.records(test_dir, loaded.listings)
    listed = [listed_entries.read(located, records) for located in loaded.all()]
    render = debt_json.render if options.format == "json" else debt_text.render
    commands.write(render(debt.of(listed, lookup.today())))
    return 0


def _check(options: argparse.Namespace, asked: Sequence[str] | None, test_dir: str) -> int:
    mended = _mend(test_dir) if options.fix else []
    found = surveys.survey(test_dir)
    outcome = Outcome(list_places.shown(test_dir), len(found.files), mended, [])
    try:
        findings = _findings(found, options, asked, test_dir)
    except TrunkFailuresError:
        if mended:  # What was done is said, whatever else cannot be.
            commands.write(FORMATS[options.format](outcome))
        raise
    outcome = outcome._replace(findings=sorted(findings, key=lambda each: each.order))
    commands.write(FORMATS[options.format](outcome))
    commands.tell(NAME, _summary(outcome, len(_plan(found)) if outcome.findings else 0))
    return int(bool(outcome.findings))


def _plan(found: Survey) -> list[FileChange]:
    """Return what there is to mend; a link leads elsewhere, and so is left, and is no copy."""
    links = {file.path for file in found.files if file.trouble == entry_files.LINK}
    taken = {fault.path for fault in found.faults if not fault.key}
    files = [file for file in found.files if file.path not in links]
    return entry_mending.plan(files, taken | links)


def _mend(test_dir: str) -> list[Mended]:
    from trunk_failures import list_lock, list_writing

    with list_lock.held(test_dir, PATIENCE):
        planned = _plan(surveys.survey(test_dir))
        list_writing.write(planned)
    return [
        Mended(
            _shown(change.old or ""),
            _shown(change.new) if change.new else None,
            entry_mending.told(change),
        )
        for change in planned
    ]


def _findings(
    found: Survey, options: argparse.Namespace, asked: Sequence[str] | None, test_dir: str
) -> list[Finding]:
    policy = Policy(options.require, lookup.today())
    findings = list_faults.of_survey(found, policy, _shown)
    findings += existing_tests.findings(options, asked, found.loaded, NAME)
    if options.max is None and options.only_shrink is None:
        return findings
    from trunk_failures import budgets

    there = {budgets.entry(file.address, file.name) for file in found.files}
    shown = list_places.shown(test_dir)
    if options.max is not None:
        findings += budgets.over(there, options.max, shown)
    if options.only_shrink is not None:
        before = budgets.of_revision(options.only_shrink, test_dir)
        findings += budgets.grown(there, before, options.only_shrink, shown)
        exchanged = budgets.exchanged(there, before, options.only_shrink)
        if exchanged:
            commands.tell(NAME, exchanged)
    return findings


def _shown(path: str) -> str:
    """Return the path of an entry's file, or of a directory of such files, as people know it."""
    if os.path.isdir(path):
        return entry_files.shown(os.path.join(path, "x")).rpartition("/")[0]
    return entry_files.shown(path)


def _summary(outcome: Outcome, to_mend: int) -> str:
    count = len(outcome.findings)
    if not count:
        entries_ = f"{outcome.entries} entr{'y' if outcome.entries == 1 else 'ies'}"
        return f"{entries_} in {outcome.test_dir}, and nothing is wrong"
    files = len({each.path for each in outcome.findings})
    mends = f"; --fix mends {_files(to_mend)}" if to_mend else ""
    return f"{count} finding{'' if count == 1 else 's'} in {_files(files)}{mends}"


def _files(count: int) -> str:
    return f"{count} file{'' if count == 1 else 's'}"


def _parser() -> argparse.ArgumentParser:
    parser = commands.Parser(
        prog=NAME,
        usage="%(prog)s [options] [-- what --ask hands to the runner]",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--fix", action="store_true", help="mend what has one right answer, and say what was done")
    add("--format", choices=FORMATS, default="text", help="of what is printed")
    add(
        "--stats", action="store_true",
        help="check nothing, but count entries: by mode, age, owner and issue, and what expires",
    )
    add("--test-dir", metavar="DIR", help="where the lists are (default: as for a test run)")
    asking = parser.add_argument_group("what entries must be, beside readable")
    add = asking.add_argument
    add(
        "--require", metavar="FIELD[,FIELD]", type=_fields, default=(),
        help="each entry gives these, such as reason,issue,owner",
    )
    add("--max", metavar="N", type=commands.whole_number, help="there are no more of them")
    add(
        "--only-shrink", metavar="BASE",
        help="no mode has more of them than in this commit of git's, such as origin/main; one may "
        "take another's place, which is told",
    )
    existing_tests.add_options(parser)
    return parser


def _fields(text: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(","))
    for name in names:
        if name not in entries.FIELDS:
            raise argparse.ArgumentTypeError(
                f"{name!r} is no field; the fields are {', '.join(entries.FIELDS)}"
            )
    return names
