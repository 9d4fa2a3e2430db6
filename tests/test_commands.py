"""Commands: errors in one line, and output that no reader may have to wait for."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

import pytest

import trunk_failures
from trunk_failures import commands
from trunk_failures.errors import UsageError

ROOT = Path(trunk_failures.__file__).parent.parent


@pytest.mark.parametrize("arguments", [["--none"], ["--number", "x"], []])
def test_errors_in_one_line(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Arguments that cannot be understood are told of in one line, and the exit code is 2."""
    parser = commands.Parser(prog="trunk-failures x")
    parser.add_argument("--number", type=int)
    parser.add_argument("results")
    with pytest.raises(SystemExit) as caught:
        parser.parse_args(arguments)
    assert caught.value.code == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("trunk-failures x: ")
    assert err.endswith("; see `trunk-failures x --help`\n")
    assert err.count("\n") == 1


def test_write(capsys: pytest.CaptureFixture[str]) -> None:
    """A product is written as it is."""
    commands.write("a\nb")
    assert capsys.readouterr() == ("a\nb", "")


def test_tell(capsys: pytest.CaptureFixture[str]) -> None:
    """What is told is one line, which a terminal shows as it is."""
    commands.tell("trunk-failures x", "a\nb \x1b[1m é \u202e")
    assert capsys.readouterr() == ("", "trunk-failures x: a\\nb \\x1b[1m é \\u202e\n")


@pytest.mark.parametrize("text", ["", "x/y", ".x", "x-y", "x y"])
def test_names_that_are_no_modes(text: str) -> None:
    """A mode is named by letters, digits and underscores."""
    assert commands.mode_name("my_mode2") == "my_mode2"
    with pytest.raises(argparse.ArgumentTypeError, match="is no mode; a mode is letters"):
        commands.mode_name(text)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a device that is full")
def test_a_disk_that_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    """What stdout does not take is told as an error, and not again when the stream is closed."""
    with open("/dev/full", "w", encoding="utf-8") as full:
        monkeypatch.setattr(sys, "stdout", full)
        with pytest.raises(UsageError, match="stdout cannot be written: No space left"):
            commands.write("a")
        monkeypatch.undo()


def test_a_reader_that_has_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader that has gone is no error, neither then nor when the stream is closed."""
    reading, writing = os.pipe()
    os.close(reading)
    with open(writing, "w", encoding="utf-8") as gone:
        monkeypatch.setattr(sys, "stdout", gone)
        commands.write("x" * 100_000)
        commands.write("y")


def test_a_command_whose_reader_has_gone() -> None:
    """A command whose reader has gone ends as if it had not, and says nothing of it."""
    code = "from trunk_failures import commands; commands.write('x' * 1_000_000)"
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-W", "error", "-c", code]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environ
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0


@pytest.mark.parametrize(
    ("argv", "own", "rest"),
    [
        ([], [], None),
        (["-v"], ["-v"], None),
        (["--"], [], []),
        (["-v", "--", "-k", "--", "x"], ["-v"], ["-k", "--", "x"]),
    ],
)
def test_what_follows_two_dashes_is_not_the_commands_own(
    argv: list[str], own: list[str], rest: list[str] | None
) -> None:
    """The first `--` ends a command's arguments; all after it is told apart from nothing."""
    assert commands.split(argv) == (own, rest)


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("12", 12), ("999999999", 999999999)])
def test_whole_numbers(text: str, number: int) -> None:
    """A number is given in digits."""
    assert commands.whole_number(text) == number


@pytest.mark.parametrize("text", ["", "-1", "1.5", "1000000000", "x", " 1", "1_0", "²"])
def test_what_is_no_whole_number(text: str) -> None:
    """Anything else, and a number of ten digits, is refused."""
    with pytest.raises(argparse.ArgumentTypeError, match="is no whole number"):
        commands.whole_number(text)


@pytest.mark.parametrize(
    ("text", "expected"), [("95", 0.95), ("99.9", 0.999), (" 2 %", 0.02), ("0.5%", 0.005)]
)
def test_shares(text: str, expected: float) -> None:
    """A percentage is a share."""
    assert commands.share(text) == pytest.approx(expected)


@pytest.mark.parametrize("text", ["0", "100", "-1", "x", "", "%", "nan", "inf"])
def test_what_is_no_share(text: str) -> None:
    """What is not between 0 and 100 per cent is told."""
    with pytest.raises(argparse.ArgumentTypeError, match="is no percentage"):
        commands.share(text)
