"""Names of jobs and artifacts: to which configuration patterns assign them."""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Sequence
from typing import NamedTuple

from trunk_failures import configurations
from trunk_failures.configurations import Configuration
from trunk_failures.errors import UsageError
from trunk_failures.fetched import Artifact, Fetched, Job, Left

FORM = "NAME=GLOB or NAME:MARKER=GLOB, such as py311:'python_version == \"3.11\"'=junit-py311-*"

_SHOWN = 10


class Pattern(NamedTuple):
    """A configuration, and a shell pattern of the jobs and artifacts that are its own.

    Case counts; `*` is any text, `/` in it or not, `?` a character, `[...]` one of several.
    """

    configuration: Configuration
    glob: str


class Assigned(NamedTuple):
    """Which configuration has which artifacts, and what has none."""

    configurations: tuple[tuple[Configuration, tuple[Artifact, ...]], ...]
    """In the order of the patterns; those with no artifact too."""
    unmatched: tuple[Left, ...]
    """Artifacts whose names match no pattern, downloaded or not."""
    running: tuple[Job, ...]
    without: tuple[tuple[Job, Configuration | None], ...]
    """Jobs that ended, of configurations that have no artifact, or of none (None)."""


def read(text: str) -> Pattern:
    """Read one pattern; raises UsageError."""
    return Pattern(*configurations.parse(text, FORM))


def read_file(text: str, name: str = "the file of patterns") -> tuple[Pattern, ...]:
    """Read a file: one pattern a line; blank lines, and those that begin with #, say nothing.

    Raises UsageError, which gives the file's name and the line's number.
    """
    found = []
    for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), 1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        try:
            found.append(read(line))
        except UsageError as error:
            raise UsageError(f"{name}, line {number}: {error}") from None
    if not found:
        raise UsageError(f"{name} holds no pattern; write one a line: {FORM}")
    return tuple(found)


def configuration(name: str, patterns: Sequence[Pattern]) -> Configuration | None:
    """Return whose a job or an artifact is: the first pattern's that matches, or None.

    Without any pattern, all are the unnamed configuration's.
    """
    if not patterns:
        return Configuration()
    matching = (each for each in patterns if fnmatch.fnmatchcase(name, each.glob))
    return next((each.configuration for each in matching), None)


def wanted(patterns: Sequence[Pattern]) -> Callable[[str], bool]:
    """Return what tells whether an artifact of that name is any configuration's."""
    return lambda name: configuration(name, patterns) is not None


def agreed(patterns: Sequence[Pattern]) -> tuple[Pattern, ...]:
    """Return the patterns, each configuration with its marker, which need be given but once.

    Raises UsageError where one name has two markers.
    """
    markers: dict[str, Configuration] = {}
    for each in patterns:
        name = each.configuration.name
        known = markers.get(name, Configuration(name)).marker
        marker = each.configuration.marker
        if known is not None and marker is not None and known != marker:
            raise UsageError(
                f"the configuration {name!r} has two markers, {known.text!r} and {marker.text!r};"
                " give it one, or give two names"
            )
        markers[name] = Configuration(name, marker or known)
    return tuple(Pattern(markers[each.configuration.name], each.glob) for each in patterns)


def assign(fetched: Fetched, patterns: Sequence[Pattern]) -> Assigned:
    """Give each artifact to its configuration, and name what that leaves.

    Raises UsageError where no artifact is any configuration's: that says nothing of any test.
    """
    patterns = agreed(patterns)
    known = [each.configuration for each in patterns] or [Configuration()]
    found: dict[Configuration, list[Artifact]] = {each: [] for each in known}
    unmatched = []
    for artifact in fetched.artifacts:
        its = configuration(artifact.name, patterns)
        if its is None:
            unmatched.append(Left(artifact.name, artifact.run))
        else:
            found[its].append(artifact)
    is_wanted = wanted(patterns)
    unmatched += [each for each in fetched.unwanted if not is_wanted(each.name)]
    if not any(found.values()):
        raise UsageError(_nothing(fetched, unmatched, patterns))
    theirs = [(job, configuration(job.name, patterns)) for job in fetched.ended]
    return Assigned(
        tuple((each, tuple(artifacts)) for each, artifacts in found.items()),
        tuple(unmatched),
        fetched.running,
        tuple((job, its) for job, its in theirs if its is None or not found[its]),
    )


def _nothing(fetched: Fetched, unmatched: list[Left], patterns: Sequence[Pattern]) -> str:
    names = sorted({each.name for each in unmatched})
    more = ", ..." * (len(names) > _SHOWN)
    there = ", ".join(map(repr, names[:_SHOWN])) + more or "none"
    globs = ", ".join(repr(each.glob) for each in patterns) or "none"
    return (
        f"no artifact of {fetched.repository} at {fetched.commit} is any configuration's: there"
        f" are {there}; patterns are {globs}; correct the patterns"
    )
