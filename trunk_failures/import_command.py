"""`trunk-failures import`: the list of another tool into these lists."""

from __future__ import annotations

import argparse
import collections
import os
from collections.abc import Sequence

from trunk_failures import (
    additions,
    collected_ids,
    commands,
    entry_lines,
    file_changes,
    git_index,
    list_files,
    list_lock,
    list_places,
    list_writing,
    lists,
    modes,
)
from trunk_failures.additions import Additions, Wanted
from trunk_failures.errors import UsageError
from trunk_failures.formats import collected_tests, documents, imported, table
from trunk_failures.formats.collected_tests import CollectedTests
from trunk_failures.formats.imported import Dropped, Imported, Listed
from trunk_failures.formats.table import FORMATS, Format

NAME = "trunk-failures import"
PATIENCE = 60.0
"""Seconds to wait for an update of the same lists."""

DESCRIPTION = """\
List the tests that another tool's list names, with what it says of them. Entries that are there
stay as they are. What cannot be listed is named, with its line, and counted.
"""
EPILOG = f"""\
formats:
{table.described(table.READ)}

Names that cover several tests (a module, a glob, a part of an id) are put down to the tests that
they cover where --collected says which there are.

examples:
  trunk-failures import pytorch dynamo_test_failures.py
  trunk-failures import pytest-skip skips.txt --dry-run
  pytest --collect-only -q | trunk-failures import array-api-xfails xfails.txt --collected -

exit codes: 0; 1 with --strict where something is left out: nothing is written then; 2 what cannot
be used
"""


def main(argv: Sequence[str]) -> int:
    """Run the command; returns its exit code."""
    options = _parser().parse_args(argv)
    form = FORMATS[options.format]
    if options.kind and form.says_kind:
        raise UsageError(f"{options.format} says of each test of which kind it is; omit --kind")
    if options.file == options.collected == "-":
        raise UsageError("FILE and --collected both read standard input; name a file")
    found = _read(options, form)
    kept: Sequence[str] = ()
    if options.collected:
        tests = CollectedTests(collected_ids.read(options.collected).ids)
        found = _resolved(found, form, tests)
        kept = _kept(found, tests)
    found = _with_tests(found)
    test_dir = list_places.to_write(options.test_dir, os.environ)
    with list_lock.held(test_dir, PATIENCE):
        return _import(options, found, kept, test_dir)


def _read(options: argparse.Namespace, form: Format) -> Imported:
    """Return what the list says."""
    if os.path.isdir(options.file):
        if form.read_directory is None:
            raise UsageError(f"{options.file!r} is a directory; {options.format} is a file")
        return form.read_directory(options.file)
    try:
        content = commands.content(options.file, documents.LIMIT + 1)
    except (OSError, ValueError) as error:
        said = error.strerror if isinstance(error, OSError) else error
        raise UsageError(f"the list {options.file!r} cannot be read: {said}") from None
    return form.read(content, "standard input" if options.file == "-" else repr(options.file))


def _resolved(found: Imported, form: Format, tests: CollectedTests) -> Imported:
    if form.resolve is not None:
        return form.resolve(found, tests)
    return collected_tests.expanded(found, tests, form.covered)


def _kept(found: Imported, tests: CollectedTests) -> list[str]:
    """Return the collected tests that are not to be listed."""
    names = {each.name for each in found.listed}
    return [node_id for node_id in tests.ids if node_id not in names]


def _with_tests(found: Imported) -> Imported:
    """Return what a list says, without what no test could be told of."""
    unknown = [
        Dropped(each.line, f"{imported.shown(each.name)} may cover several; give --collected")
        for each in found.listed
        if each.test is None
    ]
    listed = tuple(each for each in found.listed if each.test is not None)
    return found._replace(listed=listed, dropped=(*found.dropped, *unknown))


def _import(
    options: argparse.Namespace, found: Imported, kept: Sequence[str], test_dir: str
) -> int:
    wanted = [_wanted(each, options) for each in found.listed]
    of_modes = dict.fromkeys(each.mode for each in wanted)
    there = [each for each in list_files.directories(test_dir) if each[0] in of_modes]
    loaded = list_files.read(test_dir, (*of_modes,), there)
    below = list_places.qualifier(test_dir)
    made = additions.follow(wanted, kept, loaded, below, options.qualify)
    dropped = sorted([*found.dropped, *_not_listed(found.listed, wanted, made)])
    planned = file_changes.plan(loaded, made.changes)
    refused = options.strict and bool(dropped)
    if options.dry_run:
        commands.write_exactly(file_changes.diff(planned, list_places.root(test_dir)))
    elif not refused:
        list_writing.write(planned)
        if options.git_add:
            git_index.add(planned, list_places.root(test_dir))
    for each in dropped:
        where = f"{options.file}, line {each.line}" if each.line else options.file
        commands.tell(NAME, f"{where}: {each.what}")
    _summarise(options, made, len(dropped), test_dir, refused)
    return int(refused)


def _wanted(each: Listed, options: argparse.Namespace) -> Wanted:
    assert each.test is not None
    fields = each.fields
    if options.always_run:
        fields = tuple(field for field in fields if field not in imported.NEVER)
    mode = options.mode or each.mode or modes.TRUNK
    return Wanted(each.test, mode, options.kind or each.kind or lists.SKIPS, fields, each.place)


def _not_listed(
    listed: Sequence[Listed], wanted: Sequence[Wanted], made: Additions
) -> list[Dropped]:
    """Return what is not listed, or not as it was said, and why."""
    found = [
        Dropped(listed[number].line, f"{imported.shown(listed[number].name)}: {why}")
        for number, why in made.left_out
    ]
    for number, located in made.there:
        kind = located.listing.kind
        if kind != wanted[number].kind:
            what = f"{imported.shown(listed[number].name)} is listed already, as one of {kind}"
            found.append(Dropped(listed[number].line, what))
    for each in listed:
        cut = [name for name, value in each.fields if entry_lines.one_line(value) != value]
        if cut:
            what = f"of {imported.shown(each.name)}: `{cut[0]}` is made one line that can be read"
            found.append(Dropped(each.line, what))
    return found


def _summarise(
    options: argparse.Namespace, made: Additions, dropped: int, test_dir: str, refused: bool
) -> None:
    into = collections.Counter(
        f"{change.after.mode}_{change.after.kind}" for change in made.changes if change.after
    )
    writes = not (options.dry_run or refused)
    state = "listed" if writes else "would be listed"
    shown = list_places.shown(test_dir)
    counts = [f"{count} {state} in {shown}/{name}" for name, count in sorted(into.items())]
    parts = counts or [f"0 {state} in {shown}"]
    parts += [f"{len(made.there)} were listed before"] if made.there else []
    parts += [f"{dropped} left out or changed, as told above"] if dropped else []
    parts += ["nothing is written, as --strict says"] if refused else []
    commands.tell(NAME, "; ".join(parts))


def _parser() -> argparse.ArgumentParser:
    parser = commands.Parser(
        prog=NAME,
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("format", metavar="FORMAT", choices=table.READ, help="whose list it is, see below")
    add("file", metavar="FILE", help="the list, or - for standard input; or its directory")
    add(
        "--mode", metavar="M", type=commands.mode_name,
        help="whose lists they go into (default: as the list says, else trunk)",
    )
    add("--kind", choices=lists.KINDS, help="what they are, where the format does not say")
    add(
        "--collected", metavar="FILE",
        help=f"what `{collected_ids.COMMAND}` printed, or - for standard input",
    )
    add("--qualify", action="store_true", help="let entries hold for their test file alone")
    add("--always-run", action="store_true", help="run the tests that the other tool does not")
    add("--test-dir", metavar="DIR", help="where the lists are (default: as for a test run)")
    add("--dry-run", action="store_true", help="write nothing; print the changes as a diff")
    add("--git-add", action="store_true", help="stage the changes in git")
    add("--strict", action="store_true", help="write nothing and exit with 1 if any is left out")
    return parser
