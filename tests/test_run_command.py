"""`trunk-failures run`: any runner in this process, started as Python starts it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from lists_fixtures import write_entry

import trunk_failures
from trunk_failures import cli, interception, run_command
from trunk_failures.errors import UsageError

CHECKOUT = str(Path(trunk_failures.__file__).parents[1])
SHOWS = """
import os, sys
print([os.path.realpath(sys.argv[0]), *sys.argv[1:]], os.path.realpath(sys.path[0]))
print(__name__, os.path.realpath(__file__), sys.modules["__main__"].__dict__ is globals())
"""
TESTS = """
import unittest

class TestSums(unittest.TestCase):
    def test_add(self):
        self.fail("body")

class TestSetUp(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        raise ValueError("fixture")
    def test_needs_it(self):
        pass

if __name__ == "__main__":
    unittest.main()
"""


@pytest.fixture
def applied(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return what is told when the lists are put on every test; nothing else is changed."""
    told: list[str] = []
    monkeypatch.setattr(interception, "apply_to_every", lambda: told.append("applied"))
    return told


@pytest.fixture(autouse=True)
def process(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Give back what a run changes in this process, and run in a directory of its own."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sys, "argv", list(sys.argv))
    monkeypatch.chdir(tmp_path)
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        if name.startswith("shows"):
            del sys.modules[name]


def written(directory: Path, path: str, text: str) -> Path:
    """Write a file and return its path."""
    file = directory / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def python(*arguments: str, directory: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the interpreter, with this checkout to import from."""
    kept = {name: value for name, value in os.environ.items() if name != "TRUNK_FAILURES"}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=directory,
        env={**kept, "PYTHONPATH": CHECKOUT, **variables},
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize(
    "target",
    [("folder/shows.py",), ("-m", "shows_module"), ("-m", "shows_package"), ("folder",)],
    ids=" ".join,
)
def test_the_target_is_run_as_python_runs_it(tmp_path: Path, target: tuple[str, ...]) -> None:
    """Arguments, the place to import from, and `__main__` are what `python` would give."""
    for path in ("folder/shows.py", "shows_module.py", "shows_package/__main__.py"):
        written(tmp_path, path, SHOWS)
    written(tmp_path, "shows_package/__init__.py", "")
    written(tmp_path, "folder/__main__.py", SHOWS)
    arguments = (*target, "-v", "--help", "-m")
    expected = python(*arguments, directory=tmp_path)
    seen = python("-m", "trunk_failures", "run", *arguments, directory=tmp_path, TRUNK_FAILURES="0")
    assert expected.returncode == 0
    assert (seen.returncode, seen.stdout, seen.stderr) == (0, expected.stdout, "")


def test_a_script_runs_in_this_process(
    tmp_path: Path, applied: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """A script runs here, with the lists on every test before it begins."""
    written(tmp_path, "folder/shows.py", SHOWS)
    assert run_command.main(["folder/shows.py", "-x"]) == 0
    assert applied == ["applied"]
    out = capsys.readouterr().out
    assert f"{tmp_path / 'folder/shows.py'}', '-x'] {tmp_path / 'folder'}\n__main__ " in out


def test_a_module_runs_in_this_process(
    tmp_path: Path, applied: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """A package runs here by its `__main__`, imported from the working directory."""
    written(tmp_path, "shows_here/__init__.py", "")
    written(tmp_path, "shows_here/__main__.py", SHOWS)
    assert run_command.main(["-m", "shows_here", "-x"]) == 0
    assert applied == ["applied"]
    assert f"__main__.py', '-x'] {tmp_path}\n__main__ " in capsys.readouterr().out


@pytest.mark.parametrize(
    ("ending", "code", "said"),
    [
        ("pass", 0, ""),
        ("sys.exit()", 0, ""),
        ("sys.exit(5)", 5, ""),
        ("sys.exit('no tests')", 1, "no tests\n"),
        ("sys.exit(False)", 0, ""),
    ],
)
def test_exit_codes_pass_through(
    tmp_path: Path,
    applied: list[str],
    capsys: pytest.CaptureFixture[str],
    ending: str,
    code: int,
    said: str,
) -> None:
    """The exit code is the one that the interpreter would make of the runner's end."""
    written(tmp_path, "ends.py", f"import sys\n{ending}\n")
    assert run_command.main(["ends.py"]) == code
    assert capsys.readouterr().err == said


def test_errors_of_the_target_are_its_own(tmp_path: Path, applied: list[str]) -> None:
    """What the target raises is no error of the command's."""
    written(tmp_path, "raises.py", "import no_module_of_this_name\n")
    with pytest.raises(ModuleNotFoundError, match="no_module_of_this_name"):
        run_command.main(["raises.py"])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "a script, or -m and a module, comes first"),
        (["-m"], "a script, or -m and a module, comes first"),
        (["--verbose", "x.py"], "a script, or -m and a module, comes first"),
        (["absent.py"], "found no script 'absent.py'"),
        (["-m", "no_module_of_this_name"], "found no module 'no_module_of_this_name'"),
        (["-m", "no_module_of_this_name.main"], "No module named 'no_module_of_this_name'"),
        (["-m", "shows_bare"], "found no module 'shows_bare' that can be run"),
        (["-m", ".relative"], "cannot run the module '.relative'"),
    ],
)
def test_usage_errors(
    tmp_path: Path, applied: list[str], arguments: list[str], said: str
) -> None:
    """A target that is not there is a usage error, before any list is applied."""
    written(tmp_path, "shows_bare/__init__.py", "")
    with pytest.raises(UsageError, match=said.replace(".", r"\.")):
        run_command.main(arguments)
    assert applied == []


def test_usage_errors_are_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """On the command line such an error is one line on stderr, and exit code 2."""
    assert cli.main(["run", "absent.py"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("trunk-failures run: found no script 'absent.py'")
    assert captured.err.count("\n") == 1


@pytest.mark.parametrize("option", ["-h", "--help"])
def test_help(capsys: pytest.CaptureFixture[str], option: str) -> None:
    """The help says what comes after the command, and what it cannot reach."""
    assert run_command.main([option]) == 0
    out = capsys.readouterr().out
    assert out.startswith("usage: trunk-failures run (-m MODULE | SCRIPT)")
    assert "apply_to_every_test()" in out


@pytest.mark.skipif(sys.version_info < (3, 11), reason="there is no safe path")
def test_safe_path_is_kept(tmp_path: Path) -> None:
    """Under `python -P` nothing is put before the places to import from."""
    written(tmp_path, "shows.py", "import sys; print(sys.path)")
    arguments = ("-P", "-m", "trunk_failures", "run", "shows.py")
    seen = python(*arguments, directory=tmp_path, TRUNK_FAILURES="0")
    assert seen.stdout == python("-P", "shows.py", directory=tmp_path).stdout


def project(tmp_path: Path) -> Path:
    """Make a project whose two failures are listed: a test, and a class's fixture."""
    (tmp_path / "project/.git").mkdir(parents=True)
    for key in ("TestSums.test_add", "TestSetUp.setUpClass"):
        write_entry(tmp_path / "project/tests", f"trunk_expected_failures/{key}")
    written(tmp_path, "project/tests/test_sums.py", TESTS)
    return tmp_path / "project"


def test_lists_are_found_from_the_script(tmp_path: Path) -> None:
    """The lists beside a script are in force, wherever the command is given."""
    script = str(project(tmp_path) / "tests/test_sums.py")
    (tmp_path / "elsewhere").mkdir()
    arguments = ("-m", "trunk_failures", "run", script)
    ran = python(*arguments, directory=tmp_path / "elsewhere")
    assert ran.returncode == 0, ran.stderr
    assert "OK (expected failures=2)" in ran.stderr
    assert "Warning" not in ran.stderr


def test_lists_are_found_from_the_working_directory(tmp_path: Path) -> None:
    """For a module the lists are those of the working directory."""
    arguments = ("-m", "trunk_failures", "run", "-m", "unittest", "discover", "-s", "tests")
    ran = python(*arguments, directory=project(tmp_path))
    assert ran.returncode == 0, ran.stderr
    assert "OK (expected failures=2)" in ran.stderr


def test_lists_that_break_a_rule_are_one_line(tmp_path: Path) -> None:
    """Faults in a script's lists are one line, and the script does not run."""
    directory = project(tmp_path)
    write_entry(directory / "tests", "trunk_skips/TestSums.test_add")
    arguments = ("-m", "trunk_failures", "run", str(directory / "tests/test_sums.py"))
    ran = python(*arguments, directory=tmp_path)
    assert (ran.returncode, ran.stdout, ran.stderr.count("\n")) == (2, "", 1)
    assert ran.stderr.startswith("trunk-failures run: ")
