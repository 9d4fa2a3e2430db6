"""Notifications: what changed since people were last told, as values. Pure.

A change is told once: what makes it this change and no other is its identity. Of a test that fails
and passes by turns one episode is told, from its first failure until it is flaky no more, or passes
for long.
"""

from __future__ import annotations

import datetime
import enum
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from trunk_failures.entries import Entry
from trunk_failures.recommendations import counted
from trunk_failures.stability import Stability, Verdict

DAY = 86400
SHOWN = 5
"""Names that the sentence of a first look has of each kind."""

ONCE, BY_TURNS = 3, 20
"""Passes in a row after which a flaky test has recovered: one that failed once, and any other."""

ALIKE = 4
"""The most tests of one cause that are told of one by one."""


class Kind(enum.Enum):
    """What changed; the value is the word for it. In the order in which they are told."""

    FAILING = "newly failing"
    LONG = "failing for long"
    RECOVERED = "recovered"
    DISABLED = "newly disabled on trunk"
    ENABLED = "enabled again on trunk"
    EXPIRED = "entry expired"
    EXPIRING = "entry about to expire"
    STALE = "status not fetched"
    WATCHED = "now watched"


FIRST, LISTS = "tests", "lists"
"""What the sentence of a first look is about: a configuration's tests, a directory's lists."""

TESTS = (Kind.FAILING, Kind.LONG, Kind.RECOVERED)
"""The kinds that are about what a test came to in runs."""


class Subject(NamedTuple):
    """A test in one configuration, on one branch ("" for all of them)."""

    key: str
    place: str = ""
    configuration: str = ""
    branch: str = ""


class Since(NamedTuple):
    """The run that something began with; the time is in seconds since 1970."""

    run: str
    time: int = 0
    commit: str = ""


class Change(NamedTuple):
    """One thing to tell.

    `subject.key` is a test's key, an entry's path or a status's name; what trunk disables has the
    test's name, and the source of the status as its place. `since` is what makes it this change:
    the run in which the failures began, the date of an entry, the moment of a status.
    `detail` is the normalised error, or a sentence. `elsewhere` has the other configurations, and
    branches, in which the test fails now. `entry` has the paths of what lists the test.
    """

    kind: Kind
    subject: Subject
    since: Since
    detail: str = ""
    elsewhere: tuple[str, ...] = ()
    entry: str = ""
    owner: str = ""

    @property
    def identity(self) -> tuple[str, ...]:
        """What no other change has."""
        return (self.kind.name, *self.subject, self.since.run)

    @property
    def test(self) -> tuple[str, str]:
        """The test's key and place."""
        return self.subject.key, self.subject.place


class Memory(NamedTuple):
    """What is remembered of a branch: the failing tests, and the configurations looked at."""

    failing: Mapping[Subject, Since] = {}
    watched: frozenset[str] = frozenset()


class Decision(NamedTuple):
    """What follows: the changes to tell, those that are known now without a word, the memory."""

    changes: tuple[Change, ...]
    silent: tuple[Change, ...]
    memory: Memory


def of_tests(
    found: Iterable[Stability],
    memory: Memory,
    now: int,
    days: int,
    branch: str = "",
    everything: bool = False,
    listed: Callable[[Stability], Sequence[str]] = lambda found: (),
    others: Iterable[Subject] = (),
) -> Decision:
    """Return what changed of the tests of a branch.

    In a configuration that is looked at for the first time what fails is no change: one sentence
    tells of it, unless `everything` is to be told. What was not run lately stays as it was.
    `listed` says which entries list a test, and `others` has what fails on other branches.
    """
    failing = dict(memory.failing)
    told: list[Change] = []
    silent: list[Change] = []
    sights: dict[str, set[str]] = {}
    seen: set[Subject] = set()
    for each in found:
        sight = sights.setdefault(each.configuration, set())
        subject = Subject(each.key, each.place, each.configuration, branch)
        changes = [*_of_test(each, subject, failing, now, days)]
        if changes:
            entry = ", ".join(listed(each))
            changes = [change._replace(entry=entry) for change in changes]
        if not everything and each.configuration not in memory.watched:
            silent += changes
        else:
            # What is new is not told as what lasts, too, however late it is told.
            told += changes[:1]
            silent += changes[1:]
        if subject in failing:
            sight.add(each.key)
            if each.verdict is not Verdict.NOT_SEEN:
                seen.add(subject)
    told = _with_elsewhere(told, [*seen, *others])
    if not everything:
        first = sorted(sights.keys() - memory.watched)
        told += [_first_sight(name, sights[name], branch, now) for name in first]
    return Decision(
        tuple(in_order(told)), tuple(silent), Memory(failing, memory.watched | sights.keys())
    )


def _of_test(
    found: Stability, subject: Subject, failing: dict[Subject, Since], now: int, days: int
) -> Iterable[Change]:
    """Yield what changed of one test, and remember it."""
    if found.verdict is Verdict.NOT_SEEN:
        return
    began = found.failing_since
    if began is None:
        if subject in failing and _has_recovered(found):
            yield _recovered(found, subject, failing.pop(subject))
        return
    since = Since(began.name, began.time, began.commit)
    if subject not in failing:
        failing[subject] = since
        yield Change(Kind.FAILING, subject, since, found.error)
    # Of one that passes at times the failures in a row are what is long.
    if now - began.time > days * DAY:
        yield Change(Kind.LONG, subject, failing[subject]._replace(time=began.time), found.error)


def _has_recovered(found: Stability) -> bool:
    if found.verdict is not Verdict.FLAKY:
        return True
    # A failure among many passes is flaky for ever, as far as the rate of passes says.
    return found.passes_in_a_row >= (ONCE if found.flips <= 2 else BY_TURNS)


def _recovered(found: Stability, subject: Subject, since: Since) -> Change:
    run = found.last_run
    times = f"{found.passes_in_a_row} pass{'' if found.passes_in_a_row == 1 else 'es'} in a row"
    last = f", the last in run {run.name}" if run is not None else ""
    return Change(Kind.RECOVERED, subject, since, f"{times}{last}")


def _with_elsewhere(changes: Iterable[Change], failing: Iterable[Subject]) -> list[Change]:
    """Return changes with the other configurations, and branches, in which their tests fail."""
    found: dict[tuple[str, str], set[Subject]] = {}
    for subject in failing:
        found.setdefault(subject[:2], set()).add(subject)
    return [
        each._replace(
            elsewhere=tuple(
                sorted(
                    _where(subject, each.subject.branch)
                    for subject in found.get(each.test, set()) - {each.subject}
                )
            )
        )
        for each in changes
    ]


def _where(subject: Subject, branch: str) -> str:
    """Return where a test fails, as those who look at a branch call it."""
    if subject.branch == branch:
        return subject.configuration
    return f"{subject.configuration} on {subject.branch}".strip()


def _first_sight(configuration: str, sight: Iterable[str], branch: str, now: int) -> Change:
    keys = sorted(sight)
    detail = f"{counted(len(keys), 'test')} {'fails' if len(keys) == 1 else 'fail'} now"
    if keys:
        detail += f" ({shortened(keys)})"
    subject = Subject(FIRST, "", configuration, branch)
    return Change(Kind.WATCHED, subject, Since("", now), f"{detail}; changes are told from now on")


def of_entries(
    entries: Iterable[Entry], today: datetime.date, within: int, first: bool, where: str = ""
) -> tuple[list[Change], list[Change]]:
    """Return what is to be told of entries that expired, or will within days, and what is not.

    At the first look at the lists of `where` they are no change, and one sentence tells of them.
    """
    found = [*filter(None, (_of_entry(each, today, within) for each in entries))]
    if not first:
        return in_order(found), []
    if not found:
        return [], []
    paths = [each.subject.key for each in found]
    count = f"{len(found)} entr{'y' if len(found) == 1 else 'ies'}"
    detail = f"{count} expired, or will within {within} days ({shortened(paths)})"
    told = Change(Kind.WATCHED, Subject(LISTS, where), Since(""), detail)
    return [told], found


def _of_entry(entry: Entry, today: datetime.date, within: int) -> Change | None:
    date = entry.unreadable_date or (str(entry.expires) if entry.expires else "")
    if not date:
        return None

    def change(kind: Kind, detail: str) -> Change:
        subject, since = Subject(entry.path), Since(date)
        return Change(kind, subject, since, detail, (), entry.path, entry.owner)

    if entry.unreadable_date:
        return change(Kind.EXPIRED, f"{date!r} is no date, and counts as expired")
    if entry.expired(today):
        return change(Kind.EXPIRED, entry.reason)
    assert entry.expires is not None
    if (entry.expires - today).days <= within:
        return change(Kind.EXPIRING, entry.reason)
    return None


def in_order(changes: Iterable[Change]) -> list[Change]:
    """Return changes as they are told: by kind, then by what they are about."""
    order = [*Kind]
    return sorted(changes, key=lambda each: (order.index(each.kind), each.subject, each.since))


def first_looks(changes: Iterable[Change]) -> set[str]:
    """Return what the sentences of first looks among changes are about."""
    return {each.subject.key for each in changes if each.kind is Kind.WATCHED}


def by_test(changes: Iterable[Change]) -> list[tuple[Change, ...]]:
    """Return the changes of each test."""
    found: dict[tuple[str, str], list[Change]] = {}
    for each in changes:
        found.setdefault(each.test, []).append(each)
    return [*map(tuple, found.values())]


def by_cause(changes: Iterable[Change]) -> list[tuple[Change, ...]]:
    """Return changes in groups that are told as one.

    The changes of a test are one group, and so are those of more than `ALIKE` tests that fail with
    one error.
    """
    by_error: dict[str, list[tuple[Change, ...]]] = {}
    for group in by_test(changes):
        by_error.setdefault(group[0].detail, []).append(group)
    found: list[tuple[Change, ...]] = []
    for error, groups in by_error.items():
        alike = bool(error) and len(groups) > ALIKE
        found += [tuple(each for group in groups for each in group)] if alike else groups
    return found


def shortened(names: Sequence[str]) -> str:
    """Return the first names, and how many more there are."""
    more = f" and {len(names) - SHOWN} more" * (len(names) > SHOWN)
    return f"{', '.join(names[:SHOWN])}{more}"
