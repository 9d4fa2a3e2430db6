"""Progress of long work: one line on a terminal, nothing anywhere else."""

from __future__ import annotations

import contextlib
import io
import os
import re
import sys
import time
from collections.abc import Callable, Iterator
from typing import TextIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunk_failures import progress
from trunk_failures.progress import Progress

if sys.platform == "win32":
    pytest.skip("there are no pseudo-terminals on Windows", allow_module_level=True)

import fcntl
import pty
import struct
import termios


class Terminal:
    """A real terminal: `stream` is what programs write to."""

    def __init__(self, columns: int) -> None:
        """Open one that is so many columns wide."""
        self._ours, theirs = pty.openpty()
        self.stream: TextIO = open(theirs, "w", encoding="utf-8")
        self.resize(columns)

    def resize(self, columns: int) -> None:
        """Make it wider or narrower."""
        size = struct.pack("4H", 24, columns, 0, 0)
        fcntl.ioctl(self.stream.fileno(), termios.TIOCSWINSZ, size)

    def written(self) -> str:
        """Return what has been written to it since this was asked before."""
        os.set_blocking(self._ours, False)
        data = b""
        try:
            while piece := os.read(self._ours, 1 << 16):
                data += piece
        except BlockingIOError:
            pass
        return data.decode()

    def hang_up(self) -> None:
        """Take the terminal away from those who write to it."""
        if self._ours >= 0:
            os.close(self._ours)
            self._ours = -1

    def close(self) -> None:
        """Take everything away."""
        with contextlib.suppress(OSError):  # What could not be written still cannot be.
            self.stream.close()
        self.hang_up()


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[Terminal]:
    """Return a terminal of 60 columns."""
    monkeypatch.setenv("TERM", "xterm")
    made = Terminal(60)
    yield made
    made.close()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Return what moves the clock on by so many seconds; it stands still otherwise."""
    now = 1000.0

    def move(seconds: float) -> None:
        nonlocal now
        now += seconds

    monkeypatch.setattr(time, "monotonic", lambda: now)
    return move


def screen(written: str) -> str:
    """Return what a terminal's line shows once that has been written to it."""
    cells: list[str] = []
    column = 0
    for char in written:
        if char == "\r":
            column = 0
            continue
        assert char.isprintable()
        cells[column : column + 1] = [char]
        column += 1
    return "".join(cells).rstrip()


def test_what_is_shown(terminal: Terminal, clock: Callable[[float], None]) -> None:
    """Files, bytes, share, time left and rate are on one line, which is gone at the end."""
    with Progress(2_000_000_000, terminal.stream, files=3) as shown:
        line = terminal.written()
        assert screen(line) == "0 of 3 files, 0 B of 2.0 GB, 0%"
        clock(30)
        shown.done(500_000_000, "a.xml")
        line += terminal.written()
        assert screen(line) == "1 of 3 files, 500.0 MB of 2.0 GB, 25%, 1:30 left, 16.7 MB/s"
        clock(10_000)
        shown.done(0, "b.xml", files=0)
        line += terminal.written()
        assert screen(line) == "1 of 3 files, 500.0 MB of 2.0 GB, 25%, 8:21:30 left, 49.9 kB"[:59]
        clock(1)
        shown.done(1_500_000_000, "c")
        line += terminal.written()
        assert screen(line) == "2 of 3 files, 2.0 GB of 2.0 GB, 100%, 199.4 kB/s  c"
    line += terminal.written()
    assert screen(line) == ""
    assert line.endswith("\r") and "\n" not in line


def test_the_time_left_is_told_when_it_can_be(
    terminal: Terminal, clock: Callable[[float], None]
) -> None:
    """There is no time left in the first second, nor while no byte is done."""
    with Progress(1000, terminal.stream) as shown:
        clock(0.5)
        shown.done(10)
        assert "left" not in terminal.written()
        clock(0.5)
        shown.done(10)
        assert screen(terminal.written()) == "2 files, 20 B of 1.0 kB, 2%, 0:49 left, 20 B/s"


def test_no_total(terminal: Terminal, clock: Callable[[float], None]) -> None:
    """Where nothing is known of how much there is, neither share nor time left are told."""
    with Progress(0, terminal.stream) as shown:
        clock(2)
        shown.done(123_456_789_012_345, "-")
        assert screen(terminal.written()) == "1 files, 123.5 TB, 61.7 TB/s  -"


def test_more_than_the_total(terminal: Terminal, clock: Callable[[float], None]) -> None:
    """A file that grew meanwhile does not make it more than all."""
    with Progress(10, terminal.stream) as shown:
        clock(2)
        shown.done(20)
        assert screen(terminal.written()) == "1 files, 20 B of 10 B, 100%, 10 B/s"


def test_how_often_it_is_written(terminal: Terminal, clock: Callable[[float], None]) -> None:
    """However often something is done, the line is written at most ten times a second."""
    with Progress(10_000, terminal.stream) as shown:
        written = terminal.written()
        for _ in range(1000):
            clock(0.01)
            shown.done(1)
            written += terminal.written()
    assert 90 <= len(re.findall(r"\r\d+ files", written)) <= 101


@pytest.mark.parametrize("label", ["x" * 500, "日本" * 100, "e\u0301" * 300])
def test_the_line_is_cut_to_the_terminal(
    terminal: Terminal, clock: Callable[[float], None], label: str
) -> None:
    """The line never gets to the last column, wide and combining characters being counted so."""
    with Progress(0, terminal.stream) as shown:
        terminal.written()
        for columns in (60, 30, 10):
            terminal.resize(columns)
            clock(1)
            shown.done(1, label)
            line = terminal.written()[1:].rstrip()
            wide = sum(char in "日本" for char in line)
            assert columns - 3 < len(line) + wide - line.count("\u0301") < columns


def test_a_terminal_that_does_not_know_its_width(
    terminal: Terminal, clock: Callable[[float], None]
) -> None:
    """A terminal of no width is taken for one of 80 columns."""
    terminal.resize(0)
    with Progress(0, terminal.stream) as shown:
        terminal.written()
        clock(1)
        shown.done(1, "x" * 500)
        assert len(terminal.written()) == 80


class Nameless(io.StringIO):
    """What says that it is a terminal, and is nothing that the system knows."""

    def isatty(self) -> bool:
        """Say so."""
        return True


def test_a_terminal_of_somebody_elses_making() -> None:
    """What only says that it is a terminal is written to, in ASCII if it does not say more."""
    stream = Nameless()
    with Progress(0, stream) as shown:
        shown.done(1)
    assert screen(stream.getvalue()) == ""
    assert "0 files, 0 B" in stream.getvalue()


def test_labels_cannot_write_elsewhere(
    terminal: Terminal, clock: Callable[[float], None]
) -> None:
    """Line ends and controls in a label do nothing to the terminal."""
    with Progress(0, terminal.stream) as shown:
        clock(1)
        shown.done(1, "a\nb\x1b[2J\ud800")
        assert screen(terminal.written()) == "1 files, 1 B, 1 B/s  a?b?[2J?"


def test_something_else_can_be_written(
    terminal: Terminal, clock: Callable[[float], None]
) -> None:
    """The line is taken away for something else, and comes back."""
    with Progress(0, terminal.stream) as shown:
        shown.clear()
        assert screen(terminal.written()) == ""
        shown.clear()
        assert terminal.written() == ""
        clock(1)
        shown.done(1)
        assert screen(terminal.written()) == "1 files, 1 B, 1 B/s"


def test_a_dumb_terminal(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is written to a terminal that cannot go back to where a line starts."""
    monkeypatch.setenv("TERM", "dumb")
    with Progress(10, terminal.stream) as shown:
        shown.done(10, "a")
    assert terminal.written() == ""


def test_standard_error_is_written_to(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a stream it is standard error, as it is when work begins."""
    monkeypatch.setattr(sys, "stderr", terminal.stream)
    with Progress(10):
        assert screen(terminal.written()) == "0 files, 0 B of 10 B, 0%"
    monkeypatch.setattr(sys, "stderr", None)
    with Progress(10) as shown:
        shown.done(10)


def test_nothing_in_a_pipe() -> None:
    """Nothing is written to a pipe, nor to what has been closed."""
    reader, writer = os.pipe()
    with open(writer, "w") as stream:
        with Progress(10, stream) as shown:
            shown.done(10, "a")
    with Progress(10, stream) as shown:
        shown.done(10, "a")
    with open(reader) as read:
        assert read.read() == ""


def test_a_terminal_that_goes_away(terminal: Terminal, clock: Callable[[float], None]) -> None:
    """Work goes on when the terminal is no longer there."""
    with Progress(10, terminal.stream) as shown:
        terminal.hang_up()
        clock(1)
        shown.done(1, "a")
        clock(1)
        shown.done(1, "b")


@given(st.text("ab 日é\u0301"), st.integers(0, 20))
def test_what_is_cut_fits(text: str, columns: int) -> None:
    """Whatever the text, what is left of it fits, and it is its beginning."""
    line, taken = progress.cut(text, columns)
    assert text.startswith(line)
    assert taken <= columns
    assert line == text or taken >= columns - 1


def test_what_is_counted(terminal: Terminal, clock: Callable[[float], None]) -> None:
    """What is no bytes of files is counted, with its rate, as soon as there is one."""
    with Progress(4_000_000, terminal.stream, unit="outcomes") as shown:
        assert screen(terminal.written()) == "0 of 4,000,000 outcomes, 0%"
        clock(2)
        shown.done(1_000_000)
        line = "1,000,000 of 4,000,000 outcomes, 25%, 0:06 left, 500,000/s"
        assert screen(terminal.written()) == line
    with Progress(0, terminal.stream, unit="tests") as shown:
        terminal.written()
        clock(2)
        shown.done(3000)
        assert screen(terminal.written()) == "3,000 tests, 1,500/s"


def test_quiet(terminal: Terminal) -> None:
    """Where it is to be quiet nothing is shown, on a terminal either."""
    with Progress(10, terminal.stream, quiet=True) as shown:
        shown.done(5)
    with Progress(10, terminal.stream):
        pass
    assert screen(terminal.written().split("\r", 2)[1]) == "0 files, 0 B of 10 B, 0%"
