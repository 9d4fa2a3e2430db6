"""`trunk-failures fetch`: trunk's status into a file."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from trunk_failures import commands, source_options, status_files
from trunk_failures.errors import SourceError

NAME = "trunk-failures fetch"
DESCRIPTION = "Ask which of trunk's tests are disabled or failing now, and keep the answer."
EPILOG = """\
examples:
  trunk-failures fetch --source github-issues=OWNER/REPO -o status.json
  trunk-failures fetch --source disabled-tests --cache .cache/trunk.json --fallback known.txt \\
                       -o status.json

exit codes: 0; 2 what cannot be used; 4 nothing could be fetched and no fallback held: then the
file is as it was
"""


def main(argv: Sequence[str]) -> int:
    """Run the command; returns its exit code."""
    parser = commands.Parser(
        prog=NAME,
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    source_options.add_options(parser)
    parser.add_argument("-o", "--output", metavar="STATUS", help="the file (default: stdout)")
    options = parser.parse_args(argv)
    try:
        status = source_options.status(options, NAME)
    except SourceError as error:
        commands.tell(NAME, f"nothing could be fetched: {error}")
        return source_options.FAILED
    if options.output:
        status_files.write(options.output, status)
    else:
        commands.write(status_files.render(status))
    return 0
