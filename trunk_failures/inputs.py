"""Inputs: the result files that a command line names, found and read."""

from __future__ import annotations

import argparse
import contextlib
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from typing import NamedTuple

from trunk_failures import executors, progress
from trunk_failures.errors import ResultsError, TrunkFailuresError, UsageError
from trunk_failures.results import collecting, files
from trunk_failures.results.collecting import Collected
from trunk_failures.results.files import ResultFile

SHOWN = 5
"""How many files that cannot be read are named in one line."""

SMALL = 1 << 22
"""Bytes of input that one process has read before others have started."""


class Input(NamedTuple):
    """Places that hold results, and the name of the configuration that they are of."""

    configuration: str
    places: Sequence[str]


@contextlib.contextmanager
def collected(inputs: Sequence[Input], options: argparse.Namespace) -> Iterator[Collected]:
    """Read the results that inputs name; what was read is on disk until the context ends.

    Raises ResultsError where something cannot be read, unless `--keep-going` says to pass over
    it and something else can be.
    """
    with contextlib.ExitStack() as stack:
        found: list[tuple[str, ResultFile]] = []
        faults: list[tuple[str, str]] = []
        for each in inputs:
            there = stack.enter_context(files.find(each.places))
            found += [(each.configuration, file) for file in there.files]
            faults += [(fault.name, fault.sentence) for fault in there.faults]
        if not options.keep_going:
            _refuse(faults, options)
        directory = stack.enter_context(_spool_directory())
        size = sum(file.size for _, file in found)
        executor = stack.enter_context(_executor(options, size))
        with progress.Progress(size, quiet=options.quiet) as shown:
            try:
                read = collecting.collect(
                    found, executor, directory, lambda file: shown.done(file.size, file.name)
                )
            except Exception as error:
                if not options.executor or isinstance(error, TrunkFailuresError):
                    raise
                raise UsageError(
                    f"the executor {options.executor} failed: {type(error).__name__}: {error}; "
                    f"mend it, or read with --jobs"
                ) from error
        faults += read.faults
        if not options.keep_going or not read.files:
            _refuse(faults, options)
        yield read._replace(faults=faults)


def _executor(options: argparse.Namespace, size: int) -> Executor:
    if options.executor:
        return executors.named(options.executor)
    return executors.local(1 if size < SMALL else options.jobs)


@contextlib.contextmanager
def _spool_directory() -> Iterator[str]:
    directory = ""
    try:
        with tempfile.TemporaryDirectory(prefix="trunk_failures-") as directory:
            yield directory
    except OSError as error:
        if error.filename is None and error.errno is None:
            raise
        elsewhere = str(error.filename or "")
        if directory and elsewhere and not elsewhere.startswith(directory):
            raise UsageError(
                f"{elsewhere!r} cannot be used: {error.strerror}; mend that, and run this again"
            ) from error
        raise UsageError(
            f"what was read cannot be kept in {tempfile.gettempdir()!r}: {error.strerror}; make "
            f"room there, or set TMPDIR to another directory"
        ) from error


def _refuse(faults: Sequence[tuple[str, str]], options: argparse.Namespace) -> None:
    if not faults:
        return
    shown = "; ".join(sentence(*fault) for fault in faults[:SHOWN])
    more = f"; and {len(faults) - SHOWN} more" if len(faults) > SHOWN else ""
    advice = "" if options.keep_going else "; --keep-going reads the others"
    raise ResultsError(f"{shown}{more}{advice}")


def sentence(name: str, fault: str) -> str:
    """Return one line that names a file and what is wrong with it."""
    text = fault if name in fault else f"{name}: {fault}"
    return " ".join(text.split())


def tell_faults(command: str, faults: Sequence[tuple[str, str]]) -> None:
    """Say on stderr which files were passed over."""
    for fault in faults:
        print(f"{command}: passed over: {sentence(*fault)}", file=sys.stderr)
