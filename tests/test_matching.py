"""Matching: PyTorch's rule, and the exact one."""

from __future__ import annotations

import functools
import json
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunk_failures import ids, matching, platforms, status_files
from trunk_failures.ids import TestId
from trunk_failures.matching import Matcher
from trunk_failures.statuses import EXACT, PYTORCH, Disabled

DATA = Path(__file__).parents[2] / "shared" / "data"
PUBLISHED = DATA / "pytorch-disabled-tests-2023-12-01.json"
HISTORY = DATA / "pytorch-disabled-tests-history.jsonl"
published = pytest.mark.skipif(not PUBLISHED.exists(), reason="needs PyTorch's real data")

DEVICES = ("cpu", "cuda", "meta", "mps", "xla")
DTYPES = ("bool", "int64", "float16", "float32", "bfloat16", "complex64")


def by_scan(names: list[str], classname: str, method: str) -> list[str]:
    """Return the names that stand for a test, by a scan of all: what PyTorch does for each test.

    Written anew after the words of its rule, without a look at the module under test.
    """
    words = method.split("_")
    bare = method
    if words[-1] in DTYPES:
        bare = "_".join(words[:-2] if words[-2:-1] and words[-2] in DEVICES else words[:-1])
    return [
        name
        for name, target, scope in map(taken_apart, names)
        if target in (method, bare) and classname.startswith(scope)
    ]


@functools.cache
def taken_apart(name: str) -> tuple[str, str, str]:
    """Return a name, the method that it names, and the class."""
    target, scope = name.split()[:2]
    return name, target, scope[1:-1].split(".")[-1]


def scanned_verdict(document: dict[str, list[object]], found: list[str], here: set[str]) -> bool:
    """Tell whether any of the names found is disabled on platforms."""
    for name in found:
        on: list[str] = document[name][2]  # type: ignore[assignment]
        known = [each for each in on if each in platforms.KNOWN]
        if not on or here.intersection(known):
            return True
    return False


def near(names: list[str], dice: random.Random, count: int) -> list[tuple[str, str]]:
    """Return (class, method) pairs: listed ones with and without suffixes, near ones, others."""
    pairs = []
    while len(pairs) < count:
        method, scope = names[dice.randrange(len(names))].split()
        scope = scope[1:-1].rpartition(".")[2]
        device, dtype = dice.choice(DEVICES), dice.choice(DTYPES)
        method += dice.choice(
            ["", f"_{device}_{dtype}", f"_{dtype}", f"_{device}", "_x", f"_{device}_{dtype}_x"]
        )
        method = dice.choice([method, method, method[:-1], method.upper(), f"x{method}"])
        scope = dice.choice([scope, scope, f"{scope}CPU", f"{scope}CUDA", scope[:-1], f"X{scope}"])
        pairs.append((scope or "X", method or "x"))
    return pairs


@published
@pytest.mark.parametrize("here", [{"linux"}, {"linux", "rocm"}, {"mac", "macos"}])
def test_the_verdict_is_pytorchs(here: set[str]) -> None:
    """For 20,000 tests the published list disables just those that PyTorch's scan does."""
    document = json.loads(PUBLISHED.read_text())
    status = status_files.read(str(PUBLISHED))
    assert len(status.tests) == 260
    disabled, unknown = platforms.disabled(status.tests, here)
    matcher = Matcher(disabled)
    names = list(document)
    count = 0
    for scope, method in near(names, random.Random(1), 20_000):
        wanted = scanned_verdict(document, by_scan(names, scope, method), here)
        assert bool(matcher.find(TestId(scope, method))) == wanted, (scope, method)
        count += wanted
    assert 100 < count < 19_000 and not unknown


@published
def test_every_published_list_can_be_used() -> None:
    """Of three years of published lists each change is read, odd names too, and asked of.

    The whole list is read at each twentieth of them, which takes a twentieth of the time.
    """
    tests: dict[str, list[object]] = {}
    steps = 0
    time = status_files.read(str(PUBLISHED)).fetched
    for line in HISTORY.read_text().splitlines():
        change = json.loads(line)
        tests.update(change["set"])
        for name in change["drop"]:
            del tests[name]
        here = tests if steps % 20 == 0 else change["set"]
        status = status_files.parse(json.dumps(here).encode(), "x", time)
        assert len(status.tests) == len(here) and not status.notes
        matcher = Matcher(platforms.disabled(status.tests, {"linux"})[0])
        for each in status.tests:
            names = each.method_and_class
            if names is not None:
                matcher.find(TestId(names[1], names[0]))
        steps += 1
    assert steps == 2222


words = st.sampled_from(["test_a", "test_b", "cpu", "cuda", "float32", "bool", "x", ""])
methods = st.lists(words, min_size=1, max_size=4).map("_".join).filter(str.strip)
scopes = st.sampled_from(["TestA", "TestAB", "TestABCPU", "Test", "TestB"])


@given(st.lists(st.tuples(methods, scopes), max_size=8), methods, scopes)
def test_the_rule_is_pytorchs_for_any_names(
    listed: list[tuple[str, str]], method: str, scope: str
) -> None:
    """Whatever names are listed, those that stand for a test are those that a scan finds."""
    names = list(dict.fromkeys(f"{name} (__main__.{cls})" for name, cls in listed))
    matcher = Matcher(Disabled(name, PYTORCH) for name in names)
    found = [disabled.name for disabled in matcher.find(TestId(scope, method))]
    assert sorted(found) == sorted(by_scan(names, scope, method))


def test_functions_are_no_methods() -> None:
    """PyTorch's rule is about classes: a function of a module of that name is another test."""
    matcher = Matcher([Disabled("test_x (__main__.test_a)", PYTORCH)])
    assert not matcher.find(ids.read("test_a.py::test_x"))


@pytest.mark.parametrize(
    ("listed", "test", "wanted"),
    [
        ("a/test_m.py::TestA::test_x", "a/test_m.py::TestA::test_x", True),
        ("test_m.py::TestA::test_x", "a/test_m.py::TestA::test_x", False),
        ("a/test_m.py::TestA::test_x", "test_m.py::TestA::test_x", False),
        ("a/test_m.py::TestA::test_x", "b/test_m.py::TestA::test_x", False),
        ("xtest_m.py::TestA::test_x", "test_m.py::TestA::test_x", False),
        ("a/test_m.py::TestA::test_x", "a/test_m.py::TestA::test_x[1]", False),
        ("a/test_m.py::TestA::test_x", "a/test_m.py::TestACPU::test_x", False),
        ("a/test_m.py::TestA::test_x", "a/test_m.py::Outer::TestA::test_x", False),
        ("a/test_m.py::Outer::TestA::test_x", "a/test_m.py::Outer::TestA::test_x", True),
        ("TestA.test_x", "a/test_m.py::Outer::TestA::test_x", True),
        ("a/test_m/TestA.test_x", "a/test_m.py::Outer::TestA::test_x", True),
        ("a/test_m.py::test_x[1]", "a/test_m.py::test_x[1]", True),
        ("a/test_m.py::test_x[1]", "a/test_m.py::test_x[10]", False),
        ("test_x (a.test_m.TestA)", "a/test_m.py::TestA::test_x", True),
        ("test_x (b.test_m.TestA)", "a/test_m.py::TestA::test_x", False),
        ("test_x (__main__.TestA)", "a/test_m.py::TestA::test_x", True),
        ("a.test_m.TestA.test_x", "a/test_m.py::TestA::test_x", True),
        ("test_m.TestA.test_x", "a/test_m.py::TestA::test_x", True),
        ("r.a.test_m.TestA.test_x", "a/test_m.py::TestA::test_x", True),
        ("st_m.TestA.test_x", "a/test_m.py::TestA::test_x", False),
        ("TestA.test_x", "a/test_m.py::TestA::test_x", True),
        ("test_m.test_x", "a/test_m.py::test_x", True),
        ("a/test_m/TestA.test_x", "a/test_m.py::TestA::test_x", True),
    ],
)
def test_exact_names(listed: str, test: str, wanted: bool) -> None:
    """By the exact rule a name is one test, in any dialect, of its file or its module."""
    assert bool(Matcher([Disabled(listed, EXACT)]).find(ids.read(test))) == wanted


def test_names_that_match_nothing_are_known() -> None:
    """A name that is no test's matches nothing, and is told of."""
    odd = Disabled("pull / linux / build", EXACT)
    matcher = Matcher([odd, Disabled("TestA.test_x")])
    assert matcher.unreadable == [odd]
    assert Matcher([Disabled("TestA.test_x", PYTORCH)]).find(ids.read("m.py::TestA::test_x"))


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("test_x (m.TestA)", EXACT),
        ("test_x (m.TestA)", PYTORCH),
        ("m.TestA.test_x", EXACT),
        ("a/m.py::TestA::test_x[p]", EXACT),
        ("a/m/TestA.test_x", EXACT),
        (" test_x  (m. TestA) ", PYTORCH),
        ("test_x [p] (m.TestA)", EXACT),
        ("TestA.test_x (i=1)", EXACT),
        ("a/test_x.py", EXACT),
        ("no test", EXACT),
    ],
)
def test_candidates(name: str, rule: str) -> None:
    """By their names alone only tests are passed over that no test of those names can be."""
    disabled = Disabled(name, rule)
    for names in (["test_x"], ["test_y", "test_x_cpu_float32"], ["test_x_bool"]):
        assert matching.candidates([disabled], names) == [disabled]
    assert matching.candidates([Disabled("m.TestA.test_x")], ["test_y", "test"]) == []


def test_names_that_are_known() -> None:
    """A name is known if a test of that name can be found, by either rule."""
    listed = [Disabled("test_x (m.TestA)", PYTORCH), Disabled("m.py::test_p[a]"), Disabled("no")]
    matcher = Matcher(listed)
    assert matcher.knows("test_x") and matcher.knows("test_x_cpu_bool") and matcher.knows("test_p")
    assert not matcher.knows("test_x_cpu") and not matcher.knows("no")
