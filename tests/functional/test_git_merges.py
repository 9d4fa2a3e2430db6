"""What git makes of lists that two branches change: the right lists or a conflict, nothing else."""

from __future__ import annotations

import os
import random
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest
from git_fixtures import git
from hypothesis import event, given, settings
from hypothesis import strategies as st
from test_file_changes import SKIP, XF, address, apply

from trunk_failures import cli
from trunk_failures.changes import Address, Change

EXAMPLES = int(os.environ.get("TRUNK_FAILURES_TEST_MERGES", "60"))

Fields = Mapping[str, str]
Side = Callable[[Path], None]
"""What one branch does to the lists of a test directory."""


class Listed(NamedTuple):
    """An entry: where it is, and its fields, sorted."""

    address: Address
    fields: tuple[tuple[str, str], ...]


State = dict[str, Listed]
"""The entries of lists, by their keys."""


# What is done with git.


def listed(key: str, kind: str = XF, test_file: str = "", /, **fields: str) -> Listed:
    """Return an entry."""
    return Listed(address(key, kind, test_file), tuple(sorted(fields.items())))


def changes(before: State, after: State) -> list[Change]:
    """Return the changes that lead from one state to another."""
    found = []
    for key in sorted({*before, *after}):
        old, new = before.get(key), after.get(key)
        fields = dict.fromkeys(dict(old.fields), "") if old else {}
        fields.update(new.fields if new else ())
        found.append(
            Change(old.address if old else None, new.address if new else None, (*fields.items(),))
        )
    return found


def committed(root: Path, subject: str) -> None:
    """Commit all there is."""
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--no-gpg-sign", "--allow-empty", "-m", subject)


def branches(root: Path, base: Side, ours: Side, theirs: Side) -> None:
    """Lay out lists, and what two branches make of them; the first one is checked out."""
    root.mkdir(exist_ok=True)
    git(root, "init", "--quiet")
    base(root)
    committed(root, "base")
    git(root, "branch", "theirs")
    ours(root)
    committed(root, "ours")
    git(root, "checkout", "--quiet", "theirs")
    theirs(root)
    committed(root, "theirs")
    git(root, "checkout", "--quiet", "-")


def merge(root: Path, branch: str = "theirs", *options: str) -> bool:
    """Merge a branch; tells whether that was done without a conflict."""
    try:
        git(root, *options, "merge", "--quiet", "--no-edit", "--no-gpg-sign", branch)
    except subprocess.CalledProcessError as error:
        assert "CONFLICT" in error.stdout, error.stderr
        return False
    return True


def entries(root: Path) -> dict[str, set[Listed]]:
    """Return the entries that are on the disk, by their keys; read without the package."""
    found: dict[str, set[Listed]] = {}
    for path in root.glob("trunk_*/**/T.*"):
        folder, *place, key = path.relative_to(root).parts
        fields = {}
        for line in path.read_text().splitlines():
            name, field, value = line.split(": ")
            assert name == key and field not in fields
            fields[field] = value
        kind = folder.removeprefix("trunk_")
        found.setdefault(key, set()).add(listed(key, kind, "/".join(place), **fields))
    return found


def by(before: State, after: State) -> Side:
    """Return a side that makes one state of another, by the code that `update` has."""
    return lambda root: apply(root, *changes(before, after))


def check(root: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """Return what `check` finds."""
    capsys.readouterr()
    cli.main(["check", "--test-dir", str(root)])
    return capsys.readouterr().out


# Cases that have been seen to go wrong elsewhere.


A, B = listed("T.a", reason="breaks", owner="me"), listed("T.b", reason="breaks", owner="me")
EDITED = listed("T.a", reason="breaks", owner="you")
MOVED = listed("T.a", SKIP, reason="breaks", owner="me")
BOTH = listed("T.a", SKIP, reason="breaks", owner="you")
EMPTY, EMPTY_B, EMPTY_MOVED = listed("T.a"), listed("T.b"), listed("T.a", SKIP)
OTHER = listed("T.z")

CASES: dict[str, tuple[Sequence[Listed], Sequence[Listed], Sequence[Listed], object]] = {
    "one is replaced by another that is like it, and edited": ([A], [B], [EDITED], None),
    "one is replaced by another that is like it": ([A], [B], [A, OTHER], [B, OTHER]),
    "an empty one is replaced by another, and edited": ([EMPTY], [EMPTY_B], [A], None),
    "both replace one, by different ones": (
        [A], [B], [listed("T.c", reason="breaks", owner="me")],
        [B, listed("T.c", reason="breaks", owner="me")],
    ),
    "both add the same": ([OTHER], [OTHER, A], [A, OTHER], [A, OTHER]),
    "both add one, with other fields": ([OTHER], [OTHER, A], [EDITED, OTHER], None),
    "one adds an empty one, one the same with fields": ([], [EMPTY], [A], [A]),
    "both add different ones that are like": ([], [A], [B], [A, B]),
    "both remove one": ([A, OTHER], [OTHER], [OTHER], [OTHER]),
    "removed and edited": ([A], [], [EDITED], None),
    "empty, removed and edited": ([EMPTY], [], [A], None),
    "removed and moved": ([A], [], [MOVED], None),
    "moved and edited": ([A], [MOVED], [EDITED], [BOTH]),
    "empty, moved and edited": ([EMPTY], [EMPTY_MOVED], [A], None),
    "moved and another edited": ([A, B], [MOVED, B], [A, OTHER], [MOVED, OTHER]),
    "moved to different places": (
        [A], [MOVED], [listed("T.a", XF, "nn/test_x", reason="breaks", owner="me")], None,
    ),
}  # fmt: skip


def state(those: Sequence[Listed]) -> State:
    """Return entries by their keys."""
    return {each.address.key: each for each in those}


@pytest.mark.parametrize("swapped", [False, True], ids=["", "swapped"])
@pytest.mark.parametrize("case", CASES)
def test_cases(case: str, swapped: bool, tmp_path: Path) -> None:
    """The right lists or a conflict, whichever side does what."""
    base, ours, theirs, expected = CASES[case]
    if swapped:
        ours, theirs = theirs, ours
    start = state(base)
    branches(tmp_path, by({}, start), by(start, state(ours)), by(start, state(theirs)))
    clean = merge(tmp_path)
    assert clean is (expected is not None)
    if isinstance(expected, list):
        assert entries(tmp_path) == {each.address.key: {each} for each in expected}


def test_lines_that_do_not_name_their_test_go_to_another(tmp_path: Path) -> None:
    """Without names in the lines, git takes one test's lines for another's: what names are for."""
    text = "reason: breaks\nissue: https://example.org/1\nowner: me\n"
    old, new = (tmp_path / f"trunk_{SKIP}" / name for name in ("T.a", "T.b"))

    def base(root: Path) -> None:
        old.parent.mkdir()
        old.write_text(text)

    def ours(root: Path) -> None:
        old.unlink()
        new.write_text(text)

    branches(tmp_path, base, ours, lambda root: old.write_text(text + "keep: mine\n") and None)
    assert merge(tmp_path)
    assert new.read_text() == text + "keep: mine\n"


@pytest.mark.parametrize("option", ["true", "conflict", "false"])
@pytest.mark.parametrize("fields", [{}, {"reason": "breaks"}], ids=["empty", "with lines"])
def test_a_whole_list_moves(tmp_path: Path, option: str, fields: dict[str, str]) -> None:
    """What the other side adds to a list that moves stays where it was added, or conflicts."""
    base = {f"T.{n}": listed(f"T.{n}", **fields) for n in range(9)}
    moved = {key: listed(key, SKIP, **fields) for key in base}
    added = {**base, "T.new": listed("T.new", reason="new")}
    branches(tmp_path, by({}, base), by(base, moved), by(base, added))
    assert merge(tmp_path, "theirs", "-c", f"merge.directoryRenames={option}")
    assert entries(tmp_path) == {
        key: {each} for key, each in {**moved, "T.new": added["T.new"]}.items()
    }


# What git merges cleanly, and what is wrong all the same, `check` tells of.


@pytest.mark.parametrize(
    ("ours", "theirs", "told"),
    [
        (listed("T.a"), listed("T.a", SKIP), "can be but one"),
        (listed("T.a"), listed("T.A"), "case"),
    ],
)
def test_what_git_cannot_know(
    tmp_path: Path, ours: Listed, theirs: Listed, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two entries that may not be listed together are merged, and told of by `check`."""
    start = state([OTHER])
    branches(
        tmp_path, by({}, start), by(start, state([OTHER, ours])), by(start, state([OTHER, theirs]))
    )
    assert merge(tmp_path)
    assert told in check(tmp_path, capsys)


# Any changes on both sides.


FIELDS = st.fixed_dictionaries(
    {}, optional={"reason": st.sampled_from(["r", "s"]), "owner": st.just("me")}
)
PLACES = st.tuples(st.sampled_from([XF, SKIP]), st.sampled_from(["", "nn/test_x"]))


@st.composite
def sides(draw: st.DrawFn) -> tuple[State, State, State]:
    """Return a state, and what two branches make of it."""

    def entry(key: str) -> Listed:
        return listed(key, *draw(PLACES), **draw(FIELDS))

    base = {key: entry(key) for key in ("T.0", "T.1", "T.2", "T.3") if draw(st.booleans())}
    found = []
    for _ in range(2):
        side = dict(base)
        for key, before in base.items():
            what = draw(st.sampled_from(["keep", "keep", "remove", "edit", "move", "other"]))
            if what == "remove":
                del side[key]
            elif what != "keep":
                other = entry(key)
                where = before.address if what == "edit" else other.address
                side[key] = Listed(where, before.fields if what == "move" else other.fields)
        for key in draw(st.sets(st.sampled_from(["T.4", "T.5", "T.6"]))):
            side[key] = entry(key)
        found.append(side)
    return base, found[0], found[1]


def three_way(base: object, ours: object, theirs: object) -> object:
    """Return what two sides make of a value; raises ValueError where they disagree."""
    if ours == theirs or theirs == base:
        return ours
    if ours == base:
        return theirs
    raise ValueError


def as_entries(base: Listed | None, ours: Listed | None, theirs: Listed | None) -> set[Listed]:
    """Return what two sides make of an entry, wherever they move it."""
    if base is None and ours and theirs and ours.address == theirs.address:
        base = Listed(ours.address, ())  # git takes two that are added for two edits of nothing.
    if base is None or ours is None or theirs is None:
        one = three_way(base, ours, theirs)
        return {one} if isinstance(one, Listed) else set()
    each = (base, ours, theirs)
    where = three_way(*(one.address for one in each))
    assert isinstance(where, Address)
    fields = {
        name: three_way(*(dict(one.fields).get(name) for one in each))
        for name in ("reason", "owner")
    }
    return {
        listed(where.key, where.kind, where.test_file, **{
            name: str(value) for name, value in fields.items() if value is not None
        })
    }  # fmt: skip


def as_files(base: Listed | None, ours: Listed | None, theirs: Listed | None) -> set[Listed]:
    """Return what two sides make of an entry where a move is a file less and a file more."""
    each = (base, ours, theirs)
    found: set[Listed] = set()
    for place in {one.address for one in each if one}:
        found |= as_entries(*(one if one and one.address == place else None for one in each))
    return found


@settings(max_examples=EXAMPLES)
@given(sides())
def test_any_changes(
    tmp_path_factory: pytest.TempPathFactory, those: tuple[State, State, State]
) -> None:
    """Each entry is as one of the sides made it, or as both did, or there is a conflict.

    Changes of different entries are no conflict, but for those of a whole folder that moves.
    """
    base, ours, theirs = those
    root = tmp_path_factory.mktemp("merge")
    branches(root, by({}, base), by(base, ours), by(base, theirs))
    both = {
        key
        for key in {*base, *ours, *theirs}
        if ours.get(key) != base.get(key) != theirs.get(key)
    }
    if not merge(root):
        event("a conflict")
        assert both or any(one.address.test_file for one in base.values())
        return
    event("merged")
    merged = entries(root)
    for key in {*base, *ours, *theirs}:
        right = []
        for rule in (as_entries, as_files):
            try:
                right.append(rule(base.get(key), ours.get(key), theirs.get(key)))
            except ValueError:
                pass
        assert merged.get(key, set()) in right


# Many at once.

BRANCHES, LISTED, EACH = 100, 500, 3
"""Branches, entries that are there before, and entries that each branch removes and adds."""


def test_a_hundred_branches(tmp_path: Path) -> None:
    """A hundred branches merge without a conflict; in one sorted file most of them conflict."""
    dice = random.Random(1)
    keys = [f"Test{dice.randrange(10**6)}.test_{number}" for number in range(LISTED)]
    work = [
        (
            dice.sample(keys, EACH),
            [f"Test{dice.randrange(10**6)}.test_{branch}_{number}" for number in range(EACH)],
        )
        for branch in range(BRANCHES)
    ]

    def entry(root: Path, key: str) -> Path:
        return root / f"trunk_{XF}" / key

    def in_files(root: Path, removed: Sequence[str], added: Sequence[str]) -> None:
        apply(
            root,
            *(Change(address(key), None) for key in removed),
            *(Change(None, address(key), (("reason", "breaks"),)) for key in added),
        )

    def in_one_file(root: Path, removed: Sequence[str], added: Sequence[str]) -> None:
        file = root / "list.txt"
        there = {*file.read_text().split()} if file.exists() else set()
        file.write_text("".join(f"{key}\n" for key in sorted(there - {*removed} | {*added})))

    conflicts = {}
    for edit in (in_files, in_one_file):
        root = tmp_path / edit.__name__
        root.mkdir()
        git(root, "init", "--quiet", "--initial-branch=trunk")
        edit(root, [], keys)
        committed(root, "base")
        for number, (removed, added) in enumerate(work):
            git(root, "checkout", "--quiet", "-b", f"b{number}", "trunk")
            edit(root, removed, added)
            committed(root, f"b{number}")
        git(root, "checkout", "--quiet", "trunk")
        conflicts[edit.__name__] = 0
        for number, (removed, added) in enumerate(work):
            if not merge(root, f"b{number}"):
                conflicts[edit.__name__] += 1
                git(root, "reset", "--quiet", "--hard")  # Somebody sorts it out, and rightly.
                edit(root, removed, added)
                git(root, "merge", "--quiet", "--strategy=ours", "--no-edit", f"b{number}")
                git(root, "add", "--all")
                git(root, "commit", "--quiet", "--amend", "--no-edit")
    right = {*keys, *(key for _, added in work for key in added)}
    right -= {key for removed, _ in work for key in removed}
    assert {path.name for path in (tmp_path / "in_files" / f"trunk_{XF}").iterdir()} == right
    assert {*(tmp_path / "in_one_file/list.txt").read_text().split()} == right
    assert conflicts["in_files"] == 0
    assert conflicts["in_one_file"] > BRANCHES // 2  # 93, of git 2.39.
