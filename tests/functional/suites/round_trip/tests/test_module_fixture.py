"""A module whose own fixture fails."""

import unittest

from breaking import broken


def setUpModule():
    broken(ValueError("module set-up"))


class TestModule(unittest.TestCase):
    def test_needs_it(self):
        pass
