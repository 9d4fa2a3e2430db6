"""Running a suite by each runner, as people do, and reading what it told of each test."""

from __future__ import annotations

import ast
import concurrent.futures
import functools
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from . import projects
from .limits import NO_FUNCTIONS, NO_LOAD_TESTS, OF_TESTS

PASSED, FAILED, EXPECTED, SKIPPED = "passed", "failed", "expected failure", "skipped"

CHECKOUT = Path(__file__).resolve().parents[2]
TIME_LIMIT = 120
"""Seconds that one run may take; a hang then fails instead of holding everything up."""

_STEERING = (
    *("TRUNK_FAILURES", "PYTORCH_TEST_WITH_", "PYTEST_", "PYTHONWARNINGS"),
    *("FORCE_COLOR", "PY_COLORS", "PYTHON_COLORS", "COLUMNS"),
)
_RULE = "-" * 70
_STATUS = {
    "ok": (PASSED, None),
    "FAIL": (FAILED, None),
    "ERROR": (FAILED, None),
    "unexpected success": (FAILED, "Unexpected success"),
    "expected failure": (EXPECTED, None),
    "skip": (SKIPPED, None),  # xmlrunner's word, and its line ends with seconds.
}
_FIXTURES = ("setUpClass", "tearDownClass", "setUpModule", "tearDownModule")
_SEVERITY = (PASSED, SKIPPED, EXPECTED, FAILED)
_NAME = r"(?P<name>\w+) \((?P<path>[^\W\d][\w.]*)\)"
# Python 3.10 leaves a test's line open when sub-tests fail; the next one then follows on it.
_HEADER = re.compile(rf"(?:^ *|(?<=\.\.\. )){_NAME}", re.MULTILINE)
# A warning may be printed between a test's name and its status, which then begins a line; one of
# another process's may follow on the status before its line ends.
_ENDS = re.compile(
    r"(?:^|\.\.\. )(?:skipped (?P<reason>'.*'|\".*\")|(?P<word>ok|FAIL|ERROR|skip|"
    r"expected failure|unexpected success))(?: \([0-9.]+s\))?"
    r"(?=$|/[^\n']*\.py:\d+: \w*Warning: )",
    re.MULTILINE,
)
_SECTIONS = re.compile(rf"^(?:={{70}}$|{_RULE}\nRan )", re.MULTILINE)
_SECTION = re.compile(
    rf"^={{70}}\n(?:FAIL|ERROR)(?: \[[0-9.]+s\])?: {_NAME}(?P<text>.*?)"
    rf"(?=^={{70}}$|^{_RULE}\nRan )",
    re.MULTILINE | re.DOTALL,
)
_BARE = re.compile(r"[^ []+(\[.*\])?")  # Of a sub-test's name the description is left out.


class Told(NamedTuple):
    """What a runner told of one test; `message` is None where it has none to show."""

    outcome: str
    message: str | None = None


class Run(NamedTuple):
    """One run of a suite: what was told of each test, and all that was printed.

    Tests are named by their file and key: `nn/test_init/TestInit.test_eye`. `unnamed` is what
    was told without a name: unittest leaves it out where a fixture is not simply an error.
    """

    told: dict[str, Told]
    unnamed: list[Told]
    code: int
    output: str


class Runner(NamedTuple):
    """One way to run a suite.

    `requires` names the packages that it needs, with spaces between them. `run` takes the
    interpreter, the project's directory, a new one for reports and the environment. `limits` has
    the reasons of `limits` for what it cannot tell. `applies_to_every` tells whether it puts the
    lists on tests that are not decorated.
    """

    name: str
    requires: str
    run: Callable[[str, Path, Path, Mapping[str, str]], Run]
    limits: frozenset[str] = frozenset({NO_FUNCTIONS})
    applies_to_every: bool = False


def environment(python: str, **variables: str) -> dict[str, str]:
    """Return the environment for a child: this process's, without what would steer the child."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_STEERING)}
    if not imports(python, "trunk_failures"):
        paths = (str(CHECKOUT), kept.get("PYTHONPATH", ""))
        kept["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
    return {**kept, "PYTHONIOENCODING": "utf-8", **variables}


def lacks(python: str, runner: Runner) -> bool:
    """Tell whether an interpreter lacks a package that a runner needs."""
    return not all(imports(python, package) for package in runner.requires.split())


@functools.cache
def version(python: str) -> tuple[int, int]:
    """Return an interpreter's version, as (3, 13)."""
    said = subprocess.run(
        [python, "-I", "-c", "import sys; print(*sys.version_info[:2])"],
        capture_output=True,
        check=True,
    )
    major, minor = map(int, said.stdout.split())
    return major, minor


@functools.cache
def imports(python: str, package: str) -> bool:
    """Tell whether an interpreter has a package or a module."""
    # Isolated, so that the answer does not depend on the directory that this process is in.
    found = f"import importlib.util, sys; sys.exit(not importlib.util.find_spec({package!r}))"
    return subprocess.run([python, "-I", "-c", found], check=False).returncode == 0


def call(
    command: list[str], directory: Path, env: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """Run a command; its output is text, with stderr following stdout."""
    return subprocess.run(
        command,
        cwd=directory,
        env=dict(env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=TIME_LIMIT,
        check=False,
    )


def _verbose(
    python: str, project: Path, _: Path, env: Mapping[str, str], command: tuple[str, ...] = ()
) -> Run:
    """Run a command that prints what `unittest -v` does."""
    ran = call([python, *command], project, env)
    return Run(*read_verbose(ran.stdout), ran.returncode, ran.stdout)


DISCOVER = ("discover", "-v", "-s", "tests")
UNDER = ("-m", "trunk_failures", "run")
"""Comes before `-m nose2` and its like, to put the lists on every test."""


def _script(python: str, project: Path, _: Path, env: Mapping[str, str]) -> Run:
    """`python tests/test_x.py -v`, for each file of which unittest's main is at the end."""
    files = projects.test_files(project)
    scripts = [file for file in files if _is_script(project / f"tests/{file}.py")]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as executor:
        runs = [*executor.map(functools.partial(_run_script, python, project, env), scripts)]
    return Run(
        {test: told for run in runs for test, told in run.told.items()},
        [told for run in runs for told in run.unnamed],
        max(run.code for run in runs),
        "\n".join(run.output for run in runs),
    )


def _run_script(python: str, project: Path, env: Mapping[str, str], file: str) -> Run:
    ran = call([python, f"tests/{file}.py", "-v"], project, env)
    return Run(*read_verbose(ran.stdout, file), ran.returncode, ran.stdout)


def _is_script(file: Path) -> bool:
    return "unittest.main()" in file.read_text(encoding="utf-8")


def _pytest(
    python: str,
    project: Path,
    reports: Path,
    env: Mapping[str, str],
    options: tuple[str, ...] = (),
) -> Run:
    """`pytest`; its JUnit report names every test, with its message whole."""
    report = reports / "junit.xml"
    settings = ("-p", "no:cacheprovider", "-rA", "-o", "junit_family=xunit2", "--rootdir=tests")
    quick = "--tb=native"  # Excerpts of the source would take half of the time.
    command = [python, "-m", "pytest", *settings, quick, f"--junitxml={report}", *options, "tests"]
    # Other plugins that happen to be installed are no part of the suite.
    ran = call(command, project, {**env, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"})
    told = read_junit([report] if report.exists() else [])
    return Run(told, [], ran.returncode, ran.stdout)


def _xmlrunner(
    python: str, project: Path, reports: Path, env: Mapping[str, str], under: tuple[str, ...] = ()
) -> Run:
    """`python -m xmlrunner discover`, which writes one report for each class."""
    command = [python, *under, "-m", "xmlrunner", *DISCOVER, "-o", str(reports)]
    ran = call(command, project, env)
    told = read_junit(sorted(reports.glob("*.xml")))
    said, _ = read_verbose(ran.stdout)
    for test, seen in told.items():  # Its lines are written elsewhere than its reports.
        # Skipped tests are not started in Python 3.12.1, and so have no line; nor have fixtures.
        unsaid = seen.outcome == SKIPPED or test.rpartition(".")[2] in _FIXTURES
        outcome = said.get(test, seen if unsaid else Told("nothing")).outcome
        if outcome != seen.outcome:
            told[test] = Told(f"{seen.outcome} in the report and {outcome} on the terminal")
    return Run(told, [], ran.returncode, ran.stdout)


def _with_options(python: str, project: Path, _: Path, env: Mapping[str, str]) -> Run:
    """`python -m unittest --locals`, and `--durations` where there is that."""
    durations = ("--durations", "3") if version(python) >= (3, 12) else ()
    command = ("-m", "unittest", *DISCOVER, "--locals", *durations)
    return _verbose(python, project, _, env, command)


def _runs(*command: str) -> Callable[[str, Path, Path, Mapping[str, str]], Run]:
    return functools.partial(_verbose, command=command)


PLUGIN = ("-p", "trunk_failures.pytest_plugin", "--trunk-failures=tests")
IN_PYTEST = frozenset({OF_TESTS, NO_LOAD_TESTS})
UNITTEST = Runner("unittest", "", _runs("-m", "unittest", *DISCOVER))
PYTEST = Runner("pytest", "pytest", _pytest, IN_PYTEST)
XDIST = Runner(
    "pytest -n 2",
    "pytest xdist",
    functools.partial(_pytest, options=("-p", "xdist", "-n", "2")),
    IN_PYTEST,
)
RUNNERS = (
    UNITTEST,
    Runner("unittest --locals --durations", "", _with_options),
    Runner("script", "", _script),
    PYTEST,
    XDIST,
    Runner("xmlrunner", "xmlrunner", _xmlrunner),
)
PLUGINS = (
    Runner(
        "pytest --trunk-failures",
        "pytest",
        functools.partial(_pytest, options=PLUGIN),
        IN_PYTEST,
        applies_to_every=True,
    ),
    Runner(
        "pytest --trunk-failures -n 2",
        "pytest xdist",
        functools.partial(_pytest, options=(*PLUGIN, "-p", "xdist", "-n", "2")),
        IN_PYTEST,
        applies_to_every=True,
    ),
)
"""pytest with the plugin."""

UNDECORATED = (
    Runner(
        "trunk_failures unittest",
        "",
        _runs("-m", "trunk_failures", "unittest", *DISCOVER),
        applies_to_every=True,
    ),
    Runner(
        "run unittest", "", _runs(*UNDER, "-m", "unittest", *DISCOVER), applies_to_every=True
    ),
    *PLUGINS,
    Runner(
        "run xmlrunner",
        "xmlrunner",
        functools.partial(_xmlrunner, under=UNDER),
        applies_to_every=True,
    ),
)
"""The runners that put the lists on tests that are not decorated."""

INTERPRETERS = [
    python
    for python in os.environ.get("TRUNK_FAILURES_TEST_INTERPRETERS", "").split(os.pathsep)
    if python
] or [sys.executable]


def read_verbose(text: str, main: str = "") -> tuple[dict[str, Told], list[Told]]:
    """Read what unittest prints under `-v`; `main` is the file that runs as `__main__`.

    Returns what was told of each test, and what was told of nothing named.
    """
    lines = _SECTIONS.split(text, maxsplit=1)[0]
    told: dict[str, Told] = {}
    headers = list(_HEADER.finditer(lines))
    ends = [header.start() for header in headers] + [len(lines)]
    unnamed = _statuses(lines[: ends[0]])
    for header, end in zip(headers, ends[1:]):
        test = _test(header["name"], header["path"], main)
        for status in _statuses(lines[header.end() : end]):
            if test not in told or told[test].outcome == status.outcome == SKIPPED:
                add(told, test, status)  # Of sub-tests several may skip.
            else:
                unnamed.append(status)
    for section in _SECTION.finditer(text):
        test = _test(section["name"], section["path"], main)
        add(told, test, Told(FAILED, section["text"]))
    # Failures have their sections, where all have names.
    return told, [status for status in unnamed if status.outcome != FAILED]


def _statuses(text: str) -> list[Told]:
    return [
        Told(SKIPPED, ast.literal_eval(match["reason"]))
        if match["reason"]
        else Told(*_STATUS[match["word"]])
        for match in _ENDS.finditer(text)
    ]


def _test(name: str, path: str, main: str) -> str:
    """Return a test's file and key, of `name (module.Class)` or `name (module.Class.name)`."""
    parts = path.removesuffix(f".{name}").split(".")
    if parts[0] == "__main__":
        parts[0] = main
    if name in _FIXTURES[2:]:
        parts.append(parts[-1].rpartition("/")[2])
    return f"{'/'.join(parts)}.{name}"


def read_junit(reports: list[Path]) -> dict[str, Told]:
    """Read JUnit reports of pytest or xmlrunner."""
    told: dict[str, Told] = {}
    for report in reports:
        for case in ElementTree.parse(report).iter("testcase"):
            name = case.get("name")
            if name:  # pytest leaves it out where the run was ended in the middle of a test.
                test = _junit_test(case.get("classname", ""), name)
                for each in _case_told(case):
                    add(told, test, each)
    return told


def is_fixture(text: str) -> bool:
    """Tell whether it is what stands for a fixture: `setUpModule (test_ops)`."""
    return re.fullmatch(_NAME, text) is not None


def of_id(text: str) -> str:
    """Return a test's file and key, of its unittest id or of what stands for a fixture's."""
    fixture = re.fullmatch(_NAME, text)
    if fixture:
        return _test(fixture["name"], fixture["path"], "")
    bare = _BARE.match(text)
    *parts, name = (bare[0] if bare else text).split(".")
    return f"{'/'.join(parts)}.{name}"


def _junit_test(classname: str, name: str) -> str:
    fixture = re.fullmatch(_NAME, name)
    if fixture:  # xmlrunner's name for what is no test.
        return _test(fixture["name"], fixture["path"], "")
    parts = classname.split(".")
    if not parts[-1][:1].isupper():
        parts.append(parts[-1])  # A plain function.
    bare = _BARE.match(name)
    return f"{'/'.join(parts)}.{bare[0] if bare else name}"


def _case_told(case: ElementTree.Element) -> Iterator[Told]:
    found = [child for child in case if child.tag in ("failure", "error", "skipped")]
    for child in found:
        message = f"{child.get('message', '')}\n{child.text or ''}"
        if child.tag != "skipped":
            yield Told(FAILED, f"{child.get('type', '')}: {message}")
        elif child.get("type") in ("pytest.xfail", "XFAIL"):
            # xmlrunner's is but the three values of sys.exc_info().
            yield Told(EXPECTED, message if child.get("type") != "XFAIL" else None)
        else:
            yield Told(SKIPPED, message)
    if not found:
        yield Told(PASSED)


def add(told: dict[str, Told], test: str, new: Told) -> None:
    """Add what was told of a test to what was told of it before; the worst outcome counts."""
    old = told.get(test, new)
    outcome = max(old.outcome, new.outcome, key=_SEVERITY.index)
    messages = [each.message for each in (old, new) if each.message is not None]
    told[test] = Told(outcome, "\n".join(dict.fromkeys(messages)) if messages else None)
