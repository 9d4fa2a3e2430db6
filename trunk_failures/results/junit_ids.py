"""JUnit ids: which test a test case's attributes name, by whichever runner wrote them."""

from __future__ import annotations

import functools
from typing import NamedTuple

from trunk_failures import ids
from trunk_failures.errors import UsageError


_UNLOADED = "_FailedTest."


class Named(NamedTuple):
    """A test as a test case names it: `place` as in `cases.Case`; a part is a sub-test."""

    key: str
    place: str
    is_part: bool = False


@functools.lru_cache(maxsize=1024)
def scope(classname: str, file: str) -> tuple[str, str] | None:
    """Return the scope and the place of the plainly named tests of a class or a module.

    None where each name has to be looked at.
    """
    if not classname or classname.startswith("unittest.") or _is_cut(classname):
        return None
    try:
        test = ids.from_junit(classname, "test", file or None)
    except UsageError:
        return None
    return test.scope, place(test)


def are_plain(names: str) -> bool:
    """Tell whether names, joined by line ends, stand in the tests' keys as they are."""
    odd = " " in names or "@" in names or "/" in names or "." in names
    return not odd and "\n\n" not in f"\n{names}\n"


def named(classname: str, name: str, file: str) -> Named:
    """Return the test that attributes name; raises UsageError where they name none."""
    known = scope(classname, file) if are_plain(name) else None
    if known is not None:  # Nearly every test, without taking its id apart.
        return Named(f"{known[0]}.{name}", known[1])
    if name.startswith(_UNLOADED):  # Our plugin's test for a module that does not load.
        return Named(name, file.removesuffix(".py") or classname.replace(".", "/"))
    if _is_cut(classname):
        head, bracket, parameters = f"{classname}.{name}".partition("[")
        classname, _, name = head.rpartition(".")
        name += bracket + parameters
    try:
        test = ids.from_junit(classname, name, file or None)
    except UsageError:
        if not classname or not name:
            raise
        # A doctest, or another plugin's item: named by its file.
        whole = classname == name or classname.endswith(f".{name}")
        path = file or (classname if whole else classname.replace(".", "/") + ".py")
        test = ids.of_item(f"{path}::{name}")
    is_part = name.startswith(f"{test.name} ") and not ids.is_fixture(test)
    return Named(test.key, place(test), is_part)


def _is_cut(classname: str) -> bool:
    """Tell whether a classname ends in a test's parameters: xmlrunner cuts ids at the last dot."""
    return classname.count("[") > classname.count("]")


def of_node_id(node_id: str) -> Named:
    """Return the test of a node id of pytest's; raises UsageError where it names none."""
    file, _, name = node_id.partition("::")
    if name.startswith(_UNLOADED):
        return Named(name, file.removesuffix(".py"))
    test = ids.of_item(node_id)
    return Named(test.key, place(test))


def place(test: ids.TestId) -> str:
    """Return where a test is, as a path without its suffix."""
    return test.file.removesuffix(".py") or test.module.replace(".", "/")


def holder(test: Named, fixture: str) -> str:
    """Return whose fixture it is: a test's class, or the base name of its module."""
    if fixture.endswith("Class"):
        return test.key.partition(".")[0]
    return test.place.rpartition("/")[2]
