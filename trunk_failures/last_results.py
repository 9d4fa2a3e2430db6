"""Last results: what the history says of the tests that are asked about."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence

from trunk_failures import history, history_series, stability
from trunk_failures.asked_tests import Place
from trunk_failures.results import collecting
from trunk_failures.stability import Stability

LastResults = Callable[[Place], Sequence[Stability]]
"""Gives how stable a test is in each configuration that has it; of an empty file, in any file."""


def read(given: str | None, test_dir: str, places: Iterable[Place]) -> LastResults:
    """Return what gives the last results of tests, out of the history that is given.

    Where none is given, the usual one is read if it is there. Raises HistoryError.
    """
    path = given or history.DEFAULT
    if given is None and not os.path.exists(path):
        return lambda place: ()
    found: dict[str, list[Stability]] = {}
    with history.reading(path) as connection:
        chosen = history_series.runs(connection)
        keys = dict.fromkeys(place.key for place in places)
        for series in history_series.of_keys(connection, chosen, keys):
            found.setdefault(series.key, []).append(stability.judge(series))
    resolve = collecting.resolver(test_dir)

    def of(place: Place) -> Sequence[Stability]:
        own = found.get(place.key, [])
        return [each for each in own if _is_of(resolve(each.place), place.test_file)]

    return of


def _is_of(resolved: tuple[str, bool], test_file: str) -> bool:
    place, is_file = resolved
    # A module's name alone does not say which of the files it is that are called so.
    return not test_file or (place == test_file if is_file else _base(place) == _base(test_file))


def _base(place: str) -> str:
    return place.replace(".", "/").rpartition("/")[2]
