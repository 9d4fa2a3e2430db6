"""List faults: what is wrong with lists as they lie there, whatever tests there are."""

from __future__ import annotations

import datetime
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from trunk_failures import entries, entry_mending, file_names, lists
from trunk_failures.changes import Address
from trunk_failures.findings import Finding, Rule
from trunk_failures.surveys import EntryFile, Survey

_URL = re.compile(r"https?://[^\s/]+\S*")
SHOWN = 80
"""Characters of a line that a finding repeats."""


class Policy(NamedTuple):
    """What is asked of entries: the fields that each must have, and the day that it is."""

    required: Sequence[str]
    today: datetime.date


def of_survey(found: Survey, policy: Policy, shown: Callable[[str], str]) -> list[Finding]:
    """Return what is wrong with lists; `shown` gives a path as people know it."""
    findings = [*_of_names(found, shown), *_of_kinds(found), *_of_strays(found.strays, shown)]
    findings += _of_case(found.files, shown)
    findings += _of_misnamed(found.misnamed, shown)
    for file in found.files:
        if file.content or file.trouble or policy.required:
            findings += of_content(file, policy)
    return findings


def _of_names(found: Survey, shown: Callable[[str], str]) -> Iterator[Finding]:
    for fault in found.faults:
        yield Finding(shown(fault.path), 0, Rule.TWICE if fault.key else Rule.NAME, fault.text)
    twice = {fault.path for fault in found.faults}
    for file in found.files:
        if not entry_mending.is_right(file) and file.path not in twice:
            yield Finding(file.shown, 0, Rule.NAME, _misnamed(file.address.key))


def _misnamed(key: str) -> str:
    return (
        f"its name is not the one of {key!r} on every file system; rename it to "
        f"`{file_names.encode(key)}` (--fix does)"
    )


def _of_case(files: Iterable[EntryFile], shown: Callable[[str], str]) -> Iterator[Finding]:
    """Yield what is told apart by case alone: names in one folder, folders, list directories."""
    alike: dict[tuple[str, str], dict[str, str]] = {}
    for file in files:
        alike.setdefault((file.folder, file.name.lower()), {})[file.path] = file.address.key
    for named in alike.values():
        # One test that is listed twice is said elsewhere.
        if len(named) > 1 and len({*named.values()}) > 1:
            yield from _case_twins(named, shown)
    twins: dict[str, list[str]] = {}
    for folder in sorted({folder for folder, _ in alike}):
        twins.setdefault(folder.lower(), []).append(folder)
    for first, *others in twins.values():
        for other in others:
            text = (
                f"its name differs by case alone from `{shown(first)}`, and on some file systems "
                f"the two are one directory; rename one of them"
            )
            yield Finding(shown(other), 0, Rule.CASE, text)


def _case_twins(named: dict[str, str], shown: Callable[[str], str]) -> Iterator[Finding]:
    for path, key in named.items():
        other = next(os.path.basename(each) for each in named if each != path)
        yield Finding(
            shown(path), 0, Rule.CASE,
            f"its name differs by case alone from `{other}`, and some file systems keep one of the "
            f"two; rename it to `{file_names.hashed(key)}`, its first line "
            f"`{file_names.FIRST_LINE}{file_names.spell(key)}` (--fix does)",
        )


def _of_kinds(found: Survey) -> Iterator[Finding]:
    there = {file.address: file.shown for file in found.files}
    for mode, entry in found.loaded.in_both_kinds():
        test_file, _, key = _split(entry)
        one, other = (there[Address(mode, kind, key, test_file)] for kind in lists.KINDS)
        yield Finding(
            one, 0, Rule.BOTH_KINDS,
            f"the test is a skip of mode {mode} too (`{other}`), and can be but one; remove one of "
            f"the two files",
        )


def _split(entry: str) -> tuple[str, str, str]:
    """Return the test file and the key of an entry as `in_both_kinds` gives it."""
    head, bracket, parameters = entry.partition("[")
    test_file, slash, scope = head.rpartition("/")
    return test_file, slash, scope + bracket + parameters


def _of_strays(strays: Iterable[str], shown: Callable[[str], str]) -> Iterator[Finding]:
    for path in strays:
        yield Finding(
            shown(path), 0, Rule.FOLDER,
            "no test file of this path is below the test directory, so that its entries hold for "
            "no test; rename the folder, or remove it",
        )


def _of_misnamed(paths: Iterable[str], shown: Callable[[str], str]) -> Iterator[Finding]:
    for path in paths:
        yield Finding(
            shown(path), 0, Rule.FOLDER,
            "a directory of this name lists nothing; lists are called `<mode>_expected_failures` "
            "and `<mode>_skips`; rename it, or call it by another word",
        )


def of_content(file: EntryFile, policy: Policy) -> list[Finding]:
    """Return what is wrong with the content of one file, in the order of its lines."""
    if file.trouble:
        return [Finding(file.shown, 0, Rule.CONTENT, file.trouble + _of_folder(file.name))]
    lines = file.content.split("\n")
    if any(mark in file.content for mark in entry_mending.CONFLICT):
        for number, line in enumerate(lines, 1):
            if line.startswith(entry_mending.CONFLICT):
                text = "a merge left a conflict here; keep the lines that hold, and remove the rest"
                return [Finding(file.shown, number, Rule.CONTENT, text)]
    reading = entries.examine(file.entry, file.name, file.content)
    found: list[Finding] = []
    if reading.faults:
        prefix = f"{file.name.lstrip()}:"
        found += [
            Finding(file.shown, fault.line, _rule(fault, lines, prefix), fault.text)
            for fault in reading.faults
        ]
    found += _of_prefixes(file, lines, reading)
    found += _of_values(file, lines, reading.entry, policy.today)
    if policy.required:
        given = dict(reading.entry.fields)
        missing = [field for field in policy.required if field not in given]
        if missing:
            found.append(Finding(file.shown, 0, Rule.REQUIRED, _missing(file.name, missing)))
    return found


def _of_folder(name: str) -> str:
    """Return what there is to know of a folder that is called like its file, ending and all."""
    return "; a folder for one file has its path without `.py`" if name.endswith(".py") else ""


def _rule(fault: entries.Fault, lines: Sequence[str], prefix: str) -> Rule:
    is_own = not fault.line or lines[fault.line - 1].strip().startswith(prefix)
    return Rule.CONTENT if is_own else Rule.PREFIX


def _missing(name: str, missing: Sequence[str]) -> str:
    lines = ", ".join(f"`{name}: {field}: ...`" for field in missing)
    return f"no {' and no '.join(missing)}; add {lines}"


def _of_prefixes(
    file: EntryFile, lines: Sequence[str], reading: entries.Reading
) -> Iterator[Finding]:
    is_hashed = file_names.is_hashed(file.name)
    if not (reading.free or is_hashed):
        return
    prefix = f"{file.name.lstrip()}:"
    for number in reading.free:
        line = lines[number - 1].strip()
        yield Finding(
            file.shown, number, Rule.PREFIX,
            f"found {line[:SHOWN]!r} without the file's name before it, which is read as the "
            f"reason; write `{prefix} reason: {line.removeprefix('reason:').strip()[:SHOWN]}` "
            f"(--fix does)",
        )
    # Such lines are read where the name has a hash, and are another test's elsewhere.
    if not is_hashed:
        return
    former = f"{file_names.encode(file.address.key)}:"
    for number, line in enumerate(lines, 1):
        if line.strip().startswith(former):
            yield Finding(
                file.shown, number, Rule.PREFIX,
                f"the line begins with the name that the file had before; begin it with "
                f"`{prefix}` (--fix does)",
            )


def _of_values(
    file: EntryFile, lines: Sequence[str], entry: entries.Entry, today: datetime.date
) -> Iterator[Finding]:
    if entry.unreadable_date:
        yield Finding(
            file.shown, _line_of("expires", file.name, lines), Rule.EXPIRED,
            f"`expires: {entry.unreadable_date}` is no date such as 2030-12-31, which counts as "
            f"expired; mend the date or remove the entry",
        )
    elif entry.expired(today):
        yield Finding(
            file.shown, _line_of("expires", file.name, lines), Rule.EXPIRED,
            f"it expired on {entry.expires} and no longer suppresses the test; mend the test and "
            f"remove the entry, or renew the date",
        )
    if entry.issue and not _URL.fullmatch(entry.issue):
        yield Finding(
            file.shown, _line_of("issue", file.name, lines), Rule.CONTENT,
            f"`issue` is {entry.issue[:SHOWN]!r}; allowed is a URL, such as "
            f"`https://example.org/issues/1`; write the issue's",
        )


def _line_of(field: str, name: str, lines: Sequence[str]) -> int:
    """Return the number of the line that gives a field."""
    said = (entry_mending.said_in(line, name) for line in lines)
    return next((n for n, each in enumerate(said, 1) if each and each[0] == field), 0)
