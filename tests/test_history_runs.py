"""Runs in the history: written once, whole, in any order; pruned."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from history_fixtures import HOUR, WORDS, dump, record, record_suite, rows
from hypothesis import given, settings
from hypothesis import strategies as st
from update_fixtures import collected, told

from trunk_failures import history, history_runs
from trunk_failures.history_runs import CRASHED, FAILED, KNOWN, PASSED, Recorded
from trunk_failures.results import collecting
from trunk_failures.results.seen import Seen
from trunk_failures.trials import Run
from trunk_failures.verdicts import Verdict

RUN = Run("17", "", 1000, "abc", "main", "trunk")
OUTCOMES = """
    SELECT key, state, coalesce(text, '') FROM outcome JOIN test ON test.id = outcome.test
    LEFT JOIN error ON error.id = outcome.error ORDER BY key
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return the path of a history that is not there."""
    return tmp_path / "history.sqlite3"


@pytest.mark.parametrize(
    ("verdicts", "state"),
    [
        ("passed", PASSED), ("unexpected success", PASSED), ("skip-listed and passed", PASSED),
        ("failed", FAILED), ("error", FAILED), ("fails differently", FAILED),
        ("expected failure", KNOWN), ("skip-listed and failed", KNOWN), ("crashed", CRASHED),
        ("skipped", 0), ("not run", 0), ("failed, passed", FAILED | PASSED),
        ("skipped, passed", PASSED), ("crashed, skip-listed and failed", CRASHED | KNOWN),
    ],
)
def test_states(path: Path, verdicts: str, state: int) -> None:
    """What did not run has no outcome; what crashed or failed at first did not pass."""
    words = {verdict.value: verdict for verdict in Verdict}
    seen = Seen(frozenset(words[each] for each in verdicts.split(", ")))
    assert history_runs.state(seen) == state
    recorded = record(path, RUN, [("TestA.a", verdicts)])
    assert recorded == (Recorded(1, 1) if state else Recorded(0, 0))
    assert [row[1] for row in rows(path, OUTCOMES)] == ([state] if state else [])


def test_what_is_on_the_disk() -> None:
    """The numbers that histories hold stay what they are."""
    assert (PASSED, FAILED, KNOWN, CRASHED) == (1, 2, 4, 8)


def test_what_skipped_itself(path: Path) -> None:
    """Only a test that skipped itself is kept as one, and one that ran elsewhere stays so."""
    verdicts = [(f"a.{each.name}", each.value) for each in Verdict]
    record(path, RUN, [*verdicts, ("a.both", "skipped, failed")])
    record(path, RUN, [("a.PASSED", "skipped"), ("b.late", "skipped")])
    skipped = "SELECT key, run FROM skip JOIN test ON id = test ORDER BY key"
    assert rows(path, skipped) == [("a.PASSED", 1), ("a.SKIPPED", 1), ("b.late", 1)]
    ran = {str(row[0]) for row in rows(path, OUTCOMES)}
    assert ran == {key for key, _ in verdicts} - {"a.SKIPPED", "a.NOT_RUN"} | {"a.both"}


def test_every_verdict_is_accounted_for() -> None:
    """Each verdict either has a bit, or is one of a test that did not run."""
    assert {*Verdict} - history_runs.BITS.keys() == {Verdict.SKIPPED, Verdict.NOT_RUN}


def test_what_is_kept(path: Path) -> None:
    """A run has its time, commit, branch, modes and counts, and its failures their causes."""
    verdicts = [("TestA.a", "passed"), ("TestA.b", "failed"), ("m.c[é/\ud800]", "crashed"),
                ("m.k", "expected failure"), ("m.é\ud800", "passed")]
    assert record(path, RUN, verdicts) == Recorded(5, 5)
    assert rows(path, "SELECT * FROM run") == [
        (1, "17", "", 1000, "abc", "main", "trunk", 5, 2)
    ]
    assert rows(path, OUTCOMES) == [
        ("TestA.a", PASSED, ""), ("TestA.b", FAILED, "ValueError: no"),
        ("m.c[é/\\ud800]", CRASHED, "ValueError: no"), ("m.k", KNOWN, "ValueError: no"),
        ("m.é\\ud800", PASSED, ""),
    ]


def test_the_same_again_changes_nothing(path: Path) -> None:
    """A run that is recorded twice is there once, to the last byte that a query shows."""
    verdicts = [("TestA.a", "passed"), ("TestA.b", "failed, passed"), ("m.c", "failed")]
    record(path, RUN, verdicts)
    before = dump(path)
    assert record(path, RUN, verdicts, now=99) == Recorded(3, 0)
    assert dump(path) == before


def test_what_is_said_anew_of_a_run(path: Path) -> None:
    """What a later record says of a run holds, and what it leaves out stays."""
    record(path, Run("17"), [("a.b", "passed")], now=5)
    record(path, RUN, [("a.b", "passed")], now=6)
    record(path, Run("17"), [("a.b", "passed")], now=7)
    assert rows(path, "SELECT time, commit_id, branch FROM run") == [(1000, "abc", "main")]


@pytest.mark.parametrize(
    ("told", "common"),
    [
        ([], ""), (["trunk"], "trunk"), (["dynamo, trunk", "trunk"], "trunk"),
        (["trunk,b,a", "a,trunk,b"], "a,b,trunk"), (["dynamo,trunk", ""], ""), (["a", "b"], ""),
    ],
)
def test_common_modes(told: list[str], common: str) -> None:
    """A run's modes are those of all its parts."""
    assert history_runs.common_modes(told) == history_runs.common_modes(told[::-1]) == common


def test_modes_of_a_run(path: Path) -> None:
    """Of a mode of some parts nothing is said: which part ran a test is not kept."""
    for modes in ("dynamo,slow,trunk", "dynamo,trunk", "trunk", ""):
        record(path, RUN._replace(modes=modes), [("a.b", "passed")])
        assert rows(path, "SELECT modes FROM run") == [(modes,)]


def test_names_that_are_kept_alike(path: Path) -> None:
    """Tests whose names differ by what is no text are one test, of which all is known."""
    names = ("T\ud800.a", "T\\ud800.a", "T.\ud800", "T.\\ud800")
    for order in (names, names[::-1]):
        run = Run(str(order))
        verdicts = [*zip(order, ("passed", "failed", "failed", "passed"))]
        assert record(path, run, verdicts, "m").tests == record(path, run, verdicts, "m").tests
    states = rows(path, "SELECT key, state FROM test JOIN outcome ON test = test.id")
    assert sorted(states) == [
        ("T.\\ud800", PASSED | FAILED)] * 2 + [("T\\ud800.a", PASSED | FAILED)] * 2


def test_parts_of_a_run_are_put_together(path: Path) -> None:
    """Shards make one run, and what failed in one and passed in another did not pass."""
    record(path, RUN, [("TestA.a", "passed"), ("TestA.b", "failed")])
    second = [("TestA.b", "passed"), ("TestA.d", "passed"), ("TestB.c", "crashed")]
    assert record(path, RUN, second) == Recorded(3, 2)
    assert [row[:2] for row in rows(path, OUTCOMES)] == [
        ("TestA.a", PASSED), ("TestA.b", PASSED | FAILED), ("TestA.d", PASSED),
        ("TestB.c", CRASHED),
    ]
    assert rows(path, "SELECT tests, failed FROM run") == [(4, 2)]


PARTS = st.lists(
    st.dictionaries(
        st.sampled_from(["TestA.a", "TestA.b", "TestB.a", "m.f[x]"]),
        st.sampled_from([*WORDS.values()]), max_size=4,
    ),
    min_size=2, max_size=3,
)


@settings(max_examples=6)
@given(parts=PARTS)
def test_neither_order_nor_number_matters(
    tmp_path_factory: pytest.TempPathFactory, parts: list[dict[str, str]]
) -> None:
    """Records of one run come to the same in any order, and however often each is made."""
    found = set()
    orders = itertools.permutations([*parts, parts[0]])
    for order in itertools.islice(orders, 0, None, 5):
        path = tmp_path_factory.mktemp("orders") / "history.sqlite3"
        for part in order:
            record(path, RUN, [*part.items()])
        counts = rows(path, "SELECT tests, failed FROM run")
        found.add((tuple(rows(path, OUTCOMES)), tuple(counts)))
    assert len(found) == 1
    ((outcomes, ((tests, failed),)),) = found
    assert tests == len(outcomes)
    assert failed == sum(int(str(row[1])) & history_runs.UNEXPECTED != 0 for row in outcomes)


def test_tests_of_one_key_in_several_files(path: Path) -> None:
    """Tests are told apart by their files, and each keeps its number in every run."""
    for run in ("1", "2"):
        record(path, Run(run), [("TestA.a", "passed")], place="test_a")
        record(path, Run(run), [("TestA.a", "failed")], place="test_b")
    assert rows(path, "SELECT key, place FROM test ORDER BY place") == [
        ("TestA.a", "test_a"), ("TestA.a", "test_b"),
    ]
    assert rows(path, "SELECT count(*) FROM outcome") == [(4,)]


def test_a_run_in_several_configurations(path: Path) -> None:
    """One run's configurations are apart."""
    for name in ("py311", "py312"):
        record(path, Run("1", name), [("TestA.a", "passed")])
    assert rows(path, "SELECT name, configuration, tests FROM run ORDER BY id") == [
        ("1", "py311", 1), ("1", "py312", 1),
    ]


def test_what_is_interrupted_is_not_there(path: Path) -> None:
    """A record that fails in the middle has written nothing, and can be made again."""
    records, names = told([("", "m", "TestA.a", "passed"), ("", "m", "TestB.b", "passed")])
    with pytest.raises(ZeroDivisionError), history.writing(str(path)) as connection:
        parts = collected(records, names).gathered((), collecting.resolver(None))
        failing = (part for part in (next(iter(parts)), 1 / 0))
        history_runs.record(connection, RUN, failing, 1)  # type: ignore[arg-type]
    record(path, RUN, [("TestA.a", "passed")])
    assert rows(path, "SELECT count(*) FROM outcome") == [(1,)]


def test_fixtures_that_failed_are_known(path: Path) -> None:
    """The keys that stand for a class's or a module's fixture, or a module, are found again."""
    keys = ["TestA.setUpClass", "m.setUpModule", "_FailedTest.test_x", "m.tearDownModule",
            "TestA.tearDownClass"]
    record(path, RUN, [(key, "error") for key in [*keys, "TestA.test_setUpClass", "TestA.a"]])
    with history.reading(str(path)) as connection:
        assert history_runs.fixtures(connection) == {*keys}


def test_pruning(path: Path) -> None:
    """Older runs go, and the tests and errors that none of the others has; the rest stays."""
    record_suite(path, {"TestA.a": "PPPP", "TestA.b": "FF", "TestA.c": "..FF"})
    before = 3 * HOUR
    with history.writing(str(path)) as connection:
        assert history_runs.prune(connection, before) == 2
    assert rows(path, "SELECT name FROM run") == [("r2",), ("r3",)]
    assert rows(path, "SELECT key FROM test") == [("TestA.a",), ("TestA.c",)]
    assert rows(path, "SELECT count(*) FROM outcome") == [(4,)]
    with history.writing(str(path)) as connection:
        assert history_runs.prune(connection, before) == 0
        assert history_runs.prune(connection, 10**9) == 2
    for table in ("outcome", "error", "test"):
        assert rows(path, f"SELECT * FROM {table}") == []
