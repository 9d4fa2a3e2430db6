"""The README's tables: every field, variable, command and exit code, and none that is not."""

from __future__ import annotations

import ast
import pathlib
import re

import pytest

import trunk_failures
from trunk_failures import cli, entries

README = pathlib.Path(__file__).resolve().parents[1].joinpath("README.md").read_text("utf-8")
PACKAGE = pathlib.Path(trunk_failures.__file__).parent
VARIABLE = r"(?:TRUNK_FAILURES|PYTORCH_TEST_WITH|GITHUB|GH|PYTEST|NO_COLOR|TERM)(?:_[A-Z]+)*"
"""What the environment variables that the package reads are called."""


def rows(head: str) -> list[list[str]]:
    """Return the cells of the README's table that begins with this line."""
    _, found, rest = README.partition(f"\n{head}\n")
    assert found, f"there is no table {head}"
    lines = rest.split("\n\n")[0].splitlines()
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines[1:]]


def names(head: str, pattern: str) -> list[str]:
    """Return the names in the first column of a table."""
    return [name for row in rows(head) for name in re.findall(rf"`({pattern})[`=]", row[0])]


def constants() -> set[str]:
    """Return the strings of the package's code; a docstring's words are none of them."""
    return {
        node.value
        for file in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def codes(text: str) -> set[str]:
    """Return the exit codes that a text names: single digits that are no part of a version."""
    return set(re.findall(r"(?<![\w.])\d(?![\w.])", text))


def help_of(command: str, capsys: pytest.CaptureFixture[str]) -> str:
    """Return what a command's --help says."""
    assert cli.main([command, "--help"]) == 0
    return capsys.readouterr().out


def test_fields() -> None:
    """The table of fields has every field that an entry can have, and no other."""
    assert sorted(names("| field | value |", r"\w+")) == sorted(entries.FIELDS)


def test_variables() -> None:
    """The table of variables has every environment variable that the package reads, and no other.

    Variables of any mode are one row, `PYTORCH_TEST_WITH_X`.
    """
    listed = names("| variable | effect |", r"\w+")
    assert len(listed) == len(set(listed))
    read = {each for each in constants() if re.fullmatch(VARIABLE, each)}
    assert {"TRUNK_FAILURES", "TRUNK_FAILURES_DIR", "GH_TOKEN"} <= read
    assert set(listed) - {"PYTORCH_TEST_WITH_X"} == read


def test_commands() -> None:
    """The table of commands has every command, in the order in which --help names them."""
    assert names("| command | does | exit codes |", r"\w+") == list(cli.COMMANDS)


@pytest.mark.parametrize("command", cli.COMMANDS)
def test_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A command's --help has examples, and the exit codes that the README's table has."""
    text = help_of(command, capsys)
    examples = re.search(r"^examples:\n((?:  .+\n)+)", text, re.M)
    assert examples and f"  trunk-failures {command} " in examples[1], text
    said = re.search(r"^exit codes: ((?:.+\n)+)", text, re.M)
    assert said, text
    (row,) = [row for row in rows("| command | does | exit codes |") if f"`{command}`" == row[0]]
    assert codes(row[2]) == codes(said[1]) >= {"2"}
