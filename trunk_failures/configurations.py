"""Configurations: under what a test run was made, such as one version of Python."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from trunk_failures import environments, markers
from trunk_failures.errors import EntryError, UsageError

FORM = "NAME=PATH or NAME:MARKER=PATH, such as py311:'python_version == \"3.11\"'=reports/py311"

_NAME = re.compile(r"\w[\w.+ -]*", re.ASCII)


class Configuration(NamedTuple):
    """What runs are told apart by; the unnamed one has the name "".

    `marker` is true where the configuration's runs were made, and None where nothing is said.
    """

    name: str = ""
    marker: markers.Marker | None = None


def parse(text: str, form: str = FORM) -> tuple[Configuration, str]:
    """Read `NAME[:MARKER]=REST`; returns the configuration and the rest.

    A marker and the rest may both hold `=`: the marker ends at the first one where it is whole.
    Raises UsageError for anything else.
    """
    match = _NAME.match(text)
    name, rest = (match[0], text[match.end() :]) if match else ("", text)
    if not match or rest[:1] not in ("=", ":"):
        raise UsageError(f"{text!r} names no configuration; allowed is {form}")
    if rest[0] == "=":
        return _complete(text, Configuration(name), rest[1:], form)
    fault = f"it has no '=' after the marker; allowed is {form}"
    for equals in re.finditer("=", rest):
        try:
            marker = markers.parse(rest[1 : equals.start()])
        except EntryError as error:
            fault = str(error)
            continue
        return _complete(text, Configuration(name, marker), rest[equals.end() :], form)
    raise UsageError(f"{text!r} names no configuration: {fault}")


def _complete(
    text: str, configuration: Configuration, rest: str, form: str
) -> tuple[Configuration, str]:
    if not rest:
        raise UsageError(f"{text!r} says nothing after its last '='; allowed is {form}")
    return configuration, rest


def marker_of(these: Sequence[Configuration], those: Sequence[Configuration]) -> str | None:
    """Return the marker that is true of these configurations and of none of those.

    None where their markers do not tell them apart, or some have none.
    """
    if not these or not all(each.marker for each in (*these, *those)):
        return None
    texts = sorted({each.marker.text.strip() for each in these if each.marker})
    text = " or ".join(_in_parentheses(text) if len(texts) > 1 else text for text in texts)
    return text if tells_apart(text, these, those) else None


def tells_apart(
    text: str, these: Sequence[Configuration], those: Sequence[Configuration]
) -> bool:
    """Tell whether a marker can be read, may hold in each of these and holds in none of those."""
    try:
        marker = markers.parse(text)
    except EntryError:  # Put together of many, it is too long.
        return False
    may_hold = {each: holds(marker, each) is not False for each in (*these, *those)}
    return all(may_hold[each] for each in these) and not any(may_hold[each] for each in those)


def narrowed(marker: markers.Marker | None, by: str) -> str:
    """Return the marker that holds where both do."""
    if marker is None or marker.text.strip() == by:
        return by
    return f"{_in_parentheses(marker.text.strip())} and {_in_parentheses(by)}"


def widened(marker: markers.Marker, by: str) -> str:
    """Return the marker that holds where either does."""
    return f"{_in_parentheses(marker.text.strip())} or {_in_parentheses(by)}"


def holds(marker: markers.Marker | None, configuration: Configuration) -> bool | None:
    """Tell whether a marker holds in a configuration, as far as its own marker says.

    None where that does not say; no marker holds everywhere.
    """
    if marker is None:
        return True
    if configuration.marker is None:
        return None
    return environments.holds_within(marker, configuration.marker)


def _in_parentheses(text: str) -> str:
    return f"({text})" if re.search(r"\b(?:and|or)\b", text) else text
