"""pytest's own protocol for running one test, with its report held back to the test's end."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

# As other plugins do that run tests themselves; there is no public name.
from _pytest.runner import call_and_report, show_test_item

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest


def run(
    item: pytest.Item, nextitem: pytest.Item | None, log: Callable[..., object]
) -> list[pytest.TestReport]:
    """Run a test's phases; return the reports that are still to be logged.

    A set-up that passes is logged at once: where the process dies, that is known of the test.
    """
    request = getattr(item, "_request", None)
    if request is False:  # It is run again.
        item._initrequest()  # type: ignore[attr-defined]
    try:
        report = call_and_report(item, "setup", log=False)
        held = [report]
        if report.passed:
            log(report=held.pop())
            held += _call(item)
        if _ends_the_session(item, held):
            nextitem = None  # So that what fails in wider fixtures is still heard of.
        held.append(call_and_report(item, "teardown", log=False, nextitem=nextitem))
    finally:
        if request is not None:
            item._request = False  # type: ignore[attr-defined]
            item.funcargs = None  # type: ignore[attr-defined]
    return held


def _call(item: pytest.Item) -> list[pytest.TestReport]:
    if item.config.getoption("setupshow", False):
        show: Any = show_test_item
        added = "add_space" in inspect.signature(show).parameters  # From pytest 9.1 on.
        show(item, **({"add_space": True} if added else {}))
    if item.config.getoption("setuponly", False):
        return []
    return [call_and_report(item, "call", log=False)]


def _ends_the_session(item: pytest.Item, held: list[pytest.TestReport]) -> bool:
    session, most = item.session, item.config.getoption("maxfail", 0)
    failed = session.testsfailed + any(report.failed for report in held)
    return bool(session.shouldfail or session.shouldstop or (most and failed >= most))
