"""A class and a file that are called as others are, whose tests come to other ends."""

import unittest

from breaking import broken


class TestOps(unittest.TestCase):
    def test_errors(self):
        broken(ValueError("first line\nsecond line"))

    def test_fails(self):
        pass

    def test_passes(self):
        broken(ValueError("fails here alone"))
