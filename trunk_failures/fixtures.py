"""Class and module fixtures that are listed: `Class.setUpClass`, `module.setUpModule`."""

from __future__ import annotations

import functools
import inspect
import os
import sys
import threading
import unittest
from typing import TYPE_CHECKING, Any

from trunk_failures import entries, failures, in_force, lookup, marks, outcomes, verdicts
from trunk_failures.forwarding import ForwardingResult
from trunk_failures.suppression import Event, report
from trunk_failures.verdicts import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

__unittest = True

OF_CLASS = ("setUpClass", "tearDownClass")
OF_MODULE = ("setUpModule", "tearDownModule")
NAMES = OF_CLASS + OF_MODULE
GUARD = "__trunk_failures_guard__"

_ruling: set[tuple[int, str]] = set()
"""The threads, and the fixtures that each rules on: a base's has no verdict of its own there."""


class FixtureResult(ForwardingResult):
    """Report the rulings on listed fixtures, which unittest's suite reports as errors."""

    def addError(self, test: Any, err: Any = None, **details: Any) -> None:
        """Report an error, or the ruling that it carries; testtools' come with details instead."""
        verdict = err[1] if isinstance(err, tuple) else None
        if not isinstance(verdict, failures.FixtureVerdict):
            self._result.addError(test, *([] if err is None else [err]), **details)
            return
        # What a passing fixture leaves to report at its clean-up is about that fixture.
        description = f"{verdict.fixture} {str(test).partition(' ')[2]}"
        cause = verdict.__cause__
        events = [] if cause is None else [Event("addError", test, _exc_info(cause), True)]
        report(self._result, type(test)(description), verdict.ruling, events)


def _exc_info(error: BaseException) -> failures.ExcInfo:
    return type(error), error, error.__traceback__


def listed() -> bool:
    """Tell whether any fixture is listed."""
    return any(key.rpartition(".")[2] in NAMES for key in in_force.lists.keys)


def guard_class(cls: type, kinds: dict[str, str]) -> None:
    """Put a class's listed fixtures under the lists."""
    for name in OF_CLASS:
        fixture: Any = getattr(cls, name, None)
        # Classes made from this one (PyTorch's TestFooCPU from TestFoo) have keys of their own.
        own = name in vars(cls) and any(key.endswith(f".{name}") for key in in_force.lists.keys)
        if fixture and (own or _is_listed(cls.__name__, name)) and not hasattr(fixture, GUARD):
            guarded = guard(_taking_class(cls, name), kinds, name=name)
            setattr(cls, name, classmethod(guarded))


def _taking_class(cls: type, name: str) -> Callable[..., object]:
    """Return a class fixture as a function of the class, which a static method does not take."""
    fixture: Any = getattr(cls, name)
    if not isinstance(inspect.getattr_static(cls, name), staticmethod):
        taking: Callable[..., object] = getattr(fixture, "__func__", fixture)
        return taking

    @functools.wraps(fixture)
    def without_class(_: type) -> object:
        return fixture()

    return without_class


def guard_module(module: Any, kinds: dict[str, str]) -> None:
    """Put a module's listed fixtures under the lists."""
    for name in OF_MODULE:
        fixture = getattr(module, name, None)
        if fixture and _is_listed(_module_scope(module.__name__), name):
            if not hasattr(fixture, GUARD):
                setattr(module, name, guard(fixture, kinds, module.__name__, name))


def guard_suite(suite: Iterable[Any]) -> None:
    """Put the listed fixtures of all tests of a suite under the lists."""
    if not listed():
        return
    classes = dict.fromkeys(type(test) for test in _cases(suite))
    for cls in classes:
        guard_class(cls, marks.EVERY)
    for name in dict.fromkeys(cls.__module__ for cls in classes):
        guard_module(sys.modules.get(name), marks.EVERY)


def guard(
    fixture: Callable[..., object], kinds: dict[str, str], module: str = "", name: str = ""
) -> Callable[..., object]:
    """Return a fixture function that gives the verdict on itself.

    It takes the class whose fixture it is, as a class method does, or nothing when it is a
    module's: of `module`, or else of the one that defines it. `name` is what it is called there,
    where that is not the function's own name.
    """
    name = name or fixture.__name__

    @functools.wraps(fixture)
    def guarded(*args: Any) -> None:
        __tracebackhide__ = True
        cls = args[0] if args else None
        where = cls.__module__ if cls is not None else module or fixture.__module__
        scope = cls.__name__ if cls is not None else _module_scope(where)
        key = f"{scope}.{name}"
        mark = (threading.get_ident(), key)
        acting = None if mark in _ruling else lookup.acting(key, lookup.test_file(where), kinds)
        if acting is None:
            fixture(*args)
            return
        _ruling.add(mark)
        try:
            rule(args, cls, acting)
        finally:
            _ruling.discard(mark)

    def rule(args: Any, cls: Any, acting: lookup.Acting) -> None:
        __tracebackhide__ = True
        if acting.entry is None:
            _call_annotated(fixture, args, acting)
        elif acting.entry.run == entries.NEVER:
            raise _raised(verdicts.not_run(acting.entry), acting.entry, None)
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
        if entry.key.endswith(".setUpClass") and outcomes.running_pytest() is not None:
            _clean_up(cls)
        raise _raised(ruling, entry, error) from error
    _passed(verdicts.decide(entry, outcomes.of(None), reason), entry, cls)


def _raised(
    ruling: verdicts.Ruling, entry: entries.Entry, error: BaseException | None
) -> BaseException:
    if outcomes.running_pytest() is None:
        return failures.FixtureVerdict(ruling, entry.key.rpartition(".")[2])
    if ruling.verdict in failures.SKIPPING or ruling.verdict is Verdict.EXPECTED_FAILURE:
        return failures.of_fixture(failures.suppressing(ruling, error), ruling, entry)
    return failures.of_fixture(failures.failing(ruling, error), ruling, entry)


def _passed(ruling: verdicts.Ruling, entry: entries.Entry, cls: Any) -> None:
    """Report that a listed fixture passed; the tests that it serves run all the same."""
    name = entry.key.rpartition(".")[2]
    under_pytest = outcomes.running_pytest() is not None
    if ruling.verdict is Verdict.SKIP_LISTED_PASSED and under_pytest:
        failures.warn(ruling.message)  # A skip would be the last test's.
        return

    def tell() -> None:
        if name == "setUpClass" and under_pytest:
            # pytest's own failure is no Exception, and would keep other clean-ups from running.
            error = failures.UnexpectedSuccess(ruling.message)
            raise failures.of_fixture(error, ruling, entry)
        raise _raised(ruling, entry, None)

    if name == "setUpClass":
        cls.addClassCleanup(tell)
    elif name == "setUpModule" and not under_pytest:
        unittest.addModuleCleanup(tell)
    else:
        tell()


def _clean_up(cls: Any) -> None:
    """Run a class's clean-ups, which pytest does only after what is an Exception."""
    cls.doClassCleanups()
    for _, error, _ in cls.tearDown_exceptions:
        raise error


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
    failures.warn(acting.trouble)


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
        elif hasattr(test, "__iter__"):  # Else a placeholder, or one that has been run.
            yield from _cases(test)
