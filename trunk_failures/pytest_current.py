"""The listed test that pytest runs now, and what was seen of it."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from trunk_failures import entries, marks, outcomes, suppression, verdicts
from trunk_failures.outcomes import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest

    from trunk_failures import lookup
    from trunk_failures.pytest_places import Place


class Current:
    """The listed test that runs now.

    `seen` are the failures of its sub-tests, or of all that a TestCase reported; `torn` those of
    its fixtures as they were torn down.
    """

    def __init__(self, item: pytest.Item, place: Place, acting: lookup.Acting) -> None:
        self.item = item
        self.place = place
        self.trouble = acting.trouble
        self.broken = acting.broken
        self.entry = acting.entry
        self.reason = _reason(item, acting.entry) if acting.entry is not None else ""
        self.ruling: verdicts.Ruling | None = None
        self.report: pytest.TestReport | None = None
        self.error: BaseException | None = None
        self.running = False
        self.ended = False
        self.others = False
        self.skipped = False
        self.seen: list[BaseException] = []
        self.torn: list[BaseException] = []

    @property
    def isolated(self) -> bool:
        """Whether the test is to run in a child process."""
        return self.entry is not None and self.entry.run == entries.ISOLATED

    def tear_down(self) -> None:
        """Tear down the test's own fixtures, and keep what fails in them."""
        if self.entry is None:
            return
        try:
            # As if another test of the same class or module were next. pytest has no public way.
            state = self.item.session._setupstate
            state.teardown_exact(self.item.parent)  # type: ignore[arg-type]
        except BaseException as error:
            if outcomes.stops_the_run(error):
                raise
            for each in outcomes.several(error):
                if not outcomes.is_skip(each, under_pytest=True):
                    self.torn.append(each)

    @contextlib.contextmanager
    def in_phase(self) -> Iterator[None]:
        """Note that a phase runs: what is reported meanwhile are sub-tests."""
        self.running = True
        try:
            yield
        finally:
            self.running = False

    def decide(self) -> verdicts.Ruling:
        """Return the ruling on what the test has come to by now."""
        assert self.entry is not None
        return verdicts.decide(self.entry, self._outcome(), self.reason)

    def forget(self) -> None:
        """Let go of exceptions: they hold frames that hold them, a cycle for each test."""
        self.error = self.report = self.ruling = None
        self.seen.clear()
        self.torn.clear()

    def _outcome(self) -> Outcome:
        skips = outcomes.is_skip(self.error, under_pytest=True)
        body = [] if self.error is None or skips else [self.error]
        failed = (*self.seen, *body, *self.torn)
        if failed:
            return Outcome(outcomes.FAILED, failed)
        if skips or self.skipped:
            return Outcome(outcomes.SKIPPED)
        return Outcome(outcomes.PASSED)


class ItemResult(suppression.RecordingResult):
    """Keep what a listed TestCase reports for the ruling on its item."""

    def __init__(self, result: Any, current: Current) -> None:
        super().__init__(result)
        self.__dict__["_current"] = current

    def _is_skip(self, error: BaseException | None) -> bool:
        return outcomes.is_skip(error, under_pytest=True)

    def _ended(self, test: Any, events: list[suppression.Event]) -> None:
        came_to = suppression.outcome(events)
        self._current.seen += came_to.errors
        if came_to.state not in (outcomes.FAILED, outcomes.PASSED):
            self._current.skipped = True
            suppression.report(self._result, test, verdicts.AS_IT_IS, events)


def _reason(item: pytest.Item, entry: entries.Entry | None) -> str:
    """Return the reason that a decorator gives, for an entry that gives none."""
    cls = getattr(item, "cls", None)
    reasons = marks.of_class(cls) if cls is not None else {}
    reasons = {**reasons, **marks.of_function(getattr(item, "obj", None))}
    return reasons.get(entry.kind, "") if entry is not None else ""
