"""Plain functions, for pytest alone: unittest does not take such a file's name for a test's."""

import pytest
from breaking import broken

IDS = [
    *("a.b", "a/b.py::c", "a\\b", "a b", "%41", "[x]", "--", ""),
    *("\xfc\u2713", "e\u0301", "\u200b\u2028", "a\nb"),
    *("x" * 300, "Case", "case"),
]


@pytest.fixture
def set_up():
    broken(LookupError("fixture"))


@pytest.fixture
def tear_down():
    yield
    broken(LookupError("fixture"))


def test_set_up(set_up):
    pass


def test_tear_down(tear_down):
    pass


@pytest.mark.parametrize("text", IDS, ids=IDS)
def test_fails(text):
    broken(ValueError("a function"))


@pytest.mark.parametrize("text", IDS, ids=IDS)
def test_passes(text):
    pass


class TestPlain:
    @pytest.mark.parametrize("number", [0.5, -1])
    def test_fails(self, number):
        broken(ValueError("a method"))

    def test_passes(self):
        pass
