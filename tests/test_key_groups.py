"""Key groups: tests of several files that have one name, and the entries that list them."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from test_proposals import Fields, listed_at, seen_of
from update_fixtures import CONFIGURATIONS, PAST, PY311, PY312, Model, applied, failure, skip

from trunk_failures import key_groups
from trunk_failures.changes import Address
from trunk_failures.proposals import Kind, Policy, Proposal
from trunk_failures.results.seen import Test

KEY = "TestA.test_b"
UP, XF, SF, SP = (
    "unexpected success",
    "expected failure",
    "skip-listed and failed",
    "skip-listed and passed",
)
TOP = failure(KEY)
A, B, C = (failure(KEY, place) for place in ("test_a", "sub/test_b", "sub/test_c"))
REASON = {"reason": "ValueError: at 0x..."}
WHEN_311, WHEN_312 = {**REASON, "when": PY311}, {**REASON, "when": PY312}


class Case(NamedTuple):
    """What is seen of a name in each file, the entries, and these then; files are found but
    those whose name begins with a question mark. A configuration's name can be before a verdict.
    """

    name: str
    seen: dict[str, str]
    entries: dict[Address, Fields]
    then: dict[Address, Fields]
    kinds: list[Kind]
    policy: Policy = Policy("trunk")


SKIPS_TOO = Policy("trunk", also_remove_skips=True)
ONLY_REMOVE = Policy("trunk", only_remove=True)
CASES = [
    Case("both fail", {"test_a": "failed", "sub/test_b": "error"}, {}, {TOP: REASON}, [Kind.ADDED]),
    Case("both fail, not found", {"?a": "failed", "?b": "failed"}, {}, {TOP: REASON}, [Kind.ADDED]),
    Case("both pass", {"test_a": "passed", "sub/test_b": "passed"}, {}, {}, []),
    Case("one fails", {"test_a": "failed", "sub/test_b": "passed"}, {}, {A: REASON}, [Kind.ADDED]),
    Case("one fails, not found", {"?a": "failed", "?b": "passed"}, {}, {}, [Kind.KEPT_BACK]),
    Case("one fails, found", {"test_a": "failed", "?b": "passed"}, {}, {A: REASON}, [Kind.ADDED]),
    Case(
        "one fails, one did not run",
        {"test_a": "failed", "sub/test_b": "skipped"},
        {},
        {TOP: REASON},
        [Kind.ADDED],
    ),
    Case(
        "one fails, one is flaky",
        {"test_a": "failed", "sub/test_b": "passed, failed"},
        {},
        {A: REASON, skip(KEY, "sub/test_b"): {"reason": "flaky: ValueError: at 0x..."}},
        [Kind.ADDED, Kind.ADDED],
    ),
    Case(
        "one is flaky, one fails, not found",
        {"test_a": "passed, failed", "?b": "failed"},
        {},
        {skip(KEY, "test_a"): {"reason": "flaky: ValueError: at 0x..."}, TOP: REASON},
        [Kind.ADDED, Kind.ADDED],
    ),
    Case(
        "one is flaky, one fails, not found, one passes",
        {"test_a": "passed, failed", "?b": "failed", "sub/test_c": "passed"},
        {},
        {skip(KEY, "test_a"): {"reason": "flaky: ValueError: at 0x..."}},
        [Kind.ADDED, Kind.KEPT_BACK],
    ),
    Case(
        "each fails in its own configuration",
        {"test_a": "py311=failed; py312=passed", "sub/test_b": "py311=passed; py312=failed"},
        {},
        {A: WHEN_311, B: WHEN_312},
        [Kind.ADDED, Kind.ADDED],
    ),
    Case(
        "each fails in its own configuration, not found",
        {"?a": "py311=failed; py312=passed", "?b": "py311=passed; py312=failed"},
        {},
        {},
        [Kind.KEPT_BACK, Kind.KEPT_BACK],
    ),
    Case(
        "one crashed, one fails",
        {"test_a": "crashed", "sub/test_b": "failed"},
        {},
        {B: REASON},
        [Kind.ADDED, Kind.CRASHED],
    ),
    Case(
        "one fails, one's own mark expects it",
        {"test_a": "failed", "sub/test_b": XF},
        {},
        {A: REASON},
        [Kind.ADDED],
    ),
    Case(
        "one fails, another list's passes",
        {"test_a": "failed", "sub/test_b": SP},
        {},
        {A: REASON},
        [Kind.ADDED],
    ),
    Case("listed, both fail", {"test_a": XF, "sub/test_b": XF}, {TOP: {}}, {TOP: {}}, []),
    Case("listed, both pass", {"test_a": UP, "sub/test_b": UP}, {TOP: {}}, {}, [Kind.REMOVED]),
    Case("listed, both pass, not found", {"?a": UP, "?b": UP}, {TOP: {}}, {}, [Kind.REMOVED]),
    Case(
        "listed, one passes",
        {"test_a": UP, "sub/test_b": XF},
        {TOP: {"owner": "me"}},
        {B: {"owner": "me"}},
        [Kind.SPLIT],
    ),
    Case(
        "listed, one of three passes",
        {"test_a": UP, "sub/test_b": XF, "sub/test_c": XF},
        {TOP: {"owner": "me"}},
        {B: {"owner": "me"}, C: {"owner": "me"}},
        [Kind.SPLIT, Kind.SPLIT],
    ),
    Case(
        "listed, one of three passes, one did not run",
        {"test_a": UP, "sub/test_b": XF, "sub/test_c": "skipped"},
        {TOP: {}},
        {B: {}, C: {}},
        [Kind.SPLIT, Kind.SPLIT],
    ),
    Case(
        "listed, one passes, one did not run",
        {"test_a": UP, "sub/test_b": "not run"},
        {TOP: {}},
        {B: {}},
        [Kind.SPLIT],
    ),
    Case(
        "listed, one passes, the other is not found",
        {"test_a": UP, "?b": XF},
        {TOP: {}},
        {TOP: {}},
        [Kind.KEPT_BACK],
    ),
    Case(
        "listed, the one that passes is not found",
        {"?a": UP, "sub/test_b": XF},
        {TOP: {}},
        {B: {}},
        [Kind.SPLIT],
    ),
    Case(
        "listed, one passes, only remove",
        {"test_a": UP, "sub/test_b": XF},
        {TOP: {}},
        {TOP: {}},
        [Kind.KEPT_BACK],
        ONLY_REMOVE,
    ),
    Case(
        "listed, one passes, kept",
        {"test_a": UP, "sub/test_b": XF},
        {TOP: {"keep": "yes"}},
        {TOP: {"keep": "yes"}},
        [Kind.KEPT_BACK],
    ),
    Case(
        "listed, one is flaky",
        {"test_a": f"{UP}, {XF}", "sub/test_b": XF},
        {TOP: {}},
        {TOP: {}},
        [Kind.KEPT_BACK],
    ),
    Case(
        "listed, one passes, one crashed",
        {"test_a": UP, "sub/test_b": "crashed"},
        {TOP: {}},
        {TOP: {}},
        [Kind.KEPT_BACK, Kind.CRASHED],
    ),
    Case(
        "listed, each passes in its own configuration",
        {"test_a": f"py311={UP}; py312={XF}", "sub/test_b": f"py311={XF}; py312={UP}"},
        {TOP: {}},
        {TOP: {}},
        [Kind.KEPT_BACK, Kind.KEPT_BACK],
    ),
    Case(
        "listed, both pass in one configuration",
        {"test_a": f"py311={UP}; py312={XF}", "sub/test_b": f"py311={UP}; py312={XF}"},
        {TOP: {}},
        {TOP: {"when": PY312}},
        [Kind.NARROWED],
    ),
    Case(
        "listed, one passes, one's entry has expired",
        {"test_a": UP, "sub/test_b": "failed"},
        {TOP: {"expires": PAST}},
        {TOP: {"expires": PAST}},
        [Kind.KEPT_BACK, Kind.KEPT_BACK],
    ),
    Case(
        "the entry cannot be read",
        {"test_a": UP, "sub/test_b": XF},
        {TOP: {"when": "nonsense"}},
        {TOP: {"when": "nonsense"}},
        [Kind.KEPT_BACK],
    ),
    Case(
        "a skip passes in one file",
        {"test_a": SP, "sub/test_b": SF},
        {skip(KEY): {}},
        {skip(KEY, "sub/test_b"): {}},
        [Kind.SPLIT],
        SKIPS_TOO,
    ),
    Case("its own entry", {"test_a": UP, "sub/test_b": "passed"}, {A: {}}, {}, [Kind.REMOVED]),
    Case(
        "its own entry, both fail",
        {"test_a": XF, "sub/test_b": "failed"},
        {A: {}},
        {A: {}, TOP: REASON},
        [Kind.ADDED],
    ),
    Case(
        "its own entry goes, the other fails",
        {"test_a": UP, "sub/test_b": "failed"},
        {A: {}},
        {B: REASON},
        [Kind.REMOVED, Kind.ADDED],
    ),
    Case(
        "its own entry goes, the other fails, not found",
        {"test_a": UP, "?b": "failed"},
        {A: {}},
        {},
        [Kind.REMOVED, Kind.KEPT_BACK],
    ),
    Case(
        "its own entry goes, and the one for any file too",
        {"test_a": UP, "sub/test_b": UP},
        {A: {}, TOP: {}},
        {},
        [Kind.REMOVED, Kind.REMOVED],
    ),
    Case(
        "its own entry goes, and the one for any file is for the other",
        {"test_a": UP, "sub/test_b": XF},
        {A: {}, TOP: {}},
        {B: {}},
        [Kind.REMOVED, Kind.SPLIT],
    ),
    Case(
        "its own entry goes, and the one for any file holds elsewhere",
        {"test_a": f"py312={UP}", "sub/test_b": f"py311={UP}"},
        {A: {}, TOP: {"when": PY311}},
        {},
        [Kind.REMOVED, Kind.REMOVED],
    ),
    Case("an entry of a file that did not run", {"test_a": UP}, {B: {}}, {B: {}}, [Kind.KEPT_BACK]),
    Case(
        "an entry of a file that is not found",
        {"?a": UP},
        {failure(KEY, "?a"): {}},
        {failure(KEY, "?a"): {}},
        [Kind.KEPT_BACK],
    ),
    Case("no results", {}, {TOP: {}}, {TOP: {}}, []),
]


def made_of(case: Case) -> list[Test]:
    """Return the tests of a case."""
    found = []
    for place, said in case.seen.items():
        pairs = [each.rpartition("=")[::2] for each in said.split("; ")]
        seen = {name: seen_of(verdicts) for name, verdicts in pairs}
        found.append(Test(KEY, place, not place.startswith("?"), seen))
    return found


def proposed(case: Case, entries: Model) -> list[Proposal]:
    """Return what follows for entries from the results of a case."""
    listed = [listed_at(address, fields) for address, fields in entries.items()]
    return key_groups.propose(made_of(case), listed, CONFIGURATIONS, case.policy)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_one_name_in_several_files(case: Case) -> None:
    """Each file's test is listed as it needs, by one entry where that does for all."""
    found = proposed(case, case.entries)
    assert [each.kind for each in found] == case.kinds
    assert applied(case.entries, [each.change for each in found]) == case.then


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_one_name_in_several_files_twice(case: Case) -> None:
    """The same results change nothing once their changes are made."""
    found = proposed(case, case.then)
    assert [each.change for each in found if each.change is not None] == []


def test_what_is_merged() -> None:
    """One proposal for several files names the configurations of all, and the least reason."""
    first, second = made_of(Case("", {"a": "py312=failed", "b": "py311=failed"}, {}, {}, []))
    other = second.seen["py311"]._replace(error="A: no")
    second = second._replace(seen={"py311": other})
    (found,) = key_groups.propose([first, second], [], CONFIGURATIONS, Policy("trunk"))
    assert found.configurations == ("py311", "py312")
    assert found.change is not None and found.change.fields == (("reason", "A: no"),)


def test_why_a_name_is_kept_back() -> None:
    """What no entry can tell apart is kept back, and says what to do."""
    case = Case("", {"?a": "failed", "?b": "passed"}, {}, {}, [])
    (found,) = proposed(case, {})
    assert found.why == key_groups.AMBIGUOUS


def test_stale() -> None:
    """An entry whose module ran without the test is told of, and nothing changes."""
    found = key_groups.stale(A)
    assert (found.kind, found.key, found.change) == (Kind.STALE, KEY, None)
    assert "not run is not passed" in found.why
