"""`trunk-failures explain`: which entries act on a test, and why."""

from __future__ import annotations

import argparse
import itertools
import os
from collections.abc import Sequence

from trunk_failures import (
    all_lists,
    asked_tests,
    commands,
    explained_tests,
    history,
    in_force,
    last_results,
    list_places,
    lookup,
)
from trunk_failures.all_lists import AllLists
from trunk_failures.asked_tests import Asked, Place
from trunk_failures.explained_tests import Answer
from trunk_failures.reports import explain_json, explain_text

NAME = "trunk-failures explain"
DESCRIPTION = """\
Say which entries of the lists, or of trunk's status, are about a test, which of them acts here and
now, and which would under other modes; what they say, who added them when, and how the test fared
in the last runs, if there is a history.
"""
EPILOG = """\
A test is an id as any tool writes it, the path of an entry, or a method's or function's name alone.
Without its parameters all that are listed are meant; without its file, all files.

examples:
  trunk-failures explain tests/test_sums.py::TestSums::test_add
  trunk-failures explain 'test_add (test_sums.TestSums)' test_ops.test_mul[cpu-float32]
  trunk-failures explain test_add                            of any class or module
  PYTORCH_TEST_WITH_DYNAMO=1 trunk-failures explain TestSums.test_add

exit codes: 0; 1 a test is not listed; 2 what cannot be used or read
"""
FORMATS = {"text": explain_text.render, "json": explain_json.render}


def main(argv: Sequence[str]) -> int:
    """Run the command; returns its exit code."""
    options = _parser().parse_args(argv)
    test_dir = list_places.to_write(options.test_dir, os.environ)
    found = all_lists.read(test_dir, os.environ, options.status)
    for said in filter(None, [*found.notes, found.fault]):
        commands.tell(NAME, said)
    asked = [asked_tests.read(text, test_dir, found.listings) for text in options.tests]
    answers = _answers(asked, found, options.history)
    commands.write(FORMATS[options.format](answers, found))
    return int(not all(answer.tests for answer in answers))


def _answers(
    asked: Sequence[Asked], found: AllLists, history_path: str | None
) -> list[Answer]:
    meant = [asked_tests.meant(each, found.listings) for each in asked]
    known = explained_tests.records(found, {place for places in meant for place in places})
    today = lookup.today()
    told = [
        places or [Place(each.key, each.test_file)] for each, places in zip(asked, meant)
    ]
    results = last_results.read(history_path, found.test_dir, [*itertools.chain(*told)])
    return [
        Answer(
            each,
            [(place, explained_tests.explain(found, place, known, today)) for place in places],
            [] if places else asked_tests.near(each, found.listings),
            {place: results(place) for place in own},
        )
        for each, places, own in zip(asked, meant, told)
    ]


def _parser() -> argparse.ArgumentParser:
    parser = commands.Parser(
        prog=NAME,
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("tests", metavar="TEST", nargs="+", help="a test, as above")
    add("--test-dir", metavar="DIR", help="where the lists are (default: as for a test run)")
    add(
        "--status", metavar="FILE", default=os.environ.get(in_force.STATUS, ""),
        help=f"trunk's status too, as fetch writes it (default: {in_force.STATUS})",
    )
    add(
        "--history", metavar="PATH",
        help=f"what `record` keeps, for the last results (default: {history.DEFAULT}, if there)",
    )
    add("--format", choices=FORMATS, default="text")
    return parser
