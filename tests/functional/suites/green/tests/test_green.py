"""Nothing here turns a run red, while the lists are whole."""

from __future__ import annotations

import unittest

from trunk_failures import suppressIfTrunkFailing


@suppressIfTrunkFailing
class TestGreen(unittest.TestCase):
    """Two listed tests and one that is not."""

    def test_expected(self) -> None:
        self.fail("body")

    def test_skip(self) -> None:
        with self.subTest("first"):
            raise ValueError("body")

    def test_not_listed(self) -> None:
        pass


@suppressIfTrunkFailing
class TestGreenFixture(unittest.TestCase):
    """Its fixture is listed."""

    @classmethod
    def setUpClass(cls) -> None:
        raise ValueError("fixture")

    def test_needs_it(self) -> None:
        pass


if __name__ == "__main__":
    unittest.main()
