"""A class whose name another file has too; this is `test_twins.py`."""

from __future__ import annotations

import unittest

from trunk_failures import suppressIfTrunkFailing


@suppressIfTrunkFailing
class TestTwin(unittest.TestCase):
    """Told apart by the file's path in the entry."""

    def test_listed_here(self) -> None:
        self.fail("test_twins")

    def test_listed_for_any_file(self) -> None:
        self.fail("test_twins")

    def test_listed_twice(self) -> None:
        self.fail("test_twins")


if __name__ == "__main__":
    unittest.main()
