"""Commands: what the commands of the command line share."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from trunk_failures import lists


class Parser(argparse.ArgumentParser):
    """Tell errors in one line."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong in one line, and exit with 2."""
        self.exit(2, f"{self.prog}: {message}; see `{self.prog} --help`\n")


def write(text: str) -> None:
    """Write a command's product to stdout; a reader that has gone is no error."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        # Or Python would say the same of its own as it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def content(path: str) -> bytes:
    """Return what a file holds, or standard input for `-`; raises OSError, ValueError."""
    if path == "-":
        return sys.stdin.buffer.read()
    with open(path, "rb") as file:
        return file.read()


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
