"""Collected tests, looked up by what lists call them."""

from __future__ import annotations

from trunk_failures.formats import collected_tests, imported
from trunk_failures.formats.collected_tests import CollectedTests
from trunk_failures.formats.imported import Dropped, Imported, Listed

IDS = [
    "a/test_a.py::TestA::test_x",
    "a/b/test_a.py::TestA::test_x",
    "a/test_p.py::test_p[1::2]",
    "a/test_p.py::test_p[3]",
]
TESTS = CollectedTests(IDS)


def test_indexes() -> None:
    """Ids are found whole, without parameters, by name, by file and by folder, and by key."""
    assert TESTS.by_id["a/test_p.py::test_p"] == IDS[2:]
    assert TESTS.by_name["test_p[1::2]"] == TESTS.by_id[IDS[2]] == [IDS[2]]
    assert TESTS.by_file["a/b"] == [IDS[1]] and TESTS.by_file["a"] == IDS
    assert TESTS.beginning("a/test_p.py::test_p[") == IDS[2:] and not TESTS.beginning("z")
    assert TESTS.by_key["TestA.test_x"] == IDS[:2]
    assert TESTS.of_module("test_a") == IDS[:1] and TESTS.of_module("b.test_a") == [IDS[1]]
    assert TESTS.of_module("test_none") == []


def listed(name: str, place: str | None = None) -> Listed:
    """Return a test that a list names."""
    found = imported.named(name, 1)
    assert isinstance(found, Listed)
    return found._replace(place=place)


def test_tests_are_found_by_what_their_ids_tell() -> None:
    """A key is that of all files, a node id of one, and a unittest id of one module."""
    def found(name: str) -> list[str]:
        return [*collected_tests.by_test(listed(name), TESTS)]

    assert found("TestA.test_x") == IDS[:2]
    assert found(IDS[1]) == found("a.b.test_a.TestA.test_x") == [IDS[1]]
    assert collected_tests.by_test(Listed("part of an id"), TESTS) == ()


def test_each_name_is_put_down_to_tests() -> None:
    """What covers no test is dropped, and what has its place stays as it is."""
    placed = listed("TestZ.test_z", "nn/test_z")
    names = (listed("TestA.test_x"), listed("TestB.test_y"), placed)
    found = collected_tests.expanded(Imported(names), TESTS, collected_tests.by_test)
    assert [each.name for each in found.listed] == [*IDS[:2], "TestZ.test_z"]
    assert found.dropped == (Dropped(1, "'TestB.test_y' matches no collected test"),)
