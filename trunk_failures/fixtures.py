"""Class and module fixtures that are listed: `Class.setUpClass`, `module.setUpModule`."""

from __future__ import annotations

import functools
import os
import sys
import unittest
import warnings
from typing import TYPE_CHECKING, Any

from trunk_failures import entries, failures, in_force, lookup, marks, outcomes, verdicts
from trunk_failures.errors import TrunkFailuresWarning
from trunk_failures.suppression import ForwardingResult
from trunk_failures.verdicts import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

__unittest = True

OF_CLASS = ("setUpClass", "tearDownClass")
OF_MODULE = ("setUpModule", "tearDownModule")
NAMES = OF_CLASS + OF_MODULE
GUARD = "__trunk_failures_guard__"


class FixtureResult(ForwardingResult):
    """Report a listed fixture's failure, which unittest's suite reports as an error."""

    def addError(self, test: Any, err: failures.ExcInfo) -> None:
        """Report an error, or the expected failure that it carries."""
        error = err[1]
        if not isinstance(error, failures.ExpectedFixtureFailure):
            self._result.addError(test, err)
            return
        hear = getattr(self._result, "addVerdict", None)
        if hear is not None:
            hear(test, error.ruling)
        cause = error.__cause__ or error
        self._result.addExpectedFailure(test, (type(cause), cause, cause.__traceback__))


def listed() -> bool:
    """Tell whether any fixture is listed."""
    return any(key.rpartition(".")[2] in NAMES for key in in_force.lists.keys)


def guard_class(cls: type, kinds: dict[str, str]) -> None:
    """Put a class's listed fixtures under the lists."""
    for name in OF_CLASS:
        fixture: Any = getattr(cls, name, None)
        if fixture and _is_listed(cls.__name__, name) and not hasattr(fixture, GUARD):
            guarded = guard(getattr(fixture, "__func__", fixture), kinds)
            setattr(cls, name, classmethod(guarded))


def guard_module(module: Any, kinds: dict[str, str]) -> None:
    """Put a module's listed fixtures under the lists."""
    for name in OF_MODULE:
        fixture = getattr(module, name, None)
        if fixture and _is_listed(_module_scope(module.__name__), name):
            if not hasattr(fixture, GUARD):
                setattr(module, name, guard(fixture, kinds))


def guard_suite(suite: Iterable[Any]) -> None:
    """Put the listed fixtures of all tests of a suite under the lists."""
    if not listed():
        return
    classes = dict.fromkeys(type(test) for test in _cases(suite))
    for cls in classes:
        guard_class(cls, marks.EVERY)
    for name in dict.fromkeys(cls.__module__ for cls in classes):
        guard_module(sys.modules.get(name), marks.EVERY)


def guard(fixture: Callable[..., object], kinds: dict[str, str]) -> Callable[..., object]:
    """Return a fixture function that gives the verdict on itself.

    It takes the class whose fixture it is, as a class method does, or nothing when it is a
    module's.
    """

    @functools.wraps(fixture)
    def guarded(*args: Any) -> None:
        __tracebackhide__ = True
        name = fixture.__name__
        cls = args[0] if args else None
        module = cls.__module__ if cls is not None else fixture.__module__
        scope = cls.__name__ if cls is not None else _module_scope(module)
        acting = lookup.acting(f"{scope}.{name}", lookup.test_file(module), kinds)
        if acting is None:
            fixture(*args)
        elif acting.entry is None:
            _call_annotated(fixture, args, acting)
        elif acting.entry.run == entries.NEVER:
            raise unittest.SkipTest(verdicts.not_run(acting.entry).message)
        else:
            _call(fixture, args, cls, acting.entry, kinds.get(acting.entry.kind, ""))

    setattr(guarded, GUARD, True)
    return guarded


def _call(
    fixture: Callable[..., object], args: Any, cls: Any, entry: entries.Entry, reason: str
) -> None:
    """Call a fixture and raise what its verdict asks for."""
    __tracebackhide__ = True
    if entry.run == entries.ISOLATED:
        raise failures.NotSuppressed(
            f"`{entry.path}` says `run: isolated`, but what a fixture sets up is lost with a child "
            f"process; list the tests that need it, or remove that line"
        )
    try:
        fixture(*args)
    except BaseException as error:
        if outcomes.stops_the_run(error) or outcomes.is_own_skip(error):
            raise
        ruling = verdicts.decide(entry, outcomes.of(error), reason)
        raise _raised(ruling, error) from error
    _passed(verdicts.decide(entry, outcomes.of(None), reason), fixture.__name__, cls)


def _raised(ruling: verdicts.Ruling, error: BaseException) -> BaseException:
    if ruling.verdict is Verdict.EXPECTED_FAILURE and failures.running_pytest() is None:
        return failures.ExpectedFixtureFailure(ruling)
    if ruling.verdict in (Verdict.EXPECTED_FAILURE, Verdict.SKIP_LISTED_FAILED):
        return failures.suppressing(ruling, error)
    return failures.failing(ruling, error)


def _passed(ruling: verdicts.Ruling, name: str, cls: Any) -> None:
    """Report that a listed fixture passed; the tests that it serves run all the same."""
    if ruling.verdict is Verdict.SKIP_LISTED_PASSED:
        message = ruling.message.replace("test", "fixture", 1)
        warnings.warn(message, TrunkFailuresWarning, stacklevel=3)
        return

    def fail() -> None:
        raise failures.UnexpectedSuccess(ruling.message)

    if name == "setUpClass":
        cls.addClassCleanup(fail)
    elif name == "setUpModule" and failures.running_pytest() is None:
        unittest.addModuleCleanup(fail)
    else:
        fail()


def _call_annotated(fixture: Callable[..., object], args: Any, acting: lookup.Acting) -> None:
    __tracebackhide__ = True
    if acting.broken:
        raise failures.NotSuppressed(acting.trouble)
    try:
        fixture(*args)
    except Exception as error:
        if outcomes.is_own_skip(error):
            raise
        raise failures.with_trouble(error, acting.trouble) from error


def _is_listed(scope: str, name: str) -> bool:
    return f"{scope}.{name}" in in_force.lists.keys


def _module_scope(module: str) -> str:
    """Return the base name of a module's file, which is the scope of its functions' keys."""
    file = getattr(sys.modules.get(module), "__file__", None)
    return os.path.splitext(os.path.basename(file))[0] if file else module.rpartition(".")[2]


def _cases(suite: Iterable[Any]) -> Iterator[Any]:
    for test in suite:
        if isinstance(test, unittest.TestCase):
            yield test
        elif test is not None:
            yield from _cases(test)
