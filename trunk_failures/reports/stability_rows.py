"""Stability rows: how one test, a run, a time and a share are told, in whichever report."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Sequence

from trunk_failures import statuses
from trunk_failures.history_statuses import DisabledTest
from trunk_failures.recommendations import counted
from trunk_failures.stability import Stability
from trunk_failures.stability_summaries import Row
from trunk_failures.trials import Run

NAMED = 3
"""Tests of one cause that are named."""

_UNITS = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))


def moment(seconds: int) -> str:
    """Return a time as statuses have it; one that no calendar has, as it is."""
    try:
        return statuses.moment(datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc))
    except (OverflowError, OSError, ValueError):
        return str(seconds)


def run(found: Run | None) -> str:
    """Return a run in words, with its commit and its time; "" for none."""
    if found is None:
        return ""
    commit = f"{found.commit[:12]}, " if found.commit else ""
    return f"run {found.name} ({commit}{moment(found.time)})"


def rate(found: Stability) -> str:
    """Return the share of passes with its interval."""
    if found.rate is None:
        return "-"
    low, high = (100 * each for each in found.interval)
    return f"{100 * found.rate:.1f} % ({low:.1f}-{high:.1f})"


def numbers(group: Sequence[Row]) -> tuple[str, str, str]:
    """Return how many runs there were, the share of passes, and the flips.

    Of several tests it is each from the least to the most.
    """
    tests = [row.stability for row in group]
    shares = [100 * (each.rate or 0.0) for each in tests]
    same = len({rate(each) for each in tests}) == 1
    share = rate(tests[0]) if same else f"{min(shares):.1f}-{max(shares):.1f} %"
    return _range({each.runs for each in tests}), share, _range({each.flips for each in tests})


def _range(found: Collection[int]) -> str:
    low, high = min(found), max(found)
    return str(low) if low == high else f"{low}-{high}"


def duration(seconds: float) -> str:
    """Return seconds in the largest unit of which they are two or more, such as `3 h`."""
    for size, unit in _UNITS:
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"


def subject(group: Sequence[Row]) -> str:
    """Return the name of a test, or the names of some that are one and how many more there are.

    The file is told of what would be taken for another test.
    """
    names = [
        f"{row.stability.key} ({row.stability.place})" if row.ambiguous else row.stability.key
        for row in group
    ]
    if len(names) == 1:
        return names[0]
    more = ", ..." if len(names) > NAMED else ""
    return f"{len(names)} tests: {', '.join(names[:NAMED])}{more}"


def since(group: Sequence[Row]) -> str:
    """Return since when a test fails, in words, or when it passed for the last time; or "".

    Of several, which all fail, the first and the last are told where they are not of one run.
    """
    if len({course(row.stability) for row in group}) == 1:
        return course(group[0].stability)
    begun = [
        (row.stability.failing_since, row.stability.last_pass is None)
        for row in group
        if row.stability.failing_since is not None
    ]
    begun.sort(key=lambda each: (each[0].time, not each[1]))
    (first, unsure), (last, _) = begun[0], begun[-1]
    before = " or before" if unsure else ""
    after = f", the last of them since {run(last)}" if last != first else ""
    return f"failing since {run(first)}{before}{after}"


def course(found: Stability) -> str:
    """Return how one test came to where it is, as `since` does."""
    if found.failing_since is not None:
        times = f"{found.failures_in_a_row} in a row"
        since = f"failing since {run(found.failing_since)}"
        if not found.last_pass:  # Runs of before may be deleted by now, or not asked for.
            return f"{since} or before, {times}"
        return f"{since}, {times}, last pass {run(found.last_pass)}"
    if found.recovery is None:
        return ""
    mean = duration(found.recovery)
    passes = counted(found.passes_in_a_row, "pass", "es")
    return f"{passes} in a row, mean time to recover {mean}"


def cause(group: Sequence[Row]) -> str:
    """Return the last error and how many tests share it; "" for none."""
    row = group[0]
    if not row.stability.error:
        return ""
    shared = f" ({row.sharing} tests)" if row.sharing > 1 else ""
    return f"{row.stability.error}{shared}"


def advice(group: Sequence[Row]) -> str:
    """Return what to do, and why; of several tests, why so of one of them."""
    found = group[0].recommendation
    if not found.why:
        return ""
    same = len({row.recommendation.why for row in group}) == 1
    why = found.why if same else f"of {group[0].stability.key}: {found.why}; the others likewise"
    return why if found.action.value in why else f"{found.action.value}: {why}"


def disabled(found: DisabledTest) -> str:
    """Return since when a test is disabled, how often it was before, and its issue."""
    before = len(found.spans) - 1
    times = f", {counted(before, 'time')} before" if before else ""
    return f"{found.name}: since {moment(found.spans[-1].since)}{times}  {found.issue}".rstrip()
