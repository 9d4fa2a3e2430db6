"""`trunk-failures results`: what result files say."""

from __future__ import annotations

import argparse
import collections
import json
import os
import sys
from collections.abc import Iterator, Sequence

from trunk_failures import causes, commands, input_options, inputs
from trunk_failures.inputs import Input
from trunk_failures.reports import rows
from trunk_failures.results import collecting
from trunk_failures.results.collecting import Collected
from trunk_failures.results.seen import FAILURES, Test
from trunk_failures.verdicts import Verdict

NAME = "trunk-failures results"
DESCRIPTION = "Say what result files say: how many tests came to what, and which failed."
EPILOG = """\
A test that came to several ends, in one file or in several, is counted under each of them.

examples:
  trunk-failures results results.jsonl                       one run
  trunk-failures results --format json 'reports/**/*.xml'    many, for a program

exit codes: 0; 2 what cannot be used or read
"""


def main(argv: Sequence[str]) -> int:
    """Run the command; returns its exit code."""
    parser = commands.Parser(
        prog=NAME,
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "results", metavar="RESULTS", nargs="+", help="files, directories, patterns, or -"
    )
    parser.add_argument("--format", choices=("text", "json"), default="text")
    input_options.add_options(parser)
    options = parser.parse_args(argv)
    with inputs.collected([Input("", options.results)], options) as collected:
        _tell(collected, options.format)
        inputs.tell_faults(NAME, collected.faults)
    return 0


def _tell(collected: Collected, style: str) -> None:
    counts: collections.Counter[Verdict] = collections.Counter()
    tests = 0
    failing: list[str] = []
    resolve = collecting.resolver(os.getcwd())
    for gathered in collected.gathered((), resolve):
        counts += gathered.verdicts
        tests += gathered.total
        if style == "text":
            failing += [_row(test) for test in gathered.tests if _failed(test)]
    if style == "json":
        verdicts = {verdict.value: counts[verdict] for verdict in Verdict if counts[verdict]}
        document = {"files": collected.files, "tests": tests, "verdicts": verdicts}
        commands.write(json.dumps(document) + "\n")
        for each in collected.without_id:
            print(f"{NAME}: no test id: {rows.visible(each)}", file=sys.stderr)
        return
    nameless = [f"no test id: {rows.visible(each)}" for each in collected.without_id]
    lines = [*_counts(collected.files, tests, counts), *sorted(failing), *nameless, ""]
    commands.write("\n".join(lines))


def _counts(files: int, tests: int, counts: collections.Counter[Verdict]) -> Iterator[str]:
    yield f"{tests} tests in {files} file{'' if files == 1 else 's'}"
    for verdict in Verdict:
        if counts[verdict]:
            yield f"{counts[verdict]:>8} {verdict.value}"


def _failed(test: Test) -> bool:
    return any(seen.verdicts & FAILURES for seen in test.seen.values())


def _row(test: Test) -> str:
    (seen,) = test.seen.values()
    words = ", ".join(sorted(verdict.value for verdict in seen.verdicts))
    where = f" ({test.place})" if test.place else ""
    return rows.visible(f"{test.key}{where}: {words}: {causes.normalised(seen.error)}")
