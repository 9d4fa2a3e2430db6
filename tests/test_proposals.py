"""Proposals: the table of design section 9, a row each."""

from __future__ import annotations

import dataclasses

import pytest
from update_fixtures import (
    CONFIGURATIONS,
    FROM_311,
    LINUX,
    PAST,
    PY311,
    PY312,
    SKIPS,
    TODAY,
    XFAILS,
    applied,
    configuration,
    failure,
    lists_of,
    skip,
)

from trunk_failures import entry_files, key_groups, proposals
from trunk_failures.changes import Address
from trunk_failures.errors import EntryError
from trunk_failures.proposals import Kind, Listed, Policy, Proposal, State
from trunk_failures.results.seen import FAILURES, Seen, Test
from trunk_failures.verdicts import Verdict

KEY = "TestA.test_b"
ERROR = "ValueError: at 0x7f3a5c0d1e20"
REASON = "ValueError: at 0x..."
Fields = dict[str, str]


@dataclasses.dataclass(frozen=True)
class Row:
    """A row of the table: the verdicts by configuration, the list that the test is on, if any,
    and the list that it is on then, with its entry's fields ("" and {}: it is on none).
    """

    name: str
    seen: dict[str, str]
    kind: Kind
    listed: str = ""
    fields: Fields = dataclasses.field(default_factory=dict)
    on: str = ""
    then: Fields = dataclasses.field(default_factory=dict)
    why: str = ""
    only_remove: bool = False
    also_remove_skips: bool = False


def added(name: str, seen: dict[str, str], on: str, when: str = "", reason: str = REASON) -> Row:
    """Return a row of a test that comes to a list."""
    then = {each: text for each, text in (("reason", reason), ("when", when)) if text}
    return Row(name, seen, Kind.ADDED, on=on, then=then)


def stays(
    name: str,
    seen: dict[str, str],
    listed: str = XFAILS,
    kind: Kind = Kind.NOTHING,
    why: str = "",
    also_remove_skips: bool = False,
    **fields: str,
) -> Row:
    """Return a row of an entry that nothing changes."""
    return Row(
        name, seen, kind, listed, fields, listed, fields, why, also_remove_skips=also_remove_skips
    )


def becomes(
    name: str,
    seen: dict[str, str],
    kind: Kind,
    on: str,
    fields: Fields,
    then: Fields,
    listed: str = XFAILS,
) -> Row:
    """Return a row of an entry that is changed."""
    return Row(name, seen, kind, listed, fields, on, then)


UP, XF, SF, SP = (
    "unexpected success",
    "expected failure",
    "skip-listed and failed",
    "skip-listed and passed",
)
FLAKY = f"flaky: {REASON}"
WHEN_311 = {"when": PY311}

UNLISTED = [
    added("it fails", {"": "failed"}, XFAILS),
    added("it has an error", {"": "error"}, XFAILS),
    added("it fails everywhere", {"py311": "failed", "py312": "error"}, XFAILS),
    added("it fails where it runs", {"py311": "failed", "py312": "skipped"}, XFAILS),
    added("it is absent in one", {"py311": "failed"}, XFAILS),
    added("it fails in some", {"py311": "failed", "py312": "passed"}, XFAILS, PY311),
    added(
        "it fails in two",
        {"py312": "failed", "py311": "failed", "py313": "passed"},
        XFAILS,
        f"{PY311} or {PY312}",
    ),
    added("in one of two with the same marker", {"py311": "failed", "py311 too": "passed"}, SKIPS),
    added("in one of two that overlap", {"from 3.11": "failed", "py312": "passed"}, SKIPS),
    added("passing in one of two that overlap", {"from 3.11": "passed", "py312": "failed"}, SKIPS),
    added("in one of two dimensions", {"linux": "failed", "py312": "passed"}, SKIPS),
    added("in one without marker", {"bare": "failed", "py312": "passed"}, SKIPS),
    added("passing in one without marker", {"bare": "passed", "py312": "failed"}, SKIPS),
    added("it is flaky", {"": "passed, failed"}, SKIPS, reason=FLAKY),
    added("it is flaky in one", {"py311": "passed, error", "py312": "passed"}, SKIPS, reason=FLAKY),
    added("flaky, and fails", {"py311": "passed, failed", "py312": "error"}, SKIPS, "", FLAKY),
    Row("it passes", {"py311": "passed", "py312": "passed"}, Kind.NOTHING),
    Row("it is skipped", {"py311": "skipped"}, Kind.NOTHING),
    Row("it is not run", {"py311": "not run"}, Kind.NOTHING),
    Row("no one tells of it", {}, Kind.NOTHING),
    Row("it crashed", {"": "crashed"}, Kind.CRASHED, why="it crashed; no entry follows from that"),
    Row("it crashed in one", {"py311": "crashed", "py312": "failed"}, Kind.CRASHED),
    Row("it crashed once", {"py311": "crashed, failed, passed"}, Kind.CRASHED),
    Row("its own mark expects it", {"py311": XF, "py312": "passed"}, Kind.NOTHING),
    Row("another list has it", {"py311": SF, "py312": SP}, Kind.NOTHING),
    Row("it fails its own way", {"py311": "fails differently"}, Kind.NOTHING),
    Row("its own mark is wrong", {"": UP}, Kind.KEPT_BACK, why="though a mark in its source"),
    Row("its mark is wrong in one", {"py311": UP, "py312": "failed"}, Kind.KEPT_BACK),
    added("its own mark expects it in one", {"py311": "failed", "py312": XF}, XFAILS),
    added("another list's passes elsewhere", {"py311": "failed", "py312": SP}, XFAILS, PY311),
    added("its mark is flaky", {"py311": "failed", "py312": f"passed, {XF}"}, SKIPS, "", "flaky"),
]
EXPECTED_FAILURES = [
    stays("as expected", {"py311": XF, "py312": XF}),
    stays("as expected, run without lists", {"py311": "failed", "py312": "error"}),
    stays("as expected where it runs", {"py311": XF, "py312": "skipped"}),
    stays("nothing ran it", {"py311": "skipped", "py312": "not run"}),
    stays("nothing tells of it", {}),
    Row("listed, it passes", {"": UP}, Kind.REMOVED, XFAILS),
    Row("it passes everywhere", {"py311": UP, "py312": UP}, Kind.REMOVED, XFAILS, {"owner": "me"}),
    Row("it passes without lists", {"py311": "passed"}, Kind.REMOVED, XFAILS),
    Row("it passes where it runs", {"py311": UP, "py312": "skipped"}, Kind.REMOVED, XFAILS),
    becomes(
        "it passes in some",
        {"py311": XF, "py312": UP},
        Kind.NARROWED,
        XFAILS,
        {"reason": "r", "owner": "me"},
        {"reason": "r", "owner": "me", "when": PY311},
    ),
    becomes(
        "it passes in some of its `when`",
        {"py311": XF, "py312": UP},
        Kind.NARROWED,
        XFAILS,
        {"when": FROM_311},
        {"when": f"{FROM_311} and {PY311}"},
    ),
    becomes(
        "it passes in some, in an unknown part of its `when`",
        {"py311": XF, "py312": UP},
        Kind.NARROWED,
        XFAILS,
        {"when": LINUX},
        {"when": f"{LINUX} and {PY311}"},
    ),
    becomes(
        "it passes in some, and no markers tell",
        {"bare": XF, "py312": UP},
        Kind.MOVED,
        SKIPS,
        {"reason": "r"},
        {"reason": "r"},
    ),
    becomes(
        "it passes in one of two that overlap",
        {"from 3.11": XF, "py312": UP},
        Kind.MOVED,
        SKIPS,
        {"reason": "r", "when": FROM_311},
        {"reason": "r"},
    ),
    becomes("listed, it is flaky", {"": f"{XF}, {UP}"}, Kind.MOVED, SKIPS, {}, {}),
    becomes(
        "listed, it is flaky in one",
        {"py311": f"{XF}, {UP}", "py312": XF},
        Kind.MOVED,
        SKIPS,
        {},
        {},
    ),
    becomes(
        "it is flaky outside its `when`",
        {"py311": XF, "py312": "passed, failed"},
        Kind.MOVED,
        SKIPS,
        WHEN_311,
        {},
    ),
    stays("its `when` holds in some", {"py311": XF, "py312": "passed"}, when=PY311),
    stays("its `when` holds where nothing ran", {"py312": "passed"}, when=PY311),
    Row(
        "it passes where its `when` holds",
        {"py311": UP, "py312": "passed"},
        Kind.REMOVED,
        XFAILS,
        WHEN_311,
    ),
    becomes(
        "it fails where its `when` does not hold",
        {"py311": XF, "py312": "failed", "py313": "passed"},
        Kind.WIDENED,
        XFAILS,
        WHEN_311,
        {"when": f"{PY311} or {PY312}"},
    ),
    becomes(
        "it fails only where its `when` does not hold",
        {"py311": UP, "py312": "failed"},
        Kind.NARROWED,
        XFAILS,
        WHEN_311,
        {"when": PY312},
    ),
    becomes(
        "it fails outside its `when`, which no markers tell from where it passes",
        {"py313": "passed", "from 3.11": "failed"},
        Kind.MOVED,
        SKIPS,
        {"when": 'python_version < "3.11"'},
        {},
    ),
    stays(
        "listed, it crashed",
        {"": "crashed"},
        kind=Kind.CRASHED,
        why="it crashed; its entry stays",
    ),
    stays("listed, it crashed in one", {"py311": "crashed", "py312": UP}, kind=Kind.CRASHED),
    stays(
        "it fails differently",
        {"py311": "fails differently", "py312": UP},
        kind=Kind.KEPT_BACK,
        why="not as its entry's `raises` and `match` say",
        raises="KeyError",
    ),
    stays(
        "it is kept, and passes",
        {"": UP},
        kind=Kind.KEPT_BACK,
        why="it would be removed, but the entry says keep: it is ours",
        keep="it is ours",
    ),
    stays(
        "it is kept, and is flaky",
        {"": f"{UP}, {XF}"},
        kind=Kind.KEPT_BACK,
        why="it would be moved to skips, but the entry says keep: yes",
        keep="yes",
    ),
    stays("it is kept, and fails", {"": XF}, keep="yes"),
    stays(
        "it has expired, and fails",
        {"": "failed"},
        kind=Kind.KEPT_BACK,
        why="its entry has expired",
        expires=PAST,
    ),
    stays("it has expired, and nothing ran it", {"": "skipped"}, expires=PAST),
    stays("it expires today", {"": XF}, expires=str(TODAY)),
    Row("it has expired, and passes", {"": "passed"}, Kind.REMOVED, XFAILS, {"expires": PAST}),
    stays(
        "its entry cannot be read",
        {"": UP},
        kind=Kind.KEPT_BACK,
        why="its entry cannot be read: `tests/",
        when="nonsense",
    ),
]
SKIPPED = [
    stays("a skip fails", {"py311": SF, "py312": SF}, SKIPS),
    stays("a skip fails in one", {"py311": SF, "py312": SP}, SKIPS, also_remove_skips=True),
    stays("a skip is flaky", {"": f"{SF}, {SP}"}, SKIPS, also_remove_skips=True),
    stays("a skip is not run", {"": "not run"}, SKIPS, also_remove_skips=True, run="never"),
    stays("a skip passes", {"py311": SP}, SKIPS, Kind.KEPT_BACK, "--also-remove-skips removes it"),
    Row(
        "a skip passes, and is to go",
        {"py311": SP, "py312": "passed"},
        Kind.REMOVED,
        SKIPS,
        also_remove_skips=True,
    ),
    stays(
        "a skip passes, and is kept", {"": SP}, SKIPS, Kind.KEPT_BACK, "keep: yes", True, keep="yes"
    ),
    stays("a skip crashed", {"py311": "crashed", "py312": SP}, SKIPS, Kind.CRASHED, "", True),
    stays("a skip's `when` holds in none", {"py312": "passed"}, SKIPS, when=PY311),
    becomes(
        "a skip's `when` does not hold where it fails",
        {"py311": SP, "py312": "failed"},
        Kind.WIDENED,
        SKIPS,
        WHEN_311,
        {"when": f"{PY311} or {PY312}"},
        SKIPS,
    ),
    becomes(
        "a skip's `when` does not hold where it is flaky",
        {"py312": "failed, passed"},
        Kind.WIDENED,
        SKIPS,
        WHEN_311,
        {"when": f"{PY311} or {PY312}"},
        SKIPS,
    ),
]
ONLY_REMOVE = [
    dataclasses.replace(row, name=f"only remove: {row.name}", only_remove=True)
    if row.kind is Kind.REMOVED
    else dataclasses.replace(
        row,
        name=f"only remove: {row.name}",
        kind=Kind.KEPT_BACK,
        on=row.listed,
        then=row.fields,
        why="but for --only-remove",
        only_remove=True,
    )
    for row in UNLISTED + EXPECTED_FAILURES + SKIPPED
    if row.kind in proposals.CHANGING
]
TABLE = UNLISTED + EXPECTED_FAILURES + SKIPPED + ONLY_REMOVE


def seen_of(verdicts: str) -> Seen:
    """Return what verdicts, separated by commas, come to in one configuration."""
    found = frozenset(map(Verdict, verdicts.split(", ")))
    failed = bool(found & FAILURES)
    return Seen(found, ERROR if failed else "", "all of it" if failed else "")


def listed_at(address: Address, fields: Fields) -> Listed:
    """Return the entry that has these fields, or why it cannot be read."""
    (located,) = lists_of({address: fields}).all()
    try:
        entry = entry_files.read(located)
    except EntryError as error:
        return Listed(address, None, str(error))
    return Listed(address, entry, expired=entry.expired(TODAY))


def proposed(row: Row, entry: tuple[Address, Fields] | None) -> list[Proposal]:
    """Return what follows from a row's results for an entry."""
    test = Test(KEY, "test_a", True, {name: seen_of(each) for name, each in row.seen.items()})
    policy = Policy("trunk", row.only_remove, row.also_remove_skips)
    listed = [] if entry is None else [listed_at(*entry)]
    return key_groups.propose([test], listed, CONFIGURATIONS, policy)


def address(kind: str) -> Address:
    """Return the address of the test on a list."""
    return Address("trunk", kind, KEY)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_the_table(row: Row) -> None:
    """Each row of the table makes of the lists what it says, and says what it is and why."""
    model = {address(row.listed): row.fields} if row.listed else {}
    found = proposed(row, (address(row.listed), row.fields) if row.listed else None)
    assert [each.kind for each in found] == ([] if row.kind is Kind.NOTHING else [row.kind])
    assert applied(model, [each.change for each in found]) == (
        {address(row.on): row.then} if row.on else {}
    )
    for each in found:
        assert each.key == KEY
        assert row.why in each.why
        assert (each.change is not None) is (row.kind in proposals.CHANGING)
        assert set(each.configurations) <= set(row.seen)
        assert each.configurations


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_the_table_twice(row: Row) -> None:
    """What a row of the table made of the lists is left as it is by the same results."""
    after = (address(row.on), row.then) if row.on else None
    assert [each.change for each in proposed(row, after) if each.change is not None] == []


def test_names_of_rows() -> None:
    """Each row of the table has a name of its own."""
    assert len({row.name for row in TABLE}) == len(TABLE)


@pytest.mark.parametrize(
    ("verdicts", "state"),
    [
        ("passed", State.PASSES),
        ("failed", State.FAILS),
        ("passed, error", State.BOTH),
        (f"{UP}, {XF}", State.BOTH),
        ("passed, skipped", State.PASSES),
        ("passed, crashed, failed", State.CRASHED),
        ("skipped, not run", State.NOTHING),
    ],
)
def test_states(verdicts: str, state: State) -> None:
    """All runs of a configuration together come to one state; a crash decides, a skip does not."""
    assert proposals.state(seen_of(verdicts)) is state


def test_every_verdict_counts_one_way() -> None:
    """A verdict passes, fails, crashed or is of no run, and none is two of these."""
    of_no_run = {Verdict.SKIPPED, Verdict.NOT_RUN, Verdict.CRASHED}
    assert not proposals.PASSING & proposals.FAILING
    assert proposals.PASSING | proposals.FAILING | of_no_run == set(Verdict)


def test_what_a_proposal_tells() -> None:
    """A proposal names the configurations it follows from, and the least of their failures."""
    seen = {
        "py312": Seen(frozenset({Verdict.FAILED}), "B: at 0x12345", "second"),
        "py311": Seen(frozenset({Verdict.ERROR}), "A: no", "first"),
        "py313": Seen(frozenset({Verdict.PASSED})),
    }
    found = proposals.of_unlisted(
        Test(KEY, "test_a", True, seen), CONFIGURATIONS, Policy("dynamo")
    )
    assert found.configurations == ("py311", "py312")
    assert (found.cause, found.text) == ("A: no", "first")
    assert found.change is not None and found.change.after is not None
    assert found.change.after.mode == "dynamo"
    assert found.why == "it fails here, and passes in others"


def test_a_name_that_no_entry_can_have() -> None:
    """A failing test whose name is no key is kept back, with its failure."""
    test = Test("TestA.[x]", "test_a", True, {"": seen_of("failed")})
    found = proposals.of_unlisted(test, CONFIGURATIONS, Policy("trunk"))
    assert (found.kind, found.change, found.cause) == (Kind.KEPT_BACK, None, REASON)
    assert found.why == "it fails, but no entry can have that name"


def test_markers_that_grow_too_long() -> None:
    """A `when` that could not be read again is not written: the test is moved to skips."""
    here, there = configuration("here", 'env.OS == "a"'), configuration("there", 'env.OS == "b"')
    known = {each.name: each for each in (here, there)}
    blanks = " " * 1975
    narrowing = Test(KEY, "", False, {"here": seen_of(UP), "there": seen_of(XF)})
    listed = listed_at(failure(KEY), {"when": f'env.OS in{blanks}"a b"'})
    found = proposals.of_listed(narrowing, listed, known, Policy("trunk"))
    assert (found.kind, found.change and found.change.fields) == (Kind.MOVED, (("when", ""),))

    widening = Test(KEY, "", False, {"here": seen_of("failed")})
    for place, kind, fields in (
        (failure(KEY), Kind.MOVED, (("when", ""),)),
        (skip(KEY), Kind.WIDENED, (("when", ""),)),
    ):
        listed = listed_at(place, {"when": f'env.OS =={blanks}"b"'})
        found = proposals.of_listed(widening, listed, known, Policy("trunk"))
        assert found.kind is kind
        assert found.change is not None and found.change.fields == fields
