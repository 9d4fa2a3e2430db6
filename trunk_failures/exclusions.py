"""Exclusions: which of the collected tests are disabled or failing on trunk, and why."""

from __future__ import annotations

import bisect
import re
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import NamedTuple

from trunk_failures import ids, matching
from trunk_failures.errors import UsageError
from trunk_failures.statuses import Disabled

REGEX = "re:"

Pattern = Callable[[str], bool]
"""Tells whether a text is as wanted."""


class Excluded(NamedTuple):
    """A collected test's id, and what trunk's status has on it: one entry, or several."""

    id: str
    because: tuple[Disabled, ...]

    @property
    def issues(self) -> tuple[str, ...]:
        """The issues, each once."""
        return tuple(dict.fromkeys(each.issue for each in self.because if each.issue))

    @property
    def reason(self) -> str:
        """Why, in words."""
        return "; ".join(dict.fromkeys(map(reason, self.because)))


class Exclusions(NamedTuple):
    """What is excluded, in the order of the collection, and what is kept.

    `unmatched` are the status's entries that no collected test is.
    """

    excluded: tuple[Excluded, ...]
    kept: tuple[str, ...]
    unmatched: tuple[Disabled, ...]


def reason(disabled: Disabled) -> str:
    """Return why a test is in trunk's status, in words."""
    if disabled.runs:
        counted = f"failed in {disabled.failed} of {disabled.runs} runs of trunk"
        return f"{disabled.reason} ({counted})" if disabled.reason else counted
    return disabled.reason or "disabled on trunk"


def follow(
    collected: Sequence[str],
    disabled: Collection[Disabled],
    patterns: Sequence[Pattern] = (),
) -> Exclusions:
    """Return what follows from a status for the tests that were collected.

    Where patterns are given, only a test whose id or file is as one of them wants is excluded.
    """
    names = [*map(_name, collected)]
    matcher = matching.Matcher(matching.candidates(disabled, {*names}))
    excluded, kept = [], []
    matched: set[int] = set()
    for node_id, name in zip(collected, names):
        if not matcher.knows(name):  # Nearly all tests.
            kept.append(node_id)
            continue
        found = matcher.find(ids.of_item(node_id))
        matched.update(map(id, found))
        if found and (not patterns or _is_wanted(node_id, patterns)):
            excluded.append(Excluded(node_id, tuple(dict.fromkeys(found))))
        else:
            kept.append(node_id)
    unmatched = tuple(each for each in disabled if id(each) not in matched)
    return Exclusions(tuple(excluded), tuple(kept), unmatched)


def _name(node_id: str) -> str:
    """Return the name of an id's test, without its parameters."""
    name = matching.own_name(node_id).rpartition("::")[2]
    return name if name.isidentifier() else matching.own_name(ids.of_item(node_id).name)


def without(found: Exclusions, node_ids: Collection[str]) -> Exclusions:
    """Return exclusions without those of some ids, which are kept after all."""
    if not node_ids:
        return found
    excluded = tuple(each for each in found.excluded if each.id not in node_ids)
    return found._replace(excluded=excluded, kept=(*found.kept, *node_ids))


def beginning_others(excluded: Iterable[str], kept: Iterable[str]) -> list[str]:
    """Return the excluded ids that kept ids begin with, in order.

    pytest's `--deselect` takes an id for the beginning of ids, and would leave those out too.
    """
    ordered = sorted(kept)
    found = []
    for each in excluded:
        # All that begins with it stands together, from where itself would stand.
        at = bisect.bisect_left(ordered, each)
        if at < len(ordered) and ordered[at].startswith(each):
            found.append(each)
    return found


def pattern(text: str) -> Pattern:
    """Return what `--match` means: a glob, or after `re:` a regular expression that is searched.

    Raises UsageError where it is no regular expression.
    """
    if text.startswith(REGEX):
        try:
            compiled = re.compile(text.removeprefix(REGEX))
        except re.error as error:
            raise UsageError(
                f"--match {text!r} is no regular expression: {error}; mend it, or give a glob, as"
                f" in --match 'tests/nn/*'"
            ) from None
        return lambda name: compiled.search(name) is not None
    import fnmatch

    glob = re.compile(fnmatch.translate(text))
    return lambda name: glob.match(name) is not None


def _is_wanted(node_id: str, patterns: Sequence[Pattern]) -> bool:
    file = node_id.partition("::")[0]
    return any(wanted(node_id) or wanted(file) for wanted in patterns)
