"""Failures of plain functions, whose tracebacks people read."""

from __future__ import annotations

from trunk_failures import suppressIfTrunkFailing


@suppressIfTrunkFailing
def test_not_listed() -> None:
    raise ValueError("function's line")


@suppressIfTrunkFailing
def test_expected() -> None:
    raise ValueError("expected line of a function")


@suppressIfTrunkFailing
def test_passes() -> None:
    pass


@suppressIfTrunkFailing
def test_differs() -> None:
    raise ValueError("different line of a function")


@suppressIfTrunkFailing
def test_expired() -> None:
    raise ValueError("expired line of a function")


@suppressIfTrunkFailing
class TestPlainFrames:
    """A class of pytest's kind."""

    def test_not_listed(self) -> None:
        raise ValueError("method's line")

    def test_expected(self) -> None:
        raise ValueError("expected line of a method")
