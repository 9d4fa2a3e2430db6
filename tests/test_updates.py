"""Updates: whole decisions, what is told and refused, and what holds for any results at all."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lists_fixtures import write_entry
from update_fixtures import (
    CONFIGURATIONS,
    GOOD,
    NO_LIMITS,
    PAST,
    POLICY,
    PY311,
    SKIPS,
    TODAY,
    XFAILS,
    Model,
    applied,
    collected,
    decide,
    failure,
    lists_of,
    skip,
    told,
)

from trunk_failures import file_changes, list_files, list_writing, updates
from trunk_failures.changes import Address
from trunk_failures.lists import Lists
from trunk_failures.proposals import Kind, Policy
from trunk_failures.results import seen
from trunk_failures.results.implied import is_module_wide
from trunk_failures.results.spool import Record
from trunk_failures.updates import Decision, Limits
from trunk_failures.verdicts import Verdict

A, B = "test_a", "sub/test_a"
"""Places that are files below the test directory; any other is not."""

UP, XF = "unexpected success", "expected failure"
FLAKY = f"{UP}, {XF}"
REASON = {"reason": "ValueError: no"}
Results = list[tuple[str, str, str, str]]


@pytest.fixture(scope="module")
def test_dir(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return a test directory that has two files of one name."""
    made = tmp_path_factory.mktemp("project") / "tests"
    (made / "sub").mkdir(parents=True)
    (made / "test_a.py").touch()
    (made / "sub" / "test_a.py").touch()
    return str(made)


def kinds(decision: Decision) -> list[tuple[Kind, str]]:
    """Return the kinds and the keys of a decision's proposals."""
    return [(each.kind, each.key) for each in decision.proposals]


def after(decision: Decision, model: Model) -> Model:
    """Return lists as a decision leaves them."""
    return applied(model, [each.change for each in decision.proposals])


def test_whole_lists(test_dir: str) -> None:
    """All tests are decided together, in the order of their keys, and counted."""
    gone, up, skipped = failure("TestA.test_gone"), failure("TestA.test_up"), skip("TestB.s")
    model: Model = {gone: {}, up: {}, skipped: {}}
    results: Results = [
        ("", A, "TestA.test_up", UP),
        ("", A, "TestA.test_new", "failed"),
        ("", A, "TestA.test_pass", "passed"),
        ("", A, "TestA.test_crash", "crashed"),
        ("", A, "TestB.s", "skip-listed and failed"),
        ("", A, "TestB.skipped", "skipped"),
    ]
    decision = decide(results, model, test_dir)
    assert decision.tests == 6
    assert decision.refused == ""
    assert kinds(decision) == [
        (Kind.CRASHED, "TestA.test_crash"),
        (Kind.STALE, "TestA.test_gone"),
        (Kind.ADDED, "TestA.test_new"),
        (Kind.REMOVED, "TestA.test_up"),
    ]
    assert [each.kind for each in decision.changing] == [Kind.ADDED, Kind.REMOVED]
    assert after(decision, model) == {
        gone: {},
        failure("TestA.test_new"): REASON,
        skipped: {},
    }


# Entries, results, and the files of the entries that are told to be stale.
STALE = [
    ([""], [("", A, "TestA.other", "passed")], [""]),
    ([""], [("", A, "TestB.other", "passed")], []),
    ([""], [("", A, "TestA.test_b", "skipped")], []),
    ([""], [("", A, "TestA.other", "skipped")], []),
    ([""], [(GOOD, A, "TestA.test_b", "passed"), ("", A, "TestA.other", "passed")], [""]),
    ([A], [("", A, "TestA.other", "passed")], [A]),
    ([A], [("", A, "TestB.other", "passed")], [A]),
    ([A], [("", B, "TestA.other", "passed")], []),
    ([A], [(GOOD, A, "TestA.other", "passed"), ("", B, "TestB.x", "passed")], []),
    ([A, B], [("", A, "TestA.test_b", XF), ("", B, "TestA.x", "passed")], [B]),
    (["", A], [("", B, "TestA.test_b", XF)], []),
]


@pytest.mark.parametrize(("entries", "results", "stale"), STALE)
def test_stale_entries(
    entries: list[str], results: Results, stale: list[str], test_dir: str
) -> None:
    """An entry whose module ran without its test is told of; one whose module did not is not."""
    model: Model = {failure("TestA.test_b", place): {} for place in entries}
    decision = decide(results, model, test_dir)
    told_of = [each.key for each in decision.proposals if each.kind is Kind.STALE]
    assert told_of == ["TestA.test_b"] * len(stale)
    assert not decision.changing


FIXTURES: list[tuple[Results, Model, Model | None]] = [
    # Fixtures of modules and classes: told of when they fail, and implied when they pass.
    ([("", A, "test_a.setUpModule", "error")], {}, {failure("test_a.setUpModule"): REASON}),
    (
        [("", A, "test_a.setUpModule", "error"), ("", B, "TestA.x", "passed")],
        {},
        {failure("test_a.setUpModule", A): REASON},
    ),
    ([("", A, "TestA.x", "passed")], {failure("test_a.setUpModule"): {}}, {}),
    ([("", A, "TestA.x", "passed")], {failure("test_a.tearDownModule", A): {}}, {}),
    ([("", A, "TestA.x", "skipped")], {failure("test_a.setUpModule"): {}}, None),
    ([("", A, "TestA.x", "passed")], {failure("test_b.setUpModule"): {}}, None),
    ([("", A, "test_a.setUpModule", XF)], {failure("test_a.setUpModule"): {}}, None),
    (
        [("py311", A, "test_a.setUpModule", XF), ("py312", A, "TestA.x", "passed")],
        {failure("test_a.setUpModule"): {}},
        {failure("test_a.setUpModule"): {"when": PY311}},
    ),
    ([("", A, "TestA.setUpClass", "error")], {}, {failure("TestA.setUpClass"): REASON}),
    ([("", A, "TestA.x", "passed")], {failure("TestA.setUpClass"): {}}, {}),
    ([("", A, "TestA.x", "skipped")], {failure("TestA.setUpClass"): {}}, None),
    ([("", A, "TestB.x", "passed")], {failure("TestA.setUpClass"): {}}, None),
    # Modules that do not load.
    ([("", "", "_FailedTest.test_a", "error")], {}, {failure("_FailedTest.test_a"): REASON}),
    ([("", "x/y", "_FailedTest.test_a", "error")], {}, {failure("_FailedTest.test_a"): REASON}),
    ([("", A, "TestA.x", "passed")], {failure("_FailedTest.test_a"): {}}, {}),
    ([("", A, "TestA.x", "skipped")], {failure("_FailedTest.test_a"): {}}, None),
    ([("", "", "_FailedTest.test_a", XF)], {failure("_FailedTest.test_a"): {}}, None),
    ([("", "", "_FailedTest.test_z", XF)], {failure("_FailedTest.test_a"): {}}, None),
    (
        [("py311", "", "_FailedTest.test_a", "error"), ("py312", A, "TestA.x", "passed")],
        {},
        {failure("_FailedTest.test_a"): {**REASON, "when": PY311}},
    ),
]


@pytest.mark.parametrize(("results", "model", "then"), FIXTURES)
def test_fixtures_and_modules(
    results: Results, model: Model, then: Model | None, test_dir: str
) -> None:
    """What a module or a class needs is listed by its own key, and passes as its tests run."""
    decision = decide(results, model, test_dir)
    assert after(decision, model) == (model if then is None else then)
    assert {each.kind for each in decision.proposals} <= {Kind.ADDED, Kind.REMOVED, Kind.NARROWED}


# What was seen of tests before, what is now, and the kind that this is of.
REGRESSIONS = [
    ("passed", "failed", Kind.REGRESSION),
    ("passed", "passed, failed", Kind.REGRESSION),
    ("passed, failed", "failed", Kind.REGRESSION),
    ("failed", "failed", Kind.ADDED),
    ("skipped", "failed", Kind.ADDED),
    ("", "failed", Kind.ADDED),
    ("passed", "crashed", Kind.CRASHED),
    ("passed", "passed", None),
    ("failed", "", None),
    ("failed", "passed", None),
    ("failed", "skipped", None),
]


@pytest.mark.parametrize("accept", [False, True])
@pytest.mark.parametrize(("before", "now", "kind"), REGRESSIONS)
def test_regressions(before: str, now: str, kind: Kind | None, accept: bool) -> None:
    """What passed before is reported and not listed, unless that is accepted."""
    results: Results = [("py312", A, "TestA.other", "passed")]
    results += [(GOOD, A, "TestA.test_b", before)] * bool(before)
    results += [("py311", A, "TestA.test_b", now)] * bool(now)
    decision = decide(results, {}, None, limits=NO_LIMITS._replace(accept_regressions=accept))
    if accept and kind is Kind.REGRESSION:
        kind = Kind.ADDED
    assert [each.kind for each in decision.proposals] == ([kind] if kind else [])
    assert len(decision.changing) == (kind is Kind.ADDED)
    if kind is Kind.REGRESSION:
        (found,) = decision.proposals
        assert "it passed before" in found.why
        assert found.configurations == ("py311",)


def test_known_good_results_take_nothing_away(test_dir: str) -> None:
    """An entry whose test passed in the known good results alone stays."""
    model: Model = {failure("TestA.test_b"): {}, failure("test_a.setUpModule"): {}}
    results: Results = [(GOOD, A, "TestA.test_b", UP), ("", B, "TestB.x", "skipped")]
    assert not decide(results, model, test_dir).changing
    fixture: Results = [(GOOD, A, "TestA.x", "passed"), ("", A, "test_a.setUpModule", "error")]
    assert kinds(decide(fixture, {}, test_dir)) == [(Kind.REGRESSION, "test_a.setUpModule")]


def test_refused() -> None:
    """What guards refuse is said, with the proposals; each configuration is counted for itself."""
    results: Results = [("py311", A, f"TestA.t{n}", "failed") for n in range(4)]
    results += [("py311", A, "TestA.u", "passed"), ("py312", A, "TestA.u", "passed")]
    decision = decide(results, {}, limits=Limits())
    assert decision.refused.startswith("refused: 4 of 5 tests failed in configuration 'py311'")
    assert len(decision.changing) == 4
    assert not decide(results, {}, limits=Limits(max_failing=0.9)).refused
    refused = decide(results, {}, limits=Limits(max_new=3, max_failing=0.9)).refused
    assert refused.startswith("refused: 4 tests would be added, and 3 is the most")


def test_entries_as_they_are(test_dir: str) -> None:
    """What entries say counts: a date that has passed, `keep`, and what cannot be read."""
    model: Model = {
        failure("TestA.old"): {"expires": PAST},
        failure("TestA.kept"): {"keep": "yes"},
        failure("TestA.broken"): {"when": "nonsense"},
    }
    results: Results = [
        ("", A, "TestA.old", "failed"),
        ("", A, "TestA.kept", UP),
        ("", A, "TestA.broken", UP),
    ]
    decision = decide(results, model, test_dir)
    assert {each.kind for each in decision.proposals} == {Kind.KEPT_BACK}
    assert len(decision.proposals) == 3
    assert not decision.changing


def test_three_files_of_one_name(test_dir: str) -> None:
    """Several changes for one key are in one order, whatever becomes of the files' tests."""
    (Path(test_dir) / "test_c.py").touch()
    model: Model = {failure("TestA.t"): {}, failure("TestA.t", A): {}}
    results: Results = [
        ("", A, "TestA.t", UP),
        ("", B, "TestA.t", XF),
        ("", "test_c", "TestA.t", XF),
    ]
    decision = decide(results, model, test_dir)
    assert after(decision, model) == {failure("TestA.t", B): {}, failure("TestA.t", "test_c"): {}}
    assert [each.kind for each in decision.changing] == [Kind.SPLIT, Kind.SPLIT, Kind.REMOVED]


# Properties: any results, any lists.

KEYS = (
    "TestA.test_1",
    "TestA.test_2[a.b/c é]",
    "TestB.test_1",
    "TestA.setUpClass",
    "test_a.setUpModule",
    "_FailedTest.test_a",
)
PLACES = (A, B, "gone/test_z")
NAMES = ("", "bare", "py311", "py311 too", "py312", "py313", "from 3.11", "linux", GOOD)
OF_NO_RUN = {Verdict.SKIPPED.value, Verdict.NOT_RUN.value}
OFTEN = ("passed", "failed", UP, XF)
RECORDS = st.builds(
    lambda number, source, place, key, verdict, error, decides: Record(
        number,
        source,
        place,
        key.partition(".")[0],
        [key.partition(".")[2]],
        verdict,
        error,
        error * 2,
        decides,
    ),
    st.integers(0, 2),
    st.integers(0, 1),
    st.sampled_from(PLACES),
    st.sampled_from(KEYS),
    st.sampled_from(OFTEN) | st.sampled_from([verdict.value for verdict in Verdict]),
    st.sampled_from(("", "A: no", "B: no")),
    st.booleans(),
)
FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "reason": st.just("before"),
        "when": st.sampled_from(
            (PY311, 'python_version >= "3.12"', 'env.CI == "1"', 'sys_platform != "linux"', "?")
        ),
        "expires": st.sampled_from((PAST, "2027-01-01", "some day")),
        "keep": st.just("yes"),
    },
)
MODELS = st.dictionaries(
    st.tuples(st.sampled_from(KEYS), st.sampled_from(("", A, B))),
    st.tuples(st.sampled_from((XFAILS, XFAILS, SKIPS)), st.just({}) | FIELDS),
    max_size=6,
).map(
    lambda found: {
        Address("trunk", kind, key, "" if key.startswith("_") else place): dict(fields)
        for (key, place), (kind, fields) in sorted(found.items(), reverse=True)
        if not (key.startswith("_") and place)
    }
)


class Given(NamedTuple):
    """Results and lists, and what the user decided."""

    records: list[Record]
    names: list[str]
    model: Model
    policy: Policy
    limits: Limits

    def decide(self, test_dir: str) -> Decision:
        """Return what follows."""
        known = {name: CONFIGURATIONS[name] for name in self.names if name != GOOD}
        told_of = collected(self.records, self.names)
        loaded = lists_of(self.model, test_dir)
        return updates.decide(told_of, loaded, known, self.policy, self.limits, TODAY)


GIVEN = st.builds(
    Given,
    st.lists(RECORDS, max_size=14),
    st.lists(st.sampled_from(NAMES), min_size=3, max_size=3, unique=True),
    MODELS,
    st.builds(Policy, st.just("trunk"), st.booleans(), st.booleans()),
    st.booleans().map(lambda accept: NO_LIMITS._replace(accept_regressions=accept)),
)
MANY = settings(max_examples=120)


@MANY
@given(GIVEN)
def test_the_same_results_twice(test_dir: str, some: Given) -> None:
    """Once its changes are made, an update with the same results changes nothing."""
    first = some.decide(test_dir)
    then = some._replace(model=after(first, some.model))
    assert list(then.decide(test_dir).changing) == []


@MANY
@given(GIVEN, st.randoms(use_true_random=False))
def test_the_order_does_not_matter(test_dir: str, some: Given, chance: random.Random) -> None:
    """The order of results, of their files and of configurations changes nothing."""
    numbers, sources = [0, 1, 2], [0, 1]
    for each in (numbers, sources):
        chance.shuffle(each)
    names = [some.names[numbers.index(number)] for number in range(3)]
    records = [
        record._replace(
            configuration=numbers[record.configuration], source=sources[record.source]
        )
        for record in some.records
    ]
    chance.shuffle(records)
    other = some._replace(records=records, names=names)
    assert other.decide(test_dir) == some.decide(test_dir)


@MANY
@given(GIVEN)
def test_more_files_change_nothing(test_dir: str, some: Given) -> None:
    """Results that are spread over more files say the same.

    All runs of a test that one of them decides stay in one file: that is a file's word.
    """
    decided = {_run(record) for record in some.records if record.decides}
    records = []
    for number, record in enumerate(some.records):
        source = number + 10
        if _run(record) in decided:
            source = sorted(decided).index(_run(record)) + 1000
        records.append(record._replace(source=source))
    assert some._replace(records=records).decide(test_dir) == some.decide(test_dir)


def _run(record: Record) -> tuple[int, int, str, str, str]:
    place = "" if record.scope == seen.NO_PLACE else record.place
    return record.configuration, record.source, place, record.scope, record.names[0]


@MANY
@given(GIVEN)
def test_what_did_not_run_is_not_touched(test_dir: str, some: Given) -> None:
    """No entry changes, and none comes, of a test that no configuration given ran."""
    ran = [
        record
        for record in some.records
        if record.verdict not in OF_NO_RUN and some.names[record.configuration] != GOOD
    ]
    for found in some.decide(test_dir).changing:
        scope, _, name = found.key.partition(".")
        if is_module_wide(found.key):
            of_it = [each for each in ran if _tells_of_module(each, found.key)]
        elif name == "setUpClass":
            of_it = [each for each in ran if each.scope == scope]
        else:
            of_it = [each for each in ran if f"{each.scope}.{each.names[0]}" == found.key]
        assert of_it
        before = found.change.before if found.change else None
        if before is not None and before.test_file:
            assert before.test_file in {each.place for each in of_it}


def _tells_of_module(record: Record, key: str) -> bool:
    scope, _, name = key.partition(".")
    own = f"{record.scope}.{record.names[0]}"
    if own == key or record.scope == seen.NO_PLACE:
        return own == key
    return record.place.rpartition("/")[2] == (name if scope == seen.NO_PLACE else scope)


@MANY
@given(GIVEN)
def test_kept_and_removed(test_dir: str, some: Given) -> None:
    """No kept entry changes, no field but `when` is lost, and only removals are made if asked."""
    decision = some.decide(test_dir)
    then = after(decision, some.model)
    for address, fields in some.model.items():
        if "keep" in fields:
            assert then[address] == fields
    for found in decision.changing:
        assert found.change is not None
        assert not some.policy.only_remove or found.change.after is None
        assert dict(found.change.fields).keys() <= {"reason", "when"} or found.kind is Kind.SPLIT
        assert "reason" not in dict(found.change.fields) or found.change.before is None


@MANY
@given(GIVEN)
def test_every_failure_is_accounted_for(test_dir: str, some: Given) -> None:
    """A test that failed is listed then, or told of."""
    decision = some.decide(test_dir)
    listed = {address.key for address in after(decision, some.model)}
    told_of = {each.key for each in decision.proposals}
    for record in some.records:
        key = f"{record.scope}.{record.names[0]}"
        if record.verdict in ("failed", "error") and some.names[record.configuration] != GOOD:
            assert key in listed | told_of


# On disk: the same with files.

WRITTEN = [
    [("", A, "TestA.new", "failed"), ("", A, "TestA.up", UP), ("", A, "TestA.flaky", FLAKY)],
    [("py311", A, "TestA.up", UP), ("py312", A, "TestA.up", XF), ("py312", A, "TestA.é", "error")],
    [("", A, "TestA.up", UP), ("", B, "TestA.up", XF), ("", B, "TestA.flaky", "skipped")],
    [("", A, "TestA.P[a.b/c]", "failed"), ("", A, "TestA.p[a.b/c]", "passed, failed")],
]


def load(test_dir: str) -> Lists:
    """Return the lists of a test directory, read now."""
    return list_files.read(test_dir, ("trunk",), list_files.directories(test_dir))


@pytest.mark.parametrize("results", WRITTEN)
def test_on_disk(results: Sequence[tuple[str, str, str, str]], tmp_path: Path) -> None:
    """What is decided can be written, and once it is, the same results change no file."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "tests" / "sub").mkdir(parents=True)
    (tmp_path / "tests" / "test_a.py").touch()
    (tmp_path / "tests" / "sub" / "test_a.py").touch()
    for name in ("TestA.up", "TestA.flaky"):
        write_entry(tmp_path / "tests", f"trunk_expected_failures/{name}", "owner: me")
    where = str(tmp_path / "tests")
    records, names = told(results)
    known = {name: CONFIGURATIONS[name] for name in names}
    planned: list[Any] = []
    for _ in range(2):
        loaded = load(where)
        decision = updates.decide(
            collected(records, names), loaded, known, POLICY, NO_LIMITS, TODAY
        )
        changes = [each.change for each in decision.changing if each.change is not None]
        planned.append(file_changes.plan(loaded, changes))
        list_writing.write(planned[-1])
    assert planned[0] and not planned[1]
    assert not load(where).in_both_kinds()
