"""Explanations: which entry acts on a test, and why."""

from __future__ import annotations

import sys
import types
import unittest
from pathlib import Path

import pytest

from trunk_failures import in_force, list_files, lookup
from trunk_failures.errors import UsageError
from trunk_failures.explanations import explain

SKIP, XFAIL = "trunk_skips/TestFoo.test_bar", "trunk_expected_failures/TestFoo.test_bar"
SLOW_SKIP, SLOW_XFAIL = (path.replace("trunk", "slow") for path in (SKIP, XFAIL))
OF_FILE = "trunk_skips/nn/test_init/TestFoo.test_bar"
LISTS = "the lists in force (slow, trunk)"


def put_in_force(
    monkeypatch: pytest.MonkeyPatch, project: Path, files: dict[str, str], slow: str = "1"
) -> None:
    """Write entries and put them in force, with the mode `slow` if that is "1"."""
    (project / ".git").mkdir()
    top = project / "tests"
    top.mkdir()
    for file, content in files.items():
        path = top / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content.replace("{name}", path.name), encoding="utf-8")
    loaded = list_files.load(str(top), {"PYTORCH_TEST_WITH_SLOW": slow})
    monkeypatch.setattr(in_force, "lists", loaded)
    lookup._test_file.cache_clear()


EXPLAINED = [
    ({}, None, []),
    ({XFAIL: ""}, XFAIL, [f"`tests/{XFAIL}` (expected failure of mode trunk) acts"]),
    (
        {SKIP: "{name}: reason: flaky"},
        SKIP,
        [f"`tests/{SKIP}` (skip of mode trunk) acts: flaky"],
    ),
    (
        {SLOW_SKIP: "", XFAIL: "{name}: reason: known"},
        SLOW_SKIP,
        [
            f"`tests/{SLOW_SKIP}` (skip of mode slow) acts",
            f"`tests/{XFAIL}` (expected failure of mode trunk) is overruled by a more specific "
            f"mode's: known",
        ],
    ),
    (
        {SLOW_SKIP: "{name}: when: mode == 'wide'", XFAIL: ""},
        XFAIL,
        [
            f"`tests/{SLOW_SKIP}` (skip of mode slow) its `when` does not hold here: "
            f"mode == 'wide' is false here: mode is \"slow\" and \"trunk\"",
            f"`tests/{XFAIL}` (expected failure of mode trunk) acts",
        ],
    ),
    (
        {SLOW_SKIP: "{name}: expires: 2020-01-01", SKIP: "{name}: when: mode == 'slow'"},
        SKIP,
        [
            f"`tests/{SLOW_SKIP}` (skip of mode slow) expired on 2020-01-01 and no longer "
            f"suppresses TestFoo.test_bar; mend the test, or renew the date",
            f"`tests/{SKIP}` (skip of mode trunk) acts",
        ],
    ),
    (
        {SLOW_XFAIL: "{name}: nope: x", SKIP: ""},
        None,
        [
            f"`tests/{SLOW_XFAIL}`, line 1: unknown field 'nope'; the fields are reason, issue, "
            f"owner, expires, when, raises, match, run, timeout, keep",
            f"`tests/{SKIP}` (skip of mode trunk) is not asked, as a more specific mode's cannot "
            f"be read",
        ],
    ),
    (
        {SLOW_SKIP: "", XFAIL: "{name}: run: x"},
        SLOW_SKIP,
        [
            f"`tests/{SLOW_SKIP}` (skip of mode slow) acts",
            f"`tests/{XFAIL}`, line 1: `run` is 'x'; allowed are always, isolated, never",
        ],
    ),
]


@pytest.mark.parametrize(("files", "acting", "notes"), EXPLAINED)
def test_explanations(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    files: dict[str, str],
    acting: str | None,
    notes: list[str],
) -> None:
    """Each entry of a test has its sentence, the most specific first; one at most acts."""
    put_in_force(monkeypatch, tmp_path, {"slow_skips/A.a": "", **files})
    explanation = explain("TestFoo.test_bar")
    assert (explanation.key, explanation.modes) == ("TestFoo.test_bar", ("slow", "trunk"))
    assert list(explanation.notes) == notes
    found = explanation.entry.path if explanation.entry else None
    assert found == (f"tests/{acting}" if acting else None)
    text = f"TestFoo.test_bar, in {LISTS}:\n" + "\n".join(notes)
    assert str(explanation) == (text if notes else f"TestFoo.test_bar is not listed in {LISTS}")


def test_one_entry_of_many_acts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """However many modes list a test, the most specific one's entry acts alone."""
    wide_skip = "wide_skips/TestFoo.test_bar"
    put_in_force(monkeypatch, tmp_path, {SLOW_SKIP: "", XFAIL: "", wide_skip: ""})
    environ = {"TRUNK_FAILURES_MODES": "slow,wide"}
    monkeypatch.setattr(in_force, "lists", list_files.load(str(tmp_path / "tests"), environ))
    acts, *overruled = explain("TestFoo.test_bar").notes
    assert acts == f"`tests/{SLOW_SKIP}` (skip of mode slow) acts"
    assert ["overruled" in note for note in overruled] == [True, True]


@pytest.mark.parametrize("files", [files for files, _, _ in EXPLAINED])
def test_what_is_explained_is_what_happens(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, files: dict[str, str]
) -> None:
    """The entry that an explanation gives is the one that acts when the test runs."""
    put_in_force(monkeypatch, tmp_path, {"slow_skips/A.a": "", **files})
    acting = lookup.acting("TestFoo.test_bar", "", ("expected_failures", "skips"))
    assert explain("TestFoo.test_bar").entry == (acting.entry if acting else None)


@pytest.mark.parametrize(
    "test",
    [
        "TestFoo.test_bar",
        "test_foo.TestFoo.test_bar",
        "package.test_foo.TestFoo.test_bar",
        "test_bar (test_foo.TestFoo)",
        "test_bar (__main__.TestFoo.test_bar)",
        "tests/test_foo.py::TestFoo::test_bar",
    ],
)
def test_ids_in_any_dialect(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, test: str) -> None:
    """A test can be asked for by any tool's id."""
    put_in_force(monkeypatch, tmp_path, {SKIP: ""})
    explanation = explain(test)
    assert explanation.key == "TestFoo.test_bar"
    assert explanation.entry is not None and explanation.entry.path == f"tests/{SKIP}"


@pytest.mark.parametrize("test", ["", "test_bar", "a b", "TestFoo.", "(TestFoo)"])
def test_what_is_no_id_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, test: str
) -> None:
    """Text of no test is a usage error, not a test that is not listed."""
    put_in_force(monkeypatch, tmp_path, {SKIP: ""})
    with pytest.raises(UsageError, match="is no test id here: allowed is"):
        explain(test)


class TestFoo(unittest.TestCase):
    """Stand for a test that is asked for."""

    __test__ = False

    def test_bar(self) -> None:
        """Pass."""


def test_a_test_case(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A test can be asked for by its very object, of which the file is known."""
    put_in_force(monkeypatch, tmp_path, {SKIP: "", f"slow_{OF_FILE.removeprefix('trunk_')}": ""})
    assert len(explain(TestFoo("test_bar")).notes) == 1
    module = types.ModuleType("nn.test_init")
    module.__file__ = str(tmp_path / "tests" / "nn" / "test_init.py")
    monkeypatch.setitem(sys.modules, "nn.test_init", module)
    monkeypatch.setattr(TestFoo, "__module__", "nn.test_init")
    assert len(explain(TestFoo("test_bar")).notes) == 2


@pytest.mark.parametrize(
    "test",
    [
        "nn/test_init/TestFoo.test_bar",
        "nn/test_init.py::TestFoo::test_bar",
        "tests/nn/test_init.py::TestFoo::test_bar",
        "nn.test_init.TestFoo.test_bar",
    ],
)
def test_entries_of_one_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, test: str) -> None:
    """An id that tells the file finds that file's entry, counted from where its tool counts."""
    put_in_force(monkeypatch, tmp_path, {SKIP: "", OF_FILE: ""})
    module = types.ModuleType("nn.test_init")
    module.__file__ = str(tmp_path / "tests" / "nn" / "test_init.py")
    monkeypatch.setitem(sys.modules, "nn.test_init", module)
    monkeypatch.chdir(tmp_path)
    entry = explain(test).entry
    assert entry is not None and entry.path == f"tests/{OF_FILE}"


def test_no_list_in_force(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no list is in force the explanation says that."""
    monkeypatch.setattr(in_force, "lists", list_files.load(None, {"TRUNK_FAILURES": "0"}))
    explanation = explain("TestFoo.test_bar")
    assert explanation == ("TestFoo.test_bar", (), None, ())
    assert str(explanation) == "TestFoo.test_bar is not listed in the lists in force (none)"
