"""GitHub's issues, written: what is asked, and what is made of the answers."""

from __future__ import annotations

import pytest
from github_fixtures import REPOSITORY, TOKEN
from http_fixtures import Reply, Site
from issue_fixtures import Tracker

from trunk_failures.disabled_issues import Issue
from trunk_failures.errors import DownloadError
from trunk_failures.github_editing import Editor
from trunk_failures.sending import Sender

pytest_plugins = ["http_fixtures", "github_fixtures", "issue_fixtures"]

SINCE = "2026-05-01T10:00:00Z"


def editor(tracker: Tracker, pages: int = 1000) -> Editor:
    """Return what writes to a tracker."""
    return Editor(Sender(TOKEN, tracker.url), tracker.url, REPOSITORY, pages)


def test_all_that_is_written(tracker: Tracker) -> None:
    """An issue is opened, changed, commented on and closed."""
    each = editor(tracker)
    number = each.create("A title", "a text")
    each.write(number, "another text")
    each.comment(number, "a comment")
    assert each.issue(number) == Issue(1, "A title", "another text")
    assert [*each.comments(number, SINCE)] == ["a comment"] and tracker.open == ["A title"]
    each.close(number)
    assert tracker.open == []
    assert tracker.written == [
        "POST issues", "PATCH issues/1", "POST issues/1/comments", "PATCH issues/1",
    ]


def test_an_answer_that_is_no_json(site: Site) -> None:
    """It is an error that shows how it begins."""
    site.replies[f"/repos/{REPOSITORY}/issues"] = [Reply(b"<html>", 201)]
    each = Editor(Sender(), site.url, REPOSITORY)
    with pytest.raises(DownloadError, match="answered with b'<html>', where .* has an object"):
        each.create("A title", "a text")


def test_an_issue_without_a_text(tracker: Tracker) -> None:
    """GitHub has null for it."""
    assert editor(tracker).issue(tracker.add("A title", None)).body == ""


def test_more_comments_than_are_read(tracker: Tracker) -> None:
    """That is an error, as what is looked for could be among the others."""
    tracker.comments[tracker.add("A title")] = [{"body": "x"}] * 101
    assert len([*editor(tracker).comments(1, SINCE)]) == 101
    with pytest.raises(DownloadError, match="has more than 1 pages of comments"):
        [*editor(tracker, 1).comments(1, SINCE)]
