"""Bad input: whatever is wrong with lists, it has a defined outcome, which names the file.

Each case is a small suite under lists that are wrong in one way, run as people run it.
"""

from __future__ import annotations

import ctypes
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

import trunk_failures
from trunk_failures import file_names

CHECKOUT = Path(trunk_failures.__file__).parent.parent
NAME = "TestSuite.test_fails"
XFAIL = f"trunk_expected_failures/{NAME}"
SKIP = f"trunk_skips/{NAME}"
FAIL, ERROR, EXPECTED, SKIPPED = "FAIL", "ERROR", "expected failure", "skipped"
NOT_LOADED = "not loaded"

SUITE = '''
import unittest
import meanwhile
from trunk_failures import suppressIfTrunkFailing

meanwhile.happens()

@suppressIfTrunkFailing
class TestSuite(unittest.TestCase):
    def test_fails(self):
        self.fail("a" * 4000 + "!")

    def test_passes(self):
        pass
'''

IS_ROOT = os.name != "nt" and os.geteuid() == 0
POSIX_ONLY = pytest.mark.skipif(
    os.name == "nt" or (IS_ROOT and sys.platform != "linux"),
    reason="there are no such files, or nothing keeps root from reading them",
)
OBEYING = IS_ROOT and sys.platform == "linux"
LIBC = ctypes.CDLL(None) if OBEYING else None
LINUX_ONLY = pytest.mark.skipif(sys.platform != "linux", reason="names are text elsewhere")


class Case(NamedTuple):
    """One way in which lists are wrong.

    `arrange` makes it so in the test directory; `outcome` is what is told of the test that fails
    and is listed; `said` are parts of the output.
    """

    arrange: Callable[[Path], object]
    outcome: str
    said: tuple[str, ...]


def content(text: str | bytes, path: str = XFAIL) -> Callable[[Path], object]:
    """Return what lists the test with some content, `{name}` standing for the file's name."""

    def arrange(tests: Path) -> None:
        data = text if isinstance(text, bytes) else text.replace("{name}", NAME).encode()
        (tests / path).parent.mkdir(parents=True, exist_ok=True)
        (tests / path).write_bytes(data)

    return arrange


def files(*paths: str) -> Callable[[Path], object]:
    """Return what lists tests by empty files."""

    def arrange(tests: Path) -> None:
        for path in paths:
            content("", path)(tests)

    return arrange


def directory_as_file(tests: Path) -> None:
    """Put a directory where the entry's file should be."""
    (tests / XFAIL).mkdir(parents=True)


def socket_as_file(tests: Path) -> None:
    """Put a socket where the entry's file should be."""
    (tests / XFAIL).parent.mkdir()
    working = os.getcwd()
    os.chdir((tests / XFAIL).parent)  # A socket's whole address is at most a hundred bytes.
    try:
        with socket.socket(socket.AF_UNIX) as bound:
            bound.bind(NAME)
    finally:
        os.chdir(working)


def pipe_as_file(tests: Path) -> None:
    """Put a named pipe, which nobody writes to, where the entry's file should be."""
    (tests / XFAIL).parent.mkdir()
    os.mkfifo(tests / XFAIL)


def gigabyte(tests: Path) -> None:
    """List the test by a file of a gigabyte."""
    files(XFAIL)(tests)
    os.truncate(tests / XFAIL, 1 << 30)


def hundred_thousand(tests: Path) -> None:
    """List 100,000 tests besides."""
    files(XFAIL)(tests)
    for number in range(100_000):
        path = tests / "trunk_expected_failures" / f"TestBig{number % 100}.test_{number}_cpu"
        if number % 1000 == 0:  # Links are cheaper to make than files, and a file has few.
            first = path
            first.touch()
        else:
            os.link(first, path)


def name_that_is_not_utf_8(tests: Path) -> None:
    """List a test by a name of bytes that are no text."""
    files(XFAIL)(tests)
    (tests / "trunk_skips").mkdir()
    with open(os.fsencode(tests / "trunk_skips") + b"/TestSuite.test_\xff", "wb"):
        pass


def unreadable(path: str) -> Callable[[Path], object]:
    """Return what lists the test, and then lets nobody read a file or a directory."""

    def arrange(tests: Path) -> None:
        content("{name}: reason: x")(tests)
        (tests / path).chmod(0)

    return arrange


def meanwhile(code: str) -> Callable[[Path], object]:
    """Return what lists the test, and changes its file after the lists have been loaded."""

    def arrange(tests: Path) -> None:
        content("{name}: raises: AssertionError")(tests)
        text = f"import os\n\ndef happens():\n    path = {str(tests / XFAIL)!r}\n    {code}\n"
        (tests / "meanwhile.py").write_text(text, encoding="utf-8")

    return arrange


WRITE = "open(path, 'w').write('TestSuite.test_fails: {}')"
HASHED = file_names.hashed(NAME)

CASES: dict[str, Case] = {
    "nothing": Case(files(XFAIL), EXPECTED, ()),
    "no list directory": Case(
        lambda tests: None,
        FAIL,
        ("no list directory was found, so that no failure is suppressed; looked for", "{tests}"),
    ),
    "a list directory that is a file": Case(
        lambda tests: (tests / "trunk_skips").touch(), FAIL, ("no list directory was found",)
    ),
    "a directory as a file": Case(
        directory_as_file, FAIL, (f"`tests/{XFAIL}` is no regular file; an entry is; remove it",)
    ),
    "free text": Case(content("some text"), EXPECTED, ()),
    "a byte order mark": Case(content("\ufeff{name}: raises: AssertionError"), EXPECTED, ()),
    "invalid UTF-8": Case(
        content(b"caf\xe9"), FAIL, (f"`tests/{XFAIL}` is not UTF-8 (byte 3); write it again",)
    ),
    "invalid UTF-8 in a hashed file": Case(
        content(b"test: \xe9", f"trunk_skips/{HASHED}"),
        NOT_LOADED,
        ("ListError: the lists in '{tests}'", f"`tests/trunk_skips/{HASHED}` is not UTF-8 (byte 6"),
    ),
    "a gigabyte": Case(gigabyte, FAIL, (f"`tests/{XFAIL}` holds more than 65536 bytes",)),
    "100,000 entries": Case(hundred_thousand, EXPECTED, ()),
    "a name that decodes to ../../x": Case(
        files(XFAIL, "trunk_skips/%2E%2E%2F..%2Fx"),
        NOT_LOADED,
        ("ListError: ", "{tests}/trunk_skips/%2E%2E%2F..%2Fx`: it lists '../../x'; a key is"),
    ),
    "a name like that, its dots as they are": Case(
        files(XFAIL, "trunk_skips/..%2F..%2Fx"),
        NOT_LOADED,
        ("ListError: ", "{tests}/trunk_skips/..%2F..%2Fx`: it lists '../../x'; a key is"),
    ),
    "a hidden file": Case(files(XFAIL, "trunk_skips/.x.y"), EXPECTED, ()),
    "a name that is no key": Case(
        files(XFAIL, "trunk_skips/README", "trunk_skips/TestSuite.test_fails.py"),
        NOT_LOADED,
        ("`{tests}/trunk_skips/README`: it lists", "/TestSuite.test_fails.py`: it lists"),
    ),
    "an editor's backup": Case(
        files(XFAIL, f"{XFAIL}~"), NOT_LOADED, (f"`{{tests}}/{XFAIL}~`: ", "editor's backup")
    ),
    "two entries of one key": Case(
        files(XFAIL, "trunk_expected_failures/TestSuite.test%5Ffails"),
        NOT_LOADED,
        (
            "`{tests}/trunk_expected_failures/TestSuite.test%5Ffails`: it lists "
            "'TestSuite.test_fails', as `TestSuite.test_fails` beside it does; remove one of",
        ),
    ),
    "a test in both lists": Case(
        files(XFAIL, SKIP),
        NOT_LOADED,
        (f"ListError: the lists in '{{tests}}' break their rules: `{XFAIL}` and `{SKIP}`: a test",),
    ),
    "expired": Case(
        content("{name}: expires: 2020-01-31"),
        FAIL,
        (f"`tests/{XFAIL}` expired on 2020-01-31 and no longer suppresses {NAME}; mend the test",),
    ),
    "expired skip": Case(
        content("{name}: expires: 2020-01-31", SKIP), FAIL, (f"`tests/{SKIP}` expired on 2020-01",)
    ),
    "unreadable expires": Case(
        content("{name}: expires: soon"),
        FAIL,
        (f"`tests/{XFAIL}` suppresses nothing: `expires: soon` is no date such as 2030-12-31",),
    ),
    "code in when": Case(
        content('{name}: when: __import__("os").system("touch hacked")'),
        FAIL,
        (f"`tests/{XFAIL}`, line 1: cannot read the marker '__import__(\"os\")", "allowed are"),
    ),
    "a version that is none": Case(
        content("{name}: when: env.PATH >= '3'"), FAIL, (f"`tests/{XFAIL}`: cannot decide",)
    ),
    "a catastrophic match": Case(
        content("{name}: match: (a+)+$"),
        FAIL,
        (f"`tests/{XFAIL}`: the regular expression '(a+)+$' took longer than 2 s", "simplify it"),
    ),
    "a match that is none": Case(
        content("{name}: match: ("),
        FAIL,
        (f"`tests/{XFAIL}`, line 1: cannot read the regular expression '('",),
    ),
    "a field repeated": Case(
        content("{name}: owner: me\n{name}: owner: you"),
        FAIL,
        (f"`tests/{XFAIL}`, line 2: field 'owner' is given twice; keep one of the two lines",),
    ),
    "an unknown field": Case(
        content("{name}: raise: KeyError"),
        FAIL,
        (f"`tests/{XFAIL}`, line 1: unknown field 'raise'; the fields are reason, issue, owner",),
    ),
    "a line of another test's": Case(
        content("TestSuite.test_passes: raises: KeyError"),
        FAIL,
        (f"`tests/{XFAIL}`, line 1: found 'TestSuite.test_passes: raises: KeyError', a line of",),
    ),
    "a line that names another test": Case(
        content("{name}: test: 50%"), FAIL, (f"`tests/{XFAIL}`, line 1: ",)
    ),
    "CRLF": Case(
        content("{name}: raises: AssertionError\r\n\r\n{name}: match: a!\r\n"), EXPECTED, ()
    ),
    "CRLF, and fails differently": Case(
        content("{name}: owner: me\r\n{name}: raises: KeyError\r\n"),
        FAIL,
        (f"{NAME} fails differently: `tests/{XFAIL}` expects KeyError, seen was AssertionError",),
    ),
    "changed meanwhile": Case(
        meanwhile(WRITE.format("raises: KeyError")),
        FAIL,
        (f"fails differently: `tests/{XFAIL}` expects KeyError",),
    ),
    "spoilt meanwhile": Case(
        meanwhile(WRITE.format("nope: x")), FAIL, (f"`tests/{XFAIL}`, line 1: unknown field",)
    ),
    "emptied meanwhile": Case(meanwhile("open(path, 'w').close()"), EXPECTED, ()),
    "removed meanwhile": Case(
        meanwhile("os.remove(path)"),
        FAIL,
        (f"`tests/{XFAIL}` cannot be read: ", "it was there when the lists were loaded; run the"),
    ),
    "replaced by a directory meanwhile": Case(
        meanwhile("os.remove(path); os.mkdir(path)"), FAIL, (f"`tests/{XFAIL}` is no regular file",)
    ),
}
POSIX_CASES = {
    "an unreadable list directory": Case(
        unreadable("trunk_expected_failures"),
        NOT_LOADED,
        (
            "ListError: the list directory '{tests}/trunk_expected_failures' cannot be read: "
            "Permission denied; mend its permissions or set TRUNK_FAILURES=0",
        ),
    ),
    "an unreadable file": Case(
        unreadable(XFAIL), FAIL, (f"`tests/{XFAIL}` cannot be read: Permission denied",)
    ),
    "a socket as a file": Case(socket_as_file, FAIL, (f"`tests/{XFAIL}` is no regular file",)),
    "a pipe as a file": Case(pipe_as_file, FAIL, (f"`tests/{XFAIL}` is no regular file",)),
}
LINUX_CASES = {
    "a name that is not UTF-8": Case(
        name_that_is_not_utf_8,
        NOT_LOADED,
        ("{tests}/trunk_skips/TestSuite.test_\\udcff`: its name is not UTF-8; rename or",),
    ),
}


def obey() -> None:
    """Give up what lets root on Linux read everything, in the programs that this one becomes.

    That is CAP_DAC_OVERRIDE (1) and CAP_DAC_READ_SEARCH (2), by PR_CAPBSET_DROP (24).
    """
    for capability in (1, 2):
        LIBC.prctl(24, capability, 0, 0, 0)  # type: ignore[union-attr]


def run(project: Path, **variables: str) -> tuple[str, str]:
    """Run the suite, and return what was told of the test that fails and all the output."""
    kept = {name: value for name, value in os.environ.items() if name != "TRUNK_FAILURES"}
    done = subprocess.run(
        [sys.executable, "-m", "unittest", "-v", "test_suite"],
        cwd=project / "tests",
        env={**kept, "PYTHONPATH": str(CHECKOUT), "PYTHONDONTWRITEBYTECODE": "1", **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=100,
        check=False,
        preexec_fn=obey if OBEYING else None,
    )
    told = re.search(
        r"^test_fails \(.*?\.\.\. (FAIL|ERROR|expected failure|skipped|ok)",
        done.stdout,
        re.MULTILINE | re.DOTALL,
    )
    outcome = told[1] if told else NOT_LOADED
    assert (done.returncode == 0) is (outcome in (EXPECTED, SKIPPED)), done.stdout
    return outcome, done.stdout


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Give a repository with the suite and nothing listed."""
    project = tmp_path.resolve() / "project"
    (project / "tests").mkdir(parents=True)
    (project / ".git").mkdir()
    (project / "tests" / "test_suite.py").write_text(SUITE, encoding="utf-8")
    meanwhile = project / "tests" / "meanwhile.py"
    meanwhile.write_text("def happens(): pass\n", encoding="utf-8")
    return project


@pytest.mark.parametrize(
    "case",
    [
        *(pytest.param(case, id=name) for name, case in CASES.items()),
        *(pytest.param(case, id=name, marks=POSIX_ONLY) for name, case in POSIX_CASES.items()),
        *(pytest.param(case, id=name, marks=LINUX_ONLY) for name, case in LINUX_CASES.items()),
    ],
)
def test_bad_input(project: Path, case: Case) -> None:
    """Lists that are wrong end in a message with the file's name, or in what they still say."""
    case.arrange(project / "tests")
    started = time.monotonic()
    outcome, output = run(project)
    assert time.monotonic() - started < 60
    assert outcome == case.outcome, output
    for part in case.said:
        shown = part.replace("{tests}", str(project / "tests")).replace("/", os.sep)
        assert part.replace("{tests}", str(project / "tests")) in output or shown in output, output
    assert not list(project.rglob("hacked"))


@pytest.mark.parametrize(
    "text", ["{name}: nope: x", "{name}: when: True", b"\xff", "{name}: match: ("]
)
@pytest.mark.parametrize("path", [XFAIL, SKIP])
def test_a_pass_does_not_hide_a_broken_entry(project: Path, text: str | bytes, path: str) -> None:
    """A listed test that passes is a failure while its entry cannot be read."""
    suite = project / "tests" / "test_suite.py"
    suite.write_text(SUITE.replace("self.fail(", "str("), encoding="utf-8")
    content(text, path)(project / "tests")
    outcome, output = run(project)
    assert (outcome, f"`tests/{path}`" in output) == (FAIL, True), output


@pytest.mark.parametrize("expires", ["2020-01-31", "soon"])
def test_a_pass_tells_of_an_expired_entry(project: Path, expires: str) -> None:
    """A listed test that passes is a pass once its entry has expired, with a warning of it."""
    suite = project / "tests" / "test_suite.py"
    suite.write_text(SUITE.replace("self.fail(", "str("), encoding="utf-8")
    content(f"{{name}}: expires: {expires}")(project / "tests")
    output = subprocess.run(
        [sys.executable, "-m", "unittest", "test_suite"],
        cwd=project / "tests",
        env={
            **{name: value for name, value in os.environ.items() if name != "TRUNK_FAILURES"},
            "PYTHONPATH": str(CHECKOUT),
        },
        stderr=subprocess.PIPE,
        encoding="utf-8",
        timeout=100,
        check=True,
    ).stderr
    assert f"TrunkFailuresWarning: `tests/{XFAIL}` " in output and expires in output


@pytest.mark.parametrize("kind", ["missing", "a file"])
def test_a_test_directory_that_is_none(project: Path, kind: str) -> None:
    """`TRUNK_FAILURES_DIR` that is no directory is an error; the lists there are are not used."""
    files(XFAIL)(project / "tests")
    given = project / kind
    if kind == "a file":
        given.touch()
    outcome, output = run(project, TRUNK_FAILURES_DIR=str(given))
    assert outcome == NOT_LOADED
    assert f"UsageError: TRUNK_FAILURES_DIR={str(given)!r} is no directory" in output


def test_switching_off(project: Path) -> None:
    """`TRUNK_FAILURES=0` runs the suite as it is, whatever is wrong with its lists."""
    files(XFAIL, SKIP, "trunk_skips/README")(project / "tests")
    assert run(project)[0] == NOT_LOADED
    outcome, output = run(project, TRUNK_FAILURES="0")
    assert outcome == FAIL
    assert "trunk_skips" not in output
