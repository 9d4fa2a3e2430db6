"""The workers of pytest-xdist: what they are sent, what they tell, and what becomes of a crash."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from _pytest.junitxml import xml_key  # It has no public name.

from trunk_failures import (
    entry_files,
    ids,
    in_force,
    isolation,
    lookup,
    marks,
    pytest_reports,
    transfer,
    verdicts,
)
from trunk_failures.errors import EntryError
from trunk_failures.outcomes import FAILED, Outcome
from trunk_failures.pytest_places import file_of
from trunk_failures.verdicts import Verdict

if TYPE_CHECKING:
    from trunk_failures.pytest_collection import ListedCollection
    from trunk_failures.pytest_session import Controller

UNMATCHED = "trunk_failures_unmatched"


class Worker:
    """What a worker tells its controller, beside its reports."""

    def __init__(self, collection: ListedCollection) -> None:
        self._collection = collection

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Tell which entries match no test."""
        output = getattr(session.config, "workeroutput", None)
        if output is not None:
            output[UNMATCHED] = self._collection.unmatched


class Workers:
    """What the controller does for its workers."""

    def __init__(
        self, config: pytest.Config, collection: ListedCollection, controller: Controller
    ) -> None:
        self._config = config
        self._collection = collection
        self._controller = controller
        self._sent: dict[str, Any] | None = None

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Send the lists to a worker, which reads none itself, and listen to it.

        What xdist itself sends comes after the worker has loaded its first conftest files.
        """
        self._controller.listen()
        if self._sent is None:
            packed = transfer.pack(in_force.lists, str(self._config.rootpath))
            results = self._config.option.trunk_failures_results is not None
            self._sent = {"lists": packed, "results": results}
        channel = node.gateway.remote_exec(transfer.RECEIVER)
        channel.send(self._sent)
        channel.waitclose()

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Hear from a worker which entries match no test; each has collected them all."""
        output = getattr(node, "workeroutput", None) or {}
        if output.get(UNMATCHED) is not None:
            count, first = output[UNMATCHED]
            self._collection.unmatched = count, first

    @pytest.hookimpl(optionalhook=True)
    def pytest_handlecrashitem(self, crashitem: str, report: pytest.TestReport) -> None:
        """Rule on a test during which its worker died.

        A worker can be killed by anything, so that only an entry which says `raises: Crashed`
        expects it.
        """
        if getattr(getattr(report, "node", None), "workeroutput", None) is not None:
            return  # It came to its end, which an interrupted worker does.
        error = str(report.longrepr)
        key = ids.of_item(crashitem).key
        file = lookup.relative_file(str(self._config.rootpath / crashitem.partition("::")[0]))
        acting = lookup.acting(key, file_of(crashitem, self._config), marks.EVERY)
        named = self._controller.begun(report)
        if named is not None:
            key, acting = named[3], _acting(named)
        pytest_reports.tell(report, id=key, file=file, seen=(Verdict.CRASHED.value, error))
        if acting is None:
            return
        if acting.entry is None:
            pytest_reports.tell(report, trouble=acting.trouble)
            report.longrepr = f"{error}\n{acting.trouble}"
        elif not acting.entry.raises:
            report.longrepr = (
                f"{error}\n`{acting.entry.path}` does not expect a crash: `raises: Crashed` "
                f"would, and `run: isolated` would keep the worker alive"
            )
        else:
            outcome = Outcome(FAILED, (isolation.Crashed(error),))
            ruling = verdicts.decide(acting.entry, outcome)
            pytest_reports.say_of_crash(report, ruling, acting.entry)
            _name_in_junit(self._config, report)


def _acting(named: tuple[str, ...]) -> lookup.Acting | None:
    """Return what the entry says that the worker found to act on the test that it died in."""
    mode, kind, test_file, key = named
    for located in in_force.lists.find(key, test_file):
        if (located.listing.mode, located.listing.kind) == (mode, kind):
            try:
                return lookup.Acting(entry_files.read(located))
            except EntryError as error:  # The file has changed since it was sent.
                return lookup.Acting(None, str(error), broken=True)
    return None


def _name_in_junit(config: pytest.Config, report: pytest.TestReport) -> None:
    """Add a report's properties to pytest's JUnit file, which takes those of tear-downs alone."""
    xml: Any = config.stash.get(xml_key, None)
    if xml is not None:
        for name, value in report.user_properties:
            xml.node_reporter(report).add_property(name, value)
