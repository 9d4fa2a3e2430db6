"""Collected ids: the tests that pytest finds, as `pytest --collect-only -q` prints them.

What it prints: ids, one a line; a blank line; sections with headings (errors, warnings, those of
plugins); at the end how many it collected. Before the ids there can be what plugins say. An id can
hold anything, so that only the number at the end tells which lines are ids.
"""

from __future__ import annotations

import codecs
import os
import re
import sys
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from trunk_failures import commands
from trunk_failures.errors import UsageError

COMMAND = "pytest --collect-only -q"
OPTIONS = (
    # The ini file can say more or less than -q does, and ask for colours.
    *("--collect-only", "--verbosity=-1", "--override-ini=verbosity_test_cases=-1"),
    *("--color=no", "--disable-warnings"),
)
SHOWN = 200

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_SUMMARY = re.compile(
    r"(?:=+ )?(?P<count>no|\d+)(?:/\d+)? tests? collected"
    r"(?: \(\d+ deselected\))?(?:, (?P<errors>\d+) errors?)?(?:, \d+ warnings?)? in \d.*"
)
_HEADING = re.compile(r"([=!_-])\1{2,} .* \1{3,}")
_ID = re.compile(r"\S.*?::.*|[^\s:\[\]]+\.\w+", re.DOTALL)
_PLAINLY_ID = re.compile(r"\S*\.\w+::")
_COUNTED = re.compile(r"\S.*: \d+")
_TREE = re.compile(r" *<\w+ .*>")
_TROUBLE = re.compile(r"(?:ERROR:?|E  ) .*|.*\bError\b.*|.*No module named.*")
_CODES = {
    1: "not all could be collected",
    2: "some files could not be collected",
    3: "pytest itself failed",
    4: "it was not used rightly",
    5: "no tests were collected",
}


class Collected(NamedTuple):
    """The ids of tests, in order; `counted` tells whether pytest's own count says they are all."""

    ids: tuple[str, ...]
    counted: bool = True


def read(path: str) -> Collected:
    """Read what pytest printed from a file, or from standard input for `-`; see `parse`."""
    try:
        content = commands.content(path)
    except (OSError, ValueError) as error:
        said = error.strerror if isinstance(error, OSError) else error
        raise UsageError(
            f"the collected ids {path!r} cannot be read: {said}; write them with"
            f" `{COMMAND} > FILE`"
        ) from None
    # PowerShell writes UTF-16 where it redirects.
    utf_16 = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    encoding, errors = ("utf-16", "replace") if utf_16 else ("utf-8-sig", "surrogateescape")
    return parse(content.decode(encoding, errors), "standard input" if path == "-" else repr(path))


def parse(text: str, where: str) -> Collected:
    """Return the ids in what pytest printed, or in a plain list of ids, one a line.

    Raises UsageError for a collection that had errors, that found nothing, or whose ids cannot be
    told from the other lines: tests would be missing without a word.
    """
    if "\x1b" in text:
        text = _COLOURS.sub("", text)
    lines = text.replace("\r\n", "\n").split("\n")
    end = next((at for at in range(len(lines) - 1, -1, -1) if _SUMMARY.fullmatch(lines[at])), None)
    if end is None:
        return Collected(_plain_list(lines, where), counted=False)
    summary = _SUMMARY.fullmatch(lines[end])
    assert summary is not None
    if summary["errors"]:
        raise UsageError(
            f"the collection in {where} had errors ({_shown(lines[end])}), so that tests are"
            f" missing from it; mend them, or leave these files out, and collect again"
        )
    if summary["count"] == "no":
        raise UsageError(f"{where}: {_shown(lines[end])}; collect the tests that are to run")
    return Collected(_ids(lines[:end], int(summary["count"]), where))


def _ids(lines: list[str], count: int, where: str) -> tuple[str, ...]:
    """Return the last lines before the blank one that ends them, as many as there are ids."""
    ends = [at for at, line in enumerate(lines) if line[:1] in "=!_-" and _HEADING.fullmatch(line)]
    for end in (*ends, len(lines)):
        while end and not lines[end - 1].strip():
            end -= 1
        found = lines[max(0, end - count) : end]
        if len(found) == count and all(map(_ID.fullmatch, found)):
            before = lines[end - count - 1] if end > count else ""
            if not _PLAINLY_ID.match(before):
                return tuple(found)
    raise UsageError(
        f"{where} says that it has {count} test{'' if count == 1 else 's'}, and does not hold as"
        f" many lines of ids{_instead(lines)}; give all that `{COMMAND}` prints (an id that"
        f" holds the end of a line cannot be told)"
    )


def _plain_list(lines: list[str], where: str) -> tuple[str, ...]:
    found = [line for line in lines if line.strip()]
    wrong = next((line for line in found if "::" not in line or not _ID.fullmatch(line)), None)
    if found and wrong is None:
        return tuple(found)
    what = f"{_shown(wrong)} is no test's id{_instead(lines)}" if wrong else "it is empty"
    raise UsageError(
        f"{where} does not say how many tests were collected, and {what}; give all that"
        f" `{COMMAND}` prints, or ids alone, one a line"
    )


def _instead(lines: list[str]) -> str:
    if any(map(_COUNTED.fullmatch, lines)):
        return " (there are numbers of tests by file, which pytest prints for a second -q)"
    if any(map(_TREE.fullmatch, lines)):
        return " (there is a tree, which pytest prints without -q)"
    return ""


def _shown(line: str) -> str:
    return repr(line.strip("= "))[:SHOWN]


def ask(arguments: Sequence[str], environ: Mapping[str, str]) -> Collected:
    """Return what pytest collects for its arguments (paths, options), in a process of its own.

    Raises UsageError where it does not collect all that it finds, with what it said.
    """
    import subprocess

    done = subprocess.run(
        [sys.executable, "-m", "pytest", *OPTIONS, *arguments],
        env={**environ, "PYTHONIOENCODING": "utf-8:surrogateescape"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    out, err = (each.decode("utf-8", "surrogateescape") for each in (done.stdout, done.stderr))
    command = " ".join(("python -m", COMMAND, *arguments))
    if done.returncode:
        lines = [line for line in f"{err}\n{out}".splitlines() if line.strip()] or [""]
        said = next((line for line in lines if _TROUBLE.fullmatch(line)), lines[-1])
        what = _CODES.get(done.returncode, "it came to no end of its own")
        raise UsageError(
            f"`{command}` ended with exit code {done.returncode}, {what}: {_shown(said)}; run it"
            f" in {os.getcwd()!r} to see all that it says, or give its output with --collected"
        )
    return parse(out.replace(os.linesep, "\n"), f"what `{command}` printed")
