"""pytest-reportlog's lines: the phases of a test, and what they come to."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from results_kept import Kept
from trunk_failures.errors import ResultsError, UsageError
from trunk_failures.results import cases, junit_ids, reportlog
from trunk_failures.verdicts import Verdict

TEST = "d/test_m.py::TestA::test_b"


def of(*reports: dict[str, Any]) -> Kept:
    """Return what reports say."""
    sink = Kept()
    reportlog.read(enumerate(reports, 1), sink)
    return sink


def report(when: str, outcome: str = "passed", **more: Any) -> dict[str, Any]:
    """Return the report of one phase."""
    return {
        "$report_type": "TestReport", "nodeid": TEST, "when": when, "outcome": outcome, **more
    }


def shown(message: str, *rows: str) -> dict[str, Any]:
    """Return how pytest shows a failure."""
    return {
        "reprcrash": {"path": "m.py", "lineno": 1, "message": message},
        "reprtraceback": {"reprentries": [
            {"type": "ReprEntry", "data": {"lines": list(rows)}},
            {"type": "ReprEntry", "data": None},
        ]},
    }


START, END = report("setup"), report("teardown")
FAILED = report("call", "failed", longrepr=shown("OSError: no\nway", "E   OSError: no", "x"))
SUBTEST = {**report("call", "failed", longrepr=shown("assert 1 == 2")),
           "$report_type": "SubtestReport"}

# The reports of one test, its verdict and its error.
PHASES = [
    ([START, report("call"), END], "passed", ""),
    ([START, FAILED, END], "failed", "OSError: no"),
    ([START, report("call", "failed", longrepr="x.py:1: Odd"), END], "failed", "x.py:1: Odd"),
    ([START, report("call", "failed", longrepr=None), END], "failed", ""),
    ([START, report("call", "failed", longrepr={"reprcrash": None}), END], "failed", ""),
    ([report("setup", "failed", longrepr=shown("OSError: x")), END], "error", "OSError: x"),
    ([START, report("call"), report("teardown", "failed", longrepr=shown("OSError: x"))], "error",
     "OSError: x"),
    ([report("setup", "skipped", longrepr=["m.py", 3, "Skipped: slow"]), END], "skipped", "slow"),
    ([report("setup", "skipped", longrepr=[]), END], "skipped", ""),
    ([START, report("call", "skipped", wasxfail="known", longrepr=shown("x")), END],
     "expected failure", "known"),
    ([START, report("call", wasxfail="known"), END], "unexpected success", "known"),
    ([START, report("call", "failed", longrepr="[XPASS(strict)] known"), END],
     "unexpected success", "[XPASS(strict)] known"),
    ([START, report("call", "failed", longrepr="Unexpected success"), END], "unexpected success",
     "Unexpected success"),
    ([START, SUBTEST, report("call"), END], "failed", "AssertionError: assert 1 == 2"),
    ([START, {**SUBTEST, "$report_type": "SubTestReport"}, FAILED, END], "failed",
     "AssertionError: assert 1 == 2"),
    ([START, report("call", "skipped", longrepr=["m.py", 3, "Skipped: `a_skips/TestA.test_b`: x"]),
      END], "skip-listed and failed", "x"),
    ([START, report("call", "failed", longrepr="x",
                    user_properties=[["a", 1], 5, ["trunk_failures.verdict", "not run"]]), END],
     "not run", "x"),
    ([report("???", "failed", longrepr="worker 'gw0' crashed while running 'x'")], "crashed",
     "worker 'gw0' crashed while running 'x'"),
    ([START, report("???", "failed", longrepr="worker 'gw0' crashed while running 'x'")], "crashed",
     "worker 'gw0' crashed while running 'x'"),
    ([START, FAILED], "failed", "OSError: no"),  # The run ended before it was torn down.
]


@pytest.mark.parametrize(("reports", "verdict", "error"), PHASES)
def test_what_the_phases_come_to(
    reports: list[dict[str, Any]], verdict: str, error: str
) -> None:
    """The reports of a test's phases come to one case."""
    [found] = of(*reports).cases
    assert found[:4] == ("TestA.test_b", "d/test_m", Verdict(verdict), error)


def test_the_text_of_a_failure() -> None:
    """The lines that pytest shows are kept, up to a bound."""
    assert of(START, FAILED, END).cases[0].text == "E   OSError: no\nx"
    long = report("call", "failed", longrepr=shown("y" * 100_000, "x" * 100_000))
    [found] = of(START, long, END).cases
    assert len(found.text) == len(found.error) == cases.TEXT_LIMIT
    [found] = of(report("setup", "skipped", longrepr=["m.py", 3, "z" * 100_000]), END).cases
    assert len(found.error) == cases.TEXT_LIMIT


def test_runs_before_the_last_one() -> None:
    """pytest-rerunfailures' earlier runs are failures beside what the last one came to."""
    again = {**FAILED, "outcome": "rerun"}
    found = of(START, again, END, START, again, END, START, report("call"), END)
    assert found.told == [("TestA.test_b", Verdict.FAILED), ("TestA.test_b", Verdict.PASSED)]
    assert found.cases[1].error == "OSError: no"
    assert of(START, again, END, START, FAILED, END).told == [("TestA.test_b", Verdict.FAILED)] * 2


def test_a_test_that_is_run_twice() -> None:
    """A test may begin anew once it has ended; its runs are told one by one."""
    assert of(START, FAILED, END, START, report("call"), END).told == [
        ("TestA.test_b", Verdict.FAILED),
        ("TestA.test_b", Verdict.PASSED),
    ]


def test_tests_at_once() -> None:
    """Reports of several workers, one between the other's, stay apart."""
    other = [{**each, "nodeid": "d/test_m.py::test_c"} for each in (START, report("call"), END)]
    assert of(START, other[0], FAILED, other[1], other[2], END).told == [
        ("TestA.test_b", Verdict.FAILED),
        ("test_m.test_c", Verdict.PASSED),
    ]


@pytest.mark.parametrize("reports", [[START], [START, report("call")], [START, SUBTEST | {
    "outcome": "passed"}]])
def test_a_run_that_ends_before_its_test(reports: list[dict[str, Any]]) -> None:
    """A test that had not failed when the run ended did not run."""
    assert of(*reports).cases == []


SETUP = report("setup", "failed", longrepr=shown("OSError: x", "    def setUpClass(cls):"))
TEARDOWN = report("teardown", "failed", longrepr=shown("OSError: x", "def tearDownModule():"))


@pytest.mark.parametrize(
    ("reports", "told"),
    [
        ([SETUP, END], [("TestA.setUpClass", Verdict.ERROR)]),
        ([START, report("call"), TEARDOWN],
         [("TestA.test_b", Verdict.PASSED), ("test_m.tearDownModule", Verdict.ERROR)]),
        ([START, FAILED, TEARDOWN],
         [("TestA.test_b", Verdict.FAILED), ("test_m.tearDownModule", Verdict.ERROR)]),
        ([START, report("call", "skipped", wasxfail="x"), TEARDOWN],
         [("TestA.test_b", Verdict.EXPECTED_FAILURE), ("test_m.tearDownModule", Verdict.ERROR)]),
        ([START, FAILED, report("teardown", "failed", longrepr=shown("OSError: x"))],
         [("TestA.test_b", Verdict.FAILED)]),
        ([START, report("call"), {**TEARDOWN, "outcome": "rerun"}, START, report("call"), TEARDOWN],
         [("TestA.test_b", Verdict.PASSED), ("test_m.tearDownModule", Verdict.ERROR),
          ("test_m.tearDownModule", Verdict.FAILED)]),
        ([START, FAILED, END, START, report("call"), TEARDOWN], [
            ("TestA.test_b", Verdict.FAILED), ("TestA.test_b", Verdict.PASSED),
            ("test_m.tearDownModule", Verdict.ERROR)]),
        ([{**SETUP, "outcome": "rerun"}, END, SETUP, END],
         [("TestA.setUpClass", Verdict.ERROR), ("TestA.setUpClass", Verdict.FAILED)]),
    ],
)
def test_fixtures(reports: list[dict[str, Any]], told: list[tuple[str, Verdict]]) -> None:
    """A class's or a module's fixture has a key of its own, as in JUnit XML."""
    assert of(*reports).told == told


@pytest.mark.parametrize(
    ("node_id", "key"),
    [
        ("d/test_m.py", "_FailedTest.test_m"),
        ("d/test_m.py::test_p[a/b.c d]", "test_m.test_p[a/b.c d]"),
        ("d/calc.py::calc.add", "calc.py[calc.add]"),
    ],
)
def test_modules_and_other_items(node_id: str, key: str) -> None:
    """Whatever pytest collects is named by its node id."""
    found = of(*({**each, "nodeid": node_id} for each in (START, FAILED, END)))
    assert found.told == [(key, Verdict.FAILED)]


def test_a_module_that_does_not_load() -> None:
    """A failed collection is an error of the module, with what was raised."""
    lines = "ImportError while importing\nE   ModuleNotFoundError: No module named 'x'"
    base = {"$report_type": "CollectReport", "nodeid": "d/test_m.py"}
    found = of({**base, "outcome": "failed", "longrepr": lines}, {**base, "outcome": "passed"})
    assert [each[:5] for each in found.cases] == [(
        "_FailedTest.test_m", "d/test_m", Verdict.ERROR,
        "ModuleNotFoundError: No module named 'x'", lines,
    )]


def test_other_lines() -> None:
    """Lines of other kinds are passed over, those of later versions too."""
    assert of({"$report_type": "SessionStart"}, {"$report_type": "Later", "x": 1}, {}).cases == []


def test_what_names_no_test(monkeypatch: pytest.MonkeyPatch) -> None:
    """An item that cannot be named is told of by its node id."""
    monkeypatch.setattr(junit_ids, "of_node_id", _unnameable)
    assert of(START, FAILED, END).nameless == [(TEST, Verdict.FAILED)]


def _unnameable(node_id: str) -> None:
    raise UsageError(node_id)


@pytest.mark.parametrize("change", [{"nodeid": None}, {"nodeid": 3}, {"outcome": None}])
def test_what_is_no_report(change: dict[str, Any]) -> None:
    """A report without a test or an outcome is a fault that names its line."""
    with pytest.raises(ResultsError, match="line 2 is no report of pytest's"):
        of(START, {**FAILED, **change})


ODD: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["reprcrash", "message", "reprtraceback", "reprentries", "data", "lines"]),
        inner,
        max_size=4,
    ),
    max_leaves=10,
)


@settings(max_examples=50)
@given(
    st.lists(
        st.fixed_dictionaries(
            {"$report_type": st.sampled_from(["TestReport", "CollectReport", "SubtestReport"])},
            optional={
                "nodeid": st.sampled_from([TEST, "x"]) | ODD,
                "outcome": st.sampled_from(["passed", "failed", "skipped", "rerun"]) | ODD,
                "when": st.sampled_from(["setup", "call", "teardown"]) | ODD,
                "longrepr": ODD,
                "wasxfail": ODD,
                "user_properties": ODD,
            },
        ),
        max_size=5,
    )
)
def test_reports_of_any_shape(reports: list[dict[str, Any]]) -> None:
    """Whatever stands in a report, it is read or refused, and nothing else is raised."""
    try:
        found = of(*reports)
    except ResultsError:
        return
    assert all(isinstance(each, str) for case in found.cases for each in case[3:5])
