"""Arrays of node ids in bash scripts, which a job passes to pytest's `--deselect`.

Read: `config_cuda.sh` and `deselected_tests_cuda.sh` of pytorch/kineto. The script is not run: of
a word that bash would expand it is only told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from trunk_failures import lists
from trunk_failures.formats import documents, id_lists, imported
from trunk_failures.formats.collected_tests import CollectedTests
from trunk_failures.formats.documents import Line
from trunk_failures.formats.imported import Dropped, Imported, Listed

_START = re.compile(r"(?:(?:declare|typeset|local|readonly|export)\s+(?:-\w+\s+)*)?(\w+)\+?=\(")
_WORD = re.compile(r"""(?:'[^']*'|"(?:[^"\\]|\\.)*"|\\.|[^\s'"\\()])+""")
_QUOTED = re.compile(r"""'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)|([^'"\\]+)""")
_EXPANDED = re.compile(r"[$`]")


def read(content: bytes, where: str) -> Imported:
    """Return the node ids in the arrays of a script."""
    found: list[Listed | Dropped] = []
    array, start, ids_in_it = "", 0, 0
    for line in documents.lines(content, where):
        if isinstance(line, Dropped):
            found.append(line)
            continue
        rest = line.text
        match = None if array else _START.match(rest)
        if match:
            array, start, ids_in_it, rest = match[1], line.number, 0, rest[match.end() :]
        if not array:
            continue
        words, comment, ended = _words(rest)
        here = [*_listed(line, words, comment)]
        ids_in_it += len(here)
        found += here
        if ended:
            found += _without_ids(array, start, ids_in_it, bool(words))
            array = ""
    if array:
        found.append(Dropped(start, f"the array {array!r} has no end"))
    return imported.gathered(found)


def _without_ids(array: str, line: int, count: int, words: bool) -> list[Dropped]:
    """Return that an array holds no node ids, where it is of something else."""
    return [Dropped(line, f"the array {array!r} holds no node ids")] if words and not count else []


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
            return words, text[at + 1 :].strip().lstrip("#").strip(), True
    return words, "", False


def _listed(line: Line, words: list[str], comment: str) -> Iterator[Listed | Dropped]:
    for word in words:
        value = "".join(_value(*part) for part in _QUOTED.findall(word))
        if "::" not in value:
            continue
        if _EXPANDED.search(re.sub(r"'[^']*'|\\.", "", word)):
            yield Dropped(line.number, f"{imported.shown(word)} is expanded by bash")
        else:
            said = " ".join(filter(None, (line.comment, comment)))
            own = Line(line.number, value, said)
            yield id_lists.listed(own, lists.SKIPS, imported.NEVER)


def _value(single: str, double: str, escaped: str, plain: str) -> str:
    return single or re.sub(r"\\([\\\"$`])", r"\1", double) or escaped or plain


def covered(each: Listed, tests: CollectedTests) -> Sequence[str]:
    """Return the tests that pytest would deselect: those whose ids begin so."""
    return [node_id for node_id in tests.ids if node_id.startswith(each.name)]
