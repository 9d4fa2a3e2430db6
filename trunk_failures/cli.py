"""The command line: `trunk-failures COMMAND`, or `python -m trunk_failures COMMAND`."""

from __future__ import annotations

import argparse
import importlib
import sys
from typing import TYPE_CHECKING, NoReturn

from trunk_failures import in_force
from trunk_failures.errors import TrunkFailuresError

if TYPE_CHECKING:
    from collections.abc import Sequence

COMMANDS = {
    "run": ("run_command", "run any test runner, with the lists on every test"),
    "unittest": ("unittest_command", "run tests as unittest does, with the lists on all"),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code; errors are one line on stderr, and 2."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments and arguments[0] in COMMANDS:
        if in_force.trouble:
            print(f"trunk-failures {arguments[0]}: {in_force.trouble}", file=sys.stderr)
            return 2
        module = importlib.import_module(f"trunk_failures.{COMMANDS[arguments[0]][0]}")
        try:
            code: int = module.main(arguments[1:])
        except TrunkFailuresError as error:
            print(f"trunk-failures {arguments[0]}: {error}", file=sys.stderr)
            return 2
        return code
    try:
        parser = _parser()
        parser.parse_args(arguments)
        parser.error("the command comes first, before all else")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 2


class _Parser(argparse.ArgumentParser):
    """Tell errors in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}; see `{self.prog} --help`\n")


def _parser() -> argparse.ArgumentParser:
    described = "\n".join(f"  {name:<12}{text}" for name, (_, text) in COMMANDS.items())
    parser = _Parser(
        prog="trunk-failures",
        description="Live with tests that are known to fail.",
        epilog=f"commands:\n{described}\n\n`trunk-failures COMMAND --help` says more.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=_version())
    parser.add_argument("command", metavar="COMMAND", choices=COMMANDS)
    return parser


def _version() -> str:
    from importlib import metadata

    try:
        return metadata.version("trunk_failures")
    except metadata.PackageNotFoundError:
        return "not installed: run from its source"
