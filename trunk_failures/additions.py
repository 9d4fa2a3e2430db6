"""Additions: tests that are to be listed, beside the entries that there are."""

from __future__ import annotations

import collections
import os
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from trunk_failures import configurations, entries, entry_lines, file_names, ids, lists, markers
from trunk_failures.changes import Address, Change, Fields
from trunk_failures.errors import EntryError
from trunk_failures.ids import TestId
from trunk_failures.lists import Lists, Located

Below = Callable[[str], "str | None"]
"""What gives a file as entries are qualified by it, or None where it is in no test directory."""


class Wanted(NamedTuple):
    """A test to list. `place` is the file its entry is to hold for ("" for any), None to decide."""

    test: TestId
    mode: str
    kind: str
    fields: Fields = ()
    place: str | None = None


class Additions(NamedTuple):
    """The changes that list tests, which tests are listed already, and which are not, and why.

    Tests are given by their numbers.
    """

    changes: Sequence[Change]
    there: Sequence[tuple[int, Located]]
    left_out: Sequence[tuple[int, str]]


def follow(
    wanted: Sequence[Wanted],
    kept: Iterable[str],
    loaded: Lists,
    below: Below,
    qualify: bool = False,
) -> Additions:
    """Return what lists tests; entries that are there stay as they are.

    `kept` are the ids of tests that are not to be listed: a test whose key is also one of theirs
    gets an entry for its file alone. So do tests of one key and two files, of which different
    things are said, and with `qualify` all whose files are known.
    """
    shared = _files_by_key(map(ids.of_item, kept))
    apart = _told_apart(wanted)
    new: dict[tuple[str, str, str], Change] = {}
    there: list[tuple[int, Located]] = []
    left_out: list[tuple[int, str]] = []
    for number, each in enumerate(wanted):
        file = each.place if each.place is not None else _below(each.test, below)
        listed = _listed(each, file or "", loaded)
        if listed:
            there.append((number, listed))
            continue
        always = qualify or each.test.key in apart
        place, fault = _place(each, file, shared.get(each.test.key, set()), always)
        fault = fault or _add(each, place, new)
        if fault:
            left_out.append((number, fault))
    return Additions([*new.values()], there, left_out)


def _files_by_key(tests: Iterable[TestId]) -> dict[str, set[str]]:
    found = collections.defaultdict(set)
    for test in tests:
        found[test.key].add(test.file)
    return {**found}


def _told_apart(wanted: Sequence[Wanted]) -> set[str]:
    """Return the keys of which different things are said for tests of two files."""
    said: dict[str, set[tuple[str, Fields]]] = collections.defaultdict(set)
    files: dict[str, set[str]] = collections.defaultdict(set)
    for each in wanted:
        if each.place is None:
            said[each.test.key].add((each.kind, each.fields))
            files[each.test.key].add(_file(each.test))
    return {key for key, of_key in files.items() if len(of_key) > 1 and len(said[key]) > 1}


def _file(test: TestId) -> str:
    return test.file or (f"{test.module.replace('.', '/')}.py" if test.module else "")


def _below(test: TestId, below: Below) -> str | None:
    file = _file(test)
    return below(file) if file else None


def _listed(each: Wanted, file: str, loaded: Lists) -> Located | None:
    """Return the entry of a test that is listed already; where its place is given, that one."""
    for located in loaded.find(each.test.key, file):
        if located.listing.mode == each.mode and each.place in (None, located.test_file):
            return located
    return None


def _place(
    each: Wanted, file: str | None, others: set[str], always: bool
) -> tuple[str, str]:
    """Return the file that an entry is to hold for, "" for any, and why there can be none."""
    if not lists.is_key(each.test.key):
        return "", f"{each.test.key!r} cannot be a key"
    if each.place is not None:
        return each.place, "" if _is_place(each.place) else f"{each.place!r} is no test file"
    if others and (file is None or each.test.file in others):
        return "", f"an entry {each.test.key!r} would be that of another test too"
    return (file or "") if others or always else "", ""


def _is_place(place: str) -> bool:
    """Tell whether a file can be one below a test directory, whose folder is read as such."""
    if not place:
        return True
    odd = not place.isprintable() or set(place) & {"\\", ":"} or os.path.isabs(place)
    parts = place.split("/")
    wrong = (not part or part.startswith(".") or lists.is_key(part) for part in parts)
    return not odd and not any(wrong)


def _add(each: Wanted, place: str, new: dict[tuple[str, str, str], Change]) -> str:
    """Add the change that lists a test, or to the one there is; returns why it cannot be."""
    address = Address(each.mode, each.kind, each.test.key, place)
    first = new.get((each.mode, each.test.key, place))
    try:
        fields = each.fields if first is None else _with_first(first, each)
        _check(address, fields)
    except EntryError as error:
        return str(error)
    new[(each.mode, each.test.key, place)] = Change(None, address, fields)
    return ""


def _with_first(first: Change, each: Wanted) -> Fields:
    """Return the fields of a test that is named again."""
    assert first.after is not None
    if first.after.kind != each.kind:
        raise EntryError(f"it is listed above, as one of {first.after.kind}")
    return first.fields if first.fields == each.fields else merged(first.fields, each.fields)


def _check(address: Address, fields: Fields) -> None:
    """Raise EntryError for fields that no entry can have."""
    if fields:
        name = file_names.encode(address.key)
        path = f"{address.mode}_{address.kind}/{name}"
        text = entry_lines.edited("", name, address.key, fields)
        entries.parse(entries.Entry(address.key, address.mode, address.kind, path), name, text)


def merged(first: Fields, second: Fields) -> Fields:
    """Return the fields of one entry for a test of which two things are said.

    It holds where either does, for both reasons; raises EntryError where more than those differ.
    """
    one, other = dict(first), dict(second)
    joined = {
        "reason": _joined("; ", one.get("reason", ""), other.get("reason", "")),
        "issue": _joined(", ", one.get("issue", ""), other.get("issue", "")),
        "when": _either(one.get("when", ""), other.get("when", "")),
    }
    for name in one.keys() | other.keys():
        if name not in joined and one.get(name) != other.get(name):
            raise EntryError(f"it is listed above with another `{name}`")
    rest = {name: value for name, value in one.items() if name not in joined}
    return tuple((name, value) for name, value in {**joined, **rest}.items() if value)


def _joined(between: str, one: str, other: str) -> str:
    return between.join(filter(None, dict.fromkeys((one, "" if other in one else other))))


def _either(one: str, other: str) -> str:
    if one == other:
        return one
    return configurations.widened(markers.parse(one), other) if one and other else ""
