"""GitHub's issues, written: opened, changed and commented on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from trunk_failures import github_site, json_documents, urls
from trunk_failures.disabled_issues import Issue
from trunk_failures.errors import DownloadError
from trunk_failures.github_site import HEADERS, Site
from trunk_failures.sending import Sender


class Editor:
    """The issues of one repository; all that fails is a DownloadError."""

    def __init__(self, sender: Sender, api: str, repository: str, pages: int = 1000) -> None:
        self.site = Site(sender, api, repository, pages)
        self._sender = sender

    def issue(self, number: int) -> Issue:
        """Return an issue with its whole text."""
        url = self.site.url(f"issues/{number}")
        value: Any = self.site.json(url).value
        title = value.get("title") if isinstance(value, dict) else None
        body = (value.get("body") or "") if isinstance(value, dict) else None
        if not isinstance(title, str) or not isinstance(body, str):
            raise _misshapen(url, value, "an issue")
        return Issue(number, title, body)

    def comments(self, number: int, since: str) -> Iterator[str]:
        """Yield the texts of an issue's comments since a moment."""
        url = self.site.url(f"issues/{number}/comments?since={since}&per_page=100")
        for _ in range(self.site.bound):
            document = self.site.json(url)
            value: Any = document.value
            if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
                raise _misshapen(url, value, "a list of comments")
            yield from (str(each.get("body")) for each in value)
            link = github_site.links(document.headers).get("next")
            if link is None:
                return
            url = self.site.following(url, link)
        raise self.site.too_many(url, "comments")

    def create(self, title: str, body: str) -> int:
        """Open an issue; returns its number."""
        number = self._send("issues", {"title": title, "body": body}, "POST").get("number")
        if not isinstance(number, int) or isinstance(number, bool):
            raise _misshapen(self.site.url("issues"), number, "the number of the new issue")
        return number

    def comment(self, number: int, body: str) -> None:
        """Comment on an issue."""
        self._send(f"issues/{number}/comments", {"body": body}, "POST")

    def write(self, number: int, body: str) -> None:
        """Replace an issue's text."""
        self._send(f"issues/{number}", {"body": body}, "PATCH")

    def close(self, number: int) -> None:
        """Close an issue, as done."""
        self._send(f"issues/{number}", {"state": "closed", "state_reason": "completed"}, "PATCH")

    def _send(self, path: str, value: object, method: str) -> dict[str, Any]:
        url = self.site.url(path)
        content = self._sender.send(url, value, HEADERS, method).content
        try:
            found = json_documents.parse(content)
        except ValueError:
            found = content
        if not isinstance(found, dict):
            raise _misshapen(url, found, "an object")
        return found


def _misshapen(url: str, found: object, wanted: str) -> DownloadError:
    return DownloadError(
        f"{urls.shown(url)} answered with {found!r:.80}, where GitHub's API has {wanted}; check the"
        " address of the API"
    )
