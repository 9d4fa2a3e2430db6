"""Marks: which lists a function, a class and a test are under."""

from __future__ import annotations

import functools
import unittest
from typing import Any

import pytest

from trunk_failures import lists, marks

XFAIL = (lists.EXPECTED_FAILURES,)
SKIP = (lists.SKIPS,)
BOTH = lists.KINDS


def function() -> Any:
    """Return a new function."""

    def body() -> None: ...

    return body


@pytest.mark.parametrize(
    ("made", "found"),
    [
        ([], {}),
        ([(XFAIL, "a")], {"expected_failures": "a"}),
        ([(BOTH, "a")], {"expected_failures": "a", "skips": "a"}),
        ([(XFAIL, "a"), (SKIP, "b")], {"expected_failures": "a", "skips": "b"}),
        ([(XFAIL, "a"), (XFAIL, "b")], {"expected_failures": "b"}),
    ],
)
def test_marks_add_up(made: list[tuple[tuple[str, ...], str]], found: dict[str, str]) -> None:
    """Marks of several kinds stand beside one another; of one kind the outermost's reason does."""
    item = function()
    cls = type("TestA", (), {})
    for kinds, reason in made:
        marks.mark(item, kinds, reason)
        marks.mark(cls, kinds, reason)
    assert marks.of_function(item) == found
    assert marks.of_class(cls) == found


def test_wraps_carries_a_mark_on() -> None:
    """A function that wraps a marked one, as mock.patch does, is marked; the first stays as is."""
    item = function()
    marks.mark(item, XFAIL, "a")
    wrapped: Any = functools.wraps(item)(lambda: None)
    assert marks.of_function(wrapped) == {"expected_failures": "a"}
    marks.mark(wrapped, SKIP, "b")
    assert marks.of_function(item) == {"expected_failures": "a"}


def test_classes_inherit_marks() -> None:
    """A class is under its own lists and all its bases'; the nearest reason counts."""

    class Base:

        pass

    class Mixin:

        pass

    class Plain:

        pass

    class Both(Plain, Mixin, Base):

        pass

    class Sub(Both):

        pass

    marks.mark(Base, XFAIL, "base")
    marks.mark(Mixin, SKIP, "mixin")
    everything = {"expected_failures": "base", "skips": "mixin"}
    assert marks.of_class(Both) == marks.of_class(Sub) == everything
    assert marks.of_class(Base) == {"expected_failures": "base"}
    assert marks.of_class(Mixin) == {"skips": "mixin"}
    assert marks.of_class(Plain) == {}
    marks.mark(Sub, XFAIL, "sub")
    assert marks.of_class(Sub) == {"expected_failures": "sub", "skips": "mixin"}
    assert marks.of_class(Both) == everything


def test_a_class_marked_for_both_hides_its_bases() -> None:
    """A class that is under both kinds of lists has its own reasons for both."""

    class Base:

        pass

    class Sub(Base):

        pass

    marks.mark(Base, XFAIL, "base")
    marks.mark(Sub, BOTH, "sub")
    assert marks.of_class(Sub) == {"expected_failures": "sub", "skips": "sub"}


@pytest.mark.parametrize(
    ("of_class", "of_method", "found"),
    [
        ((), (), {}),
        (XFAIL, (), {"expected_failures": "class"}),
        ((), XFAIL, {"expected_failures": "method"}),
        (XFAIL, XFAIL, {"expected_failures": "method"}),
        (XFAIL, SKIP, {"expected_failures": "class", "skips": "method"}),
        (BOTH, (), {"expected_failures": "class", "skips": "class"}),
    ],
)
def test_a_test_is_under_its_method_s_and_its_class_s_lists(
    of_class: tuple[str, ...], of_method: tuple[str, ...], found: dict[str, str]
) -> None:
    """The method's marks and the class's hold for a test together."""

    class TestA(unittest.TestCase):
        def test_b(self) -> None: ...

    if of_class:
        marks.mark(TestA, of_class, "class")
    if of_method:
        marks.mark(TestA.test_b, of_method, "method")
    assert marks.of_test(TestA("test_b"), "test_b") == found


def test_a_method_that_is_not_there_has_no_marks() -> None:
    """A test whose method is not to be found, as a runner may make up, has its class's marks."""
    assert marks.of_test(unittest.TestCase(), "missing") == {}
