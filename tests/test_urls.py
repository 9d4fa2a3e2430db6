"""URLs: which are asked, and what messages show of them."""

from __future__ import annotations

import pytest

from trunk_failures import urls
from trunk_failures.errors import UsageError
from trunk_failures.urls import Origin


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://api.github.com/x?y#z", Origin("https", "api.github.com", 443)),
        ("HTTPS://API.GitHub.com:8443", Origin("https", "api.github.com", 8443)),
        ("http://localhost/", Origin("http", "localhost", 80)),
        ("http://127.0.0.1:8000/", Origin("http", "127.0.0.1", 8000)),
        ("http://[::1]:8000/", Origin("http", "::1", 8000)),
    ],
)
def test_what_is_asked(url: str, expected: Origin) -> None:
    """Any machine is asked by https, this one by http too."""
    assert urls.origin(url) == expected


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("", "visible characters"),
        ("https://a/\n", "visible characters"),
        ("https://a/ b", "visible characters"),
        ("https://bücher.example/", "visible characters"),
        ("https://a/" + "b" * 9000, "visible characters"),
        ("a.example/b", "neither https:// nor http://"),
        ("file:///etc/passwd", "neither https:// nor http://"),
        ("https:///b", "names no host"),
        ("https://a%2eexample/", "names no host"),
        ("https://a.example\\b/", "names no host"),
        ("https://[::1/", "Invalid IPv6"),
        ("https://a:b/", "Port"),
        ("https://someone:hidden@a.example/", "names a user"),
        ("http://a.example/", "in the clear"),
        ("http://127.0.0.1.example/", "in the clear"),
        ("http://localhost.example/", "in the clear"),
    ],
    ids=lambda value: value[:20],
)
def test_what_is_not_asked(url: str, fault: str) -> None:
    """All else is refused, with what is wrong, and without what may be secret."""
    with pytest.raises(UsageError, match=fault) as raised:
        urls.origin(url)
    assert "hidden" not in str(raised.value)


def test_http_is_asked_where_that_is_allowed() -> None:
    """Another machine is asked in the clear by those who say so."""
    assert urls.origin("http://a.example/", plain_http=True) == Origin("http", "a.example", 80)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://a.example/b?sig=hidden#hidden", "https://a.example/b?..."),
        ("https://a.example/b#hidden?hidden", "https://a.example/b"),
        ("https://u:hidden@a.example:1/b@c", "https://a.example:1/b@c"),
        ("u:hidden@a.example", "a.example"),
        ("plain", "plain"),
    ],
)
def test_what_is_shown(url: str, expected: str) -> None:
    """Messages have a URL's host and path, which tell what was asked."""
    assert urls.shown(url) == expected
