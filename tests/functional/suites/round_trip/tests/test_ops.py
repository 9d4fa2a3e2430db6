"""Tests that fail in all the ways of a method, beside those that do not."""

import unittest

from breaking import broken


class TestOps(unittest.TestCase):
    def test_cleans_up(self):
        self.addCleanup(broken, KeyError("clean-up <&>"))

    def test_errors(self):
        broken(ValueError("first line\nsecond line"))

    def test_fails(self):
        broken(AssertionError("an object at 0x7f00deadbeef"))

    @unittest.expectedFailure
    def test_marked(self):
        self.fail("as marked")

    def test_passes(self):
        pass

    def test_passes_too(self):
        pass

    def test_skips(self):
        self.skipTest("own reason")

    def test_sub_tests(self):
        for number in range(3):
            with self.subTest("a [description]", number=number):
                if number:
                    broken(AssertionError(f"sub-test {number}"))


class Inherited:
    def test_inherited(self):
        broken(AssertionError(type(self).__name__))

    def test_passes(self):
        pass


class TestOne(Inherited, unittest.TestCase):
    pass


class TestOther(Inherited, unittest.TestCase):
    pass


class testother(Inherited, unittest.TestCase):
    pass
