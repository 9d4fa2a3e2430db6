"""Closing keywords: the issues that a pull request's text closes, as GitHub reads it."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from trunk_failures import closing_keywords
from trunk_failures.closing_keywords import Issue
from trunk_failures.errors import UsageError
from trunk_failures.statuses import Disabled

URL = "https://github.com/o/r/issues/7"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        *((f"{word} #7", ["o/r 7"]) for word in (
            "close", "closes", "closed", "fix", "fixes", "fixed", "resolve", "resolves", "resolved",
            "Fixes", "CLOSES", "Fixes:", "fixes  ", "fixes\n",
        )),
        ("Fixes #7, fixes #8 and resolves a/b.c#9.", ["o/r 7", "o/r 8", "a/b.c 9"]),
        ("Fixes #7, #8", ["o/r 7"]),
        ("closes A/B#9", ["a/b 9"]),
        (f"This fixes {URL}.", ["o/r 7"]),
        ("fixes https://github.com/o/r/pull/7#issuecomment-1", ["o/r 7"]),
        ("prefixes #7, hot-fixes #7, fixing #7, fixesx #7, fixes#7", []),
        ("#7 is not fixed", []),
        ("fixes #7a fixes # 7 fixes #x", []),
        ("<!-- Fixes #7 --> x", []),
        ("<!-- Fixes #7", []),
        ("`fixes #7` and ``fixes #8``", []),
        ("```\nfixes #7\n```\nfixes #8\n~~~\nfixes #9", ["o/r 8"]),
        ("fixes https://github.com/o/r/wiki/7", []),
        ("", []),
    ],
)
def test_what_is_closed(text: str, wanted: list[str]) -> None:
    """An issue is closed by a keyword right before it, in text that is neither comment nor code."""
    found = closing_keywords.closed(text, "O/r")
    assert sorted(f"{name} {number}" for name, number in found) == sorted(wanted)


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        (URL, Issue("o/r", 7)),
        (f" {URL}#issuecomment-1 ", Issue("o/r", 7)),
        ("https://github.example.org/O/R/pull/8/files", Issue("o/r", 8)),
        ("https://github.com/o/r/issues/7x", None),
        ("https://example.org/7", None),
        ("", None),
    ],
)
def test_urls_of_issues(url: str, wanted: Issue | None) -> None:
    """The URL of an issue or a pull request says its repository and its number."""
    assert closing_keywords.issue(url) == wanted


def test_the_tests_of_closed_issues() -> None:
    """Tests are told apart by their issues; a number without a repository is any repository's."""
    tests = [Disabled("a", issue=URL), Disabled("b", issue=URL.replace("o/r", "o/s"))]
    tests += [Disabled("c"), Disabled("d", issue="x"), Disabled("e", issue=URL + "1")]
    none, of_r, of_any = ((), ()), (("a",), ()), (("a", "b"), ())
    for closing, wanted in (
        (frozenset[Issue](), none), (closing_keywords.closed("fixes o/R#7"), of_r),
        (closing_keywords.closed("fixes #7", "o/r"), of_r),
        (closing_keywords.closed("fixes #7"), of_any),
        (closing_keywords.closed("fixes #70"), none),
    ):
        still_open, fixed = closing_keywords.split(tests, closing)
        assert tuple(test.name for test in fixed) == wanted[0]
        assert [*sorted(fixed), *still_open] == sorted(tests)


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        ("Fixes #7", {Issue("here/now", 7)}),
        ({"pull_request": {"body": "x\r\nFixes #7\r\n"}, "repository": {"full_name": "O/R"}},
         {Issue("o/r", 7)}),
        ({"pull_request": {"body": "Fixes #7"}}, {Issue("here/now", 7)}),
        ({"pull_request": {"body": None}, "repository": {}}, set()),
        ({"pull_request": "Fixes #7", "repository": "o/r"}, set()),
        ({"head_commit": {"message": "Fixes #7"}}, set()),
        ("{ fixes #7", {Issue("here/now", 7)}),
        ('["fixes #7"]', {Issue("here/now", 7)}),
    ],
)
def test_files(tmp_path: Path, content: object, wanted: set[Issue]) -> None:
    """A file is a text, or GitHub's event: of that only the pull request's body is read."""
    text = content if isinstance(content, str) else json.dumps(content)
    (tmp_path / "text").write_text(text)
    environ = {"GITHUB_REPOSITORY": "here/now"}
    assert closing_keywords.read(str(tmp_path / "text"), environ) == wanted


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    """`-` is standard input; without a repository the number alone is known."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"\xff fixes #7")))
    assert closing_keywords.read("-", {}) == {Issue("", 7)}


@pytest.mark.parametrize("path", ["gone", "a\0b"])
def test_files_that_cannot_be_read(path: str) -> None:
    """A file that cannot be read is named."""
    with pytest.raises(UsageError, match="--fixes-from .* cannot be read: .*GITHUB_EVENT_PATH"):
        closing_keywords.read(path, {})
