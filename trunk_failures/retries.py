"""Retries: whether an HTTP request that failed is made again, and when."""

from __future__ import annotations

import email.utils
import re
from collections.abc import Mapping

FIRST = 1.0
"""Seconds before the second try; each further one waits twice as long."""

MINUTE = 60.0
"""Seconds that GitHub asks for when it limits requests and says no time."""

_SECONDS = re.compile(r"[0-9]{1,12}")


def backoff(tries: int) -> float:
    """Return the seconds to wait after so many tries."""
    return FIRST * 2.0 ** (tries - 1)


def wait(
    status: int, headers: Mapping[str, str], said: str, tries: int, now: float
) -> float | None:
    """Return the seconds to wait before the next try, or None where another one is of no use.

    `headers` have lower-case names, `said` is what the body says, `now` is in seconds since the
    epoch. Only a server's own fault (5xx) and a limit of requests (429, or GitHub's 403) pass.
    """
    if is_limit(status, headers, said):
        asked = _asked(headers, now)
        return max(backoff(tries), MINUTE if asked is None else asked)
    if 500 <= status < 600:
        return max(backoff(tries), _asked(headers, now) or 0.0)
    return None


def is_limit(status: int, headers: Mapping[str, str], said: str) -> bool:
    """Tell whether an answer says that there were too many requests."""
    if status != 403:
        return status == 429
    spent = headers.get("x-ratelimit-remaining") == "0"
    return spent or "retry-after" in headers or "rate limit" in said.lower()


def _asked(headers: Mapping[str, str], now: float) -> float | None:
    after = headers.get("retry-after", "").strip()
    if _SECONDS.fullmatch(after):
        return float(after)
    # Moments are the server's: its own clock tells how far away they are, ours may be wrong.
    here = _moment(headers.get("date", ""))
    here = now if here is None else here
    until = _moment(after)
    reset = headers.get("x-ratelimit-reset", "").strip()
    if until is None and headers.get("x-ratelimit-remaining") == "0" and _SECONDS.fullmatch(reset):
        until = float(reset) + 1.0  # the second that it names is the last one of the limit
    return None if until is None else max(0.0, until - here)


def _moment(text: str) -> float | None:
    try:
        return email.utils.parsedate_to_datetime(text).timestamp()
    except (ValueError, TypeError, OverflowError):  # TypeError: Python 3.10's for what is no date
        return None
