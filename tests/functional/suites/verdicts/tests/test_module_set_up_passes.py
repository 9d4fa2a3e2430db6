"""A module fixture, listed and passing."""

from __future__ import annotations

import unittest

from trunk_failures import xfailIfTrunkFailing


@xfailIfTrunkFailing
def setUpModule() -> None:
    pass


class TestModuleSetUpPasses(unittest.TestCase):
    """One test, unlisted."""

    def test_of_module(self) -> None:
        pass


if __name__ == "__main__":
    unittest.main()
