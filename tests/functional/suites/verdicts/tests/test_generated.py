"""Tests that are generated: copies under new names, put into the class."""

from __future__ import annotations

import functools
import sys
import unittest
from collections.abc import Callable
from typing import Any

from trunk_failures import suppressIfTrunkFailing, xfailIfTrunkFailing


def parameterized(*arguments: int) -> Callable[[Callable[..., None]], None]:
    """Put a copy for each argument into the class body, as the package of that name does."""

    def decorate(function: Callable[..., None]) -> None:
        body = sys._getframe(1).f_locals
        for argument in arguments:
            body[f"{function.__name__}_{argument}"] = _copy(function, argument)

    return decorate


def instantiated(cls: Any) -> Any:
    """Replace the generic tests of a class by one for each type, as PyTorch does."""
    for name, function in list(vars(cls).items()):
        if name.startswith("test"):
            delattr(cls, name)
            for number, dtype in enumerate(("int", "float")):
                setattr(cls, f"{name}_cpu_{dtype}", _copy(function, number))
    return cls


def _copy(function: Callable[..., None], argument: int) -> Callable[..., None]:
    @functools.wraps(function)
    def test(self: unittest.TestCase) -> None:
        function(self, argument)

    return test


class TestParameterized(unittest.TestCase):
    """Decorated below the generator: the copies carry the mark."""

    @parameterized(0, 1, 2)
    @xfailIfTrunkFailing
    def test_below(self, number: int) -> None:
        self.assertNotEqual(number, 1)


@xfailIfTrunkFailing
class TestParameterizedClass(unittest.TestCase):
    """Decorated as a class."""

    @parameterized(0, 1, 2)
    def test_in_class(self, number: int) -> None:
        self.assertNotEqual(number, 1)


@instantiated
@suppressIfTrunkFailing
class TestInstantiated(unittest.TestCase):
    """Generated after the class was decorated."""

    def test_add(self, number: int) -> None:
        self.assertNotEqual(number, 1)


@instantiated
class TestInstantiatedMethods(unittest.TestCase):
    """Generated from decorated methods."""

    @suppressIfTrunkFailing
    def test_add(self, number: int) -> None:
        self.assertNotEqual(number, 1)


@suppressIfTrunkFailing
class TestSetAttribute(unittest.TestCase):
    """Given its tests later, outside."""


def _is_not_one(self: unittest.TestCase, number: int) -> None:
    self.assertNotEqual(number, 1)


for _number in (0, 1):
    setattr(TestSetAttribute, f"test_{_number}", _copy(_is_not_one, _number))


if __name__ == "__main__":
    unittest.main()
