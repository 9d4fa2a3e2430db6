"""Runner arguments: exclusions as what a test runner takes, quoted for what is to read it.

pytest's `--deselect ID` leaves out each test whose id begins with ID. An id that kept ones begin
with is left out by this package's plugin, which compares whole ids.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from trunk_failures import exclusions, ids
from trunk_failures.errors import UsageError
from trunk_failures.exclusions import Exclusions

DESELECT = "--deselect"
EXACT = "--trunk-failures-deselect"
"""The option of this package's plugin; `pytest_plugin` has it."""

PLUGIN = ("-p", "trunk_failures.pytest_plugin")
LINE_ENDS = frozenset("\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029")
"""What `str.splitlines` takes for the end of a line, as argparse does in a file."""

_CMD = frozenset('%!^"')
_PWSH_QUOTES = "'\u2018\u2019\u201a\u201b"
_CONTROLS = frozenset(map(chr, (*range(32), 127)))


class Arguments(NamedTuple):
    """Text for a runner, the ids that it leaves out by the plugin, and what it does not do.

    `left_in` are excluded ids that it cannot leave out, and why; these tests run. `nameless` are
    kept ids that it has no name for; those do not.
    """

    text: str
    by_plugin: Sequence[str] = ()
    left_in: Sequence[tuple[str, str]] = ()
    nameless: Sequence[str] = ()


class Shell(NamedTuple):
    """How a shell is told an argument, which ids it cannot be told (and why), its longest line."""

    quote: Callable[[str], str]
    refusal: Callable[[str], str]
    longest: int


def deselect(found: Exclusions, shell: Shell, plugin: bool) -> Arguments:
    """Return pytest's arguments on one line; without `plugin` they are pytest's own alone."""
    plain, exact, left_in = _chosen(found, shell.refusal, plugin)
    arguments = [f"{DESELECT}={each}" for each in plain]
    if exact:
        arguments += [*PLUGIN, *(f"{EXACT}={each}" for each in exact)]
    return Arguments(f"{' '.join(map(shell.quote, arguments))}\n", exact, left_in)


def args_file(found: Exclusions, plugin: bool) -> Arguments:
    """Return the text of a file for `pytest @FILE`, an argument a line.

    pytest sees no `-p` in a file: it finds the plugin where the package is installed.
    """
    plain, exact, left_in = _chosen(found, _unfit_for_a_line, plugin)
    lines = [*(f"{DESELECT}={each}" for each in plain), *(f"{EXACT}={each}" for each in exact)]
    return Arguments("".join(f"{line}\n" for line in lines), exact, left_in)


def listed(found: Exclusions) -> Arguments:
    """Return the excluded ids, one a line."""
    return Arguments("".join(f"{each.id}\n" for each in found.excluded))


def as_unittest(found: Exclusions) -> Arguments:
    """Return the dotted names of the tests to run, one a line: unittest can exclude none.

    Raises UsageError where no test is left, as unittest would then run all that it finds.
    """
    names: dict[str, None] = {}
    nameless: list[str] = []
    for node_id in found.kept:
        test = ids.of_item(node_id)
        name = ids.to_unittest(test)
        if test.is_function or not all(part.isidentifier() for part in name.split(".")):
            nameless.append(node_id)
        else:
            names[name] = None
    if not names:
        raise UsageError(
            f"no test is left that unittest could be told to run: {len(found.excluded)} are"
            f" excluded, and {len(nameless)} are no methods; without names it would run all that it"
            f" finds"
        )
    return Arguments("".join(f"{name}\n" for name in names), nameless=nameless)


def _chosen(
    found: Exclusions, refusal: Callable[[str], str], plugin: bool
) -> tuple[list[str], list[str], list[tuple[str, str]]]:
    """Return the ids for `--deselect`, those for the plugin, and those that stay in, and why."""
    refused = {each.id: why for each in found.excluded if (why := refusal(each.id))}
    told = [each.id for each in found.excluded if each.id not in refused]
    exact = exclusions.beginning_others(told, [*found.kept, *refused])
    apart = {*exact}
    plain = [each for each in told if each not in apart]
    if not plugin:
        why = f"the ids of other tests begin with it, and {DESELECT} would leave those out too"
        refused.update(dict.fromkeys(exact, why))
        exact = []
    return plain, exact, [*refused.items()]


def _unfit_for_a_line(text: str) -> str:
    if not LINE_ENDS.isdisjoint(text):
        return "it holds what ends a line in a file of arguments"
    return "" if _is_utf_8(text) else "it holds bytes that are no text, which pytest does not read"


def _is_utf_8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _unfit_for_posix(text: str) -> str:
    return "no argument can hold a NUL" if "\0" in text else ""


def _quoted_for_pwsh(text: str) -> str:
    return f"'{''.join(_doubled(text, _PWSH_QUOTES))}'"


def _doubled(text: str, characters: str) -> Iterator[str]:
    for each in text:
        yield each * 2 if each in characters else each


def _unfit_for_pwsh(text: str) -> str:
    return "" if _CONTROLS.isdisjoint(text) else "pwsh cannot be told control characters here"


def _quoted_for_cmd(text: str) -> str:
    # The program that is started reads backslashes before a quote as escapes.
    end = len(text) - len(text.rstrip("\\"))
    return f'"{text}{chr(92) * end}"'


def _unfit_for_cmd(text: str) -> str:
    if not text.isascii() or not _CONTROLS.isdisjoint(text):
        return "cmd does not keep characters other than ASCII's"
    found = sorted(_CMD & {*text})
    return f"cmd has no safe way to quote {' '.join(found)}" if found else ""


SHELLS = {
    # A variable, such as PYTEST_ADDOPTS, holds 128 KiB on Linux.
    "posix": Shell(shlex.quote, _unfit_for_posix, 131_000),
    "pwsh": Shell(_quoted_for_pwsh, _unfit_for_pwsh, 32_000),
    "cmd": Shell(_quoted_for_cmd, _unfit_for_cmd, 8_000),
}
