"""Explained tests: what each entry of a test comes to, in force or not."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from git_fixtures import commit
from lists_fixtures import write_entry

from trunk_failures import (
    all_lists,
    explained_tests,
    git_records,
    in_force,
    list_files,
    lookup,
    status_files,
    statuses,
)
from trunk_failures.asked_tests import Place
from trunk_failures.decisions import State
from trunk_failures.git_records import Records
from trunk_failures.statuses import PYTORCH, Disabled

TODAY = datetime.date(2026, 1, 15)
KEY = "TestA.test_b"
ANY, ONE = Place(KEY, ""), Place(KEY, "nn/test_a")
DYNAMO = "under PYTORCH_TEST_WITH_DYNAMO=1"

Row = tuple[str, State, str, str]


def explained(
    test_dir: Path, place: Place = ANY, status: str = "", **environ: str
) -> list[Row]:
    """Return the path, the state, why and under what of each entry of a test."""
    found = all_lists.read(str(test_dir), environ, status)
    rows = explained_tests.explain(found, place, Records({}), TODAY)
    prefix = f"{test_dir.name}/"
    return [
        (each.listed.path.removeprefix(prefix), each.state, each.why, each.under) for each in rows
    ]


def test_modes_that_are_not_in_force(tmp_path: Path) -> None:
    """Each mode's entry has what would come of it under that mode, those in force first."""
    write_entry(tmp_path, f"trunk_skips/{KEY}", 'when: mode == "dynamo"')
    write_entry(tmp_path, f"dynamo_skips/{KEY}", 'when: mode == "dynamo"')
    write_entry(tmp_path, f"slow_skips/{KEY}", "expires: 2026-01-01")
    trunk, dynamo, slow = explained(tmp_path)
    assert trunk == (
        f"trunk_skips/{KEY}", State.NOT_HERE, "its `when` does not hold here", "",
    )
    assert dynamo == (f"dynamo_skips/{KEY}", State.ACTS, "acts", DYNAMO)
    assert slow[1] is State.EXPIRED and slow[3] == "under PYTORCH_TEST_WITH_SLOW=1"
    dynamo, trunk, _ = explained(tmp_path, PYTORCH_TEST_WITH_DYNAMO="1")
    assert dynamo[1:] == (State.ACTS, "acts", "")
    assert trunk[1] is State.OVERRULED and not trunk[3]


def test_an_entry_of_one_file(tmp_path: Path) -> None:
    """It rules over the one for any file, of that file's test alone."""
    write_entry(tmp_path, f"trunk_skips/nn/test_a/{KEY}")
    write_entry(tmp_path, f"trunk_expected_failures/{KEY}")
    own, other = explained(tmp_path, ONE)
    assert own == (f"trunk_skips/nn/test_a/{KEY}", State.ACTS, "acts", "")
    assert other[1:3] == (State.OVERRULED, "is overruled by the entry of this very file")
    ((path, state, _, _),) = explained(tmp_path)
    assert (path, state) == (f"trunk_expected_failures/{KEY}", State.ACTS)
    assert not explained(tmp_path, Place("TestA.test_c", ""))


def test_both_lists_of_a_mode(tmp_path: Path) -> None:
    """Where both have a test, which no run accepts, both are told of."""
    write_entry(tmp_path, f"trunk_skips/{KEY}")
    write_entry(tmp_path, f"trunk_expected_failures/{KEY}")
    states = [(state, why) for _, state, why, _ in explained(tmp_path)]
    why = "is not asked, as its mode has another entry of the test"
    assert sorted(states, key=str) == [(State.ACTS, "acts"), (State.OVERRULED, why)]


def test_lists_of_contexts(tmp_path: Path) -> None:
    """They are no mode's, and suppress nothing under any."""
    write_entry(tmp_path, f"compiled_autograd_skips/{KEY}")
    ((_, state, why, under),) = explained(tmp_path, TRUNK_FAILURES="0")
    assert state is State.IN_CONTEXT and why.startswith("suppresses nothing") and not under


def test_trunks_status(tmp_path: Path) -> None:
    """A name of the status acts on each test that it stands for, after the lists."""
    write_entry(tmp_path, "trunk_skips/TestOpsCPU.test_x_cpu")
    names = ("test_x_cpu (__main__.TestOps)", "TestOpsCPU.test_x_cpu")
    disabled = tuple(map(Disabled, names, (PYTORCH, statuses.EXACT)))
    file = tmp_path / "status.json"
    status_files.write(str(file), statuses.Status(disabled, statuses.now(), "x"))
    listed, *of_status = explained(tmp_path, Place("TestOpsCPU.test_x_cpu", ""), str(file))
    assert listed[1] is State.ACTS
    assert {state for _, state, _, _ in of_status} == {State.OVERRULED} and len(of_status) == 2
    (tmp_path / "trunk_skips/TestOpsCPU.test_x_cpu").unlink()
    *_, acts = explained(tmp_path, Place("TestOpsCPU.test_x_cpu", ""), str(file))
    assert acts[1] is State.ACTS and "trunk_status_skips/TestOps.test_x_cpu" in acts[0]


@pytest.mark.parametrize("most", [0, 100])
def test_records(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    """git is asked for the entries' own files, or for the lists that hold them if they are many."""
    tests = tmp_path / "tests"
    for path in (f"trunk_skips/{KEY}", f"trunk_skips/nn/test_a/{KEY}", "trunk_skips/TestC.test_d"):
        write_entry(tests, path)
    commit(tmp_path, "first", {})
    monkeypatch.setattr(explained_tests, "GIVEN_TO_GIT", most)
    found = all_lists.read(str(tests), {})
    known = explained_tests.records(found, [ANY, ONE])
    own = {f"trunk_skips/{KEY}", f"trunk_skips/nn/test_a/{KEY}"}
    assert known.added.keys() == (own if most else own | {"trunk_skips/TestC.test_d"})
    assert explained_tests.explain(found, ANY, known, TODAY)[0].listed.added is not None
    assert explained_tests.records(found, []) == git_records.Records({})


@pytest.mark.parametrize("mode", ["trunk", "dynamo"])
@pytest.mark.parametrize("content", ["", "expires: 2020-01-01", "when: mode == 'dynamo'", "x: y"])
@pytest.mark.parametrize("test_file", ["", "nn/test_a"])
def test_what_is_explained_is_what_happens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: str, content: str, test_file: str
) -> None:
    """The entry that acts is the one that a test run finds under the setting told."""
    write_entry(tmp_path, f"dynamo_skips/{KEY}", content)
    write_entry(tmp_path, f"dynamo_skips/nn/test_a/{KEY}", "when: mode == 'trunk'")
    write_entry(tmp_path, f"trunk_expected_failures/{KEY}", content)
    environ = {"PYTORCH_TEST_WITH_DYNAMO": "1"} if mode == "dynamo" else {}
    monkeypatch.setattr(in_force, "lists", list_files.load(str(tmp_path), environ))
    monkeypatch.setattr(lookup, "today", lambda: TODAY)
    acting = lookup.acting(KEY, test_file, ("expected_failures", "skips"))
    found = all_lists.read(str(tmp_path), environ)
    rows = explained_tests.explain(found, Place(KEY, test_file), Records({}), TODAY)
    acts = [each for each in rows if each.state is State.ACTS and not each.under]
    entry = acting.entry if acting else None
    assert [each.listed.entry for each in acts] == ([entry] if entry else [])
