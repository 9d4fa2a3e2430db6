"""A pytest session under the lists: what people see of it, and the result lines of its tests.

Under xdist the controller does this, with what the workers' reports tell it.
"""

from __future__ import annotations

import os
import shlex
from typing import TYPE_CHECKING, Any

import pytest

from trunk_failures import entry_files, in_force, modes, pytest_reports
from trunk_failures.errors import UsageError
from trunk_failures.lists import STATUS
from trunk_failures.pytest_collection import SHOWN
from trunk_failures.verdicts import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from trunk_failures.pytest_collection import ListedCollection
    from trunk_failures.pytest_results import Results

UNEXPECTED_SUCCESS = Verdict.UNEXPECTED_SUCCESS.value
SKIP_LISTED_PASSED = Verdict.SKIP_LISTED_PASSED.value


class Controller:
    """The header, the summary and the result lines of a session."""

    def __init__(self, config: pytest.Config, collection: ListedCollection) -> None:
        self._config = config
        self._collection = collection
        self._can_go: dict[tuple[str, ...], None] = {}
        self._maybe: dict[tuple[str, ...], None] = {}
        self._trouble: dict[str, None] = {}
        self._begun: dict[tuple[str, object], tuple[str, ...]] = {}
        self._listening = False
        self._results: Results | None = None
        if config.option.trunk_failures_results is not None:
            path = os.path.join(config.invocation_params.dir, config.option.trunk_failures_results)
            from trunk_failures import pytest_results, result_lines

            try:
                self._results = pytest_results.Results(result_lines.ResultLines(path))
            except UsageError as error:
                raise pytest.UsageError(f"trunk_failures: {error}") from error

    def pytest_report_header(self) -> str:
        """Say which lists are in force."""
        loaded = in_force.lists
        if not loaded.modes:
            runxfail = getattr(self._config.option, "runxfail", False)
            why = "--runxfail" if runxfail else f"{modes.SWITCH}=0"
            return f"trunk_failures: no list is in force ({why})"
        where = self._shown(loaded.test_dir) if loaded.test_dir is not None else "no directory"
        return (
            f"trunk_failures: {len(loaded.expected_failures)} expected failures, "
            f"{len(loaded.skips)} skips; modes in force: {', '.join(loaded.modes)}; in {where}"
        )

    @pytest.hookimpl(trylast=True)  # After the collection's own, as it is registered after it.
    def pytest_collection_finish(self) -> None:
        """Listen to what the tests report, if there is anything to hear."""
        if self._collection.listed or self._results is not None:
            self.listen()

    def listen(self) -> None:
        """Listen to what the tests report, here or in the workers of xdist."""
        if not self._listening:
            self._listening = True
            self._config.pluginmanager.register(Listener(self.hear), "trunk_failures_listener")

    def begun(self, report: pytest.TestReport) -> tuple[str, ...] | None:
        """Return what names the entry of a listed test that has begun and not ended."""
        return self._begun.get(_run_of(report))

    def hear(self, report: pytest.TestReport) -> None:
        """Keep what the summary is to say, and write what is to be written."""
        if self._results is not None:
            self._results.hear(report)
        told = report.__dict__.get(pytest_reports.ATTRIBUTE)
        if self._begun and report.when == "teardown":
            self._begun.pop(_run_of(report), None)
        if told is None:
            return  # Nearly all reports: those of tests that are not listed.
        if "acts" in told:
            self._begun[_run_of(report)] = tuple(told["acts"])
        for _, verdict, _, entry in told.get("rulings", ()):
            if entry and verdict == UNEXPECTED_SUCCESS:
                self._can_go[tuple(entry)] = None
            elif entry and verdict == SKIP_LISTED_PASSED:
                self._maybe[tuple(entry)] = None
        if "trouble" in told:
            self._trouble[told["trouble"]] = None

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Write what could not be collected."""
        if report.failed and self._results is not None:
            self._results.hear_collected(report)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Bring the result lines to the disk."""
        if self._results is None:
            return
        self._results.finish()
        if self._results.lines.trouble and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.USAGE_ERROR

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Say which entries can go, which match no test, and which suppress nothing."""
        lines = [*self._summary()]
        if lines:
            terminalreporter.section("trunk_failures")
            for line in lines:
                terminalreporter.line(line)

    def _summary(self) -> list[str]:
        lines = []
        if self._can_go:
            lines += ["Unexpected successes, please remove:", *self._commands(self._can_go)]
        recovered = [entry for entry in self._maybe if entry[0] == STATUS]
        if len(recovered) < len(self._maybe):
            lines += ["Skips that passed this time, maybe remove:", *self._commands(self._maybe)]
        if recovered:
            lines.append("Disabled on trunk, and passed this time:")
            lines += _shortened([entry[3] for entry in recovered])
        if self._trouble:
            lines += ["Entries that suppress nothing:", *_shortened([*self._trouble])]
        count, first = self._collection.unmatched or (0, [])
        if count:
            lines += ["Entries that match no test that was collected:", *_shortened(first, count)]
        if self._results is not None and self._results.lines.trouble:
            lines.append(self._results.lines.trouble)
        return lines

    def _commands(self, named: Iterable[tuple[str, ...]]) -> list[str]:
        """Return the commands that remove entries, as they are to be typed where pytest was."""
        names = {*named}
        paths = [
            entry_files.path_of(each)
            for each in in_force.lists.all()
            if each.listing.is_on_disk
            and (each.listing.mode, each.listing.kind, each.test_file, each.key) in names
        ]
        return _shortened([f"rm {shlex.quote(self._shown(path))}" for path in paths])

    def _shown(self, path: str) -> str:
        """Return a path as it can be typed where pytest was started."""
        relative = os.path.relpath(path, self._config.invocation_params.dir)
        return path if relative.startswith(os.pardir) else relative


class Listener:
    """pytest's hook that hears of all tests; it is there only where something can be heard."""

    def __init__(self, hear: Callable[[pytest.TestReport], None]) -> None:
        self._hear = hear

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Hear of one phase of a test."""
        self._hear(report)


def _run_of(report: pytest.TestReport) -> tuple[str, object]:
    """Return what tells a test's run from others: under `--dist each` every worker runs it."""
    return report.nodeid, getattr(report, "node", None)


def _shortened(lines: list[str], count: int = 0) -> list[str]:
    """Return lines indented, and when they are many the first of them and how many more."""
    left = max(count, len(lines)) - SHOWN
    return [*(f"  {line}" for line in lines[:SHOWN]), *([f"  and {left} more"] if left > 0 else [])]
