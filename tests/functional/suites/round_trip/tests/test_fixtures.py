"""Classes whose fixtures fail."""

import unittest

from breaking import broken


class TestSetUp(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        broken(ValueError("class set-up"))

    def test_needs_it(self):
        pass

    def test_needs_it_too(self):
        pass


class TestTearDown(unittest.TestCase):
    @classmethod
    def tearDownClass(cls):
        broken(ValueError("class tear-down"))

    def test_before_it(self):
        pass

    def test_before_it_too(self):
        pass
