"""`record` and `notify`, killed: nothing is lost, and nothing comes to people twice."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from github_fixtures import REPOSITORY, TOKEN
from http_fixtures import Reply, Site
from issue_fixtures import Tracker
from mail_fixtures import MailServer

import trunk_failures
from trunk_failures import history, outbox

pytest_plugins = ["http_fixtures", "github_fixtures", "issue_fixtures", "mail_fixtures"]
pytestmark = pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL")

CHECKOUT = str(Path(trunk_failures.__file__).parents[1])


class Project:
    """A directory in which commands run as processes of their own."""

    def __init__(self, path: Path, url: str) -> None:
        self.path, self.running = path, subprocess.Popen(["true"])
        self.environ = {**os.environ, "PYTHONPATH": CHECKOUT, "GH_TOKEN": TOKEN}
        self.environ["TRUNK_FAILURES_SLACK_URL"] = f"{url}/slack"

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a command."""
        self.running.wait()
        self.running = subprocess.Popen(
            [sys.executable, "-m", "trunk_failures", *arguments],
            cwd=self.path, env=self.environ, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )
        return self.running

    def run(self, *arguments: str) -> str:
        """Run a command to its end; returns what it printed."""
        out, err = self.start(*arguments).communicate(timeout=60)
        assert self.running.returncode == 0, err
        return out

    def kill(self) -> None:
        """Kill the command that runs, at once and unasked."""
        self.running.send_signal(signal.SIGKILL)
        self.running.wait()

    def record(self, run: str, *failing: str) -> None:
        """Record a run."""
        lines = [
            {"id": f"TestA.{name}", "file": "test_a.py", "error": f"E: {name}",
             "verdict": "failed" if name in failing else "passed"}
            for name in ("test_a", *(f"test_{number}" for number in range(20)))
        ]
        path = self.path / "results.jsonl"
        path.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
        self.run("record", "results.jsonl", "--run", run)

    def waiting(self, channel: str) -> int:
        """Return how many messages wait for a channel."""
        with history.reading(str(self.path / history.DEFAULT)) as connection:
            return len(outbox.waiting(connection, channel))


@pytest.fixture
def project(tmp_path: Path, site: Site) -> Iterator[Project]:
    """Return a project of which two runs are recorded, and one failure is not told yet."""
    (tmp_path / ".git").mkdir()
    found = Project(tmp_path, site.url)
    found.record("1")
    found.run("notify")
    found.record("2", "test_a")
    yield found
    for stream in (found.running.stdout, found.running.stderr):
        if stream is not None:
            stream.close()


def test_a_webhook(project: Project, site: Site) -> None:
    """Killed as the receiver has it: it comes again with its key, which says that it was there."""
    site.replies["/hook"] = [Reply(b"ok")]
    site.on_request = project.kill
    project.start("notify", f"--to=webhook={site.url}/hook").communicate()
    assert project.running.returncode == -signal.SIGKILL and len(site.asked) == 1
    site.on_request = lambda: None
    project.run("notify", f"--to=webhook={site.url}/hook")
    project.run("notify", f"--to=webhook={site.url}/hook")
    first, second = site.asked
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"]
    assert first.body == second.body and b"TestA.test_a" in first.body


def test_a_mail(project: Project, mail_server: MailServer) -> None:
    """Killed as the server has taken it: it comes again as the very mail that it was."""
    to = (
        "notify", "--to=mail=team@example.org", f"--smtp=localhost:{mail_server.port}",
        "--smtp-security=none", "--mail-from=ci@example.org",
    )
    mail_server.on_mail = project.kill
    project.start(*to).communicate()
    assert project.running.returncode == -signal.SIGKILL
    mail_server.on_mail = lambda: None
    project.run(*to)
    project.run(*to)
    first, second = mail_server.received
    assert first == second and first.count(b"\nMessage-ID: <") == 1


def test_issues(project: Project, tracker: Tracker) -> None:
    """Killed as the issue is open: no other is opened, and nothing is added to it."""
    to = ("notify", f"--to=github-issues={REPOSITORY}", f"--github-api={tracker.url}")
    tracker.on_written = project.kill
    project.start(*to).communicate()
    assert project.running.returncode == -signal.SIGKILL
    tracker.on_written = lambda: None
    project.run(*to)
    assert tracker.open == ["DISABLED test_a (test_a.TestA)"] and not tracker.said(1)
    assert tracker.written == ["POST issues"]


def test_a_file_at_any_moment(project: Project) -> None:
    """Killed again and again, wherever it is: each failure is in the file once."""
    project.run("notify", "--to=file=told.txt")
    killed = 0
    for number in range(5):
        project.record(f"x{number}", *(f"test_{n}" for n in range(number + 1)))
        process = project.start("notify", "--to=file=told.txt")
        time.sleep(0.08 + 0.03 * number)
        project.kill()
        killed += process.returncode == -signal.SIGKILL
        process.communicate()
    project.run("notify", "--to=file=told.txt")
    text = (project.path / "told.txt").read_text()
    keys = [line.split()[2] for line in text.splitlines() if line.startswith("== ")]
    assert killed and len({*keys}) == len(keys)
    assert project.waiting("file=told.txt") == 0
    for number in range(5):
        assert text.count(f"TestA.test_{number} (test_a) since run x{number}") == 1


def test_two_at_once(project: Project, site: Site) -> None:
    """Processes that notify at one time send each message once between them."""
    site.replies["/slack"] = [Reply(b"ok", pause=0.05)]
    first = project.start("notify", "--to=slack")
    project.running = subprocess.Popen(["true"])
    second = project.start("notify", "--to=slack")
    for process in (first, second):
        process.communicate(timeout=60)
        assert process.returncode == 0
    assert len(site.asked) == 1


def test_record_at_any_moment(project: Project) -> None:
    """Killed as it writes, the history has the run's tests or none; again, and it has all, once."""
    lines = [
        json.dumps(
            {"id": f"TestA.test_{n}", "file": "test_a.py", "verdict": "passed", "error": ""}
        )
        for n in range(20_000)
    ]
    (project.path / "many.jsonl").write_text("\n".join(lines) + "\n")
    for number in range(3):
        process = project.start("record", "many.jsonl", "--run", "many")
        time.sleep(0.15 + 0.1 * number)
        project.kill()
        process.communicate()
        with history.reading(str(project.path / history.DEFAULT)) as connection:
            (count,) = connection.execute(
                "SELECT count(*) FROM outcome JOIN run ON run.id = run WHERE name = 'many'"
            ).fetchone()
        assert count in (0, 20_000)
    for _ in range(2):
        project.run("record", "many.jsonl", "--run", "many")
    with history.reading(str(project.path / history.DEFAULT)) as connection:
        assert connection.execute("SELECT count(*) FROM outcome").fetchone() == (20_042,)
        assert connection.execute("SELECT count(*) FROM run").fetchone() == (3,)
