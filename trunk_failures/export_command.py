"""`trunk-failures export`: these lists as another tool has them."""

from __future__ import annotations

import argparse
import collections
import datetime
import os
from collections.abc import Iterable, Sequence

from trunk_failures import (
    atomic_files,
    collected_ids,
    commands,
    entry_files,
    ids,
    list_files,
    list_places,
    lists,
    modes,
)
from trunk_failures.entries import Entry
from trunk_failures.errors import EntryError, UsageError
from trunk_failures.formats import collected_tests, table
from trunk_failures.formats.collected_tests import CollectedTests
from trunk_failures.formats.exported import Lost, Named
from trunk_failures.formats.table import FORMATS, Format

NAME = "trunk-failures export"
DESCRIPTION = """\
Write the entries of the lists as another tool has them. What there is no room for is named, and
counted; entries that have expired are left out where no date can be said.
"""
EPILOG = f"""\
formats:
{table.described(table.WRITTEN)}

Those that take pytest's node ids take --collected: an entry alone seldom tells its file.

examples:
  trunk-failures export json -o lists.json
  pytest --collect-only -q | trunk-failures export pytest-skip --collected - -o skips.txt

exit codes: 0; 1 with --strict where something is lost: nothing is written then; 2 what cannot be
used
"""


def main(argv: Sequence[str]) -> int:
    """Run the command; returns its exit code."""
    options = _parser().parse_args(argv)
    form = FORMATS[options.format]
    test_dir = list_places.to_write(options.test_dir, os.environ)
    found, lost = _entries(options, test_dir)
    today = datetime.datetime.now(datetime.timezone.utc).date()
    entries, other = of_kind(found, options.kind or form.kind)
    entries, expired = without_expired(entries, form, today)
    named, nameless = _named(entries, found, form, options, test_dir)
    assert form.render is not None
    made = form.render(named)
    lost += [*expired, *nameless, *no_room([each.entry for each in named], form), *made.lost]
    for each in lost:
        commands.tell(NAME, f"{each.entry.path}: {each.what}")
    if options.strict and lost:
        commands.tell(NAME, f"{_lost(lost)}; nothing is written, as --strict says")
        return 1
    _write(made.text, options.output)
    not_run = sum(any(each not in entry.fields for each in form.implied) for entry, _ in named)
    _summarise(len(named), other, not_run, lost, options.format)
    return 0


def _entries(options: argparse.Namespace, test_dir: str) -> tuple[list[Entry], list[Lost]]:
    """Return the entries of the modes that are asked for, and those that cannot be read."""
    there = list_files.directories(test_dir)
    default = None if options.format == "json" else modes.TRUNK
    wanted = options.mode or default
    of_modes = (wanted,) if wanted else tuple(dict.fromkeys(mode for mode, _, _ in there))
    loaded = list_files.read(test_dir, of_modes, there)
    found: list[Entry] = []
    lost: list[Lost] = []
    for located in loaded.all():
        try:
            found.append(entry_files.read(located))
        except EntryError as error:
            listing = located.listing
            path = entry_files.shown_of(located)
            entry = Entry(located.key, listing.mode, listing.kind, path, located.test_file)
            lost.append(Lost(entry, f"it cannot be read: {error}"))
    return found, lost


def of_kind(found: Sequence[Entry], kind: str) -> tuple[list[Entry], int]:
    """Return the entries of a kind, and how many others there are; all of them for ""."""
    of_it = [each for each in found if kind in ("", each.kind)]
    return of_it, len(found) - len(of_it)


def without_expired(
    found: Sequence[Entry], form: Format, today: datetime.date
) -> tuple[list[Entry], list[Lost]]:
    """Return entries without those that suppress no longer, where a format has no date for that."""
    if form.fields & {"*", "expires"}:
        return [*found], []
    lost = [
        Lost(each, "it has expired, so that it suppresses nothing; it is left out")
        for each in found
        if each.expired(today)
    ]
    return [each for each in found if not each.expired(today)], lost


def no_room(found: Iterable[Entry], form: Format) -> list[Lost]:
    """Return what fields of entries a format has no room for."""
    if "*" in form.fields:
        return []
    lost = []
    for entry in found:
        told = [field for field in entry.fields if field not in form.implied]
        missing = [f"`{name}`" for name, _ in told if name not in form.fields]
        if missing:
            lost.append(Lost(entry, f"there is no room for {', '.join(missing)}"))
    return lost


def _named(
    entries: Sequence[Entry],
    every: Sequence[Entry],
    form: Format,
    options: argparse.Namespace,
    test_dir: str,
) -> tuple[list[Named], list[Lost]]:
    """Return entries with their node ids, and those that have none, where ids are written."""
    if not form.takes_ids:
        return [Named(each) for each in entries], []
    if options.collected:
        node_ids = _of_collected(entries, every, options.collected, test_dir)
        what = "it matches no collected test"
    else:
        node_ids = {each: _of_file(each, test_dir) for each in entries}
        what = "its file is not known; --collected tells"
    named = [Named(each, tuple(node_ids[each])) for each in entries]
    return [each for each in named if each.node_ids], [
        Lost(each.entry, what) for each in named if not each.node_ids
    ]


def _of_collected(
    entries: Sequence[Entry], every: Sequence[Entry], path: str, test_dir: str
) -> dict[Entry, list[str]]:
    """Return the collected tests that each entry is of: the one for a file goes before."""
    tests = CollectedTests(collected_ids.read(path).ids)
    below = list_places.qualifier(test_dir)
    files = {
        node_id: below(collected_tests.file(node_id)) or ""
        for each in entries
        for node_id in tests.by_key.get(each.key, ())
    }
    own = collections.defaultdict(set)
    for each in every:
        own[each.key].add(each.test_file)
    return {
        each: [
            node_id
            for node_id in tests.by_key.get(each.key, ())
            if each.test_file == (files[node_id] if files[node_id] in own[each.key] else "")
        ]
        for each in entries
    }


def _of_file(entry: Entry, test_dir: str) -> list[str]:
    """Return the node id of an entry that names its file, as far as the key tells it."""
    if not entry.test_file:
        return []
    try:
        node_id = ids.to_node_id(ids.from_key(f"{entry.test_file}/{entry.key}"))
    except UsageError:
        return []
    folder = os.path.relpath(test_dir).replace(os.sep, "/")
    return [node_id if folder == "." else f"{folder}/{node_id}"]


def _write(text: str, output: str | None) -> None:
    if output is None:
        commands.write_exactly(text)
        return
    try:
        atomic_files.replace(output, text)
    except (OSError, ValueError) as error:
        said = error.strerror if isinstance(error, OSError) else error
        raise UsageError(
            f"the list cannot be written to {output!r}: {said}; the file is as it was"
        ) from None


def _lost(lost: Sequence[Lost]) -> str:
    count = len({(each.entry.path, each.entry.key) for each in lost})
    return f"{count} of them left out or not as they are, as told above"


def _summarise(count: int, other: int, not_run: int, lost: Sequence[Lost], name: str) -> None:
    parts = [f"{count} entr{'y' if count == 1 else 'ies'} as {name}"]
    parts += [f"{other} of the other kind are not in it, see --kind"] if other else []
    parts += [f"{not_run} of them are run here, and are not there"] if not_run else []
    parts += [_lost(lost)] if lost else []
    commands.tell(NAME, "; ".join(parts))


def _parser() -> argparse.ArgumentParser:
    parser = commands.Parser(
        prog=NAME,
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("format", metavar="FORMAT", choices=table.WRITTEN, help="whose list it is, see below")
    add("-o", "--output", metavar="FILE", help="the file (default: stdout)")
    add(
        "--mode", metavar="M", type=commands.mode_name,
        help="whose lists they are of (default: trunk; of json all modes)",
    )
    add("--kind", choices=lists.KINDS, help="the entries to write (default: as the format says)")
    add(
        "--collected", metavar="FILE",
        help=f"what `{collected_ids.COMMAND}` printed, or - for standard input",
    )
    add("--test-dir", metavar="DIR", help="where the lists are (default: as for a test run)")
    add("--strict", action="store_true", help="write nothing and exit with 1 if any is lost")
    return parser
