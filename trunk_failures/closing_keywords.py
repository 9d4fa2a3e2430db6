"""Closing keywords: the issues that a pull request's text says it closes, as GitHub reads it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from trunk_failures import commands
from trunk_failures.errors import UsageError
from trunk_failures.statuses import Disabled

_NAME = r"[\w.-]+/[\w.-]+"
_URL = rf"https?://[^\s/]+/(?P<of_url>{_NAME})/(?:issues|pull)/(?P<in_url>\d+)"
_CLOSING = re.compile(
    r"(?<![\w/-])(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?)(?:\s*:\s*|\s+)"
    rf"(?:{_URL}|(?P<of_short>{_NAME})?\#(?P<in_short>\d+))(?!\w)",
    re.IGNORECASE,
)
_ISSUE = re.compile(rf"{_URL}(?:[/?\#].*)?", re.DOTALL)
# GitHub sees none there: templates hold examples in comments.
_NO_TEXT = re.compile(
    r"<!--.*?(?:-->|\Z)|^(?P<fence>`{3,}|~{3,}).*?(?:^(?P=fence)|\Z)|(?P<tick>`+)[^`\n]*(?P=tick)",
    re.DOTALL | re.MULTILINE,
)


class Issue(NamedTuple):
    """An issue by its number; its repository is `owner/repo` in small letters, "" for any."""

    repository: str
    number: int


def read(path: str, environ: Mapping[str, str]) -> frozenset[Issue]:
    """Return the issues that a file's text closes, `-` being standard input.

    The file is a pull request's text, or the event that GitHub starts a workflow with, which
    holds it. `#N` is an issue of the repository that the event or GITHUB_REPOSITORY names. Raises
    UsageError where the file cannot be read.
    """
    try:
        content = commands.content(path)
    except (OSError, ValueError) as error:
        said = error.strerror if isinstance(error, OSError) else error
        raise UsageError(
            f"--fixes-from {path!r} cannot be read: {said}; name the file of a pull request's text,"
            f" or $GITHUB_EVENT_PATH"
        ) from None
    text, repository = _of_event(content.decode("utf-8", "replace"))
    return closed(text, repository or environ.get("GITHUB_REPOSITORY", ""))


def _of_event(text: str) -> tuple[str, str]:
    """Return the text of a pull request and its repository's name, where an event holds them."""
    try:
        event = json.loads(text) if text.lstrip().startswith("{") else None
    except (ValueError, RecursionError):
        event = None
    if not isinstance(event, dict):
        return text, ""
    pull, repository = event.get("pull_request"), event.get("repository")
    body = pull.get("body") if isinstance(pull, dict) else None
    name = repository.get("full_name") if isinstance(repository, dict) else None
    return body if isinstance(body, str) else "", name if isinstance(name, str) else ""


def closed(text: str, repository: str = "") -> frozenset[Issue]:
    """Return the issues that a text closes; `#N` is one of the repository given, if any is."""
    found = set()
    for match in _CLOSING.finditer(_NO_TEXT.sub(" ", text)):
        name = match["of_url"] or match["of_short"] or repository
        found.add(Issue(name.lower(), int(match["in_url"] or match["in_short"])))
    return frozenset(found)


def issue(url: str) -> Issue | None:
    """Return the issue that a URL is of, or None."""
    match = _ISSUE.fullmatch(url.strip())
    return Issue(match["of_url"].lower(), int(match["in_url"])) if match else None


def split(
    tests: Iterable[Disabled], closing: frozenset[Issue]
) -> tuple[list[Disabled], list[Disabled]]:
    """Return the tests whose issues stay open, and those whose issues are closed.

    An issue of which no repository is said is that of any repository with its number.
    """
    still_open: list[Disabled] = []
    fixed: list[Disabled] = []
    for test in tests:
        of = issue(test.issue) if closing and test.issue else None
        is_closed = of is not None and not closing.isdisjoint((of, of._replace(repository="")))
        (fixed if is_closed else still_open).append(test)
    return still_open, fixed
