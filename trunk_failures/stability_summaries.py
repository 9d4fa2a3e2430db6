"""Stability summaries: what there is to say of all tests, and which failures have one cause."""

from __future__ import annotations

import collections
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from trunk_failures import recommendations
from trunk_failures.history_statuses import DisabledTest
from trunk_failures.recommendations import Action, Policy, Recommendation
from trunk_failures.stability import Stability, Verdict
from trunk_failures.trials import Run

_ORDER = {verdict: place for place, verdict in enumerate(Verdict)}


class Row(NamedTuple):
    """One test in one configuration: how stable it is and what to do about it.

    `listed` has the entries that list it, as paths below the test directory. `sharing` is how many
    tests that fail now and then, or always, have the same last error, this one among them.
    `ambiguous` tells that a test of another file has the same key.
    """

    stability: Stability
    listed: Sequence[str]
    recommendation: Recommendation
    sharing: int = 0
    ambiguous: bool = False


class Cause(NamedTuple):
    """An error and the tests that fail with it, by their keys."""

    error: str
    tests: Sequence[str]


class Summary(NamedTuple):
    """What there is to say of a history.

    `runs` is how many count, `outcomes` about how many outcomes there are. `verdicts` counts all
    tests, of which `rows` has those to be told of; `set_aside` are runs that do not count, and
    `disabled` the tests that trunk disabled at any time.
    """

    history: str
    runs: int
    configurations: Sequence[str]
    verdicts: collections.Counter[Verdict]
    rows: Sequence[Row]
    causes: Sequence[Cause]
    set_aside: Sequence[Run]
    disabled: Sequence[DisabledTest]

    @property
    def counts(self) -> str:
        """How many tests have which verdict, in words."""
        found = [f"{self.verdicts[each]} {each.value}" for each in Verdict if self.verdicts[each]]
        return ", ".join(found) or "no tests"


class Told(NamedTuple):
    """The rows of some tests and how many of all have which verdict."""

    rows: list[Row]
    verdicts: collections.Counter[Verdict]


def rows(
    found: Iterable[Stability],
    listed: Callable[[Stability], Sequence[str]],
    policy: Policy,
    everything: bool = False,
    staying: Callable[[Stability], str] = lambda found: "",
) -> Told:
    """Return the rows of the tests to be told of; of all of them, where everything is wanted.

    `listed` returns the entries of a test, and `staying` why they stay, however often it passed.
    """
    verdicts: collections.Counter[Verdict] = collections.Counter()
    kept = []
    for each in found:
        verdicts[each.verdict] += 1
        entries = listed(each)
        if everything or entries or is_notable(each):
            advice = recommendations.recommend(each, bool(entries), policy)
            if advice.action is Action.UNLIST and (reason := staying(each)):
                advice = recommendations.kept_back(advice, reason)
            kept.append(Row(each, entries, advice))
    sharing = {cause.error: len(cause.tests) for cause in causes(kept)}
    places: dict[str, set[str]] = {}
    for row in kept:
        places.setdefault(row.stability.key, set()).add(row.stability.place)
    shown = [
        row._replace(
            sharing=sharing[row.stability.error] if _fails(row) else 0,
            ambiguous=len(places[row.stability.key]) > 1,
        )
        for row in kept
    ]
    return Told(sorted(shown, key=_order), verdicts)


def without_the_rest(summary: Summary) -> Summary:
    """Return a summary of all tests without those of which there is nothing to say."""
    told = [row for row in summary.rows if row.listed or is_notable(row.stability)]
    return summary._replace(rows=told)


def is_notable(found: Stability) -> bool:
    """Tell whether a test is to be told of that no list names."""
    if found.verdict in (Verdict.NEW, Verdict.NOT_SEEN):
        return found.failures_in_a_row > 0 and found.verdict is Verdict.NEW
    return found.verdict is not Verdict.STABLE


def causes(found: Iterable[Row]) -> list[Cause]:
    """Return the errors that tests fail with, that of the most tests first."""
    groups: dict[str, set[tuple[str, str]]] = {}
    for row in found:
        if _fails(row):
            named = row.stability.key, row.stability.place
            groups.setdefault(row.stability.error, set()).add(named)
    made = [Cause(error, [key for key, _ in sorted(tests)]) for error, tests in groups.items()]
    return sorted(made, key=lambda each: (-len(each.tests), each.error))


def groups(found: Iterable[Row]) -> list[list[Row]]:
    """Return rows with those together that are one: broken tests of one configuration and cause."""
    made: dict[tuple[object, ...], list[Row]] = {}
    for number, row in enumerate(found):
        each = row.stability
        one = each.verdict is Verdict.BROKEN and row.sharing > 1
        cause = (each.configuration, each.error, row.recommendation.action, bool(row.listed))
        made.setdefault(cause if one else (number,), []).append(row)
    return [*made.values()]


def _fails(row: Row) -> bool:
    found = row.stability
    failing = found.verdict in (Verdict.BROKEN, Verdict.FLAKY) or found.failures_in_a_row > 0
    return failing and found.verdict is not Verdict.NOT_SEEN and bool(found.error)


def _order(row: Row) -> tuple[object, ...]:
    found = row.stability
    unlisting = row.recommendation.action is not Action.UNLIST
    return _ORDER[found.verdict], unlisting, found.key, found.place, found.configuration
