"""Exclusions into lists: which skips are new, and which tests have none."""

from __future__ import annotations

from update_fixtures import lists_of

from trunk_failures import exclusion_lists
from trunk_failures.changes import Address, Change
from trunk_failures.exclusions import Excluded, Exclusions
from trunk_failures.statuses import Disabled

WHY = (Disabled("x", issue="https://x/1", reason="slow"), Disabled("y", issue="https://x/2"))
FIELDS = (("reason", "slow; disabled on trunk"), ("issue", "https://x/1, https://x/2"))
SKIPS = ("trunk", "skips")


def below(file: str) -> str | None:
    """Return a file as entries are qualified by it, in a test directory `tests`."""
    return file.removeprefix("tests/").removesuffix(".py") if file.startswith("tests/") else None


def changes(out: list[str], kept: list[str], *there: Address) -> exclusion_lists.Listing:
    """Return what listing excluded ids changes in lists that have entries."""
    found = Exclusions(tuple(Excluded(each, WHY) for each in out), (*kept,), ())
    return exclusion_lists.changes(found, lists_of({each: {} for each in there}), "trunk", below)


def test_new_entries() -> None:
    """Each key gets one entry, with the reasons and the issues of its test."""
    out = ["tests/test_a.py::TestA::test_x", "tests/test_b.py::TestA::test_x"]
    out += ["test_c.py::test_p[1]"]
    assert changes(out, ["tests/test_a.py::TestA::test_y"]) == exclusion_lists.Listing(
        [
            Change(None, Address(*SKIPS, "TestA.test_x"), FIELDS),
            Change(None, Address(*SKIPS, "test_c.test_p[1]"), FIELDS),
        ],
        0,
        [],
    )


def test_entries_that_are_there_stay() -> None:
    """A test that is listed, for any file or for its own, of whichever kind, is left as it is."""
    out = ["tests/test_a.py::TestA::test_x", "tests/nn/test_b.py::TestB::test_x"]
    out += ["test_c.py::test_x"]
    made = changes(
        out,
        [],
        Address("trunk", "expected_failures", "TestA.test_x"),
        Address(*SKIPS, "TestB.test_x", "nn/test_b"),
        Address(*SKIPS, "test_c.test_x", "nn/test_b"),
    )
    assert made.there == 2 and made.left_in == []
    assert made.changes == [Change(None, Address(*SKIPS, "test_c.test_x"), FIELDS)]


def test_a_key_of_two_tests() -> None:
    """Where a test that is kept has the same key, the entry holds for the file alone, if it can."""
    out = ["tests/a/test_a.py::TestA::test_x", "b/test_a.py::TestA::test_x"]
    out += ["tests/c.py::B::T::test_y"]
    made = changes(out, ["tests/test_a.py::TestA::test_x", "tests/c.py::T::test_y"])
    assert made.changes == [Change(None, Address(*SKIPS, "TestA.test_x", "a/test_a"), FIELDS)]
    assert made.left_in == [
        (out[1], "an entry 'TestA.test_x' would be that of another test too"),
        (out[2], "an entry 'T.test_y' would be that of another test too"),
    ]
