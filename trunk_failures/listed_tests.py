"""Listed tests: which entries list a test of the history, and which list none that it knows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from trunk_failures import intervals, list_files, updates
from trunk_failures.lists import Located
from trunk_failures.results import collecting
from trunk_failures.stability import Stability, Verdict


class ListedTests:
    """Says which entries of a test directory list a test, and which of them it was not asked of."""

    def __init__(self, test_dir: str) -> None:
        there = list_files.directories(test_dir)
        names = tuple(dict.fromkeys(mode for mode, _, _ in there))
        self._by_key = updates.by_key(list_files.read(test_dir, names, there))
        self._resolve = collecting.resolver(test_dir)
        self._asked: set[Located] = set()
        self._not_run: dict[tuple[str, str], list[Located]] = {}

    def __call__(self, found: Stability) -> Sequence[Located]:
        """Return the entries that list a test."""
        if not found.runs and (entries := self._not_run.get((found.key, found.place))):
            return entries
        located = self._by_key.get(found.key)
        if not located:
            return ()
        place, is_file = self._resolve(found.place)
        entries = [
            each
            for each in located
            if not each.test_file or (is_file and each.test_file == place)
        ]
        self._asked.update(entries)
        return entries

    def not_run(self, wanted: Sequence[Callable[[str], bool]]) -> Iterator[Stability]:
        """Yield those listed tests, of the wanted ones, of which nobody has asked by then.

        An entry for any file is of no place.
        """
        for key, located in self._by_key.items():
            for each in located:
                names = (key, each.test_file)
                if each not in self._asked and _is_wanted(names, wanted):
                    self._not_run.setdefault(names, []).append(each)
        for names in sorted(self._not_run):
            yield Stability(*names, "", Verdict.NOT_SEEN, 0, 0, intervals.wilson(0, 0))


def _is_wanted(names: Sequence[str], wanted: Sequence[Callable[[str], bool]]) -> bool:
    return not wanted or any(match(name) for match in wanted for name in names)
