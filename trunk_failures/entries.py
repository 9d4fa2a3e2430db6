"""Entries: what is known of one listed test."""

from __future__ import annotations

import datetime
import re
from typing import TYPE_CHECKING, NamedTuple

from trunk_failures import file_names, markers, patterns
from trunk_failures.errors import EntryError, ListError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ALWAYS, ISOLATED, NEVER = RUNS = ("always", "isolated", "never")
DEFAULT_TIMEOUT = 60.0
"""Seconds that an isolated test may take when its entry does not say."""

TYPE_NAME = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")


class Entry(NamedTuple):
    """One listed test and what its file says of it.

    `path` is the file's, as shown to people. `raises` are names of exception types, bare or with
    their module; `timeout` is in seconds. An `expires` that cannot be read is kept in
    `unreadable_date` and counts as expired.
    """

    key: str
    mode: str
    kind: str
    path: str
    test_file: str = ""
    reason: str = ""
    issue: str = ""
    owner: str = ""
    expires: datetime.date | None = None
    unreadable_date: str = ""
    when: markers.Marker | None = None
    raises: tuple[str, ...] = ()
    match: str = ""
    run: str = ALWAYS
    timeout: float = DEFAULT_TIMEOUT
    keep: str = ""

    def expired(self, today: datetime.date) -> bool:
        """Tell whether the entry has ceased to suppress; the day that it names still counts."""
        if self.unreadable_date:
            return True
        return self.expires is not None and today > self.expires

    @property
    def fields(self) -> tuple[tuple[str, str], ...]:
        """The fields that its file gives, in order, as they are written."""
        given = {
            "reason": self.reason,
            "issue": self.issue,
            "owner": self.owner,
            "expires": self.unreadable_date or (str(self.expires) if self.expires else ""),
            "when": self.when.text if self.when is not None else "",
            "raises": ", ".join(self.raises),
            "match": self.match,
            "run": self.run if self.run != ALWAYS else "",
            "timeout": _digits(self.timeout) if self.run == ISOLATED else "",
            "keep": self.keep,
        }
        return tuple((name, given[name]) for name in FIELDS if given[name])

    def holds(self, environment: markers.Environment) -> bool:
        """Tell whether the entry's `when` is true of an environment.

        Raises EntryError where it compares an environment variable that is no version.
        """
        try:
            return self.when is None or markers.holds(self.when, environment)
        except EntryError as error:
            raise EntryError(f"`{self.path}`: {error}") from None


def _digits(seconds: float) -> str:
    """Return seconds as they are written, to be read as the same number: without an exponent."""
    digits, _, exponent = repr(seconds).partition("e-")
    if not exponent:
        return digits.removesuffix(".0")
    zeros = "0" * (int(exponent) - 1)
    return f"0.{zeros}{digits.replace('.', '')}"


class Fault(NamedTuple):
    """What breaks a rule of the format: in a line, counted from 1, or (0) in the whole file."""

    line: int
    text: str


class Reading(NamedTuple):
    """What a file's content comes to, whatever is wrong with it.

    `entry` has the fields of the lines without a fault. `free` are the numbers of lines that are
    read as the reason although the file's own name does not begin them.
    """

    entry: Entry
    faults: tuple[Fault, ...]
    free: tuple[int, ...]


def parse(entry: Entry, file_name: str, content: str) -> Entry:
    """Return an entry with the fields that its file's content holds.

    Raises EntryError that names path and line for what breaks a rule of design section 4.
    """
    reading = examine(entry, file_name, content)
    for fault in reading.faults:
        where = f", line {fault.line}" if fault.line else ""
        raise EntryError(f"`{entry.path}`{where}: {fault.text}")
    return reading.entry


def examine(entry: Entry, file_name: str, content: str) -> Reading:
    """Return what a file's content comes to, with all of its faults, in order."""
    values: dict[str, object] = {}
    free: dict[int, str] = {}
    faults: list[Fault] = []
    prefix = f"{file_name.lstrip()}:"
    former = ""
    if file_names.is_hashed(file_name):  # An entry that was moved beside one it is like.
        former = f"{file_names.encode(entry.key)}:"
    for number, text in enumerate(content.split("\n"), 1):
        line = text.strip()
        if not line:
            continue
        own = former if former and line.startswith(former) else prefix
        try:
            said = _read_line(line, own, entry.key, values)
        except ListError as error:
            faults.append(Fault(number, str(error)))
        else:
            if said is not None:
                free[number] = said
    if free:
        values["reason"] = " ".join(
            filter(None, [str(values.get("reason", "")), *free.values()])
        )
    if "timeout" in values and values.get("run") != ISOLATED:
        text = (
            "`timeout` has a meaning only beside `run: isolated`; add that line or remove this one"
        )
        faults.append(Fault(0, text))
    return Reading(entry._replace(**values), tuple(faults), tuple(free))  # type: ignore[arg-type]


def _read_line(line: str, prefix: str, key: str, values: dict[str, object]) -> str | None:
    """Read one line into `values`, or return it when it is text without the file's name."""
    own = line.removeprefix(prefix).strip()
    if not own:
        return None
    if own.startswith(file_names.FIRST_LINE):
        _check_key(own.removeprefix(file_names.FIRST_LINE), key)
    elif line.startswith(prefix):
        field, _, value = own.partition(":")
        _read_field(field.strip(), value.strip(), values)
    else:
        return _free(line, prefix)
    return None


def _check_key(spelled: str, key: str) -> None:
    if file_names.unspell(spelled) != key:
        raise EntryError(f"the line names test {spelled!r}, the file {key!r}; mend the line")


def _free(line: str, prefix: str) -> str:
    """Return a line without the file's name: text for the reason, unless it was meant as a field.

    A `raises` that was taken for a reason would suppress more than its author said.
    """
    owner = other_owner(line)
    if owner:
        raise EntryError(
            f"found {line!r}, a line of another test's ({owner!r}), moved here by a merge or a "
            f"rename; begin it with `{prefix} ` or remove it"
        )
    if is_bare_field(line):
        raise EntryError(
            f"found {line!r} without the file's name before it; write `{prefix} {line}`"
        )
    return line.removeprefix("reason:").strip()


def other_owner(line: str) -> str:
    """Return the name before the field of a line that the file's own name does not begin, or ""."""
    owner, _, rest = line.partition(": ")
    field = rest.partition(":")[0].strip()
    return owner if field in FIELDS and " " not in owner.rstrip(" :") else ""


def is_bare_field(line: str) -> bool:
    """Tell whether a line is a field without any file's name; a reason needs none."""
    field = line.partition(":")[0].strip()
    return field in FIELDS and field != "reason"


def _read_field(field: str, text: str, values: dict[str, object]) -> None:
    if field not in FIELDS:
        raise EntryError(f"unknown field {field!r}; the fields are {', '.join(FIELDS)}")
    if field in values or (field == "expires" and "unreadable_date" in values):
        raise EntryError(f"field {field!r} is given twice; keep one of the two lines")
    if not text:
        raise EntryError(f"field {field!r} is empty; give it a value or remove the line")
    values.update(FIELDS[field](field, text))


def _text(field: str, text: str) -> Mapping[str, object]:
    return {field: text}


def _date(field: str, text: str) -> Mapping[str, object]:
    try:
        if not re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            raise ValueError(text)
        return {field: datetime.date.fromisoformat(text)}
    except ValueError:
        # Not an error: the entry then counts as expired, which says so where it matters.
        return {"unreadable_date": text}


def _marker(field: str, text: str) -> Mapping[str, object]:
    return {field: markers.parse(text)}


def _types(field: str, text: str) -> Mapping[str, object]:
    names = tuple(name.strip() for name in text.split(","))
    for name in names:
        if not TYPE_NAME.fullmatch(name):
            raise EntryError(
                f"`{field}` names {name!r}; allowed are names of exception types, such as "
                f"`ValueError` or `package.module.Error`, separated by commas"
            )
    return {field: names}


def _pattern(field: str, text: str) -> Mapping[str, object]:
    patterns.compile(text)
    return {field: text}


def _run(field: str, text: str) -> Mapping[str, object]:
    if text not in RUNS:
        raise EntryError(f"`{field}` is {text!r}; allowed are {', '.join(RUNS)}")
    return {field: text}


def _seconds(field: str, text: str) -> Mapping[str, object]:
    if not re.fullmatch(r"\d{1,6}(\.\d+)?", text) or float(text) == 0:
        raise EntryError(f"`{field}` is {text!r}; allowed are seconds, such as 30 or 2.5")
    return {field: float(text)}


FIELDS: dict[str, Callable[[str, str], Mapping[str, object]]] = {
    "reason": _text,
    "issue": _text,
    "owner": _text,
    "expires": _date,
    "when": _marker,
    "raises": _types,
    "match": _pattern,
    "run": _run,
    "timeout": _seconds,
    "keep": _text,
}
