"""Standard output as a channel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from trunk_failures import commands, messages
from trunk_failures.messages import Message
from trunk_failures.notifications import Change
from trunk_failures.reports import notification_text


class Stdout(NamedTuple):
    """Print what changed; a process that is killed between the printing and its end repeats it."""

    @property
    def name(self) -> str:
        """Say which channel it is."""
        return "stdout"

    def parts(self, changes: Sequence[Change]) -> list[tuple[Change, ...]]:
        """Return all changes as one message."""
        return messages.whole(changes)

    def preview(self, message: Message) -> str:
        """Return what would be printed."""
        return notification_text.render(message.changes)

    def send(self, message: Message) -> None:
        """Print it."""
        commands.write(self.preview(message))
