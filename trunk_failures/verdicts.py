"""Verdicts: what an outcome means for a test that is listed."""

from __future__ import annotations

import enum
from typing import NamedTuple

from trunk_failures import entries, lists, outcomes, patterns
from trunk_failures.errors import EntryError


class Verdict(enum.Enum):
    """What is said of a test; the value is the word that result lines carry."""

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"
    SKIPPED = "skipped"
    EXPECTED_FAILURE = "expected failure"
    UNEXPECTED_SUCCESS = "unexpected success"
    FAILS_DIFFERENTLY = "fails differently"
    SKIP_LISTED_FAILED = "skip-listed and failed"
    SKIP_LISTED_PASSED = "skip-listed and passed"
    CRASHED = "crashed"
    NOT_RUN = "not run"


WORDS = {verdict.value: verdict for verdict in Verdict}
"""Each verdict by the word for it."""

PROPERTY = "trunk_failures.verdict"
"""The property of a report by which the pytest plugin says the verdict on a listed test."""


class Ruling(NamedTuple):
    """A verdict and what people read of it; no verdict leaves the test as it is.

    `text` is the sentence, or its beginning where the failures that were seen follow it.
    """

    verdict: Verdict | None
    text: str = ""
    outcome: outcomes.Outcome = outcomes.Outcome(outcomes.NOTHING)

    @property
    def message(self) -> str:
        """The sentence that people read."""
        return self.said[0]

    @property
    def error(self) -> str:
        """The first failure that was seen, as "Type: first line", or empty."""
        return self.said[1]

    @property
    def said(self) -> tuple[str, str]:
        """The message and the error; each look at them asks the exceptions for their texts."""
        seen = [*map(str, self.outcome.failures)]
        return self.text + "; ".join(seen), seen[0] if seen else ""


AS_IT_IS = Ruling(None)


def decide(entry: entries.Entry, outcome: outcomes.Outcome, reason: str = "") -> Ruling:
    """Return the ruling on a listed test; the table of design section 6.

    `reason` is the decorator's, for an entry that gives none. An entry that cannot be applied
    to the failure (its `match` takes too long) is an ERROR, never a suppression.
    """
    skip = entry.kind == lists.SKIPS
    if outcome.state == outcomes.PASSED:
        return _passed(entry, skip)
    if outcome.state != outcomes.FAILED:
        return AS_IT_IS
    if entry.raises or entry.match:
        ruling = _differs(entry, outcome)
        if ruling is not None:
            return ruling
    verdict = Verdict.SKIP_LISTED_FAILED if skip else Verdict.EXPECTED_FAILURE
    because = entry.reason or reason
    return Ruling(verdict, f"`{entry.path}`{f' ({because})' if because else ''}: ", outcome)


def not_run(entry: entries.Entry, reason: str = "") -> Ruling:
    """Return the ruling on a test whose entry says `run: never`."""
    because = entry.reason or reason
    text = f"not run, as `{entry.path}` says{f' ({because})' if because else ''}"
    return Ruling(Verdict.NOT_RUN, text)


def _passed(entry: entries.Entry, skip: bool) -> Ruling:
    if skip:
        return Ruling(
            Verdict.SKIP_LISTED_PASSED, f"This test passed, maybe we can remove `{entry.path}`"
        )
    return Ruling(
        Verdict.UNEXPECTED_SUCCESS, f"Unexpected success, please remove `{entry.path}`"
    )


def _differs(entry: entries.Entry, outcome: outcomes.Outcome) -> Ruling | None:
    """Return the ruling on failures that are not all as the entry says, else None."""
    try:
        other = [
            error
            for error in outcome.errors
            if not _expected(entry, outcomes.signature(error))
        ]
    except EntryError as fault:
        return Ruling(Verdict.ERROR, f"`{entry.path}`: {fault}; the test failed: ", outcome)
    if not other:
        return None
    text = f"{entry.key} fails differently: `{entry.path}` expects {_expectation(entry)}, seen was "
    return Ruling(
        Verdict.FAILS_DIFFERENTLY, text, outcomes.Outcome(outcomes.FAILED, tuple(other))
    )


def _expected(entry: entries.Entry, failure: outcomes.Signature) -> bool:
    if entry.raises and not set(entry.raises).intersection(failure.types):
        return False
    return not entry.match or patterns.search(entry.match, failure.message)


def _expectation(entry: entries.Entry) -> str:
    parts = []
    if entry.raises:
        parts.append(" or ".join(entry.raises))
    if entry.match:
        parts.append(f"a message that matches {entry.match!r}")
    return " with ".join(parts)
