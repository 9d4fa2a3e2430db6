"""A module fixture, listed and failing."""

from __future__ import annotations

import unittest

from trunk_failures import xfailIfTrunkFailing


@xfailIfTrunkFailing
def tearDownModule() -> None:
    raise ValueError("fixture")


class TestModuleTearDownFails(unittest.TestCase):
    """One test, unlisted."""

    def test_of_module(self) -> None:
        pass


if __name__ == "__main__":
    unittest.main()
