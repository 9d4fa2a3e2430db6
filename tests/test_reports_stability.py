"""Reports of stability: text, JSON and Markdown."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

import pytest
from history_fixtures import judged
from hypothesis import given
from hypothesis import strategies as st

from trunk_failures import stability_summaries
from trunk_failures.disabled_spans import Span
from trunk_failures.history_statuses import DisabledTest
from trunk_failures.recommendations import Action, Policy, Recommendation
from trunk_failures.reports import (
    stability_json,
    stability_markdown,
    stability_rows,
    stability_text,
)
from trunk_failures.stability import Stability
from trunk_failures.stability_summaries import Row, Summary
from trunk_failures.trials import Run

HOSTILE = "a\x1b[31m|`\u202e\n</td>\ud800"


def summary(found: Sequence[Stability], listed: Sequence[str] = (), **fields: Any) -> Summary:
    """Return the summary of tests, of which some keys are listed."""
    told = stability_summaries.rows(
        found, lambda each: ["trunk_skips/x"] if each.key in listed else [], Policy()
    )
    causes = [each for each in stability_summaries.causes(told.rows) if len(each.tests) > 1]
    made = Summary("h", 3, [""], told.verdicts, told.rows, causes, (), ())
    return made._replace(**fields)


FOUND = [
    judged("PPFF", key="TestA.a", error="ValueError: no"),
    judged("PPFF", key="TestA.b", error="ValueError: no"),
    judged("PFPFP", key="TestA.flaky", error="OSError"),
    judged("FFFPPPP", key="TestA.mended"),
    judged("PPP", key="TestA.listed"),
    judged("PPP", key="TestA.stable"),
]
ASIDE = Run("r9", "py311", 7200, "abcdef0123456789", "main", "", 100, 90)
DISABLED = (
    DisabledTest("s", "test_x (m.X)", (Span(0, 10), Span(20, 30), Span(3600)), "https://e.org/1"),
    DisabledTest("s", "test_y (m.X)", (Span(0, 10),), "", "linux", "why"),
)


def test_text() -> None:
    """The table has a line for each test or cause, and below it what is known and what to do."""
    text = stability_text.render(
        summary(FOUND, ["TestA.listed"], set_aside=[ASIDE], disabled=DISABLED)
    )
    assert text == """\
3 runs: 2 broken, 1 flaky, 1 recovered, 2 stable
set aside: run r9 (abcdef012345, 1970-01-01T02:00:00Z) of py311, in which 90 of 100 tests failed

verdict    test                       runs  passed % (95 %)       flips
broken     2 tests: TestA.a, TestA.b  4     50.0 % (15.0-85.0)    1
    failing since run r2 (c2, 1970-01-01T03:00:00Z), 2 in a row, last pass run r1 (c1, 1970-01-01T02:00:00Z)
    ValueError: no (2 tests)
    mend: a regression: it passed before run r2 at commit c2; not to be listed
flaky      TestA.flaky                5     60.0 % (23.1-88.2)    4
    1 pass in a row, mean time to recover 60 min
    OSError
    list as a skip: flaky, 2 failures in 5 runs: 11.8 to 76.9 % failing at 95 %
recovered  TestA.mended               7     57.1 % (25.0-84.2)    1
    4 passes in a row, mean time to recover 3 h
stable     TestA.listed               3     100.0 % (43.9-100.0)  0
    keep listed: 3 passes, no failure: at most 64 % failing at 95 %; 146 more needed for 2 %

disabled on trunk: 1 test now, 2 at some time
    test_x (m.X): since 1970-01-01T01:00:00Z, 2 times before  https://e.org/1
"""  # noqa: E501


def test_one_cause_at_several_times() -> None:
    """What is said of tests of one cause holds for each of them."""
    found = [
        judged(states, key=f"T.{key}", error="E")
        for key, states in (("a", "PPPFF"), ("b", "PPPPF"), ("c", "PFFF."))
    ]
    text = stability_text.render(summary(found))
    assert text.splitlines()[2:] == [
        "verdict  test                    runs  passed % (95 %)  flips",
        "broken   3 tests: T.a, T.b, T.c  4-5   25.0-80.0 %      1",
        "    failing since run r1 (c1, 1970-01-01T02:00:00Z), the last of them since run r4 (c4,"
        " 1970-01-01T05:00:00Z)",
        "    E (3 tests)",
        "    mend: of T.a: a regression: it passed before run r3 at commit c3; not to be listed;"
        " the others likewise",
    ]
    row = "| broken | `3 tests: T.a, T.b, T.c` | 4-5 | 25.0-80.0 % | `failing since run r1 "
    assert row in stability_markdown.render(summary(found))


@pytest.mark.parametrize(
    ("states", "said"),
    [
        (("FF", ".F"), "run r0 (c0, 1970-01-01T01:00:00Z) or before, the last of them since run"),
        (("PPF", ".PF"), "run r2 (c2, 1970-01-01T03:00:00Z)"),
        (("FFF", ".PF"), "run r0 (c0, 1970-01-01T01:00:00Z) or before, the last of them since"),
        (("PF", ".F"), "run r1 (c1, 1970-01-01T02:00:00Z) or before"),
    ],
)
def test_since_when_several(states: Sequence[str], said: str) -> None:
    """Of several tests of one cause the first failure and the last one are told."""
    found = [judged(each, key=f"T.{key}", error="E") for key, each in enumerate(states)]
    rows = [Row(each, (), Recommendation(Action.MEND), 2) for each in found]
    told = stability_rows.since(rows)
    assert told.startswith(f"failing since {said}")
    assert ("the last" in told) is ("the last" in said)


def test_configurations_have_a_column() -> None:
    """Where configurations have names, they are shown."""
    found = [judged("PF", key="TestA.a", configuration="py311")]
    text = stability_text.render(summary(found, configurations=["py311", "py312"]))
    assert "3 runs in 2 configurations: 1 broken" in text
    assert re.search(r"^verdict  test     config  runs", text, re.M)
    assert re.search(r"^broken   TestA.a  py311   2 ", text, re.M)


def test_nothing_to_tell() -> None:
    """An empty history, and one of stable tests, are a line."""
    assert stability_text.render(summary([], runs=0)) == "0 runs: no tests\n"
    assert stability_text.render(summary([judged("P")], runs=1)) == "1 run: 1 stable\n"
    assert stability_markdown.render(summary([])) == "### Stability: no tests (3 runs)\n"


@given(st.integers(40, 200), st.text(max_size=60), st.text(max_size=60))
def test_the_table_fits(width: int, name: str, error: str) -> None:
    """No line is wider than the terminal, whatever tests are called and say."""
    found = [judged("PF", key=f"a.{name}", configuration="py", error=error), *FOUND]
    text = stability_text.render(summary(found, set_aside=[ASIDE], disabled=DISABLED), width)
    from unicodedata import combining, east_asian_width

    for line in text.splitlines():
        columns = sum(
            0 if combining(each) else 2 if east_asian_width(each) in "WF" else 1 for each in line
        )
        assert columns <= max(width, 68)  # The other columns have their own widths.


def test_a_long_name_is_cut() -> None:
    """What does not fit ends in dots."""
    text = stability_text.render(summary([judged("PF", key="a." + "x" * 100)]), 70)
    row = next(line for line in text.splitlines() if line.startswith("broken"))
    assert "xxx...  2 " in row and len(row) <= 70


def test_what_is_said_is_not_cut() -> None:
    """What is known of a test and what to do take the lines that they need on a terminal."""
    said = "a long error of which each word is to be seen, " + "x" * 90
    found = summary([judged("PPFF", key="a.b", error=said)])
    wide, narrow = (stability_text.render(found, width) for width in (None, 60))
    words = wide.split("a.b", 1)[1].split()
    assert "listed" in words and "x" * 90 in words
    shown = narrow.split("a.b", 1)[1].split()
    assert [each for each in shown if "x..." not in each] == [
        each for each in words if each != "x" * 90
    ]
    assert max(map(len, narrow.splitlines())) <= 60
    assert "at commit\n      c2; not to be listed\n" in narrow


def test_colours() -> None:
    """Each verdict has its colour where colours are wanted, and nothing else has."""
    found = [*FOUND, judged("...F", key="TestA.new"), judged("F" + "." * 20, key="TestA.gone")]
    listed = ["TestA.listed", "TestA.gone"]
    coloured = stability_text.render(summary(found, listed), 80, True)
    plain = stability_text.render(summary(found, listed), 80)
    assert "\x1b" not in plain
    assert re.sub(r"\x1b\[\d*m", "", coloured) == plain
    words = re.findall(r"\x1b\[\d+m([a-z ]+)\x1b\[0m", coloured)
    assert words == ["broken", "flaky", "recovered", "new", "not seen"]


def test_hostile_text() -> None:
    """Nothing that a test, a run or a status says is more than text in any report."""
    run = Run(HOSTILE, HOSTILE, 1, HOSTILE, HOSTILE, "", 10, 9)
    found = [judged("PF", key=f"a.{HOSTILE}", error=HOSTILE, configuration=HOSTILE)]
    found = [each._replace(failing_since=run, last_pass=run) for each in found]
    disabled = [DisabledTest(HOSTILE, HOSTILE, (Span(1),), HOSTILE, HOSTILE, HOSTILE)]
    made = summary(found, set_aside=[run], disabled=disabled)
    for text in (stability_text.render(made), stability_markdown.render(made)):
        assert not {"\x1b", "\u202e", "\ud800"} & {*text}
        text.encode()
    table = [line for line in stability_markdown.render(made).splitlines() if line[:1] == "|"]
    assert len(table) == 3
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in table} == {8}
    assert json.loads(stability_json.render(made))["tests"][0]["test"] == f"a.{HOSTILE}"


def test_markdown() -> None:
    """The table has a row for each test or cause; what was set aside or disabled follows."""
    text = stability_markdown.render(
        summary(FOUND, ["TestA.listed"], set_aside=[ASIDE], disabled=DISABLED)
    )
    lines = text.splitlines()
    assert lines[0] == "### Stability: 2 broken, 1 flaky, 1 recovered, 2 stable (3 runs)"
    assert lines[4].startswith("| broken | `2 tests: TestA.a, TestA.b` | 4 | 50.0 % (15.0-85.0) |")
    assert "| `ValueError: no (2 tests)` | `mend: a regression: " in lines[4]
    assert "* `run r9 (abcdef012345, 1970-01-01T02:00:00Z) py311`: 90 of 100 tests failed" in lines
    assert "Disabled on trunk now: 1 test." in lines
    named = stability_markdown.render(summary([judged("PF", configuration="py311")]))
    assert "`TestA.test_a [py311]`" in named


def test_long_markdown() -> None:
    """More rows than a pull request's text has room for are counted."""
    found = [judged("PF", key=f"a.t{number}") for number in range(205)]
    text = stability_markdown.render(summary(found))
    assert "| and 5 more | | | | | | |" in text and text.count("| broken |") == 200


def test_many_disabled_tests() -> None:
    """The text names the tests that have been disabled for longest, and counts the others."""
    disabled = [DisabledTest("s", f"t{20 - n}", (Span(n),)) for n in range(20)]
    text = stability_text.render(summary([], disabled=disabled))
    assert "disabled on trunk: 20 tests now, 20 at some time\n    t20: since" in text
    assert text.count("since") == 10 and text.endswith("    and 10 more\n")


def test_json() -> None:
    """The document has what it is documented to have."""
    made = summary(FOUND, ["TestA.listed"], set_aside=[ASIDE], disabled=DISABLED)
    document = json.loads(stability_json.render(made))
    assert {name: document[name] for name in ("version", "history", "runs", "configurations")} == {
        "version": 1, "history": "h", "runs": 3, "configurations": [""],
    }
    assert document["verdicts"] == {"broken": 2, "flaky": 1, "recovered": 1, "stable": 2}
    assert document["causes"] == [{"error": "ValueError: no", "tests": ["TestA.a", "TestA.b"]}]
    aside = {
        "run": "r9", "configuration": "py311", "time": "1970-01-01T02:00:00Z",
        "commit": "abcdef0123456789", "branch": "main", "tests": 100, "failed": 90,
    }
    assert document["set_aside"] == [aside]
    first = document["tests"][0]
    run = {"configuration": "", "branch": "", "tests": 0, "failed": 0}
    assert first == {
        "test": "TestA.a", "file": "test_a", "configuration": "", "verdict": "broken", "runs": 4,
        "passes": 2, "rate": 0.5, "interval": pytest.approx([0.15004, 0.84996], abs=1e-5),
        "flips": 1, "failures_in_a_row": 2, "passes_in_a_row": 0,
        "failing_since": {"run": "r2", "time": "1970-01-01T03:00:00Z", "commit": "c2", **run},
        "last_pass": {"run": "r1", "time": "1970-01-01T02:00:00Z", "commit": "c1", **run},
        "last_run": {"run": "r3", "time": "1970-01-01T04:00:00Z", "commit": "c3", **run},
        "seconds_to_recover": None, "regression": True, "error": "ValueError: no", "sharing": 2,
        "listed": [],
        "recommendation": {
            "action": "mend", "confidence": None,
            "why": "a regression: it passed before run r2 at commit c2; not to be listed",
        },
    }
    listed = document["tests"][-1]
    assert listed["listed"] == ["trunk_skips/x"] and listed["failing_since"] is None
    assert listed["recommendation"]["confidence"] == 0.95
    assert [each["spans"] for each in document["disabled"]] == [
        [
            {"since": "1970-01-01T00:00:00Z", "until": "1970-01-01T00:00:10Z"},
            {"since": "1970-01-01T00:00:20Z", "until": "1970-01-01T00:00:30Z"},
            {"since": "1970-01-01T01:00:00Z", "until": None},
        ],
        [{"since": "1970-01-01T00:00:00Z", "until": "1970-01-01T00:00:10Z"}],
    ]
    assert document["disabled"][1] == document["disabled"][1] | {
        "test": "test_y (m.X)", "source": "s", "platforms": "linux", "reason": "why", "issue": "",
    }


def test_every_field_is_documented() -> None:
    """The module's text names each field that the document has, at any depth."""
    document = json.loads(
        stability_json.render(summary(FOUND, set_aside=[ASIDE], disabled=DISABLED))
    )
    fields: set[str] = set()

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            fields.update(value)
        for each in value.values() if isinstance(value, dict) else value:
            if isinstance(each, (dict, list)):
                walk(each)

    walk({name: value for name, value in document.items() if name != "verdicts"})
    text = stability_json.__doc__ or ""
    assert not [name for name in fields if not re.search(rf"[`\"{{]{name}[`\"]", text)]


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0, "0 s"), (119, "119 s"), (120, "2 min"), (7200, "2 h"), (172800, "2 d"), (1e9, "11574 d")],
)
def test_durations(seconds: float, shown: str) -> None:
    """Seconds are told in a unit of which there are two or more."""
    assert stability_rows.duration(seconds) == shown


def test_times_that_no_calendar_has() -> None:
    """A time out of the history that is none is shown as it is."""
    assert stability_rows.moment(10**17) == "100000000000000000"
    assert stability_rows.run(None) == "" and stability_rows.rate(judged("...")) == "-"


def test_groups_are_named() -> None:
    """Of many tests of one cause a few are named."""
    found = [judged("PF", key=f"a.t{number}", error="E") for number in range(5)]
    text = stability_text.render(summary(found))
    assert "5 tests: a.t0, a.t1, a.t2, ...  2 " in text


def test_tests_of_one_key() -> None:
    """Tests that only their files tell apart have them with their names."""
    made = summary([judged("PFP", key="T.a"), judged("PPF", key="T.a", place="test_b"),
                    judged("PFP", key="T.c", place="test_c")])
    for text in (stability_text.render(made), stability_markdown.render(made)):
        assert re.findall(r"T\.\w(?: \(\w+\))?", text) == ["T.a (test_b)", "T.a (test_a)", "T.c"]


@pytest.mark.parametrize(
    ("states", "said"),
    [
        ("PFF", "failing since run r1 (c1, 1970-01-01T02:00:00Z), 2 in a row, last pass run r0 ("),
        ("FF", "failing since run r0 (c0, 1970-01-01T01:00:00Z) or before, 2 in a row"),
        (".FF", "failing since run r1 (c1, 1970-01-01T02:00:00Z) or before, 2 in a row"),
    ],
)
def test_since_when(states: str, said: str) -> None:
    """Where no pass is known, a test may have failed before the first failure that is."""
    assert stability_rows.course(judged(states)).startswith(said)
