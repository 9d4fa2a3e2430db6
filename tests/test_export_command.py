"""`trunk-failures export`: the lists as other tools have them, and what is lost."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from formats_fixtures import make_files
from lists_fixtures import write_entry
from test_file_changes import tree
from other_lists_fixtures import Transfer, project, transfer

from trunk_failures.formats.table import FORMATS, WRITTEN

__all__ = ["project", "transfer"]

IDS = [
    "tests/test_a.py::TestA::test_b",
    "tests/nn/test_a.py::TestA::test_b",
    "tests/test_p.py::test_p[1]",
    "other/test_p.py::test_p[1]",
]


@pytest.fixture
def lists(project: Path) -> Path:
    """Return a test directory with lists."""
    tests = project / "tests"
    write_entry(tests, "trunk_skips/test_p.test_p[1]", "reason: slow\nowner: me\nrun: never")
    write_entry(tests, "trunk_skips/TestA.test_b")
    write_entry(tests, "trunk_expected_failures/nn/test_a/TestA.test_b", "issue: https://x/1")
    write_entry(tests, "trunk_skips/TestA.test_old", "expires: 2020-01-01")
    write_entry(tests, "dynamo_skips/TestA.test_c", "match: a  b")
    make_files(project, IDS)
    (project / "ids.txt").write_text("\n".join(IDS))
    return tests


def test_json_loses_nothing(lists: Path, project: Path, transfer: Transfer) -> None:
    """Lists that are exported as JSON and imported again are what they were, file by file."""
    before = {path: text for path, text in tree(lists).items() if not path.endswith(".py")}
    code, out, err = transfer("export", "json", "-o", "lists.json")
    assert (code, out, err) == (0, "", ["5 entries as json"])
    (project / "again").mkdir()
    arguments = ("lists.json", "--test-dir", "again", "--strict")
    assert transfer("import", "json", *arguments)[0] == 0
    assert tree(project / "again") == before
    code, out, _ = transfer("export", "json", "--mode", "dynamo")
    assert [each["key"] for each in json.loads(out)["entries"]] == ["TestA.test_c"]


def test_ids_of_collected_tests(lists: Path, transfer: Transfer) -> None:
    """An entry is of the tests that have its key, but for those that have one for their file."""
    code, out, err = transfer("export", "pytest-skip", "--collected", "ids.txt")
    assert code == 0
    assert out == f"{IDS[0]}\n\n# slow\n{IDS[2]}\n{IDS[3]}\n"
    assert err == [
        "tests/trunk_skips/TestA.test_old: it has expired, so that it suppresses nothing; it is"
        " left out",
        "tests/trunk_skips/test_p.test_p[1]: there is no room for `owner`",
        "2 entries as pytest-skip; 1 of the other kind are not in it, see --kind;"
        " 1 of them are run here, and are not there;"
        " 2 of them left out or not as they are, as told above",
    ]


def test_ids_of_entries_that_name_their_file(lists: Path, transfer: Transfer) -> None:
    """Without a collection an entry for one file has an id, and the others are told."""
    code, out, err = transfer("export", "array-api-xfails")
    assert (code, out) == (0, f"# https://x/1\n{IDS[1]}\n")
    code, out, err = transfer("export", "array-api-xfails", "--kind", "skips")
    assert code == 0 and out == ""
    assert "TestA.test_b: its file is not known; --collected tells" in err[1]


def test_entries_that_match_no_collected_test(
    lists: Path, transfer: Transfer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is listed and not collected is told."""
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"tests/test_q.py::a\n")))
    code, out, err = transfer("export", "array-api-xfails", "--collected", "-")
    assert (code, out) == (0, "")
    path = "tests/trunk_expected_failures/nn/test_a/TestA.test_b"
    assert err[0] == f"{path}: it matches no collected test"


def test_a_manifest_has_both_kinds(lists: Path, transfer: Transfer) -> None:
    """Kinds, dates and files have room in a manifest, and are imported again."""
    code, out, err = transfer("export", "gcc")
    assert code == 0 and "flaky,expire=20200101 | FAIL: TestA.test_old\n" in out
    assert "FAIL: nn/test_a/TestA.test_b\n" in out
    assert err[-1] == "4 entries as gcc; 1 of them left out or not as they are, as told above"


def test_strictly(lists: Path, project: Path, transfer: Transfer) -> None:
    """With --strict nothing is written where anything is lost, and the code is 1."""
    code, out, err = transfer("export", "gcc", "--strict", "-o", "m.txt")
    assert (code, out) == (1, "") and not (project / "m.txt").exists()
    assert err[-1].endswith("nothing is written, as --strict says")
    assert transfer("export", "json", "--strict", "-o", "m.txt")[0] == 0


def test_what_was_imported_is_exported_without_a_loss(project: Path, transfer: Transfer) -> None:
    """A file for pytest-skip is imported and exported again as it was, strictly."""
    make_files(project, IDS)
    (project / "ids.txt").write_text("\n".join(IDS))
    (project / "skips.txt").write_text(f"{IDS[0]}\n\n# slow\n{IDS[2]}\n")
    where = ("--collected", "ids.txt", "--strict")
    assert transfer("import", "pytest-skip", "skips.txt", *where)[0] == 0
    code, out, err = transfer("export", "pytest-skip", *where)
    assert (code, out) == (0, (project / "skips.txt").read_text())
    assert err == ["2 entries as pytest-skip"]


def test_entries_that_cannot_be_read_are_told(lists: Path, transfer: Transfer) -> None:
    """An entry that breaks a rule is left out and named."""
    write_entry(lists, "trunk_skips/TestA.test_odd", "when: never")
    code, out, err = transfer("export", "json")
    assert code == 0 and "TestA.test_odd" not in out
    assert err[0].startswith("tests/trunk_skips/TestA.test_odd: it cannot be read: ")


def test_where_it_cannot_be_written(lists: Path, project: Path, transfer: Transfer) -> None:
    """A file that cannot be written is one line and 2, and nothing is left."""
    code, _, err = transfer("export", "json", "-o", "none/lists.json")
    assert code == 2 and "cannot be written to 'none/lists.json'" in err[0]
    code, _, err = transfer("export", "json", "-o", "a\0b")
    assert code == 2 and "cannot be written" in err[0]


def test_keys_that_have_no_id(project: Path, transfer: Transfer) -> None:
    """A key of which no node id can be made is told."""
    write_entry(project / "tests", "trunk_skips/nn/test_a/TestA.%20test")
    code, out, err = transfer("export", "pytest-skip")
    assert (code, out) == (0, "") and "its file is not known" in err[0]


def test_the_lists_may_be_where_one_is(
    lists: Path, transfer: Transfer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ids count from the working directory, where pytest is started."""
    monkeypatch.chdir(lists)
    code, out, _ = transfer("export", "array-api-xfails")
    assert out == "# https://x/1\nnn/test_a.py::TestA::test_b\n"


def test_help(transfer: Transfer) -> None:
    """The help names every format that is written, and the exit codes."""
    code, out, _ = transfer("export", "--help")
    assert code == 0 and all(f"  {name} " in out for name in WRITTEN) and "exit codes" in out
    assert transfer("export", "pytorch")[0] == 2
    assert {*WRITTEN} < {*FORMATS}
