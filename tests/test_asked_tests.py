"""Asked tests: what people mean by what they ask for, and what is near to it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lists_fixtures import write_entry

from trunk_failures import all_lists, asked_tests, file_names, lists, ruled_folders
from trunk_failures.asked_tests import Asked, Place
from trunk_failures.errors import UsageError

LONG = f"test_m.test_p[{'x' * 300}]"
KEYS = [
    "trunk_skips/TestA.test_x",
    "dynamo_expected_failures/TestA.test_x",
    "trunk_skips/TestB.test_x",
    "trunk_skips/nn/test_init/TestA.test_x",
    "trunk_skips/nn/test_gone/TestA.test_y",
    "trunk_skips/test_m.test_p[a]",
    "trunk_skips/test_m.test_p[a.b]",
]
A, B = Place("TestA.test_x", ""), Place("TestB.test_x", "")
IN_FILE, GONE = Place("TestA.test_x", "nn/test_init"), Place("TestA.test_y", "nn/test_gone")
P_A, P_AB, P_LONG = (Place(f"test_m.test_p{rest}", "") for rest in ("[a]", "[a.b]", LONG[13:]))


@pytest.fixture
def tests(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a test directory with lists and files of tests, in the working directory."""
    top = tmp_path / "tests"
    for path in KEYS:
        write_entry(top, path)
    name = file_names.encode(LONG)
    write_entry(top, f"trunk_skips/{name}", f"test: {LONG}")
    (top / "nn").mkdir()
    for file in ("test_a.py", "nn/test_a.py", "nn/test_init.py"):
        (top / file).write_text("")
    monkeypatch.chdir(tmp_path)
    return top


def meant(tests: Path, text: str) -> list[Place]:
    """Return the listed tests that are meant by a text."""
    listings = all_lists.read(str(tests), {}).listings
    return asked_tests.meant(asked_tests.read(text, str(tests), listings), listings)


def near(tests: Path, text: str) -> list[tuple[Place, str]]:
    """Return what is near to a text that means no listed test."""
    listings = all_lists.read(str(tests), {}).listings
    asked = asked_tests.read(text, str(tests), listings)
    assert not asked_tests.meant(asked, listings)
    return [*map(tuple, asked_tests.near(asked, listings))]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("TestA.test_x", [A, IN_FILE]),
        ("test_x (__main__.TestA)", [A, IN_FILE]),
        ("test_x (nn.test_init.TestA.test_x)", [IN_FILE]),
        ("nn.test_init.TestA.test_x", [IN_FILE]),
        ("tests.nn.test_init.TestA.test_x", [IN_FILE]),
        ("nn/test_init/TestA.test_x", [IN_FILE]),
        ("nn/test_init.py::TestA::test_x", [IN_FILE]),
        ("tests/nn/test_init.py::TestA::test_x", [IN_FILE]),
        ("tests/test_a.py::TestA::test_x", [Place("TestA.test_x", "test_a")]),
        ("tests/nn/test_gone.py::TestA::test_y", [GONE]),
        ("nn/test_gone.py::TestA::test_y", [GONE]),
        ("test_x", [A, IN_FILE, B]),
        ("test_p", [P_AB, P_A, P_LONG]),
        ("test_p[a.b]", [P_AB]),
        ("test_m.test_p", [P_AB, P_A, P_LONG]),
        ("tests/test_m.py::test_p[a]", [Place("test_m.test_p[a]", "test_m")]),
        (LONG, [P_LONG]),
        ("TestA.test_z", []),
        ("TestA.test_x[a]", []),
        ("test_z", []),
        ("tests/trunk_skips/TestB.test_x", [B]),
        ("tests/trunk_skips/nn/test_init/TestA.test_x", [IN_FILE]),
        (f"tests/trunk_skips/{file_names.encode(LONG)}", [P_LONG]),
    ],
)
def test_what_is_meant(tests: Path, text: str, places: list[Place]) -> None:
    """Ids of all dialects, names alone and paths of entries mean tests; none is but a beginning."""
    assert meant(tests, text) == places


def test_files_are_seen_from_here(tests: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two files of one name the one that is here is meant."""
    monkeypatch.chdir(tests / "nn")
    assert meant(tests, "test_a.py::TestA::test_x") == [Place("TestA.test_x", "nn/test_a")]
    monkeypatch.chdir(tests / "trunk_skips")
    assert meant(tests, "TestB.test_x") == [B]


@pytest.mark.parametrize("text", ["", "a b", "TestA.", "test x", "\0"])
def test_what_is_no_test(tests: Path, text: str) -> None:
    """Text that can be no test is refused."""
    with pytest.raises(UsageError, match="is no test id here"):
        meant(tests, text)


def test_a_file_that_is_no_entry(tests: Path) -> None:
    """A file that no list has is taken for an id."""
    (tests / "trunk_skips/.hidden").write_text("")
    with pytest.raises(UsageError):
        meant(tests, "tests/trunk_skips/.hidden")
    assert meant(tests, "tests/test_a.py") == []


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("nn/test_init/TestA.test_y", (GONE, "the same test in another file")),
        ("test_m.test_p[b]", (P_AB, "the same test with other parameters")),
        ("testb.TEST_X", (B, "the same name in other case")),
        ("TestC.test_y", (GONE, "the same name in another class or module")),
        ("TestB.test_xx", (B, "a like name")),
        ("Test_x", (A, "the same name with other parameters or in other case")),
        ("test_p[q]", (P_AB, "the same name with other parameters or in other case")),
        ("test_xq", (A, "a like name")),
    ],
)
def test_what_is_near(tests: Path, text: str, first: tuple[Place, str]) -> None:
    """What has most of the test asked for is named first, with what that is."""
    found = near(tests, text)
    assert found[0] == first
    assert len({place for place, _ in found}) == len(found) <= asked_tests.MOST_NEAR


def test_nothing_is_near(tests: Path) -> None:
    """A name like no other has nothing near."""
    assert near(tests, "Unheard.of_this") == near(tests, "qqqqqq") == []


def test_many_are_near(tests: Path) -> None:
    """Of many tests that are near some are named."""
    for number in range(30):
        write_entry(tests, f"trunk_skips/TestN{number}.test_many")
    assert len(near(tests, "TestC.test_many")) == asked_tests.MOST_NEAR


def test_names_that_stand_for_others() -> None:
    """A test is meant that a name of trunk's status stands for by PyTorch's rule."""
    folder = ruled_folders.RuledFolder("s", {"TestOps.test_add"}, {})
    listings = [lists.Listing(lists.STATUS, lists.SKIPS, folder, {})]
    key = "TestOpsCPU.test_add_cpu_float32"
    asked = asked_tests.read(key, "nowhere", listings)
    assert asked_tests.meant(asked, listings) == [Place(key, "")]


@given(st.text("ab[].", max_size=8), st.sampled_from(["TestA.test_b", "TestA.test_b[a]"]))
def test_a_key_means_itself(parameters: str, key: str) -> None:
    """Every key means itself, and its test without parameters means it too."""
    listed = f"TestA.test_b[{parameters}]"
    assert Asked(listed, listed, "").means(listed)
    assert Asked("", "TestA.test_b", "").means(listed)
    assert Asked("", "", "test_b").means(listed)
    assert Asked("", key, "").means(listed) is (key in (listed, "TestA.test_b"))
