"""Deselection of single tests under pytest: an id leaves out the test that it is, and no other.

pytest's own `--deselect` leaves out all tests whose ids begin as it says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable


class Deselection:
    """pytest's hook that leaves tests out by their whole ids."""

    def __init__(self, node_ids: Iterable[str]) -> None:
        self._node_ids = frozenset(node_ids)

    @pytest.hookimpl(tryfirst=True)  # Before xdist adds groups to the ids.
    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        """Leave out what is named."""
        out = [item for item in items if item.nodeid in self._node_ids]
        if out:
            config.hook.pytest_deselected(items=out)
            items[:] = [item for item in items if item.nodeid not in self._node_ids]
