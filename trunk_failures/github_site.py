"""GitHub's REST API: one repository there, and its lists, page after page."""

from __future__ import annotations

import contextlib
import re
import urllib.parse
from collections.abc import Iterator, Mapping
from typing import Any

from trunk_failures import urls
from trunk_failures.download import Client, Document
from trunk_failures.errors import DownloadError, UsageError

HEADERS = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}

_REPOSITORY = re.compile(r"[A-Za-z0-9_-]{1,100}/(?!\.\.?\Z)[A-Za-z0-9._-]{1,100}")
_LINK = re.compile(r'<([^<>]*)>[^<]*?;\s*rel="?(next|prev|last)\b')


def check(repository: str) -> None:
    """Raise UsageError unless it is OWNER/REPO."""
    if not _REPOSITORY.fullmatch(repository):
        raise UsageError(f"{repository!r} is no repository; allowed is OWNER/REPO")


def links(headers: Mapping[str, str]) -> dict[str, str]:
    """Return what a page's `Link` header says of others, by `next`, `prev` and `last`."""
    return {relation: link for link, relation in _LINK.findall(headers.get("link", ""))}


class Site:
    """One repository at one API; `pages` is how many pages a list may have."""

    def __init__(self, client: Client, api: str, repository: str, pages: int = 100) -> None:
        self.client, self.repository, self.bound = client, repository, pages
        self._api = api.rstrip("/")

    def url(self, path: str = "") -> str:
        """Return the address of what is at a path in the repository."""
        return f"{self._api}/repos/{self.repository}{path and '/'}{path}"

    def json(self, url: str, headers: Mapping[str, str] | None = None) -> Document:
        """Return a document; raises DownloadError."""
        return self.client.json(url, {**HEADERS, **(headers or {})})

    def items(self, path: str, key: str) -> list[Any]:
        """Return all items of a list, of all its pages, each once.

        Raises DownloadError, also for a list that has fewer than it says.
        """
        found: dict[object, Any] = {}
        total: int | None = None
        for items, count in self.pages(path, key):
            # What is begun meanwhile moves others to the next page, where they are listed again.
            found.update((item.get("id"), item) for item in items)
            total = count if total is None else total
        if len(found) < (total or 0):
            raise DownloadError(
                f"{urls.shown(self.url(path))} says that there are {total:,} {key}, and listed"
                f" {len(found):,}; try again"
            )
        return list(found.values())

    def pages(self, path: str, key: str) -> Iterator[tuple[list[dict[str, Any]], int]]:
        """Yield the items of one page after the other, and how many it says there are in all."""
        url = self.url(path)
        for _ in range(self.bound):
            document = self.json(url)
            yield _page(document.value, key, url)
            link = links(document.headers).get("next")
            if link is None:
                return
            url = self.following(url, link)
        raise self.too_many(url, key)

    def too_many(self, url: str, what: str) -> DownloadError:
        """Return the error that says that a list has too many pages."""
        return DownloadError(f"{urls.shown(url)} has more than {self.bound} pages of {what}")

    def following(self, url: str, link: str) -> str:
        """Return the address of another page that a page links to; nobody but the API is asked."""
        with contextlib.suppress(ValueError, UsageError):
            target = urllib.parse.urljoin(url, link)
            if urls.origin(target, plain_http=True) == urls.origin(self._api, plain_http=True):
                return target
        raise DownloadError(
            f"{urls.shown(url)} has another page at {urls.shown(link)!r}, which is not of the API;"
            " check the address of the API"
        )


def _page(value: object, key: str, url: str) -> tuple[list[dict[str, Any]], int]:
    items = value.get(key) if isinstance(value, dict) else None
    total = value.get("total_count") if isinstance(value, dict) else None
    if not isinstance(items, list) or not all(map(_is_item, items)):
        raise DownloadError(
            f"{urls.shown(url)} answered with {value!r:.80}, where GitHub's API has an object with"
            f" a list {key!r} of objects with an id; check the address of the API"
        )
    return items, total if isinstance(total, int) else 0


def _is_item(item: object) -> bool:
    return isinstance(item, dict) and isinstance(item.get("id"), int)
