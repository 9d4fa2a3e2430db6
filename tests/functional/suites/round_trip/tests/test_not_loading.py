"""A module that does not load."""

import unittest

import repaired


class TestLoaded(unittest.TestCase):
    def test_passes(self):
        self.assertTrue(repaired)
