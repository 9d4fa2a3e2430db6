"""Input options: how a command is told to read result files."""

from __future__ import annotations

import argparse
import os


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that say how result files are read."""
    group = parser.add_argument_group("reading")
    group.add_argument(
        "--keep-going",
        action="store_true",
        help="read what can be read; the tests of other files count as not run",
    )
    group.add_argument(
        "--jobs", metavar="N", type=_jobs, default=os.cpu_count() or 1,
        help="processes that read (default: one for each core)",
    )
    group.add_argument(
        "--executor", metavar="MODULE:FACTORY",
        help="read by the concurrent.futures.Executor that this makes",
    )
    group.add_argument("-q", "--quiet", action="store_true", help="show no progress")


def _jobs(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= 1024:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of processes from 1 to 1024")
    return int(text)
