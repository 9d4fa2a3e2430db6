"""Result files of trunk's runs that lie here."""

from __future__ import annotations

import argparse
import datetime
import os
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from trunk_failures import causes, inputs, statuses
from trunk_failures.errors import ResultsError, SourceError, UsageError
from trunk_failures.inputs import Input
from trunk_failures.results import collecting, files
from trunk_failures.results.collecting import Collected
from trunk_failures.results.seen import FAILURES, Test
from trunk_failures.sources import run_failures
from trunk_failures.statuses import Disabled, Status


class ResultFiles(NamedTuple):
    """Files, directories and patterns, as `update` reads them."""

    paths: Sequence[str]

    def __str__(self) -> str:
        return f"results={' '.join(self.paths)}"

    def fetch(self) -> Status:
        """Return the tests that failed; raises SourceError where not all that is there can be read.

        What the lists of those runs expected is no failure; nor is what was not run a pass.
        """
        options = argparse.Namespace(
            keep_going=False, jobs=os.cpu_count() or 1, executor=None, quiet=False
        )
        origin = " ".join(self.paths)
        try:
            with inputs.collected([Input("", self.paths)], options) as collected:
                return _status(collected, origin, _written(self.paths))
        except (ResultsError, UsageError, OSError) as error:
            raise SourceError(str(error)) from error


def _status(collected: Collected, origin: str, written: datetime.datetime) -> Status:
    tests: list[Disabled] = []
    total = 0
    for gathered in collected.gathered((), collecting.resolver(os.getcwd())):
        tests += _failing(gathered.tests, origin)
        total += sum(gathered.verdicts.values())
    if not total:
        raise SourceError(f"the results in {origin!r} have no test; a run that runs none says none")
    notes = tuple(f"failed, and has no test id: {each}" for each in collected.without_id)
    return Status(tuple(sorted(tests)), written, origin, notes)


def _failing(tests: Sequence[Test], source: str) -> Iterator[Disabled]:
    for test in tests:
        for seen in test.seen.values():
            if seen.verdicts & FAILURES:
                name = run_failures.name(test.key, test.place)
                yield Disabled(name, reason=causes.normalised(seen.error), source=source)


def _written(paths: Sequence[str]) -> datetime.datetime:
    """Return when the newest of the files was written; now where they come through a pipe."""
    with files.find([path for path in paths if path != files.STDIN]) as found:
        newest = max((int(os.stat(file.path).st_mtime) for file in found.files), default=None)
    if newest is None:
        return statuses.now()
    return datetime.datetime.fromtimestamp(newest, datetime.timezone.utc)
