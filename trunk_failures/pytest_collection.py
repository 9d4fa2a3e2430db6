"""What pytest collects, as the lists name it: which items are listed, which entries match none.

Runs of thousands of tests come by here of which none is listed: nothing is done for each item that
need not be, and what rules on tests is imported when there is something to rule on.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import pytest

from trunk_failures import in_force, pytest_teardown
from trunk_failures.lists import mode_and_kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from trunk_failures.pytest_places import Place

SHOWN = 50
"""How many entries of one kind the summary names."""


class ListedCollection:
    """pytest's hooks around collecting; they run where tests are collected.

    `unmatched` is None where not all tests were collected, else how many entries match no test,
    and the paths of the first of them. `listed` tells whether any item is listed.
    """

    def __init__(self, identify: bool = False, only_disabled: bool = False) -> None:
        self._identify = identify
        self._only_disabled = only_disabled
        self._deselected: list[pytest.Item] = []
        self.unmatched: tuple[int, list[str]] | None = None
        self.listed = False

    @pytest.hookimpl(tryfirst=True)
    def pytest_ignore_collect(self, collection_path: Any) -> bool | None:
        """Keep pytest from asking of each entry whether it is a file of tests."""
        above, name = os.path.split(collection_path)
        is_list = mode_and_kind(name) is not None and above == in_force.lists.test_dir
        return True if is_list else None

    def pytest_deselected(self, items: Sequence[pytest.Item]) -> None:
        """Keep what was collected and is not to be run."""
        self._deselected += items

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        """Deselect all but the tests that trunk's status disables, if no others are to run."""
        if not self._only_disabled:
            return
        from trunk_failures.pytest_places import ModuleItem, place_of

        kept = {
            item
            for item in items
            if isinstance(item, ModuleItem) or in_force.lists.is_disabled(*place_of(item))
        }
        deselected = [item for item in items if item not in kept]
        items[:] = [item for item in items if item in kept]
        if deselected:
            config.hook.pytest_deselected(items=deselected)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Find the listed items, and the entries without one where all was collected."""
        contexts = sys.modules.get("trunk_failures.contexts")
        keys = in_force.lists.keys | (contexts.keys() if contexts is not None else set())
        if keys:
            self._find(keys, session)
        if self._identify:  # After the other, so that it hears of what that one made of a report.
            from trunk_failures.pytest_results import Identities

            session.config.pluginmanager.register(Identities(), "trunk_failures_identities")

    def _find(self, keys: set[str], session: pytest.Session) -> None:
        from trunk_failures.pytest_places import place_of

        places = {item: place_of(item) for item in session.items}
        lists = in_force.lists.lists
        listed = {
            item: place for item, place in places.items() if place.key in keys or lists(place.key)
        }
        fixtures = _listed_fixtures()
        self.listed = bool(listed or fixtures)
        if self.listed:
            from trunk_failures.pytest_items import ListedItems

            plugins = session.config.pluginmanager
            own = plugins.get_plugin(pytest_teardown.NAME)
            assert own is not None
            items = ListedItems(listed, own, hasattr(session.config, "workerinput"))
            plugins.register(items, "trunk_failures_items")
        if is_whole(session):
            places.update({item: place_of(item) for item in self._deselected})
            self.unmatched = _unmatched(places, fixtures)


def is_whole(session: pytest.Session) -> bool:
    """Tell whether all the tests that the lists can be about were collected."""
    config, top = session.config, in_force.lists.test_dir
    narrowed = any(
        config.getoption(option, None) for option in ("lf", "ignore", "ignore_glob", "pyargs")
    )
    if top is None or narrowed or session.testsfailed:
        return False
    if not os.path.join(top, "").startswith(os.path.join(config.rootpath, "")):
        top = str(config.rootpath)  # Lists of somebody else's tests, kept elsewhere.
    working = config.invocation_params.dir
    named = [os.path.abspath(working / str(arg)) for arg in config.args if "::" not in str(arg)]
    return any(os.path.join(top, "").startswith(os.path.join(name, "")) for name in named)


def _listed_fixtures() -> list[str]:
    names = (".setUpClass", ".tearDownClass", ".setUpModule", ".tearDownModule")
    return [key for key in in_force.lists.keys if key.endswith(names)]


def _unmatched(
    places: dict[pytest.Item, Place], fixtures: Iterable[str]
) -> tuple[int, list[str]]:
    """Return how many entries in force match no item, and the paths of the first of them."""
    from trunk_failures import entry_files
    from trunk_failures.pytest_places import stem_of

    scopes = {place.key.partition(".")[0] for place in places.values()}
    scopes.update(stem_of(parent) for parent in {item.parent for item in places} if parent)
    served = {key for key in fixtures if key.partition(".")[0] in scopes}
    count, first = in_force.lists.unmatched(set(places.values()), served, SHOWN)
    return count, [entry_files.shown_of(located) for located in first]
