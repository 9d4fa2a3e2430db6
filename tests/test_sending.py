"""Sending: a document goes to one place, at most once, and the token with it nowhere else."""

from __future__ import annotations

import json

import pytest
from http_fixtures import PretendedTime, Reply, Site, of_json

from trunk_failures.download import Limits
from trunk_failures.errors import DownloadError, UsageError
from trunk_failures.sending import Sender

pytest_plugins = ["http_fixtures"]

TOKEN = "secretSECRETsecret"


def test_a_document_is_sent(site: Site) -> None:
    """As JSON, with headers, a method and the token."""
    site.replies["/a"] = [of_json({"number": 7}, 201)]
    body = Sender(TOKEN, site.url).send(f"{site.url}/a", {"b": "ä"}, {"X-Y": "z"}, "PATCH")
    assert (body.status, json.loads(body.content)) == (201, {"number": 7})
    (asked,) = site.asked
    assert (asked.method, json.loads(asked.body)) == ("PATCH", {"b": "ä"})
    assert asked.headers["content-type"] == "application/json"
    assert asked.headers["x-y"] == "z" and asked.headers["authorization"] == f"Bearer {TOKEN}"


def test_an_answer_that_breaks_off_is_one(site: Site) -> None:
    """What it began with says that it came."""
    site.replies["/a"] = [Reply(b"tak", length=10)]
    assert Sender().send(f"{site.url}/a", 1).status == 200


@pytest.mark.parametrize("status", [301, 307, 400, 404, 500, 503])
def test_what_is_refused_is_sent_once(site: Site, status: int, passing: PretendedTime) -> None:
    """Nobody knows whether it was heeded; a redirect is not followed."""
    headers = {"location": f"{site.url}/b", "retry-after": "1"}
    site.replies["/a"] = [Reply(f"no {TOKEN}".encode(), status, headers)]
    with pytest.raises(DownloadError, match=f"/a answered {status}.*check") as raised:
        Sender(TOKEN, site.url, clock=passing.clock).send(f"{site.url}/a", 1)
    assert TOKEN not in str(raised.value)
    assert [asked.path for asked in site.asked] == ["/a"] and passing.slept == []


def test_what_breaks_off_is_sent_once(site: Site) -> None:
    """As it may have come."""
    site.replies["/a"] = [Reply(status=0)]
    with pytest.raises(DownloadError, match="/a gave no answer"):
        Sender().send(f"{site.url}/a", 1)
    assert len(site.asked) == 1


def test_a_limit_of_requests_is_waited_for(site: Site, passing: PretendedTime) -> None:
    """It says that nothing was heeded; where it lasts too long, that is said."""
    limits = of_json({"message": "rate limit"}, 403, retry_after="7")
    site.replies["/a"] = [limits, of_json({}, 429, retry_after="9"), of_json(1)]
    Sender(clock=passing.clock).send(f"{site.url}/a", 1)
    assert passing.slept == [7.0, 9.0] and len(site.asked) == 3
    site.replies["/a"] = [of_json({"message": "rate limit"}, 403, retry_after="9000")]
    with pytest.raises(DownloadError, match="of use in 9000 s"):
        Sender(limits=Limits(wait=1), clock=passing.clock).send(f"{site.url}/a", 1)


def test_other_machines_are_sent_nothing_in_the_clear() -> None:
    """https is for these."""
    with pytest.raises(UsageError, match="in the clear"):
        Sender().send("http://example.org/a", 1)
