"""Listed tests: which entries list a test of the history, and which list none that it knows."""

from __future__ import annotations

from pathlib import Path

import pytest
from lists_fixtures import write_entry
from test_retirement import judged

from trunk_failures import retirement
from trunk_failures.listed_tests import ListedTests
from trunk_failures.stability import Verdict


@pytest.mark.parametrize(
    ("place", "listed"),
    [
        ("test_a", ["trunk_skips/TestA.test_a", "trunk_skips/test_a/TestA.test_a"]),
        ("project/tests/test_a", ["trunk_skips/TestA.test_a", "trunk_skips/test_a/TestA.test_a"]),
        ("test_b", ["trunk_skips/TestA.test_a"]),
        ("no_file", ["trunk_skips/TestA.test_a"]),
    ],
)
def test_entries_of_a_test(tmp_path: Path, place: str, listed: list[str]) -> None:
    """The entries that list a test are those of its file, and those of any."""
    for entry in ("trunk_skips/TestA.test_a", "trunk_skips/test_a/TestA.test_a",
                  "trunk_skips/no_file/TestA.test_a"):
        write_entry(tmp_path, entry)
    for name in ("test_a", "test_b"):
        (tmp_path / f"{name}.py").touch()
    listing = ListedTests(str(tmp_path))
    assert sorted(map(retirement.path, listing(judged("P", place=place)))) == listed
    assert listing(judged("P", key="TestA.other", place=place)) == ()


def test_listed_tests_that_no_run_ran(tmp_path: Path) -> None:
    """Whatever was not asked for was not run, each test once; its entries are found by then."""
    for entry in ("trunk_skips/TestA.test_a", "trunk_skips/nn/gone/TestA.test_a",
                  "trunk_skips/TestB.test_b", "dynamo_skips/TestB.test_b"):
        write_entry(tmp_path, entry)
    listing = ListedTests(str(tmp_path))
    assert [*map(retirement.path, listing(judged("P")))] == ["trunk_skips/TestA.test_a"]
    found = [*listing.not_run([])]
    assert [each[:5] for each in found] == [
        ("TestA.test_a", "nn/gone", "", Verdict.NOT_SEEN, 0),
        ("TestB.test_b", "", "", Verdict.NOT_SEEN, 0),
    ]
    assert [sorted(map(retirement.path, listing(each))) for each in found] == [
        ["trunk_skips/nn/gone/TestA.test_a"],
        ["dynamo_skips/TestB.test_b", "trunk_skips/TestB.test_b"],
    ]


@pytest.mark.parametrize(
    ("word", "keys"),
    [("TestB", ["TestB.test_b"]), ("gone", ["TestA.test_a"]), ("x", [])],
)
def test_those_that_are_asked_for(tmp_path: Path, word: str, keys: list[str]) -> None:
    """Where only some tests are wanted, by their keys or files, no others are told of."""
    write_entry(tmp_path, "trunk_skips/gone/TestA.test_a")
    write_entry(tmp_path, "trunk_skips/TestB.test_b")
    found = ListedTests(str(tmp_path)).not_run([lambda text: word in text])
    assert [each.key for each in found] == keys
