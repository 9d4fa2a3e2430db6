"""Listed tests that end pytest's run, by `pytest.exit` or an interrupt."""

from __future__ import annotations

import os
import unittest

import pytest

from trunk_failures import suppressIfTrunkFailing


def end(place: str) -> None:
    """End the run if this is the place."""
    if os.environ["END_IN"] == place:
        if os.environ["END_BY"] == "interrupt":
            raise KeyboardInterrupt
        pytest.exit("enough", returncode=7)


@suppressIfTrunkFailing
def test_function() -> None:
    end("function")


@suppressIfTrunkFailing
class TestPlain:
    """A class of pytest's kind."""

    def test_method(self) -> None:
        end("plain class")


@suppressIfTrunkFailing
class TestCase(unittest.TestCase):
    """A class of unittest's kind."""

    def test_method(self) -> None:
        end("test case")


def test_last() -> None:
    pass
