"""Sending: JSON documents brought to others over HTTP, each at most once in one process.

Whether a request that broke off was heeded is known to the other side alone: so nothing but a
refusal for too many requests, which was not heeded, is tried again.
"""

from __future__ import annotations

import contextlib
import itertools
import json
from collections.abc import Mapping

from trunk_failures import connections, urls
from trunk_failures.download import Body, Client, Fault, lower

_LIMITS = (403, 429)


class Sender(Client):
    """Send documents; all that fails is a DownloadError.

    A redirect is not followed, as what was sent is for the one place that was named.
    """

    def send(
        self,
        url: str,
        value: object,
        headers: Mapping[str, str] | None = None,
        method: str = "POST",
    ) -> Body:
        """Send a document; returns the answer, whose status is from 200 to 299."""
        content = json.dumps(value).encode()
        named = {"content-type": "application/json", **lower(headers)}
        deadline = self._clock.now() + self._limits.total
        for tries in itertools.count(1):
            outcome = self._sent(url, named, (method, content), deadline, tries)
            if not isinstance(outcome, Fault):
                return outcome
            self._wait(outcome, deadline, tries)
        raise AssertionError("unreachable")  # pragma: no cover

    def _sent(
        self,
        url: str,
        headers: Mapping[str, str],
        sent: tuple[str, bytes],
        deadline: float,
        tries: int,
    ) -> Body | Fault:
        origin = urls.origin(url, self._plain_http)
        time = connections.Time(self._limits.pause, deadline, self._clock.now)
        direct = origin.scheme == "http" and origin.is_here
        named = self._headers(origin, headers)
        try:
            with contextlib.closing(
                connections.open(url, named, time, direct, sent)
            ) as answer:
                if 200 <= answer.status < 300:
                    return Body(url, answer.status, answer.headers, self._said(answer))
                fault = self._refusal(urls.shown(url), answer, tries)
        except connections.Broken as error:
            return Fault(f"{urls.shown(url)} gave no answer: {error}")
        return fault if fault.status in _LIMITS else fault._replace(wait=None)

    def _said(self, answer: connections.Answer) -> bytes:
        """Return what an answer says; that it breaks off does not undo what it answers."""
        content = b""
        with contextlib.suppress(connections.Broken):
            for chunk in answer.chunks(self._limits.size):
                content += chunk
        return content
