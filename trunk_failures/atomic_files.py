"""Atomic files: written whole, or not at all."""

from __future__ import annotations

import contextlib
import itertools
import os
import stat

_numbers = itertools.count()


def replace(path: str, text: str) -> None:
    """Write a file of UTF-8 text: to a temporary file, synced, then put in its place.

    A link stays one, and its target is replaced; a device or a pipe is written to. Raises OSError,
    and then leaves nothing behind.
    """
    content = text.encode("utf-8", "backslashreplace")
    if _is_special(path):
        with open(path, "wb") as file:
            file.write(content)
        return
    target = os.path.realpath(path)
    directory, name = os.path.split(target)
    temporary = staged(directory, f".{name[:20]}.", content)
    try:
        os.replace(temporary, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def _is_special(path: str) -> bool:
    try:
        mode = os.stat(path).st_mode
    except OSError:
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def staged(directory: str, prefix: str, content: bytes, mode: int | None = None) -> str:
    """Write a temporary file, synced; returns its path, which the caller puts in its place.

    An empty one has nothing to sync: it is brought to the disk with its name. `mode` are its
    permissions, if not those that new files get here. Raises OSError, and then
    leaves nothing behind.
    """
    number, temporary = _made(os.path.join(directory, prefix))
    try:
        try:
            rest = content
            while rest:
                rest = rest[os.write(number, rest) :]
            if content:
                os.fsync(number)
        finally:
            os.close(number)
        if mode is not None:
            os.chmod(temporary, mode)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
    return temporary


def _made(start: str) -> tuple[int, str]:
    """Make a file whose path begins so; returns it, opened to be written, and its path."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    while True:
        path = f"{start}{os.getpid()}-{next(_numbers)}"
        with contextlib.suppress(FileExistsError):  # What a process of this number has left.
            return os.open(path, flags, 0o666), path
