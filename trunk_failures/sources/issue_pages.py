"""Pages of a repository's list of issues: as GitHub's API answers with them, and kept in a file.

The file is `{"trunk_failures_issue_pages": 1, "pages": {URL: {"etag": text, "links": {relation:
URL}, "items": [...]}}}`; its items are what is needed of those that GitHub gives, in GitHub's form.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from trunk_failures import atomic_files, disabled_issues, json_documents, statuses, urls
from trunk_failures.disabled_issues import Issue
from trunk_failures.errors import SourceError, UsageError

VERSION = 1
MARK = "trunk_failures_issue_pages"
LIMIT = 1 << 28
"""Bytes that such a file may have."""

SPARSE = 50
"""Items of which no page is full; one has up to 100."""

_ETAG = re.compile(r'(?:W/)?"[!#-~]{0,500}"')


class Page(NamedTuple):
    """One page: what tells whether it changed, other pages by `next`, `prev` and `last`.

    `issues` are those that disable something; `numbers` are of all issues, `pulls` of the pull
    requests, which GitHub lists among them.
    """

    etag: str
    links: Mapping[str, str]
    issues: tuple[Issue, ...]
    numbers: tuple[int, ...]
    pulls: tuple[int, ...]

    @property
    def listed(self) -> set[int]:
        """The numbers of all that the page lists."""
        return {*self.numbers, *self.pulls}

    @property
    def tells_its_end(self) -> bool:
        """Tell whether the page changes before another one follows it.

        The last one does not once it is full, which its length does not tell: what GitHub hides
        has its place too.
        """
        return "next" in self.links or len(self.listed) < SPARSE


def of_answer(
    value: object,
    url: str,
    etag: str,
    links: Mapping[str, str],
    wanted: Callable[[str], bool] = disabled_issues.is_titled,
) -> Page:
    """Return the page that an answer is; raises SourceError for one of another shape.

    An ETag that is none is as if there were none. `wanted` tells of a title whether its issue is
    one of the page's.
    """
    try:
        return _page(value, etag if _ETAG.fullmatch(etag) else "", links, wanted)
    except (ValueError, UsageError) as error:
        raise SourceError(
            f"{urls.shown(url)} answered with what is no list of issues: {error}; check the address"
            " of the API"
        ) from None


def read(path: str) -> dict[str, Page]:
    """Return the pages that a file keeps, by URL; none where it is not there or unusable."""
    try:
        with open(path, "rb") as file:
            content = file.read(LIMIT + 1)
        if len(content) > LIMIT:
            return {}
        return _kept(json_documents.parse(content))
    except (OSError, ValueError, UsageError):
        return {}


def write(path: str, pages: Mapping[str, Page]) -> None:
    """Keep pages in a file; raises OSError, or ValueError for what cannot be a path."""
    kept = {
        url: {"etag": page.etag, "links": dict(page.links), "items": _items(page)}
        for url, page in pages.items()
    }
    atomic_files.replace(path, json.dumps({MARK: VERSION, "pages": kept}) + "\n")


def _kept(value: object) -> dict[str, Page]:
    if not isinstance(value, dict) or value.get(MARK) != VERSION:
        raise ValueError("it is of another kind or version")
    pages = value.get("pages")
    if not isinstance(pages, dict):
        raise ValueError("it has no pages")
    return {url: _kept_page(page) for url, page in pages.items()}


def _kept_page(value: object) -> Page:
    if not isinstance(value, dict):
        raise ValueError("a page is no object")
    etag, links = value.get("etag"), value.get("links")
    if not isinstance(etag, str) or not _ETAG.fullmatch(etag):
        raise ValueError("a page has no ETag")
    if not isinstance(links, dict) or not all(isinstance(link, str) for link in links.values()):
        raise ValueError("a page has no links")
    return _page(value.get("items"), etag, links)


def _page(
    value: object,
    etag: str,
    links: Mapping[str, str],
    wanted: Callable[[str], bool] = disabled_issues.is_titled,
) -> Page:
    """Raises ValueError, or UsageError for an address that is none."""
    if not isinstance(value, list):
        raise ValueError(f"it is {value!r:.80}, where GitHub's API has a list")
    issues: list[Issue] = []
    numbers: list[int] = []
    pulls: list[int] = []
    for item in value:
        if not isinstance(item, dict):
            raise ValueError(f"it holds {item!r:.80}, where GitHub's API has an object")
        number = item.get("number")
        if not isinstance(number, int) or isinstance(number, bool):
            raise ValueError(f"an issue has {number!r:.80} for its number")
        if item.get("pull_request") is not None:
            pulls.append(number)
            continue
        numbers.append(number)
        title = _text(item, "title", number)
        if wanted(title):
            issues.append(_issue(item, number, title))
    return Page(etag, links, tuple(issues), tuple(numbers), tuple(pulls))


def _issue(item: dict[str, Any], number: int, title: str) -> Issue:
    body = "" if item.get("body") is None else _text(item, "body", number)
    url = _text(item, "html_url", number)
    urls.origin(url, plain_http=True)
    updated = _text(item, "updated_at", number)
    statuses.read_moment(updated)
    return Issue(number, title, disabled_issues.needed(title, body), url, updated)


def _text(item: dict[str, Any], name: str, number: int) -> str:
    value = item.get(name)
    if not isinstance(value, str):
        raise ValueError(f"issue {number} has {value!r:.80} for its {name}")
    return value.encode("utf-8", "replace").decode()  # JSON can hold what is no character


def _items(page: Page) -> list[dict[str, Any]]:
    titled = {issue.number: issue for issue in page.issues}
    items: list[dict[str, Any]] = [{"number": each, "pull_request": {}} for each in page.pulls]
    for number in page.numbers:
        issue = titled.get(number)
        if issue is None:
            items.append({"number": number, "title": ""})
        else:
            texts = {"body": issue.body, "html_url": issue.url, "updated_at": issue.updated}
            items.append({"number": number, "title": issue.title, **texts})
    return items
