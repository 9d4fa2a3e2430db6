"""The decorators on methods: bare, called, with a reason, stacked, and beside a neighbour."""

from __future__ import annotations

import unittest

from trunk_failures import skipIfTrunkFailing, suppressIfTrunkFailing, xfailIfTrunkFailing


class TestMethods(unittest.TestCase):
    """Some methods decorated, some not; all listed."""

    @xfailIfTrunkFailing
    def test_bare(self) -> None:
        self.fail("body")

    @xfailIfTrunkFailing()
    def test_called(self) -> None:
        self.fail("body")

    @xfailIfTrunkFailing("the decorator's reason")
    def test_reason(self) -> None:
        self.fail("body")

    @xfailIfTrunkFailing("the decorator's reason")
    def test_entry_gives_reason(self) -> None:
        self.fail("body")

    @xfailIfTrunkFailing
    def test_passes(self) -> None:
        pass

    @xfailIfTrunkFailing
    def test_sub_test_fails(self) -> None:
        with self.subTest("first"):
            self.fail("sub-test")
        with self.subTest("second"):
            pass

    @skipIfTrunkFailing
    def test_skip_bare(self) -> None:
        self.fail("body")

    @skipIfTrunkFailing()
    def test_skip_called(self) -> None:
        self.fail("body")

    @skipIfTrunkFailing("the decorator's reason")
    def test_skip_reason(self) -> None:
        self.fail("body")

    @skipIfTrunkFailing
    def test_skip_passes(self) -> None:
        pass

    @suppressIfTrunkFailing()
    def test_suppress_called(self) -> None:
        self.fail("body")

    @suppressIfTrunkFailing("the decorator's reason")
    def test_suppress_reason(self) -> None:
        self.fail("body")

    @skipIfTrunkFailing("in skips")
    @xfailIfTrunkFailing("in expected failures")
    def test_stacked_expected(self) -> None:
        self.fail("body")

    @skipIfTrunkFailing("in skips")
    @xfailIfTrunkFailing("in expected failures")
    def test_stacked_skip(self) -> None:
        self.fail("body")

    @xfailIfTrunkFailing
    @skipIfTrunkFailing
    def test_stacked_skip_passes(self) -> None:
        pass

    @skipIfTrunkFailing
    def test_expected_under_skip_alone(self) -> None:
        self.fail("body")

    def test_not_decorated(self) -> None:
        self.fail("body")


@xfailIfTrunkFailing("the class's reason")
class TestClassAndMethod(unittest.TestCase):
    """A decorated class with decorated methods."""

    @xfailIfTrunkFailing("the method's reason")
    def test_method_reason(self) -> None:
        self.fail("body")

    @skipIfTrunkFailing
    def test_both_skip(self) -> None:
        self.fail("body")

    def test_class_reason(self) -> None:
        self.fail("body")


if __name__ == "__main__":
    unittest.main()
