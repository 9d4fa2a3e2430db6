"""Inherited tests: the class that runs decides which entry is asked for."""

from __future__ import annotations

import unittest
from typing import Any

from trunk_failures import suppressIfTrunkFailing, xfailIfTrunkFailing


@xfailIfTrunkFailing
class TestBase(unittest.TestCase):
    """Listed itself for one of its tests."""

    def test_fails(self) -> None:
        self.fail("body")

    def test_listed_below(self) -> None:
        self.fail("body")

    def test_overridden(self) -> None:
        self.fail("body")


class TestListedChild(TestBase):
    """Listed, and not decorated itself."""

    def test_overridden(self) -> None:
        self.fail("child's body")


class TestOtherChild(TestBase):
    """Not listed: its failures are its own."""


class TestMethodBase(unittest.TestCase):
    """One decorated method, to be inherited and overridden."""

    @xfailIfTrunkFailing
    def test_inherited(self) -> None:
        self.fail("body")

    @xfailIfTrunkFailing
    def test_overridden(self) -> None:
        self.fail("body")


class TestMethodChild(TestMethodBase):
    """Overrides a decorated method without decorating it, which takes it out of the lists."""

    def test_overridden(self) -> None:
        self.fail("child's body")


class Mixin:
    """Tests for classes of several files."""

    def test_mixed_in(self) -> None:
        raise ValueError("mixin")

    @xfailIfTrunkFailing
    def test_decorated_in_mixin(self) -> None:
        raise ValueError("mixin")


class TestMixin(Mixin, unittest.TestCase):
    """Only the mixin's decorated method is under the lists."""


@suppressIfTrunkFailing
class TestDecoratedMixin(Mixin, unittest.TestCase):
    """Carries no tests itself."""


@suppressIfTrunkFailing
class DecoratedMixin:
    """Decorated, and no TestCase."""

    def test_mixed_in(self) -> None:
        raise ValueError("mixin")


class TestFromDecoratedMixin(DecoratedMixin, unittest.TestCase):
    """Under the lists by its mixin."""


@suppressIfTrunkFailing
class TestOwnHook(unittest.TestCase):
    """Has an `__init_subclass__` of its own, which the decorator keeps."""

    flavour = "none"

    def __init_subclass__(cls, flavour: str = "plain", **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.flavour = flavour


class TestOwnHookChild(TestOwnHook, flavour="special"):
    """Given an argument."""

    def test_keeps_flavour(self) -> None:
        self.assertEqual(self.flavour, "special")

    def test_fails(self) -> None:
        self.fail(f"{self.flavour} body")


if __name__ == "__main__":
    unittest.main()
