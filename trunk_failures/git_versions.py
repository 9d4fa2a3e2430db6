"""Versions of a file in a git history, the oldest first."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator
from typing import IO, NamedTuple

from trunk_failures.errors import UsageError

LIMIT = 1 << 28
"""Bytes that a version may have."""


class Version(NamedTuple):
    """What a commit made of a file; `time` is when it was committed, in seconds since 1970.

    `content` is None where the commit deleted it.
    """

    commit: str
    time: int
    content: bytes | None


def read(branch: str, path: str, directory: str) -> Iterator[Version]:
    """Yield the versions of a file that a branch's history has.

    `path` is from the repository's root, which `directory` is in. Raises UsageError where git
    cannot tell.
    """
    commits = _commits(branch, path, directory)
    if not commits:
        raise UsageError(
            f"git knows no version of {path!r} in {branch!r}; the path is from the repository's "
            f"root, and branches of others are named such as origin/main"
        )
    with _reader(directory) as (asked, answers):
        for commit, time in commits:
            asked.write(f"{commit}:{path}\n".encode("utf-8", "surrogateescape"))
            asked.flush()
            yield Version(commit, time, _answer(answers))


def _commits(branch: str, path: str, directory: str) -> list[tuple[str, int]]:
    """Return the commits that changed a file and their times, the oldest first."""
    if "\n" in path or "\0" in path or "\0" in branch:
        raise UsageError(f"{path!r} in {branch!r} is no path that git can be asked for")
    command = ["git", "-C", directory, "log", "--format=%H %ct", "--end-of-options", branch]
    command += ["--", f":(top,literal){path}"]
    try:
        done = subprocess.run(command, capture_output=True)
    except OSError as error:
        raise UsageError(f"git cannot be run ({error.strerror}); install it") from error
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().partition("\n")[0]
        raise UsageError(f"git does not tell the versions of {path!r} in {branch!r}: {said}")
    lines = [line.split() for line in done.stdout.decode().splitlines()]
    return sorted(
        ((commit, int(time)) for commit, time in reversed(lines)), key=lambda each: each[1]
    )


@contextlib.contextmanager
def _reader(directory: str) -> Iterator[tuple[IO[bytes], IO[bytes]]]:
    command = ["git", "-C", directory, "cat-file", "--batch"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None and process.stdout is not None
        yield process.stdin, process.stdout


def _answer(answers: IO[bytes]) -> bytes | None:
    """Return the content that git answers with; none of a file that is not there, or too large."""
    head = answers.readline().split()
    if len(head) != 3 or head[1] != b"blob":
        if len(head) == 3 and head[2].isdigit():  # A directory was put in the file's place.
            answers.read(int(head[2]) + 1)
        return None
    size = int(head[2])
    if size > LIMIT:
        while size > 0:
            size -= len(answers.read(min(size, LIMIT)))
        answers.read(1)
        return None
    content = answers.read(size)
    answers.read(1)
    return content
