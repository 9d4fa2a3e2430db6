"""A listed test is interrupted, as by Ctrl-C."""

from __future__ import annotations

import os
import unittest

from trunk_failures import suppressIfTrunkFailing


def interrupt(place: str) -> None:
    """Interrupt if this is the place."""
    if os.environ["END_IN"] == place:
        raise KeyboardInterrupt


@suppressIfTrunkFailing
class TestInterrupt(unittest.TestCase):
    """Listed, and interrupted in the place that the environment names."""

    def setUp(self) -> None:
        interrupt("setUp")

    def test_1_is_interrupted(self) -> None:
        interrupt("body")
        with self.subTest("first"):
            interrupt("sub-test")


@suppressIfTrunkFailing
class TestInterruptFixture(unittest.TestCase):
    """Its fixture is listed."""

    @classmethod
    def setUpClass(cls) -> None:
        interrupt("setUpClass")

    def test_2_needs_it(self) -> None:
        pass


class TestLast(unittest.TestCase):
    """Not listed, and not come to."""

    def test_3_comes_after(self) -> None:
        pass


if __name__ == "__main__":
    unittest.main()
