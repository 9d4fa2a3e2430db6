"""A real suite of another implementation's: CPython's newer tests, run by an older CPython."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys

import pytest

from trunk_failures import file_names

TOOL = pathlib.Path(__file__).resolve().parents[3] / "shared/tools/newer_cpython_suite.py"
MODULES = "test_json test_itertools test_fractions test_argparse test_re test_functools"
PYTEST = "-q -p no:cacheprovider -c /dev/null --rootdir=suite --tb=native".split()
PYTEST += ["--continue-on-collection-errors"]
PYTEST += "-p trunk_failures.pytest_plugin --trunk-failures=tests".split()

pytestmark = [
    pytest.mark.skipif(not TOOL.exists(), reason="the tool that lays the suite out is not here"),
    pytest.mark.skipif(sys.version_info[:2] != (3, 11), reason="its failures are known for 3.11"),
]


class Suite:
    """A newer CPython's tests in a directory of their own, with lists beside them."""

    def __init__(self, directory: pathlib.Path) -> None:
        self.directory = directory
        self.lists = directory / "tests" / "trunk_expected_failures"
        self.lists.mkdir(parents=True)
        command = [sys.executable, str(TOOL), str(directory / "suite")]
        laid = subprocess.run(command, capture_output=True, text=True)
        if laid.returncode:
            pytest.skip(f"no newer CPython has its tests here: {laid.stderr.strip()[-200:]}")
        if "3.11:" in laid.stdout:
            pytest.skip("no newer CPython is here")

    def run(self, *modules: str, runner: str = "unittest") -> tuple[int, list[dict[str, str]]]:
        """Run modules under the lists; return the exit code and the result lines."""
        results = self.directory / "results.jsonl"
        paths = [str(self.directory / "suite"), *filter(None, [os.environ.get("PYTHONPATH")])]
        root = str(pathlib.Path(__file__).resolve().parents[2])
        environ = {name: value for name, value in os.environ.items() if name != "TRUNK_FAILURES"}
        environ["PYTHONPATH"] = os.pathsep.join([*paths, root])
        environ["TRUNK_FAILURES_DIR"] = str(self.lists.parent)
        command = [sys.executable, "-m", "trunk_failures", "unittest", "--results", str(results)]
        names = [f"test.{name}" for name in modules]
        if runner == "pytest":
            environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
            command = [sys.executable, "-m", "pytest", *PYTEST]
            command += ["--trunk-failures-results", str(results)]
            names = [str(path) for name in modules for path in self._paths(name)]
        done = subprocess.run(
            [*command, *names], cwd=self.directory, env=environ, capture_output=True, text=True
        )
        lines = results.read_text().splitlines()
        return done.returncode, [json.loads(line) for line in lines if line.strip()]

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


def test_goes_green_under_its_lists(tmp_path: pathlib.Path) -> None:
    """Red without lists, green with them, each failure expected, and red with one entry less."""
    suite = Suite(tmp_path)
    code, lines = suite.run(*MODULES.split())
    assert code == 1
    failed = suite.list(lines)
    assert len(failed) >= 50
    assert "_FailedTest.test_functools" in failed  # Its syntax is newer than this interpreter.

    code, lines = suite.run(*MODULES.split())
    assert code == 0
    assert {line["id"] for line in lines if line["verdict"] == "expected failure"} == failed
    assert not [line for line in lines if line["verdict"] in ("failed", "error")]

    gone = min(key for key in failed if key.startswith("TestStateMachine") or "Fraction" in key)
    (self_file,) = [file for file in suite.lists.iterdir() if file.name == gone]
    self_file.unlink()
    code, lines = suite.run("test_fractions")
    assert code == 1
    assert [line["id"] for line in lines if line["verdict"] in ("failed", "error")] == [gone]


def test_pytest_gives_the_same_verdicts(tmp_path: pathlib.Path) -> None:
    """Each test that both run has the same verdict under pytest, without lists and with them."""
    suite = Suite(tmp_path)
    for verdicts in ({"failed", "error"}, {"expected failure"}):
        by_unittest = {line["id"]: line for line in suite.run(*MODULES.split())[1]}
        by_pytest = {line["id"]: line for line in suite.run(*MODULES.split(), runner="pytest")[1]}
        both = by_unittest.keys() & by_pytest.keys()
        assert len(both) >= 1500
        assert len([key for key in both if by_unittest[key]["verdict"] in verdicts]) >= 50
        assert [
            (key, by_unittest[key]["verdict"], by_pytest[key]["verdict"])
            for key in sorted(both)
            if by_unittest[key]["verdict"] != by_pytest[key]["verdict"]
        ] == []
        suite.list([*by_unittest.values()])
