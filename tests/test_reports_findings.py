"""Reports of findings: as text, as GitHub's annotations and as JSON, whatever names hold."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunk_failures.findings import Finding, Mended, Outcome, Rule
from trunk_failures.reports import findings_github, findings_json, findings_text

HOSTILE = "tests/trunk_skips/T.a\n::error::x\x1b[31m,:%"
OUTCOME = Outcome(
    "tests",
    7,
    [Mended("tests/a", "tests/b", "renamed to `b`"), Mended("tests/c", None, "removed")],
    [
        Finding("tests/trunk_skips/T.b", 3, Rule.CONTENT, "50 % wrong: mend, or remove"),
        Finding(HOSTILE, 0, Rule.NAME, "rename\nit"),
    ],
)


def test_text() -> None:
    """Each finding, and each file that was mended, is one line that begins with its path."""
    assert findings_text.render(OUTCOME).splitlines() == [
        "tests/a: renamed to `b`",
        "tests/c: removed",
        "tests/trunk_skips/T.b:3: 50 % wrong: mend, or remove",
        "tests/trunk_skips/T.a\\x0a::error::x\\x1b[31m,:%: rename\\x0ait",
    ]


def test_github() -> None:
    """Findings are errors of their file and line, what was mended a notice, all of it escaped."""
    title = "title=trunk-failures check"
    assert findings_github.render(OUTCOME).splitlines() == [
        f"::notice file=tests/b,{title}::tests/a: renamed to `b`",
        f"::notice file=tests/c,{title}::tests/c: removed",
        f"::error file=tests/trunk_skips/T.b,line=3,{title}::50 %25 wrong: mend, or remove",
        f"::error file=tests/trunk_skips/T.a\\x0a%3A%3Aerror%3A%3Ax\\x1b[31m%2C%3A%25,{title}"
        f"::rename\\x0ait",
    ]


def test_json() -> None:
    """Programs have it all: paths, lines, the rules' words, and the texts as they are."""
    document = json.loads(findings_json.render(OUTCOME))
    assert document == {
        "test_dir": "tests",
        "entries": 7,
        "mended": [
            {"path": "tests/a", "to": "tests/b", "text": "renamed to `b`"},
            {"path": "tests/c", "to": None, "text": "removed"},
        ],
        "findings": [
            {
                "path": "tests/trunk_skips/T.b",
                "line": 3,
                "rule": "content",
                "text": "50 % wrong: mend, or remove",
            },
            {"path": HOSTILE, "line": None, "rule": "name", "text": "rename\nit"},
        ],
    }


def test_nothing() -> None:
    """Where nothing is wrong nothing is printed but JSON's empty lists."""
    nothing = Outcome("tests", 0, [], [])
    assert findings_text.render(nothing) == findings_github.render(nothing) == ""
    assert json.loads(findings_json.render(nothing))["findings"] == []


@pytest.mark.parametrize("report", [findings_text, findings_github])
@given(path=st.text(st.characters()), text=st.text(st.characters()))
def test_one_line_each(report: object, path: str, text: str) -> None:
    """Whatever a path and a text hold, a finding is one line, and a command of GitHub's is one."""
    outcome = Outcome("tests", 1, [], [Finding(path, 1, Rule.NAME, text)])
    shown: str = report.render(outcome)  # type: ignore[attr-defined]
    assert shown.count("\n") == 1 and shown.endswith("\n") and "\r" not in shown
    shown.encode("utf-8")
    if report is findings_github:
        properties = shown.removeprefix("::error ").partition("::")[0].split(",")
        assert [each.partition("=")[0] for each in properties] == ["file", "line", "title"]
