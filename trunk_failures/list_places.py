"""List places: which test directory a command changes, and how it is shown."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping

from trunk_failures import discovery
from trunk_failures.errors import UsageError
from trunk_failures.ids import TestId


def to_write(given: str | None, environ: Mapping[str, str]) -> str:
    """Return the test directory whose lists are to be written, absolute.

    The one given, else the one that a test run would find from here; where there are no lists
    yet, `tests` or `test` below the working directory, or that itself.
    """
    if given is not None:
        if not os.path.isdir(given):
            raise UsageError(f"--test-dir {given!r} is no directory; make it, or name another")
        return os.path.abspath(given)
    working = os.getcwd()
    found = discovery.find(environ, os.path.dirname(__file__), None, working).test_dir
    if found is not None:
        return found
    for name in ("tests", "test"):
        if os.path.isdir(os.path.join(working, name)):
            return os.path.join(working, name)
    return working


def root(test_dir: str) -> str:
    """Return the directory that paths are shown from: the repository, else the working one."""
    repository = discovery.repository(test_dir)
    if repository is not None:
        return repository
    working = os.getcwd()
    inside = os.path.commonpath([working, test_dir]) == working if _comparable(test_dir) else False
    return working if inside else os.path.dirname(test_dir)


def _comparable(path: str) -> bool:
    """Tell whether a path can be relative to the working directory: of one drive, on Windows."""
    return os.path.splitdrive(path)[0] == os.path.splitdrive(os.getcwd())[0]


def shown(test_dir: str) -> str:
    """Return the test directory as people know it."""
    return os.path.relpath(test_dir, root(test_dir)).replace(os.sep, "/")


def qualifier(test_dir: str) -> Callable[[str], str | None]:
    """Return what gives a file, seen from here, as the entries of a test directory have it.

    It gives None for a file that is in none of its folders.
    """

    def seen(file: str) -> str | None:
        path = os.path.abspath(file)
        if not _comparable(test_dir) or not os.path.isfile(path):
            return None
        relative = os.path.relpath(path, test_dir).replace(os.sep, "/")
        return None if relative.startswith("../") else os.path.splitext(relative)[0]

    return seen


def file_of(test: TestId, top: str | None) -> str:
    """Return the one file of a test as entries below `top` are qualified by it, or "" for any.

    A test whose file is not here is qualified by it all the same: it is no other file's.
    """
    place = test.file.removesuffix(".py")
    if place:
        return below(top, place) or place
    return "" if test.module == "__main__" else below(top, test.module.replace(".", "/"))


def below(top: str | None, place: str) -> str:
    """Return the path from the test directory of a file of tests, or "" where it is not there.

    Paths may count from any directory above that one: what they begin with is its own end.
    """
    parts = [part for part in place.split("/") if part]
    if top is None or os.pardir in parts or "\0" in place:
        return ""
    above = os.path.abspath(top).split(os.sep)
    for start in range(len(parts)):
        inner = "/".join(parts[start:])
        if above[len(above) - start :] == parts[:start] and _is_there(top, inner):
            return inner
    return ""


def _is_there(top: str, place: str) -> bool:
    return os.path.isfile(os.path.join(top, *f"{place}.py".split("/")))
