"""Terminals: how wide they are, and whether they are to have colours."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from typing import TextIO

import pytest

from trunk_failures.reports import terminals

pty = pytest.importorskip("pty")
termios = pytest.importorskip("termios")


@pytest.fixture
def terminal() -> Iterator[TextIO]:
    """Return a stream that writes to a terminal."""
    there, here = pty.openpty()
    with open(here, "w") as stream:
        yield stream
    os.close(there)


class Nameless(io.StringIO):
    """What says that it is a terminal, and is nothing that the system knows."""

    def isatty(self) -> bool:
        """Say so."""
        return True


def test_the_width(terminal: TextIO) -> None:
    """A terminal's width is the one it has, 80 where it does not say; anything else has none."""
    termios.tcsetwinsize(terminal.fileno(), (24, 132)) if hasattr(
        termios, "tcsetwinsize"
    ) else _resize(terminal, 132)
    assert terminals.width(terminal) == 132
    _resize(terminal, 0)
    assert terminals.width(terminal) == terminals.width(Nameless()) == 80
    assert terminals.width(io.StringIO()) is None


def _resize(terminal: TextIO, columns: int) -> None:
    import fcntl
    import struct

    size = struct.pack("HHHH", 24, columns, 0, 0)
    fcntl.ioctl(terminal.fileno(), termios.TIOCSWINSZ, size)


@pytest.mark.parametrize(
    ("environ", "coloured"),
    [
        ({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True),
        ({"TERM": "dumb"}, False), ({"TERM": "xterm"}, True),
    ],
)
def test_colours(terminal: TextIO, environ: dict[str, str], coloured: bool) -> None:
    """A terminal has colours, unless it cannot or NO_COLOR is set to anything."""
    assert terminals.colours(terminal, environ) is coloured
    assert not terminals.colours(io.StringIO(), environ)


def test_a_stream_that_is_closed() -> None:
    """A closed stream is no terminal."""
    stream = io.StringIO()
    stream.close()
    assert terminals.width(stream) is None and not terminals.colours(stream, {})
