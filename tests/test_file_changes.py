"""File changes: which files change, under which names, and the diff that says so."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from git_fixtures import git
from hypothesis import given, settings
from hypothesis import strategies as st
from lists_fixtures import write_entry

from trunk_failures import entry_files, file_changes, file_names, list_files, list_writing
from trunk_failures.changes import Address, Change
from trunk_failures.errors import ListError
from trunk_failures.lists import Lists

XF, SKIP = "expected_failures", "skips"


def load(test_dir: Path) -> Lists:
    """Return the lists of mode trunk."""
    there = [each for each in list_files.directories(str(test_dir)) if each[0] == "trunk"]
    return list_files.read(str(test_dir), ("trunk",), there)


def address(key: str, kind: str = XF, test_file: str = "") -> Address:
    """Return an address in trunk's lists."""
    return Address("trunk", kind, key, test_file)


def apply(test_dir: Path, *changes: Change) -> None:
    """Plan changes and write them."""
    list_writing.write(file_changes.plan(load(test_dir), changes))


def tree(test_dir: Path) -> dict[str, str]:
    """Return the texts of all files below a directory."""
    files = sorted(path for path in test_dir.rglob("*") if path.is_file())
    return {path.relative_to(test_dir).as_posix(): path.read_text() for path in files}


def test_changes_of_all_kinds(tmp_path: Path) -> None:
    """Entries are added, removed, moved, edited, and made to hold for one file."""
    write_entry(tmp_path, "trunk_expected_failures/T.test_gone", "reason: x")
    write_entry(tmp_path, "trunk_expected_failures/T.test_moved", "reason: m")
    write_entry(tmp_path, "trunk_expected_failures/T.test_edited", "reason: e")
    write_entry(tmp_path, "trunk_skips/nn/test_a/T.test_own", "issue: u")
    apply(
        tmp_path,
        Change(None, address("T.test_new"), (("reason", "n"),)),
        Change(None, address("T.test_one", SKIP, "nn/test_b")),
        Change(address("T.test_gone"), None),
        Change(address("T.test_moved"), address("T.test_moved", SKIP)),
        Change(address("T.test_edited"), address("T.test_edited"), (("when", 'mode == "x"'),)),
        Change(address("T.test_own", SKIP, "nn/test_a"), None),
    )
    assert tree(tmp_path) == {
        "trunk_expected_failures/T.test_new": "T.test_new: reason: n\n",
        "trunk_expected_failures/T.test_edited": (
            'T.test_edited: reason: e\nT.test_edited: when: mode == "x"\n'
        ),
        "trunk_skips/T.test_moved": "T.test_moved: reason: m\n",
        "trunk_skips/nn/test_b/T.test_one": "",
    }
    assert not (tmp_path / "trunk_skips/nn/test_a").exists()


def test_nothing_to_do(tmp_path: Path) -> None:
    """A change that sets what is there is none."""
    write_entry(tmp_path, "trunk_skips/T.test_a", "reason: x")
    same = Change(address("T.test_a", SKIP), address("T.test_a", SKIP), (("reason", "x"),))
    assert file_changes.plan(load(tmp_path), [same]) == []
    list_writing.write([])


def test_a_list_directory_that_is_empty_is_kept(tmp_path: Path) -> None:
    """The last entry of a list leaves a file that keeps the directory in git."""
    write_entry(tmp_path, "trunk_skips/T.test_a")
    apply(tmp_path, Change(address("T.test_a", SKIP), None))
    assert tree(tmp_path) == {"trunk_skips/.gitkeep": ""}


def test_keys_that_differ_by_case_alone(tmp_path: Path) -> None:
    """New keys that are like others are listed under hashed names; old files keep theirs."""
    write_entry(tmp_path, "trunk_skips/T.test_a")
    apply(tmp_path, Change(None, address("T.test_A", SKIP)), Change(None, address("T.TEST_a", XF)))
    assert {*load(tmp_path).skips} == {"T.test_a", "T.test_A"}
    assert (tmp_path / "trunk_skips/T.test_a").exists()
    assert (tmp_path / "trunk_skips" / file_names.hashed("T.test_A")).exists()


def test_an_entry_that_moves_beside_one_it_is_like(tmp_path: Path) -> None:
    """An entry whose file has to get another name where it moves keeps its fields."""
    write_entry(tmp_path, "trunk_skips/T.test_a", "reason: s")
    write_entry(tmp_path, "trunk_expected_failures/T.test_A", "reason: x")
    apply(tmp_path, Change(address("T.test_A"), address("T.test_A", SKIP)))
    name = file_names.hashed("T.test_A")
    assert tree(tmp_path)[f"trunk_skips/{name}"] == f"test: T.test_A\n{name}: reason: x\n"


@pytest.mark.parametrize(
    "key",
    ["test_a.test_p[../../etc/x]", "T.test_\n", "T." + "x" * 3000, "T.test_é", "CON.test"],
)
def test_hostile_keys_stay_inside(tmp_path: Path, key: str) -> None:
    """Whatever a key holds, its entry is one file in its list directory, and is read back."""
    apply(tmp_path, Change(None, address(key), (("reason", "x"),)))
    (file,) = (tmp_path / "trunk_expected_failures").iterdir()
    assert {*load(tmp_path).expected_failures} == {key}
    apply(tmp_path, Change(address(key), None))
    assert not file.exists()


def test_entries_that_are_gone_are_named(tmp_path: Path) -> None:
    """A change to an entry that is not there is an error."""
    with pytest.raises(ListError, match="no entry of 'T.test_a'"):
        file_changes.plan(load(tmp_path), [Change(address("T.test_a"), None)])
    write_entry(tmp_path, "trunk_skips/T.test_b")
    with pytest.raises(ListError, match="no entry of 'T.test_a'"):
        file_changes.plan(load(tmp_path), [Change(address("T.test_a", SKIP, "f"), None)])


KEYS = st.sampled_from(["T.a", "T.A", "t.a", "T.b", "test_m.test_p[x/y]", "U.c"])


@settings(max_examples=25)
@given(st.lists(KEYS, unique=True, min_size=1), st.randoms())
def test_the_order_of_changes_does_not_matter(
    tmp_path_factory: pytest.TempPathFactory, keys: list[str], random: object
) -> None:
    """The same changes in another order are the same file changes."""
    test_dir = tmp_path_factory.mktemp("lists")
    changes = [Change(None, address(key), (("reason", key),)) for key in keys]
    loaded = load(test_dir)
    first = file_changes.plan(loaded, changes)
    random.shuffle(changes)  # type: ignore[attr-defined]
    assert file_changes.plan(loaded, changes) == first
    list_writing.write(first)
    assert {*load(test_dir).expected_failures} == {*keys}


def changes_of_all_kinds() -> Sequence[Change]:
    """Return changes that a diff has to say in different ways."""
    odd = 'test_m.test_p["a b"-é]'
    return [
        Change(None, address("T.test_empty")),
        Change(None, address(odd), (("reason", "é"),)),
        Change(address("T.test_gone"), None),
        Change(address("T.test_moved"), address("T.test_moved", SKIP)),
        Change(
            address("T.test_both"), address("T.test_both", SKIP), (("reason", "now"),)
        ),
        Change(address("T.test_free"), address("T.test_free"), (("issue", "u"),)),
        Change(address("T.test_bare"), None),
    ]


def test_git_applies_the_diff(tmp_path: Path) -> None:
    """git apply makes of the diff what writing makes of the changes."""
    tests = tmp_path / "tests"
    write_entry(tests, "trunk_expected_failures/T.test_gone", "reason: x")
    write_entry(tests, "trunk_expected_failures/T.test_moved", "reason: m")
    write_entry(tests, "trunk_expected_failures/T.test_both", "reason: b\nissue: keeps it alike")
    write_entry(tests, "trunk_expected_failures/T.test_bare")
    odd = "a \x0c form feed,\u2028 a line separator, a \r return\x85\nno line end"
    (tests / "trunk_expected_failures/T.test_free").write_bytes(odd.encode())
    git(tmp_path, "init", "--quiet")
    planned = file_changes.plan(load(tests), changes_of_all_kinds())
    text = file_changes.diff(planned, str(tmp_path))
    copy = tmp_path / "copy"
    copy.mkdir()
    git(tmp_path, "add", "--all")
    git(tmp_path, "commit", "--quiet", "-m", "x")
    git(tmp_path, "apply", given=text)
    applied = tree(tests)
    git(tmp_path, "checkout", "--quiet", "--", ".")
    git(tmp_path, "clean", "-fdq")
    list_writing.write(planned)
    assert tree(tests) == applied


def test_paths_are_quoted_as_git_does() -> None:
    """A path with quotes or beyond ASCII stands in a diff in quotes, its bytes in octal."""
    assert file_changes._quoted('b/\u00e9"') == '"b/\\303\\251\\042"'


ODD_KEYS = [
    *("T.a", "T.A", "t.a", "CON.x", "con.x", "T.b[x/y]", "é.é"),
    *("T." + "c" * 300, "T." + "C" * 300),
]
PLACES = ["", "nn/test_x", "nn", "nn/test_X"]
STATES = st.dictionaries(
    st.sampled_from(ODD_KEYS),
    st.tuples(
        st.sampled_from([XF, SKIP]), st.sampled_from(PLACES), st.sampled_from(["", "r", "s"])
    ),
)
State = dict[str, tuple[str, str, str]]


@settings(max_examples=40)
@given(st.lists(STATES, min_size=1, max_size=4))
def test_any_lists_become_any_others(
    tmp_path_factory: pytest.TempPathFactory, states: list[State]
) -> None:
    """Whatever is listed where, it can come to be listed elsewhere, all of it in one go."""
    test_dir, before = tmp_path_factory.mktemp("lists"), State()
    (test_dir / "trunk_skips").mkdir()
    for after in states:
        changes = []
        for key in {*before, *after}:
            old, new = before.get(key), after.get(key)
            changes.append(
                Change(
                    old and address(key, *old[:2]),
                    new and address(key, *new[:2]),
                    (("reason", new[2]),) if new else (),
                )
            )
        apply(test_dir, *changes)
        found = {
            each.key: (each.listing.kind, each.test_file, entry_files.read(each).reason)
            for each in load(test_dir).all()
        }
        assert found == after
        before = after
