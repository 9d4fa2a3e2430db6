"""`trunk-failures import`: other tools' lists into these, and what is said of it."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from formats_fixtures import make_files
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lists_fixtures import write_entry
from test_file_changes import git, tree
from other_lists_fixtures import Transfer, project, transfer

from trunk_failures import cli, list_writing
from trunk_failures.formats.table import FORMATS

__all__ = ["project", "transfer"]

SETS = '''\
dynamo_expected_failures = {
    "TestA.test_b",  # graph break
    "TestA.test_c",
    "not a key",
}
dynamo_skips = {"TestA.test_d"}
'''
LISTED = {
    "dynamo_expected_failures/TestA.test_b": "TestA.test_b: reason: graph break\n",
    "dynamo_expected_failures/TestA.test_c": "",
    "dynamo_skips/TestA.test_d": "",
}
IDS = [
    "tests/test_a.py::TestA::test_b",
    "tests/nn/test_a.py::TestA::test_b",
    "tests/test_p.py::test_p[1]",
    "tests/test_p.py::test_p[2]",
]


def test_a_list_is_imported_once(project: Path, transfer: Transfer) -> None:
    """Tests are listed with what is said of them, and a second time nothing changes."""
    (project / "sets.py").write_text(SETS)
    code, out, err = transfer("import", "pytorch", "sets.py")
    assert (code, out, tree(project / "tests")) == (0, "", LISTED)
    assert err == [
        "sets.py, line 4: 'not a key' is no test's id",
        "2 listed in tests/dynamo_expected_failures; 1 listed in tests/dynamo_skips;"
        " 1 left out or changed, as told above",
    ]
    code, out, err = transfer("import", "pytorch", "sets.py")
    assert (code, out, tree(project / "tests")) == (0, "", LISTED)
    assert err[1] == "0 listed in tests; 3 were listed before; 1 left out or changed, as told above"


def test_the_mode_that_is_asked_for(project: Path, transfer: Transfer) -> None:
    """--mode goes before what the list says."""
    (project / "sets.py").write_text("dynamo_skips = {'TestA.test_d'}")
    assert transfer("import", "pytorch", "sets.py", "--mode", "inductor")[0] == 0
    assert [*tree(project / "tests")] == ["inductor_skips/TestA.test_d"]


def test_entries_that_are_there_stay(project: Path, transfer: Transfer) -> None:
    """An entry is left as it is, and one of the other kind is told."""
    write_entry(project / "tests", "dynamo_skips/TestA.test_b", "reason: mine")
    (project / "sets.py").write_text(SETS)
    code, _, err = transfer("import", "pytorch", "sets.py")
    assert code == 0
    assert err[0] == "sets.py, line 2: 'TestA.test_b' is listed already, as one of skips"
    assert err[-1].endswith("1 were listed before; 2 left out or changed, as told above")
    assert tree(project / "tests")["dynamo_skips/TestA.test_b"] == "TestA.test_b: reason: mine\n"


def test_a_dry_run_prints_a_diff_that_git_applies(project: Path, transfer: Transfer) -> None:
    """--dry-run writes nothing, and git makes of what it prints what the command writes."""
    git(project, "init", "--quiet")
    (project / "sets.py").write_text(SETS)
    code, out, err = transfer("import", "pytorch", "sets.py", "--dry-run")
    assert code == 0 and not tree(project / "tests")
    assert err[-1].startswith("2 would be listed in tests/dynamo_expected_failures; 1 would")
    git(project, "apply", "-", given=out)
    assert tree(project / "tests") == LISTED


def test_what_is_written_is_staged(project: Path, transfer: Transfer) -> None:
    """--git-add stages the new entries, and nothing else."""
    git(project, "init", "--quiet")
    (project / "sets.py").write_text(SETS)
    assert transfer("import", "pytorch", "sets.py", "--git-add")[0] == 0
    staged = git(project, "diff", "--cached", "--name-only").split()
    assert staged == [f"tests/{each}" for each in sorted(LISTED)]


def test_strictly(project: Path, transfer: Transfer) -> None:
    """With --strict nothing is written where anything is left out, and the code is 1."""
    (project / "sets.py").write_text(SETS)
    code, _, err = transfer("import", "pytorch", "sets.py", "--strict")
    assert code == 1 and not tree(project / "tests")
    assert err[-1].endswith("nothing is written, as --strict says")
    (project / "sets.py").write_text(SETS.replace('"not a key",', ""))
    assert transfer("import", "pytorch", "sets.py", "--strict")[0] == 0
    assert tree(project / "tests") == LISTED


def test_collected_tests_tell_what_a_name_covers(project: Path, transfer: Transfer) -> None:
    """Names are put down to tests, and a test that shares its key with another gets its file."""
    make_files(project, IDS)
    (project / "ids.txt").write_text("\n".join(IDS))
    (project / "skips.txt").write_text(
        "tests/test_p.py::test_p\ntests/nn/test_a.py::TestA::test_b\ntest_gone\n"
    )
    code, _, err = transfer("import", "pytest-skip", "skips.txt", "--collected", "ids.txt")
    assert code == 0
    assert [*tree(project / "tests")][:3] == [
        "nn/test_a.py", "test_a.py", "test_p.py",
    ]
    assert {*tree(project / "tests")} >= {
        "trunk_skips/nn/test_a/TestA.test_b",
        "trunk_skips/test_p.test_p[1]",
        "trunk_skips/test_p.test_p[2]",
    }
    assert err[0] == "skips.txt, line 3: 'test_gone' matches no collected test"


def test_tags_of_tests_that_must_pass(project: Path, transfer: Transfer) -> None:
    """What a collection has beyond GraalPy's tags is listed, as skips."""
    (project / "ids.txt").write_text("\n".join(IDS[:1] + ["tests/test_a.py::TestA::test_c"]))
    (project / "test_a.txt").write_text("tests.test_a.TestA.test_c\n")
    code, _, err = transfer("import", "graalpy", "test_a.txt", "--collected", "ids.txt")
    assert (code, err) == (0, ["1 listed in tests/trunk_skips"])
    assert tree(project / "tests") == {
        "trunk_skips/TestA.test_b": "TestA.test_b: reason: it has no tag of GraalPy's\n"
    }


def test_without_a_collection(project: Path, transfer: Transfer) -> None:
    """A name that may cover several tests is told; an id is listed, never to be run."""
    make_files(project, IDS)
    (project / "skips.txt").write_text("tests/test_a.py::TestA::test_b\ntest_p\n")
    code, _, err = transfer("import", "pytest-skip", "skips.txt", "--qualify")
    assert err[0] == "skips.txt, line 2: 'test_p' may cover several; give --collected"
    path = "trunk_skips/test_a/TestA.test_b"
    assert tree(project / "tests")[path] == "TestA.test_b: run: never\n"


def test_kinds_and_runs_that_are_asked_for(project: Path, transfer: Transfer) -> None:
    """--kind and --always-run say what the list does not."""
    (project / "skips.txt").write_text("a.py::test_b\n")
    arguments = ("skips.txt", "--kind", "expected_failures", "--always-run")
    assert transfer("import", "pytest-skip", *arguments)[0] == 0
    assert tree(project / "tests") == {"trunk_expected_failures/a.test_b": ""}
    code, _, err = transfer("import", "pytorch", "sets.py", "--kind", "skips")
    assert code == 2 and err == ["pytorch says of each test of which kind it is; omit --kind"]


def test_a_directory_and_standard_input(
    project: Path, transfer: Transfer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lists are read from a directory where the format has some, and from `-`."""
    write_entry(project / "other", "dynamo_skips/TestA.test_b", "reason: slow")
    assert transfer("import", "pytorch", "other")[0] == 0
    assert tree(project / "tests") == tree(project / "other")
    code, _, err = transfer("import", "gcc", "other")
    assert code == 2 and err == ["'other' is a directory; gcc is a file"]
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"FAIL: TestA.test_c\n")))
    code, _, err = transfer("import", "gcc", "-")
    assert err == ["1 listed in tests/trunk_expected_failures"]
    code, _, err = transfer("import", "gcc", "-", "--collected", "-")
    assert code == 2 and "both read standard input" in err[0]


def test_lists_that_cannot_be_read(project: Path, transfer: Transfer) -> None:
    """A list that is not there, or is no text, is one line and 2."""
    code, _, err = transfer("import", "gcc", "gone.txt")
    assert code == 2 and "the list 'gone.txt' cannot be read: No such file" in err[0]
    code, _, err = transfer("import", "gcc", "a\0b")
    assert code == 2 and "cannot be read" in err[0]
    (project / "bytes.txt").write_bytes(b"\xff")
    code, _, err = transfer("import", "gcc", "bytes.txt")
    assert code == 2 and "'bytes.txt' is not UTF-8" in err[0] and len(err) == 1


def test_long_values_are_told(project: Path, transfer: Transfer) -> None:
    """A value that is cut, or made one line, is said to be."""
    (project / "m.txt").write_text(f"# {'x' * 3000}\nFAIL: TestA.test_b\n")
    code, _, err = transfer("import", "gcc", "m.txt")
    assert err[0] == "m.txt, line 2: of 'TestA.test_b': `reason` is made one line that can be read"


def test_hostile_names_do_not_reach_the_terminal(project: Path, transfer: Transfer) -> None:
    """Control characters of a list are escaped, on stderr and in names of files."""
    (project / "q.txt").write_text("a.py::test_b[\x1b[31m]\n\x1b[2Jx\n", encoding="utf-8")
    code, _, err = transfer("import", "pytest-quarantine", "q.txt")
    assert code == 0 and "\x1b" not in "".join(err)
    assert [*tree(project / "tests")] == ["trunk_expected_failures/a.test_b[%1B[31m]"]


def test_nothing_is_half_written(
    project: Path, transfer: Transfer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where an entry cannot be brought to the disk, none is written, of few or of many."""
    for count in (3, list_writing.MANY + 10):
        names = "".join(f"FAIL: TestA.test_{number} x\n" for number in range(count))
        (project / "m.txt").write_text(names)
        calls = []

        def full(number: int) -> None:
            calls.append(number)
            if len(calls) > 2:
                raise OSError(28, "No space left on device")

        with monkeypatch.context() as patched:
            patched.setattr(os, "fsync", full)
            code, _, err = transfer("import", "gcc", "m.txt")
        assert code == 2 and "none of the changes were made" in err[0]
        assert not tree(project / "tests")
    assert transfer("import", "gcc", "m.txt")[0] == 0
    assert len(tree(project / "tests")) == list_writing.MANY + 10


TEXT = {name: each for name, each in FORMATS.items() if name not in ("pyodide", "cuml")}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(st.sampled_from(sorted(TEXT)), st.binary(max_size=80))
def test_any_bytes_are_a_list_or_one_line(project: Path, name: str, content: bytes) -> None:
    """Whatever a list holds, the command ends with 0 or 2, and the lists can be loaded."""
    (project / "any").write_bytes(content)
    assert cli.main(["import", name, "any"]) in (0, 2)
    assert cli.main(["export", "json", "-o", "out.json", "--strict"]) == 0


def test_help(transfer: Transfer) -> None:
    """The help names every format and the exit codes."""
    code, out, _ = transfer("import", "--help")
    assert code == 0 and all(f"  {name} " in out for name in FORMATS) and "exit codes" in out
    assert transfer("import", "others", "x")[0] == 2
