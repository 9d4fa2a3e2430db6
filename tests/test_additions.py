"""Additions: what lists tests, beside the entries that there are."""

from __future__ import annotations

import pytest
from update_fixtures import FROM_311, LINUX, PY311, SKIPS, XFAILS, lists_of

from trunk_failures import additions, ids, markers
from trunk_failures.additions import Additions, Wanted
from trunk_failures.changes import Address, Change, Fields
from trunk_failures.errors import EntryError

A, B = "tests/a/test_a.py::TestA::test_x", "tests/b/test_b.py::TestA::test_x"


def below(file: str) -> str | None:
    """Return a file as entries are qualified by it, in a test directory `tests`."""
    return file.removeprefix("tests/").removesuffix(".py") if file.startswith("tests/") else None


def wanted(
    name: str, kind: str = SKIPS, fields: Fields = (), place: str | None = None
) -> Wanted:
    """Return a test to list."""
    return Wanted(ids.read(name), "trunk", kind, fields, place)


def follow(
    *these: Wanted, kept: tuple[str, ...] = (), there: tuple[Address, ...] = (), **options: bool
) -> Additions:
    """Return what lists tests in lists that have entries."""
    return additions.follow(these, kept, lists_of({each: {} for each in there}), below, **options)


def addresses(made: Additions) -> list[Address | None]:
    """Return where new entries are to be."""
    return [each.after for each in made.changes]


def test_tests_are_listed_by_their_keys() -> None:
    """A test gets an entry for any file, with what is said of it; one that is listed gets none."""
    there = Address("trunk", XFAILS, "TestB.test_y")
    made = follow(wanted(A, SKIPS, (("reason", "x"),)), wanted("TestB.test_y"), there=(there,))
    assert made.changes == [
        Change(None, Address("trunk", SKIPS, "TestA.test_x"), (("reason", "x"),))
    ]
    assert [(number, each.key) for number, each in made.there] == [(1, "TestB.test_y")]
    assert made.left_out == []


def test_an_entry_of_another_mode_is_none_of_this_one() -> None:
    """A test that another mode lists is listed in this one too."""
    made = follow(wanted(A), there=(Address("dynamo", SKIPS, "TestA.test_x"),))
    assert len(made.changes) == 1 and not made.there


def test_tests_of_which_different_things_are_said_are_told_apart_by_file() -> None:
    """Two files' tests of one key share an entry if the same is said of them, and only then."""
    assert addresses(follow(wanted(A), wanted(B))) == [Address("trunk", SKIPS, "TestA.test_x")]
    assert addresses(follow(wanted(A), wanted(B, XFAILS))) == [
        Address("trunk", SKIPS, "TestA.test_x", "a/test_a"),
        Address("trunk", XFAILS, "TestA.test_x", "b/test_b"),
    ]
    assert addresses(follow(wanted(A), qualify=True)) == [
        Address("trunk", SKIPS, "TestA.test_x", "a/test_a")
    ]


def test_a_test_that_is_kept_has_no_part_in_an_entry() -> None:
    """Where a test of the same key is not to be listed, the file is named, or nothing listed."""
    assert addresses(follow(wanted(A), kept=(B,))) == [
        Address("trunk", SKIPS, "TestA.test_x", "a/test_a")
    ]
    made = follow(wanted("TestA.test_x"), kept=(B,))
    assert made.left_out == [(0, "an entry 'TestA.test_x' would be that of another test too")]
    module = wanted("tests.a.test_a.TestA.test_x")
    assert addresses(follow(module, kept=(B,)))[0] == addresses(follow(wanted(A), kept=(B,)))[0]


def test_a_place_that_is_given_is_kept_to() -> None:
    """An entry for one file stays beside one for any, and the other way round."""
    top, one = (Address("trunk", SKIPS, "TestA.test_x", place) for place in ("", "nn/test_a"))
    for there, place in ((top, "nn/test_a"), (one, "")):
        made = follow(wanted("TestA.test_x", place=place), there=(there,))
        assert addresses(made) == [there._replace(test_file=place)]
        made = follow(wanted("TestA.test_x", place=there.test_file), there=(there,))
        assert not made.changes and len(made.there) == 1


@pytest.mark.parametrize(
    "place",
    ["../x", "/x", "a//b", "a/.b", "a\\b", "c:x", "a\nb", "TestA.test_b", "x/", ".", "a/T.t/b"],
)
def test_no_entry_is_written_outside_the_lists(place: str) -> None:
    """A place that leads out of the list directory, or would be read as an entry, is refused."""
    made = follow(wanted("TestA.test_x", place=place))
    assert not made.changes and "is no test file" in made.left_out[0][1]


def test_what_no_entry_can_say_is_left_out() -> None:
    """Fields that break a rule, and keys that are none, are told; the others are listed."""
    made = follow(
        wanted("TestA.test_x", SKIPS, (("when", "never"),)),
        Wanted(ids.TestId("a/b", "c"), "trunk", SKIPS),
        wanted("TestA.test_x", SKIPS, (("match", "("),)),
        wanted("TestA.test_x", SKIPS, (("match", "a  b"),)),
    )
    assert [each.fields for each in made.changes] == [(("match", "a  b"),)]
    assert [number for number, _ in made.left_out] == [0, 1, 2]
    assert "'a/b.c' cannot be a key" in made.left_out[1][1]


def test_a_test_that_is_named_twice() -> None:
    """It gets one entry that holds where either does; what cannot be both counts as said first."""
    key = "TestA.test_x"
    made = follow(
        wanted(key, SKIPS, (("reason", "one"), ("when", PY311))),
        wanted(key, SKIPS, (("reason", "two"), ("when", LINUX))),
        wanted(key, XFAILS),
        wanted(key, SKIPS, (("run", "never"), ("when", FROM_311))),
    )
    (change,) = made.changes
    assert change.fields == (("reason", "one; two"), ("when", f"{PY311} or {LINUX}"))
    assert made.left_out == [
        (2, "it is listed above, as one of skips"),
        (3, "it is listed above with another `run`"),
    ]


@pytest.mark.parametrize(
    ("first", "second", "both"),
    [
        ({"issue": "u/1"}, {"issue": "u/2"}, {"issue": "u/1, u/2"}),
        ({"reason": "a"}, {}, {"reason": "a"}),
        ({"reason": "a b"}, {"reason": "a"}, {"reason": "a b"}),
        ({"when": PY311}, {}, {}),
        ({}, {"when": PY311}, {}),
        ({"when": PY311}, {"when": PY311}, {"when": PY311}),
        ({"run": "never"}, {"run": "never"}, {"run": "never"}),
    ],
)
def test_merged_fields(
    first: dict[str, str], second: dict[str, str], both: dict[str, str]
) -> None:
    """A condition that one of two does not have is none; reasons and issues are joined."""
    assert dict(additions.merged((*first.items(),), (*second.items(),))) == both


def test_markers_that_cannot_be_joined() -> None:
    """Two conditions that are too long together are told, and the first stays."""
    long = " or ".join(f'env.V{number} == "{"x" * 40}"' for number in range(35))
    assert markers.parse(long)
    made = follow(
        wanted("TestA.test_x", SKIPS, (("when", long),)),
        wanted("TestA.test_x", SKIPS, (("when", long.replace("x", "y")),)),
    )
    assert len(made.changes) == len(made.left_out) == 1
    with pytest.raises(EntryError):
        additions.merged((("when", "?"),), (("when", PY311),))
