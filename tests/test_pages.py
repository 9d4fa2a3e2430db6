"""Pages: the values of the page."""

from __future__ import annotations

from trunk_failures import pages


def test_outcomes_are_told_apart_without_colours() -> None:
    """Each outcome has a symbol and words of its own, and the letter is one that packs."""
    assert len({outcome.symbol for outcome in pages.OUTCOMES.values()}) == len(pages.OUTCOMES)
    assert len({outcome.words for outcome in pages.OUTCOMES.values()}) == len(pages.OUTCOMES)
    assert all(len(letter) == 1 and not letter.isdigit() for letter in pages.OUTCOMES)
    assert all(outcome.symbol.encode("latin-1") or not outcome.symbol
               for outcome in pages.OUTCOMES.values())
