"""Tests of the calculator's own, which say themselves that the lists apply to them."""

import unittest

from calculator import CalculatorError, calculate, exact_division

from trunk_failures import (
    register_context,
    skipIfTrunkFailing,
    suppressIfTrunkFailing,
    xfailIfTrunkFailing,
)

register_context("exact", exact_division)


class TestSums(unittest.TestCase):
    def test_add(self):
        self.assertEqual(calculate("1 + 2"), 3)

    @xfailIfTrunkFailing
    def test_unary_minus(self):
        self.assertEqual(calculate("-1 + 2"), 1)

    @xfailIfTrunkFailing("numbers are integers only")
    def test_decimal_point(self):
        self.assertEqual(calculate("1.5 + 1.5"), 3)

    @skipIfTrunkFailing
    def test_blanks_between_digits(self):
        self.assertEqual(calculate("1 0 + 2"), 12)

    @skipIfTrunkFailing
    def test_no_blanks(self):
        self.assertEqual(calculate("1+2"), 3)


@suppressIfTrunkFailing
class TestErrors(unittest.TestCase):
    def test_division_by_zero(self):
        with self.assertRaises(CalculatorError):
            calculate("1 / 0")

    def test_rubbish(self):
        for text in "1 +", "(", ")", "1 2", "", "0x10", "007":
            with self.subTest(text=text), self.assertRaises(CalculatorError):
                calculate(text)

    def test_letters_are_named(self):
        with self.assertRaisesRegex(CalculatorError, "letter 'a'"):
            calculate("a")

    def test_halt(self):
        with self.assertRaises(CalculatorError):
            calculate("halt")

    def test_spin(self):
        with self.assertRaises(CalculatorError):
            calculate("spin")

    def test_a_million_brackets(self):
        self.assertEqual(calculate("(" * 10**6 + "1" + ")" * 10**6), 1)


class TestExact(unittest.TestCase):
    def test_remainder(self):
        with self.assertRaises(CalculatorError):
            calculate("7 / 2")


if __name__ == "__main__":
    unittest.main()
