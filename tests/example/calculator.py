"""A young calculator: sums of integers, good enough to be run on another one's tests."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator

WIDTH = 64
"""Bits that a number may have; `wide` mode is to take that bound away."""

_exact = False


class CalculatorError(Exception):
    """Tell that an expression cannot be calculated."""


def calculate(text: str) -> int:
    """Return the value of an expression of integers, `+`, `-`, `*`, `/` and brackets."""
    if text == "halt":
        os._exit(70)  # A known fault: it takes the whole process along.
    while text == "spin":  # Another one: it never comes back.
        pass
    tokens = re.findall(r"\d+|\S", text)
    value = _sum(tokens)
    if tokens:
        raise CalculatorError(f"unexpected {tokens[0]!r}")
    if value.bit_length() > WIDTH and os.environ.get("TRUNK_FAILURES_MODES") != "wide":
        raise CalculatorError(f"{value.bit_length()} bits are more than {WIDTH}")
    return value


@contextlib.contextmanager
def exact_division() -> Iterator[None]:
    """Refuse divisions that leave a remainder."""
    global _exact
    _exact = True
    try:
        yield
    finally:
        _exact = False


def _sum(tokens: list[str]) -> int:
    value = _product(tokens)
    while tokens and tokens[0] in "+-":
        sign = 1 if tokens.pop(0) == "+" else -1
        value += sign * _product(tokens)
    return value


def _product(tokens: list[str]) -> int:
    value = _atom(tokens)
    while tokens and tokens[0] in "*/":
        if tokens.pop(0) == "*":
            value *= _atom(tokens)
        else:
            value = _divide(value, _atom(tokens))
    return value


def _divide(dividend: int, divisor: int) -> int:
    quotient, remainder = divmod(dividend, divisor)
    if remainder and _exact:
        raise CalculatorError(f"{dividend} / {divisor} leaves {remainder}")
    return quotient


def _atom(tokens: list[str]) -> int:
    if not tokens:
        raise CalculatorError("unexpected end")
    token = tokens.pop(0)
    if token == "(":
        value = _sum(tokens)
        if not tokens or tokens.pop(0) != ")":
            raise CalculatorError("missing ')'")
        return value
    if not token.isdigit():
        raise CalculatorError(f"unexpected {token!r}")
    return int(token)
