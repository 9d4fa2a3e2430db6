"""Tests whose entries say how they fail: `raises` and `match`."""

from __future__ import annotations

import unittest

from trunk_failures import suppressIfTrunkFailing


class ProjectError(ValueError):
    """An error of the project's own."""


@suppressIfTrunkFailing
class TestSignatures(unittest.TestCase):
    """Fail as the entry says, or differently."""

    def tearDown(self) -> None:
        if self._testMethodName == "test_tear_down_differs":
            raise KeyError("left behind")

    def test_raises(self) -> None:
        raise ValueError("seen")

    def test_raises_subclass(self) -> None:
        raise ProjectError("seen")

    def test_raises_own_type(self) -> None:
        raise ProjectError("seen")

    def test_raises_one_of_two(self) -> None:
        raise KeyError("seen")

    def test_raises_other(self) -> None:
        raise KeyError("seen")

    def test_match(self) -> None:
        raise ValueError("seen at 0x7f")

    def test_match_other(self) -> None:
        raise ValueError("seen")

    def test_both(self) -> None:
        raise ValueError("seen at 0x7f")

    def test_both_other_type(self) -> None:
        raise KeyError("seen at 0x7f")

    def test_both_other_message(self) -> None:
        raise ValueError("seen")

    def test_passes(self) -> None:
        pass

    def test_skips(self) -> None:
        self.skipTest("own reason")

    def test_sub_tests_alike(self) -> None:
        for number in range(3):
            with self.subTest(number=number):
                raise ValueError("seen")

    def test_one_sub_test_differs(self) -> None:
        for number in range(3):
            with self.subTest(number=number):
                raise KeyError("two") if number == 2 else ValueError("seen")

    def test_tear_down_differs(self) -> None:
        raise ValueError("seen")

    def test_skip_raises(self) -> None:
        raise ValueError("seen")

    def test_skip_raises_other(self) -> None:
        raise KeyError("seen")

    def test_skip_passes(self) -> None:
        pass


if __name__ == "__main__":
    unittest.main()
