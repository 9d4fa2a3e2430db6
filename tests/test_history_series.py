"""Series out of the history: which runs count, in which order, of which tests."""

from __future__ import annotations

from pathlib import Path

import pytest
from history_fixtures import record, record_suite
from hypothesis import given, settings
from hypothesis import strategies as st

from trunk_failures import history, history_series
from trunk_failures.history_series import Choice
from trunk_failures.trials import Run

Read = dict[tuple[str, str], str]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return the path of a history that is not there."""
    return tmp_path / "history.sqlite3"


def read(path: Path, **choice: object) -> Read:
    """Return what tests came to, by configuration and key; `.` are runs that did not run one."""
    found = {}
    with history.reading(str(path)) as connection:
        chosen = history_series.runs(connection, Choice(**choice))  # type: ignore[arg-type]
        for each in history_series.read(connection, chosen):
            states = ["."] * len(each.runs)
            for place, state in zip(each.places, each.states.decode()):
                states[place] = state
            found[each.configuration, each.key] = "".join(states)
    return found


def test_what_was_recorded_is_read(path: Path) -> None:
    """Each test has its series, in which a crash is a failure, and a retry is no pass."""
    suite = {"TestA.a": "PFMKLCSNP", "TestB.b": "P", "m.c": "..FP"}
    record_suite(path, suite)
    assert read(path) == {
        ("", "TestA.a"): "PFMFPF..P", ("", "TestB.b"): "P........", ("", "m.c"): "..FP.....",
    }


def test_the_order_is_that_of_the_times(path: Path) -> None:
    """Runs that are recorded late are where their times put them."""
    for name, time, verdict in (("c", 30, "failed"), ("a", 10, "passed"), ("b", 20, "failed")):
        record(path, Run(name, "", time), [("TestA.a", verdict)])
    assert read(path) == {("", "TestA.a"): "PFF"}
    with history.reading(str(path)) as connection:
        (each,) = history_series.read(connection, history_series.runs(connection))
    assert [run.name for run in each.runs] == ["a", "b", "c"]
    assert each.error == "ValueError: no" and each.place == "test_a"


def test_configurations_are_apart(path: Path) -> None:
    """Each configuration has its own runs, and its own series of the tests that it has."""
    record_suite(path, {"TestA.a": "PP"}, "py311")
    record_suite(path, {"TestA.a": "FFF", "TestA.b": "P"}, "py312")
    assert read(path) == {
        ("py311", "TestA.a"): "PP", ("py312", "TestA.a"): "FFF", ("py312", "TestA.b"): "P..",
    }
    assert read(path, configuration="py311") == {("py311", "TestA.a"): "PP"}
    assert read(path, configuration="py399") == {}


def test_runs_of_a_branch(path: Path) -> None:
    """Runs of other branches, and tests that only these have, are not there."""
    record(path, Run("1", "", 1, branch="main"), [("TestA.a", "passed")])
    record(path, Run("2", "", 2, branch="mine"), [("TestA.a", "failed"), ("TestA.b", "failed")])
    assert read(path, branch="main") == {("", "TestA.a"): "P"}
    assert read(path, branch="") == {}


def test_the_last_runs(path: Path) -> None:
    """Of the last runs alone, a test that none of them ran is there without any."""
    record_suite(path, {"TestA.a": "PPPFF", "TestA.b": "FF"})
    record_suite(path, {"TestA.a": "P"}, "py312")
    assert read(path, last=2) == {
        ("", "TestA.a"): "FF", ("", "TestA.b"): "..", ("py312", "TestA.a"): "P",
    }
    assert read(path, last=100)[("", "TestA.a")] == "PPPFF"


def test_what_the_runs_before_the_last_ran(path: Path) -> None:
    """Of the last runs alone, it is known which tests those before them ran."""
    keys = [f"TestA.t{number}" for number in range(5)]
    record_suite(path, {key: "PFPP" for key in keys} | {"TestA.new": "...P"})
    record_suite(path, {"TestA.new": "FP"}, "py312")
    for last, known in ((2, {*keys}), (3, set())):
        with history.reading(str(path)) as connection:
            chosen = history_series.runs(connection, Choice(configuration="", last=last))
            assert {run.name for run in chosen.set_aside} == {"r1"}
            found = [*history_series.read(connection, chosen)]
        assert {each.key for each in found if each.earlier} == known
    with history.reading(str(path)) as connection:
        chosen = history_series.runs(connection, Choice(configuration="py312", last=1))
        assert [each.earlier for each in history_series.read(connection, chosen)] == [True]


def test_runs_that_are_set_aside(path: Path) -> None:
    """A run in which nearly all failed is named, and counts for no test."""
    keys = [f"TestA.t{number}" for number in range(5)]
    record_suite(path, {key: "PFP" for key in keys[:4]} | {keys[4]: "PPP"} | {"TestA.x": ".S."})
    with history.reading(str(path)) as connection:
        chosen = history_series.runs(connection)
        assert [run.name for run in chosen.set_aside] == ["r1"]
        assert chosen.total == 2
        assert history_series.outcomes(connection) == 15
    assert {*read(path).values()} == {"PP"}
    assert read(path, share=0.99)[("", keys[0])] == "PFP"
    assert read(path, last=1)[("", keys[0])] == "P"


def test_expected_failures_do_not_set_a_run_aside(path: Path) -> None:
    """A run of listed tests alone, which all fail as they are expected to, does count."""
    record_suite(path, {f"TestA.t{number}": "KK" for number in range(9)})
    assert {*read(path).values()} == {"FF"}


def test_what_is_read_is_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """How many outcomes have been read is told every so often, all of them in the end."""
    record_suite(path, {f"TestA.t{number}": "PPP" for number in range(10)})
    monkeypatch.setattr(history_series, "TELL_EVERY", 6)
    told: list[int] = []
    with history.reading(str(path)) as connection:
        chosen = history_series.runs(connection)
        assert len([*history_series.read(connection, chosen, told.append)]) == 10
    assert told == [6, 6, 6, 6, 6, 0]


@settings(max_examples=10)
@given(st.dictionaries(st.sampled_from(["a.a", "a.b", "b.a"]), st.text("PFM", max_size=5)))
def test_recorded_and_read(
    tmp_path_factory: pytest.TempPathFactory, suite: dict[str, str]
) -> None:
    """Whatever was recorded, and in whichever order, is read back."""
    path = tmp_path_factory.mktemp("series") / "history.sqlite3"
    given = {key: states for key, states in suite.items() if states}
    if not given:
        return
    record_suite(path, given)
    runs = max(map(len, given.values()))
    assert read(path) == {("", key): states.ljust(runs, ".") for key, states in given.items()}
