"""A file as a channel: each message is appended, whole, and once."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from typing import NamedTuple

from trunk_failures import messages
from trunk_failures.errors import ChannelError
from trunk_failures.messages import Message
from trunk_failures.notifications import Change
from trunk_failures.reports import notification_json, notification_text

READ = 1 << 20
"""Bytes that are looked at, beside as many as a message has, to see whether it is there."""


class File(NamedTuple):
    """Append messages to a file; to one called `*.jsonl` as JSON, a message a line.

    Each has its key, so that one which was written before its sending ended is not written again.
    """

    path: str

    @property
    def name(self) -> str:
        """Say which channel it is."""
        return f"file={self.path}"

    def parts(self, changes: Sequence[Change]) -> list[tuple[Change, ...]]:
        """Return all changes as one message."""
        return messages.whole(changes)

    def preview(self, message: Message) -> str:
        """Return what would be appended."""
        if self.path.lower().endswith(".jsonl"):
            return json.dumps(notification_json.document(message)) + "\n"
        time = notification_text.moment(message.made)
        text = notification_text.render(message.changes)
        return f"== {time} {message.key}\n{text}\n"

    def send(self, message: Message) -> None:
        """Append it, unless it is there."""
        try:
            self._append(message)
        except (OSError, ValueError) as error:
            said = error.strerror if isinstance(error, OSError) else error
            raise ChannelError(
                f"{self.path!r} cannot be written: {said}; make it writable, or name another"
            ) from error

    def _append(self, message: Message) -> None:
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)
        number = os.open(self.path, flags, 0o666)
        try:
            size, text = os.fstat(number).st_size, self.preview(message)
            end = _end(number, size, len(text) + READ)
            if message.key.encode() in end:
                return
            # What another program left has no end of its last line.
            begin = "\n" if end and not end.endswith(b"\n") else ""
            content = f"{begin}{text}".encode("utf-8", "backslashreplace")
            if os.write(number, content) < len(content):
                os.ftruncate(number, size)
                raise OSError(0, "there is no room for all of it")
            os.fsync(number)
        finally:
            os.close(number)


def _end(number: int, size: int, most: int) -> bytes:
    """Return the last bytes of a file; what has no size, such as a device, has no end either."""
    if not size:
        return b""
    left = min(size, most)
    os.lseek(number, size - left, os.SEEK_SET)
    found = b""
    while left > 0 and (piece := os.read(number, left)):
        found += piece
        left -= len(piece)
    return found
