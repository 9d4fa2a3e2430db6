"""Test frameworks with a `run` and a protocol of their own: testtools, and Twisted's trial.

Neither is ever imported here. Where there is a test of theirs the framework is loaded, and
unittest hears of each class that is derived from its `TestCase`: that is when they are looked for.
"""

from __future__ import annotations

import functools
import sys
import unittest
from typing import TYPE_CHECKING, Any

from trunk_failures.translation import TranslatingResult

if TYPE_CHECKING:
    from collections.abc import Callable

    Run = Callable[[unittest.TestCase, Any], Any]

__unittest = True

BASES = (("testtools", "TestCase"), ("twisted.trial.unittest", "SynchronousTestCase"))
"""The modules, and their classes, whose `run` does not call unittest's."""

HOOK = "__trunk_failures_hook__"

_run_unittest: Run = unittest.TestCase.run
_runs: dict[type, Run] = {}


def loaded() -> tuple[Any, ...]:
    """Return the `TestCase` of each framework that is loaded by now."""
    bases = (getattr(sys.modules.get(module), name, None) for module, name in BASES)
    return tuple(base for base in bases if base is not None)


def adopt(hook: Run) -> None:
    """Put a hook in the place of the `run` of every framework that is loaded by now."""
    for base in loaded():
        if base.run is not hook:
            _runs[base] = base.run
            base.run = hook


def adopt_when_loaded(hook: Run) -> None:
    """Adopt the frameworks now, and whenever a test class is defined."""
    adopt(hook)
    before = vars(unittest.TestCase)["__init_subclass__"]
    if hasattr(before.__func__, HOOK):
        return

    @functools.wraps(before.__func__)
    def __init_subclass__(cls: type, *args: Any, **kwargs: Any) -> None:
        before.__func__(cls, *args, **kwargs)
        adopt(hook)

    setattr(__init_subclass__, HOOK, True)
    setattr(unittest.TestCase, "__init_subclass__", classmethod(__init_subclass__))


def run(test: unittest.TestCase, result: Any) -> Any:
    """Run a test as its framework does."""
    for base, own in _runs.items():
        if isinstance(test, base):
            return own(test, result)
    return _run_unittest(test, result)


def run_translated(test: unittest.TestCase, result: Any) -> Any:
    """Run a test that is to report to a result in unittest's words."""
    return run(test, translated(test, result))


def translated(test: unittest.TestCase, result: Any) -> Any:
    """Return a result that tells another in unittest's words what a test reports in its own."""
    return TranslatingResult(result, test) if isinstance(test, loaded()) else result
