"""The command line: commands, usage errors in one line, and exit codes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import trunk_failures
from trunk_failures import cli, in_force, stability_command, unittest_command
from trunk_failures.errors import ListError, UsageError

CHECKOUT = str(Path(trunk_failures.__file__).parents[1])


def take(monkeypatch: pytest.MonkeyPatch, code: int) -> list[list[str]]:
    """Have the unittest command return a code, and return what keeps its arguments."""
    taken: list[list[str]] = []

    def main(rest: list[str]) -> int:
        taken.append(rest)
        return code

    monkeypatch.setattr(unittest_command, "main", main)
    return taken


@pytest.mark.parametrize("code", [0, 1, 5])
def test_a_command_has_the_rest_of_the_arguments(
    monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    """What follows the command's name is the command's, and its exit code is the program's."""
    taken = take(monkeypatch, code)
    assert cli.main(["unittest", "-v", "--help", "unittest"]) == code
    assert taken == [["-v", "--help", "unittest"]]


def test_arguments_are_the_process_s_own_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without arguments given, those of the process are read."""
    taken = take(monkeypatch, 0)
    monkeypatch.setattr(sys, "argv", ["trunk-failures", "unittest", "-v"])
    assert cli.main() == 0
    assert taken == [["-v"]]


@pytest.mark.parametrize("error", [UsageError("no such file"), ListError("two entries")])
def test_errors_are_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: Exception
) -> None:
    """An error of the package's is one line on stderr, and exit code 2."""

    def fail(rest: list[str]) -> int:
        raise error

    monkeypatch.setattr(unittest_command, "main", fail)
    assert cli.main(["unittest"]) == 2
    assert capsys.readouterr() == ("", f"trunk-failures unittest: {error}\n")


def test_ctrl_c(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A command that is interrupted says so in one line; those that run tests leave it to them."""

    def main(rest: list[str]) -> int:
        raise KeyboardInterrupt

    for command in (stability_command, unittest_command):
        monkeypatch.setattr(command, "main", main)
    assert cli.main(["stability", "--all"]) == 130
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "trunk-failures stability: interrupted\n")
    with pytest.raises(KeyboardInterrupt):
        cli.main(["unittest"])


def test_other_errors_are_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is a fault of the program's own keeps its traceback."""

    def fail(rest: list[str]) -> int:
        raise ValueError("a fault")

    monkeypatch.setattr(unittest_command, "main", fail)
    with pytest.raises(ValueError, match="a fault"):
        cli.main(["unittest"])


def test_lists_that_could_not_be_loaded_are_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where loading the lists failed no command runs that needs them."""
    monkeypatch.setattr(in_force, "trouble", "the lists break their rules")
    assert cli.main(["unittest", "--help"]) == 2
    assert capsys.readouterr() == ("", "trunk-failures unittest: the lists break their rules\n")


@pytest.mark.parametrize("command", sorted({*cli.COMMANDS} - in_force.TESTING))
def test_commands_that_run_no_test_need_no_lists_in_force(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    """Where loading the lists failed those commands run that ask for what they need themselves."""
    monkeypatch.setattr(in_force, "trouble", "the lists break their rules")
    assert cli.main([command, "--help"]) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["-h"], "usage: trunk-failures"),
        (["--help"], "run tests as unittest does"),
        (["--version"], "\n"),
    ],
)
def test_help_and_version(
    capsys: pytest.CaptureFixture[str], arguments: list[str], text: str
) -> None:
    """Help and version are asked for, and so go to stdout, and the exit code is 0."""
    assert cli.main(arguments) == 0
    shown = capsys.readouterr()
    assert text in shown.out and shown.out.strip() and shown.err == ""


@pytest.mark.parametrize(
    ("arguments", "text"),
    [([], "COMMAND"), (["unitest"], "unitest"), (["--unknown"], ""), (["--", "unittest"], "")],
)
def test_usage_errors(
    capsys: pytest.CaptureFixture[str], arguments: list[str], text: str
) -> None:
    """A usage error is one line on stderr that says where to read more, and exit code 2."""
    assert cli.main(arguments) == 2
    shown = capsys.readouterr()
    assert text in shown.err and "--help" in shown.err
    assert (shown.out, shown.err.count("\n")) == ("", 1)


@pytest.mark.parametrize(
    ("arguments", "code", "stderr"),
    [
        (["--help"], 0, ""),
        (["unittest", "--results", os.sep, "x"], 2, "trunk-failures unittest: results cannot"),
        (["unitest"], 2, "trunk-failures: "),
    ],
)
def test_python_m_is_the_command_line(
    tmp_path: Path, arguments: list[str], code: int, stderr: str
) -> None:
    """`python -m trunk_failures` is the program, exit code and all."""
    ran = subprocess.run(
        [sys.executable, "-m", "trunk_failures", *arguments],
        env={**os.environ, "PYTHONPATH": CHECKOUT},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stderr.count("\n")) == (code, 1 if stderr else 0)
    assert ran.stderr.startswith(stderr)


def test_every_command_can_be_imported() -> None:
    """Each command in the table has a module with a `main`, and its line of help."""
    for name, (module, text) in cli.COMMANDS.items():
        found = __import__(f"trunk_failures.{module}", fromlist=["main"])
        assert callable(found.main) and name and text
