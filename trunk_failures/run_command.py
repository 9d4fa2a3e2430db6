"""`python -m trunk_failures run`: any test runner in this process, with the lists on every test."""

from __future__ import annotations

import importlib.util
import os
import runpy
import sys
from typing import TYPE_CHECKING

from trunk_failures import interception
from trunk_failures.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

NAME = "trunk-failures run"
HELP = """\
usage: trunk-failures run (-m MODULE | SCRIPT) [ARGUMENT ...]

Run a test runner as `python` does, with the lists on every test that it runs.

examples:
  trunk-failures run -m nose2 -v
  trunk-failures run manage.py test
  trunk-failures run -m twisted.trial tests

Processes that the runner starts by itself do not inherit the lists, but for those that are
forked; for these put `trunk_failures.apply_to_every_test()` into the test package's `__init__`.

exit codes: the runner's own; 2 what cannot be run, or lists that cannot be used
"""
USAGE = "a script, or -m and a module, comes first; see `trunk-failures run --help`"


def main(argv: Sequence[str]) -> int:
    """Run the command; returns the runner's exit code.

    Raises UsageError when there is no such script or module.
    """
    first, rest = (argv[0], list(argv[1:])) if argv else ("", [])
    if first in ("-h", "--help"):
        print(HELP, end="")
        return 0
    try:
        if first == "-m" and rest:
            _run_module(rest[0], rest[1:])
        elif first and not first.startswith("-"):
            _run_script(first, rest)
        else:
            raise UsageError(USAGE)
    except SystemExit as end:
        return _code(end)
    return 0


def _run_module(name: str, arguments: list[str]) -> None:
    _put_first(os.getcwd())
    _check(name)
    interception.apply_to_every()
    sys.argv = ["-m", *arguments]  # runpy puts the module's file first.
    runpy.run_module(name, run_name="__main__", alter_sys=True)


def _run_script(path: str, arguments: list[str]) -> None:
    if not os.path.exists(path):
        raise UsageError(f"found no script {path!r}; name one, or a module after -m")
    # Of a directory or a zip file, runpy puts that itself first.
    _put_first(os.path.dirname(os.path.realpath(path)))
    interception.apply_to_every()
    sys.argv = [path, *arguments]
    runpy.run_path(path, run_name="__main__")


def _put_first(directory: str) -> None:
    """Put the directory where `python` would look first into the place of this command's own."""
    if not getattr(sys.flags, "safe_path", False):  # Else there is none; from Python 3.11 on.
        sys.path[0] = directory


def _check(name: str) -> None:
    """Raise UsageError where there is no module that can be run."""
    try:
        found = importlib.util.find_spec(name)
        if found is not None and found.submodule_search_locations is not None:
            found = importlib.util.find_spec(f"{name}.__main__")
    except (ImportError, ValueError) as error:
        raise UsageError(f"cannot run the module {name!r}: {error}") from error
    if found is None:
        raise UsageError(f"found no module {name!r} that can be run; is it installed here?")


def _code(end: SystemExit) -> int:
    """Return the exit code that the interpreter makes of a SystemExit."""
    if end.code is None or isinstance(end.code, int):
        return end.code or 0
    print(end.code, file=sys.stderr)
    return 1
