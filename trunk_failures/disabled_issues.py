"""Issues that disable tests, read as PyTorch's bots read them.

One is titled `DISABLED test_x (module.Class)`, and a line of its body may say `Platforms: linux,
rocm`. One titled `DISABLED MULTIPLE ...` has in its body the words "disable the following tests:",
and then, between two lines of three backquotes, one test a line: `test_x (module.Class): linux`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from trunk_failures import statuses
from trunk_failures.statuses import Disabled

PREFIX = "DISABLED"
"""What titles begin with; case counts."""

LIMIT = 1 << 18
"""Characters of a body that are read; GitHub takes up to 65,536."""

MOST_PLATFORMS = 50
"""Platforms that one test can name."""

SHOWN = 5
"""Lines that are no tests, of one issue, that are shown."""

# A method's name has blanks after commas alone, as where parameters became a part of it.
_METHOD = r"(?P<method>(?:\w+\.)*test\S*(?:,\s+(?!test)\S+)*)"
_NAME = re.compile(_METHOD + r"\s+\((?P<path>[^()]*)\)")
_LINE = re.compile(_NAME.pattern + r"\s*(?::(?P<platforms>.*))?")
_MULTIPLE = re.compile(PREFIX + r"\s+MULTIPLE\b")
_BEGIN = re.compile("disable the following tests:", re.IGNORECASE)
_FENCE = "```"
_PLATFORMS = "platforms:"
_TEMPLATE = re.compile(r"<fill this in.*?(?:>|\Z)")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)")
_FORMS = f"allowed are '{PREFIX} test_x (module.Class)' and '{PREFIX} MULTIPLE ...'"


class Issue(NamedTuple):
    """An open issue; `url` is for people, `updated` a moment as in statuses."""

    number: int
    title: str
    body: str = ""
    url: str = ""
    updated: str = ""


class Read(NamedTuple):
    """The tests that issues disable, and what people are to know of the others."""

    tests: tuple[Disabled, ...]
    notes: tuple[str, ...]


def is_titled(title: str) -> bool:
    """Tell whether an issue's title says that it disables something."""
    return title.lstrip().startswith(PREFIX)


def needed(title: str, body: str) -> str:
    """Return what of a body `read` looks at."""
    if len(body) > LIMIT:
        return body[: LIMIT + 1]  # as much as tells that it is too long
    return body if _is_multiple(title) else "\n".join(_platform_lines(body))


def read(issues: Iterable[Issue], source: str = "") -> Read:
    """Return the tests that issues disable; each title that names none is in the notes."""
    tests: list[Disabled] = []
    notes: list[str] = []
    for issue in issues:
        if is_titled(issue.title):
            found = _several(issue, source) if _is_multiple(issue.title) else _one(issue, source)
            notes += found.notes
            for test in found.tests:
                if len(test.platforms) > MOST_PLATFORMS:
                    notes.append(
                        f"{issue.url} names {len(test.platforms):,} platforms for {test.name!r};"
                        f" the first {MOST_PLATFORMS} count; name fewer"
                    )
                tests.append(test._replace(platforms=test.platforms[:MOST_PLATFORMS]))
            if len(issue.body) > LIMIT:
                notes.append(
                    f"{issue.url} has a text of more than {LIMIT:,} characters; the rest of it was"
                    " not read; shorten it"
                )
    return Read(tuple(tests), tuple(notes))


def _is_multiple(title: str) -> bool:
    return _MULTIPLE.match(title.lstrip()) is not None


def _one(issue: Issue, source: str) -> Read:
    title = issue.title.strip()
    match = _NAME.fullmatch(title.removeprefix(PREFIX).strip())
    if match is None or not _is_test(match):
        return Read((), (
            f"{issue.url} is titled {title!r:.200}, which names no test; {_FORMS}; correct the"
            " title",
        ))
    named: list[str] = []
    notes = []
    for line in _platform_lines(issue.body[:LIMIT]):
        platforms = _platforms(line.strip()[len(_PLATFORMS) :])
        named += platforms
        if not platforms and _TEMPLATE.search(line.lower()):
            notes.append(
                f"{issue.url} has {line.strip()!r:.100} as it was in the template; its test is"
                " disabled on every platform that other lines do not choose; fill it in, or"
                " delete it"
            )
    test = _disabled(match, named, issue, source, f"issue #{issue.number}")
    return Read((test,), tuple(notes))


def _several(issue: Issue, source: str) -> Read:
    reason = f"issue #{issue.number}: {issue.title.strip()!r:.150}"
    tests: list[Disabled] = []
    others: list[str] = []
    for number, line in enumerate(_block(issue.body[:LIMIT])):
        match = _LINE.fullmatch(line.strip())
        if match is not None and _is_test(match):
            platforms = _platforms(match["platforms"] or "")
            tests.append(_disabled(match, platforms, issue, source, reason))
        elif number and line.strip():  # What follows the first backquotes names a language.
            others.append(line.strip())
    notes = []
    if others:
        shown = ", ".join(f"{line!r:.100}" for line in others[:SHOWN])
        more = f" and {len(others) - SHOWN} more" * (len(others) > SHOWN)
        notes.append(
            f"{issue.url} lists what is no test: {shown}{more}; allowed is one test a line, as"
            " 'test_x (module.Class): linux, rocm'; correct the lines"
        )
    if not tests:
        notes.append(
            f"{issue.url} is titled {issue.title.strip()!r:.200}, and its text names no test; that"
            f" needs a line 'disable the following tests:', and below it, between lines of"
            f" {_FENCE}, one test a line"
        )
    return Read(tuple(tests), tuple(notes))


def _block(body: str) -> list[str]:
    """Return the lines of the block that lists tests, with what follows its first backquotes."""
    begin = _BEGIN.search(body)
    parts = body[begin.end() :].split(_FENCE, 2) if begin else []
    return parts[1].splitlines() if len(parts) > 1 else []


def _is_test(match: re.Match[str]) -> bool:
    """Tell whether names are a method's and a class's, which has its module or is in CapWords."""
    parts = [part.strip() for part in match["path"].split(".")]
    named = all(part.isidentifier() or part == "<locals>" for part in parts)
    is_class = named and (len(parts) > 1 or parts[0].lstrip("_")[:1].isupper())
    return is_class and match["method"].isprintable()


def _disabled(
    match: re.Match[str], platforms: Iterable[str], issue: Issue, source: str, reason: str
) -> Disabled:
    return Disabled(
        f"{match['method']} ({match['path'].strip()})",
        statuses.PYTORCH,
        tuple(dict.fromkeys(platforms)),
        issue.url,
        reason,
        source,
        issue.updated,
    )


def _platform_lines(body: str) -> Iterator[str]:
    for line in body.splitlines():
        if line.strip().lower().startswith(_PLATFORMS):
            yield line


def _platforms(text: str) -> list[str]:
    """Return the platforms that a text names; none stands for all of them."""
    text = _COMMENT.sub("", _TEMPLATE.sub("", text.lower()))
    return [name.strip()[:100] for name in text.split(",") if name.strip()]
