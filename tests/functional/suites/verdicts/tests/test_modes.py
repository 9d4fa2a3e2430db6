"""Tests listed in several modes."""

from __future__ import annotations

import unittest

from trunk_failures import suppressIfTrunkFailing


@suppressIfTrunkFailing
class TestModes(unittest.TestCase):
    """Named for the modes whose lists hold them."""

    def test_trunk(self) -> None:
        self.fail("body")

    def test_dynamo(self) -> None:
        self.fail("body")

    def test_dynamo_passes(self) -> None:
        pass

    def test_dynamo_skip(self) -> None:
        self.fail("body")

    def test_inductor(self) -> None:
        self.fail("body")

    def test_slow(self) -> None:
        self.fail("body")

    def test_slow_and_dynamo(self) -> None:
        self.fail("body")

    def test_trunk_and_dynamo(self) -> None:
        self.fail("body")

    def test_trunk_when_dynamo(self) -> None:
        self.fail("body")


if __name__ == "__main__":
    unittest.main()
