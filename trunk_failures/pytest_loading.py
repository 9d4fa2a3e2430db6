"""Modules that pytest loads, and their fixtures, where the lists name them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from trunk_failures import fixtures, in_force, loading, lookup, marks, outcomes, pytest_reports
from trunk_failures.pytest_places import ModuleItem, file_of, module_key, shown_file, stem_of

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

    Collected = Generator[None, pytest.CollectReport, pytest.CollectReport]


def wanted() -> bool:
    """Tell whether the lists name any fixture of a class or a module, or a module's loading."""
    prefix = f"{loading.FAILED}."
    return fixtures.listed() or any(key.startswith(prefix) for key in in_force.lists.keys)


class ListedLoading:
    """pytest's hooks around loading modules; they run where tests are collected."""

    def __init__(self) -> None:
        self._loaded: set[str] = set()

    def pytest_collectstart(self, collector: pytest.Collector) -> None:
        """Put a module's listed fixtures under the lists."""
        if not isinstance(collector, pytest.Module):
            return
        if _lists_any(stem_of(collector), fixtures.OF_MODULE):
            try:
                module = collector.obj
            except BaseException:  # noqa: B902 - collecting it raises the same, in its place
                return
            fixtures.guard_module(module, marks.EVERY)

    @pytest.hookimpl(tryfirst=True)
    def pytest_pycollect_makeitem(self, name: str, obj: object) -> None:
        """Put a class's listed fixtures under the lists."""
        if isinstance(obj, type) and _lists_any(obj.__name__, fixtures.OF_CLASS):
            fixtures.guard_class(obj, marks.EVERY)

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(self, collector: pytest.Collector) -> Collected:
        """Put an item in the place of a listed failure to load a module, or beside its tests."""
        report = yield
        error = _cause(report) if report.outcome == "failed" else None
        if error is not None:
            seen = str(outcomes.signature(error))
            pytest_reports.tell(report, error=seen, file=shown_file(collector))
        if not isinstance(collector, pytest.Module) or report.outcome == "skipped":
            return report
        name, test_file = module_key(collector.nodeid), file_of(collector.nodeid, collector.config)
        if name not in in_force.lists.keys or not lookup.acting(name, test_file, marks.EVERY):
            return report
        if error is not None:
            report.__dict__.pop("call", None)  # pytest would show its error as one to debug.
            report.outcome, report.longrepr, report.result = "passed", None, []
        elif hasattr(collector.obj, "load_tests"):
            return report  # pytest does not call it: whether unittest can load these is not known.
        if collector.nodeid not in self._loaded:  # A file may be one of doctests too.
            self._loaded.add(collector.nodeid)
            report.result = [*report.result, ModuleItem.of(collector, error)]
        return report

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Take out what stands for modules that loaded, where another of the name did not.

        An entry that holds for any file is needed as long as one of them does not load.
        """
        failed = {item.name for item in items if isinstance(item, ModuleItem) and item.error}
        items[:] = [
            item
            for item in items
            if not isinstance(item, ModuleItem)
            or item.error is not None
            or item.name not in failed
            or _is_qualified(item)
        ]


def _is_qualified(item: ModuleItem) -> bool:
    """Tell whether it is an entry of this file alone that acts on a module."""
    acting = lookup.acting(item.name, file_of(item.nodeid, item.config), marks.EVERY)
    return acting is not None and acting.entry is not None and bool(acting.entry.test_file)


def _cause(report: Any) -> BaseException:
    """Return what loading a module raised, which pytest wraps in an error of its own."""
    error: BaseException = report.call.excinfo.value
    if isinstance(error, pytest.Collector.CollectError) and error.__cause__ is not None:
        return error.__cause__
    return error


def _lists_any(scope: str, names: Iterable[str]) -> bool:
    return any(f"{scope}.{name}" in in_force.lists.keys for name in names)
