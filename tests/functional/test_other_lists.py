"""A suite with another tool's lists, and with ours imported from them: the same outcomes."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest
from test_file_changes import tree

from trunk_failures import cli

from . import runners

# What array-api-tests does with its files (data-apis/array-api-tests, conftest.py): a line is an
# id, a folder, a file, or an id without its parameters.
CONFTEST = """
import pytest


def pytest_addoption(parser):
    parser.addoption("--skips-file")
    parser.addoption("--xfails-file")


def covers(line, node_id):
    node_id = node_id.removeprefix("array-api-tests/")
    starts = node_id.startswith(line.removesuffix("/") + "/")
    is_file = node_id.split("::")[0] == line or line.endswith(".py") and node_id.startswith(line)
    return node_id == line or starts or is_file or node_id.split("[")[0] == line


def pytest_collection_modifyitems(config, items):
    for option, mark in (("--skips-file", pytest.mark.skip), ("--xfails-file", pytest.mark.xfail)):
        path = config.getoption(option)
        lines = open(path).read().splitlines() if path else []
        for line in lines:
            if line.strip() and not line.startswith("#"):
                for item in items:
                    if covers(line, item.nodeid):
                        item.add_marker(mark(reason=option))
"""
CASES = """
import math

import pytest

try:
    import numpy
except ImportError:
    numpy = None
xp = numpy or math

INFINITE = "floor_divide(x1_i is +infinity and isfinite(x2_i) and x2_i > 0) -> +infinity"
ZERO = "floor_divide(isfinite(x1_i) and x1_i > 0 and x2_i is -infinity) -> -0"
CASES = [
    pytest.param(math.inf, 1.0, math.inf, id=INFINITE),
    pytest.param(1.0, -math.inf, -0.0, id=ZERO),
    pytest.param(4.0, 2.0, 2.0, id="floor_divide(4, 2) -> 2"),
]


@pytest.mark.parametrize(("x1", "x2", "expected"), CASES)
def test_binary(x1, x2, expected):
    divide = numpy.floor_divide if numpy else float.__floordiv__
    assert repr(float(divide(x1, x2))) == repr(expected)


@pytest.mark.parametrize("name", ["sqrt", "unique_inverses_of_all", "bitwise_nothing"])
def test_has_names(name):
    assert hasattr(xp, name)


def test_sum():
    assert 0.1 + 0.2 == 0.3


def test_sum_of_nothing():
    assert sum([]) == 0


class TestSets:
    @pytest.mark.parametrize("value", [1, 2])
    def test_unique(self, value):
        assert value == 3
"""
FILES = {
    "conftest.py": CONFTEST,
    "array_api_tests/test_special_cases.py": CASES,
    "array_api_tests/sets/test_set_functions.py": "def test_a():\n    raise SystemExit(3)\n",
    "array_api_tests/test_special_cases_more.py": "def test_sum():\n    pass\n",
}
A = "array_api_tests/test_special_cases.py::"
XFAILS = f"""\
# Known special case issues
# https://github.com/numpy/numpy/issues/21213
{A}test_binary[floor_divide(x1_i is +infinity and isfinite(x2_i) and x2_i > 0) -> +infinity]
{A}test_binary[floor_divide(isfinite(x1_i) and x1_i > 0 and x2_i is -infinity) -> -0]

{A}test_has_names[unique_inverses_of_all]
{A}TestSets::test_unique
"""
SKIPS = f"array_api_tests/sets/\n\n# loss of significance\n{A}test_sum\n"
QUARANTINE = "\n".join(line for line in XFAILS.splitlines() if "[" in line)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a suite without lists, and the lists of other tools beside it."""
    project = tmp_path / "suite"
    for path, text in FILES.items():
        file = project / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    (project / ".git").mkdir()
    for name, text in (("xfails", XFAILS), ("skips", SKIPS), ("quarantine", QUARANTINE)):
        (tmp_path / f"{name}.txt").write_text(text)
    monkeypatch.chdir(project)
    return project


def run(project: Path, *options: str) -> dict[str, str]:
    """Run the suite with pytest, in a process of its own; returns the outcome of each test."""
    env = runners.environment(sys.executable, PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")
    command = [sys.executable, "-m", "pytest", *PYTEST, *options]
    return outcomes(subprocess.run(command, env=env, capture_output=True, text=True).stdout)


def outcomes(printed: str) -> dict[str, str]:
    """Return the outcome of each test in what `pytest -v` prints."""
    words = ("PASSED", "FAILED", "SKIPPED", "XFAIL", "XPASS", "ERROR")
    found = {}
    for line in printed.splitlines():
        for word in words:
            node_id, there, _ = line.partition(f" {word}")
            if there and node_id.startswith("array_api_tests/"):
                found[node_id] = word
    return found


PYTEST = ("-v", "-p", "no:cacheprovider", "-p", "trunk_failures.pytest_plugin", "array_api_tests")
LISTS = {
    "array-api": (
        ["--xfails-file=../xfails.txt", "--skips-file=../skips.txt"],
        [("array-api-xfails", "../xfails.txt"), ("array-api-skips", "../skips.txt")],
    ),
    "pytest_skip": (
        ["-p", "pytest_skip.plugin", "--skip-from-file=../xfails.txt"],
        [("pytest-skip", "../xfails.txt")],
    ),
    "pytest_quarantine": (
        ["-p", "pytest_quarantine.plugin", "--quarantine=../quarantine.txt"],
        [("pytest-quarantine", "../quarantine.txt")],
    ),
}
WHERE = ("--collected", "ids.txt", "--test-dir", "array_api_tests")


@pytest.mark.parametrize("tool", LISTS)
def test_every_test_comes_to_the_same(tool: str, project: Path) -> None:
    """Under the tool with its files, and under our lists imported from them, outcomes are one."""
    if tool != "array-api" and importlib.util.find_spec(tool) is None:
        pytest.skip(f"{tool} is not installed")
    options, lists = LISTS[tool]
    theirs = run(project, *options)
    (project / "ids.txt").write_text("\n".join(theirs))
    for name, path in lists:
        assert cli.main(["import", name, path, *WHERE, "--strict"]) == 0
    assert len(theirs) == 12 and {*theirs.values()} > {"PASSED", "FAILED"}
    assert run(project, "--trunk-failures=array_api_tests") == theirs


def test_a_list_that_is_exported_is_the_one_that_was_imported(project: Path) -> None:
    """What was imported from an xfails file is exported as one that marks the same tests."""
    theirs = run(project, "--xfails-file=../xfails.txt")
    (project / "ids.txt").write_text("\n".join(theirs))
    assert cli.main(["import", "array-api-xfails", "../xfails.txt", *WHERE]) == 0
    assert cli.main(["export", "array-api-xfails", *WHERE, "-o", "again.txt"]) == 0
    assert "XFAIL" in theirs.values()
    assert run(project, "--xfails-file=again.txt") == theirs


def sets(count: int) -> str:
    """Return a module as PyTorch had it, with so many keys, some of them with comments."""
    names = [f"Test{each % 97}CPU.test_index_{each}_cpu_<f{each % 3}" for each in range(count)]
    lines = [
        f'    "{name}",  # test_jit_{number % 5}.py' if number % 100 == 0 else f'    "{name}",'
        for number, name in enumerate(names)
    ]
    half = count // 2
    return "\n".join(
        ("dynamo_expected_failures = {", *lines[:half], "}", "dynamo_skips = {", *lines[half:], "}")
    )


def test_thousands_of_pytorchs_names_go_there_and_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An old set of PyTorch's is listed whole, and export as JSON and import lose none of it."""
    monkeypatch.chdir(tmp_path)
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
    (tmp_path / "dynamo_test_failures.py").write_text(sets(3000))
    first = ("dynamo_test_failures.py", "--test-dir", "first", "--strict")
    assert cli.main(["import", "pytorch", *first]) == 0
    assert cli.main(["export", "json", "--test-dir", "first", "-o", "x.json", "--strict"]) == 0
    assert cli.main(["import", "json", "x.json", "--test-dir", "second", "--strict"]) == 0
    there = tree(tmp_path / "first")
    assert len(there) == 3000 and tree(tmp_path / "second") == there
    assert sum("reason: test_jit_" in text for text in there.values()) == 30
