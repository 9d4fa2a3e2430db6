"""Budgets: how many entries there may be, by a number or by what a git revision has."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Sequence

from trunk_failures import discovery, file_names, lists
from trunk_failures.changes import Address
from trunk_failures.errors import ListError, UsageError
from trunk_failures.findings import Finding, Rule

SHOWN = 5
"""How many of the entries that are new a finding names."""

Entry = tuple[str, ...]
"""The parts of an entry's path below the test directory."""


def entry(address: Address, name: str) -> Entry:
    """Return the entry at an address, in a file of some name."""
    return tuple(address.place(name).split("/"))


def entries_in(paths: Iterable[str]) -> set[Entry]:
    """Return the entries among paths below a test directory, which have slashes."""
    parts = (tuple(path.split("/")) for path in paths)
    return {each for each in parts if len(each) > 1 and _is_entry(each)}


def _is_entry(parts: Sequence[str]) -> bool:
    hidden = any(part.startswith(".") for part in parts)
    return not hidden and lists.mode_and_kind(parts[0]) is not None


def over(there: set[Entry], most: int, shown: str) -> list[Finding]:
    """Return what is wrong where there may be so many entries, and no more."""
    if len(there) <= most:
        return []
    text = (
        f"{_counted(len(there))}, and the budget is {most}; mend tests, and remove "
        f"{len(there) - most} of them"
    )
    return [Finding(shown, 0, Rule.BUDGET, text)]


def grown(there: set[Entry], before: set[Entry], revision: str, shown: str) -> list[Finding]:
    """Return what is wrong where no mode may have more entries than a revision has.

    A test may move from one list of its mode to the other, or get another name.
    """
    now, then = _by_mode(there), _by_mode(before)
    return [
        Finding(shown, 0, Rule.BUDGET, _grown(mode, now[mode], then.get(mode, set()), revision))
        for mode in sorted(now)
        if len(now[mode]) > len(then.get(mode, ()))
    ]


def _by_mode(found: set[Entry]) -> dict[str, set[Entry]]:
    modes: dict[str, set[Entry]] = {}
    for each in found:
        mode_and_kind = lists.mode_and_kind(each[0])
        assert mode_and_kind is not None
        modes.setdefault(mode_and_kind[0], set()).add(each)
    return modes


def _grown(mode: str, there: set[Entry], before: set[Entry], revision: str) -> str:
    first = "" if before else "; to begin, bring the mode's first lists without --only-shrink"
    return (
        f"{_counted(len(there))} of mode {mode}, and {revision!r} has {len(before)}: lists may "
        f"only shrink; new are {_named(new(there, before))}; mend these tests, or others that are "
        f"listed{first}"
    )


def exchanged(there: set[Entry], before: set[Entry], revision: str) -> str:
    """Return what to say where a mode's lists are no longer, yet have entries that are new."""
    now, then = _by_mode(there), _by_mode(before)
    found = [
        path
        for mode in sorted(now)
        if len(now[mode]) <= len(then.get(mode, ()))
        for path in new(now[mode], then[mode])
    ]
    if not found:
        return ""
    return (
        f"{_named(found)}: new since {revision!r}, in the place of entries that are gone; lists "
        f"are no longer than there, so that this is no finding"
    )


def new(there: set[Entry], before: set[Entry]) -> list[str]:
    """Return the paths of entries that were not there before; one of another name is the same."""
    known = {_test(each) for each in before}
    return sorted("/".join(each) for each in there if _test(each) not in known)


def _test(entry: Entry) -> Entry:
    """Return an entry under the one name that is its test's, whichever name its file has."""
    *folders, name = entry
    if file_names.is_hashed(name):
        return entry
    try:
        return (*folders, file_names.hashed(file_names.decode(name)))
    except ListError:
        return entry


def _named(paths: Sequence[str]) -> str:
    named = ", ".join(f"`{each}`" for each in paths[:SHOWN])
    return f"{named} and {len(paths) - SHOWN} more" if len(paths) > SHOWN else named


def _counted(count: int) -> str:
    return f"there {'is 1 entry' if count == 1 else f'are {count} entries'}"


def of_revision(revision: str, test_dir: str) -> set[Entry]:
    """Return the entries that a git revision has in a test directory.

    Raises UsageError where that is in no repository, or git has no such revision.
    """
    if not revision or revision.startswith("-") or not revision.isprintable():
        raise UsageError(
            f"--only-shrink {revision!r} is no revision; name a branch, a tag or a commit"
        )
    root = discovery.repository(test_dir)
    if root is None:
        raise UsageError(
            f"--only-shrink asks git, and {test_dir!r} is in no repository; check lists that are"
        )
    commit = _git(root, revision, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
    given = commit.strip().decode("ascii")
    listed = _git(root, revision, "ls-tree", "-r", "-z", "--full-tree", "--name-only", given)
    below = os.path.relpath(test_dir, root).replace(os.sep, "/")
    start = "" if below == "." else f"{below}/"
    paths = os.fsdecode(listed).split("\0")
    return entries_in(path.removeprefix(start) for path in paths if path.startswith(start))


def _git(root: str, revision: str, *arguments: str) -> bytes:
    try:
        done = subprocess.run(
            ["git", "-C", root, *arguments], stdin=subprocess.DEVNULL, capture_output=True
        )
    except OSError as error:
        raise UsageError(
            f"--only-shrink asks git, which cannot be run: {error.strerror}; install it"
        ) from error
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().partition("\n")[0]
        because = f" (it says: {said})" if said else ""
        raise UsageError(
            f"--only-shrink {revision!r}: git knows no such commit in {root!r}{because}; name one "
            f"that is there, and fetch it before (in a job of GitHub's: `fetch-depth: 0`)"
        )
    return done.stdout
