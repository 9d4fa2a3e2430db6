"""The lock on the lists of a test directory: one update of them at a time; and others like it.

The system lets go of it when the process that holds it ends, however it ends.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator

from trunk_failures.errors import UsageError

NAME = ".trunk_failures.lock"
STEP = 0.05
"""Seconds between two looks."""


@contextlib.contextmanager
def held(
    directory: str, patience: float, name: str = NAME, what: str = "command that writes lists"
) -> Iterator[None]:
    """Hold the lock; waits for `patience` seconds at the most, then raises UsageError.

    `name` is the lock file's, and `what` says what holds it.
    """
    path = os.path.join(directory, name)
    end = time.monotonic() + patience
    number = None
    while number is None:
        number = _taken(path)
        if number is None:
            if time.monotonic() >= end:
                raise UsageError(
                    f"another {what} holds {path!r}{_holder(path)}; wait for it to end, and run "
                    f"this one again"
                )
            time.sleep(STEP)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):  # Windows keeps what is open.
            os.unlink(path)
        os.close(number)


def _taken(path: str) -> int | None:
    """Return the open lock file, locked, or None where another process has it."""
    try:
        number = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as error:
        raise UsageError(
            f"{path!r} cannot be locked: {error.strerror}; make its directory "
            f"one that can be written"
        ) from error
    if _lock(number) and _is_there(path, number):
        os.ftruncate(number, 0)
        os.write(number, f"{os.getpid()}\n".encode())
        return number
    os.close(number)
    return None


def _lock(number: int) -> bool:
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(number, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        else:
            import fcntl

            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _is_there(path: str, number: int) -> bool:
    """Tell whether an open file still has its name: who held it before may have removed it."""
    try:
        there = os.stat(path)
    except OSError:
        return False
    return os.path.samestat(there, os.fstat(number))


def _holder(path: str) -> str:
    with contextlib.suppress(OSError, ValueError):
        with open(path, encoding="ascii") as file:
            return f" (process {int(file.read(20))})"
    return ""
