"""What pytest reports of a listed test: its reports, made to say the ruling.

Reports are pytest's own, so that every other plugin and every kind of output sees what it knows:
an xfailed test with its reason, a failed one, a skipped one.
"""

from __future__ import annotations

import linecache
import traceback
from typing import TYPE_CHECKING, Any

from trunk_failures import failures, outcomes, verdicts
from trunk_failures.verdicts import Ruling, Verdict

if TYPE_CHECKING:
    from types import TracebackType

    import pytest

    from trunk_failures import entries

VERDICT = verdicts.PROPERTY
ENTRY = "trunk_failures.entry"
PROPERTIES = (VERDICT, ENTRY)
"""The properties that a listed test's reports carry, into JUnit files too."""

ATTRIBUTE = "trunk_failures"
"""The attribute that carries what `tell` was given from a worker of xdist to the controller."""

_RUNNERS = ("_pytest", "pluggy", "pytest", "trunk_failures")


def tell(report: pytest.TestReport | pytest.CollectReport, **told: Any) -> None:
    """Add to what a report tells this plugin where the reports come together."""
    report.__dict__.setdefault(ATTRIBUTE, {}).update(told)


def told(report: Any) -> dict[str, Any]:
    """Return what a report tells this plugin."""
    found: dict[str, Any] = getattr(report, ATTRIBUTE, {})
    return found


def rule(report: Any, verdict: tuple[str, str], entry: entries.Entry | None, of: str = "") -> None:
    """Tell a report a ruling: a verdict and its text, on its test or `of` a fixture's key."""
    ruling = (of, *verdict, named(entry) if entry is not None else None)
    tell(report, rulings=[*told(report).get("rulings", ()), ruling])


def named(entry: entries.Entry) -> tuple[str, str, str, str]:
    """Return what names an entry where its file may have another path."""
    return entry.mode, entry.kind, entry.test_file, entry.key


def name(
    report: pytest.TestReport, ruling: Ruling, item: pytest.Item, entry: entries.Entry
) -> None:
    """Give a test's reports, this one and those after it, its verdict and its entry."""
    verdict = _word(ruling)
    given: list[tuple[str, object]] = [(VERDICT, verdict), (ENTRY, entry.path)]
    for properties in (item.user_properties, report.user_properties):
        if properties:
            properties[:] = [each for each in properties if each[0] not in PROPERTIES]
        properties += given
    message, error = ruling.said
    rule(report, (verdict, error or message), entry)


def _word(ruling: Ruling) -> str:
    assert ruling.verdict is not None
    return ruling.verdict.value


def name_fixtures(report: pytest.TestReport, error: BaseException) -> None:
    """Tell a report the rulings on the listed fixtures that an exception is of."""
    for each in outcomes.several(error):
        of_fixture = getattr(each, failures.FIXTURE, None)
        if of_fixture is not None:
            entry, verdict = of_fixture
            rule(report, verdict, entry, of=entry.key)


def say_of_crash(report: pytest.TestReport, ruling: Ruling, entry: entries.Entry) -> None:
    """Make the report on a test whose process died say the ruling on that."""
    message, error = ruling.said
    rule(report, (_word(ruling), error), entry)
    report.user_properties += [(VERDICT, _word(ruling)), (ENTRY, entry.path)]
    if ruling.verdict not in failures.SKIPPING | {Verdict.EXPECTED_FAILURE}:
        fail(report, message)
        return
    # A skip has a place in a file, which is not known here.
    report.outcome, report.wasxfail = "skipped", message


def say(
    report: pytest.TestReport, ruling: Ruling, error: BaseException | None, item: pytest.Item
) -> None:
    """Make a report say the ruling on its test.

    `error` is a failure that the ruling is on and that the report does not show by now.
    """
    message = ruling.message
    shown = report.longrepr if error is None else plain(error)
    if ruling.verdict is Verdict.EXPECTED_FAILURE:
        report.outcome, report.longrepr, report.wasxfail = "skipped", shown, message
        return
    report.__dict__.pop("wasxfail", None)  # That of a mark in the source; the entry decides.
    if ruling.verdict in failures.SKIPPING:
        path, line = item.reportinfo()[:2]
        report.outcome = "skipped"
        report.longrepr = (str(path), (line or 0) + 1, f"Skipped: {message}")
    else:
        report.longrepr = shown
        fail(report, message)


def fail(report: pytest.TestReport, message: str) -> None:
    """Make a report a failure that says a message, and below it what it shows by now."""
    shown: Any = report.longrepr
    report.outcome = "failed"
    report.__dict__.pop("wasxfail", None)
    if hasattr(shown, "addsection"):
        if getattr(shown, "reprcrash", None) is not None:
            shown.reprcrash.message = message  # For the summary's line and for JUnit's message.
        shown.addsection("trunk_failures", message)
    else:
        report.longrepr = f"{message}\n\n{shown}" if shown else message


def plain(error: BaseException) -> str:
    """Return an exception's traceback much as Python prints it, from the test's first frame on.

    pytest's own form, with excerpts of the source, is only ever shown under `--xfail-tb`, and
    takes longer than most tests.
    """
    frames: TracebackType | None = error.__traceback__
    while frames is not None:  # Twenty or more of them: no call is made for a module seen before.
        module = frames.tb_frame.f_globals.get("__name__", "")
        if not (_runners[module] if module in _runners else _is_runners(module, frames)):
            break
        frames = frames.tb_next
    kind = type(error)
    if error.__cause__ or error.__context__ or kind not in _SIMPLE or hasattr(error, "__notes__"):
        return "".join(traceback.format_exception(kind, error, frames))
    lines = ["Traceback (most recent call last):\n"] if frames is not None else []
    while frames is not None:  # What format_exception does, without the marks below the line.
        code, number = frames.tb_frame.f_code, frames.tb_lineno
        lines.append(f'  File "{code.co_filename}", line {number}, in {code.co_name}\n')
        source = linecache.getline(code.co_filename, number, frames.tb_frame.f_globals).strip()
        lines.append(f"    {source}\n" if source else "")
        frames = frames.tb_next
    message = str(error)
    lines.append(f"{kind.__name__}: {message}\n" if message else f"{kind.__name__}\n")
    return "".join(lines)


_SIMPLE = frozenset({AssertionError, KeyError, RuntimeError, TypeError, ValueError})
"""Built-in exceptions of which the traceback module says no more than their message."""


def _is_runners(module: str, frames: TracebackType) -> bool:
    """Tell whether a module is a test runner's or this package's, and remember it."""
    ours = module.partition(".")[0] in _RUNNERS or "__unittest" in frames.tb_frame.f_globals
    _runners[module] = ours
    return ours


_runners: dict[str, bool] = {}
