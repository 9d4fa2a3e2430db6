"""The listed test that pytest runs now, and what was seen of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trunk_failures import entries, marks, outcomes, suppression, verdicts
from trunk_failures.outcomes import Outcome

if TYPE_CHECKING:
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
        self.running = False
        self.ended = False
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
                if outcomes.is_skip(each, under_pytest=True):
                    self.skipped = True
                else:
                    self.torn.append(each)

    def outcome(self, error: BaseException | None) -> Outcome:
        """Return what the test came to, given what its last phase raised."""
        body = [] if error is None or outcomes.is_skip(error, under_pytest=True) else [error]
        failed = (*self.seen, *body, *self.torn)
        if failed:
            return Outcome(outcomes.FAILED, failed)
        if error is not None or self.skipped:
            return Outcome(outcomes.SKIPPED)
        return Outcome(outcomes.PASSED)


class ItemResult(suppression.RecordingResult):
    """Keep what a listed TestCase reports for the ruling on its item."""

    def __init__(self, result: Any, current: Current) -> None:
        super().__init__(result)
        self.__dict__["_current"] = current

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
