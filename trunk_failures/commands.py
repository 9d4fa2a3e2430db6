"""Commands: what the commands of the command line share."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from typing import NoReturn

from trunk_failures import lists
from trunk_failures.errors import UsageError


class Parser(argparse.ArgumentParser):
    """Tell errors in one line."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong in one line, and exit with 2."""
        self.exit(2, f"{self.prog}: {message}; see `{self.prog} --help`\n")


def write(text: str) -> None:
    """Write a command's product to stdout; a reader that has gone is no error.

    Raises UsageError where it cannot be written, as on a disk that is full.
    """
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError as error:
        # Or Python would say the same of its own as it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            raise UsageError(
                f"stdout cannot be written: {error.strerror}; what was printed is not whole"
            ) from None


def write_exactly(text: str) -> None:
    """Write the product, with the bytes of names that are no text as they were."""
    encoding = sys.stdout.encoding or "utf-8"
    try:
        text.encode(encoding, "surrogateescape")
    except UnicodeEncodeError as error:
        raise UsageError(
            f"{error.object[error.start:error.end]!r} in a test's id cannot be written in"
            f" {encoding!r}, the encoding of stdout; set PYTHONIOENCODING=utf-8"
        ) from None
    reconfigure: Callable[..., None] | None = getattr(sys.stdout, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="surrogateescape")
    write(text)


def content(path: str, limit: int = -1) -> bytes:
    """Return what a file holds, or standard input for `-`; raises OSError, ValueError.

    No more than `limit` bytes of it, where that is given.
    """
    if path == "-":
        return sys.stdin.buffer.read(limit)
    with open(path, "rb") as file:
        return file.read(limit)


def tell(command: str, text: str) -> None:
    """Say on stderr what people should know: one line, whatever the text holds."""
    shown = "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)
    print(f"{command}: {shown}", file=sys.stderr)


def split(argv: Sequence[str]) -> tuple[list[str], list[str] | None]:
    """Return a command's own arguments, and those after `--`, None where there is none."""
    if "--" not in argv:
        return [*argv], None
    at = [*argv].index("--")
    return [*argv[:at]], [*argv[at + 1 :]]


def whole_number(text: str) -> int:
    """Return a number as an option gives it; raises ArgumentTypeError."""
    if not text.isdecimal() or len(text) > 9:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number")
    return int(text)


def mode_name(text: str) -> str:
    """Return a mode's name as an option gives it; raises ArgumentTypeError."""
    if lists.mode_and_kind(f"{text}_skips") is None or not text.replace("_", "").isalnum():
        raise argparse.ArgumentTypeError(
            f"{text!r} is no mode; a mode is letters, digits and underscores"
        )
    return text


def share(text: str) -> float:
    """Return a share from a percentage, above 0 and below 100; raises ArgumentTypeError."""
    try:
        percent = float(text.strip().removesuffix("%"))
    except ValueError:
        percent = 0.0
    if not 0 < percent < 100:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no percentage; allowed is what is above 0 and below 100, such as 95"
        )
    return percent / 100
