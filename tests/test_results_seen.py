"""What all result files together say of each test, what that implies, and how it is collected."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunk_failures import executors
from trunk_failures.results import collecting, implied, seen
from trunk_failures.results.files import ResultFile
from trunk_failures.results.seen import Gathered, Seen, Test
from trunk_failures.results.spool import Record
from trunk_failures.verdicts import Verdict

CONFIGURATIONS = ["one", "two"]
P, F, E, S = Verdict.PASSED, Verdict.FAILED, Verdict.ERROR, Verdict.SKIPPED
X, N = Verdict.EXPECTED_FAILURE, Verdict.NOT_RUN


def as_it_is(place: str) -> tuple[str, bool]:
    """Resolve places below `d` as files."""
    return place, place.startswith("d/")


def record(configuration: int, source: int, verdict: Verdict, *, place: str = "m",
           error: str = "", text: str = "", decides: bool = False, name: str = "test_b",
           scope: str = "TestA") -> Record:
    """Return a record of one test."""
    return Record(configuration, source, place, scope, [name], verdict.value, error, text, decides)


def gathered(records: Sequence[Record], *listed: str) -> Gathered:
    """Return the tests of records."""
    return seen.gather(records, CONFIGURATIONS, seen.by_scope(listed), as_it_is)


# Records of one test, and what each configuration says of it.
MERGES = [
    ("a failure", [record(0, 0, F, error="x", text="y")], {"one": Seen(frozenset({F}), "x", "y")}),
    ("a failure and a pass in one file", [record(0, 0, F), record(0, 0, P)],
     {"one": Seen(frozenset({F, P}))}),
    ("a failure and a pass in two files", [record(0, 0, F), record(0, 1, P)],
     {"one": Seen(frozenset({F, P}))}),
    ("a failure that decides over its file", [record(0, 0, P), record(0, 0, F, decides=True)],
     {"one": Seen(frozenset({F}))}),
    ("a failure that decides, a pass in another file",
     [record(0, 0, F, decides=True), record(0, 0, P), record(0, 1, P)],
     {"one": Seen(frozenset({F, P}))}),
    ("a pass that decides", [record(0, 0, F), record(0, 0, P, decides=True)],
     {"one": Seen(frozenset({F, P}))}),
    ("two failures: the lesser error", [record(0, 0, F, error="b", text="B"),
                                        record(0, 1, E, error="a", text="A")],
     {"one": Seen(frozenset({F, E}), "a", "A")}),
    ("a failure's error before a skip's", [record(0, 0, S, error="a"), record(0, 1, F, error="b")],
     {"one": Seen(frozenset({S, F}), "b")}),
    ("a skip's reason", [record(0, 0, S, error="slow")], {"one": Seen(frozenset({S}), "slow")}),
    ("a pass in another configuration", [record(0, 0, F), record(1, 1, P)],
     {"one": Seen(frozenset({F})), "two": Seen(frozenset({P}))}),
    ("what decides in one configuration", [record(0, 0, F, decides=True), record(1, 0, P)],
     {"one": Seen(frozenset({F})), "two": Seen(frozenset({P}))}),
    ("the same twice", [record(0, 0, X), record(0, 1, X)], {"one": Seen(frozenset({X}))}),
]


@pytest.mark.parametrize(("records", "expected"), [row[1:] for row in MERGES],
                         ids=[row[0] for row in MERGES])
def test_merges(records: list[Record], expected: dict[str, Seen]) -> None:
    """What was seen of a test comes together by configuration, whatever the order."""
    for ordered in (records, records[::-1]):
        assert gathered(ordered).tests == [Test("TestA.test_b", "m", False, expected)]


def test_tests_that_passed() -> None:
    """A test that simply passed is counted, once, and told of only where it is listed."""
    records = [record(0, 0, P), record(0, 1, P), record(1, 2, P), record(0, 0, P, name="test_c")]
    found = gathered(records, "TestA.test_c", "TestZ.test_z")
    assert found.tests == [Test("TestA.test_c", "m", False, {"one": Seen(frozenset({P}))})]
    assert (found.total, found.verdicts) == (2, Counter({P: 2}))
    assert found.ran == {"one": 2, "two": 1}
    assert found.failed == Counter({"one": 0})
    assert found.scopes == {"TestA"}


def test_classes_of_one_name() -> None:
    """Tests of one key in two places are two tests."""
    found = gathered([record(0, 0, F, place="m"), record(0, 0, P, place="d/n")])
    assert [(test.place, test.is_file) for test in found.tests] == [("d/n", True), ("m", False)]
    assert [test.seen["one"].verdicts for test in found.tests] == [{P}, {F}]
    assert found.places == {"one": {"d/n": True, "m": False}}


def test_counts() -> None:
    """Tests are counted by verdict, by configuration and as failed there."""
    found = gathered([
        record(0, 0, F), record(0, 0, P), record(1, 0, F), record(0, 0, S, name="test_s"),
        record(0, 0, P, name="test_p", scope="TestP"), record(0, 0, Verdict.CRASHED, name="test_k"),
        record(1, 0, X, name="test_x"), record(1, 0, Verdict.FAILS_DIFFERENTLY, name="test_y"),
    ])
    assert found.total == 6
    assert found.verdicts == {F: 1, P: 2, S: 1, X: 1, Verdict.CRASHED: 1,
                              Verdict.FAILS_DIFFERENTLY: 1}
    assert (found.ran, found.failed) == ({"one": 4, "two": 3}, {"one": 2, "two": 2})
    assert found.scopes == {"TestA", "TestP"}


@pytest.mark.parametrize(("verdict", "ran"), [(S, False), (N, False), (F, True), (X, True)])
def test_places_where_tests_ran(verdict: Verdict, ran: bool) -> None:
    """A module ran where a test of it did; what was skipped did not run."""
    assert gathered([record(0, 0, verdict)]).places == ({"one": {"m": False}} if ran else {})


def test_modules_that_do_not_load() -> None:
    """Runners differ in where a broken module is; its key alone says it."""
    records = [record(0, 0, E, scope="_FailedTest", name="test_m", place=place, error="x")
               for place in ("test_m", "", "/lib/loader")]
    assert gathered(records).tests == [
        Test("_FailedTest.test_m", "", False, {"one": Seen(frozenset({E}), "x")})
    ]


@pytest.mark.parametrize("listed", [[], ["TestA.setUpClass"]])
def test_fixtures_of_classes_pass_silently(listed: list[str]) -> None:
    """A class's fixture passed where a test of the class ran and nothing else is told of it."""
    records = [record(0, 0, P), record(1, 0, S), record(0, 0, P, scope="TestB")]
    found = gathered(records, *listed)
    fixture = Test("TestA.setUpClass", "m", False, {"one": Seen(frozenset({P}))})
    assert [test for test in found.tests if test.key != "TestA.test_b"] == [fixture] * len(listed)


def test_fixtures_of_classes_that_fail() -> None:
    """A fixture that fails in one configuration passed in another, where its tests ran."""
    found = gathered([record(0, 0, E, name="setUpClass"), record(1, 0, P)])
    assert found.tests == [Test("TestA.setUpClass", "m", False, {
        "one": Seen(frozenset({E})), "two": Seen(frozenset({P})),
    })]
    only = gathered([record(0, 0, E, name="setUpClass"), record(0, 0, P)])
    assert only.tests == [Test("TestA.setUpClass", "m", False, {"one": Seen(frozenset({E}))})]


VERDICTS = st.sampled_from([P, P, F, E, S, X, N, Verdict.CRASHED])
RECORDS = st.lists(
    st.builds(
        lambda configuration, source, verdict, place, scope, names, error: Record(
            configuration, source, place, scope, names, verdict.value, error
        ),
        st.integers(0, 1), st.integers(0, 3), VERDICTS, st.sampled_from(["m", "d/n"]),
        st.sampled_from(["TestA", "TestB", "_FailedTest"]),
        st.lists(st.sampled_from(["a", "b", "c", "setUpClass"]), min_size=1, max_size=3),
        st.sampled_from(["", "x", "y"]),
    ),
    max_size=12,
)


@given(RECORDS, st.data(), st.lists(st.sampled_from(["TestA.a", "TestB.setUpClass"]), unique=True))
def test_neither_order_nor_spread_matters(
    records: list[Record], data: st.DataObject, listed: list[str]
) -> None:
    """The same comes of records in any order, spread over any sources, one by one or together."""
    others = [
        each._replace(source=data.draw(st.integers(0, 9)), names=[name])
        for each in records
        for name in each.names
    ]
    assert gathered(data.draw(st.permutations(others)), *listed) == gathered(records, *listed)


# Implied passes.

FAILING = {"one": Seen(frozenset({E}), "x")}


@pytest.mark.parametrize(
    ("key", "is_wide"),
    [("_FailedTest.m", True), ("m.setUpModule", True), ("m.tearDownModule", True),
     ("TestA.setUpClass", False), ("TestA.test_b", False)],
)
def test_what_is_module_wide(key: str, is_wide: bool) -> None:
    """Broken modules and modules' fixtures are module-wide; what a class has is not."""
    assert implied.is_module_wide(key) is is_wide


@pytest.mark.parametrize(
    ("tests", "listed", "places", "expected"),
    [
        ([], [], {"one": {"m": False}}, []),
        ([], ["TestA.test_b"], {"one": {"m": False}}, []),
        ([], ["m.setUpModule"], {}, []),
        ([], ["m.setUpModule"], {"one": {"n": False}}, []),
        ([], ["m.setUpModule"], {"one": {"d/m": True}, "two": {"m": False}},
         [Test("m.setUpModule", "d/m", True, {"one": implied.PASS}),
          Test("m.setUpModule", "m", False, {"two": implied.PASS})]),
        ([], ["_FailedTest.m"], {"one": {"d/m": True}},
         [Test("_FailedTest.m", "", True, {"one": implied.PASS})]),
        ([Test("_FailedTest.m", "", False, FAILING)], [],
         {"one": {"m": False}, "two": {"m": False}},
         [Test("_FailedTest.m", "", False, {**FAILING, "two": implied.PASS})]),
        ([Test("m.setUpModule", "m", False, FAILING)], ["m.setUpModule"], {"two": {"m": False}},
         [Test("m.setUpModule", "m", False, {**FAILING, "two": implied.PASS})]),
        ([Test("m.setUpModule", "m", False, FAILING)], [], {"one": {"m": False}},
         [Test("m.setUpModule", "m", False, FAILING)]),
        ([Test("n.setUpModule", "n", False, FAILING), Test("m.setUpModule", "m", False, FAILING)],
         [], {}, [Test("m.setUpModule", "m", False, FAILING),
                  Test("n.setUpModule", "n", False, FAILING)]),
    ],
)
def test_completed(
    tests: list[Test], listed: list[str], places: dict[str, dict[str, bool]], expected: list[Test]
) -> None:
    """Where tests of a module ran it loaded and its fixtures passed, unless told otherwise."""
    assert implied.completed(tests, listed, places) == expected


# Collecting.


def line(key: str, verdict: str = "passed", file: str = "d/m.py", **more: Any) -> dict[str, Any]:
    """Return a result line."""
    return {"id": key, "file": file, "verdict": verdict, "error": None, **more}


def inputs(
    directory: Path, *files: tuple[str, list[dict[str, Any]]]
) -> list[tuple[str, ResultFile]]:
    """Write result files, each of a configuration."""
    found = []
    for number, (name, lines) in enumerate(files):
        path = directory / f"{number}.jsonl"
        path.write_text("".join(json.dumps(each) + "\n" for each in lines))
        found.append((name, ResultFile(str(path))))
    return found


def collected(given_files: list[tuple[str, ResultFile]], directory: Path) -> collecting.Collected:
    """Return what the files say, read in this process."""
    with executors.local(1) as executor:
        return collecting.collect(given_files, executor, str(directory))


def test_files_of_two_configurations(tmp_path: Path) -> None:
    """Files come together by test and by configuration, in any order of theirs."""
    found = inputs(
        tmp_path,
        ("two", [line("TestA.test_b", "failed"), line("TestA.test_c"), line("x", "failed")]),
        ("one", [line("TestA.test_b", mode="trunk")]),
        ("two", [line("TestA.test_c", "failed", mode="trunk,fast")]),
    )
    for ordered in (found, found[::-1]):
        result = collected(ordered, tmp_path)
        tests = [test for part in result.gathered([], as_it_is) for test in part.tests]
        assert [
            (test.key, {name: set(each.verdicts) for name, each in test.seen.items()})
            for test in tests
        ] == [("TestA.test_b", {"one": {P}, "two": {F}}), ("TestA.test_c", {"two": {P, F}})]
        assert (result.names, result.files, result.faults) == (["one", "two"], 3, [])
        assert (result.unnamed, result.unnamed_failures) == ([("x", "failed")], 1)
        assert set(result.modes) == {"", "trunk", "trunk,fast"}


def test_files_at_fault(tmp_path: Path) -> None:
    """A file that cannot be read is told of, each is told of as done, and the others count."""
    found = inputs(tmp_path, ("", [line("TestA.test_b", "failed")]), ("", [{"id": 3}]))
    found.append(("", ResultFile(str(tmp_path / "gone"))))
    done: list[ResultFile] = []
    with executors.local(1) as executor:
        result = collecting.collect(found, executor, str(tmp_path), done.append)
    assert done == [file for _, file in found]
    assert result.files == 1
    assert [name for name, _ in result.faults] == [file.name for _, file in found[1:]]
    assert sum(part.total for part in result.gathered([], as_it_is)) == 1


def test_shards_that_differ(tmp_path: Path) -> None:
    """A failure that decides in its own file does not hide that another file has a pass."""
    one = "<testcase classname='m.TestA' name='test_b'"
    inner = [f"{one}/>", f"{one}/>{one}><failure/></testcase>"]
    found = []
    for number, text in enumerate(inner):
        path = tmp_path / f"{number}.xml"
        path.write_text(f"<testsuite name='pytest'>{text}</testsuite>")
        found.append(("", ResultFile(str(path))))
    for files, verdicts in ((found, {P, F}), (found[1:], {F})):
        result = collected(files, tmp_path)
        [test] = [test for part in result.gathered([], as_it_is) for test in part.tests]
        assert test.seen[""].verdicts == verdicts


def test_nothing_to_collect(tmp_path: Path) -> None:
    """Without files there is nothing."""
    result = collected([], tmp_path)
    assert (result.names, result.files, list(result.gathered([], as_it_is))) == ([], 0, [])


@pytest.mark.parametrize(
    ("place", "found"),
    [
        ("d/test_m", ("d/test_m", True)),
        ("tests/d/test_m", ("d/test_m", True)),
        ("/home/u/tests/d/test_m", ("d/test_m", True)),
        ("d//test_m", ("d/test_m", True)),
        ("x/test_top", ("test_top", True)),
        ("d/test_other", ("d/test_other", False)),
        ("test_m", ("test_m", False)),
        ("", ("", False)),
        ("d/../d/test_m", ("d/../d/test_m", False)),
        ("../../etc/x", ("../../etc/x", False)),
        ("a\0b", ("a\0b", False)),
        ("x" * 3000, ("x" * 3000, False)),
        ("\ud800", ("\ud800", False)),
    ],
)
def test_places_below_a_test_directory(tmp_path: Path, place: str, found: tuple[str, bool]) -> None:
    """A place is a file of the test directory where its end is the path of one."""
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "test_m.py").touch()
    (tmp_path / "test_top.py").touch()
    resolve = collecting.resolver(str(tmp_path))
    assert [resolve(place), resolve(place)] == [found, found]
    assert collecting.resolver(None)(place) == (place, False)
