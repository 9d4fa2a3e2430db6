"""What all result files together say of each test."""

from __future__ import annotations

import collections
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from trunk_failures.results.spool import PASSED, Record
from trunk_failures.verdicts import WORDS, Verdict

NO_PLACE = "_FailedTest"
"""The scope of modules that do not load: whichever runner tells of them, the key says where."""

FAILURES = frozenset({Verdict.FAILED, Verdict.ERROR, Verdict.FAILS_DIFFERENTLY, Verdict.CRASHED})
_NOT_RUN = frozenset({Verdict.SKIPPED.value, Verdict.NOT_RUN.value})
_CLASS_FIXTURES = frozenset({"setUpClass", "tearDownClass"})


class Seen(NamedTuple):
    """What the runs of one configuration say of a test.

    `error` is the first line of its failure, the least of several; `text` all that was said.
    """

    verdicts: frozenset[Verdict]
    error: str = ""
    text: str = ""


class Test(NamedTuple):
    """One test and what was seen of it, by the names of the configurations that tell of it.

    `place` is its file below the test directory, without `.py`, where it is one (then
    `is_file`), else its module as the results have it.
    """

    key: str
    place: str
    is_file: bool
    seen: Mapping[str, Seen]


setattr(Test, "__test__", False)  # Or pytest would collect the class.


class Passed(NamedTuple):
    """Tests of one scope and one place that simply passed, by their names within the scope."""

    configuration: str
    scope: str
    place: str
    names: Collection[str]


class Gathered(NamedTuple):
    """The tests of some records.

    `tests` are those that did not simply pass, and the listed ones; all are counted: `verdicts`
    has how many tests came to each verdict, `ran` how many tests each configuration has, and
    `failed` how many of them failed there. `scopes` has whose tests ran, and `places` where, by
    configuration. `passed` has the tests that simply passed.
    """

    tests: list[Test]
    total: int
    verdicts: collections.Counter[Verdict]
    ran: collections.Counter[str]
    failed: collections.Counter[str]
    scopes: set[str]
    places: dict[str, dict[str, bool]]
    passed: Sequence[Passed] = ()


_Events = dict[tuple[str, str], dict[int, dict[int, list[Record]]]]


def by_scope(keys: Iterable[str]) -> dict[str, set[str]]:
    """Return the names that keys have within their scopes."""
    found: dict[str, set[str]] = {}
    for key in keys:
        scope, _, name = key.partition(".")
        found.setdefault(scope, set()).add(name)
    return found


def gather(
    records: Iterable[Record],
    names: Sequence[str],
    listed: Mapping[str, Collection[str]],
    resolve: Callable[[str], tuple[str, bool]],
) -> Gathered:
    """Return the tests of records that are complete: all of each test's.

    `names` are the configurations' by number; `listed` has, by scope, the tests that are to be
    told of even if they passed; `resolve` returns the place of a test and whether it is a file.
    """
    passed: dict[tuple[int, str, str], dict[int, set[str]]] = {}
    others: _Events = {}
    places: dict[str, bool] = {}
    wanted: dict[str, set[str]] = {}
    for record in records:
        if record.scope not in wanted:
            wanted[record.scope] = {*listed.get(record.scope, ())}
        place, is_file = ("", False) if record.scope == NO_PLACE else resolve(record.place)
        places[place] = is_file
        if record.verdict == PASSED:
            by_source = passed.setdefault((record.configuration, record.scope, place), {})
            by_source.setdefault(record.source, set()).update(record.names)
            continue
        for name in record.names:
            wanted[record.scope].add(name)
            by_configuration = others.setdefault((f"{record.scope}.{name}", place), {})
            found = by_configuration.setdefault(record.configuration, {})
            found.setdefault(record.source, []).append(record)
    ran = _ran(passed, others)
    _add_passes(passed, others, wanted)
    _add_fixtures(ran, others, wanted)
    where: dict[str, dict[str, bool]] = {}
    for configuration, _, place in ran:
        where.setdefault(names[configuration], {})[place] = places[place]
    scopes = {scope for _, scope, _ in ran}
    return _counted(passed, others, names, places, where, scopes)


def _ran(passed: Iterable[tuple[int, str, str]], others: _Events) -> set[tuple[int, str, str]]:
    """Return the configurations, scopes and places in which a test was really run."""
    found = set(passed)
    for (key, place), by_configuration in others.items():
        for configuration, by_source in by_configuration.items():
            verdicts = {record.verdict for records in by_source.values() for record in records}
            if not verdicts <= _NOT_RUN:
                found.add((configuration, key.partition(".")[0], place))
    return found


def _add_fixtures(
    ran: Iterable[tuple[int, str, str]], others: _Events, wanted: Mapping[str, set[str]]
) -> None:
    """Add the passes of classes' fixtures: nothing is told of one that passes but its tests."""
    for configuration, scope, place in ran:
        for name in _CLASS_FIXTURES & wanted[scope]:
            by_configuration = others.setdefault((f"{scope}.{name}", place), {})
            if configuration not in by_configuration:
                record = Record(configuration, 0, place, scope, [name])
                by_configuration[configuration] = {0: [record]}


def _add_passes(
    passed: dict[tuple[int, str, str], dict[int, set[str]]],
    others: _Events,
    wanted: Mapping[str, set[str]],
) -> None:
    """Move the passes of the wanted tests to what else is known of tests."""
    for (configuration, scope, place), by_source in passed.items():
        for source, found in by_source.items():
            for name in found & wanted[scope]:
                record = Record(configuration, source, place, scope, [name])
                by_configuration = others.setdefault((f"{scope}.{name}", place), {})
                by_configuration.setdefault(configuration, {}).setdefault(source, []).append(record)
                found.discard(name)


def _counted(
    passed: Mapping[tuple[int, str, str], Mapping[int, set[str]]],
    others: _Events,
    names: Sequence[str],
    places: Mapping[str, bool],
    where: dict[str, dict[str, bool]],
    scopes: set[str],
) -> Gathered:
    verdicts: collections.Counter[Verdict] = collections.Counter()
    ran: collections.Counter[str] = collections.Counter()
    failed: collections.Counter[str] = collections.Counter()
    everywhere: dict[tuple[str, str], set[str]] = {}
    simple: list[Passed] = []
    for (configuration, scope, place), by_source in passed.items():
        here: set[str] = set().union(*by_source.values())
        ran[names[configuration]] += len(here)
        everywhere.setdefault((scope, place), set()).update(here)
        if here:
            simple.append(Passed(names[configuration], scope, place, here))
    simply = sum(map(len, everywhere.values()))
    verdicts[Verdict.PASSED] += simply
    simple.sort(key=lambda each: each[:3])
    tests = []
    for (key, place), by_configuration in sorted(others.items()):
        seen = {
            names[number]: _seen(by_configuration[number]) for number in sorted(by_configuration)
        }
        tests.append(Test(key, place, places[place], seen))
        verdicts.update({verdict for each in seen.values() for verdict in each.verdicts})
        for name, each in seen.items():
            ran[name] += 1
            failed[name] += bool(each.verdicts & FAILURES)
    total = simply + len(tests)
    return Gathered(tests, total, verdicts, ran, failed, scopes, where, simple)


def _seen(by_source: Mapping[int, Sequence[Record]]) -> Seen:
    """Return what the files of one configuration come to together."""
    verdicts: set[Verdict] = set()
    errors: list[tuple[bool, str, str]] = []
    for records in by_source.values():
        decided = any(record.decides for record in records)
        for record in records:
            verdict = WORDS[record.verdict]
            if not (decided and verdict is Verdict.PASSED):
                verdicts.add(verdict)
            if verdict is not Verdict.PASSED:
                errors.append((verdict not in FAILURES, record.error, record.text))
    _, error, text = min(errors, default=(False, "", ""))
    return Seen(frozenset(verdicts), error, text)
