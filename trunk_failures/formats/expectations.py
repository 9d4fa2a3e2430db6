"""Expectation lines of Chromium's typ, with what its tests are expected to come to.

Read: typ's `expectations_parser.py` and files of Chromium's `test_expectations`. A line is
`crbug.com/1 [ Linux ] package.module.Class.test [ Failure ] # comment`: bugs, tags that must all
hold, one test, results. A test of several lines has the results of each; one that ends in `*` is a
glob. A line with a tag that no marker can say is left out: without it an entry would suppress more.
"""

from __future__ import annotations

import re

from trunk_failures import lists
from trunk_failures.changes import Fields
from trunk_failures.formats import documents, imported
from trunk_failures.formats.documents import Line
from trunk_failures.formats.imported import Dropped, Imported, Listed

SYSTEMS = {"linux": "linux", "mac": "darwin", "win": "win32"}
"""`sys.platform` by tag; a tag of one version of a system is none."""

RESULTS: dict[frozenset[str], tuple[str, Fields]] = {
    frozenset({"Failure"}): (lists.EXPECTED_FAILURES, ()),
    frozenset({"Crash"}): (
        lists.EXPECTED_FAILURES, (("raises", "Crashed"), ("run", "isolated"), ("timeout", "60")),
    ),
    frozenset({"Timeout"}): (
        lists.EXPECTED_FAILURES, (("raises", "TimedOut"), ("run", "isolated"), ("timeout", "60")),
    ),
    frozenset({"Skip"}): (lists.SKIPS, imported.NEVER),
}
"""The kind and the fields of a test's results; of others see `_of_results`."""

FAILING = frozenset({"Failure", "Crash", "Timeout"})
FLAKY = frozenset({"Pass", "RetryOnFailure"})
KNOWN = FAILING | FLAKY | {"Skip", "Slow"}

_BUG = re.compile(r"\S+/\S*\d")
_HEADER = re.compile(r"(tags|results|conflicts_allowed|conflict_resolution|full_wildcard_\w+): ")
"""What comments begin with that say which tags there are, and how they are read."""

_TEST = re.compile(
    r"(?:\[ (?P<tags>[^\[\]]+) \] )?(?P<test>\S+) \[ (?P<results>[^\[\]]+) \](?P<rest>.*)"
)


def read(content: bytes, where: str) -> Imported:
    """Return the tests whose expected results are not passes."""
    found: list[Listed | Dropped] = []
    for line in documents.lines(content, where):
        found.append(_listed(line) if isinstance(line, Line) else line)
    return imported.gathered(found)


def _listed(line: Line) -> Listed | Dropped:
    bugs, rest = _bugs(line.text)
    match = _TEST.fullmatch(rest)
    if match is None or not (match["rest"].strip() or "#").startswith("#"):
        return Dropped(line.number, f"{imported.shown(line.text)} is no line of expectations")
    when = _when((match["tags"] or "").split())
    if when is None:
        what = f"{imported.shown(line.text)}: no marker says [ {match['tags']} ]"
        return Dropped(line.number, what)
    results = _of_results(frozenset(match["results"].split()))
    if results is None:
        what = f"{imported.shown(line.text)}: [ {match['results']} ] is nothing that a list says"
        return Dropped(line.number, what)
    if match["test"].endswith("*"):
        return Dropped(line.number, f"{imported.shown(match['test'])} is a glob")
    kind, fields = results
    comment = match["rest"].strip().lstrip("#").strip()
    above = "" if _HEADER.match(line.comment) else line.comment
    found = {"reason": comment or above, "issue": ", ".join(bugs), "when": when}
    said = tuple((name, value) for name, value in found.items() if value)
    return imported.named(match["test"], line.number, kind, (*said, *fields))


def _bugs(text: str) -> tuple[list[str], str]:
    """Return the bugs that a line begins with, as URLs, and its rest."""
    bugs: list[str] = []
    while True:
        word, blank, rest = text.partition(" ")
        test_is_next = rest.lstrip().startswith("[") and not _TEST.fullmatch(rest.lstrip())
        if not blank or not _BUG.fullmatch(word) or test_is_next:
            return bugs, text
        bugs.append(word if "://" in word else f"https://{word}")
        text = rest.lstrip()


def _when(tags: list[str]) -> str | None:
    """Return the marker of tags that must all hold, or None where none says one of them."""
    if any(tag.lower() not in SYSTEMS for tag in tags):
        return None
    return " and ".join(f'sys_platform == "{SYSTEMS[tag.lower()]}"' for tag in tags)


def _of_results(results: frozenset[str]) -> tuple[str, Fields] | None:
    """Return the kind and the fields of results, or None where they are no failures."""
    without_slow = results - {"Slow"}
    if not results <= KNOWN or not without_slow & (FAILING | {"Skip", "RetryOnFailure"}):
        return None
    if without_slow in RESULTS:
        return RESULTS[without_slow]
    if without_slow & FLAKY or "Skip" in without_slow:
        return lists.SKIPS, ()
    return lists.EXPECTED_FAILURES, (("run", "isolated"), ("timeout", "60"))
