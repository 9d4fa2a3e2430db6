"""Status changes: what there is to tell of trunk's statuses. Pure."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Set

from trunk_failures import statuses
from trunk_failures.history_statuses import DisabledTest
from trunk_failures.notifications import Change, Kind, Since, Subject, shortened
from trunk_failures.recommendations import counted

FIRST = "trunk's status"
"""What the sentence of a first look at a source is about."""


def of_status(
    name: str,
    fetched: datetime.datetime | None,
    now: datetime.datetime,
    hours: int,
    fault: str = "",
) -> Change | None:
    """Return what is to be told of a status: that it is old, or (`fault`) that there is none."""
    if fetched is None:
        return missing(name)._replace(detail=fault)
    age = max(now - fetched, datetime.timedelta())
    if age <= datetime.timedelta(hours=hours):
        return None
    since = Since(statuses.moment(fetched), int(fetched.timestamp()))
    return Change(Kind.STALE, Subject(name), since, f"it is {statuses.ago(age)}")


def missing(name: str) -> Change:
    """Return that there is no status of a name."""
    return Change(Kind.STALE, Subject(name), Since(""))


def of_disabled(
    tests: Iterable[DisabledTest],
    heard: Mapping[str, int],
    known: Set[tuple[str, str]],
    watched: Set[str],
    everything: bool = False,
) -> tuple[list[Change], set[tuple[str, str]]]:
    """Return what changed of the tests that trunk disables, and which are disabled now.

    Tests are (source, name). `heard` is when each source was heard last, `known` are those that
    were disabled at the last look, and `watched` the sources that were looked at before.
    """
    last = {(each.source, each.name): each for each in tests}
    now = {name for name, each in last.items() if each.now}
    found = []
    for source, time in heard.items():
        if source not in watched and not everything:
            found.append(_first_status(source, sorted(name for own, name in now if own == source)))
            continue
        found += [_disabled(last[test]) for test in sorted(now - known) if test[0] == source]
        found += [
            _enabled(*test, last.get(test), time)
            for test in sorted(known - now)
            if test[0] == source
        ]
    return found, now


def _disabled(test: DisabledTest) -> Change:
    detail = ", ".join(filter(None, (test.issue, test.platforms, test.reason)))
    since = test.spans[-1].since
    return Change(Kind.DISABLED, Subject(test.name, test.source), _moment(since), detail)


def _enabled(source: str, name: str, test: DisabledTest | None, heard: int) -> Change:
    """Return that a test is enabled again, at the latest when its source was heard last."""
    until = test.spans[-1].until if test else None
    issue = test.issue if test else ""
    return Change(Kind.ENABLED, Subject(name, source), _moment(until or heard), issue)


def _first_status(source: str, names: list[str]) -> Change:
    detail = f"{counted(len(names), 'test')} {'is' if len(names) == 1 else 'are'} disabled now"
    if names:
        detail += f" ({shortened(names)})"
    text = f"{detail}; changes are told from now on"
    return Change(Kind.WATCHED, Subject(FIRST, source), Since(""), text)


def _moment(time: int) -> Since:
    moment = datetime.datetime.fromtimestamp(time, datetime.timezone.utc)
    return Since(statuses.moment(moment), time)
