"""Lists: sets of keys, and where their entries are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunk_failures import lists
from trunk_failures.lists import EXPECTED_FAILURES, SKIPS, Folder, Listing, Lists

Contents = dict[tuple[str, str], dict[str, set[str]]]
"""(mode, kind) to the keys of each test file, "" being any file."""

MODES = ("slow", "dynamo", "trunk")
KEYS = st.sets(st.sampled_from(["A.a", "A.b", "B.a", "m.f[1]"]))
CONTENTS = st.dictionaries(
    st.tuples(st.sampled_from(MODES), st.sampled_from(lists.KINDS)),
    st.dictionaries(st.sampled_from(["", "nn/test_a", "test_b"]), KEYS),
)


def make(contents: Contents) -> Lists:
    """Return lists with some content, the modes in the order of MODES."""
    listings = []
    for (mode, kind), files in contents.items():
        path = f"{mode}_{kind}"
        below = {f: Folder(f"{path}/{f}", keys, {}) for f, keys in files.items() if f and keys}
        listings.append(Listing(mode, kind, Folder(path, files.get("", set()), {}), below))
    return Lists("tests", MODES, tuple(listings))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("dynamo_expected_failures", ("dynamo", EXPECTED_FAILURES)),
        ("dynamo_skips", ("dynamo", SKIPS)),
        ("compiled_autograd_skips", ("compiled_autograd", SKIPS)),
        ("a_expected_failures_skips", ("a_expected_failures", SKIPS)),
        ("a_skips_expected_failures", ("a_skips", EXPECTED_FAILURES)),
        ("expected_failures", None),
        ("_expected_failures", None),
        ("skips", None),
        ("_skips", None),
        ("a_Skips", None),
        ("askips", None),
        ("a_skip", None),
        ("a_skips_", None),
        (".a_skips", None),
        ("", None),
    ],
)
def test_names_of_list_directories(name: str, expected: tuple[str, str] | None) -> None:
    """A list directory is named by its mode and its kind; any other name is none."""
    assert lists.mode_and_kind(name) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("TestFoo.test_bar", True),
        ("test_ops.test_add[cpu-float32]", True),
        ("test_ops.test_add[a.b.c]", True),
        ("test_ops.test_add[[.]", True),
        ("test_ops", False),
        ("test_ops.", False),
        (".test_ops", False),
        ("a.b.c", False),
        ("a..b", False),
        ("a[b.c]", False),
        ("a.[b]", False),
        ("../../x", False),
        (".", False),
        ("", False),
    ],
)
def test_keys(text: str, expected: bool) -> None:
    """A key has exactly two parts, and one dot between them, before any bracket."""
    assert lists.is_key(text) is expected


def test_names_of_files() -> None:
    """The file of a key has the key for its name, but where the folder knows another."""
    folder = Folder("skips", {"A.a", "A.b/c"}, {"A.b/c": "A.b%2Fc"})
    assert (folder.file_name("A.a"), folder.file_name("A.b/c")) == ("A.a", "A.b%2Fc")


def test_one_mode_gives_its_own_sets() -> None:
    """Where one list alone has entries it is given itself: no copy of tens of thousands."""
    keys = {"A.a"}
    folder, empty = Folder("x", keys, {}), Folder("y", set(), {})
    listings = (
        Listing("dynamo", EXPECTED_FAILURES, empty, {}),
        Listing("trunk", EXPECTED_FAILURES, folder, {}),
        Listing("trunk", SKIPS, empty, {}),
    )
    loaded = Lists("tests", ("dynamo", "trunk"), listings)
    assert loaded.expected_failures is keys
    assert loaded.skips == set()
    assert not loaded.has_qualified


def test_several_modes_are_united() -> None:
    """The sets in force unite all modes; entries of one file are written `file/key`."""
    loaded = make(
        {
            ("dynamo", SKIPS): {"": {"A.a"}, "nn/test_a": {"A.b"}},
            ("trunk", SKIPS): {"": {"B.a"}},
            ("trunk", EXPECTED_FAILURES): {"test_b": {"A.a"}},
        }
    )
    assert loaded.skips == {"A.a", "B.a", "nn/test_a/A.b"}
    assert loaded.expected_failures == {"test_b/A.a"}
    assert loaded.keys == {"A.a", "A.b", "B.a"}
    assert loaded.keys is loaded.keys
    assert loaded.has_qualified


@pytest.mark.parametrize(
    ("key", "test_file", "expected"),
    [
        ("A.a", "", [("dynamo", SKIPS, ""), ("trunk", EXPECTED_FAILURES, "")]),
        ("A.a", "other", [("dynamo", SKIPS, ""), ("trunk", EXPECTED_FAILURES, "")]),
        ("A.a", "nn/t", [("dynamo", EXPECTED_FAILURES, "nn/t"), ("trunk", EXPECTED_FAILURES, "")]),
        ("A.a", "t", [("dynamo", SKIPS, ""), ("trunk", SKIPS, "t")]),
        ("A.b", "nn/t", [("dynamo", EXPECTED_FAILURES, "nn/t")]),
        ("A.b", "t", []),
        ("A.b", "", []),
        ("A.c", "nn/t", []),
    ],
)
def test_the_qualified_entry_wins(
    key: str, test_file: str, expected: list[tuple[str, str, str]]
) -> None:
    """Of one mode the entry of the very file is found, whatever its kind, else that of any."""
    loaded = make(
        {
            ("dynamo", EXPECTED_FAILURES): {"nn/t": {"A.a", "A.b"}},
            ("trunk", SKIPS): {"t": {"A.a"}},
            ("trunk", EXPECTED_FAILURES): {"": {"A.a"}},
            ("dynamo", SKIPS): {"": {"A.a"}},
        }
    )
    found = loaded.find(key, test_file)
    assert [(one.listing.mode, one.listing.kind, one.test_file) for one in found] == expected
    for one in found:
        folder = f"{one.listing.mode}_{one.listing.kind}/{one.test_file}".rstrip("/")
        assert (one.key, one.folder.path) == (key, folder)


@given(CONTENTS, st.sampled_from(["A.a", "B.a"]), st.sampled_from(["", "nn/test_a", "other"]))
def test_find_gives_one_entry_a_mode(contents: Contents, key: str, test_file: str) -> None:
    """Each mode that lists a test for its file gives one entry, the most specific mode first."""
    found = [one.listing.mode for one in make(contents).find(key, test_file)]
    listing = {
        mode
        for (mode, _), files in contents.items()
        for file, keys in files.items()
        if key in keys and file in ("", test_file)
    }
    assert found == [mode for mode in MODES if mode in listing]


@given(CONTENTS)
def test_the_sets_hold_every_entry(contents: Contents) -> None:
    """The sets of a kind hold each entry of that kind and no other."""
    loaded = make(contents)
    for kind, keys in ((EXPECTED_FAILURES, loaded.expected_failures), (SKIPS, loaded.skips)):
        assert keys == {
            f"{file}/{key}".lstrip("/")
            for (_, other), files in contents.items()
            for file, listed in files.items()
            for key in listed
            if other == kind
        }


@given(CONTENTS)
def test_a_test_in_both_lists_is_found(contents: Contents) -> None:
    """A test is in both lists where one mode has it in both kinds for the same files."""

    def entries(mode: str, kind: str) -> set[str]:
        files = contents.get((mode, kind), {})
        return {f"{file}/{key}".lstrip("/") for file, keys in files.items() for key in keys}

    expected = [
        (mode, entry)
        for mode in MODES
        for entry in entries(mode, EXPECTED_FAILURES) & entries(mode, SKIPS)
    ]
    assert sorted(make(contents).in_both_kinds()) == sorted(expected)


def test_both_lists_are_told_in_order() -> None:
    """Tests in both lists are told by mode, the most specific first, then by name."""
    both = {"": {"B.b", "A.a"}, "nn/t": {"A.a"}}
    loaded = make({(mode, kind): both for mode in ("trunk", "slow") for kind in lists.KINDS})
    assert loaded.in_both_kinds() == [
        (mode, entry) for mode in ("slow", "trunk") for entry in ("A.a", "B.b", "nn/t/A.a")
    ]
