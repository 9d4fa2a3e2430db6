"""Marks: which tests the decorators put under which lists."""

from __future__ import annotations

from typing import Any

from trunk_failures import lists

ATTRIBUTE = "__trunk_failures__"
"""Where a mark is kept: on the function (`functools.wraps` carries it on) or on the class."""

EVERY = dict.fromkeys(lists.KINDS, "")
"""The mark of a test under a front end that applies the lists to all tests."""


def mark(item: Any, kinds: tuple[str, ...], reason: str) -> None:
    """Put a function or a class under the lists of some kinds, beside those it is under."""
    setattr(item, ATTRIBUTE, {**vars(item).get(ATTRIBUTE, {}), **dict.fromkeys(kinds, reason)})


def of_function(function: Any) -> dict[str, str]:
    """Return the kinds of lists that a function is under, each with the decorator's reason."""
    found: dict[str, str] = getattr(function, ATTRIBUTE, {})
    return found


def of_class(cls: type) -> dict[str, str]:
    """Return the kinds of lists that a class is under, by its own marks and its bases'."""
    nearest: dict[str, str] = getattr(cls, ATTRIBUTE, {})
    if len(nearest) in (0, len(lists.KINDS)):
        return nearest
    found: dict[str, str] = {}
    for each in reversed(cls.__mro__):
        found.update(vars(each).get(ATTRIBUTE, {}))
    return found


def of_test(test: Any, method: str) -> dict[str, str]:
    """Return the kinds of lists that a test method is under."""
    of_its_class = of_class(type(test))
    if len(of_its_class) == len(lists.KINDS):
        return of_its_class
    return {**of_its_class, **of_function(getattr(test, method, None))}
