"""Context managers that some listed tests run inside, unsuppressed.

PyTorch turns compiled autograd off for the tests in `compiled_autograd_skips`; any suite can
register such a context manager for `<name>_skips`.
"""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from trunk_failures import in_force, list_files, lists, modes
from trunk_failures.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

_registered: dict[str, tuple[Callable[[], AbstractContextManager[object]], lists.Listing]] = {}


def register(name: str, factory: Callable[[], AbstractContextManager[object]]) -> None:
    """Run the tests of `<name>_skips` inside a context manager that `factory` makes for each.

    Raises UsageError when there are no such lists or `name` is a mode in force, ListError when
    the lists break a rule. Under `TRUNK_FAILURES=0` nothing is registered.
    """
    top = in_force.lists.test_dir
    if modes.switched_off(os.environ):
        return
    if name in in_force.lists.modes:
        raise UsageError(
            f"{name!r} is a mode in force: its skips suppress failures and cannot name a context "
            f"too; register another name, or put the mode out of force"
        )
    path = os.path.join(top or os.getcwd(), f"{name}_{lists.SKIPS}")
    if top is None or not os.path.isdir(path):
        raise UsageError(f"there is no list directory {path!r}; make it, or mend the name {name!r}")
    faults: list[list_files.Fault] = []
    listing = list_files.read_listing(name, lists.SKIPS, path, faults)
    list_files.refuse(top, [*map(str, faults)])
    _registered[name] = (factory, listing)


def keys() -> set[str]:
    """Return the keys of all tests that run inside a registered context manager."""
    found: set[str] = set()
    for _, listing in _registered.values():
        found.update(listing.top.keys, *(folder.keys for folder in listing.below.values()))
    return found


def registered() -> bool:
    """Tell whether any context manager is registered."""
    return bool(_registered)


@contextlib.contextmanager
def entered(key: str, test_file: str) -> Iterator[None]:
    """Enter every registered context manager whose lists hold a test."""
    with contextlib.ExitStack() as stack:
        for factory, listing in _registered.values():
            folder = listing.below.get(test_file, listing.top)
            if key in folder.keys or key in listing.top.keys:
                stack.enter_context(factory())
        yield
