"""The decorators: which tests the lists apply to."""

from __future__ import annotations

import inspect
import unittest
from typing import TYPE_CHECKING, Any, TypeVar, overload

from trunk_failures import contexts, fixtures, functions, interception, lists, marks

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

Item = TypeVar("Item", bound="Callable[..., Any]")
"""A test function or method (coroutines too), a fixture function, or a test class."""


@overload
def xfailIfTrunkFailing(item: Item, /) -> Item: ...


@overload
def xfailIfTrunkFailing(reason: str = "", /) -> Callable[[Item], Item]: ...


def xfailIfTrunkFailing(item: Any = "", /) -> Any:
    """Report a test's failure as an expected failure while the lists expect it to fail.

    Bare, or called with a reason, which is shown for entries that give none. The test always
    runs; when it passes while it is listed in `<mode>_expected_failures`, that is a failure
    which says what to remove. On a class it holds for all its tests, subclasses' too. Where no
    list is in force the very item is returned.
    """
    return _decorator(item, (lists.EXPECTED_FAILURES,))


@overload
def skipIfTrunkFailing(item: Item, /) -> Item: ...


@overload
def skipIfTrunkFailing(reason: str = "", /) -> Callable[[Item], Item]: ...


def skipIfTrunkFailing(item: Any = "", /) -> Any:
    """Report a test as skipped, whether it fails or passes, while the lists name it as a skip.

    Bare, or called with a reason. The test always runs, and the skip says how it ended; for
    tests that fail now and then. Lists: `<mode>_skips`. Else as `xfailIfTrunkFailing`.
    """
    return _decorator(item, (lists.SKIPS,))


@overload
def suppressIfTrunkFailing(item: Item, /) -> Item: ...


@overload
def suppressIfTrunkFailing(reason: str = "", /) -> Callable[[Item], Item]: ...


def suppressIfTrunkFailing(item: Any = "", /) -> Any:
    """Put a test under both lists at once: `xfailIfTrunkFailing` and `skipIfTrunkFailing`."""
    return _decorator(item, lists.KINDS)


def register_context(name: str, factory: Callable[[], AbstractContextManager[object]]) -> None:
    """Run the tests listed in `<name>_skips` inside a context manager, their signal untouched.

    `factory` is called for each such test and returns the context manager, as
    `register_context("compiled_autograd", disable_compiled_autograd)`. It holds for every
    TestCase, and for plain functions that are decorated after the call. Raises UsageError when
    the lists are not there or `name` is a mode in force.
    """
    contexts.register(name, factory)
    interception.install()


def apply_to_every_test() -> None:
    """Put every TestCase's tests and fixtures under the lists, decorated or not.

    For a suite without decorators: one line that runs before its tests do, in every process that
    runs them, such as in the test package's `__init__.py` or in Django's settings. Where no list
    is in force nothing changes.
    """
    interception.apply_to_every()


def _decorator(item: Any, kinds: tuple[str, ...]) -> Any:
    if not isinstance(item, str):
        return _decorate(item, kinds, "")
    return lambda decorated: _decorate(decorated, kinds, item)


def _decorate(item: Any, kinds: tuple[str, ...], reason: str) -> Any:
    if isinstance(item, (classmethod, staticmethod)):
        return type(item)(_decorate(item.__func__, kinds, reason))
    if not callable(item):
        raise TypeError(
            f"found {item!r}; a test function, a test class or a reason (a string) can be given"
        )
    if not interception.apply_to_marked():
        return item
    if isinstance(item, type):
        marks.mark(item, kinds, reason)
        _adopt(item)
        _adopt_subclasses(item)
        return item
    if getattr(item, "__name__", "") in fixtures.NAMES:
        return fixtures.guard(item, dict.fromkeys(kinds, reason))
    wrapped = functions.wrap(item)
    marks.mark(wrapped, kinds, reason)
    return wrapped


def _adopt(cls: type) -> None:
    """Put what no hook reaches under a class's marks: its fixtures, and pytest's own tests."""
    kinds = marks.of_class(cls)
    fixtures.guard_class(cls, kinds)
    if issubclass(cls, unittest.TestCase):
        return
    for name, function in inspect.getmembers(cls, inspect.isfunction):
        if name.startswith("test"):
            wrapped = functions.wrap(function)
            for kind, reason in kinds.items():
                marks.mark(wrapped, (kind,), reason)
            setattr(cls, name, wrapped)


def _adopt_subclasses(cls: Any) -> None:
    """Adopt each class that will be derived from a decorated one, as its marks are inherited."""
    own = vars(cls).get("__init_subclass__")

    def __init_subclass__(sub: Any, /, **kwargs: Any) -> None:
        if own is None:
            super(cls, sub).__init_subclass__(**kwargs)
        else:
            own.__func__(sub, **kwargs)
        _adopt(sub)

    setattr(cls, "__init_subclass__", classmethod(__init_subclass__))
