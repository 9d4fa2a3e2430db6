"""`trunk-failures notify`, as people call it: recorded runs in, and who is told of what, once."""

from __future__ import annotations

import datetime
import json
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from github_fixtures import REPOSITORY, TOKEN
from http_fixtures import Reply, Site, of_json
from issue_fixtures import Tracker
from lists_fixtures import write_entry
from mail_fixtures import MailServer

from trunk_failures import cli, history, list_lock, notify_command, outbox, statuses
from trunk_failures.channels.file import File
from trunk_failures.channels.webhook import Webhook
from trunk_failures.errors import ChannelError
from trunk_failures.notifications import DAY
from trunk_failures.sources.github_issues import GitHubIssues

pytest_plugins = ["http_fixtures", "github_fixtures", "issue_fixtures", "mail_fixtures"]

NOTHING = "trunk-failures notify: nothing new to tell\n"


class Project:
    """A project with a history, in which one is."""

    def __init__(self, path: Path, read: Callable[[], tuple[str, str]]) -> None:
        self.path, self._read = path, read
        self.now = int(statuses.now().timestamp())
        self.runs = 0

    def record(
        self, failing: str = "", days: float = 0, config: str = "", branch: str = "", of: str = "ab"
    ) -> None:
        """Record a run of so many days ago, in which the tests of these letters fail."""
        self.runs += 1
        lines = [
            {"id": f"TestA.test_{name}", "file": "test_a.py",
             "verdict": "failed" if name in failing else "passed",
             "error": "AssertionError: no" if name in failing else ""}
            for name in dict.fromkeys(of + failing)
        ]
        (self.path / "results.jsonl").write_text("".join(f"{json.dumps(e)}\n" for e in lines))
        time = self.now - int(days * DAY) + self.runs
        code = cli.main([
            "record", "results.jsonl", f"--run=r{self.runs}", f"--time={time}",
            f"--config={config}", f"--branch={branch}", "--commit=abc",
        ])
        assert code == 0, self._read()
        self._read()

    def notify(self, *arguments: str) -> tuple[int, str, str]:
        """Notify; returns the code, and what was printed and said."""
        code = cli.main(["notify", *arguments])
        return (code, *self._read())

    def told(self, *arguments: str) -> list[str]:
        """Notify; returns the lines that say of what."""
        code, out, _ = self.notify(*arguments)
        assert code == 0
        return [line.strip().partition(" since ")[0] for line in out.splitlines()[1:]]

    def waiting(self, channel: str) -> int:
        """Return how many messages wait for a channel."""
        with history.reading(history.DEFAULT) as connection:
            return len(outbox.waiting(connection, channel))


@pytest.fixture
def project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Project]:
    """Return a project that is a repository, with one run."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_a.py").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TRUNK_FAILURES_DIR", raising=False)
    found = Project(tmp_path, capsys.readouterr)
    found.record()
    yield found


A = ["newly failing:", "TestA.test_a (test_a)", "AssertionError: no"]


def test_each_change_is_told_once(project: Project) -> None:
    """A test that fails, fails on and recovers is told twice in all."""
    assert project.told() == [
        "now watched:", "tests: 0 tests fail now; changes are told from now on",
    ]
    assert project.notify() == (0, "", NOTHING)
    project.record("a")
    assert project.told() == A
    project.record("a")
    assert project.notify() == (0, "", NOTHING)
    project.record()
    assert project.notify() == (0, "", NOTHING)  # As that may be a test that is flaky.
    project.record()
    found = project.notify()
    assert found[1].startswith("1 recovered\nrecovered:\n  TestA.test_a (test_a) since run r2, co")
    assert found[2] == "trunk-failures notify: 1 change told by stdout\n"
    assert project.notify() == (0, "", NOTHING)


def test_the_first_time(project: Project) -> None:
    """What fails already is one sentence; with --everything it is all told."""
    project.record("ab", of="abcdef")
    dry = project.told("--dry-run", "--everything")
    assert "TestA.test_a (test_a)" in dry and "TestA.test_b (test_a)" in dry
    assert project.told() == [
        "now watched:",
        "tests: 2 tests fail now (TestA.test_a, TestA.test_b); changes are told from now on",
    ]
    project.record("a", config="py311", of="abcdef")
    assert project.told("--everything") == [
        A[0], f"{A[1]} [py311]", A[2], "fails in the configuration without a name too",
    ]


def test_branches(project: Project) -> None:
    """Each has its own memory; what fails on another branch is not told."""
    project.record(branch="main")
    project.told("--branch=main")
    project.record("a", branch="topic")
    assert project.notify("--branch=main") == (0, "", NOTHING)
    project.record("a", branch="main")
    assert project.told("--branch=main") == [A[0], f"{A[1]} [on main]", A[2]]


def test_a_branch_without_a_run(project: Project) -> None:
    """It is said, as its name may be another."""
    code, _, err = project.notify("--branch=man")
    assert code == 0 and "no run of branch 'man' that counts is in '.trunk_failures" in err


def test_what_fails_for_long(project: Project) -> None:
    """It is told once, after as many days as are asked for."""
    project.record(days=9)
    project.told()
    for days in (5, 4):
        project.record("a", days=days, config="py311")
    project.told()
    project.record("a", config="py311")
    assert project.notify("--failing-for=6") == (0, "", NOTHING)
    assert project.told("--failing-for=4")[0] == "failing for long:"
    assert project.notify("--failing-for=3") == (0, "", NOTHING)


def test_a_broken_machine_is_no_news(project: Project) -> None:
    """A run in which nearly all failed does not count."""
    project.record(of="abcdefghij")
    project.told()
    project.record("abcdefghi", of="abcdefghij")
    assert project.notify() == (0, "", NOTHING)
    assert project.told("--set-aside=99")[:2] == [A[0], "9 tests: AssertionError: no"]


def test_entries(project: Project) -> None:
    """Those that expired, or are about to, are told once; a new date is another change."""
    today = statuses.now().date()
    write_entry(project.path / "tests", "trunk_skips/TestA.test_a", "owner: me")
    project.told()
    soon = today + datetime.timedelta(days=3)
    write_entry(project.path / "tests", "trunk_skips/TestA.test_a", f"owner: me\nexpires: {soon}")
    entry = "tests/trunk_skips/TestA.test_a"
    assert project.told("--expiring=2") == []
    assert project.told() == ["entry about to expire:", f"{entry} {soon}, owner me"]
    assert project.notify() == (0, "", NOTHING)
    write_entry(project.path / "tests", "trunk_skips/TestA.test_a", "expires: 2020-01-01")
    assert project.told() == ["entry expired:", f"{entry} 2020-01-01"]
    project.record("a")
    assert project.told()[-1] == "listed in trunk_skips/TestA.test_a"


def test_the_first_look_at_lists(project: Project) -> None:
    """What has expired by then is one sentence."""
    write_entry(project.path / "tests", "trunk_skips/TestA.test_a", "expires: 2020-01-01")
    shown = project.told("--test-dir=tests")
    assert shown[1].startswith("lists tests: 1 entry expired, or will within 7 days (tests/trunk_")
    assert project.notify("--test-dir=tests") == (0, "", NOTHING)


def test_broken_lists(project: Project) -> None:
    """They are said, and keep nobody from being told of the rest."""
    write_entry(project.path / "tests", "trunk_skips/TestA.test_a", "nonsense: x")
    code, out, err = project.notify()
    assert code == 0 and "now watched" in out and "passed over: `tests/trunk_skips/" in err
    write_entry(project.path / "tests", "trunk_expected_failures/TestA.test_a")
    code, _, err = project.notify()
    assert code == 0 and "passed over: the lists in" in err


def test_a_status(project: Project) -> None:
    """One that nobody fetched is told, and again once it was fetched and is old again."""
    project.told()
    path = project.path / "status.json"
    assert project.told("--status=status.json")[0] == "status not fetched:"
    assert project.notify("--status=status.json") == (0, "", NOTHING)
    path.write_text("{}")
    assert project.notify("--status=status.json") == (0, "", NOTHING)
    for hours in (25, 50):
        os.utime(path, (project.now - hours * 3600,) * 2)
        shown = project.told("--status=status.json")
        assert shown[0] == "status not fetched:" and "old" in shown[1]
        assert project.notify("--status=status.json") == (0, "", NOTHING)
    os.utime(path, (project.now - 90 * 3600,) * 2)
    assert project.notify("--status=status.json", "--stale=100") == (0, "", NOTHING)
    path.unlink()  # As it was there meanwhile, that is told again.
    assert project.told("--status=status.json")[0] == "status not fetched:"
    assert project.notify("--status=status.json") == (0, "", NOTHING)


def test_a_dry_run_shows_all_and_changes_nothing(project: Project, tracker: Tracker) -> None:
    """What waits, and what is new, for each channel; then all of it is still told."""
    project.told()
    project.record("a")
    assert project.notify("--to=file=no/such/x")[0] == notify_command.FAILED
    project.record("ab")
    to = ["--to=stdout", "--to=file=no/such/x", f"--to=github-issues={REPOSITORY}",
          f"--github-api={tracker.url}"]
    code, out, err = project.notify("--dry-run", *to)
    assert (code, err) == (0, "")
    assert "to stdout: 0 waiting, 1 new\n  1 newly failing\n" in out
    assert "to file=no/such/x: 1 waiting, 1 new\n  == " in out
    assert f"to github-issues={REPOSITORY}: 0 waiting, 1 new\n  open, or add" in out
    assert tracker.asked == [] and not (project.path / "no").exists()
    assert project.told()[1] == "TestA.test_b (test_a)"


def test_all_channels_are_told(
    project: Project,
    site: Site,
    mail_server: MailServer,
    tracker: Tracker,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Real receivers on loopback get what they should, once, and the source reads the issues."""
    site.replies["/hook"] = site.replies["/slack"] = [Reply(b"ok")]
    monkeypatch.setenv("TRUNK_FAILURES_SLACK_URL", f"{site.url}/slack")
    monkeypatch.setenv("GH_TOKEN", TOKEN)
    tracker.add("A question")
    to = [
        "--to=stdout", "--to=file=told.jsonl", f"--to=webhook={site.url}/hook", "--to=slack",
        "--to=mail=team@example.org", f"--smtp=localhost:{mail_server.port}",
        "--smtp-security=none", "--mail-from=ci@example.org",
        f"--to=github-issues={REPOSITORY}", f"--github-api={tracker.url}",
    ]
    project.notify()
    project.record("a")
    assert project.told(*to) == A
    assert project.notify(*to) == (0, "", NOTHING)
    assert {each.path: each.method for each in site.asked} == {"/hook": "POST", "/slack": "POST"}
    documents = [json.loads(each.body) for each in site.asked]
    assert documents[0]["changes"][0]["test"] == "TestA.test_a"
    assert "TestA.test_a (test_a) since run r2" in documents[1]["text"]
    assert json.loads((project.path / "told.jsonl").read_text())["headline"] == "1 newly failing"
    assert [each["Subject"] for each in mail_server.mails] == [
        "[trunk_failures] 1 newly failing: TestA.test_a"
    ]
    source = GitHubIssues(REPOSITORY, api=tracker.url, environ={"GH_TOKEN": TOKEN})
    assert [each.name for each in source.fetch().tests] == ["test_a (test_a.TestA)"]
    for _ in range(3):
        project.record()
    assert project.told(*to)[0] == "recovered:"
    assert tracker.open == ["A question"] and len(mail_server.mails) == 2


def test_a_channel_that_fails_is_told_the_next_time(project: Project, site: Site) -> None:
    """It says so, the others are told, and nothing comes twice or in another order."""
    site.replies["/hook"] = [of_json({"message": "closed"}, 503), Reply(b"ok")]
    to = [f"--to=webhook={site.url}/hook", "--to=stdout"]
    project.notify()
    project.record("a")
    code, out, err = project.notify(*to)
    assert code == notify_command.FAILED and "TestA.test_a" in out
    assert "/hook answered 503 (Service Unavailable): 'closed'" in err
    assert "1 message waits, and the next notify sends what it can" in err
    waits = r"1 message waits for webhook=127\.0\.0\.1#\w+, which is not named"
    assert re.search(waits, project.notify()[2])
    project.record("b")
    code, out, err = project.notify(*to)
    assert code == 0 and "TestA.test_b" in out and "not named" not in err
    documents = [json.loads(each.body) for each in site.asked]
    assert documents[0] == documents[1] != documents[2]
    keys = [each.headers["idempotency-key"] for each in site.asked]
    assert keys[0] == keys[1] != keys[2]


def test_what_is_never_taken_is_given_up(project: Project, site: Site) -> None:
    """After some days, so that what is new is not kept from being told."""
    site.replies["/hook"] = [of_json({}, 400), of_json({}, 400), Reply(b"ok")]
    to = [f"--to=webhook={site.url}/hook", "--keep-trying=7"]
    project.notify()
    project.record("a")
    assert project.notify(*to)[0] == notify_command.FAILED
    with history.writing(history.DEFAULT) as connection:
        connection.execute("UPDATE message SET made = made - ?", (8 * DAY,))
    project.record("b")
    code, _, err = project.notify(*to)
    assert code == notify_command.FAILED
    assert "this message is given up after 7 days\n" in err and "1 change told by" in err
    assert project.notify(*to)[0] == 0
    assert [json.loads(each.body)["changes"][0]["test"][-1] for each in site.asked] == [*"aab"]


def test_a_channel_that_is_away_keeps_all_of_it(project: Project, site: Site) -> None:
    """What it did not take for longest is given up, and the others are not tried."""
    site.replies["/hook"] = [of_json({}, 500), of_json({}, 500), Reply(b"ok")]
    to = [f"--to=webhook={site.url}/hook", "--keep-trying=7"]
    project.notify()
    project.record("a")
    project.notify(*to)
    with history.writing(history.DEFAULT) as connection:
        connection.execute("UPDATE message SET made = made - ?", (8 * DAY,))
    project.record("b")
    code, _, err = project.notify(*to)
    assert code == notify_command.FAILED
    assert "this message is given up after 7 days; 1 wait\n" in err
    assert project.notify(*to)[0] == 0 and len(site.asked) == 3


def test_one_message_that_is_refused_keeps_no_other(project: Project, site: Site) -> None:
    """Others are told; but not what is about the same, as it would be told before that."""
    site.replies["/hook"] = [of_json({}, 413), of_json({}, 413), Reply(b"ok"), Reply(b"ok")]
    to = [f"--to=webhook={site.url}/hook"]
    project.notify()
    project.record("a")
    assert project.notify(*to)[0] == notify_command.FAILED
    for failing in ("b", "b", "b"):
        project.record(failing)
    code, _, err = project.notify(*to)  # It is of both: a has recovered.
    assert code == notify_command.FAILED and "1 message waits, and the next notify" in err
    assert [*map(project.waiting, [name(to)])] == [2] and len(site.asked) == 2
    assert project.notify(*to)[0] == 0 and len(site.asked) == 4


def test_what_no_channel_tells_is_said_and_told_later(
    project: Project, tracker: Tracker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Issues are about tests: the rest is told by the first channel that does."""
    monkeypatch.setenv("GH_TOKEN", TOKEN)
    write_entry(project.path / "tests", "trunk_skips/TestA.test_b", "owner: me")
    record_status(project, 20, "test_a")
    project.told()
    write_entry(project.path / "tests", "trunk_skips/TestA.test_b", "expires: 2020-01-01")
    record_status(project, 10, "test_b")
    to = [f"--to=github-issues={REPOSITORY}", f"--github-api={tracker.url}"]
    for _ in range(2):
        code, _, err = project.notify(*to)
        assert code == 0 and tracker.open == []
        assert (
            "1 newly disabled on trunk, 1 enabled again on trunk, 1 entry expired: no channel that"
            " is named tells that; name --to stdout, too\n"
        ) in err
    assert [each[:7] for each in project.told()] == [
        "newly d", "test_b ", "enabled", "test_a ", "entry e", "tests/t",
    ]
    assert project.notify() == (0, "", NOTHING)


def test_the_first_look_where_no_channel_tells_of_it(
    project: Project, tracker: Tracker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What of tests is told here and now, and what of lists and statuses by who tells it first."""
    monkeypatch.setenv("GH_TOKEN", TOKEN)
    write_entry(project.path / "tests", "trunk_skips/TestA.test_b", "expires: 2020-01-01")
    record_status(project, 20, "test_a")
    project.record("a")
    code, _, err = project.notify(
        f"--to=github-issues={REPOSITORY}", f"--github-api={tracker.url}"
    )
    assert code == 0 and tracker.open == []
    assert "notify: tests: 1 test fails now (TestA.test_a); changes are told from now on\n" in err
    assert "2 now watched: no channel that is named tells that; name --to stdout, too\n" in err
    assert [each[:14] for each in project.told()] == [
        "now watched:", "lists tests: 1", "trunk's status",
    ]
    assert project.notify() == (0, "", NOTHING)


def test_one_branch_closes_no_issue_of_another(
    project: Project, tracker: Tracker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A test that has recovered on one branch, and fails on another, stays disabled."""
    monkeypatch.setenv("GH_TOKEN", TOKEN)
    to = [f"--to=github-issues={REPOSITORY}", f"--github-api={tracker.url}"]
    for failing in ("", "a"):
        for branch in ("main", "rel"):
            project.record(failing, branch=branch)
            project.notify(f"--branch={branch}", *to)
    assert len(tracker.open) == 1
    for branch, number in (("rel", 1), ("main", 0)):
        for _ in range(3):
            project.record(branch=branch)
        assert project.notify(f"--branch={branch}", *to)[0] == 0
        assert len(tracker.open) == number
    assert any("It fails in `on main` too." in each for each in tracker.said(1))


def test_what_comes_again_is_written_again(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A status that is away, is there and is away is told as often, in a file too."""
    project.told()
    path, now = project.path / "status.json", statuses.now()
    for times in (1, 2, 3):
        later = now + datetime.timedelta(minutes=times)
        monkeypatch.setattr(statuses, "now", lambda later=later: later)
        assert "1 change told" in project.notify("--status=status.json", "--to=file=o.txt")[2]
        assert (project.path / "o.txt").read_text().count("status not fetched:") == times
        path.write_text("{}")
        assert project.notify("--status=status.json", "--to=file=o.txt") == (0, "", NOTHING)
        path.unlink()


class Killed(BaseException):
    """What nothing catches, as nothing can a signal that kills."""


def test_killed_before_it_was_written_down(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was sent by then is sent once more, and a file has it once."""
    project.notify()
    project.record("a")

    def kill(*args: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(outbox, "sent", kill)
        with pytest.raises(Killed):
            project.notify("--to=file=told.txt", "--to=stdout")
    text = (project.path / "told.txt").read_text()
    assert text.count("TestA.test_a") == 1
    assert project.told("--to=file=told.txt", "--to=stdout") == A
    assert (project.path / "told.txt").read_text() == text
    assert project.waiting("file=told.txt") == 0


def test_killed_before_it_was_sent(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was to be sent is sent by the next one."""
    project.notify()
    project.record("a")

    def kill(*args: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(File, "send", kill)
        with pytest.raises(Killed):
            project.notify("--to=file=told.txt")
    assert project.waiting("file=told.txt") == 1
    assert project.notify("--to=file=told.txt")[0] == 0
    assert (project.path / "told.txt").read_text().count("TestA.test_a") == 1


def test_two_at_once(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second one waits, and says so if that takes too long; nothing is sent meanwhile."""
    project.notify()
    project.record("a")
    monkeypatch.setattr(notify_command, "PATIENCE", 0.05)
    directory, name = os.path.split(os.path.abspath(history.DEFAULT))
    with list_lock.held(directory, 0, f".{name}.notify.lock"):
        code, out, err = project.notify()
    assert (code, out) == (2, "") and "another notify holds" in err
    assert project.told() == A


def test_a_history_that_is_not_there(project: Project) -> None:
    """It is said, and none is made."""
    for more in ((), ("--dry-run",)):
        code, out, err = project.notify("--history=no/such.sqlite3", *more)
        assert (code, out) == (2, "") and "there is no history 'no/such.sqlite3'" in err
    assert not (project.path / "no").exists()


def name(to: list[str]) -> str:
    """Return the name of the webhook that an option names."""
    return Webhook(to[0].removeprefix("--to=webhook=")).name


def record_status(project: Project, hours: int, *names: str) -> None:
    """Record what trunk had disabled so many hours ago."""
    document = {f"{name} (m.A)": ["1", f"https://a.b/{name}", ["linux"]] for name in names}
    (project.path / "disabled.json").write_text(json.dumps(document))
    time = project.now - hours * 3600
    arguments = ["--status=disabled.json", f"--time={time}", "--source=trunk"]
    assert cli.main(["record", *arguments]) == 0, project._read()
    project._read()


def test_recorded_statuses(project: Project) -> None:
    """What trunk disables or enables is told once, and so is that nobody fetched what it does."""
    project.told()
    record_status(project, 20, "test_a")
    assert project.told()[1:] == [
        "trunk's status trunk: 1 test is disabled now (test_a (m.A)); changes are told from now on"
    ]
    record_status(project, 10, "test_b", "test_c")
    shown = project.told()
    assert [shown[n][:15] for n in (0, 1, 2, 3)] == [
        "newly disabled ", "test_b (m.A) tr", "test_c (m.A) tr", "enabled again o",
    ]
    assert "https://a.b/test_b, linux" in shown[1] and shown[4].startswith("test_a (m.A) trunk 2")
    assert project.notify() == (0, "", NOTHING)
    (shown_last,) = project.told("--stale=9")[1:]
    assert shown_last.startswith("trunk 2") and shown_last.endswith(": it is 10 h old")
    assert project.notify("--stale=9") == (0, "", NOTHING)


def test_a_history_of_statuses_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """That there are no runs in it is no fault, unless those of a branch are asked for."""
    monkeypatch.chdir(tmp_path)
    project = Project(tmp_path, capsys.readouterr)
    record_status(project, 1, "test_a")
    assert "no run" not in project.notify()[2]
    assert "no run of branch 'main'" in project.notify("--branch=main")[2]


@pytest.mark.parametrize("argument", ["--failing-for=x", "--stale=-1", "--expiring=9999999"])
def test_what_is_no_number(project: Project, argument: str) -> None:
    """It is a usage error."""
    code, _, err = project.notify(argument)
    assert code == 2 and "is no number; allowed is one such as 14" in err


def test_help(project: Project) -> None:
    """It says what there is: channels, variables, examples and exit codes."""
    code, out, _ = project.notify("--help")
    assert code == 0
    for text in ("TRUNK_FAILURES_SLACK_URL", "examples:", "exit codes: 0; 2", "--dry-run"):
        assert text in out


def test_an_error_of_a_channel_is_one_line(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever it holds."""
    def fail(*args: object) -> None:
        raise ChannelError("a\nb\x1b[31m")

    monkeypatch.setattr(File, "send", fail)
    _, _, err = project.notify("--to=file=x")
    assert err.count("\n") == 1 and "\x1b" not in err and "a\\nb" in err
