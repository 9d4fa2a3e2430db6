"""Download: documents and files over HTTP, bounded in time and size, or an error that says why not.

What is worth another try gets one; a secret goes to the one place it is for, and into no message.
"""

from __future__ import annotations

import contextlib
import http
import itertools
import os
import re
import secrets
import time
import urllib.parse
import zipfile
from collections.abc import Callable, Iterator, Mapping
from typing import BinaryIO, NamedTuple, TypeVar

from trunk_failures import connections, json_documents, retries, urls
from trunk_failures.errors import DownloadError, UsageError

USER_AGENT = "trunk_failures"
SHOWN = 80
"""How many bytes of what came instead a message shows."""

_SAID = 1 << 16  # bytes of the body of an error that are read for what it says
_TOKEN = re.compile(r"[!-~]{1,4096}")
_REDIRECTS = (301, 302, 303, 307, 308)
_T = TypeVar("_T")
_Use = Callable[[connections.Answer, str], _T]


class Token(str):
    """A secret, which no `repr` shows, nor a traceback that shows variables."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'***'"


class Limits(NamedTuple):
    """What one document or file may take; times in seconds, sizes in bytes."""

    pause: float = 30.0
    """Until the connection is there, and from one piece to the next."""
    total: float = 900.0
    """In all, with every try and the waits between."""
    wait: float = 300.0
    """The longest that is waited where a server says when to come again."""
    size: int = 32 << 20
    tries: int = 5
    redirects: int = 5


class Clock(NamedTuple):
    """Where the time comes from, and how to let it pass."""

    now: Callable[[], float] = time.monotonic
    date: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep


class Body(NamedTuple):
    """A document as it came; `status` is 200, or 304 where it was only asked for if changed."""

    url: str
    status: int
    headers: Mapping[str, str]
    content: bytes


class Document(NamedTuple):
    """A JSON document that was read; with `status` 304 it is the one known, and `value` is None."""

    url: str
    status: int
    headers: Mapping[str, str]
    value: object


class Fault(NamedTuple):
    """Tell why a try failed; `wait` is in how many seconds another one is of use, if ever."""

    text: str
    wait: float | None = None
    status: int | None = None


class Client:
    """Ask for documents and files; all that fails is a DownloadError, and Ctrl-C ends at once.

    `token` is sent to the origin of `token_for` alone, and never again once a redirect has led
    elsewhere. `plain_http` allows http:// to other machines than this; `advice` ends the errors
    of requests that the server refuses.
    """

    def __init__(
        self,
        token: str | None = None,
        token_for: str = "",
        *,
        limits: Limits = Limits(),
        plain_http: bool = False,
        advice: str = "check the URL and the token",
        clock: Clock = Clock(),
    ) -> None:
        if token is not None and not _TOKEN.fullmatch(token):
            raise UsageError(
                f"the token for {urls.shown(token_for)!r} is empty, too long, or holds a blank or"
                " another character that no token has; correct it, or unset its variable"
            )
        self._token = Token(token) if token else None
        self._home = urls.origin(token_for, plain_http) if token else None
        self._limits, self._plain_http, self._clock = limits, plain_http, clock
        self._advice = advice

    def __repr__(self) -> str:
        token = f"a token for {self._home.host}" if self._home else "no token"
        return f"<Client with {token}>"

    def body(self, url: str, headers: Mapping[str, str] | None = None) -> Body:
        """Return a document's bytes.

        With `If-None-Match` or `If-Modified-Since` among the headers, 304 is an answer too.
        """

        def use(answer: connections.Answer, final_url: str) -> Body:
            content = b"".join(answer.chunks(self._limits.size))
            return Body(final_url, answer.status, answer.headers, content)

        return self._ask(url, {"accept-encoding": "gzip", **lower(headers)}, use)

    def json(self, url: str, headers: Mapping[str, str] | None = None) -> Document:
        """Return a JSON document, read; headers as with `body`."""
        body = self.body(url, {"accept": "application/json", **lower(headers)})
        if body.status == http.HTTPStatus.NOT_MODIFIED:
            return Document(body.url, body.status, body.headers, None)
        try:
            value = json_documents.parse(body.content)
        except ValueError as error:
            fault = str(error)
        else:
            return Document(body.url, body.status, body.headers, value)
        raise self._instead(body.url, body.headers, body.content, "a JSON document", fault)

    def zip(
        self, url: str, path: str, size: int, headers: Mapping[str, str] | None = None
    ) -> int:
        """Download a zip file of at most `size` bytes to a path; returns how many it has.

        The path has the whole file, synced, or is as it was.
        """

        def use(answer: connections.Answer, final_url: str) -> int:
            file.seek(0)
            file.truncate()
            for chunk in answer.chunks(size):
                file.write(chunk)
            return self._checked(file, final_url, answer.headers)

        part = f"{path}.{secrets.token_hex(4)}.part"
        try:
            with open(part, "x+b") as file:
                # As it is: a file that is packed once more would have no length to be checked by.
                count = self._ask(url, {"accept-encoding": "identity", **lower(headers)}, use)
                os.fsync(file.fileno())
            os.replace(part, path)
        except OSError as error:
            raise DownloadError(
                f"{urls.shown(url)} cannot be written to {path!r}: {error.strerror or error};"
                " nothing of it was left; make room, or choose another directory"
            ) from None
        finally:
            with contextlib.suppress(OSError):
                os.unlink(part)
        return count

    def _checked(self, file: BinaryIO, url: str, headers: Mapping[str, str]) -> int:
        file.flush()
        if not zipfile.is_zipfile(file):
            file.seek(0)
            raise self._instead(url, headers, file.read(SHOWN + 1), "a zip file", "it is none")
        return file.seek(0, os.SEEK_END)

    def _ask(self, url: str, headers: Mapping[str, str], use: _Use[_T]) -> _T:
        urls.origin(url, self._plain_http)
        deadline = self._clock.now() + self._limits.total
        for tries in itertools.count(1):
            outcome = self._try(url, headers, use, deadline, tries)
            if not isinstance(outcome, Fault):
                return outcome
            # Raised here and not where it was caught, so that no traceback leads to urllib's
            # frames, whose variables hold the headers.
            self._wait(outcome, deadline, tries)
        raise AssertionError("unreachable")  # pragma: no cover

    def _try(
        self, url: str, headers: Mapping[str, str], use: _Use[_T], deadline: float, tries: int
    ) -> _T | Fault:
        here = urls.shown(url)
        try:
            with self._answer(url, headers, deadline) as (answer, final_url):
                if final_url != url:
                    here += f" (redirected to {urls.shown(final_url)})"
                if answer.status == 200 or (answer.status == 304 and _is_conditional(headers)):
                    return use(answer, final_url)
                return self._refusal(here, answer, tries)
        except connections.Broken as error:
            wait = None if error.final else retries.backoff(tries)
            return Fault(f"{here} gave no whole answer: {error}", wait)

    def _refusal(self, here: str, answer: connections.Answer, tries: int) -> Fault:
        content = b""
        with contextlib.suppress(connections.Broken):
            for chunk in answer.chunks(_SAID):
                content += chunk
        said = _said(content)
        phrase = http.HTTPStatus(answer.status).phrase if answer.status in _STATUSES else "unknown"
        wait = retries.wait(answer.status, answer.headers, said, tries, self._clock.date())
        text = f"{here} answered {answer.status} ({phrase}): {said or 'with no more words'}"
        return Fault(text, wait, answer.status)

    def _wait(self, fault: Fault, deadline: float, tries: int) -> None:
        wait, left = fault.wait, deadline - self._clock.now()
        if wait is None:
            end = f"; {self._advice}" * (fault.status is not None)
            raise self._error(fault.text + end, fault.status)
        if left <= 0:
            end = f"that is all in the {self._limits.total:g} s allowed; try again later"
        elif tries >= self._limits.tries:
            end = f"that was the last of {tries} tries; try again later"
        elif wait > min(self._limits.wait, left):
            most = min(self._limits.wait, left)
            end = f"the next try is of use in {wait:.0f} s, and {most:.0f} s at most are waited;"
            end += " try again then"
        else:
            self._clock.sleep(wait)
            return
        raise self._error(f"{fault.text}; {end}", fault.status)

    @contextlib.contextmanager
    def _answer(
        self, url: str, headers: Mapping[str, str], deadline: float
    ) -> Iterator[tuple[connections.Answer, str]]:
        """Follow redirects; the answer that is none, and its URL."""
        asked, wait = url, connections.Time(self._limits.pause, deadline, self._clock.now)
        at_home = True
        for _ in range(self._limits.redirects + 1):
            origin = urls.origin(url, self._plain_http)
            at_home = at_home and origin == urls.origin(asked, self._plain_http)
            sent = self._headers(origin, headers) if at_home else _for_strangers(headers)
            # To a proxy, this machine is another one.
            direct = origin.scheme == "http" and origin.is_here
            with contextlib.closing(connections.open(url, sent, wait, direct)) as answer:
                if answer.status not in _REDIRECTS or "location" not in answer.headers:
                    yield answer, url
                    return
                url = self._redirected(url, origin, answer.headers["location"])
        most = self._limits.redirects
        raise self._error(f"{urls.shown(asked)} redirects more than {most} times; correct the URL")

    def _headers(self, origin: urls.Origin, headers: Mapping[str, str]) -> dict[str, str]:
        sent = {"user-agent": USER_AGENT, "accept": "*/*", **headers}
        if origin == self._home:
            sent["authorization"] = Token(f"Bearer {self._token}")
        return sent

    def _redirected(self, url: str, origin: urls.Origin, location: str) -> str:
        # As browsers do: what is no character of a URL is one of its bytes.
        quoted = urllib.parse.quote(location, safe="".join(map(chr, range(33, 127))))
        try:
            target = urllib.parse.urljoin(url, quoted)
            found = urls.origin(target, self._plain_http)
            if (origin.scheme, found.scheme) == ("https", "http") and not self._plain_http:
                raise UsageError("it leads from https to http")
        except (UsageError, ValueError) as error:
            fault = str(error)
        else:
            return target
        raise self._error(f"{urls.shown(url)} redirects to where nothing is asked: {fault}")

    def _instead(
        self, url: str, headers: Mapping[str, str], content: bytes, wanted: str, fault: str
    ) -> DownloadError:
        kind = headers.get("content-type", "no content type")
        came = f"{kind!r} that begins with {content[:SHOWN]!r}" if content else "nothing"
        return self._error(
            f"{urls.shown(url)} answered with {came}, where {wanted} was expected ({fault}); is"
            " that a page to sign in, of the site or of a proxy? Check the URL and the token",
            200,
        )

    def _error(self, text: str, status: int | None = None) -> DownloadError:
        # A server may repeat what it was sent.
        return DownloadError(text.replace(self._token, "***") if self._token else text, status)


_STATUSES = frozenset(map(int, http.HTTPStatus))


def lower(headers: Mapping[str, str] | None) -> dict[str, str]:
    """Return headers by their lower-case names."""
    return {name.lower(): value for name, value in (headers or {}).items()}


def _for_strangers(headers: Mapping[str, str]) -> dict[str, str]:
    kept = {name: headers[name] for name in ("accept", "accept-encoding") if name in headers}
    return {"user-agent": USER_AGENT, **kept}


def _is_conditional(headers: Mapping[str, str]) -> bool:
    return "if-none-match" in headers or "if-modified-since" in headers


def _said(content: bytes) -> str:
    """Return what the body of an error says: GitHub's `message`, or how it begins."""
    with contextlib.suppress(ValueError):
        document = json_documents.parse(content)
        if isinstance(document, dict) and isinstance(document.get("message"), str):
            return repr(document["message"][:500])
    return repr(content[:SHOWN]) if content else ""
