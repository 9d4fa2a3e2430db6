"""Messages: changes that are told together by one channel, and the channels' protocol."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, Protocol

from trunk_failures.notifications import Change, Kind, Since, Subject


class Message(NamedTuple):
    """Changes to be told together; they stay together however often that is tried.

    `key` is the same at each try, and no other message's, so that who is told twice can know it.
    `made` is in seconds since 1970.
    """

    key: str
    made: int
    changes: tuple[Change, ...]


class Channel(Protocol):
    """A way to tell people; `name` says which, without secrets, and is the same in each run."""

    @property
    def name(self) -> str:
        """Say which channel it is."""

    def parts(self, changes: Sequence[Change]) -> list[tuple[Change, ...]]:
        """Return the changes of each message; those of which nothing is told here are left out."""

    def preview(self, message: Message) -> str:
        """Return what would be sent, as text that a terminal shows as it is."""

    def send(self, message: Message) -> None:
        """Tell people; raises ChannelError where that cannot be known to have been done."""


def key(channel: str, changes: Iterable[Change], made: int = 0) -> str:
    """Return the key of a message; what is told again later has another one."""
    said = json.dumps([channel, made, *(each.identity for each in changes)])
    return hashlib.sha256(said.encode()).hexdigest()[:32]


def whole(changes: Sequence[Change]) -> list[tuple[Change, ...]]:
    """Return all changes as one message, which is none where there are no changes."""
    return [tuple(changes)] if changes else []


def dump(changes: Iterable[Change]) -> str:
    """Return changes as a text that `load` reads."""
    return json.dumps([[each.kind.name, *each[1:]] for each in changes])


def load(text: str) -> tuple[Change, ...]:
    """Return the changes that a text of `dump` holds; raises ValueError for another text."""
    try:
        return tuple(map(_change, json.loads(text)))
    except (KeyError, TypeError, ValueError):
        raise ValueError(
            f"a message that waits in it is of another version of this package: {text!r:.80}"
        ) from None


def _change(row: Any) -> Change:
    kind, subject, since, detail, elsewhere, *rest = row
    return Change(
        Kind[kind], Subject(*subject), Since(*since), detail, tuple(elsewhere), *rest
    )
