"""git's records of the lists: which commit added each entry, when, and by whom."""

from __future__ import annotations

import datetime
import os
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

SHALLOW = "this clone is shallow and begins later; `git fetch --unshallow` has the rest"
NOT_COMMITTED = "no commit added it yet"

_FORMAT = "%x00/%H%x00%P%x00%at%x00%aN%x00%aE%x00%s"  # No file's path begins with a slash.
_FIELDS = 6
_LOG = (
    # What is configured could add signatures to the output, or leave the first commit out.
    *("--literal-pathspecs", "-c", "log.showRoot=true", "log", "--no-show-signature", "--no-color"),
    *("--encoding=UTF-8", "--date-order", "--no-follow", "--no-renames", "--no-relative"),
    # `-c` is for what a merge itself added.
    *("-c", "--diff-filter=A", "--name-only", "-z", f"--format={_FORMAT}"),
)


class Added(NamedTuple):
    """The commit that added an entry: `when` it was written (UTC), by whom, its first line."""

    commit: str
    when: datetime.datetime
    author: str
    email: str
    subject: str


class Records(NamedTuple):
    """Who added the entries of a test directory, by their paths below it, with slashes.

    `trouble` says why nothing is known, such as that there is no repository.
    """

    added: Mapping[str, Added]
    trouble: str = ""
    is_shallow: bool = False

    def why_unknown(self, path: str) -> str:
        """Return why it is not known who added an entry, or "" where it is."""
        if path in self.added:
            return ""
        return self.trouble or (SHALLOW if self.is_shallow else NOT_COMMITTED)


def read(test_dir: str, places: Iterable[str]) -> Records:
    """Return what git knows of entries, given by their paths below the test directory.

    A list directory stands for all its entries.
    The last addition counts, of an entry that was removed and added again; one that was moved was
    added where it is. Where git cannot be asked, the records say so.
    """
    top = os.path.realpath(test_dir)
    # git's own variables, which its hooks set, count from the working directory.
    given = os.environ.keys() & {"GIT_DIR", "GIT_WORK_TREE"}
    working = os.getcwd() if given else top
    try:
        is_shallow, up = _git(working, "rev-parse", "--is-shallow-repository", "--show-cdup")[:2]
        root = os.path.realpath(os.path.join(working, up))
        paths = [os.path.join(top, place) for place in places]
        tokens = _git(working, *_LOG, "--", *paths, end="\0") if paths else []
    except _Trouble as error:
        return Records({}, str(error))
    below = os.path.relpath(top, root).replace(os.sep, "/")
    prefix = "" if below == "." else f"{below}/"
    shallow = is_shallow == "true"
    return Records(dict(_additions(tokens, prefix, shallow)), "", shallow)


class _Trouble(Exception):
    """Say why git gave no answer."""


def _git(working: str, *arguments: str, end: str = "\n") -> list[str]:
    """Return what git prints, split where each part ends; file names as Python has them."""
    try:
        done = subprocess.run(
            ["git", *arguments],
            cwd=working,
            # Of a clone without its history's trees each would be asked for over the network.
            env={**os.environ, "GIT_NO_LAZY_FETCH": "1"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
        )
    except OSError as error:
        raise _Trouble(f"git cannot be run ({error.strerror})") from None
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().partition("\n")[0]
        raise _Trouble(f"git says: {said.removeprefix('fatal: ')}")
    return os.fsdecode(done.stdout).split(end)


def _additions(tokens: list[str], prefix: str, is_shallow: bool) -> Iterator[tuple[str, Added]]:
    """Yield each path below `prefix` once, with its last addition, where that can be known."""
    seen: set[str] = set()
    added: Added | None = None
    position = 0
    while position < len(tokens):
        token = tokens[position]
        position += 1
        if token.startswith("/"):
            added = _added(tokens[position - 1 : position + _FIELDS - 1], is_shallow)
            position += _FIELDS - 1
            # A line end is before the first path, if the commit is no merge.
            tokens[position] = tokens[position].removeprefix("\n")
        elif token.startswith(prefix) and token and token not in seen:
            seen.add(token)
            if added is not None:
                yield token.removeprefix(prefix), added


def _added(header: list[str], is_shallow: bool) -> Added | None:
    """Return what a commit says of itself; None where it is none that can be relied on."""
    commit, parents, when, author, email, subject = header
    if is_shallow and not parents:
        return None  # It seems to add all that was there before.
    try:
        moment = datetime.datetime.fromtimestamp(int(when), datetime.timezone.utc)
    except (ValueError, OverflowError, OSError):  # A commit can hold anything.
        return None
    return Added(commit[1:], moment, _text(author), _text(email), _text(subject))


def _text(decoded: str) -> str:
    """Return UTF-8 text that was decoded as file names are."""
    return os.fsencode(decoded).decode("utf-8", "replace")
