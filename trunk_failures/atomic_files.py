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
    number, temporary = tempfile.mkstemp(prefix=f".{name[:20]}.", dir=directory)
    try:
        with open(number, "w", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(number)
        os.chmod(temporary, 0o666 & ~_mask())
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def _mask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
