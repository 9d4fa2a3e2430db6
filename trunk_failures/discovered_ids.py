"""Discovered ids: the tests that unittest finds, loaded in a process of their own and not run."""

from __future__ import annotations

import json
import os
import sys
import unittest
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from trunk_failures import interception
from trunk_failures.errors import UsageError
from trunk_failures.loading import FAILED

SHOWN = 5
"""How many modules that do not load an error names."""


class Discovered(NamedTuple):
    """One test: its key and the file of its class's module, absolute, "" where it has none."""

    key: str
    file: str


class Lister:
    """A runner that keeps which tests a suite has, and runs none."""

    def __init__(self) -> None:
        self.found: list[Discovered] = []

    def run(self, suite: Any) -> unittest.TestResult:
        """Keep the tests of a suite; returns a result that nothing went wrong in."""
        self.found = [*_tests(suite)]
        return unittest.TestResult()


def _tests(suite: Any) -> Iterator[Discovered]:
    if isinstance(suite, unittest.TestCase):
        file = getattr(sys.modules.get(type(suite).__module__), "__file__", None)
        yield Discovered(interception.key_of(suite), os.path.abspath(file) if file else "")
        return
    for each in suite:
        yield from _tests(each)


def tell(arguments: Sequence[str]) -> None:
    """Write the tests that unittest finds for its arguments to stdout, one JSON array a line.

    What modules print as they are loaded goes to stderr.
    """
    product = os.dup(1)
    os.dup2(2, 1)
    lister: Any = Lister()
    unittest.main(module=None, argv=["unittest", *arguments], testRunner=lister, exit=False)
    with open(product, "w", encoding="ascii") as file:
        file.writelines(f"{json.dumps(test)}\n" for test in lister.found)


def ask(arguments: Sequence[str], environ: Mapping[str, str]) -> list[Discovered]:
    """Return what `python -m unittest` finds for its arguments, in a process of its own.

    Raises UsageError where it does not load all that it finds.
    """
    import subprocess

    # At the end of the path: nothing beside this package stands before what the tests import.
    above = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    code = (
        f"import sys; sys.path.append({above!r}); "
        f"from trunk_failures import discovered_ids; discovered_ids.tell(sys.argv[1:])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env=dict(environ),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    command = " ".join(("python -m unittest", *arguments))
    if done.returncode:
        lines = [line for line in done.stderr.decode(errors="replace").splitlines() if line.strip()]
        raise UsageError(
            f"`{command}` ended with exit code {done.returncode} as it looked for tests: "
            f"{(lines or [''])[-1]!r:.200}; run it in {os.getcwd()!r} to see all that it says"
        )
    found = [Discovered(*json.loads(line)) for line in done.stdout.splitlines()]
    _refuse(found, command)
    return found


def _refuse(found: Sequence[Discovered], command: str) -> None:
    broken = [each.key.partition(".")[2] for each in found if each.key.startswith(f"{FAILED}.")]
    if broken:
        more = f" and {len(broken) - SHOWN} more" if len(broken) > SHOWN else ""
        raise UsageError(
            f"`{command}` cannot load {', '.join(map(repr, broken[:SHOWN]))}{more}, so that tests "
            f"are missing from what it finds; mend that, or give the results of a whole run with "
            f"--results"
        )
    if not found:
        raise UsageError(
            f"`{command}` finds no test in {os.getcwd()!r}; say where they are, as in "
            f"`-- discover -s tests`"
        )
