"""Result lines of a pytest session: one for each test, whatever its phases reported.

Where a test runs, each of its reports is told what it means; where the reports come together
(under xdist in the controller) they are put into lines.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from trunk_failures import failures, ids, in_force, outcomes, pytest_reports
from trunk_failures.outcomes import several
from trunk_failures.pytest_fixtures import failed_fixture
from trunk_failures.pytest_places import is_case, module_key, place_of, shown_file
from trunk_failures.result_lines import ResultLine, ResultLines
from trunk_failures.verdicts import Verdict

if TYPE_CHECKING:
    from collections.abc import Generator

    Report = Generator[None, pytest.TestReport, pytest.TestReport]

PHASES = ("setup", "call", "teardown")
XPASS = "[XPASS(strict)]"
UNEXPECTED = "Failed: Unexpected success"
"""How pytest says that a test passed which its source expects to fail."""


class Identities:
    """pytest's hook that tells each report which test it is of, and what it means for it."""

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Report:
        """Tell a report its test's key and file, and the verdict that it comes to."""
        report = yield
        error = call.excinfo.value if call.excinfo is not None else None
        seen = _seen(report, error, is_case(item))
        if error is not None and seen is not None and not _is_sub_test(report):
            parts = [(each, failed_fixture(each, item, call.when)) for each in several(error)]
            for part, key in parts:
                if key and not hasattr(part, failures.FIXTURE):
                    verdict = (seen[0], str(outcomes.signature(part)))
                    pytest_reports.rule(report, verdict, None, of=key)
            if all(key for _, key in parts):
                seen = None
        pytest_reports.tell(report, id=place_of(item).key, file=shown_file(item), seen=seen)
        return report


class Results:
    """The tests that have begun and not ended, and the file that the ended ones are written to."""

    def __init__(self, lines: ResultLines) -> None:
        self.lines = lines
        self._begun: dict[tuple[str, object], _Begun] = {}
        self._shared: set[object] = set()

    def hear(self, report: Any) -> None:
        """Take a report in; the last one of a test writes its line."""
        told = pytest_reports.told(report)
        place = (report.nodeid, getattr(report, "node", None))  # The worker's, under xdist.
        if report.when not in PHASES:  # Of a worker that died: whatever the test came to before.
            self._begun.pop(place, None)
        begun = self._begun.setdefault(place, _Begun())
        if report.outcome == "rerun":  # pytest-rerunfailures' word: what it did before is void.
            del self._begun[place]
            return
        begun.hear(report, told)
        for key, verdict, error, _ in told.get("rulings", ()):
            shared = (key, told.get("file"), verdict)
            if key and shared not in self._shared:  # It fails in each test that needs it.
                self._shared.add(shared)
                self._line(key, told.get("file"), verdict, report.duration, error)
        if report.when not in ("setup", "call"):
            del self._begun[place]
            self._write(begun)

    def hear_collected(self, report: Any) -> None:
        """Take the report on a module in that could not be collected, and write its line."""
        if report.nodeid in self._shared:  # Each worker of xdist has collected it.
            return
        self._shared.add(report.nodeid)
        is_module = "::" not in report.nodeid
        key = module_key(report.nodeid) if is_module else ids.of_item(report.nodeid).key
        told = pytest_reports.told(report)
        error = told.get("error", str(report.longrepr))
        self._line(key, told.get("file"), Verdict.ERROR.value, 0.0, error)

    def finish(self) -> None:
        """Write the failures of tests that did not come to their end, and close the file."""
        for begun in self._begun.values():
            begun.verdicts = [each for each in begun.verdicts if each[0] in _FAILURE_WORDS]
            self._write(begun)
        self._begun.clear()
        self.lines.close()

    def _write(self, begun: _Begun) -> None:
        for verdict, error in begun.verdicts:
            self._line(begun.id, begun.file, verdict, begun.seconds, error)

    def _line(self, key: str, file: str | None, verdict: str, seconds: float, error: str) -> None:
        first = error.split("\n", 1)[0] if error else None
        modes = ",".join(in_force.lists.modes)
        self.lines.write(ResultLine(key, file, verdict, round(seconds, 6), first, modes))


class _Begun:
    """A test that has begun: its verdict by now, and further failures that are not its own."""

    def __init__(self) -> None:
        self.id = ""
        self.file: str | None = None
        self.seconds = 0.0
        self.verdicts: list[tuple[str, str]] = []
        self._listed = False

    def hear(self, report: Any, told: dict[str, Any]) -> None:
        """Take one report in."""
        self.seconds += report.duration
        self.id, self.file = told.get("id", self.id), told.get("file", self.file)
        own = [ruling for ruling in told.get("rulings", ()) if not ruling[0]]
        if own:
            self.verdicts[:] = [(own[0][1], own[0][2])]
            self._listed = True
            return
        seen = told.get("seen")
        if seen is None or (_is_sub_test(report) and not report.failed):
            return
        fails = seen[0] in _FAILURE_WORDS
        if not self.verdicts:
            self.verdicts.append(tuple(seen))
        elif fails and self._listed:
            self.verdicts.append(tuple(seen))  # Of a fixture that other tests had too.
        elif fails and self.verdicts[0][0] not in _FAILURE_WORDS:
            self.verdicts[0] = tuple(seen)


_FAILURE_WORDS = frozenset(
    verdict.value for verdict in (Verdict.FAILED, Verdict.ERROR, Verdict.FAILS_DIFFERENTLY)
)


def _seen(
    report: pytest.TestReport, error: BaseException | None, case: bool
) -> tuple[str, str] | None:
    """Return the verdict that one report comes to and its text, or None if it says nothing."""
    text = str(outcomes.signature(error)) if error is not None else ""
    if case and isinstance(error, pytest.fail.Exception) and text.endswith(UNEXPECTED):
        return Verdict.UNEXPECTED_SUCCESS.value, ""
    if report.outcome == "passed":
        if report.when != "call":
            return None
        verdict = Verdict.UNEXPECTED_SUCCESS if hasattr(report, "wasxfail") else Verdict.PASSED
        return verdict.value, ""
    if report.outcome == "skipped":
        if hasattr(report, "wasxfail"):
            ran = not str(report.wasxfail).startswith("[NOTRUN]")
            verdict = Verdict.EXPECTED_FAILURE if ran else Verdict.NOT_RUN
            return verdict.value, text or report.wasxfail
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else text
        return Verdict.SKIPPED.value, str(reason).removeprefix("Skipped: ")
    if report.when != "call":
        return Verdict.ERROR.value, text or str(report.longrepr)
    if isinstance(report.longrepr, str) and report.longrepr.startswith(XPASS):
        return Verdict.UNEXPECTED_SUCCESS.value, ""
    own = isinstance(error, (AssertionError, pytest.fail.Exception)) or not case
    return (Verdict.FAILED if own else Verdict.ERROR).value, text or str(report.longrepr)


def _is_sub_test(report: Any) -> bool:
    return type(report).__name__.lower() == "subtestreport"
