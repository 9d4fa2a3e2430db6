"""A real suite of another implementation's: CPython's newer tests, run by an older CPython."""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import runpy
import subprocess
import sys
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from trunk_failures import cli, file_names

TOOL = pathlib.Path(__file__).resolve().parents[3] / "shared/tools/newer_cpython_suite.py"
MODULES = "test_json test_itertools test_fractions test_argparse test_re test_functools"
QUICK = "test_fractions test_operator test_functools"
PYTEST = "-q -p no:cacheprovider -c /dev/null --rootdir=suite --tb=native".split()
PYTEST += ["--continue-on-collection-errors"]
PYTEST += "-p trunk_failures.pytest_plugin --trunk-failures=tests".split()

pytestmark = [
    pytest.mark.skipif(not TOOL.exists(), reason="the tool that lays the suite out is not here"),
    pytest.mark.skipif(sys.version_info[:2] != (3, 11), reason="its failures are known for 3.11"),
]


class Ran(NamedTuple):
    """The exit code of a run, and its result lines."""

    code: int
    lines: list[dict[str, str]]


class Suite:
    """A newer CPython's tests in a directory of their own, with lists beside them."""

    def __init__(self, directory: pathlib.Path) -> None:
        self.directory = directory
        self.lists = directory / "tests" / "trunk_expected_failures"
        self.lists.mkdir(parents=True)
        self.results = directory / "results.jsonl"
        command = [sys.executable, str(TOOL), str(directory / "suite")]
        laid = subprocess.run(command, capture_output=True, text=True)
        if laid.returncode:
            pytest.skip(f"no newer CPython has its tests here: {laid.stderr.strip()[-200:]}")
        if "3.11:" in laid.stdout:
            pytest.skip("no newer CPython is here")

    def run(
        self, *modules: str, runner: str = "unittest", python: str = sys.executable
    ) -> Ran:
        """Run modules under the lists."""
        results = self.results
        paths = [str(self.directory / "suite"), *filter(None, [os.environ.get("PYTHONPATH")])]
        root = str(pathlib.Path(__file__).resolve().parents[2])
        environ = {name: value for name, value in os.environ.items() if name != "TRUNK_FAILURES"}
        environ["PYTHONPATH"] = os.pathsep.join([*paths, root])
        environ["TRUNK_FAILURES_DIR"] = str(self.lists.parent)
        command = [python, "-m", "trunk_failures", "unittest", "--results", str(results)]
        names = [f"test.{name}" for name in modules]
        if runner == "pytest":
            environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
            command = [python, "-m", "pytest", *PYTEST]
            command += ["--trunk-failures-results", str(results)]
            names = [str(path) for name in modules for path in self._paths(name)]
        done = subprocess.run(
            [*command, *names], cwd=self.directory, env=environ, capture_output=True, text=True
        )
        lines = results.read_text().splitlines()
        return Ran(done.returncode, [json.loads(line) for line in lines if line.strip()])

    def _paths(self, module: str) -> list[pathlib.Path]:
        suite = self.directory / "suite" / "test"
        return [path for path in (suite / module, suite / f"{module}.py") if path.exists()]

    def list(self, lines: list[dict[str, str]]) -> set[str]:
        """List every test that failed; return their keys."""
        failed = {line["id"] for line in lines if line["verdict"] in ("failed", "error")}
        for key, name in file_names.names(failed).items():
            first = f"{file_names.FIRST_LINE}{file_names.spell(key)}\n"
            (self.lists / name).write_text(first if file_names.is_hashed(name) else "")
        return failed

    @contextlib.contextmanager
    def without(self, *keys: str) -> Iterator[None]:
        """Take the entries of these tests away for as long as the block runs."""
        entries = {self.lists / name for name in file_names.names(keys).values()}
        contents = {entry: entry.read_text() for entry in entries}
        for entry in entries:
            entry.unlink()
        try:
            yield
        finally:
            for entry, content in contents.items():
                entry.write_text(content)


class Known(NamedTuple):
    """A suite with each of its failures listed, and what two runs by unittest told of it."""

    suite: Suite
    failed: set[str]
    unlisted: Ran
    listed: Ran


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Known:
    """Return the suite, run without lists and then with them."""
    suite = Suite(tmp_path_factory.mktemp("newer"))
    unlisted = suite.run(*MODULES.split())
    failed = suite.list(unlisted.lines)
    return Known(suite, failed, unlisted, suite.run(*MODULES.split()))


def test_goes_green_under_its_lists(known: Known) -> None:
    """Red without lists, green with them, each failure expected, and red with one entry less."""
    suite, failed, unlisted, listed = known
    assert unlisted.code == 1
    assert len(failed) >= 50
    assert "_FailedTest.test_functools" in failed  # Its syntax is newer than this interpreter.

    assert listed.code == 0
    assert {line["id"] for line in listed.lines if line["verdict"] == "expected failure"} == failed
    assert not [line for line in listed.lines if line["verdict"] in ("failed", "error")]

    gone = min(key for key in failed if key.startswith("TestStateMachine") or "Fraction" in key)
    with suite.without(gone):
        code, lines = suite.run("test_fractions")
    assert code == 1
    assert [line["id"] for line in lines if line["verdict"] in ("failed", "error")] == [gone]


@pytest.mark.parametrize("with_lists", [False, True])
def test_pytest_gives_the_same_verdicts(known: Known, with_lists: bool) -> None:
    """Each test that both run has the same verdict under pytest, without lists and with them."""
    told = known.listed if with_lists else known.unlisted
    by_unittest = {line["id"]: line["verdict"] for line in told.lines}
    with contextlib.nullcontext() if with_lists else known.suite.without(*known.failed):
        ran = known.suite.run(*MODULES.split(), runner="pytest")
    by_pytest = {line["id"]: line["verdict"] for line in ran.lines}
    both = by_unittest.keys() & by_pytest.keys()
    verdicts = {"expected failure"} if with_lists else {"failed", "error"}
    assert len(both) >= 1500
    assert len([key for key in both if by_unittest[key] in verdicts]) >= 50
    assert [
        (key, by_unittest[key], by_pytest[key])
        for key in sorted(both)
        if by_unittest[key] != by_pytest[key]
    ] == []


def its_own_interpreter() -> str:
    """Return the newer CPython itself."""
    tool = runpy.run_path(str(TOOL))
    newest, _ = tool["newest_suite"]()
    minor = "import sys; print(sys.version_info[1])"
    for command in tool["interpreters"]():
        with contextlib.suppress(OSError):
            said = subprocess.run([command, "-c", minor], capture_output=True, text=True)
            if said.stdout.strip() == str(newest):
                return str(command)
    raise LookupError(f"the tests of Python 3.{newest} are here, and it is not")


def test_update_lists_what_fails_and_takes_away_what_passes(
    tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Lists by either runner's results are green under both; the newer CPython empties them."""
    suite = Suite(tmp_path)
    modules = QUICK.split()

    def update(*options: str) -> str:
        command = ["update", f"--test-dir={suite.lists.parent}", *options, str(suite.results)]
        assert cli.main(command) == 0
        return capsys.readouterr().out

    red = suite.run(*modules)
    failed = {line["id"] for line in red.lines if line["verdict"] in ("failed", "error")}
    assert red.code == 1 and len(failed) >= 15
    assert update().startswith(f"{len(failed)} added ")
    entries = {path.name for path in suite.lists.iterdir()}
    for runner in ("unittest", "pytest"):
        green = suite.run(*modules, runner=runner)
        expected = {line["id"] for line in green.lines if line["verdict"] == "expected failure"}
        assert (green.code, expected) == (0, failed)
        assert update().startswith("nothing to change ")

    assert suite.run(*modules, python=its_own_interpreter()).code == 1
    assert update("--only-remove").startswith(f"{len(failed)} removed ")
    assert [path.name for path in suite.lists.iterdir()] == [".gitkeep"]
    assert suite.run(*modules, runner="pytest").code == 1
    assert update().startswith(f"{len(failed)} added ")
    assert {path.name for path in suite.lists.iterdir()} == {*entries, ".gitkeep"}
