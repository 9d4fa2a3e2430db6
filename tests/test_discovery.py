"""Discovery: which directory the lists are looked for in, however the process was started."""

from __future__ import annotations

import contextlib
import ntpath
import os
import shutil
import subprocess
import sys
import types
import zipapp
from collections.abc import Iterator
from pathlib import Path

import pytest

import trunk_failures
from trunk_failures import discovery
from trunk_failures.errors import UsageError

PACKAGE = Path(trunk_failures.__file__).parent
PROBE = "import trunk_failures; print(f'[{trunk_failures.test_dir}]')"
STEERING = ("TRUNK_FAILURES", "PYTORCH_TEST_WITH_", "PYTHON", "PYTEST_")

POSIX_ONLY = pytest.mark.skipif(os.name == "nt", reason="chmod hides nothing on Windows")


def make_lists(directory: Path) -> Path:
    """Make a list directory with an entry in a directory, and return that."""
    (directory / "trunk_skips").mkdir(parents=True)
    (directory / "trunk_skips" / "TestFoo.test_bar").touch()
    return directory


def repository(directory: Path) -> Path:
    """Make a directory the root of a repository, so that nothing above it is looked at."""
    (directory / ".git").mkdir(parents=True)
    return directory


def install(directory: Path) -> Path:
    """Put a copy of the package in a directory, and return the copy."""
    return Path(
        shutil.copytree(
            PACKAGE, directory / PACKAGE.name, ignore=shutil.ignore_patterns("__pycache__")
        )
    )


def run(
    *command: str | Path, cwd: Path, stdin: str = "", path: Path = PACKAGE.parent, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run a command whose Python finds the package in `path`."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith(STEERING)}
    return subprocess.run(
        [os.fspath(part) for part in command],
        cwd=cwd,
        env={**kept, "PYTHONPATH": str(path), "PYTHONDONTWRITEBYTECODE": "1", **variables},
        input=stdin,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


@contextlib.contextmanager
def unreadable(directory: Path) -> Iterator[None]:
    """Let nobody read a directory, not even root."""
    is_root = os.geteuid() == 0
    directory.chmod(0)
    if is_root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if is_root:
            os.seteuid(0)
        directory.chmod(0o700)


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """Give a working directory, in a repository, that has lists of its own."""
    return make_lists(repository(tmp_path / "elsewhere"))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Give a repository with lists in its `tests`, where there is a test that probes."""
    root = repository(tmp_path / "project")
    make_lists(root / "tests")
    test = "import unittest\n\nclass TestProbe(unittest.TestCase):\n    def test(self): pass\n"
    (root / "tests" / "test_probe.py").write_text(f"{PROBE}\n{test}", encoding="utf-8")
    return root


# The places, in the order that they are looked at in.
PLACES = [
    "lib/tests",
    "lib/test",
    "app/sub",
    "app/sub/tests",
    "app/sub/test",
    "app",
    "app/tests",
    "app/test",
    "work/deep",
    "work/deep/tests",
    "work/deep/test",
    "work",
    "work/tests",
    "work/test",
]


@pytest.mark.parametrize("first", range(len(PLACES) + 1))
def test_the_order_of_places(tmp_path: Path, first: int) -> None:
    """Lists are looked for beside the package, above `__main__`, then above the directory."""
    (tmp_path / "app" / ".git").mkdir(parents=True)
    (tmp_path / "work" / ".hg").mkdir(parents=True)
    places = [str(tmp_path / place) for place in PLACES]
    for place in places[first:]:
        make_lists(Path(place))
    main = tmp_path / "app" / "sub" / "main.py"
    deep = tmp_path / "work" / "deep"
    found = discovery.find({}, str(tmp_path / "lib" / "package"), str(main), str(deep))
    assert found.test_dir == (places[first] if first < len(places) else None)
    assert found.looked == places[: first + 1]


@pytest.mark.parametrize("mark", [".git", ".hg", ".git file"])
def test_the_walk_ends_at_the_repository(tmp_path: Path, mark: str) -> None:
    """Nothing above a repository's root is looked at, be it git's, a worktree's or Mercurial's."""
    make_lists(tmp_path)
    inner = tmp_path / "inner"
    inner.mkdir()
    if mark == ".git file":
        (inner / ".git").write_text("gitdir: ../main/.git/worktrees/inner\n", encoding="utf-8")
    else:
        (inner / mark).mkdir()
    found = discovery.find({}, str(tmp_path / "site-packages" / "package"), None, str(inner))
    assert found.test_dir is None
    assert found.looked == [str(inner), str(inner / "tests"), str(inner / "test")]
    assert discovery.repository(str(inner / "tests" / "deep")) == str(inner)


def test_without_a_repository_the_walk_ends_at_the_top(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where there is no repository every directory above is looked at, to the very top."""
    monkeypatch.setattr(discovery, "REPOSITORY", (".no-such-repository",))
    package = tmp_path / "dist-packages" / "package"
    looked = discovery.find({}, str(package), None, str(tmp_path)).looked
    assert looked[::3] == list(map(str, (tmp_path, *tmp_path.parents)))
    assert discovery.repository(str(tmp_path)) is None


def test_a_relative_main_is_taken_from_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`__main__`'s file may be relative, as it is for a script; the test directory is not."""
    make_lists(tmp_path / "tests")
    monkeypatch.chdir(tmp_path)
    found = discovery.find({}, "site-packages/package", os.path.join("tests", "main.py"), ".")
    assert found.test_dir == str(tmp_path / "tests")


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["dynamo_skips/"], True),
        (["x_expected_failures/"], True),
        (["a.py", "nn/", "dynamo_skips/"], True),
        (["dynamo_skips"], False),
        ([".dynamo_skips/"], False),
        (["expected_failures/"], False),
        (["dynamo_skips.bak/"], False),
        ([], False),
    ],
)
def test_what_holds_lists(tmp_path: Path, names: list[str], expected: bool) -> None:
    """A directory counts when it holds a directory with the name of a list directory."""
    for name in names:
        (tmp_path / name).mkdir() if name.endswith("/") else (tmp_path / name).touch()
    assert discovery.holds_lists(str(tmp_path)) is expected


def test_what_is_no_directory_holds_no_lists(tmp_path: Path) -> None:
    """A place that is not there, or is a file, is passed over."""
    (tmp_path / "tests").touch()
    assert not discovery.holds_lists(str(tmp_path / "tests"))
    assert not discovery.holds_lists(str(tmp_path / "test"))


@POSIX_ONLY
def test_an_unreadable_place_is_passed_over(tmp_path: Path) -> None:
    """A directory on the way that may not be read holds no lists, and is no error."""
    with unreadable(make_lists(tmp_path / "tests")):
        assert not discovery.holds_lists(str(tmp_path / "tests"))
    assert discovery.holds_lists(str(tmp_path / "tests"))


@pytest.mark.parametrize("name", ["site-packages", "dist-packages"])
@pytest.mark.parametrize("inside", ["", "package/sub"])
def test_what_others_left_beside_installed_packages(
    tmp_path: Path, name: str, inside: str
) -> None:
    """A `tests` directly in site-packages is nobody's, also when the walk comes by there."""
    site = tmp_path / name
    make_lists(site)
    make_lists(site / "tests")
    make_lists(repository(tmp_path / "own") / "tests")
    (site / inside).mkdir(exist_ok=True, parents=True)
    package = str(site / "trunk_failures")
    found = discovery.find({}, package, None, str(tmp_path / "own"))
    assert found.test_dir == str(tmp_path / "own" / "tests")
    (tmp_path / ".git").mkdir()
    found = discovery.find({}, package, None, str(site / inside))
    assert found.test_dir is None
    assert not {str(site), str(site / "tests"), str(site / "test")}.intersection(found.looked)


# `__main__`'s file, and whether the lists are looked for above it
STDLIB = os.path.dirname(os.__file__)
SCRIPTS = os.path.dirname(sys.executable)
MAINS = [
    (os.path.join(STDLIB, "unittest", "__main__.py"), False),
    (os.path.join(STDLIB, "site-packages", "pytest", "__main__.py"), False),
    ("/srv/venv/lib/python3.11/site-packages/xmlrunner/__main__.py", False),
    ("/usr/lib/python3/dist-packages/pytest/__main__.py", False),
    (os.path.join(SCRIPTS, "pytest"), False),
    (os.path.join(SCRIPTS, "pytest.exe", "__main__.py"), False),
    ("/srv/home/.local/bin/pytest", False),
    ("/srv/project/bin/test_x.py", True),
    ("/srv/project/tests/test_x.py", True),
    ("/srv/project/app.pyz/__main__.py", True),
    ("/srv/my-site-packages-tests/test_x.py", True),
    (STDLIB + "-tests/test_x.py", True),
    (SCRIPTS + "-tests/test_x.py", True),
]


@pytest.mark.parametrize(("main", "counts"), MAINS)
def test_a_runners_own_file_says_nothing(main: str, counts: bool) -> None:
    """A `__main__` that is installed or lies beside the interpreter is no place to look above."""
    main = os.path.abspath(main)
    looked = discovery.find({}, "/site-packages/package", main, "/srv/working").looked
    assert (os.path.dirname(main) in looked) is counts


def test_an_embedded_interpreter_has_no_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the interpreter does not know its own path, any script's directory still counts."""
    app, working = make_lists(tmp_path / "app"), tmp_path / "working"
    working.mkdir()
    monkeypatch.chdir(working)
    monkeypatch.setattr(sys, "executable", "")
    found = discovery.find({}, "/site-packages/package", str(app / "main.py"), str(working))
    assert found.test_dir == str(app)


@pytest.fixture
def on_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let discovery read paths as Windows writes them."""
    as_there = types.SimpleNamespace(
        path=ntpath, sep="\\", scandir=os.scandir, __file__="C:\\Python313\\Lib\\os.py"
    )
    monkeypatch.setattr(discovery, "os", as_there)
    monkeypatch.setattr(sys, "executable", "C:\\work\\.venv\\Scripts\\python.exe")


@pytest.mark.parametrize(
    ("main", "counts"),
    [
        ("C:\\Python313\\Lib\\unittest\\__main__.py", False),
        ("c:\\python313\\lib\\UNITTEST\\__main__.py", False),
        ("C:/Python313/Lib/unittest/__main__.py", False),
        ("C:\\work\\.venv\\Lib\\site-packages\\pytest\\__main__.py", False),
        ("C:\\Users\\Me\\AppData\\Python\\Site-Packages\\pytest\\__main__.py", False),
        ("C:\\work\\.venv\\Scripts\\pytest.exe\\__main__.py", False),
        ("C:\\work\\tests\\test_x.py", True),
        ("D:\\test_x.py", True),
        ("\\\\server\\share\\tests\\test_x.py", True),
    ],
)
@pytest.mark.usefixtures("on_windows")
def test_a_runners_own_file_on_windows(main: str, counts: bool) -> None:
    """On Windows too, whatever the slashes and the letters' case, a runner's file says nothing."""
    looked = discovery.find({}, "C:\\x\\site-packages\\package", main, "E:\\").looked
    assert (ntpath.normpath(ntpath.dirname(main)) in looked) is counts


@pytest.mark.usefixtures("on_windows")
def test_the_order_of_places_on_windows() -> None:
    """On Windows the walk goes up to the drive's or the share's root, and ends there."""
    found = discovery.find({}, "C:/lib/package", "D:\\a\\main.py", "\\\\server\\share\\w")
    tops = ["D:\\a", "D:\\", "\\\\server\\share\\w", "\\\\server\\share\\"]
    walked = [ntpath.join(top, name) for top in tops for name in ("", "tests", "test")]
    expected = ["C:\\lib\\tests", "C:\\lib\\test", *walked]
    strip = [place.rstrip("\\") for place in expected]
    assert [place.rstrip("\\") for place in found.looked] == strip


def test_the_variable_comes_first(tmp_path: Path, elsewhere: Path) -> None:
    """`TRUNK_FAILURES_DIR` is the test directory, and nothing else is looked at."""
    given = str(make_lists(tmp_path / "given"))
    found = discovery.find({"TRUNK_FAILURES_DIR": given}, "package", None, str(elsewhere))
    assert (found.test_dir, found.looked) == (given, [given])


def test_the_variable_may_be_relative(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A relative `TRUNK_FAILURES_DIR` is taken from the working directory, and made absolute."""
    monkeypatch.chdir(tmp_path)
    make_lists(tmp_path / "given")
    found = discovery.find({"TRUNK_FAILURES_DIR": "given"}, "package", None, str(tmp_path))
    assert found.test_dir == str(tmp_path / "given")


def test_an_empty_variable_is_none(elsewhere: Path) -> None:
    """`TRUNK_FAILURES_DIR` that is set to nothing is as good as unset."""
    found = discovery.find({"TRUNK_FAILURES_DIR": ""}, "/site-packages/p", None, str(elsewhere))
    assert found.test_dir == str(elsewhere)


@pytest.mark.parametrize("kind", ["missing", "file"])
def test_a_variable_that_names_no_directory(
    tmp_path: Path, elsewhere: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`TRUNK_FAILURES_DIR` that is missing or a file is an error, never another directory."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(UsageError) as caught:
        discovery.find({"TRUNK_FAILURES_DIR": kind}, "package", None, str(elsewhere))
    assert str(caught.value) == (
        f"TRUNK_FAILURES_DIR={kind!r} is no directory (seen from {str(tmp_path)!r}); name the "
        f"directory that holds the `<mode>_expected_failures` and `<mode>_skips`, or unset "
        f"TRUNK_FAILURES_DIR"
    )


def pytest_script() -> Path:
    """Return the console script of pytest."""
    script = Path(sys.executable).with_name("pytest.exe" if os.name == "nt" else "pytest")
    if not script.exists():
        pytest.skip("pytest has no script beside this interpreter")
    return script


QUIETLY = ("-q", "-s", "-p", "no:cacheprovider")
# Plugins that may be installed, and take longer to import than all else.
QUIETLY += ("-p", "no:hypothesispytest", "-p", "no:asyncio")


@pytest.mark.parametrize(
    "start",
    ["unittest", "unittest discover", "python -m pytest", "pytest", "python -c", "python -i"],
)
@pytest.mark.parametrize("below", ["", "tests"])
def test_processes_without_a_main_of_their_own(project: Path, start: str, below: str) -> None:
    """Under a runner, -c or a REPL the lists are found from the directory they are run in."""
    command: dict[str, tuple[str | Path, ...]] = {
        "unittest": ("-m", "unittest", "test_probe" if below else "tests.test_probe"),
        "unittest discover": ("-m", "unittest", "discover", "-s", "." if below else "tests"),
        "python -m pytest": ("-m", "pytest", *QUIETLY),
        "pytest": QUIETLY,
        "python -c": ("-c", PROBE),
        "python -i": ("-i", "-q"),
    }
    program = pytest_script() if start == "pytest" else sys.executable
    stdin = f"{PROBE}\n" if start == "python -i" else ""
    done = run(program, *command[start], cwd=project / below, stdin=stdin)
    assert f"[{project / 'tests'}]" in done.stdout, done.stderr
    assert done.returncode == 0


def test_a_script(project: Path, elsewhere: Path) -> None:
    """A test file that is run as a script finds its own lists, wherever it is run from."""
    done = run(sys.executable, project / "tests" / "test_probe.py", cwd=elsewhere)
    assert f"[{project / 'tests'}]" in done.stdout, done.stderr


def test_a_zip_application(tmp_path: Path, project: Path, elsewhere: Path) -> None:
    """An application in one zip file finds the lists of the directory that it lies in."""
    source = tmp_path / "source"
    install(source)
    (source / "__main__.py").write_text(PROBE, encoding="utf-8")
    zipapp.create_archive(source, project / "app.pyz")
    done = run(sys.executable, project / "app.pyz", cwd=elsewhere, path=tmp_path / "empty")
    assert f"[{project / 'tests'}]" in done.stdout, done.stderr


def test_an_installed_package(tmp_path: Path, project: Path) -> None:
    """An installed package finds the project's lists, not those another package left beside it."""
    site = tmp_path / "site-packages"
    install(site)
    make_lists(site / "tests")
    code = f"{PROBE}; print(trunk_failures.__file__)"
    done = run(sys.executable, "-c", code, cwd=project, path=site)
    assert done.stdout.splitlines() == [
        f"[{project / 'tests'}]",
        str(site / "trunk_failures" / "__init__.py"),
    ], done.stderr
    bare = repository(tmp_path / "bare")
    done = run(sys.executable, "-c", PROBE, cwd=bare, path=site)
    assert done.stdout == "[None]\n"


@pytest.mark.parametrize("name", ["tests", "test"])
def test_a_package_in_a_checkout(tmp_path: Path, elsewhere: Path, name: str) -> None:
    """A package that lies in the project finds the project's tests beside it."""
    install(tmp_path / "checkout")
    expected = make_lists(tmp_path / "checkout" / name)
    done = run(sys.executable, "-c", PROBE, cwd=elsewhere, path=tmp_path / "checkout")
    assert done.stdout == f"[{expected}]\n", done.stderr


def test_no_lists_anywhere(tmp_path: Path) -> None:
    """Where there are no lists one warning says so, and names every place looked at."""
    site, bare = tmp_path / "site-packages", repository(tmp_path / "bare")
    install(site)
    code = f"{PROBE}; from trunk_failures import explain; import trunk_failures.contexts"
    done = run(sys.executable, "-c", code, cwd=bare, path=site)
    assert (done.stdout, done.returncode) == ("[None]\n", 0)
    assert done.stderr.count("TrunkFailuresWarning: ") == 1
    places = ", ".join(map(str, (bare, bare / "tests", bare / "test")))
    assert f"in: {places}; make one of them there, set TRUNK_FAILURES_DIR" in done.stderr


def test_a_given_directory_without_lists(tmp_path: Path, project: Path) -> None:
    """`TRUNK_FAILURES_DIR` that holds no lists is used, and one warning says what it lacks."""
    done = run(sys.executable, "-c", PROBE, cwd=project, TRUNK_FAILURES_DIR=str(tmp_path))
    assert done.stdout == f"[{tmp_path}]\n"
    assert done.stderr.count("TrunkFailuresWarning: ") == 1
    assert "holds no list directory, so no failure is suppressed; looked for" in done.stderr
    assert f"in: {tmp_path};" in done.stderr


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps a directory that a process is in")
def test_a_working_directory_that_is_gone(tmp_path: Path, project: Path) -> None:
    """A script whose working directory was removed finds its lists all the same."""
    script = project / "tests" / "script.py"
    script.write_text(f"import os; os.rmdir(os.getcwd())\n{PROBE}", encoding="utf-8")
    gone = tmp_path / "gone"
    gone.mkdir()
    done = run(sys.executable, script, cwd=gone)
    assert f"[{project / 'tests'}]" in done.stdout, done.stderr
