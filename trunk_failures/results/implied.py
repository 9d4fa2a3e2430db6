"""What is implied: modules that loaded, and modules' fixtures that passed.

Nothing is told of either but the tests that ran, so that these say it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from trunk_failures.results.seen import NO_PLACE, Seen, Test
from trunk_failures.verdicts import Verdict

FIXTURES = ("setUpModule", "tearDownModule")
PASS = Seen(frozenset({Verdict.PASSED}))


def is_module_wide(key: str) -> bool:
    """Tell whether a key is of a module that does not load or of a module's fixture."""
    scope, _, name = key.partition(".")
    return scope == NO_PLACE or name in FIXTURES


def completed(
    tests: Sequence[Test], listed: Collection[str], places: Mapping[str, Mapping[str, bool]]
) -> list[Test]:
    """Return module-wide tests with the passes that are implied.

    `tests` are those that were told of, `listed` the keys that are listed, and `places` says
    where tests ran in each configuration, and whether that is a file.
    """
    by_key: dict[str, list[Test]] = {}
    for test in tests:
        by_key.setdefault(test.key, []).append(test)
    found: list[Test] = []
    for key in sorted({*by_key, *filter(is_module_wide, listed)}):
        found += _of_key(key, by_key.get(key, []), places)
    return found


def _of_key(
    key: str, tests: Sequence[Test], places: Mapping[str, Mapping[str, bool]]
) -> list[Test]:
    scope, _, name = key.partition(".")
    module = name if scope == NO_PLACE else scope
    seen: dict[str, dict[str, Seen]] = {test.place: {**test.seen} for test in tests}
    is_file = {test.place: test.is_file for test in tests}
    for configuration, ran in places.items():
        for place in ran:
            if place.rpartition("/")[2] == module:
                where = "" if scope == NO_PLACE else place
                is_file.setdefault(where, ran[place])
                seen.setdefault(where, {}).setdefault(configuration, PASS)
    return [Test(key, place, is_file[place], seen[place]) for place in sorted(seen)]
