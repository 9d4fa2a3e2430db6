"""The end of a listed test under pytest: its own fixtures, apart from those of others."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

    from trunk_failures.pytest_current import Current

NAME = "trunk_failures_teardown"


class OwnTearDown:
    """pytest's hook that tears a listed test's own fixtures down before all others.

    It is registered before any conftest file is loaded, and so runs after their hooks, as pytest's
    own does.
    """

    current: Current | None = None

    def pytest_runtest_teardown(self, item: pytest.Item) -> None:
        """Tear down what is the test's own."""
        if self.current is not None and self.current.item is item:
            self.current.tear_down()
