"""Tests of testtools: outcomes with details, several failures of one test, and expectThat."""

from __future__ import annotations

import os
import unittest

import testtools
from testtools.content import text_content
from testtools.matchers import Equals
from trunk_failures import suppressIfTrunkFailing


@suppressIfTrunkFailing
class TestTools(testtools.TestCase):
    """All listed, but for two."""

    def tearDown(self) -> None:
        super().tearDown()
        if "tear_down" in self._testMethodName:
            raise KeyError("tear-down")

    def test_passes(self) -> None:
        pass

    def test_fails(self) -> None:
        self.addDetail("log", text_content("what the test logged"))
        self.fail("body")

    def test_raises_other(self) -> None:
        raise KeyError("body")

    def test_raises(self) -> None:
        raise ValueError("body")

    def test_assert_that(self) -> None:
        self.assertThat(1, Equals(2))

    def test_expect_that(self) -> None:
        self.expectThat(1, Equals(2))
        self.expectThat(3, Equals(4))

    def test_clean_up_fails(self) -> None:
        self.addCleanup(self.fail, "clean-up")

    def test_fails_and_tear_down_errors(self) -> None:
        raise ValueError("body")

    def test_skips(self) -> None:
        self.skipTest("own reason")

    def test_expect_failure(self) -> None:
        self.expectFailure("why", self.assertEqual, 1, 2)

    @unittest.expectedFailure
    def test_is_marked_and_fails(self) -> None:
        self.fail("body")

    @unittest.expectedFailure
    def test_is_marked_and_passes(self) -> None:
        pass

    def test_skip_fails(self) -> None:
        self.fail("body")

    def test_skip_passes(self) -> None:
        pass

    def test_expired(self) -> None:
        self.fail("body")

    def test_is_isolated(self) -> None:
        raise ValueError(f"in {os.getpid()}")

    def test_exits_at_once(self) -> None:
        os._exit(3)

    def test_not_listed(self) -> None:
        self.fail("body")

    def test_not_listed_and_passes(self) -> None:
        pass
