"""Reports of exclusions: Markdown for a job's summary, JSON for programs."""

from __future__ import annotations

import datetime
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunk_failures.exclusions import Excluded, Exclusions
from trunk_failures.reports import exclusions_json, exclusions_markdown, markdown
from trunk_failures.statuses import Disabled, Status

URL = "https://github.com/o/r/issues/7"
ENTRY = Disabled("test_x (m.T)", issue=URL, reason="slow|flaky")
FOUND = Exclusions((Excluded("a.py::T::test_x[|]", (ENTRY,)),), ("a.py::test_y",), (ENTRY,))
TIME = datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc)


def test_markdown() -> None:
    """The table has each test with its issue and the reason, and says where that is from."""
    assert exclusions_markdown.render(FOUND, "x.json") == (
        "### 1 of 2 tests left out: disabled or failing on trunk\n"
        "\n"
        "By the status from `x.json`.\n"
        "\n"
        "| test | issue | why |\n"
        "|---|---|---|\n"
        f"| `a.py::T::test_x[\\|]` | [#7]({URL}) | `slow\\|flaky` |\n"
    )


def test_markdown_of_nothing() -> None:
    """Where nothing is left out there is no table."""
    shown = exclusions_markdown.render(Exclusions((), ("a",), ()), "x")
    assert "0 of 1 tests" in shown and "|" not in shown


def test_markdown_of_many() -> None:
    """Rows past the limit are counted."""
    many = tuple(Excluded(f"a.py::test_{number}", (ENTRY,)) for number in range(markdown.MOST + 3))
    shown = exclusions_markdown.render(Exclusions(many, (), ()), "x")
    assert "| and 3 more | | |" in shown and shown.count("\n") == markdown.MOST + 7


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("https://x.org/a?b=c", "<https://x.org/a?b=c>"),
        ("https://x.org/](javascript:x)", "`https://x.org/](javascript:x)`"),
        ("javascript:x|", "`javascript:x\\|`"),
        ("", ""),
    ],
)
def test_issues_in_markdown(url: str, wanted: str) -> None:
    """What is no plain URL is text, and no link."""
    found = Exclusions((Excluded("a", (Disabled("a", issue=url),)),), (), ())
    assert f"| `a` | {wanted} | " in exclusions_markdown.render(found, "x")


@given(st.text(), st.text(), st.text())
def test_any_text_is_text(node_id: str, issue: str, reason: str) -> None:
    """Whatever a status says, it is one row."""
    found = Exclusions((Excluded(node_id, (Disabled("a", issue=issue, reason=reason),)),), (), ())
    shown = exclusions_markdown.render(found, reason)
    assert len(shown.splitlines()) == 7 and shown.splitlines()[6].count(" | ") >= 2


def test_json() -> None:
    """The JSON has what is left out and why, what is fixed, and what matched nothing."""
    shown = exclusions_json.render(FOUND, Status((ENTRY,), TIME, "x.json"), [ENTRY])
    entry = {"name": "test_x (m.T)", "issue": URL}
    assert json.loads(shown) == {
        "status": {"origin": "x.json", "fetched": "2026-01-02T03:04:05Z"},
        "collected": 2,
        "excluded": [
            {
                "id": "a.py::T::test_x[|]", "issues": [URL], "reason": "slow|flaky",
                "names": ["test_x (m.T)"],
            }
        ],
        "fixed": [entry],
        "unmatched": [entry],
    }
