"""Arrays of node ids in bash scripts, which a job passes to pytest's `--deselect`.

Read: `config_cuda.sh` and `deselected_tests_cuda.sh` of pytorch/kineto. The script is not run: of
a word that bash would expand it is only told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from trunk_failures import lists
from trunk_failures.formats import documents, id_lists, imported
from trunk_failures.formats.collected_tests import CollectedTests
from trunk_failures.formats.documents import Line
from trunk_failures.formats.imported import Dropped, Imported, Listed

_START = re.compile(r"(?:(?:declare|typeset|local|readonly|export)\s+(?:-\w+\s+)*)?(\w+)\+?=\(")
_WORD = re.compile(r"""(?:'[^']*'|"(?:[^"\\]|\\.)*"|\\.|[^\s'"\\()])+""")
_QUOTED = re.compile(r"""'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)|([^'"\\]+)""")
_EXPANDED = re.compile(r"[$`]")
_UNQUOTED = re.compile(r"^~|\{[^}]*(?:,|\.\.)[^}]*\}")
"""What bash expands outside of quotes alone: a home directory, and braces."""


class _Word(NamedTuple):
    """A word of an array: its line, as it stands there, what it says, and the comment beside it."""

    line: int
    raw: str
    value: str
    comment: str


def read(content: bytes, where: str) -> Imported:
    """Return the node ids in the arrays of a script."""
    found: list[Listed | Dropped] = []
    array, start, above = "", 0, ""
    words: list[_Word] = []
    for line in documents.lines(content, where):
        if isinstance(line, Dropped):
            found.append(line)
            continue
        rest = line.text
        match = None if array else _START.match(rest)
        if match:
            array, start, rest = match[1], line.number, rest[match.end() :]
            above = line.comment  # That is of the array, not of what is in it.
        if not array:
            continue
        raw, beside, ended = _words(rest)
        own = "" if line.comment == above else line.comment
        comment = " ".join(filter(None, (own, beside)))
        words += [_Word(line.number, each, _value(each), comment) for each in raw]
        if ended:
            found += _of_array(array, start, words)
            array, words = "", []
    if array:
        found += [*_of_array(array, start, words), Dropped(start, f"{array!r} has no end")]
    return imported.gathered(found)


def _of_array(array: str, start: int, words: Sequence[_Word]) -> Iterator[Listed | Dropped]:
    """Yield what an array names, if it is one of node ids."""
    if not any("::" in word.value for word in words):
        if words:
            yield Dropped(start, f"the array {array!r} holds no node ids")
        return
    for word in words:
        bare = re.sub(r"'[^']*'|\\.", "''", word.raw)
        if _EXPANDED.search(bare) or _UNQUOTED.search(re.sub(r'"[^"]*"', "''", bare)):
            yield Dropped(word.line, f"{imported.shown(word.raw)} is expanded by bash")
        else:
            line = Line(word.line, word.value, word.comment)
            yield id_lists.listed(line, lists.SKIPS, imported.NEVER)


def _words(text: str) -> tuple[list[str], str, bool]:
    """Return the words of an array's line, its comment, and whether the array ends in it."""
    words: list[str] = []
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
        elif text[at] == "#":
            return words, text[at:].lstrip("#").strip(), False
        elif match := _WORD.match(text, at):
            words.append(match[0])
            at = match.end()
        else:
            rest = text[at + 1 :].strip()
            return words, rest.lstrip("#").strip() if rest.startswith("#") else "", True
    return words, "", False


def _value(word: str) -> str:
    """Return what a word says, its quotes and backslashes taken away."""
    return "".join(
        single or re.sub(r"\\([\\\"$`])", r"\1", double) or escaped or plain
        for single, double, escaped, plain in _QUOTED.findall(word)
    )


def covered(each: Listed, tests: CollectedTests) -> Sequence[str]:
    """Return the tests that pytest would deselect: those whose ids begin so."""
    return tests.beginning(each.name)
