"""Collected ids: which lines of what pytest prints are ids, and what is refused."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunk_failures import collected_ids
from trunk_failures.collected_ids import Collected
from trunk_failures.errors import UsageError

ODD = (
    "tests/test_a.py::test_p[a b]",
    "tests/test_a.py::test_p[::]",
    "tests/test_a.py::test_p[a - b]",
    "tests/test_a.py::test_p[ ]",
    "tests/test_a.py::test_p[3 tests collected in 0.01s]",
    "tests/test a.py::TestA::test_é",
    "README.rst::README.rst",
    "flake.py",
)
TWO = "2 tests collected in 1s"
WARNINGS = """
=============================== warnings summary ===============================
tests/test_a.py:2
  tests/test_a.py:2: UserWarning: seen in a::b

-- Docs: https://docs.pytest.org/en/stable/how-to/capture-warnings.html"""


def printed(ids: tuple[str, ...], before: str = "", after: str = "", summary: str = "") -> str:
    """Return what pytest prints."""
    count = f"{len(ids)} test{'' if len(ids) == 1 else 's'} collected in 0.01s"
    return "\n".join((*([before] if before else []), *ids, after, summary or count, ""))


@pytest.mark.parametrize(
    "text",
    [
        printed(ODD),
        printed(ODD, after=WARNINGS),
        printed(ODD, before="w.py:3: Warning: x::y\n\n  warn()\nfrom a plugin: x::y"),
        printed(ODD, before="=== collecting ===\n== again ==="),
        printed(ODD, after="\n--------- a plugin's ---------\nsome::thing\n"),
        printed(ODD, summary="8/10 tests collected (2 deselected) in 0.01s"),
        printed(ODD, summary="========= 8 tests collected in 61.00s (0:01:01) ========="),
        printed(ODD, summary="\x1b[32m\x1b[32m8 tests collected\x1b[0m\x1b[32m in 0.01s\x1b[0m"),
        printed(ODD) + "sys:1: ResourceWarning: x::y\n",
        printed(ODD).replace("\n", "\r\n"),
    ],
)
def test_ids_are_told_from_other_lines(text: str) -> None:
    """Ids are as many lines as pytest counted, whatever else is said before and after them."""
    assert collected_ids.parse(text, "x") == Collected(ODD)


def test_one_test() -> None:
    """One test is counted in the singular."""
    assert collected_ids.parse(printed(ODD[:1], after=WARNINGS), "x") == Collected(ODD[:1])


def test_a_plain_list() -> None:
    """A file of ids alone is taken as it is, and nobody says that it is whole."""
    assert collected_ids.parse("a.py::b\n\n  \na.py::c d", "x") == Collected(
        ("a.py::b", "a.py::c d"), counted=False
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "x does not say how many tests were collected, and it is empty"),
        ("a.py::b\nsome prose\n", "'some prose' is no test's id; give all that"),
        ("tests/a.py: 12\n", "pytest prints for a second -q"),
        ("<Module a.py>\n  <Function test_b>\n", "pytest prints without -q"),
        (printed(("a.py: 2",), summary="2 tests collected in 1s"), "for a second -q"),
        (printed((" <Module a.py>",), summary="1 test collected in 1s"), "without -q"),
        ("\nno tests collected in 0.1s\n", "'no tests collected in 0.1s'; collect the tests"),
        ("\nno tests collected (3 deselected) in 0.1s\n", "3 deselected"),
        (printed(ODD, summary="8 tests collected, 2 errors in 0.1s"), "errors ('8 tests"),
        ("=== no tests collected, 1 error in 0.1s ===", "had errors"),
        (printed(ODD, summary="9 tests collected in 0.1s"), "says that it has 9 tests, and"),
        (printed(ODD, summary="1 test collected in 0.1s"), "says that it has 1 test, and"),
        (printed(("a.py::t[x", "y]", "a.py::u"), summary=TWO), "many lines of ids"),
        (printed(("a.py::a", "b.py::t[x", "::y]"), summary=TWO), "many lines of ids"),
    ],
)
def test_what_is_refused(text: str, said: str) -> None:
    """Errors, nothing collected, and lines that may not be ids are errors that say what to do."""
    with pytest.raises(UsageError) as caught:
        collected_ids.parse(text, "x")
    assert said in str(caught.value)


lines = st.text(st.characters(exclude_characters="\n\r\x1b"), min_size=1).map("a.py::t".__add__)


@given(st.lists(lines, min_size=1), st.sampled_from(["", WARNINGS]))
def test_any_ids_are_read(ids: list[str], after: str) -> None:
    """Whatever ids hold, but for the end of a line, they are read as they are."""
    assert collected_ids.parse(printed((*ids,), after=after), "x").ids == (*ids,)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_files_and_their_encodings(tmp_path: Path, encoding: str) -> None:
    """A file is read, with the marks that some shells put before it."""
    (tmp_path / "ids").write_bytes(printed(ODD).encode(encoding))
    assert collected_ids.read(str(tmp_path / "ids")).ids == ODD


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    """`-` is standard input; bytes that are no text are kept."""
    text = printed(("a\udcff.py::b",)).encode("utf-8", "surrogateescape")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text)))
    assert collected_ids.read("-").ids == ("a\udcff.py::b",)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"")))
    with pytest.raises(UsageError, match="standard input does not say"):
        collected_ids.read("-")


@pytest.mark.parametrize(("path", "said"), [("gone", "No such file"), ("a\0b", "null")])
def test_files_that_cannot_be_read(path: str, said: str) -> None:
    """A file that cannot be read is named, with the command that writes one."""
    with pytest.raises(UsageError, match=rf"{said}.*pytest --collect-only -q > FILE"):
        collected_ids.read(path)


SUITE = """
import pytest, warnings
warnings.warn("some::thing")
@pytest.mark.parametrize("p", ["a b", "a::b", "é", "'$(x)", "[", "x - y"])
def test_p(p): pass
class TestA:
    def test_é(self): pass
"""
COLLECTED = (
    *(f"test_a.py::test_p[{each}]" for each in ("a b", "a::b", "\\xe9", "'$(x)", "[", "x - y")),
    "test_a.py::TestA::test_é",
)


@pytest.fixture
def suite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the directory of a suite, which is the working one."""
    (tmp_path / "test_a.py").write_text(SUITE, encoding="utf-8")
    settings = "[pytest]\naddopts = -q --color=yes\nverbosity_test_cases=2"
    (tmp_path / "pytest.ini").write_text(settings)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONWARNINGS", "ignore")
    return tmp_path


def test_pytest_is_asked(suite: Path) -> None:
    """pytest's ids are had for paths and options, whatever its ini file says of the output."""
    assert collected_ids.ask([], os.environ) == Collected(COLLECTED)
    assert collected_ids.ask(["test_a.py", "-k", "TestA"], os.environ).ids == COLLECTED[-1:]


def test_what_pytest_prints_itself_is_read(suite: Path) -> None:
    """The command that messages name prints what is read."""
    (suite / "pytest.ini").unlink()
    done = subprocess.run(
        [sys.executable, "-m", *collected_ids.COMMAND.split()],
        stdout=subprocess.PIPE, env={**os.environ, "PYTHONIOENCODING": "utf-8"}, check=True,
    )
    assert collected_ids.parse(done.stdout.decode(), "x") == Collected(COLLECTED)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["gone.py"], "exit code 4, it was not used rightly: 'ERROR: file or directory not"),
        (["-k", "gone"], "exit code 5, no tests were collected: 'no tests collected (7 des"),
        (["."], "exit code 2, some files could not be collected: \"E   ModuleNotFoundError"),
    ],
)
def test_what_pytest_refuses(suite: Path, arguments: list[str], said: str) -> None:
    """Where pytest does not collect all, its exit code is told, and what it said of it."""
    if arguments == ["."]:
        (suite / "test_b.py").write_text("import there_is_no_such_module")
    with pytest.raises(UsageError) as caught:
        collected_ids.ask(arguments, os.environ)
    assert said in str(caught.value)
    assert f"python -m pytest --collect-only -q {' '.join(arguments)}" in str(caught.value)


def test_errors_that_do_not_end_the_collection(suite: Path) -> None:
    """Errors that pytest is told to go on after are refused all the same."""
    (suite / "test_b.py").write_text("1 / 0")
    with pytest.raises(UsageError, match="not all could be collected: 'E   ZeroDivisionError"):
        collected_ids.ask(["--continue-on-collection-errors"], os.environ)


def test_a_pytest_that_is_not_there_or_is_killed(
    suite: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where there is no pytest, or it says nothing, that is told too."""
    (suite / "sitecustomize.py").write_text("import sys; sys.modules['pytest'] = None")
    environ = {**os.environ, "PYTHONPATH": str(suite)}
    with pytest.raises(UsageError, match="exit code 1, not all could be collected"):
        collected_ids.ask([], environ)
    (suite / "sitecustomize.py").write_text("import os; os._exit(77)")
    with pytest.raises(UsageError, match="exit code 77, it came to no end of its own: ''"):
        collected_ids.ask([], environ)
