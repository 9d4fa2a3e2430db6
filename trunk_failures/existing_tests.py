"""Existing tests: where a command is told which tests there are, and what is listed of others."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from typing import NamedTuple

from trunk_failures import collected_ids, commands, input_options, known_tests, lists, modes
from trunk_failures.errors import UsageError
from trunk_failures.findings import Finding
from trunk_failures.known_tests import KnownTests

RUNNERS = ("pytest", "unittest")


class Told(NamedTuple):
    """The tests that exist, and in words who told of them: "pytest collected"."""

    tests: KnownTests
    by: str


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that say which tests there are."""
    group = parser.add_argument_group(
        "which tests there are", "entries of other tests are then findings, and so are entries for "
        "any file where several files have such a test; of a whole run, or all the tests"
    )
    one = group.add_mutually_exclusive_group()
    one.add_argument(
        "--results", metavar="R", action="append", default=[],
        help="what test runs wrote: files, directories, patterns, or -; can be repeated",
    )
    one.add_argument(
        "--collected", metavar="FILE",
        help=f"what `{collected_ids.COMMAND}` printed, or - for standard input",
    )
    one.add_argument(
        "--ask", choices=RUNNERS, help="have a runner look for them, with what follows `--`"
    )
    input_options.add_options(parser)


def check(options: argparse.Namespace, asked: Sequence[str] | None) -> None:
    """Raise UsageError where there are arguments for a runner, and none to take them."""
    if asked is not None and not options.ask:
        raise UsageError("what follows `--` is for a runner; name it, as in --ask pytest")


def findings(
    options: argparse.Namespace, asked: Sequence[str] | None, loaded: lists.Lists, command: str
) -> list[Finding]:
    """Return what is wrong with lists in view of the tests there are, where that was asked for."""
    told = _told(options, asked or (), loaded, command)
    return known_tests.findings(loaded, told.tests, told.by) if told is not None else []


def _told(
    options: argparse.Namespace, asked: Sequence[str], loaded: lists.Lists, command: str
) -> Told | None:
    if options.results:
        return Told(_of_results(options, loaded, command), "the results are of")
    if options.collected:
        return Told(_of_node_ids(_read(options.collected, command), loaded), "were collected")
    # Lists with faults must not keep a runner from loading what asks for them.
    environ = {**os.environ, modes.SWITCH: "0"}
    if options.ask == "pytest":
        collected = collected_ids.ask(asked, environ)
        return Told(_of_node_ids(collected.ids, loaded), "pytest collects")
    if options.ask == "unittest":
        from trunk_failures import discovered_ids

        place_of = _placer(loaded)
        found = discovered_ids.ask(asked, environ)
        told = ((each.key, place_of(os.path.splitext(each.file)[0])) for each in found)
        return Told(known_tests.known(told), "unittest finds")
    return None


def _read(path: str, command: str) -> Sequence[str]:
    collected = collected_ids.read(path)
    if not collected.counted:
        commands.tell(
            command,
            f"{path!r} does not say how many tests were collected; its {len(collected.ids)} ids "
            f"are taken for all",
        )
    return collected.ids


def _of_node_ids(node_ids: Sequence[str], loaded: lists.Lists) -> KnownTests:
    return known_tests.known(known_tests.of_node_ids(node_ids, _placer(loaded)))


def _placer(loaded: lists.Lists) -> known_tests.PlaceOf:
    from trunk_failures.results import collecting

    assert loaded.test_dir is not None
    return known_tests.placer(
        loaded.test_dir, collecting.resolver(loaded.test_dir), os.getcwd()
    )


def _of_results(options: argparse.Namespace, loaded: lists.Lists, command: str) -> KnownTests:
    from trunk_failures import inputs
    from trunk_failures.results import collecting

    told: list[tuple[str, known_tests.Place]] = []
    ran: set[str] = set()
    resolve = collecting.resolver(loaded.test_dir)
    with inputs.collected([inputs.Input("", options.results)], options) as collected:
        for gathered in collected.gathered(loaded.keys, resolve):
            told += ((test.key, (test.place, test.is_file)) for test in gathered.tests)
            ran.update(known_tests.stem(place) for place in gathered.places.get("", ()))
        inputs.tell_faults(command, collected.faults)
    return known_tests.known(told, ran)
