"""Outcomes: what a test did when it ran, before any list is asked."""

from __future__ import annotations

import functools
import os
import sys
import unittest
from collections.abc import Sequence
from types import FrameType
from typing import Any, NamedTuple

PASSED, FAILED, SKIPPED, NOTHING = "passed", "failed", "skipped", "nothing"


class Signature(NamedTuple):
    """How a test failed: the exception's type and message.

    `types` are the names, bare and with their module, of the type and of all its bases.
    """

    types: tuple[str, ...]
    message: str

    def __str__(self) -> str:
        lines = self.message.splitlines()
        return f"{self.types[0]}: {lines[0]}" if lines else self.types[0]


class Outcome(NamedTuple):
    """What one run of a test came to, all its sub-tests and fixtures together.

    `state` is PASSED, FAILED, SKIPPED (by the test itself) or NOTHING (it was interrupted before
    it came to anything). `errors` holds the exception of each failure seen.
    """

    state: str
    errors: tuple[BaseException, ...] = ()

    @property
    def failures(self) -> tuple[Signature, ...]:
        """The signatures of the failures; made when asked for, as most are never shown."""
        return tuple(map(signature, self.errors))


def signature(error: BaseException) -> Signature:
    """Return the signature of an exception."""
    carried = getattr(error, "trunk_failures_signature", None)
    if isinstance(carried, Signature):  # It failed in a child process, which sent its own.
        return carried
    doctests = _doctests(error)
    if doctests is not None:
        return doctests
    try:
        message = str(error)
    except BaseException as fault:  # A test's exception may have a __str__ that fails.
        if isinstance(fault, KeyboardInterrupt):
            raise
        message = f"<its message cannot be had: {fault!r}>"
    return Signature(_names(type(error)), message)  # type: ignore[arg-type] # a type has a hash


def _doctests(error: BaseException) -> Signature | None:
    """Return the signature of a doctest's failure, whose own text says only where it is."""
    doctest: Any = sys.modules.get("doctest")
    if doctest is None:
        return None
    if type(error).__name__ == "MultipleDoctestFailures":  # pytest's.
        failures: list[BaseException] = getattr(error, "failures", [])
        return signature(failures[0]) if failures else None
    if isinstance(error, doctest.UnexpectedException):
        return signature(error.exc_info[1])
    if not isinstance(error, doctest.DocTestFailure):
        return None
    message = f"expected {error.example.want.strip()!r}, got {error.got.strip()!r}"
    return Signature(_names(type(error)), message)  # type: ignore[arg-type]


@functools.lru_cache
def _names(kind: type[BaseException]) -> tuple[str, ...]:
    names: dict[str, None] = {}
    for each in kind.__mro__:
        names[each.__qualname__] = None
        names[each.__name__] = None
    for each in kind.__mro__:
        names[f"{each.__module__}.{each.__qualname__}"] = None
    return tuple(names)


def stops_the_run(error: BaseException | None) -> bool:
    """Tell whether an exception is to end the whole run: an interrupt or `pytest.exit`."""
    pytest: Any = sys.modules.get("pytest")
    return isinstance(error, KeyboardInterrupt) or (
        pytest is not None and isinstance(error, pytest.exit.Exception)
    )


def is_own_skip(error: BaseException | None) -> bool:
    """Tell whether a test raised an exception to skip, or to xfail, itself.

    pytest's own exceptions do so where pytest runs the test; to unittest they are errors.
    """
    return is_skip(error, running_pytest() is not None)


def is_skip(error: BaseException | None, under_pytest: bool) -> bool:
    """Tell whether an exception is a skip or an xfail, where it is known what runs the test."""
    return isinstance(error, _own_skips(under_pytest))


_GROUPS = ("BaseExceptionGroup", "ExceptionGroup")


def several(error: BaseException) -> Sequence[BaseException]:
    """Return the errors that pytest has put into one group as it tore things down, or the one."""
    parts: Sequence[BaseException] = getattr(error, "exceptions", ())
    text = str(getattr(error, "message", "")) if type(error).__name__ in _GROUPS else ""
    if not text.startswith(("errors while tearing down", "errors during test teardown")):
        return (error,)
    return [each for part in parts for each in several(part)] or (error,)


told_of_pytest = False
"""Whether this is a child process whose parent pytest runs."""


def running_pytest() -> Any:
    """Return the module `pytest` when it runs the test at this moment, else None.

    The variable alone does not tell: a test that pytest runs may start another test run, which
    inherits it. So pytest must be among the callers too.
    """
    pytest = sys.modules.get("pytest")
    if told_of_pytest or pytest is None or "PYTEST_CURRENT_TEST" not in os.environ:
        return pytest if told_of_pytest else None
    frame: FrameType | None = sys._getframe()
    while frame is not None:
        if frame.f_globals.get("__name__", "").startswith("_pytest."):
            return pytest
        frame = frame.f_back
    return None


@functools.cache
def _own_skips(under_pytest: bool) -> tuple[type[BaseException], ...]:
    if not under_pytest:
        return (unittest.SkipTest,)
    pytest: Any = sys.modules["pytest"]
    return (unittest.SkipTest, pytest.skip.Exception, pytest.xfail.Exception)


def of(error: BaseException | None) -> Outcome:
    """Return the outcome of a call that raised an exception, or returned (None)."""
    if error is None:
        return Outcome(PASSED)
    if is_own_skip(error):
        return Outcome(SKIPPED)
    return Outcome(FAILED, (error,))
