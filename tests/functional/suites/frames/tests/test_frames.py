"""Failures whose tracebacks people read."""

from __future__ import annotations

import unittest
from unittest import mock

from trunk_failures import suppressIfTrunkFailing


@suppressIfTrunkFailing
class TestFrames(unittest.TestCase):
    """Fail in the line that says so."""

    def test_not_listed(self) -> None:
        raise ValueError("own line")

    def test_not_listed_sub_test(self) -> None:
        with self.subTest("first"):
            raise ValueError("own line of a sub-test")

    @mock.patch.dict("os.environ")
    @suppressIfTrunkFailing
    def test_not_listed_under_mock(self) -> None:
        raise ValueError("line under mock")

    def test_expected(self) -> None:
        raise ValueError("expected line")

    def test_expected_sub_test(self) -> None:
        with self.subTest("first"):
            raise ValueError("expected line of a sub-test")

    def test_passes(self) -> None:
        pass

    def test_differs(self) -> None:
        raise ValueError("different line")

    def test_expired(self) -> None:
        raise ValueError("expired line")

    def test_broken(self) -> None:
        raise ValueError("broken line")

    def test_isolated(self) -> None:
        raise ValueError("child's line")


class TestCoroutineFrames(unittest.IsolatedAsyncioTestCase):
    """Fail where they are awaited."""

    @suppressIfTrunkFailing
    async def test_not_listed(self) -> None:
        raise ValueError("coroutine's line")

    @suppressIfTrunkFailing
    async def test_expected(self) -> None:
        raise ValueError("expected line of a coroutine")


@suppressIfTrunkFailing
class TestFixtureFrames(unittest.TestCase):
    """Fail before the test."""

    @classmethod
    def setUpClass(cls) -> None:
        raise ValueError("expected line of a fixture")

    def test_needs_it(self) -> None:
        pass


@suppressIfTrunkFailing
class TestFixtureDiffers(unittest.TestCase):
    """Fail before the test, otherwise than listed."""

    @classmethod
    def setUpClass(cls) -> None:
        raise ValueError("fixture's line")

    def test_needs_it(self) -> None:
        pass


if __name__ == "__main__":
    unittest.main()
