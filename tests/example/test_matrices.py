"""Tests of another calculator's for a part that this one has not got: they do not even load."""

import unittest

from calculator import Matrix


class TestMatrix(unittest.TestCase):
    def test_unit(self):
        self.assertEqual(Matrix.unit(2) * 3, 3)
