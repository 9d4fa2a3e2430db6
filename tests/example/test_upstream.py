"""Tests of another calculator's, taken over as they are: not a word of lists in them."""

import sys
import unittest

from calculator import calculate


class TestSums(unittest.TestCase):
    """The same name as in test_calculator.py: entries in a sub-folder tell the two apart."""

    def test_add(self):
        self.assertEqual(calculate("1 + -2"), -1)

    def test_precedence(self):
        self.assertEqual(calculate("2 + 3 * 4"), 14)


class TestNumbers(unittest.TestCase):
    def test_wide(self):
        self.assertEqual(calculate(f"{2**40} * {2**40}"), 2**80)

    def test_widest(self):
        self.assertEqual(calculate(f"{2**64} + 1"), 2**64 + 1)

    def test_windows_line_ends(self):
        self.assertEqual(calculate("1 +\r\n 2"), 3 if sys.platform != "win32" else 4)

    def test_underscores(self):
        self.assertEqual(calculate("1_000 + 1"), 1001)


class TestServer(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        raise ConnectionRefusedError("the calculator has no server yet")

    def test_sum(self):
        self.fail("there is no server to ask")
