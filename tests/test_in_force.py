"""The lists in force: loaded when the package is imported, or why they are not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import trunk_failures
from trunk_failures import in_force
from trunk_failures.errors import ListError, TrunkFailuresWarning, UsageError

CHECKOUT = Path(trunk_failures.__file__).parent.parent
DYNAMO = {"PYTORCH_TEST_WITH_DYNAMO": "1"}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a repository without lists as the working directory, no list being switched off."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "tests").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TRUNK_FAILURES")
    monkeypatch.setattr(in_force, "trouble", "")
    return tmp_path


def write(project: Path, *entries: str) -> None:
    """List tests, each as the path of its empty file below the test directory."""
    for entry in entries:
        path = project / "tests" / entry
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


@pytest.mark.parametrize(
    ("environ", "modes", "failures", "skips"),
    [
        ({}, ("trunk",), {"A.a", "nn/test_x/A.b"}, {"A.c"}),
        (DYNAMO, ("dynamo", "trunk"), {"A.a", "nn/test_x/A.b"}, {"A.a", "A.c"}),
        ({**DYNAMO, "TRUNK_FAILURES": "0"}, (), set(), set()),
        ({"TRUNK_FAILURES": "0", "TRUNK_FAILURES_DIR": "missing"}, (), set(), set()),
    ],
)
def test_lists_are_loaded(
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
    environ: dict[str, str],
    modes: tuple[str, ...],
    failures: set[str],
    skips: set[str],
) -> None:
    """The lists of the test directory that is found are in force, as the environment says."""
    listed = ("A.a", "nn/test_x/A.b")
    write(project, *(f"trunk_expected_failures/{entry}" for entry in listed))
    write(project, "trunk_skips/A.c", "dynamo_skips/A.a")
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    loaded = in_force._load_or_say()
    assert loaded.modes == modes
    assert (loaded.expected_failures, loaded.skips) == (failures, skips)
    assert loaded.test_dir == (str(project / "tests") if modes else None)


def test_no_lists_are_a_warning(project: Path) -> None:
    """Where there are no lists a warning says where they were looked for, and what to do."""
    with pytest.warns(TrunkFailuresWarning) as caught:
        loaded = in_force._load_or_say()
    assert (loaded.test_dir, loaded.modes, loaded.keys) == (None, ("trunk",), set())
    (warning,) = map(str, (each.message for each in caught))
    assert warning.startswith("no list directory was found, so that no failure is suppressed")
    for place in (project, project / "tests", project / "test"):
        assert str(place) in warning
    assert "set TRUNK_FAILURES_DIR, or set TRUNK_FAILURES=0 if there is to be none" in warning


def test_a_given_directory_without_lists_is_a_warning(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A given test directory without lists is kept, and a warning says what it lacks."""
    monkeypatch.setenv("TRUNK_FAILURES_DIR", str(project))
    with pytest.warns(TrunkFailuresWarning, match="the test directory holds no list directory"):
        assert in_force._load_or_say().test_dir == str(project)


COMMANDS = [
    (["/venv/bin/trunk-failures", "check"], ["python", "/venv/bin/trunk-failures", "check"], True),
    (["C:\\x\\trunk-failures.exe"], ["C:\\x\\trunk-failures.exe"], os.name == "nt"),
    (["trunk-failures-script.py"], ["python", "trunk-failures-script.py"], True),
    (["-m", "unittest"], ["python", "-m", "trunk_failures", "unittest"], True),
    (["-m"], ["python", "-m", "trunk_failures"], True),
    (["-m"], ["python", "-W", "error", "-m", "trunk_failures"], True),
    (["-m", "unittest"], ["python", "-mtrunk_failures", "unittest"], True),
    (["-m", "trunk_failures"], ["python", "-m", "own_runner", "trunk_failures"], False),
    (["-m", "unittest"], ["python", "-m", "unittest", "trunk"], False),
    (["/srv/tests/test_x.py"], ["python", "/srv/tests/test_x.py", "trunk_failures"], False),
    (["-c"], ["python", "-c", "import trunk_failures"], False),
    ([""], ["python"], False),
    ([], ["python"], False),
]


@pytest.mark.parametrize(("argv", "original", "expected"), COMMANDS)
def test_the_packages_own_command(argv: list[str], original: list[str], expected: bool) -> None:
    """The package's own command is known by its script, or by what `python -m` is given."""
    assert in_force._is_own_command(argv, original) is expected


@pytest.mark.parametrize(
    ("entries", "environ", "kind", "said"),
    [
        (["trunk_skips/no_key"], {}, ListError, "lists 'no_key'; a key is"),
        (["x_skips/A.a"], {"TRUNK_FAILURES_MODES": "y"}, UsageError, "modes that have one: x"),
        (["x_skips/A.a"], {"TRUNK_FAILURES_DIR": "no"}, UsageError, "='no' is no directory"),
    ],
)
def test_faults_end_an_import(
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
    entries: list[str],
    environ: dict[str, str],
    kind: type[Exception],
    said: str,
) -> None:
    """Faults end the import of a test module; the package's own command has them to say."""
    write(project, *entries)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(kind, match=said):
        in_force._load_or_say()
    assert in_force.trouble == ""
    monkeypatch.setattr(sys, "argv", ["trunk-failures", "unittest"])
    loaded = in_force._load_or_say()
    assert said in in_force.trouble
    assert (loaded.test_dir, loaded.modes, loaded.keys) == (None, (), set())


@pytest.mark.usefixtures("project")
def test_other_errors_end_the_command_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is no error of this package, as a warning that is to be one, is never held back."""
    monkeypatch.setattr(sys, "argv", ["trunk-failures", "unittest"])
    with pytest.raises(TrunkFailuresWarning):
        in_force._load_or_say()
    assert in_force.trouble == ""


def run(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run an interpreter that finds the package, in the project."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_importing_the_package_loads_the_lists(project: Path) -> None:
    """The sets in force are the package's, from the moment that it is imported."""
    write(project, "trunk_expected_failures/A.a", "trunk_skips/A.b", "dynamo_skips/A.c")
    names = "test_dir modes_in_force expected_failures skips".split()
    code = "import trunk_failures as t; print([t.{}, t.{}, t.{}, t.{}])".format(*names)
    expected = [str(project / "tests"), ("trunk",), {"A.a"}, {"A.b"}]
    assert run(project, "-c", code).stdout.strip() == repr(expected)


@pytest.mark.parametrize("start", [("-m", "trunk_failures"), ("-mtrunk_failures",)])
def test_the_command_says_faults_in_one_line(project: Path, start: tuple[str, ...]) -> None:
    """The package's own command tells of faulty lists in one line, and exits with 2."""
    write(project, "trunk_skips/no_key")
    done = run(project, *start, "unittest")
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("trunk-failures unittest: the lists in ") and "no_key" in line


def test_an_import_with_faults_raises_each_time(project: Path) -> None:
    """A second import does not find lists that the first one refused."""
    write(project, "trunk_skips/no_key")
    code = (
        "for _ in range(2):\n"
        "    try: import trunk_failures\n"
        "    except Exception as error: print(type(error).__name__, 'no_key' in str(error))"
    )
    assert run(project, "-c", code).stdout.splitlines() == ["ListError True"] * 2


def test_a_working_directory_that_is_gone_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process whose directory was deleted has none, and may still find lists elsewhere."""
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert in_force._working() is None


def test_what_the_package_is_imported_for() -> None:
    """An import for the pytest plugin is told from others by what the import system does."""

    def _find_and_load_unlocked(name: str) -> bool:
        return in_force.is_plugin_import()

    assert _find_and_load_unlocked(in_force.PLUGIN)
    assert not _find_and_load_unlocked("trunk_failures.decorators")


def test_lists_are_loaded_when_they_are_first_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lists that the import left alone are loaded once, at the first use; other names are not."""
    monkeypatch.delattr(in_force, "lists")
    loaded = in_force.lists
    assert in_force.lists is loaded
    with pytest.raises(AttributeError, match="has no attribute 'missing'"):
        in_force.missing  # noqa: B018


@pytest.mark.parametrize(
    ("argv", "found"),
    [
        (["trunk-failures", "run", __file__, "-v"], __file__),
        (["trunk-failures", "run", "missing.py"], None),
        (["trunk-failures", "run"], None),
    ],
)
def test_the_script_that_is_about_to_run(
    monkeypatch: pytest.MonkeyPatch, argv: list[str], found: str | None
) -> None:
    """Lists are looked for beside the script that `trunk-failures run` is given."""
    monkeypatch.setattr(sys, "argv", argv)
    assert in_force._main_file() == found


def test_commands_that_run_no_test_load_no_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    """`trunk-failures update` asks for the lists itself, and is not warned that there are none."""
    monkeypatch.setattr(sys, "argv", ["trunk-failures", "update", "results.jsonl"])
    assert in_force._load_or_say().listings == ()
