"""`load_tests` that builds its instances by hand."""

from __future__ import annotations

import unittest

from trunk_failures import xfailIfTrunkFailing


class TestByHand(unittest.TestCase):
    """Knows how often it should fail."""

    def __init__(self, method: str = "runTest", message: str = "default") -> None:
        super().__init__(method)
        self.message = message

    @xfailIfTrunkFailing
    def test_fails(self) -> None:
        self.fail(self.message)

    @xfailIfTrunkFailing
    def test_passes(self) -> None:
        pass

    @xfailIfTrunkFailing
    def check_without_prefix(self) -> None:
        self.fail(self.message)


def load_tests(
    loader: unittest.TestLoader, tests: unittest.TestSuite, pattern: str | None
) -> unittest.TestSuite:
    """Return instances that no loader would make."""
    names = ("test_fails", "test_passes", "check_without_prefix")
    return unittest.TestSuite(TestByHand(name, "by hand") for name in names)


if __name__ == "__main__":
    unittest.main()
