"""Retries: which answers are worth another request, and when."""

from __future__ import annotations

import pytest

from trunk_failures import retries

NOW = 1_700_000_000.0  # Tue, 14 Nov 2023 22:13:20 GMT
LATER = "Tue, 14 Nov 2023 22:13:50 GMT"


@pytest.mark.parametrize(
    ("status", "headers", "said", "tries", "expected"),
    [
        (500, {}, "", 1, 1.0),
        (502, {}, "", 3, 4.0),
        (503, {"retry-after": "7"}, "", 1, 7.0),
        (503, {"retry-after": "7"}, "", 5, 16.0),
        (429, {"retry-after": "7"}, "", 1, 7.0),
        (429, {"retry-after": LATER}, "", 1, 30.0),
        (429, {"retry-after": LATER, "date": "Tue, 14 Nov 2023 22:13:40 GMT"}, "", 1, 10.0),
        (429, {"retry-after": LATER, "date": "yesterday"}, "", 1, 30.0),
        (429, {"retry-after": "Tue, 14 Nov 2023 22:00:00 GMT"}, "", 3, 4.0),
        (429, {"retry-after": "soon"}, "", 1, 60.0),
        (429, {"retry-after": "-1"}, "", 1, 60.0),
        (429, {"retry-after": "9" * 5000}, "", 1, 60.0),
        (429, {}, "", 2, 60.0),
        (403, {"retry-after": "7"}, "", 1, 7.0),
        (403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1700000030"}, "", 1, 31.0),
        (403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "?"}, "", 1, 60.0),
        (403, {"x-ratelimit-remaining": "4", "x-ratelimit-reset": "1700000030"}, "", 1, None),
        (403, {}, "You have exceeded a secondary rate limit.", 1, 60.0),
        (403, {}, "Resource not accessible by integration", 1, None),
        (404, {"retry-after": "7"}, "", 1, None),
        (408, {}, "", 1, None),
        (401, {}, "rate limit", 1, None),
        (204, {}, "", 1, None),
        (899, {}, "", 1, None),
    ],
)
def test_waits(
    status: int, headers: dict[str, str], said: str, tries: int, expected: float | None
) -> None:
    """A server's fault and a limit of requests pass; the server says when, by its own clock."""
    assert retries.wait(status, headers, said, tries, NOW) == expected
