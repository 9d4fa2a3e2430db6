"""A repository's issues on loopback that are really opened, changed and closed: a plugin.

PYTEST_DONT_REWRITE: test modules import it before pytest does, and nothing here asserts.
"""

from __future__ import annotations

import contextlib
import json
import re
import threading
import urllib.parse
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from github_fixtures import REPOSITORY, TOKEN

MOMENT = "2026-05-01T10:00:00Z"


class Tracker:
    """The issues, as GitHub's REST API has them, of which it checks the token and the types.

    `faults` are answers, (status, document), given to the requests of a method that come next.
    """

    def __init__(self) -> None:
        self.issues: list[dict[str, Any]] = []
        self.comments: dict[int, list[dict[str, Any]]] = {}
        self.asked: list[tuple[str, str]] = []
        self.faults: dict[str, list[tuple[int, object]]] = {}
        self.on_written: Callable[[], None] = lambda: None
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def add(self, title: str, body: str | None = "", **fields: Any) -> int:
        """Open an issue as a person does."""
        number = len(self.issues) + 1
        issue = {
            "id": 1000 + number,
            "number": number,
            "title": title,
            "body": body,
            "state": "open",
            "html_url": f"https://github.com/{REPOSITORY}/issues/{number}",
            "updated_at": MOMENT,
        }
        self.issues.append({**issue, **fields})
        return number

    @property
    def open(self) -> list[str]:
        """The titles of the open issues."""
        return [each["title"] for each in self.issues if each["state"] == "open"]

    def said(self, number: int) -> list[str]:
        """Return the comments on an issue."""
        return [each["body"] for each in self.comments.get(number, [])]

    @property
    def written(self) -> list[str]:
        """The methods and paths of what was written."""
        base = f"/repos/{REPOSITORY}/"
        return [
            f"{method} {path.removeprefix(base)}" for method, path in self.asked if method != "GET"
        ]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        tracker = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                length = int(self.headers.get("content-length") or 0)
                value = json.loads(self.rfile.read(length) or b"{}")
                tracker.asked.append((self.command, self.path))
                faults = tracker.faults.get(self.command)
                if faults:
                    status, document, link = *faults.pop(0), ""
                elif self.headers["authorization"] != f"Bearer {TOKEN}":
                    status, document, link = 401, {"message": "Bad credentials"}, ""
                else:
                    status, document, link = tracker.answer(self.command, self.path, value)
                    if self.command != "GET":
                        tracker.on_written()
                self._send(status, document, link)

            do_POST = do_PATCH = do_GET

            def _send(self, status: int, document: object, link: str) -> None:
                body = json.dumps(document).encode()
                self.close_connection = True
                with contextlib.suppress(OSError):
                    self.send_response(status)
                    self.send_header("Content-Type", "application/json")
                    self.send_header("Content-Length", str(len(body)))
                    if link:
                        self.send_header("Link", link)
                    self.end_headers()
                    self.wfile.write(body)

            def log_message(self, *args: object) -> None:
                pass

        return Handler

    def answer(
        self, method: str, path: str, value: dict[str, Any]
    ) -> tuple[int, object, str]:
        """Return the status, the document and the links of an answer."""
        parts = urllib.parse.urlsplit(path)
        query = dict(urllib.parse.parse_qsl(parts.query))
        match = re.fullmatch(
            rf"/repos/{REPOSITORY}(?:/(issues)(?:/(\d+)(?:/(comments))?)?)?", parts.path
        )
        number = int(match[2] or 0) if match else -1
        if match is None or not 0 <= number <= len(self.issues):
            return 404, {"message": "Not Found"}, ""
        if not match[1]:
            return 200, {"open_issues_count": len(self.open)}, ""
        if match[3]:
            return self._comments(method, number, value, query)
        if not number:
            return self._issues(method, parts.path, value, query)
        if method == "PATCH":
            self.issues[number - 1].update(value)
        return 200, self.issues[number - 1], ""

    def _comments(
        self, method: str, number: int, value: dict[str, Any], query: dict[str, str]
    ) -> tuple[int, object, str]:
        there = self.comments.setdefault(number, [])
        if method == "POST":
            there.append(value)
            return 201, value, ""
        return self._page(there, f"/repos/{REPOSITORY}/issues/{number}/comments", query)

    def _issues(
        self, method: str, path: str, value: dict[str, Any], query: dict[str, str]
    ) -> tuple[int, object, str]:
        if method == "POST":
            if len(value["title"]) > 256 or len(value["body"]) > 65_536:
                return 422, {"message": "Validation Failed"}, ""
            number = self.add(value["title"], value["body"])
            return 201, self.issues[number - 1], ""
        there = [each for each in self.issues if each["state"] == "open"]
        return self._page(there, path, query)

    def _page(
        self, there: list[Any], path: str, query: dict[str, str]
    ) -> tuple[int, object, str]:
        size, page = int(query["per_page"]), int(query.get("page", 1))
        last = max(1, -(-len(there) // size))
        links = []
        for relation, to in (("prev", page - 1), ("next", page + 1), ("last", last)):
            if 0 < to <= last and not (relation == "last" and page == last):
                where = urllib.parse.urlencode({**query, "page": to})
                links.append(f'<{self.url}{path}?{where}>; rel="{relation}"')
        return 200, there[(page - 1) * size : page * size], ", ".join(links)

    @contextlib.contextmanager
    def running(self) -> Iterator[Tracker]:
        """Serve until the end."""
        thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            thread.join()


@pytest.fixture
def tracker() -> Iterator[Tracker]:
    """Serve a repository's issues."""
    with Tracker().running() as running:
        yield running
