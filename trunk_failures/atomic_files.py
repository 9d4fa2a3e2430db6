"""Atomic files: written whole, or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile


def replace(path: str, text: str) -> None:
    """Write a file of UTF-8 text: to a temporary file, synced, then put in its place.

    Raises OSError, and then leaves nothing behind.
    """
    directory, name = os.path.split(os.path.abspath(path))
    temporary = staged(directory, f".{name[:20]}.", text.encode("utf-8", "backslashreplace"))
    try:
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def staged(directory: str, prefix: str, content: bytes, mode: int | None = None) -> str:
    """Write a temporary file, synced; returns its path, which the caller puts in its place.

    `mode` are its permissions, if not those that new files get here. Raises OSError, and then
    leaves nothing behind.
    """
    number, temporary = tempfile.mkstemp(prefix=prefix, dir=directory)
    try:
        with open(number, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(number)
        os.chmod(temporary, 0o666 & ~_mask() if mode is None else mode)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
    return temporary


def _mask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
