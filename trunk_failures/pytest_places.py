"""Where pytest's items are in the lists: their keys, and their files."""

from __future__ import annotations

import functools
import os
import sys
import unittest
from typing import Any, NamedTuple

import pytest

from trunk_failures import ids, in_force, lookup
from trunk_failures.loading import FAILED


class Place(NamedTuple):
    """Which entries a test can have: its key, and its file as entries are qualified by it."""

    key: str
    test_file: str


class ModuleItem(pytest.Item):
    """Stand for a module whose failure to load is listed: it raises what loading raised.

    Its parent is the session: setting up the module's package could fail for the same reason.
    """

    def __init__(self, error: BaseException | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.error = error

    @classmethod
    def of(cls, module: pytest.Module, error: BaseException | None) -> Any:
        """Return the item of a module that raised an error as it was loaded, or that loaded."""
        name = module_key(module.nodeid)
        node_id = f"{module.nodeid}::{name}"
        return cls.from_parent(
            module.session, name=name, nodeid=node_id, path=module.path, error=error
        )

    def runtest(self) -> None:
        """Raise the error, or pass where the module did load."""
        if self.error is not None:
            raise self.error

    def reportinfo(self) -> tuple[os.PathLike[str] | str, int | None, str]:
        """Return the module's file."""
        return self.path, 0, self.name


def module_key(node_id: str) -> str:
    """Return the key of a module's failure to load, as unittest names it; a package's is its own.
    """
    path, name = os.path.split(node_id.partition("::")[0])
    stem = os.path.splitext(name)[0]
    return f"{FAILED}.{os.path.basename(path) if stem == '__init__' and path else stem}"


def place_of(item: pytest.Item) -> Place:
    """Return the key of an item, and its file as entries are qualified by it."""
    if not isinstance(item, pytest.Function):
        key = item.name if isinstance(item, ModuleItem) else ids.of_item(item.nodeid).key
        return Place(key, file_of(item.nodeid, item.config))
    cls = class_of(item)
    if cls is not None and issubclass(cls, unittest.TestCase):
        return Place(f"{cls.__name__}.{item.name}", lookup.test_file(cls.__module__))
    # The run-time class, as under unittest: pytest names it as the module does.
    scope = stem_of(item) if cls is None else cls.__name__
    key = f"{scope}.{item.name}" if "." not in scope else ids.of_item(item.nodeid).key
    return Place(key, file_of(item.nodeid, item.config))


def class_of(item: pytest.Item) -> type | None:
    """Return the class that an item is a method of, or None."""
    parent = item.parent
    if isinstance(parent, pytest.Module):
        return None
    cls = parent.obj if isinstance(parent, pytest.Class) else getattr(item, "cls", None)
    return cls if isinstance(cls, type) else None


def file_of(node_id: str, config: pytest.Config) -> str:
    """Return the file of a node id as entries are qualified by it, or "" when none can be."""
    if not in_force.lists.has_qualified:
        return ""
    relative = lookup.relative_file(str(config.rootpath / node_id.partition("::")[0]))
    return "" if os.path.isabs(relative) else os.path.splitext(relative)[0]


def shown_file(node: pytest.Item | pytest.Collector) -> str | None:
    """Return a node's file as result lines name it; a TestCase's is where its class is from."""
    cls = class_of(node) if isinstance(node, pytest.Function) else None
    if cls is not None and issubclass(cls, unittest.TestCase):
        return lookup.relative_file(getattr(sys.modules.get(cls.__module__), "__file__", None))
    return lookup.relative_file(str(node.config.rootpath / node.nodeid.partition("::")[0])) or None


def is_case(item: pytest.Item) -> bool:
    """Tell whether an item is a method of a `unittest.TestCase`."""
    cls = class_of(item)
    return cls is not None and issubclass(cls, unittest.TestCase)


def stem_of(node: pytest.Item | pytest.Collector) -> str:
    """Return the base name of a node's file, which is the scope of its functions."""
    return _stem(node.nodeid.partition("::")[0])


@functools.lru_cache
def _stem(file: str) -> str:
    return os.path.splitext(os.path.basename(file))[0]
