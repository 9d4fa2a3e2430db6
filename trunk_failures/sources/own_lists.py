"""The lists themselves: what is known to fail here is known to fail on trunk."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from trunk_failures import (
    discovery,
    entry_files,
    list_files,
    list_places,
    lists,
    markers,
    modes,
    statuses,
)
from trunk_failures.errors import ListError, SourceError, UsageError
from trunk_failures.statuses import Disabled, Status


class OwnLists(NamedTuple):
    """The lists of a test directory; of none, those that a test run would find from here.

    It is the entries that suppress something here and today: in force, not expired, and true.
    """

    test_dir: str = ""
    environ: Mapping[str, str] = os.environ

    def __str__(self) -> str:
        return f"lists={self.test_dir}" if self.test_dir else "lists"

    def fetch(self) -> Status:
        """Return the listed tests; raises SourceError where there are no lists to read."""
        try:
            test_dir = self._found()
            # Asked for by name, they are read even where a run is to report all tests as they are.
            environ = {**self.environ, modes.SWITCH: "1"}
            loaded = list_files.load(test_dir, environ)
            tests = tuple(_tests(loaded, list_places.shown(test_dir)))
        except (ListError, UsageError) as error:
            raise SourceError(str(error)) from error
        return Status(tests, statuses.now(), test_dir)

    def _found(self) -> str:
        package = os.path.dirname(__file__)
        found = self.test_dir or discovery.find(
            self.environ, os.path.dirname(package), None, os.getcwd()
        ).test_dir
        if not found or not os.path.isdir(found) or not list_files.directories(found):
            raise SourceError(
                f"no list directory is in {found or os.getcwd()!r}; name the directory that holds"
                f" the `<mode>_expected_failures` and `<mode>_skips`, as lists=DIR"
            )
        return os.path.abspath(found)


def _tests(loaded: lists.Lists, shown: str) -> Iterator[Disabled]:
    here, today = markers.here(loaded.modes), statuses.now().date()
    for located in loaded.all():
        entry = entry_files.read(located)
        if entry.holds(here) and not entry.expired(today):
            # Other runs are not started in the test directory, but where people see it from.
            file = posixpath.normpath(posixpath.join(shown, entry.test_file))
            name = f"{file}/{entry.key}" if entry.test_file else entry.key
            yield Disabled(name, issue=entry.issue, reason=entry.reason, source=entry.path)
