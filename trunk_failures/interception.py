"""The one hook: `unittest.TestCase.run`, put in place only when a list is in force."""

from __future__ import annotations

import contextlib
import functools
import time
import unittest
from collections.abc import Callable
from typing import Any

from trunk_failures import (
    contexts,
    entries,
    failures,
    fixtures,
    frameworks,
    in_force,
    isolation,
    lookup,
    marks,
    pytorch,
    suppression,
    verdicts,
)

__unittest = True

Observer = Callable[[unittest.TestCase, Any], "tuple[Any, entries.Entry | None] | None"]

_run_suite = unittest.TestSuite.run

_keys: set[str] = set()
_ruled = False
_every = False
_observer: Observer | None = None


def apply_to_marked() -> bool:
    """Put the lists between marked tests and their runners; tells whether there is any list.

    Every decorator asks, and tests are decorated by the thousand: the work is done once.
    """
    if not _keys:
        install()
    pytorch.hide_from_dynamo()
    return bool(_keys)


def apply_to_every() -> None:
    """Put the lists between all tests and their runners."""
    global _every
    _every = True
    install()


def observe(observer: Observer | None) -> Observer | None:
    """Have a front end that gives the verdicts itself hear what tests report.

    `observer` takes a test and its runner's result and returns the result that the test is to
    report to, with its entry if that is to be applied here (`run: isolated`); or None for a test
    that is not its own. Returns the one before it, for which it is to make room again.
    """
    global _observer
    before, _observer = _observer, observer
    if observer is not None:
        install()
    return before


def install() -> None:
    """Put the hooks in place, for the lists in force and the contexts registered by now."""
    global _ruled
    _keys.update(in_force.lists.keys, contexts.keys())
    _ruled = in_force.lists.is_ruled
    if _keys:
        unittest.TestCase.run = _case_hook  # type: ignore[method-assign]
        frameworks.adopt_when_loaded(_case_hook)
    if fixtures.listed():
        unittest.TestSuite.run = _suite_hook  # type: ignore[method-assign]


def key_of(test: unittest.TestCase) -> str:
    """Return the key of a test; the class is the run-time one."""
    scope, name = type(test).__name__, test._testMethodName
    if "." in name and scope == "_FailedTest":
        name = name.rpartition(".")[2]  # A package's module that does not load.
    return f"{scope}.{name}"


@functools.wraps(unittest.TestCase.run)
def _case_hook(self: unittest.TestCase, result: Any = None) -> Any:
    # All tests come by here, nearly all of them unlisted: one look-up, and on.
    key = key_of(self)
    if (key not in _keys and not (_ruled and in_force.lists.lists(key))) or isolation.inside:
        return frameworks.run(self, result)
    if result is not None:
        return _run_listed(self, key, result)
    result = self.defaultTestResult()
    result.startTestRun()
    try:
        return _run_listed(self, key, result)
    finally:
        result.stopTestRun()


@functools.wraps(_run_suite)
def _suite_hook(self: unittest.TestSuite, result: Any, debug: bool = False) -> Any:
    outermost = not isinstance(result, fixtures.FixtureResult)
    if outermost and _every:
        fixtures.guard_suite(self)
    proxy: Any = fixtures.FixtureResult(result) if outermost else result
    _run_suite(self, proxy, debug)
    return result


def _run_listed(test: unittest.TestCase, key: str, result: Any) -> Any:
    """Run a test that some list names, in the contexts registered for it."""
    test_file = lookup.test_file(type(test).__module__)
    if not contexts.registered():
        _run_under(test, test_file, key, result)
        return result
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(contexts.entered(key, test_file))
        except Exception as error:  # The suite's own context manager: the test cannot run.
            result.startTest(test)
            result.addError(test, failures.exc_info(error))
            result.stopTest(test)
            return result
        _run_under(test, test_file, key, result)
    return result


def _run_under(test: unittest.TestCase, test_file: str, key: str, result: Any) -> None:
    observed = _observer(test, result) if _observer is not None else None
    if observed is not None:
        _run_with(test, observed[1], observed[0], result)
        return
    kinds = marks.EVERY if _every else marks.of_test(test, test._testMethodName)
    acting = lookup.acting(key, test_file, kinds) if kinds else None
    if acting is None or pytorch.rules_on(test, test._testMethodName, key, in_force.lists.modes):
        frameworks.run(test, result)
    elif acting.entry is None:
        proxy: Any = suppression.AnnotatingResult(result, acting.trouble, acting.broken)
        frameworks.run_translated(test, proxy)
    else:
        reason = kinds[acting.entry.kind]
        proxy = suppression.SuppressingResult(result, acting.entry, reason)
        if acting.entry.run == entries.NEVER:
            result.startTest(test)
            suppression.report(result, test, verdicts.not_run(acting.entry, reason), [])
            result.stopTest(test)
        else:
            _run_with(test, acting.entry, proxy, result)


def _run_with(
    test: unittest.TestCase, entry: entries.Entry | None, proxy: Any, result: Any
) -> None:
    if entry is not None and entry.run == entries.ISOLATED:
        _run_isolated(test, entry, proxy, result)
    else:
        frameworks.run_translated(test, proxy)


def _run_isolated(test: unittest.TestCase, entry: entries.Entry, proxy: Any, result: Any) -> None:
    """Run a test in a child process and replay what it reported."""
    proxy.startTest(test)
    started = time.perf_counter()
    try:
        work = isolation.CaseWork(test, test._testMethodName, frameworks.run_translated)
        for report in isolation.run(work, entry.timeout):
            if report.error is not None:
                getattr(proxy, report.method)(test, failures.exc_info(report.error))
            elif report.method == "addSkip":
                proxy.addSkip(test, report.reason)
            else:
                proxy.addSuccess(test)
    except isolation.NotRun as error:  # Not a failure that the entry could suppress.
        result.addError(test, failures.exc_info(error))
    finally:
        # Some have none; Django's calls unittest's, which there is from Python 3.12 on.
        with contextlib.suppress(AttributeError):
            result.addDuration(test, time.perf_counter() - started)
        proxy.stopTest(test)
