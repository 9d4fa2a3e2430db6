"""The decorators above and below unittest's own, and mock's."""

from __future__ import annotations

import unittest
from unittest import mock

from trunk_failures import skipIfTrunkFailing, suppressIfTrunkFailing, xfailIfTrunkFailing

VALUE = "real"


class TestSkipOrder(unittest.TestCase):
    """unittest's skips: the test skips itself, wherever the mark stands."""

    @xfailIfTrunkFailing
    @unittest.skip("own reason")
    def test_above_skip(self) -> None:
        self.fail("body")

    @unittest.skip("own reason")
    @xfailIfTrunkFailing
    def test_below_skip(self) -> None:
        self.fail("body")

    @xfailIfTrunkFailing
    @unittest.skipIf(VALUE == "real", "own reason")
    def test_above_skip_if(self) -> None:
        self.fail("body")

    @unittest.skipIf(VALUE == "real", "own reason")
    @skipIfTrunkFailing
    def test_below_skip_if(self) -> None:
        self.fail("body")

    @skipIfTrunkFailing
    @unittest.skipUnless(VALUE == "mock", "own reason")
    def test_above_skip_unless(self) -> None:
        self.fail("body")

    @unittest.skipUnless(VALUE == "mock", "own reason")
    @xfailIfTrunkFailing
    def test_below_skip_unless(self) -> None:
        self.fail("body")

    @xfailIfTrunkFailing
    @unittest.skipIf(VALUE == "mock", "own reason")
    def test_skip_if_not_met(self) -> None:
        self.fail("body")


@xfailIfTrunkFailing
@unittest.skip("own reason")
class TestAboveSkip(unittest.TestCase):
    """The class skips itself, below."""

    def test_fails(self) -> None:
        self.fail("body")


@unittest.skipIf(VALUE == "real", "own reason")
@xfailIfTrunkFailing
class TestBelowSkip(unittest.TestCase):
    """The class skips itself, above."""

    def test_fails(self) -> None:
        self.fail("body")


class TestExpectedFailureOrder(unittest.TestCase):
    """unittest's `expectedFailure`: the entry decides."""

    @xfailIfTrunkFailing
    @unittest.expectedFailure
    def test_above_and_fails(self) -> None:
        self.fail("body")

    @unittest.expectedFailure
    @xfailIfTrunkFailing
    def test_below_and_fails(self) -> None:
        self.fail("body")

    @xfailIfTrunkFailing
    @unittest.expectedFailure
    def test_above_and_passes(self) -> None:
        pass

    @unittest.expectedFailure
    @xfailIfTrunkFailing
    def test_below_and_passes(self) -> None:
        pass

    @skipIfTrunkFailing
    @unittest.expectedFailure
    def test_skip_above_and_fails(self) -> None:
        self.fail("body")

    @unittest.expectedFailure
    @skipIfTrunkFailing
    def test_skip_below_and_passes(self) -> None:
        pass

    @unittest.expectedFailure
    @xfailIfTrunkFailing
    def test_fails_differently(self) -> None:
        raise KeyError("seen")

    @suppressIfTrunkFailing
    @unittest.expectedFailure
    def test_not_listed_and_fails(self) -> None:
        self.fail("body")

    @unittest.expectedFailure
    @suppressIfTrunkFailing
    def test_not_listed_and_passes(self) -> None:
        pass


@xfailIfTrunkFailing
@unittest.expectedFailure
class TestAboveExpectedFailure(unittest.TestCase):
    """The class is marked, below."""

    def test_fails(self) -> None:
        self.fail("body")

    def test_passes(self) -> None:
        pass

    def test_not_listed_and_fails(self) -> None:
        self.fail("body")


@unittest.expectedFailure
@skipIfTrunkFailing
class TestBelowExpectedFailure(unittest.TestCase):
    """The class is marked, above."""

    def test_fails(self) -> None:
        self.fail("body")

    def test_passes(self) -> None:
        pass

    def test_not_listed_and_passes(self) -> None:
        pass


class TestMock(unittest.TestCase):
    """mock.patch: its argument arrives, and it is undone, wherever it stands."""

    def tearDown(self) -> None:
        self.assertEqual(VALUE, "real")

    @xfailIfTrunkFailing
    @mock.patch(f"{__name__}.VALUE")
    def test_above(self, value: mock.Mock) -> None:
        self.assertIs(value, VALUE)
        self.fail("body")

    @mock.patch(f"{__name__}.VALUE")
    @xfailIfTrunkFailing
    def test_below(self, value: mock.Mock) -> None:
        self.assertIs(value, VALUE)
        self.fail("body")

    @mock.patch(f"{__name__}.VALUE")
    @xfailIfTrunkFailing
    @mock.patch.dict("os.environ", {"VERDICTS": "patched"})
    def test_between_and_passes(self, value: mock.Mock) -> None:
        self.assertIs(value, VALUE)

    @skipIfTrunkFailing
    @mock.patch(f"{__name__}.VALUE")
    def test_skip_above(self, value: mock.Mock) -> None:
        self.fail(f"body {value is VALUE}")

    @mock.patch(f"{__name__}.VALUE")
    @suppressIfTrunkFailing
    def test_not_listed(self, value: mock.Mock) -> None:
        self.assertIs(value, VALUE)


@mock.patch(f"{__name__}.VALUE")
@xfailIfTrunkFailing
class TestMockClass(unittest.TestCase):
    """mock.patch on the class, above."""

    def test_fails(self, value: mock.Mock) -> None:
        self.assertIs(value, VALUE)
        self.fail("body")

    def test_passes(self, value: mock.Mock) -> None:
        self.assertIs(value, VALUE)


if __name__ == "__main__":
    unittest.main()
