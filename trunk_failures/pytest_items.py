"""Listed tests under pytest: how they run, and the ruling on each.

A listed test is over when its own fixtures have been torn down: what fails in them is its failure,
so that its report is held back until then. What is torn down after that (fixtures of the class,
the module, the session) is other tests' as well, and no entry of one test hides it.
"""

from __future__ import annotations

import contextlib
import inspect
from typing import TYPE_CHECKING, Any

import pytest

from trunk_failures import (
    contexts,
    entries,
    failures,
    functions,
    in_force,
    interception,
    isolation,
    lookup,
    marks,
    outcomes,
    pytest_protocol,
    pytest_reports,
    pytorch,
    verdicts,
)
from trunk_failures.outcomes import Outcome
from trunk_failures.pytest_current import Current, ItemResult
from trunk_failures.pytest_fixtures import is_of_others
from trunk_failures.pytest_places import Place, is_case
from trunk_failures.verdicts import Verdict

if TYPE_CHECKING:
    import unittest
    from collections.abc import Generator
    from contextlib import AbstractContextManager

    from trunk_failures.pytest_teardown import OwnTearDown

    Report = Generator[None, pytest.TestReport, pytest.TestReport]


class ListedItems:
    """pytest's hooks around the items that are listed; they run where the tests run."""

    def __init__(
        self, listed: dict[pytest.Item, Place], own: OwnTearDown, in_worker: bool
    ) -> None:
        self._listed = listed
        self._own = own
        self._in_worker = in_worker
        self._current: Current | None = None
        self._before = interception.observe(self._observe)

    def pytest_unconfigure(self) -> None:
        """Make room for the observer before this one: this process may be running pytest."""
        interception.observe(self._before)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> object:
        """Run a listed test; its report is held back until its own fixtures are torn down."""
        self._current = self._own.current = current = self._begin(item)
        if current is None or current.entry is None:
            return None
        log = item.ihook.pytest_runtest_logreport
        item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
        try:
            reports = pytest_protocol.run(item, nextitem, log)
        except BaseException:  # The run ends: a failure that was seen is not lost with it.
            report, ruling = current.report, current.ruling
            self._settle(current)
            if report is not None and report.failed and not _may_yet_fail(ruling):
                log(report=report)
            raise
        finally:
            self._current = self._own.current = None
        for report in reports:
            log(report=report)
        item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
        return True

    # Last, so that pytest's own wrappers are around it: they expect to be undone if they were done.
    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Generator[None, object, object]:
        """Set a test up, unless it is not to run."""
        current = self._current
        if current is None or current.item is not item:
            return (yield)
        if current.entry is not None and current.entry.run == entries.NEVER:
            current.ruling = verdicts.not_run(current.entry, current.reason)
            raise pytest.skip.Exception(current.ruling.message, _use_item_location=True)
        with current.in_phase():
            return (yield)

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, object, object]:
        """Run a test in the contexts registered for it."""
        __tracebackhide__ = True
        current = self._current
        if current is None or current.item is not item:
            return (yield)
        if current.isolated and not isinstance(item, pytest.Function):
            raise _not_isolated(current, f"a {type(item).__name__} cannot be")
        functions.elsewhere = True
        try:
            with current.in_phase(), _context(current):
                return (yield)
        finally:
            functions.elsewhere = False

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Generator[None, object, object]:
        """Tear a test down; what its sub-tests report meanwhile is theirs."""
        current = self._current
        if current is None or current.item is not item:
            return (yield)
        with current.in_phase():
            return (yield)

    @pytest.hookimpl(tryfirst=True)
    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> object:
        """Run a function in a child process where its entry says so."""
        __tracebackhide__ = True
        current = self._current
        if current is None or not current.isolated or current.entry is None:
            return None
        function = pyfuncitem.obj
        if inspect.iscoroutinefunction(function):
            raise _not_isolated(current, "a coroutine function cannot be: its event loop is ours")
        wanted = pyfuncitem._fixtureinfo.argnames
        kwargs = {name: pyfuncitem.funcargs[name] for name in wanted}
        work = isolation.CallWork(function, (), kwargs, current.seen)
        reports = isolation.run(work, current.entry.timeout)
        current.seen += [report.error for report in reports if report.error is not None]
        if not current.seen and any(report.method == "addSkip" for report in reports):
            raise pytest.skip.Exception(reports[-1].reason)
        return True

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Report:
        """Make the report of the phase that ends a listed test say the ruling on it."""
        current = self._current
        if current is not None and item is current.item and not current.ended:
            report = yield from self._reported(current, item, call)
        else:
            report = yield
        if call.excinfo is not None:
            pytest_reports.name_fixtures(report, call.excinfo.value)
        return report

    def _reported(
        self, current: Current, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Report:
        if current.running:
            return (yield from self._of_sub_test(current, call))
        if call.when == "setup" and call.excinfo is None:
            report = yield
            if self._in_worker and current.entry is not None:  # For when this process dies.
                pytest_reports.tell(report, acts=pytest_reports.named(current.entry))
            return report
        current.ended = call.when == "teardown"
        if call.when == "teardown":
            self._settle(current)  # Before its report, which is to have the properties too.
            return (yield)
        if call.excinfo is not None and is_of_others(call.excinfo, item, call.when):
            current.others = True
            return (yield)
        return (yield from self._of_test(current, call))

    def _begin(self, item: pytest.Item) -> Current | None:
        place = self._listed.get(item)
        if place is None:
            return None
        acting = lookup.acting(place.key, place.test_file, marks.EVERY)
        if acting is not None and is_case(item):
            test = getattr(item, "instance", None)
            if pytorch.rules_on(test, item.name, place.key, in_force.lists.modes):
                acting = None
        if acting is None and not contexts.registered():
            return None
        return Current(item, place, acting or lookup.Acting())

    def _observe(self, test: unittest.TestCase, result: Any) -> Any:
        """Return what a TestCase is to report to, when it is the listed item that runs."""
        current = self._current
        if current is None or current.item is not result:
            return None
        if current.entry is None:
            return result, None
        return ItemResult(result, current), current.entry

    def _of_sub_test(self, current: Current, call: pytest.CallInfo[None]) -> Report:
        excinfo = call.excinfo
        if excinfo is None:
            return (yield)
        if current.entry is None:
            return (yield from _annotated(current, call))
        if outcomes.is_skip(excinfo.value, under_pytest=True):
            current.skipped = True
            return (yield)
        current.seen.append(excinfo.value)
        outcome = Outcome(outcomes.FAILED, (excinfo.value,))
        ruling = verdicts.decide(current.entry, outcome, current.reason)
        if ruling.verdict not in _SUPPRESSING:
            return (yield)
        call.excinfo = None
        report = yield
        call.excinfo, report.longrepr = excinfo, None
        # A sub-test's failure is part of its test's, which alone has the verdict's own words.
        expected = ruling._replace(verdict=Verdict.EXPECTED_FAILURE)
        pytest_reports.say(report, expected, excinfo.value, current.item)
        return report

    def _of_test(self, current: Current, call: pytest.CallInfo[None]) -> Report:
        """Make a report say what there is to say of a test before its fixtures are torn down."""
        if current.entry is None:
            return (yield from _annotated(current, call))
        excinfo = call.excinfo
        current.error = excinfo.value if excinfo is not None else None
        ruling = current.ruling or current.decide()
        error = ruling.outcome.errors[0] if ruling.outcome.errors else None
        if ruling.verdict is not None:
            in_full = ruling.verdict not in _SUPPRESSING or _shows_expected(current.item.config)
            call.excinfo = _excinfo(error, excinfo) if in_full else None
        current.report = report = yield
        if ruling.verdict is None:
            return report
        if error is None and current.ruling is None and _has_another_outcome(report):
            if report.outcome == "skipped":
                current.skipped = True
                return report
            # Found by another plugin, or told past us: whatever pytest ends up with counts.
            current.seen.append(call.excinfo.value if call.excinfo else _Found(report.longreprtext))
            ruling, error = current.decide(), None
            if ruling.verdict in _SUPPRESSING:
                report.longrepr, error = None, current.seen[0]
        elif call.excinfo is None:
            report.longrepr = None  # What a mark in the source made of a test without an error.
        else:
            error = None
        call.excinfo = excinfo if ruling.verdict not in failures.SKIPPING else None
        pytest_reports.say(report, ruling, error, current.item)
        current.ruling = ruling
        return report

    def _settle(self, current: Current) -> None:
        """Give a test's report its last word, now that its fixtures have been torn down."""
        report, entry = current.report, current.entry
        if report is None or entry is None or current.others:
            report = None
        ruling = current.ruling
        if report is not None and current.torn:
            ruling = current.decide()
            error = ruling.outcome.errors[0]
            if ruling.verdict in _SUPPRESSING:
                report.longrepr = None
            elif not report.failed:
                excinfo = _excinfo(error, None)
                report.longrepr = current.item.repr_failure(excinfo) if excinfo else None
                report.outcome = "failed"
            shown = error if report.longrepr is None else None
            pytest_reports.say(report, ruling, shown, current.item)
        if report is not None and entry is not None and ruling is not None and ruling.verdict:
            pytest_reports.name(report, ruling, current.item, entry)
        current.forget()


def _may_yet_fail(ruling: verdicts.Ruling | None) -> bool:
    """Tell whether it is a success, which a tear-down that did not end cannot make final."""
    return ruling is not None and ruling.verdict is Verdict.UNEXPECTED_SUCCESS


class _Found(AssertionError):
    """Stand for a failure of which nothing but a report's text is known."""


def _has_another_outcome(report: pytest.TestReport) -> bool:
    """Tell whether a report says otherwise than that its test passed, as its source expects."""
    if report.outcome == "skipped":
        return not hasattr(report, "wasxfail")
    return report.outcome == "failed" and not str(report.longrepr).startswith("[XPASS(strict)]")


def _context(current: Current) -> AbstractContextManager[None]:
    """Return the contexts registered for a test; a TestCase's are entered by its own hook."""
    if not contexts.registered() or is_case(current.item):
        return _NOTHING
    return contexts.entered(*current.place)


def _not_isolated(current: Current, why: str) -> isolation.NotRun:
    path = current.entry.path if current.entry is not None else current.place.key
    return isolation.NotRun(f"`{path}` says `run: isolated`, which {why}; remove that line")


def _excinfo(
    error: BaseException | None, excinfo: pytest.ExceptionInfo[BaseException] | None
) -> pytest.ExceptionInfo[BaseException] | None:
    """Return what pytest is to show of an error, or None where it has no frames here."""
    if excinfo is not None and excinfo.value is error:
        return excinfo if not isinstance(error, isolation.ChildFailure) else None
    if error is None or error.__traceback__ is None or isinstance(error, isolation.ChildFailure):
        return None
    return pytest.ExceptionInfo.from_exception(error)


def _shows_expected(config: pytest.Config) -> bool:
    """Tell whether the tracebacks of expected failures are asked for in pytest's own form."""
    return bool(config.getoption("xfail_tb", False))


def _annotated(current: Current, call: pytest.CallInfo[None]) -> Report:
    """Say the trouble with an entry that suppresses nothing on the report of its test."""
    report = yield
    trouble = current.trouble
    marked = hasattr(report, "wasxfail")
    if not trouble or (report.outcome == "skipped" and not (marked and current.broken)):
        return report
    pytest_reports.tell(report, trouble=trouble)
    if report.outcome == "failed":
        seen = f"; seen was {outcomes.signature(call.excinfo.value)}" if call.excinfo else ""
        pytest_reports.fail(report, f"{trouble}{seen}")
    elif current.broken:
        pytest_reports.fail(report, trouble)
    else:
        try:
            failures.warn(trouble)
        except Warning:  # Where warnings are errors.
            pytest_reports.fail(report, trouble)
    return report


_NOTHING = contextlib.nullcontext()
_SUPPRESSING = failures.SKIPPING | {Verdict.EXPECTED_FAILURE}
