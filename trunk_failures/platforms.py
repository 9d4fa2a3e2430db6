"""Platforms: for which a test can be disabled, and which this machine's runs are of."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import NamedTuple

from trunk_failures.errors import UsageError
from trunk_failures.statuses import Disabled

ALIASES = (("mac", "macos"), ("win", "windows"), ("dynamo", "dynamo_wrapped"))
"""Names of one thing."""

SYSTEMS = {"linux": "linux", "darwin": "mac", "win32": "win"}
"""Platforms by `sys.platform`."""

FLAGS = {
    "rocm": "PYTORCH_TEST_WITH_ROCM",
    "xpu": "PYTORCH_TEST_WITH_XPU",
    "asan": "PYTORCH_TEST_WITH_ASAN",
    "dynamo": "PYTORCH_TEST_WITH_DYNAMO",
    "inductor": "PYTORCH_TEST_WITH_INDUCTOR",
    "slow": "PYTORCH_TEST_WITH_SLOW",
}
"""What switches the platforms on that are no systems; PyTorch's own variables."""

VARIABLE = "TRUNK_FAILURES_PLATFORM"
"""What names the platforms of a run where they are not to be guessed."""

KNOWN = frozenset({*SYSTEMS.values(), *FLAGS, *(name for pair in ALIASES for name in pair)})


class Unknown(NamedTuple):
    """A test whose platforms are not all known: those that are not, and whether none is."""

    test: Disabled
    names: tuple[str, ...]
    disables_nothing: bool


def here(system: str, environ: Mapping[str, str]) -> frozenset[str]:
    """Return the platforms of this process's runs: its system, and what variables switch on."""
    found = {name for name, flag in FLAGS.items() if environ.get(flag) == "1"}
    return _with_aliases({*found, *([SYSTEMS[system]] if system in SYSTEMS else [])})


def of_run(system: str, environ: Mapping[str, str]) -> frozenset[str]:
    """Return the platforms that a variable names, else those of this process's runs."""
    given = environ.get(VARIABLE, "").strip()
    return parse(given) if given else here(system, environ)


def parse(text: str) -> frozenset[str]:
    """Return the platforms that an option names, separated by commas; any name may be one."""
    names = [name.strip() for name in text.split(",")]
    if not all(names):
        raise UsageError(
            f"{text!r} names no platforms; allowed are names with commas between them, such as"
            f" {', '.join(sorted(KNOWN))}"
        )
    return _with_aliases(names)


def disabled(
    tests: Iterable[Disabled], platforms: Collection[str]
) -> tuple[list[Disabled], list[Unknown]]:
    """Return the tests that are disabled on platforms, and those with platforms nobody knows.

    A test is disabled where it names no platform, or one of the given. PyTorch disables a test
    everywhere if it knows none of its platforms; here that one is told of, and not disabled.
    """
    known = KNOWN | frozenset(platforms)
    found, unknown = [], []
    rulings: dict[tuple[str, ...], tuple[bool, tuple[str, ...]]] = {}
    for test in tests:
        named = test.platforms
        if named not in rulings:  # Many tests name the same ones.
            wrong = tuple(name for name in named if name not in known)
            rulings[named] = (not named or not {*named}.isdisjoint(platforms), wrong)
        here, wrong = rulings[named]
        if wrong:
            unknown.append(Unknown(test, wrong, len(wrong) == len(named)))
        if here:
            found.append(test)
    return found, unknown


def sentences(unknown: Iterable[Unknown]) -> Iterator[str]:
    """Yield what people are to know of tests with unknown platforms, and what to mend."""
    for test, names, disables_nothing in unknown:
        effect = "it disables nothing" if disables_nothing else "they are passed over"
        where = f"mend the platforms in {test.issue}" if test.issue else "mend its platforms"
        yield (
            f"{test.name!r} is disabled on platforms that are not known"
            f" ({', '.join(map(repr, names))}); {effect}; {where}; known are"
            f" {', '.join(sorted(KNOWN))}"
        )


def _with_aliases(names: Iterable[str]) -> frozenset[str]:
    found = {*names}
    for pair in ALIASES:
        if not found.isdisjoint(pair):
            found.update(pair)
    return frozenset(found)
