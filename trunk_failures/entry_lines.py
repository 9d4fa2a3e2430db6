"""Entry lines: the text of an entry's file, edited one field at a time."""

from __future__ import annotations

import re
from collections.abc import Sequence

from trunk_failures import entries, file_names

LONGEST = 2000
"""Characters of one field's value."""

_BLANKS = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff]+")


def edited(
    content: str,
    file_name: str,
    key: str,
    fields: Sequence[tuple[str, str]] = (),
    former_name: str | None = None,
) -> str:
    """Return an entry's text with fields set, an empty value taking a field away.

    All other lines stay as they are, but begin with the new name where the file had another one.
    The first line names the test where the file's name cannot.
    """
    lines = [_renamed(line, former_name, file_name) for line in content.split("\n")]
    while lines and not lines[-1].strip():
        lines.pop()
    for field, value in fields:
        lines = _with(lines, file_name, field, one_line(value))
    if file_names.is_hashed(file_name) and not (lines and _names_test(lines[0], file_name)):
        lines.insert(0, f"{file_names.FIRST_LINE}{file_names.spell(key)}")
    return "".join(f"{line}\n" for line in lines)


def one_line(value: str) -> str:
    """Return a value as one line of text, of a length that can be read.

    What is one already stays as it is: blanks may count, as they do in `match`.
    """
    if len(value) <= LONGEST and value.isprintable() and value == value.strip():
        return value
    return _BLANKS.sub(" ", value).strip()[:LONGEST].rstrip()


def _renamed(line: str, former: str | None, name: str) -> str:
    if former is None or former == name or not line.lstrip().startswith(f"{former}:"):
        return line
    return f"{name}:{line.lstrip().removeprefix(f'{former}:')}"


def _names_test(line: str, file_name: str) -> bool:
    own = line.strip().removeprefix(f"{file_name}:").strip()
    return own.startswith(file_names.FIRST_LINE)


def _with(lines: Sequence[str], file_name: str, field: str, value: str) -> list[str]:
    """Return lines in which a field has a value: in its own place, else in the order of fields."""
    order = list(entries.FIELDS)
    kept: list[str] = []
    place = None
    for line in lines:
        there = _field(line, file_name)
        if there == field:
            place = len(kept) if place is None else place
            continue
        if place is None and value and there in order and order.index(there) > order.index(field):
            place = len(kept)
        kept.append(line)
    if value:
        kept.insert(len(kept) if place is None else place, f"{file_name}: {field}: {value}")
    return kept


def _field(line: str, file_name: str) -> str:
    """Return the field that a line sets, or ""."""
    prefix = f"{file_name}:"
    if not line.strip().startswith(prefix):
        return ""
    return line.strip().removeprefix(prefix).partition(":")[0].strip()
