"""What entries say beside how a test fails: when they hold, until when, and how to run."""

from __future__ import annotations

import unittest

from trunk_failures import suppressIfTrunkFailing


@suppressIfTrunkFailing
class TestEntries(unittest.TestCase):
    """Each test is named for its entry."""

    def test_free_text(self) -> None:
        self.fail("body")

    def test_all_fields(self) -> None:
        self.fail("body")

    def test_windows_file(self) -> None:
        self.fail("body")

    def test_expires_later(self) -> None:
        self.fail("body")

    def test_expired(self) -> None:
        self.fail("body")

    def test_expired_sub_test(self) -> None:
        with self.subTest("first"):
            self.fail("body")

    def test_expired_and_passes(self) -> None:
        pass

    def test_expired_and_skips(self) -> None:
        self.skipTest("own reason")

    def test_expired_skip(self) -> None:
        self.fail("body")

    def test_unreadable_date(self) -> None:
        self.fail("body")

    def test_unreadable_date_and_passes(self) -> None:
        pass

    def test_when_true(self) -> None:
        self.fail("body")

    def test_when_false(self) -> None:
        self.fail("body")

    def test_when_false_and_passes(self) -> None:
        pass

    def test_never(self) -> None:
        raise SystemExit("this test was run")

    def test_never_skip(self) -> None:
        raise SystemExit("this test was run")

    def test_unknown_field(self) -> None:
        self.fail("body")

    def test_unknown_field_and_passes(self) -> None:
        pass

    def test_broken_marker(self) -> None:
        self.fail("body")

    def test_broken_pattern(self) -> None:
        self.fail("body")

    def test_other_tests_line(self) -> None:
        self.fail("body")

    def test_case_twin(self) -> None:
        self.fail("body")

    def test_Case_twin(self) -> None:
        self.fail("body")

    def test_case_Twin(self) -> None:
        self.fail("body")

    def test_long_name(self) -> None:
        self.fail("body")


setattr(TestEntries, "test_" + "long_" * 40 + "name", TestEntries.test_long_name)


if __name__ == "__main__":
    unittest.main()
