"""Webhooks: real receivers on loopback get what they should."""

from __future__ import annotations

import json

import pytest
from http_fixtures import Reply, Site, of_json
from notify_fixtures import HOSTILE, change, message

from trunk_failures.channels.webhook import LONGEST, Slack, Webhook
from trunk_failures.errors import ChannelError
from trunk_failures.messages import Channel
from trunk_failures.notifications import Kind
from trunk_failures.reports import notification_json

pytest_plugins = ["http_fixtures"]

TOKEN = "secretSECRETsecret"


def test_json(site: Site) -> None:
    """The receiver has the document, and the key by which it knows what came before."""
    site.replies["/hook/s3cret?x=y"] = [Reply(status=204)]
    channel: Channel = Webhook(f"{site.url}/hook/s3cret?x=y", TOKEN)
    sent = message(change(), change(Kind.RECOVERED, key="TestB.test_b"))
    channel.send(sent)
    (asked,) = site.asked
    assert asked.method == "POST" and asked.headers["idempotency-key"] == sent.key
    assert asked.headers["authorization"] == f"Bearer {TOKEN}"
    assert json.loads(asked.body) == notification_json.document(sent)
    assert json.loads(channel.preview(sent)) == notification_json.document(sent)
    assert channel.parts(sent.changes) == [sent.changes] and channel.parts([]) == []


def test_names_hold_no_secret(site: Site) -> None:
    """Neither does what a channel shows; two addresses of one host have two names."""
    one, other = Webhook(f"{site.url}/s3cret", TOKEN), Webhook(f"{site.url}/other")
    assert one.name.startswith("webhook=127.0.0.1#") and one.name != other.name
    assert Webhook(f"{site.url}/s3cret", None, True).name == "webhook"
    for shown in (one.name, repr(one), repr(Slack(f"{site.url}/s3cret", None, True, "slack"))):
        assert "s3cret" not in shown and TOKEN not in shown


def test_slack(site: Site) -> None:
    """A text in the form that Slack takes; no name in it is a mention or a link."""
    site.replies["/s3cret"] = [Reply(b"ok")]
    channel = Slack(f"{site.url}/s3cret", None, True, "slack")
    assert channel.name == "slack"
    channel.send(message(change(key=f"TestA.{HOSTILE}", detail="<!channel> a & b")))
    document = json.loads(site.asked[0].body)
    assert [*document] == ["text"]
    head, fence, rest = document["text"].partition("\n```\n")
    assert head == "trunk_failures: 1 newly failing" and rest.endswith("\n```")
    assert "&lt;!channel&gt; a &amp; b" in rest and "<" not in rest
    assert "`" not in rest.removesuffix("```") and "\x1b" not in rest


def test_a_long_text_is_cut_at_a_line(site: Site) -> None:
    """Slack would cut it anywhere, and so end what keeps names from being more than names."""
    changes = [change(key=f"TestA.{'x' * 1000}{n}", detail="") for n in range(50)]
    document = Slack(site.url).document(message(*changes))
    assert isinstance(document, dict) and len(document["text"]) < LONGEST + 100
    assert document["text"].endswith("\n...\n```")


@pytest.mark.parametrize(
    ("is_private", "shown"), [(True, "127.0.0.1/... answered 404"), (False, "/s3cret answered 404")]
)
def test_a_refusal(site: Site, is_private: bool, shown: str) -> None:
    """It says where, but not the address of a webhook that is a secret."""
    site.replies["/s3cret"] = [of_json({"message": "no_team"}, 404)]
    with pytest.raises(ChannelError, match=f"{shown}.*'no_team'; check the address") as raised:
        Webhook(f"{site.url}/s3cret", None, is_private).send(message())
    assert is_private is ("s3cret" not in str(raised.value))


@pytest.mark.parametrize(
    "reply",
    [
        Reply(b"ok", headers={"Content-Type": "Text/HTML; charset=utf-8"}),
        Reply(b"\xef\xbb\xbf<html>"),
        Reply(b"\n<!doctype html><title>Sign in</title>"),
    ],
)
def test_a_page_is_no_answer(site: Site, reply: Reply) -> None:
    """A page to sign in is answered with 200 too, and nobody has been told."""
    site.replies["/s3cret"] = [reply]
    with pytest.raises(ChannelError, match="/... answered with a page: is that one to") as raised:
        Webhook(f"{site.url}/s3cret", None, True).send(message())
    assert "s3cret" not in str(raised.value) and not raised.value.refused


@pytest.mark.parametrize(
    ("status", "refused"), [(400, True), (413, True), (401, False), (404, False), (500, False)]
)
def test_whether_it_is_the_message_that_is_refused(site: Site, status: int, refused: bool) -> None:
    """Some answers are about what was sent, others about who sends or receives."""
    site.replies["/hook"] = [of_json({}, status)]
    with pytest.raises(ChannelError) as raised:
        Webhook(f"{site.url}/hook").send(message())
    assert raised.value.refused is refused


def test_a_token_that_is_none(site: Site) -> None:
    """It is an error that shows neither it nor the address."""
    with pytest.raises(ChannelError, match="holds a blank") as raised:
        Webhook(f"{site.url}/s3cret", "to ken", True).send(message())
    assert "s3cret" not in str(raised.value) and "to ken" not in str(raised.value)


def test_a_receiver_that_is_not_there(site: Site) -> None:
    """It is an error of the channel."""
    with pytest.raises(ChannelError, match="127.0.0.1/... gave no answer"):
        Webhook("http://127.0.0.1:1/s3cret", None, True).send(message())
