"""Recommendations: what to do about a test, and with what confidence. Pure.

A test that was not run is left alone, and a regression is mended, never listed as flaky.
"""

from __future__ import annotations

import enum
import math
from typing import NamedTuple

from trunk_failures import intervals
from trunk_failures.stability import Stability, Verdict

AT_MOST = 0.02
"""The share of failures that a test may have left and be unlisted."""


class Action(enum.Enum):
    """What to do about a test; the value is the word for it."""

    UNLIST = "may be unlisted"
    KEEP = "keep listed"
    LIST_FAILURE = "list as an expected failure"
    LIST_SKIP = "list as a skip"
    MEND = "mend"
    NOTHING = "nothing"


class Policy(NamedTuple):
    """What has to be said, and how surely, before a test may be unlisted; shares from 0 to 1."""

    confidence: float = intervals.CONFIDENCE
    at_most: float = AT_MOST


class Recommendation(NamedTuple):
    """What to do about a test and why, in words; `confidence` is the one that they state."""

    action: Action
    why: str = ""
    confidence: float | None = None


def recommend(
    found: Stability, listed: bool, policy: Policy = Policy()
) -> Recommendation:
    """Return what to do about a test that is, or is not, listed."""
    if found.verdict is Verdict.NOT_SEEN:
        lately = "not run lately" if found.runs else "none of these runs ran it"
        why = f"{lately}, and not run is not passed" if listed else ""
        return Recommendation(Action.KEEP if listed else Action.NOTHING, why)
    return _of_listed(found, policy) if listed else _of_unlisted(found, policy)


def kept_back(advice: Recommendation, reason: str) -> Recommendation:
    """Return the advice to keep a test listed that may be unlisted but for a reason."""
    passed = advice.why.removesuffix(f", {Action.UNLIST.value}")
    return Recommendation(Action.KEEP, f"{passed}; but {reason}", advice.confidence)


def _of_listed(found: Stability, policy: Policy) -> Recommendation:
    passes = found.passes_in_a_row
    if not passes:
        times = counted(found.failures_in_a_row, "failure")
        return Recommendation(Action.KEEP, f"it fails: {times} in a row")
    bound = intervals.failing_at_most(passes, policy.confidence)
    said = f"{counted(passes, 'pass', 'es')}, no failure{' since' if passes < found.runs else ''}"
    stated = f"at most {_rounded_up(bound)} % failing at {100 * policy.confidence:g} %"
    if bound <= policy.at_most:
        why = f"{said}: {stated}, may be unlisted"
        return Recommendation(Action.UNLIST, why, policy.confidence)
    needed = intervals.passes_needed(policy.at_most, policy.confidence)
    why = f"{said}: {stated}; {needed - passes} more needed for {100 * policy.at_most:g} %"
    return Recommendation(Action.KEEP, why, policy.confidence)


def _of_unlisted(found: Stability, policy: Policy) -> Recommendation:
    if found.regression and found.failing_since is not None:
        since = found.failing_since
        where = f" at commit {since.commit}" if since.commit else ""
        why = f"a regression: it passed before run {since.name}{where}; not to be listed"
        return Recommendation(Action.MEND, why)
    low, high = intervals.wilson(found.runs - found.passes, found.runs, policy.confidence)
    percent = f"{100 * low:.1f} to {100 * high:.1f} %"
    stated = f"{percent} failing at {100 * policy.confidence:g} %"
    failures = counted(found.runs - found.passes, "failure")
    seen = f"{failures} in {counted(found.runs, 'run')}: {stated}"
    surely = intervals.failing_at_most(found.passes_in_a_row, policy.confidence)
    if found.verdict is Verdict.FLAKY and surely > policy.at_most:
        return Recommendation(Action.LIST_SKIP, f"flaky, {seen}", policy.confidence)
    if found.verdict is Verdict.BROKEN:
        return Recommendation(Action.LIST_FAILURE, f"no pass is known, {seen}", policy.confidence)
    return Recommendation(Action.NOTHING)


def counted(count: int, noun: str, ending: str = "s") -> str:
    """Return a number of things in words."""
    return f"{count} {noun}{'' if count == 1 else ending}"


def _rounded_up(share: float) -> str:
    """Return a share as per cent of two digits that is not less than it."""
    percent = 100 * share
    digits = 1 - math.floor(math.log10(percent)) if percent else 0
    scale = 10.0**digits
    return f"{math.ceil(percent * scale - 1e-9) / scale:g}"
