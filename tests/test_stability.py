"""Stability: verdicts of series, and what else is said of them."""

from __future__ import annotations

import random

import pytest
from history_fixtures import HOUR, judged, runs_of, series
from hypothesis import given
from hypothesis import strategies as st

from trunk_failures import stability
from trunk_failures.stability import Verdict
from trunk_failures.trials import Run, Series


@pytest.mark.parametrize(
    ("states", "verdict"),
    [
        ("P", "stable"),
        ("P" * 300, "stable"),
        ("F", "broken"),
        ("F" * 300, "broken"),
        ("P" * 300 + "F", "broken"),
        ("P" * 50 + "F" * 20 + "P" * 30 + "F", "broken"),
        ("PPF" * 30 + "F" * 20, "broken"),
        ("PF", "broken"),
        ("FP", "recovered"),
        ("F" * 5 + "P" * 100, "recovered"),
        ("P" * 150 + "F" * 4 + "P" * 146, "recovered"),
        ("PPF" * 30 + "P" * 80, "recovered"),
        ("PFP", "flaky"),
        ("P" * 150 + "F" + "P" * 149, "flaky"),
        ("PPF" * 30, "flaky"),
        ("P" * 100 + "PF" * 20, "flaky"),
        ("M", "flaky"),
        ("P" * 100 + "M", "flaky"),
        ("P" * 100 + "M" * 5, "flaky"),
        ("M" * 20 + "P" * 200, "recovered"),
        ("M" * 20 + "F" * 200, "broken"),
        ("P" * 100 + "M" + "F" * 5, "broken"),
        ("P" * 100 + "M" + "F" * 4, "flaky"),
        ("P" * 100 + "F" * 20 + "M", "flaky"),
        ("P" * 100 + "M" + "F" * 20 + "P", "flaky"),
        ("PPMPF" * 10 + "F" * 20, "broken"),
        ("MF" * 30 + "F" * 4, "flaky"),
        ("MFFFFF" * 9, "flaky"),
        ("." * 3 + "P", "new"),
        (".PPPP", "new"),
        ("." * 3 + "FFFF", "new"),
        ("." * 3 + "FFFFF", "broken"),
        ("PP", "stable"),
        ("P" * 20 + "." * 9, "stable"),
        ("P" * 20 + "." * 10, "not seen"),
        ("F" * 20 + "." * 10, "not seen"),
        ("." * 20, "not seen"),
        ("", "not seen"),
    ],
)
def test_verdicts(states: str, verdict: str) -> None:
    """A series has the verdict that people would give."""
    assert judged(states).verdict.value == verdict


def test_what_ran_earlier_is_not_new() -> None:
    """Of the last runs few may have run a test that was there before."""
    few = series("...PF")
    assert stability.judge(few).verdict is Verdict.NEW
    assert stability.judge(few._replace(earlier=True)).verdict is Verdict.BROKEN


def test_what_is_said() -> None:
    """Runs, passes, flips, since when it fails, the last pass and the times to recover."""
    found = judged("PFFPPFP.PMFF", error="ValueError: no")
    assert (found.runs, found.passes, found.flips) == (11, 5, 5)
    assert found.rate == 5 / 11 and found.interval == pytest.approx((0.2127, 0.7199), abs=1e-4)
    assert (found.failures_in_a_row, found.passes_in_a_row) == (3, 0)
    assert found.failing_since is not None and found.failing_since.commit == "c9"
    assert found.last_pass is not None and found.last_pass.name == "r8"
    assert found.last_run is not None and found.last_run.name == "r11"
    assert found.recovery == 1.5 * HOUR  # Two hours, and one.
    assert found.error == "ValueError: no"


def test_what_there_is_not() -> None:
    """Of a test that only passed, or never ran, nothing is made up."""
    passed = judged("PPP")
    assert (passed.failing_since, passed.recovery, passed.flips) == (None, None, 0)
    assert passed.passes_in_a_row == 3
    never = judged("...")
    assert (never.rate, never.interval, never.last_run, never.last_pass) == (
        None, (0.0, 1.0), None, None,
    )
    failed = judged("FF")
    assert failed.last_pass is None and failed.recovery is None


@pytest.mark.parametrize(
    ("states", "regression"),
    [
        ("P" * 50 + "F", True), ("F" * 50, False), ("PPF" * 30, False), ("P" * 50 + "M", False),
        ("P" * 50 + "M" + "F" * 5, True), ("PF", True),
    ],
)
def test_a_regression_passed_before_it_broke(states: str, regression: bool) -> None:
    """A test that broke after passes is a regression; one that never passed, or flaky, is not."""
    assert judged(states).regression is regression


@pytest.mark.parametrize(
    ("tests", "failed", "aside"),
    [
        (100, 79, False), (100, 80, True), (100, 100, True), (0, 0, False), (4, 4, False),
        (5, 4, True), (5, 3, False), (100, 0, False),
    ],
)
def test_set_aside(tests: int, failed: int, aside: bool) -> None:
    """A run of five tests or more, of which four in five failed, says nothing."""
    assert stability.set_aside(Run("r", tests=tests, failed=failed)) is aside


def test_another_share_to_set_aside() -> None:
    """The share may be another one."""
    assert stability.set_aside(Run("r", tests=10, failed=5), 0.5)
    assert not stability.set_aside(Run("r", tests=10, failed=9), 0.99)


@given(st.text("PFM.", max_size=60))
def test_nothing_is_counted_that_did_not_run(states: str) -> None:
    """The numbers add up, and only runs that ran the test are in them."""
    found = judged(states)
    ran = states.replace(".", "")
    assert (found.runs, found.passes) == (len(ran), ran.count("P"))
    assert bool(found.failures_in_a_row) + bool(found.passes_in_a_row) == bool(ran)
    assert found.flips < max(1, found.runs)
    assert (found.verdict is Verdict.STABLE) <= (found.passes == found.runs > 0)
    assert (found.verdict is Verdict.BROKEN) <= (found.passes_in_a_row == 0)
    assert (found.verdict is Verdict.RECOVERED) <= (found.passes_in_a_row > 0)


def test_rates_that_are_known() -> None:
    """Of many tests whose rates are known nearly all have the verdict that is right."""
    chance, runs = random.Random(5), runs_of(200)
    right = {"stable": 0, "flaky": 0, "broken": 0, "recovered": 0}
    for _ in range(50):
        change = chance.randrange(50, 199)
        rates = {
            "stable": [0.0] * 200, "flaky": [0.1] * 200,
            "broken": [0.0] * change + [1.0] * (200 - change),
            "recovered": [1.0] * (200 - change) + [0.0] * change,
        }
        for name, rate in rates.items():
            states = bytes(b"PF"[chance.random() < each] for each in rate)
            found = stability.judge(Series("a.b", "", "", runs, range(200), states))
            right[name] += found.verdict.value == name
    assert right["stable"] == right["broken"] == right["recovered"] == 50
    assert right["flaky"] >= 48


def test_a_series_of_one_configuration_knows_its_own_runs() -> None:
    """Runs after the last one that ran the test are what tells that it is not seen."""
    assert stability.judge(series("PPPP", runs=13)).verdict is Verdict.STABLE
    assert stability.judge(series("PPPP", runs=14)).verdict is Verdict.NOT_SEEN
