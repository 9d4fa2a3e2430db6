"""URLs: which are asked, and how they are shown."""

from __future__ import annotations

import re
import urllib.parse
from typing import NamedTuple

from trunk_failures.errors import UsageError

_VISIBLE = re.compile(r"[!-~]{1,8192}")
_HOST = re.compile(r"[a-z0-9_.-]+|[0-9a-f:.]+:[0-9a-f:.]*")
_LOOPBACK = re.compile(r"localhost|127(\.[0-9]{1,3}){3}|::1")
_PORTS = {"http": 80, "https": 443}


class Origin(NamedTuple):
    """What a URL leads to; a secret that is meant for one is sent to no other."""

    scheme: str
    host: str
    port: int

    @property
    def is_here(self) -> bool:
        """Tell whether it is this machine, by its name alone."""
        return _LOOPBACK.fullmatch(self.host) is not None


def origin(url: str, plain_http: bool = False) -> Origin:
    """Return where a URL leads.

    Raises UsageError for one that is not asked: https is, and http to this machine, or to any with
    `plain_http`.
    """
    try:
        found = _parse(url)
    except ValueError as error:
        raise UsageError(f"{shown(url)!r} is no URL that can be asked: {error}") from None
    if found.scheme == "http" and not plain_http and not found.is_here:
        raise UsageError(
            f"{shown(url)!r} would be asked in the clear; allowed are https://, and http:// to"
            " this machine; use https"
        )
    return found


def shown(url: str) -> str:
    """Return a URL as messages show it: without what is often secret, user, query and fragment."""
    address, question, _ = url.partition("#")[0].partition("?")
    scheme, slashes, rest = address.rpartition("://")
    authority, slash, path = rest.partition("/")
    return f"{scheme}{slashes}{authority.rpartition('@')[2]}{slash}{path}{'?...' * bool(question)}"


def _parse(url: str) -> Origin:
    if not _VISIBLE.fullmatch(url):
        raise ValueError("a URL is 1 to 8,192 visible characters of ASCII")
    parts = urllib.parse.urlsplit(url)
    if parts.scheme not in _PORTS:
        raise ValueError("it begins with neither https:// nor http://")
    if "@" in parts.netloc:
        raise ValueError("it names a user; take that out")
    if not _HOST.fullmatch(parts.hostname or ""):
        raise ValueError("it names no host")
    return Origin(parts.scheme, parts.hostname or "", parts.port or _PORTS[parts.scheme])
