"""Connections: one HTTP request and its answer's bytes, bounded in time and size.

By `urllib.request`, for its proxies; what an answer means is for others to say.
"""

from __future__ import annotations

import functools
import http.client
import io
import socket
import ssl
import urllib.error
import urllib.request
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

CHUNK = 1 << 16
_GZIP = 16 + zlib.MAX_WBITS  # zlib's way to ask for gzip's frame


class Broken(Exception):
    """Tell that an answer did not come, or not whole; `final` where it never will."""

    def __init__(self, text: str, final: bool = False) -> None:
        super().__init__(text)
        self.final = final


class Time(NamedTuple):
    """How long may be waited: `pause` seconds for each byte, and until `deadline` in all.

    Not bounded is what Python cannot bound: the system's look-up of a host's name. Of a host with
    several addresses, each is given its pause.
    """

    pause: float
    deadline: float
    now: Callable[[], float]

    def left(self) -> float:
        """Return the seconds that may be waited for the next byte; raises TimeoutError for none."""
        left = self.deadline - self.now()
        if left <= 0:
            raise TimeoutError("the time for it is up")
        return min(self.pause, left)


def open(
    url: str,
    headers: Mapping[str, str],
    time: Time,
    direct: bool = False,
    sent: tuple[str, bytes] | None = None,
) -> Answer:
    """Ask a URL, by the environment's proxies unless `direct`; no redirect is followed.

    `sent` is the method and the content of a request that brings something. Raises Broken where
    no answer comes.
    """
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler({} if direct else None),
        urllib.request.UnknownHandler(),
        _Handler(time),
    ):
        opener.add_handler(handler)
    method, content = sent or (None, None)
    request = urllib.request.Request(url, content, method=method)
    for name, value in headers.items():
        request.add_unredirected_header(name, value)
    try:
        return Answer(opener.open(request, timeout=time.left()))
    except (OSError, http.client.HTTPException) as error:
        raise Broken(_cause(error), _is_final(error)) from None
    except ValueError:  # whose text may have the password of a proxy
        text = "it cannot be asked; are the proxies that the environment names URLs?"
        raise Broken(text, final=True) from None


class Answer:
    """An answer whose body is still to be read; close it."""

    def __init__(self, response: http.client.HTTPResponse) -> None:
        self._response = response
        self.status = response.status
        self.headers = {name.lower(): value for name, value in reversed(response.headers.items())}
        """By lower-case name; of a name that came twice, the first."""

    def close(self) -> None:
        """Give up the connection."""
        self._response.close()

    def chunks(self, size: int) -> Iterator[bytes]:
        """Yield the body, unpacked, piece by piece.

        Raises Broken where it is cut short, and where it has more than `size` bytes, packed or
        not.
        """
        try:
            yield from self._unpacked(size)
        except (OSError, http.client.HTTPException, zlib.error) as error:
            raise Broken(_cause(error)) from None

    def _unpacked(self, size: int) -> Iterator[bytes]:
        coding = self.headers.get("content-encoding", "identity").strip().lower()
        if coding in ("gzip", "x-gzip"):
            return _gunzipped(self._received(size), size)
        if coding in ("", "identity"):
            return self._received(size)
        raise Broken(f"its content is packed by {coding!r}, where gzip was allowed", final=True)

    def _received(self, size: int) -> Iterator[bytes]:
        length, count = self._response.length, 0
        _check_size(length or 0, size)
        while length is None or count < length:
            chunk = self._response.read1(CHUNK if length is None else min(CHUNK, length - count))
            if not chunk:
                break
            count += len(chunk)
            _check_size(count, size)
            yield chunk
        if length is not None and count < length:
            raise Broken(f"it was cut short: {count:,} of {length:,} bytes came")


def _gunzipped(chunks: Iterable[bytes], size: int) -> Iterator[bytes]:
    member, count = zlib.decompressobj(_GZIP), 0
    for chunk in chunks:
        while chunk:
            if member.eof:  # a file of gzip may have several members
                member = zlib.decompressobj(_GZIP)
            piece = member.decompress(chunk, CHUNK)
            chunk = member.unconsumed_tail or member.unused_data
            count += len(piece)
            _check_size(count, size)
            yield piece
    yield member.flush()  # at most the end of one match, since CHUNK was the bound before
    if not member.eof:
        raise Broken("it was cut short: its gzip has no end")


def _check_size(count: int, size: int) -> None:
    if count > size:
        raise Broken(f"it has more than the {size:,} bytes that are allowed", final=True)


class _Bounded(io.RawIOBase):
    """What comes through a socket: each read is given the time that is left, and no more.

    A socket's own time-out starts anew with each byte, and so a server that drips never ends.
    """

    def __init__(self, sock: socket.socket, time: Time) -> None:
        super().__init__()
        self._socket, self._time = sock, time
        self._raw = sock.makefile("rb", buffering=0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._socket.settimeout(self._time.left())
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Response(http.client.HTTPResponse):
    def __init__(self, time: Time, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp.close()
        self.fp = io.BufferedReader(_Bounded(sock, time))


def _connection(kind: Any, time: Time, host: str, **kwargs: Any) -> http.client.HTTPConnection:
    connection: http.client.HTTPConnection = kind(host, **kwargs)
    connection.response_class = functools.partial(_Response, time)  # type: ignore[assignment]
    return connection


class _Handler(urllib.request.AbstractHTTPHandler):
    def __init__(self, time: Time) -> None:
        super().__init__()
        self._time = time

    def http_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        return self._open(http.client.HTTPConnection, request)

    def https_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        return self._open(http.client.HTTPSConnection, request)

    def _open(self, kind: Any, request: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(functools.partial(_connection, kind, self._time), request)

    http_request = https_request = urllib.request.AbstractHTTPHandler.do_request_


def _cause(error: Exception) -> str:
    reason = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(reason, TimeoutError):
        return f"nothing more came in time ({reason})"
    return str(reason) or type(reason).__name__


def _is_final(error: Exception) -> bool:
    # With text for a reason urllib did not try; a certificate is as wrong the next time.
    reason = error.reason if isinstance(error, urllib.error.URLError) else error
    return isinstance(reason, (str, ssl.SSLCertVerificationError, http.client.InvalidURL))
