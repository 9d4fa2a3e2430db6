"""What tests of updates share: results and lists as values, and what changes make of lists."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from trunk_failures import lists, markers, updates
from trunk_failures.changes import Address, Change
from trunk_failures.configurations import Configuration
from trunk_failures.lists import Folder, Listing, Lists
from trunk_failures.proposals import Policy
from trunk_failures.results.collecting import Collected
from trunk_failures.results.spool import Record, Spool, Spools
from trunk_failures.updates import Decision, Limits

XFAILS, SKIPS = lists.EXPECTED_FAILURES, lists.SKIPS
TODAY = datetime.date(2026, 1, 15)
PAST = "2026-01-14"
POLICY = Policy("trunk")
GOOD = updates.KNOWN_GOOD
NO_LIMITS = Limits(max_new=10**6, max_failing=2)
"""Nothing is refused."""

PY311, PY312, FROM_311, LINUX = (
    'python_version == "3.11"',
    'python_version == "3.12"',
    'python_version >= "3.11"',
    'sys_platform == "linux"',
)

Model = dict[Address, dict[str, str]]
"""Lists: where each entry is, and its fields."""


def configuration(name: str, marker: str = "") -> Configuration:
    """Return a configuration whose marker is given as text."""
    return Configuration(name, markers.parse(marker) if marker else None)


CONFIGURATIONS = {
    each.name: each
    for each in (
        configuration(""),
        configuration("bare"),
        configuration("py311", PY311),
        configuration("py311 too", PY311),
        configuration("py312", PY312),
        configuration("py313", 'python_version == "3.13"'),
        configuration("from 3.11", FROM_311),
        configuration("linux", LINUX),
    )
}


def failure(key: str, test_file: str = "") -> Address:
    """Return the address of an expected failure in trunk's lists."""
    return Address("trunk", XFAILS, key, test_file)


def skip(key: str, test_file: str = "") -> Address:
    """Return the address of a skip in trunk's lists."""
    return Address("trunk", SKIPS, key, test_file)


def lists_of(model: Mapping[Address, Mapping[str, str]], test_dir: str | None = None) -> Lists:
    """Return lists that no disk holds."""
    folders: dict[tuple[str, str], dict[str, Folder]] = {}
    for (mode, kind, key, test_file), fields in model.items():
        below = folders.setdefault((mode, kind), {})
        place = f"tests/{mode}_{kind}/{test_file}".rstrip("/")
        folder = below.setdefault(test_file, Folder(place, set(), {}, lists.Read(place, {}, {})))
        folder.keys.add(key)
        assert folder.read is not None
        folder.read.contents[key] = "".join(f"{key}: {name}: {fields[name]}\n" for name in fields)
    listings = tuple(
        Listing(*each, below.pop("", Folder("", set(), {})), below)
        for each, below in sorted(folders.items())
    )
    loaded = Lists(test_dir, ("trunk",), listings)
    assert not loaded.in_both_kinds()
    return loaded


def collected(records: Iterable[Record], names: Sequence[str]) -> Collected:
    """Return what records say, the configurations' names given by number."""
    spool, spools = Spool(""), Spools("")
    for record in records:
        spool.add(record)
    spools.take(spool.done())
    return Collected(names, spools, 1, (), (), 0, ())


def told(
    results: Iterable[tuple[str, str, str, str]], **fields: Any
) -> tuple[list[Record], list[str]]:
    """Return records of (configuration, place, key, verdicts), and the configurations' names.

    Several verdicts are separated by commas, each of a run of its own.
    """
    results = list(results)
    names = sorted({name for name, _, _, _ in results})
    records = []
    for name, place, key, verdicts in results:
        scope, _, method = key.partition(".")
        for number, verdict in enumerate(verdicts.split(", ")):
            error = "" if verdict == "passed" else "ValueError: no"
            one = Record(names.index(name), number, place, scope, [method], verdict, error)
            records.append(one._replace(**fields))
    return records, names


def decide(
    results: Iterable[tuple[str, str, str, str]],
    model: Mapping[Address, Mapping[str, str]],
    test_dir: str | None = None,
    policy: Policy = POLICY,
    limits: Limits = NO_LIMITS,
) -> Decision:
    """Return what follows from results (see `told`) for lists."""
    records, names = told(results)
    known = {name: CONFIGURATIONS[name] for name in names if name != GOOD}
    return updates.decide(
        collected(records, names), lists_of(model, test_dir), known, policy, limits, TODAY
    )


def applied(
    model: Mapping[Address, Mapping[str, str]], changes: Iterable[Change | None]
) -> Model:
    """Return lists as changes leave them; no two changes may be of one entry."""
    made = [change for change in changes if change is not None]
    after = {address: dict(fields) for address, fields in model.items()}
    taken = [after.pop(change.before) if change.before else {} for change in made]
    for change, fields in zip(made, taken):
        if change.after is not None:
            assert change.after not in after
            fields.update(change.fields)
            after[change.after] = {name: text for name, text in fields.items() if text}
    return after
