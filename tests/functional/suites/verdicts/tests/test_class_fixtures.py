"""Class fixtures: listed ones as `Class.setUpClass`, and what becomes of the class's tests.

Each class has one test, so that it ends in the same process wherever its tests are spread.
"""

from __future__ import annotations

import unittest

from trunk_failures import skipIfTrunkFailing, suppressIfTrunkFailing, xfailIfTrunkFailing


@xfailIfTrunkFailing
class TestSetUpFails(unittest.TestCase):
    """Listed."""

    @classmethod
    def setUpClass(cls) -> None:
        raise ValueError("fixture")

    def test_needs_it(self) -> None:
        pass


class TestSetUpMarkedAbove(unittest.TestCase):
    """Listed; the fixture itself is decorated, above `classmethod`."""

    @xfailIfTrunkFailing
    @classmethod
    def setUpClass(cls) -> None:
        raise ValueError("fixture")

    def test_needs_it(self) -> None:
        pass


class TestSetUpMarkedBelow(unittest.TestCase):
    """Listed; the fixture itself is decorated, below `classmethod`."""

    @classmethod
    @xfailIfTrunkFailing("the decorator's reason")
    def setUpClass(cls) -> None:
        raise ValueError("fixture")

    def test_needs_it(self) -> None:
        pass


@xfailIfTrunkFailing
class FailingSetUp(unittest.TestCase):
    """Carries a fixture, and no test."""

    @classmethod
    def setUpClass(cls) -> None:
        raise ValueError("fixture")


class TestSetUpInherited(FailingSetUp):
    """Listed, by its own name."""

    def test_needs_it(self) -> None:
        pass


class TestSetUpInheritedNotListed(FailingSetUp):
    """Not listed."""

    def test_needs_it(self) -> None:
        pass


@xfailIfTrunkFailing
class TestSetUpPasses(unittest.TestCase):
    """Listed."""

    state: str

    @classmethod
    def setUpClass(cls) -> None:
        cls.state = "set up"

    def test_needs_it(self) -> None:
        self.assertEqual(self.state, "set up")


@xfailIfTrunkFailing
class TestSetUpFailsDifferently(unittest.TestCase):
    """Listed with another type of exception."""

    @classmethod
    def setUpClass(cls) -> None:
        raise ValueError("fixture")

    def test_needs_it(self) -> None:
        pass


@xfailIfTrunkFailing
class TestSetUpExpired(unittest.TestCase):
    """Listed until long ago."""

    @classmethod
    def setUpClass(cls) -> None:
        raise ValueError("fixture")

    def test_needs_it(self) -> None:
        pass


@xfailIfTrunkFailing
class TestSetUpSkips(unittest.TestCase):
    """Listed; the fixture skips its class itself."""

    @classmethod
    def setUpClass(cls) -> None:
        raise unittest.SkipTest("own reason")

    def test_needs_it(self) -> None:
        pass


@skipIfTrunkFailing
class TestSetUpSkipListed(unittest.TestCase):
    """Listed as a skip."""

    @classmethod
    def setUpClass(cls) -> None:
        raise ValueError("fixture")

    def test_needs_it(self) -> None:
        pass


@skipIfTrunkFailing
class TestSetUpSkipListedPasses(unittest.TestCase):
    """Listed as a skip."""

    @classmethod
    def setUpClass(cls) -> None:
        pass

    def test_needs_it(self) -> None:
        self.fail("body")


@suppressIfTrunkFailing
class TestSetUpNever(unittest.TestCase):
    """Listed with `run: never`."""

    @classmethod
    def setUpClass(cls) -> None:
        raise ValueError("this fixture was run")

    def test_needs_it(self) -> None:
        pass


@suppressIfTrunkFailing
class TestSetUpIsolated(unittest.TestCase):
    """Listed with `run: isolated`, which a fixture cannot be."""

    @classmethod
    def setUpClass(cls) -> None:
        raise ValueError("fixture")

    def test_needs_it(self) -> None:
        pass


@suppressIfTrunkFailing
class TestSetUpUnknownField(unittest.TestCase):
    """Listed by an entry that cannot be read."""

    @classmethod
    def setUpClass(cls) -> None:
        raise ValueError("fixture")

    def test_needs_it(self) -> None:
        pass


@suppressIfTrunkFailing
class TestSetUpNotListed(unittest.TestCase):
    """Not listed, while its test is."""

    @classmethod
    def setUpClass(cls) -> None:
        raise ValueError("fixture")

    def test_needs_it(self) -> None:
        pass


@xfailIfTrunkFailing
class TestTearDownFails(unittest.TestCase):
    """Listed."""

    @classmethod
    def tearDownClass(cls) -> None:
        raise ValueError("fixture")

    def test_before_it(self) -> None:
        pass


@xfailIfTrunkFailing
class TestTearDownPasses(unittest.TestCase):
    """Listed."""

    @classmethod
    def tearDownClass(cls) -> None:
        pass

    def test_before_it(self) -> None:
        pass


@xfailIfTrunkFailing
class TestTearDownNotListed(unittest.TestCase):
    """Not listed."""

    @classmethod
    def tearDownClass(cls) -> None:
        raise ValueError("fixture")

    def test_before_it(self) -> None:
        pass


if __name__ == "__main__":
    unittest.main()
