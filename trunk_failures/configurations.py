"""Configurations: under what a test run was made, such as one version of Python."""

from __future__ import annotations

import re
from typing import NamedTuple

from trunk_failures import markers
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
