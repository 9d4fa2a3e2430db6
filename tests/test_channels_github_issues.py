"""GitHub's issues as a channel: a repository's issues on loopback, and what sources read of them.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterable
from typing import Any

import pytest
from github_fixtures import REPOSITORY, TOKEN
from issue_fixtures import Tracker
from notify_fixtures import change, message

from trunk_failures import messages, statuses
from trunk_failures.channels import github_issues
from trunk_failures.download import Body
from trunk_failures.errors import ChannelError, UsageError
from trunk_failures.ids import TestId
from trunk_failures.matching import Matcher
from trunk_failures.messages import Channel, Message
from trunk_failures.notifications import Change, Kind
from trunk_failures.reports import notification_issues
from trunk_failures.sending import Sender
from trunk_failures.sources.github_issues import GitHubIssues as Source

pytest_plugins = ["http_fixtures", "github_fixtures", "issue_fixtures"]

ENVIRON = {"GH_TOKEN": TOKEN}
A, B = "DISABLED test_a (tests.test_a.TestA)", "DISABLED test_b (tests.test_a.TestA)"
RECOVERED = "3 passes in a row"


def channel(tracker: Tracker) -> github_issues.GitHubIssues:
    """Return the channel of a process that has just begun."""
    return github_issues.GitHubIssues(REPOSITORY, tracker.url, ENVIRON)


def tell(tracker: Tracker, *changes: Change) -> list[Message]:
    """Tell of changes in a new process; returns the messages."""
    each: Channel = channel(tracker)
    found = [
        message(*part, key=messages.key(each.name, part)) for part in each.parts(changes)
    ]
    for sent in found:
        each.send(sent)
    return found


def again(tracker: Tracker, sent: Iterable[Message]) -> None:
    """Send messages in a new process, as if the one that sent them had been killed then."""
    each = channel(tracker)
    for message_ in sent:
        each.send(message_)


def disabled(tracker: Tracker) -> list[str]:
    """Return what the source reads of the issues."""
    status = Source(REPOSITORY, api=tracker.url, environ=ENVIRON).fetch()
    return [each.name for each in status.tests]


def recovered(key: str = "TestA.test_a", **fields: object) -> Change:
    """Return the recovery of a test."""
    return change(Kind.RECOVERED, key, detail=RECOVERED, **fields)  # type: ignore[arg-type]


def test_an_issue_from_its_opening_to_its_end(tracker: Tracker) -> None:
    """It is opened as the test fails, read back by the source, added to, and closed."""
    tracker.add("A question")
    tell(tracker, change())
    assert tracker.open == ["A question", A]
    status = Source(REPOSITORY, api=tracker.url, environ=ENVIRON).fetch()
    (test,) = status.tests
    assert (test.name, test.rule, test.platforms) == (
        "test_a (tests.test_a.TestA)", statuses.PYTORCH, ()
    )
    matcher = Matcher(status.tests)
    assert [*matcher.find(TestId("TestA", "test_a", file="tests/test_a.py"))] == [test]
    tell(tracker, change(Kind.LONG))
    (said,) = tracker.said(2)
    assert "Failing for long.\n`AssertionError: no`" in said
    tell(tracker, recovered())
    assert tracker.open == ["A question"] and disabled(tracker) == []
    assert tracker.issues[1]["state_reason"] == "completed"
    assert f"Recovered.\n`{RECOVERED}`" in tracker.said(2)[1]
    tell(tracker, change(since="8"))
    assert tracker.open == ["A question", A]


def test_five_tests_of_one_cause_are_one_issue(tracker: Tracker) -> None:
    """Each leaves it as it recovers, and the last closes it; four tests have one each."""
    sent = tell(tracker, *(change(key=f"TestA.test_{n}") for n in range(5)))
    assert len(sent) == 1
    assert tracker.open == ["DISABLED MULTIPLE 5 tests fail alike: AssertionError: no"]
    names = [f"test_{n} (tests.test_a.TestA)" for n in range(5)]
    assert disabled(tracker) == names
    tell(tracker, *(change(Kind.LONG, f"TestA.test_{n}") for n in range(5)))
    assert len(tracker.said(1)) == 1
    tell(tracker, recovered("TestA.test_3"), recovered("TestA.test_0"))
    assert disabled(tracker) == [names[1], names[2], names[4]]
    tell(tracker, *(recovered(f"TestA.test_{n}") for n in (1, 2, 4)))
    assert tracker.open == [] and len(tracker.said(1)) == 2
    tell(tracker, *(change(key=f"TestB.test_{n}") for n in range(4)))
    assert len(tracker.open) == 4


def test_a_test_joins_those_of_its_cause(tracker: Tracker) -> None:
    """What fails like those of an issue of several is added to it, and said there."""
    tell(tracker, *(change(key=f"TestA.test_{n}") for n in range(5)))
    sent = tell(tracker, change(key="TestA.test_5"), change(key="TestA.test_6", detail="other"))
    assert tracker.open[1:] == ["DISABLED test_6 (tests.test_a.TestA)"]
    assert disabled(tracker) == [f"test_{n} (tests.test_a.TestA)" for n in range(7)]
    assert len(tracker.said(1)) == 1 and "test_5" in tracker.said(1)[0]
    again(tracker, sent)
    assert len(tracker.open) == 2 and len(tracker.said(1)) == 1
    tell(tracker, *(recovered(f"TestA.test_{n}") for n in range(5)))
    assert disabled(tracker)[0] == "test_5 (tests.test_a.TestA)"
    tell(tracker, recovered("TestA.test_5"))
    tell(tracker, change(key="TestA.test_7"))
    assert tracker.open == [f"DISABLED test_{n} (tests.test_a.TestA)" for n in (6, 7)]


def test_what_is_opened_is_joined_by_the_same_command(tracker: Tracker) -> None:
    """An issue that a process has opened is one that it adds to."""
    each = channel(tracker)
    for number in (0, 5):
        part = tuple(change(key=f"TestA.test_{number + n}") for n in range(5))
        each.send(message(*part, key=str(number)))
    assert tracker.open == ["DISABLED MULTIPLE 5 tests fail alike: AssertionError: no"]
    assert len(disabled(tracker)) == 10


def test_an_issue_that_is_full_is_not_joined(
    tracker: Tracker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A text that has no room, or that somebody wrote anew, is left, and another is opened."""
    tell(tracker, *(change(key=f"TestA.test_{n}") for n in range(5)))
    monkeypatch.setattr(notification_issues, "NAMES", 100)
    tell(tracker, change(key="TestA.test_5"))
    assert tracker.open[1:] == ["DISABLED test_5 (tests.test_a.TestA)"]
    monkeypatch.undo()
    tracker.issues[0]["body"] = f"mine {tracker.issues[0]['body']}"
    tell(tracker, change(key="TestA.test_6"))
    assert tracker.open[2:] == ["DISABLED test_6 (tests.test_a.TestA)"]


def test_many_failures_are_no_flood(tracker: Tracker) -> None:
    """More than twenty issues are one, whatever the causes, and it disables the same tests."""
    many = [change(key=f"TestA.test_{n:02}", detail=f"error {n}") for n in range(21)]
    tell(tracker, *many[:20])
    assert len(tracker.open) == 20
    tracker.issues.clear()
    tell(tracker, *many)
    assert tracker.open == ["DISABLED MULTIPLE 21 tests fail"]
    assert disabled(tracker) == [f"test_{n:02} (tests.test_a.TestA)" for n in range(21)]
    tell(tracker, *(each._replace(kind=Kind.RECOVERED) for each in many))
    assert tracker.open == []


def test_what_disables_nothing_has_issues_too(tracker: Tracker) -> None:
    """Tests that the form cannot name are told by another one, which sources leave alone."""
    odd = [change(key=f"TestA.test_{n}[a b]") for n in range(6)]
    tell(tracker, *odd[:5], change())
    assert tracker.open == [
        A, "Failing on trunk: MULTIPLE 5 tests fail alike: AssertionError: no",
    ]
    assert disabled(tracker) == ["test_a (tests.test_a.TestA)"]
    other = change(key="TestA.test_6[a b]", detail="other")
    tell(tracker, odd[5], odd[0]._replace(kind=Kind.LONG), other)
    assert tracker.open[2:] == ["Failing on trunk: test_6[a b] (tests.test_a.TestA)"]
    assert len(tracker.said(2)) == 2
    tell(tracker, other._replace(kind=Kind.RECOVERED))
    tell(tracker, *(each._replace(kind=Kind.RECOVERED) for each in odd))
    assert tracker.open == [A]


def test_one_test_in_two_configurations(tracker: Tracker) -> None:
    """It has one issue, which stays open while the test fails in one of them."""
    one, other = change(configuration="py311"), change(configuration="py312", since="6")
    tell(tracker, one, other)
    assert tracker.open == [A] and tracker.issues[0]["body"].count("newly failing") == 2
    tell(tracker, recovered(configuration="py311", elsewhere=("py312",)))
    assert tracker.open == [A]
    assert "It fails in `py312` too." in tracker.said(1)[0]
    tell(tracker, recovered(configuration="py312"))
    assert tracker.open == []


def test_issues_of_people_are_theirs(tracker: Tracker) -> None:
    """One that disables the test is added to, not opened again, and never closed or changed."""
    tracker.add(A, "I saw this fail.\nPlatforms: linux\n")
    tracker.add("DISABLED MULTIPLE things", "disable the following tests:\n```\n"
                "test_b (tests.test_a.TestA): linux\n```\n")
    before = [{**each} for each in tracker.issues]
    tell(tracker, change(), change(key="TestA.test_b", detail="other"))
    tell(tracker, recovered(), recovered("TestA.test_b"))
    assert tracker.issues == before
    for number in (1, 2):
        first, second = tracker.said(number)
        assert "Newly failing." in first and "Recovered." in second


def test_some_of_a_cause_have_issues(tracker: Tracker) -> None:
    """What has one is added to it; the others share a new one."""
    tracker.add(A, None)
    tell(tracker, *(change(key=f"TestA.test_{n}") for n in "abcdef"))
    assert tracker.open == [A, "DISABLED MULTIPLE 5 tests fail alike: AssertionError: no"]
    assert disabled(tracker)[1:] == [f"test_{n} (tests.test_a.TestA)" for n in "bcdef"]
    assert "`TestA.test_a (tests/test_a)`" in tracker.said(1)[0]
    assert "test_b" not in tracker.said(1)[0]


def test_a_recovery_without_an_issue(tracker: Tracker) -> None:
    """Where nobody was told by an issue, or somebody closed it, nothing is written."""
    tracker.add("A question")
    tell(tracker, recovered())
    assert tracker.written == []


def test_only_tests_have_issues(tracker: Tracker) -> None:
    """Of entries and statuses nothing is told here."""
    kinds = (Kind.EXPIRED, Kind.EXPIRING, Kind.STALE, Kind.WATCHED)
    assert channel(tracker).parts([change(kind) for kind in kinds]) == []


def test_what_was_done_is_not_done_again(tracker: Tracker) -> None:
    """A process that was killed after the sending sends once more, and changes nothing by it."""
    failing = tell(tracker, change(), *(change(key=f"TestB.test_{n}") for n in range(5)))
    written = tracker.written
    again(tracker, failing)
    assert tracker.written == written
    more = tell(tracker, change(Kind.LONG), recovered("TestB.test_0"))
    written = tracker.written
    again(tracker, more)
    assert tracker.written == written
    ended = tell(tracker, recovered(), *(recovered(f"TestB.test_{n}") for n in range(1, 5)))
    written, issues = tracker.written, [{**each} for each in tracker.issues]
    again(tracker, ended)
    assert (tracker.written, tracker.issues) == (written, issues) and tracker.open == []


class Dying(Sender):
    """Send so many things, and die once the last of them has come."""

    left = 0

    def send(self, *args: Any, **kwargs: Any) -> Body:
        """Send, and die if that was the last."""
        body = super().send(*args, **kwargs)
        Dying.left -= 1
        if not Dying.left:
            raise KeyboardInterrupt
        return body


@pytest.mark.parametrize("count", range(1, 8))
def test_killed_at_any_moment(tracker: Tracker, count: int) -> None:
    """After so many things were written the process ends, and another one does the rest, once."""
    Dying.left = count
    died = []
    for part in (
        [change(detail="other"), *(change(key=f"TestB.test_{n}") for n in range(5))],
        [change(Kind.LONG, detail="other"), change(Kind.LONG, "TestB.test_1")],
        [recovered(), recovered("TestB.test_0")],
    ):
        for group in channel(tracker).parts(part):
            each = channel(tracker)
            each.connect = lambda api, token: Dying(token, api)
            sent = message(*group, key=messages.key(each.name, group))
            try:
                each.send(sent)
            except KeyboardInterrupt:
                died.append(sent)
                again(tracker, died)
    assert len(died) == 1
    states = {each["title"]: each["state"] for each in tracker.issues}
    several = "DISABLED MULTIPLE 5 tests fail alike: AssertionError: no"
    assert states == {A: "closed", several: "open"}
    assert disabled(tracker) == [f"test_{n} (tests.test_a.TestB)" for n in range(1, 5)]
    assert len(tracker.issues) == 2 and len(tracker.written) == 7


def test_a_list_of_many_pages(tracker: Tracker) -> None:
    """An issue is found wherever it is; that they are listed once is enough for all messages."""
    for number in range(250):
        tracker.add(f"Question {number}" if number != 120 else A)
    each = channel(tracker)
    for part in each.parts([change(), change(key="TestA.test_b", detail="other")]):
        each.send(message(*part))
    assert tracker.open[250:] == [B] and len(tracker.said(121)) == 1
    lists = [path for _, path in tracker.asked if "issues?" in path]
    assert len(lists) == 4


def test_many_comments(tracker: Tracker) -> None:
    """What was said is found on the second page too."""
    number = tracker.add(A)
    tell(tracker, change())
    tracker.comments[number][:0] = [{"body": None} for _ in range(100)]
    again(tracker, [message(change(), key=messages.key(channel(tracker).name, [change()]))])
    assert len(tracker.comments[number]) == 101
    assert "comments?since=2027-01-14T08%3A00%3A00Z&per_page=100&page=2" in tracker.asked[-1][1]


def test_names_that_do_not_fit_into_one_text(tracker: Tracker) -> None:
    """They are in several issues, all of which are read back."""
    name = "x" * 150
    sent = tell(tracker, *(change(key=f"TestA.test_{name}{n:03}") for n in range(500)))
    assert len(sent) == 3 and len(disabled(tracker)) == 500
    assert max(len(each["body"]) for each in tracker.issues) < 65_536


@pytest.mark.parametrize(
    ("method", "status", "answer", "text"),
    [
        ("GET", 401, {"message": "Bad credentials"}, "401.*'Bad credentials'; check the repo.*wri"),
        ("GET", 200, {}, "what is no list of issues"),
        ("POST", 403, {"message": "Resource not accessible"}, "403.*not accessible"),
        ("POST", 201, {"number": "7"}, "answered with '7', where GitHub's API has the number of"),
        ("POST", 201, [], r"answered with \[\], where GitHub's API has an object"),
        ("POST", 502, "<html>", "502"),
    ],
)
def test_what_fails(
    tracker: Tracker, method: str, status: int, answer: object, text: str
) -> None:
    """It is an error of the channel, which nothing that it shows gives the token away in."""
    tracker.add("A question")
    tracker.faults[method] = [(status, answer)]
    with pytest.raises(ChannelError, match=text) as raised:
        tell(tracker, change())
    shown = traceback.TracebackException.from_exception(raised.value, capture_locals=True)
    assert TOKEN not in str(raised.value) and not shown.__cause__


@pytest.mark.parametrize("number", [1, 2, 3])
@pytest.mark.parametrize("answer", [{"title": 5}, {"title": "x", "body": 5}, [1], "x"])
def test_answers_of_another_shape(tracker: Tracker, number: int, answer: object) -> None:
    """An issue and its comments are taken for nothing but what they are."""
    tracker.add(A, notification_issues.mark(message(key="first")))
    each = channel(tracker)
    each.send(message(change(), key="second"))
    tracker.faults["GET"] = [(200, tracker.issues[0])] * (number - 1) + [(200, answer)]
    with pytest.raises(ChannelError, match="where GitHub's API has (an issue|a list of comments)"):
        each.send(message(recovered()))


def test_a_repository_is_one() -> None:
    """What is none is refused before anything is asked."""
    with pytest.raises(UsageError, match="is no repository"):
        github_issues.GitHubIssues("octo-org")


def test_previews(tracker: Tracker) -> None:
    """They show the titles and texts, and ask nobody."""
    each = channel(tracker)
    shown = each.preview(message())
    assert A in shown and "AssertionError: no" in shown
    shown = each.preview(message(recovered()))
    assert "test_a (tests.test_a.TestA)" in shown and RECOVERED in shown
    assert tracker.asked == [] and each.name == f"github-issues={REPOSITORY}"
