"""Runners that come from packages of their own: Django, nose2, testtools, stestr, trial."""

from __future__ import annotations

import functools
import json
import os
import re
import subprocess
import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping
from pathlib import Path

from . import limits, projects, runners
from .runners import EXPECTED, FAILED, PASSED, SKIPPED, UNDER, Run, Runner, Told

READER = Path(__file__).with_name("subunit_lines.py")
MANAGE = """
import sys

from django.conf import settings
from django.core.management import execute_from_command_line

settings.configure()

if __name__ == "__main__":
    execute_from_command_line(sys.argv)
"""
STESTR = "[DEFAULT]\ntest_path=./tests\ntop_dir=.\n"
EVERY = "import trunk_failures\n\ntrunk_failures.apply_to_every_test()\n"
# Worker processes print warnings into the lines that the parent prints.
_WARNING = re.compile(r"/[^\s:]+\.py:\d+: \w+Warning: [^\n]*\n(  [^\n]*\n)?")
_STATUS = {
    "success": PASSED,
    "fail": FAILED,
    "uxsuccess": FAILED,
    "xfail": EXPECTED,
    "skip": SKIPPED,
    "unknown": FAILED,  # It never ended.
}


def _django(
    python: str,
    project: Path,
    _: Path,
    env: Mapping[str, str],
    under: tuple[str, ...] = (),
    options: tuple[str, ...] = (),
) -> Run:
    """`python manage.py test`."""
    (project / "manage.py").write_text(MANAGE, encoding="utf-8")
    command = [python, *under, "manage.py", "test", "-v", "2", *options, "tests"]
    ran = runners.call(command, project, env)
    said = _WARNING.sub("", ran.stdout)
    return Run(*runners.read_verbose(said), ran.returncode, ran.stdout)


def _nose2(
    python: str, project: Path, reports: Path, env: Mapping[str, str], under: tuple[str, ...] = ()
) -> Run:
    """`nose2`, with the report of its own plugin, which names fixtures too."""
    report = reports / "nose2.xml"
    plugin = ("--plugin", "nose2.plugins.junitxml", "--junit-xml", "--junit-xml-path", str(report))
    ran = runners.call([python, *under, "-m", "nose2", "-s", "tests", *plugin], project, env)
    told: dict[str, Told] = {}
    for case in ElementTree.parse(report).iter("testcase") if report.exists() else ():
        name = case.get("name", "")
        if not runners.is_fixture(name):  # A module's has its name alone.
            name = f"{case.get('classname')}.{name}"
        runners.add(told, runners.of_id(name), _of_case(case))
    return Run(told, [], ran.returncode, ran.stdout)


def _of_case(case: ElementTree.Element) -> Told:
    found = next((child for child in case if child.tag in ("failure", "error", "skipped")), None)
    if found is None:
        return Told(PASSED)
    said = found.get("message", "")
    if said == "expected test failure":
        return Told(EXPECTED)
    if said == "test passes unexpectedly":  # It is a skip there, and a failure of the run.
        return Told(FAILED, "Unexpected success")
    if found.tag == "skipped":
        return Told(SKIPPED, said)
    return Told(FAILED, f"{said}\n{found.text or ''}")


def _testtools(
    python: str, project: Path, reports: Path, env: Mapping[str, str], under: tuple[str, ...] = ()
) -> Run:
    """`python -m testtools.run discover`, which prints failures alone, and has the exit code.

    `python -m subunit.run` is the same program, and tells of every test.
    """
    arguments = ("discover", "-s", "tests")
    ran = runners.call([python, *under, "-m", "testtools.run", *arguments], project, env)
    command = [python, *under, "-m", "subunit.run", *arguments]
    run = _streamed(python, command, project, reports, env, "2")
    return run._replace(code=ran.returncode, output=ran.stdout)


def _trial(
    python: str, project: Path, reports: Path, env: Mapping[str, str], under: tuple[str, ...] = ()
) -> Run:
    """`trial`, which takes the names of modules; its own reporter leaves messages out."""
    modules = [file.replace("/", ".") for file in projects.test_files(project)]
    modules = [module for module in modules if not module.startswith("functions.")]
    options = ["--reporter=subunit", f"--temp-directory={reports / 'trial'}"]
    command = [python, *under, "-m", "twisted.trial", *options, *modules]
    path = os.pathsep.join(filter(None, (str(project / "tests"), env.get("PYTHONPATH"))))
    return _streamed(python, command, project, reports, {**env, "PYTHONPATH": path}, "1")


def _streamed(
    python: str,
    command: list[str],
    project: Path,
    reports: Path,
    env: Mapping[str, str],
    version: str,
) -> Run:
    """Run a command that writes a subunit stream to its standard output."""
    stream = reports / "subunit"
    with stream.open("wb") as out:
        ran = subprocess.run(
            command,
            cwd=project,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.PIPE,
            timeout=runners.TIME_LIMIT,
            check=False,
        )
    said = ran.stderr.decode("utf-8", "replace")
    return Run(_read(python, stream, version), [], ran.returncode, said)


def _stestr(
    python: str, project: Path, reports: Path, env: Mapping[str, str], every: bool = False
) -> Run:
    """`stestr run`, with two processes; then its last stream is read."""
    (project / ".stestr.conf").write_text(STESTR, encoding="utf-8")
    package = project / "tests" / "__init__.py"
    package.write_text(EVERY if every else "", encoding="utf-8")
    path = os.pathsep.join(filter(None, (str(project / "tests"), env.get("PYTHONPATH"))))
    env = {**env, "PYTHONPATH": path}
    command = [python, "-m", "stestr", "run", "--concurrency", "2", "--slowest"]
    ran = runners.call(command, project, env)
    package.unlink()  # The project is other runners' too.
    stream = reports / "subunit"
    with stream.open("wb") as out:
        last = [python, "-m", "stestr", "last", "--subunit"]
        subprocess.run(last, cwd=project, env=env, stdout=out, timeout=60, check=False)
    told = {test.removeprefix("tests/"): seen for test, seen in _read(python, stream, "2").items()}
    return Run(told, [], ran.returncode, ran.stdout)


def _read(python: str, stream: Path, version: str) -> dict[str, Told]:
    """Read a subunit stream; tests that were only said to exist are left out."""
    with stream.open("rb") as data:
        read = subprocess.run(
            [python, str(READER), version],
            stdin=data,
            stdout=subprocess.PIPE,
            timeout=60,
            check=True,
            env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        )
    told: dict[str, Told] = {}
    for line in map(json.loads, read.stdout.decode().splitlines()):
        if line["id"] is not None and line["status"] in _STATUS:
            outcome = _STATUS[line["status"]]
            word = "Unexpected success" if line["status"] == "uxsuccess" else line["said"]
            seen = Told(outcome, None if outcome == EXPECTED else word)
            runners.add(told, runners.of_id(line["id"]), seen)
    return told


UNITTESTS = Runner._field_defaults["limits"]
IN_PARALLEL = UNITTESTS | {limits.VERDICTS_OF_TESTS, limits.NO_COROUTINES}
IN_STESTR = UNITTESTS | {limits.LOST_SUB_TESTS}
IN_TRIAL = UNITTESTS | {
    *(limits.NO_FIXTURES, limits.NO_LOAD_TESTS, limits.NO_WARNINGS),
    *(limits.NO_SUB_TESTS, limits.MARKED_PASSES),
}
PARALLEL = ("--parallel", "2", "--pattern", "test_[!a]*.py")


OTHERS = (
    Runner("django", "django", _django),
    Runner(
        "django --parallel",
        "django tblib",
        functools.partial(_django, options=PARALLEL),
        IN_PARALLEL,
    ),
    Runner("nose2", "nose2", _nose2),
    Runner("testtools", "testtools subunit", _testtools),
    Runner("stestr", "stestr testtools subunit", _stestr, IN_STESTR),
    Runner("trial", "twisted testtools subunit", _trial, IN_TRIAL),
)
OTHERS_UNDECORATED = tuple(
    runner._replace(
        name=f"run {runner.name}",
        run=functools.partial(
            runner.run, **({"every": True} if runner.name == "stestr" else {"under": UNDER})
        ),
        applies_to_every=True,
    )
    for runner in OTHERS
)
