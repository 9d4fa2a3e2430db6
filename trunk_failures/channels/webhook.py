"""Webhooks as channels: JSON of our own, and the `{"text": ...}` that Slack and others take."""

from __future__ import annotations

import codecs
import dataclasses
import hashlib
import json
from collections.abc import Callable, Sequence

from trunk_failures import messages, urls
from trunk_failures.download import Body, Limits, lower
from trunk_failures.errors import ChannelError, DownloadError, UsageError
from trunk_failures.messages import Message
from trunk_failures.notifications import Change
from trunk_failures.reports import notification_json, notification_text
from trunk_failures.sending import Sender

ADVICE = "check the address of the webhook, and its token"
LIMITS = Limits(total=120.0, wait=60.0, tries=3)
REFUSED = frozenset((400, 413, 422))
"""Statuses that are of what was sent, and say nothing of what comes next."""

LONGEST = 30_000
"""Characters of a text; Slack cuts what has more than 40,000."""

_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "`": "'"})


def sender(url: str, token: str | None) -> Sender:
    """Return what sends to a webhook, with a token that goes to its origin alone."""
    return Sender(token, url if token else "", limits=LIMITS, advice=ADVICE)


@dataclasses.dataclass(frozen=True)
class Webhook:
    """Send messages to an address as JSON; see `reports.notification_json`.

    The header `Idempotency-Key` has the message's key, by which a receiver knows what it was sent
    before. `is_private` keeps the address, of which there is one, out of all that is shown.
    """

    url: str = dataclasses.field(repr=False)
    token: str | None = dataclasses.field(default=None, repr=False)
    is_private: bool = False
    kind: str = "webhook"
    connect: Callable[[str, str | None], Sender] = dataclasses.field(default=sender, repr=False)

    @property
    def name(self) -> str:
        """Say which channel it is; a path can be a secret, and has its digest."""
        if self.is_private:
            return self.kind
        digest = hashlib.sha256(self.url.encode()).hexdigest()[:12]
        return f"{self.kind}={urls.origin(self.url).host}#{digest}"

    def parts(self, changes: Sequence[Change]) -> list[tuple[Change, ...]]:
        """Return all changes as one message."""
        return messages.whole(changes)

    def document(self, message: Message) -> object:
        """Return what is sent."""
        return notification_json.document(message)

    def preview(self, message: Message) -> str:
        """Return what would be sent."""
        return json.dumps(self.document(message), indent=2) + "\n"

    def send(self, message: Message) -> None:
        """Send it; an answer from 200 to 299 that is no page for people says that it came."""
        try:
            client = self.connect(self.url, self.token)
            key = {"Idempotency-Key": message.key}
            answer = client.send(self.url, self.document(message), key)
        except DownloadError as error:
            said = self._without_address(str(error))
            raise ChannelError(said, error.status in REFUSED) from None
        except UsageError as error:
            raise ChannelError(self._without_address(str(error))) from None
        if _is_page(answer):
            said = f"{urls.shown(self.url)} answered with a page: is that one to sign in? {ADVICE}"
            raise ChannelError(self._without_address(said))

    def _without_address(self, text: str) -> str:
        if not self.is_private:
            return text
        return text.replace(urls.shown(self.url), f"{urls.origin(self.url).host}/...")


def _is_page(answer: Body) -> bool:
    kind = lower(answer.headers).get("content-type", "").lower()
    text = answer.content.removeprefix(codecs.BOM_UTF8).lstrip()
    return kind.startswith("text/html") or text.startswith(b"<")


class Slack(Webhook):
    """Send messages as text; the names of tests are no mentions and no links there."""

    def document(self, message: Message) -> object:
        """Return what is sent."""
        text = notification_text.render(message.changes).translate(_ESCAPES)
        head, _, text = text.partition("\n")
        if len(text) > LONGEST:
            text = f"{text[:LONGEST].rpartition(chr(10))[0]}\n...\n"
        return {"text": f"trunk_failures: {head}\n```\n{text}```"}
