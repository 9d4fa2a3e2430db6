"""Listed counts: how many tests the lists had when, as git's log of them tells."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from typing import NamedTuple

from trunk_failures import lists

_LOG = (
    # What is configured could add signatures to the output, or leave the first commit out.
    *("-c", "log.showRoot=true", "log", "--no-show-signature", "--no-color", "--no-follow"),
    # What a merge brings counts as it comes into the branch.
    *("--first-parent", "-m", "--reverse", "--no-renames", "--relative", "--diff-filter=AD"),
    *("--name-status", "-z", "--format=%x00%ct", "--"),
    *(":(glob)*_expected_failures/**", ":(glob)*_skips/**"),
)


class Counts(NamedTuple):
    """Each time, in seconds since 1970, and how many entries there were from then on.

    `trouble` says why nothing is known, such as that there is no repository.
    """

    points: list[tuple[int, int]]
    trouble: str = ""


def read(test_dir: str) -> Counts:
    """Return how many entries the lists of a test directory had after each commit on its branch."""
    try:
        done = subprocess.run(
            ["git", *_LOG],
            cwd=test_dir,
            # Of a clone without its history's trees each would be asked for over the network.
            env={**os.environ, "GIT_NO_LAZY_FETCH": "1"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
        )
    except OSError as error:
        return Counts([], f"git cannot be run ({error.strerror})")
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().partition("\n")[0]
        return Counts([], f"git says: {said.removeprefix('fatal: ')}")
    return Counts([*_counted(os.fsdecode(done.stdout).split("\0"))])


def _counted(tokens: list[str]) -> Iterator[tuple[int, int]]:
    """Yield how many entries there were; the times of commits need not be in order."""
    listed: set[str] = set()
    time, last = 0, -1
    rest = iter(tokens)
    for token in map(str.strip, rest):
        if token in ("A", "D"):
            path = next(rest)
            if _is_entry(path):
                (listed.add if token == "A" else listed.discard)(path)
        elif token.isdigit():
            if time and len(listed) != last:
                last = len(listed)
                yield time, last
            time = max(time, int(token))
    if time and len(listed) != last:
        yield time, len(listed)


def _is_entry(path: str) -> bool:
    directory, *names = path.split("/")
    hidden = any(name.startswith(".") for name in names)
    return lists.mode_and_kind(directory) is not None and not hidden
