"""Exclusions: which collected tests follow from a status, and which ids others begin with."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trunk_failures import exclusions, ids
from trunk_failures.errors import UsageError
from trunk_failures.exclusions import Excluded, Exclusions
from trunk_failures.matching import Matcher
from trunk_failures.statuses import EXACT, PYTORCH, Disabled

COLLECTED = (
    "nn/test_a.py::TestA::test_x",
    "nn/test_a.py::TestA::test_x_more",
    "nn/test_a.py::TestAB::test_x_cpu_float32",
    "nn/test_a.py::test_f[a b]",
    "nn/test_a.py::test_f[a]",
    "test_b.py::TestA::test_x",
    "usage.rst::usage.rst",
)


def excluded(*tests: Disabled, match: tuple[str, ...] = ()) -> list[str]:
    """Return the ids that are excluded by tests."""
    patterns = [exclusions.pattern(text) for text in match]
    return [each.id for each in exclusions.follow(COLLECTED, tests, patterns).excluded]


@pytest.mark.parametrize(
    ("name", "rule", "places"),
    [
        ("nn/test_a.py::TestA::test_x", EXACT, [0]),
        ("TestA.test_x", EXACT, [0, 5]),
        ("test_x (nn.test_a.TestA)", EXACT, [0]),
        ("nn.test_a.TestA.test_x", EXACT, [0]),
        ("nn/test_a.py::test_f[a]", EXACT, [4]),
        ("nn/test_a.py::test_f", EXACT, []),
        ("test_x (__main__.TestA)", PYTORCH, [0, 2, 5]),
        ("test_x (__main__.TestAB)", PYTORCH, [2]),
        ("usage.rst[usage.rst]", EXACT, [6]),
        ("setUpClass (nn.test_a.TestA)", EXACT, []),
        ("no test at all", EXACT, []),
    ],
)
def test_what_is_excluded(name: str, rule: str, places: list[int]) -> None:
    """A name excludes the collected tests that it stands for, and what it stands for is said."""
    disabled = Disabled(name, rule)
    found = exclusions.follow(COLLECTED, [disabled])
    assert [each.id for each in found.excluded] == [COLLECTED[at] for at in places]
    assert all(each.because == (disabled,) for each in found.excluded)
    assert found.kept == tuple(id for at, id in enumerate(COLLECTED) if at not in places)
    assert found.unmatched == (() if places else (disabled,))


def test_several_entries_of_one_test() -> None:
    """A test that several entries stand for has the issues and the reasons of all, each once."""
    first = Disabled("TestA.test_x", EXACT, (), "https://x/1", "flaky")
    second = Disabled("test_x (m.TestA)", PYTORCH, (), "https://x/1", failed=2, runs=3)
    third = Disabled("nn/test_a.py::TestA::test_x", issue="", reason="slow", failed=1, runs=1)
    found = exclusions.follow(COLLECTED, [first, second, third]).excluded[0]
    assert found.issues == ("https://x/1",)
    assert {*found.reason.split("; ")} == {
        "flaky", "failed in 2 of 3 runs of trunk", "slow (failed in 1 of 1 runs of trunk)"
    }
    assert exclusions.reason(Disabled("x")) == "disabled on trunk"


@pytest.mark.parametrize(
    ("match", "places"),
    [
        (("nn/*",), [0]),
        (("test_b.py",), [5]),
        (("TestA*",), []),
        (("*::TestA::*",), [0, 5]),
        (("re:TestA::test_x$",), [0, 5]),
        (("re:^test_b",), [5]),
        (("test_b.py", "nn/test_a.py"), [0, 5]),
        (("nn/test_[ab].py",), [0]),
    ],
)
def test_match(match: tuple[str, ...], places: list[int]) -> None:
    """A pattern is a glob of the whole id or file, or a regular expression found in either."""
    assert excluded(Disabled("TestA.test_x"), match=match) == [COLLECTED[at] for at in places]


def test_what_a_pattern_leaves_is_no_unmatched_entry() -> None:
    """An entry of a test that is not asked for did match a test."""
    found = exclusions.follow(
        COLLECTED, [Disabled("TestA.test_x")], [exclusions.pattern("none")]
    )
    assert found == Exclusions((), COLLECTED, ())


def test_patterns_that_are_none() -> None:
    """A regular expression that does not parse is an error."""
    with pytest.raises(UsageError, match=r"--match 're:\(' is no regular expression"):
        exclusions.pattern("re:(")


texts = st.text("ab[ ]:_", max_size=5).map("t.py::t".__add__)


@given(st.sets(texts), st.sets(texts))
def test_ids_that_others_begin_with(out: set[str], kept: set[str]) -> None:
    """Of the excluded ids, those are found with which a kept one begins."""
    kept -= out
    wanted = [each for each in sorted(out) if any(other.startswith(each) for other in kept)]
    assert exclusions.beginning_others(sorted(out), kept) == wanted


def test_some_are_kept_after_all() -> None:
    """What cannot be left out is kept, and the rest stays as it was."""
    found = Exclusions((Excluded("a", ()), Excluded("b", ())), ("c",), ())
    assert exclusions.without(found, ()) is found
    assert exclusions.without(found, {"a"}) == Exclusions((Excluded("b", ()),), ("c", "a"), ())


words = st.sampled_from(["test_a", "test_b", "test_a_cpu", "test_a_float32", "setUpClass", "py"])
scopes = st.sampled_from(["TestA", "m", "TestAB", "pkg.m.TestA", "__main__. TestA", "_FailedTest"])
tails = st.sampled_from(
    ["", "[x]", " (b.c", "(b).c", "[a (b.c)]", "[a::b]", " (i=1)", " [x]", "@g"]
)
forms = st.sampled_from(
    ["{1}.{0}{2}", "{0}{2} ({1})", "{0} ({1}){2}", "m.py::{1}::{0}{2}", "m.py::{0}{2}"]
    + ["m/{1}.{0}{2}", "{0}{2}", "m.py{2}", " {0}{2} ({1}) ", "{0}{2} ({1}.{0})"]
    + ["{0} (unittest.loader.{1})"]
)
names = st.builds(lambda form, *parts: form.format(*parts), forms, words, scopes, tails)


@settings(max_examples=300)
@given(st.lists(st.builds(Disabled, names, st.sampled_from([EXACT, PYTORCH]))), st.lists(names))
def test_names_that_are_not_read_stand_for_nothing(
    disabled: list[Disabled], others: list[str]
) -> None:
    """What follows is what a matcher of all entries finds for each id that is read."""
    collected = [*COLLECTED, *(f"m.py::{each}" for each in others)]
    matcher = Matcher(disabled)
    wanted = {id: {*found} for id in collected if (found := matcher.find(ids.of_item(id)))}
    followed = exclusions.follow(collected, disabled)
    assert {each.id: {*each.because} for each in followed.excluded} == wanted
    assert {*followed.unmatched} == {*disabled}.difference(*wanted.values())
