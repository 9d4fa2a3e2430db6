"""Failed lines: what is read of the logs of jobs."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunk_failures import failed_lines, ids

STAMP = "2026-05-01T10:00:00.1234567Z "


@pytest.mark.parametrize(
    ("line", "node_id", "error"),
    [
        ("FAILED tests/test_a.py::TestA::test_x", "tests/test_a.py::TestA::test_x", ""),
        ("FAILED test_a.py::test_x - TypeError: no", "test_a.py::test_x", "TypeError: no"),
        ("ERROR test_a.py::test_x - OSError: a - b", "test_a.py::test_x", "OSError: a - b"),
        ("ERROR tests/test_a.py - ImportError: no", "tests/test_a.py", "ImportError: no"),
        ("ERROR tests/test_a.py", "tests/test_a.py", ""),
        ("FAILED test_a.py::test_x[a - b] - E: c]", "test_a.py::test_x[a - b]", "E: c]"),
        ("FAILED test_a.py::test_x[[a - b]-c - d] - E", "test_a.py::test_x[[a - b]-c - d]", "E"),
        ("FAILED test_a.py::test_x[a/b.c d]", "test_a.py::test_x[a/b.c d]", ""),
        ("SUBFAILED(i=1) test_a.py::T::test_x - E", "test_a.py::T::test_x", "E"),
        ("SUBFAILED[a b] (i='c') test_a.py::T::test_x", "test_a.py::T::test_x", ""),
        ("SUBFAILED[a.py::b] test_a.py::T::test_x", "test_a.py::T::test_x", ""),
        ("SUBFAIL test_a.py::T::test_x", "test_a.py::T::test_x", ""),
        (f"{STAMP}FAILED test_a.py::test_x - E", "test_a.py::test_x", "E"),
        (f"\ufeff{STAMP}FAILED test_a.py::test_x", "test_a.py::test_x", ""),
        (
            f"{STAMP}\x1b[31mFAILED\x1b[0m test_a.py::\x1b[1mtest_x\x1b[0m - E: \x1b[31mno\x1b[0m",
            "test_a.py::test_x",
            "E: no",
        ),
        ("FAILED test_a.py::test_x - E\r", "test_a.py::test_x", "E"),
    ],
)
def test_lines_of_tests_that_failed(line: str, node_id: str, error: str) -> None:
    """They are found after times and in colours, and a dash in parameters is a part of them."""
    assert failed_lines.read(f"before\n{line}\nafter") == {node_id: error}


@pytest.mark.parametrize(
    "line",
    [
        "",
        "FAILED",
        "FAILED (failures=1)",
        "FAILED to start",
        "ERROR: Job failed",
        "ERROR loading config.py: no such file",
        "ERROR config.python",
        "  FAILED test_a.py::test_x",
        "tests/test_a.py::test_x FAILED [ 50%]",
        "XFAIL test_a.py::test_x",
        "FAILED test_a.py::",
        "FAILED test_a.py::TestA::",
        "FAILED test_a.py::a/b::c",
        "FAILED test_a.py::test_x - [XPASS(strict)] bug 5",
        "FAILED test_a.py::test_x - Unexpected success, please remove `x`",
        "FAILED test_a.py::test_x - Failed: Unexpected success, please remove `x`",
    ],
)
def test_other_lines(line: str) -> None:
    """What names no test, or one that passed unexpectedly, is no failure of a test."""
    assert failed_lines.read(f"{STAMP}{line}\n{line}") == {}


def test_a_test_that_is_named_twice_is_once() -> None:
    """It has the first error that is known."""
    lines = ["FAILED a.py::t", "FAILED b.py::t - E", "FAILED a.py::t - F", "FAILED a.py::t - G"]
    assert failed_lines.read("\n".join(lines)) == {"a.py::t": "F", "b.py::t": "E"}


@given(st.text())
def test_no_log_raises(text: str) -> None:
    """Whatever is in it, what is read of it are node ids."""
    for line in (text, f"FAILED a.py::{text}", f"ERROR {text}.py - {text}"):
        for node_id in failed_lines.read(f"{STAMP}{line}"):
            assert ids.from_node_id(node_id)


@pytest.mark.parametrize(
    "line",
    [
        "FAILED a.py::t[" + " - " * 99999,
        "\x1b[" * 99999,
        "FAILED " + "a.py" * 99999,
        "SUBFAILED[" + "] a.py" * 9999,
        "SUBFAILED[" + "] [" * 9999,
    ],
)
def test_hostile_lines_cost_little(line: str) -> None:
    """A line is read up to a bound, and its time grows no faster than it does."""
    before = time.process_time()
    failed_lines.read("\n".join([line] * 20))
    assert time.process_time() - before < 5
