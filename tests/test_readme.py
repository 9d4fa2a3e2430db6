"""The README: every command and every piece of code in it does what stands there."""

from __future__ import annotations

import argparse
import importlib.metadata
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
from typing import NamedTuple

import pytest

from trunk_failures import check_command, exclusions_command, source_options, update_command

ROOT = pathlib.Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CLONE = "TRUNK_FAILURES_TEST_CLONE"
"""Set to 1 where the two commands of set-up, which take minutes and a network, are to be tried."""

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the README's commands are a POSIX shell's")


class Block(NamedTuple):
    """One fenced block: its language, the file that it is (or ""), its text, its section."""

    language: str
    file: str
    text: str
    section: str


def blocks() -> list[Block]:
    """Return the README's fenced blocks."""
    found = []
    section = ""
    for match in re.finditer(r"^## ([^\n]*)$|^```(\w+) ?(\S*)\n(.*?)^```$", README, re.M | re.S):
        if match[1] is not None:
            section = match[1]
        else:
            found.append(Block(match[2], match[3], match[4], section))
    return found


def commands(block: Block) -> list[tuple[str, list[str]]]:
    """Return a console block's commands, each with the lines that stand below it."""
    found: list[tuple[str, list[str]]] = []
    for line in block.text.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        else:
            found[-1][1].append(line)
    return found


def environment(directory: pathlib.Path) -> dict[str, str]:
    """Return an environment in which `python` is this interpreter and no list is configured."""
    shims = directory / "shims"
    shims.mkdir()
    for name in ("python", "python3"):
        (shims / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
        (shims / name).chmod(0o755)
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("TRUNK_FAILURES", "PYTORCH_TEST", "PYTEST", "COV"))
    }
    if not importlib.metadata.entry_points(group="pytest11", name="trunk_failures"):
        kept["PYTEST_PLUGINS"] = "trunk_failures.pytest_plugin"  # Run from source, not installed.
    return kept | {"PATH": f"{shims}{os.pathsep}{os.environ['PATH']}"}


def run(
    command: str, expected: list[str], directory: pathlib.Path, environ: dict[str, str]
) -> None:
    """Run a command and look for each expected line, or its beginning, in what it prints."""
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=directory,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=600,
    )
    assert "Traceback" not in done.stdout or "FAIL" in done.stdout, done.stdout
    for line in expected:
        assert line in done.stdout, f"{command} did not print {line!r}:\n{done.stdout}"
    if not expected:
        assert done.returncode == 0, done.stdout


def test_shortest_paths(tmp_path: pathlib.Path) -> None:
    """Files and commands, taken in the README's order, print what stands below each command."""
    environ = environment(tmp_path) | {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    project = tmp_path / "project"
    (project / ".git").mkdir(parents=True)
    (project / "tests").mkdir()
    tried = 0
    for block in blocks():
        if block.file:
            (project / block.file).write_text(block.text)
        elif block.language == "python":
            (tmp_path / "block.py").write_text(block.text)
            run(f"python {tmp_path / 'block.py'}", [], project, environ)
        elif block.section == "Speed":
            for command, expected in commands(block):
                run(command, expected, ROOT, environ)
        elif block.section != "Try it" and block.language == "console":
            for command, expected in commands(block):
                run(command, expected, project, environ)
                tried += 1
    assert tried >= 9


@pytest.mark.skipif(os.environ.get(CLONE) != "1", reason=f"{CLONE} is not 1")
@pytest.mark.parametrize("number", [0, 1], ids=["example", "tests"])
def test_set_up(number: int, tmp_path: pathlib.Path) -> None:
    """In a fresh clone, one command runs the example suite, and one passes the tests."""
    clone = tmp_path / "clone"
    if (ROOT / ".git").exists():
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
    else:
        shutil.copytree(ROOT, clone, ignore=shutil.ignore_patterns(".venv", "build", "*.egg-info"))
    (block,) = [each for each in blocks() if each.section == "Try it"][number : number + 1]
    ((command, expected),) = commands(block)
    run(command, expected or [" passed"], clone, environment(tmp_path))


def test_what_asks_github_is_a_command_that_there_is() -> None:
    """The commands that need GitHub, in the shell and in the workflow, have options that exist."""
    found = of_github("update")
    assert len(found) == 2
    for words in found:
        options = update_command._parser().parse_args(words)
        assert options.github and options.commit


def of_github(name: str) -> list[list[str]]:
    """Return the arguments of a command wherever it stands in the shell or in a workflow."""
    text = "".join(block.text for block in blocks() if block.language in ("sh", "yaml"))
    found = re.findall(rf"trunk-failures {name} ((?:.*(?:\\\n|\n +--))*[^\n>]*)", text)
    commands = [re.sub(r"\$\{\{.*?\}\}", "x", command) for command in found]
    return [shlex.split(command.replace("\\\n", " ")) for command in commands]


def test_the_jobs_that_leave_tests_out_have_commands_that_there_are() -> None:
    """What pull requests fetch is of the cache that every hour is filled, and is what they use."""
    fetching = of_github("fetch")
    (excluding,) = of_github("exclusions")
    assert [re.findall(r"--cache (\S+)", " ".join(words)) for words in fetching] == [
        ["trunk/cache.json"], ["trunk/cache.json"],
    ]
    parser = argparse.ArgumentParser()
    source_options.add_options(parser)
    parser.add_argument("-o")
    assert all(parser.parse_args(words).source for words in fetching)
    options = exclusions_command._parser().parse_args(excluding)
    assert options.status in fetching[1] and options.fixes_from == "$GITHUB_EVENT_PATH"


def test_the_job_that_checks_lists_has_commands_that_there_are() -> None:
    """The job's commands have options that exist, and the hook is the one that there is."""
    checking, counting = (check_command._parser().parse_args(each) for each in of_github("check"))
    assert checking.format == "github" and checking.only_shrink == "origin/main"
    assert counting.stats
    hooks = (ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")
    named = re.findall(r"^ +- id: (\S+)$", README, re.M)
    assert named == re.findall(r"^- id: (\S+)$", hooks, re.M)
