"""The lists themselves: what is known to fail here is known to fail on trunk."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from trunk_failures import discovery, entry_files, list_files, lists, markers, statuses
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
            loaded = list_files.load(test_dir, self.environ)
            tests = tuple(_tests(loaded))
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


def _tests(loaded: lists.Lists) -> Iterator[Disabled]:
    here, today = markers.here(loaded.modes), statuses.now().date()
    for located in loaded.all():
        entry = entry_files.read(located)
        if entry.holds(here) and not entry.expired(today):
            name = f"{entry.test_file}/{entry.key}" if entry.test_file else entry.key
            yield Disabled(name, issue=entry.issue, reason=entry.reason, source=entry.path)
