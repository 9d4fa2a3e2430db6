"""GCC's manifests of known failures, as `validate_failures.py` reads them.

Read: `contrib/testsuite-management/validate_failures.py` of gcc-mirror/gcc. A line is
`attributes | STATE: name description`; attributes are `flaky` and `expire=YYYYMMDD`, states FAIL,
XPASS, UNRESOLVED and ERROR. What it compares is the state, the name and the description, so that an
id with blanks is a name and a description there.
"""

from __future__ import annotations

import datetime
import re

from trunk_failures import ids, lists
from trunk_failures.changes import Fields
from trunk_failures.entries import Entry
from trunk_failures.formats import documents, imported
from trunk_failures.formats.documents import Line
from trunk_failures.formats.exported import Exported, Lost, Named, blocks
from trunk_failures.formats.imported import Dropped, Imported, Listed

FAILING = ("FAIL", "UNRESOLVED", "ERROR")

REMOVE, INCLUDE = "@remove", "@include"

_STRUCTURE = re.compile(r"=== .* ===|Running \S+ \.\.\.|# of .*")
_RESULT = re.compile(r"([A-Z]+):\s*(\S.*)")
_NAME = re.compile(r"([^\s\[]+(?:\[.*\])?)(?:\s+(.*))?")
_EXPIRES = re.compile(r"expire=(\d{4})(\d\d)(\d\d)")


def read(content: bytes, where: str) -> Imported:
    """Return the tests of a manifest: flaky ones as skips, all others as expected failures."""
    found: list[Listed | Dropped] = []
    for line in documents.lines(content, where):
        if isinstance(line, Dropped):
            found.append(line)
        elif line.text.startswith(REMOVE):
            found = _without(found, line)
        elif line.text.startswith(INCLUDE):
            what = f"{imported.shown(line.text)}: import that manifest, too"
            found.append(Dropped(line.number, what))
        elif not _STRUCTURE.fullmatch(line.text.strip()):
            found.append(_listed(line))
    return imported.gathered(found)


def _without(found: list[Listed | Dropped], line: Line) -> list[Listed | Dropped]:
    """Return what was found before a line that takes results away, without these."""
    gone = _listed(Line(line.number, line.text.removeprefix(REMOVE).strip(), ""))
    names = {(gone.name, gone.kind)} if isinstance(gone, Listed) else set()
    kept = [
        each for each in found if isinstance(each, Dropped) or (each.name, each.kind) not in names
    ]
    if len(kept) == len(found):
        kept.append(Dropped(line.number, f"{imported.shown(line.text)} takes away no result"))
    return kept


def _listed(line: Line) -> Listed | Dropped:
    attributes, bar, result = line.text.partition("|")
    if not bar:
        attributes, result = "", line.text
    match = _RESULT.fullmatch(result.strip())
    name = _NAME.fullmatch(match[2]) if match else None
    if match is None or name is None:
        return Dropped(line.number, f"{imported.shown(line.text)} is no result")
    if match[1] not in FAILING:
        return Dropped(line.number, f"{imported.shown(line.text)}: {match[1]} is no failure")
    given = {each.strip() for each in attributes.split(",")} - {""}
    expires = next(filter(None, map(_EXPIRES.fullmatch, sorted(given))), None)
    other = given - {"flaky", expires[0] if expires else ""}
    if other:
        what = f"{imported.shown(line.text)}: {sorted(other)[0]!r} is no attribute"
        return Dropped(line.number, what)
    if expires and not _is_date(expires):
        return Dropped(line.number, f"{imported.shown(line.text)}: {expires[0]!r} is no date")
    kind = lists.SKIPS if "flaky" in given else lists.EXPECTED_FAILURES
    return imported.named(name[1], line.number, kind, _fields(line, name[2], expires))


def _is_date(expires: re.Match[str]) -> bool:
    try:
        datetime.date(*map(int, expires.groups()))
    except ValueError:
        return False
    return True


def _fields(line: Line, description: str | None, expires: re.Match[str] | None) -> Fields:
    said = dict(documents.said(line.comment))
    if description:
        said["reason"] = "; ".join(filter(None, [said.get("reason", ""), description]))
    if expires:
        said["expires"] = "-".join(expires.groups())
    return tuple(said.items())


def render(entries: list[Named]) -> Exported:
    """Return the manifest of entries, with reasons and issues in comments."""
    found, lost = [], []
    for entry, _ in entries:
        line = _line(entry)
        back = _listed(Line(1, line, "")) if line.isprintable() else Dropped(1, "")
        if entry.unreadable_date:
            lost.append(Lost(entry, f"its `expires` is no date: {entry.unreadable_date!r}"))
        elif isinstance(back, Listed) and _address(back) == (entry.key, entry.test_file):
            found.append((entry, [line]))
        else:
            lost.append(Lost(entry, "its key cannot be a name in a manifest"))
    return Exported(blocks(found), tuple(lost))


def _line(entry: Entry) -> str:
    attributes = ["flaky"] if entry.kind == lists.SKIPS else []
    if entry.expires:
        attributes.append(f"expire={entry.expires.isoformat().replace('-', '')}")
    name = f"{entry.test_file}/{entry.key}" if entry.test_file else entry.key
    # A bar in the name would end attributes that are not there.
    bar = " | " if attributes or "|" in name else ""
    return f"{','.join(attributes)}{bar}FAIL: {name}"


def _address(back: Listed) -> tuple[str, str]:
    test = back.test or ids.TestId("", "")
    return test.key, back.place or ""
