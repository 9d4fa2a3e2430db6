"""The command line: `trunk-failures COMMAND`, or `python -m trunk_failures COMMAND`."""

from __future__ import annotations

import argparse
import importlib
import sys
from typing import TYPE_CHECKING

from trunk_failures import commands, in_force
from trunk_failures.errors import TrunkFailuresError

if TYPE_CHECKING:
    from collections.abc import Sequence

COMMANDS = {
    "check": ("check_command", "say what is wrong with the lists, and mend it"),
    "exclusions": ("exclusions_command", "leave out of a run what is disabled or failing on trunk"),
    "explain": ("explain_command", "say which entries act on a test, and why"),
    "export": ("export_command", "write the lists as another tool has them"),
    "fetch": ("fetch_command", "ask which of trunk's tests are disabled or failing"),
    "import": ("import_command", "list what another tool's list names"),
    "notify": ("notify_command", "tell people what changed, each change once"),
    "record": ("record_command", "keep what test runs came to in the history"),
    "results": ("results_command", "say what result files say"),
    "run": ("run_command", "run any test runner, with the lists on every test"),
    "stability": ("stability_command", "say of each test how stable it is, and what to do"),
    "unittest": ("unittest_command", "run tests as unittest does, with the lists on all"),
    "update": ("update_command", "change the lists by what test runs wrote"),
}


INTERRUPTED = 130
"""The exit code of a command that was ended by Ctrl-C, as shells have it."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code; errors are one line on stderr, and 2."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments and arguments[0] in COMMANDS:
        # Those that run no test ask for the lists themselves, and `check` for those with faults.
        if in_force.trouble and arguments[0] in in_force.TESTING:
            print(f"trunk-failures {arguments[0]}: {in_force.trouble}", file=sys.stderr)
            return 2
        module = importlib.import_module(f"trunk_failures.{COMMANDS[arguments[0]][0]}")
        try:
            code: int = module.main(arguments[1:])
        except TrunkFailuresError as error:
            print(f"trunk-failures {arguments[0]}: {error}", file=sys.stderr)
            return 2
        except SystemExit as end:  # Of a parser that said what is wrong, or what there is.
            return end.code if isinstance(end.code, int) else 2
        except KeyboardInterrupt:
            if arguments[0] in in_force.TESTING:  # Runners tell of it themselves.
                raise
            print(f"trunk-failures {arguments[0]}: interrupted", file=sys.stderr)
            return INTERRUPTED
        return code
    try:
        parser = _parser()
        parser.parse_args(arguments)
        parser.error("the command comes first, before all else")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 2


def _parser() -> argparse.ArgumentParser:
    described = "\n".join(f"  {name:<12}{text}" for name, (_, text) in COMMANDS.items())
    parser = commands.Parser(
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
