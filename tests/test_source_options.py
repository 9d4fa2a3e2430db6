"""Source options and the fetch command: trunk's status, as people ask for it."""

from __future__ import annotations

import argparse
import datetime
import json
from pathlib import Path

import pytest
from http_fixtures import Reply, Site, of_json

from trunk_failures import cli, commands, source_options, status_files, statuses
from trunk_failures.errors import UsageError

pytest_plugins = ["http_fixtures"]

DOCUMENT = {"test_x (__main__.TestA)": ["1", "https://x/1", ["linux"]]}


def parsed(*arguments: str) -> argparse.Namespace:
    """Return what the options say."""
    parser = commands.Parser(prog="fetch")
    source_options.add_options(parser)
    return parser.parse_args(arguments)


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        (["--source=list=a"], "list=a"),
        (["--source=list=a=b"], "list=a=b"),
        (["--source=lists"], "lists"),
        (["--source=lists=d"], "lists=d"),
        (["--source=results=a"], "results=a"),
        (["--source=status=a"], "status=a"),
        (["--source=disabled-tests=a"], "disabled-tests=a"),
        (
            ["--source=disabled-tests"],
            "disabled-tests=https://ossci-metrics.s3.amazonaws.com/disabled-tests-condensed.json",
        ),
        (["--source=github-issues=o/r", "--cache=c"], "github-issues=o/r"),
        (
            ["--source=github-issues=o/r", "--github-api=https://x/api"],
            "github-issues=o/r at https://x/api",
        ),
        (
            ["--source=github-runs=o/r", "--workflow=ci.yml", "--branch=b", "--last=9",
             "--failing-in=2", "--artifact=junit*", "--artifact=x"],
            "github-runs=o/r (ci.yml on b, last 9, failing in 2, artifacts junit* x)",
        ),
        (["--source=list=a", "--source=list=b"], "list=a, else list=b"),
        (["--source=list=a", "--source=list=b", "--union"], "list=a and list=b"),
        (["--source=list=a", "--cache=c"], "list=a"),
        (["--source=list=a", "--fallback=b", "--fallback=c"], "list=a, else list=b, else list=c"),
        (["--fallback=b"], "list=b"),
    ],
)
def test_sources_by_name(arguments: list[str], wanted: str) -> None:
    """Sources are named by kind and value; of several the first that answers, or all."""
    assert str(source_options.source(parsed(*arguments))) == wanted


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "no source was named; allowed are disabled-tests"),
        (["--cache=c"], "no source was named"),
        (["--source=gitlab=x"], "'gitlab=x' is no source; allowed are disabled-tests"),
        (["--source=list"], "'list' does not say which; allowed is list=FILE"),
        (["--source=github-runs=o/r"], "github-runs=o/r needs --workflow W"),
        (["--source=github-runs=o/r", "--workflow=w", "--last=1", "--failing-in=2"], "1 to 100"),
        (["--source=github-issues=nothing"], "'nothing' is no repository"),
        (["--source=results="], "'results=' does not say which; allowed is results=PATH"),
    ],
)
def test_what_is_no_source(arguments: list[str], message: str) -> None:
    """What names no source is told in one line that says what is allowed."""
    with pytest.raises(UsageError, match=message):
        source_options.source(parsed(*arguments))


def test_ages_and_counts() -> None:
    """Ages are given in seconds, minutes, hours or days, and numbers of runs up to a hundred."""
    options = parsed("--max-age=30min", "--max-stale=2d", "--last=100")
    assert options.max_age == datetime.timedelta(minutes=30)
    assert options.max_stale == datetime.timedelta(days=2) and options.last == 100
    assert parsed().max_age == datetime.timedelta(hours=1)


@pytest.mark.parametrize("argument", ["--max-age=1", "--max-age=h", "--last=0", "--last=x"])
def test_ages_and_counts_that_are_none(argument: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What is no age, or no number, ends in one line and exit code 2."""
    with pytest.raises(SystemExit) as end:
        parsed(argument)
    assert end.value.code == 2 and capsys.readouterr().err.count("\n") == 1


def fetch(*arguments: str) -> int:
    """Run the command."""
    return cli.main(["fetch", *arguments])


def test_fetch_writes_what_a_source_says(
    site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The status is written to the file or to stdout, and stderr says whose it is and how old."""
    site.replies["/d.json"] = [of_json(DOCUMENT)]
    path = tmp_path / "status.json"
    assert fetch(f"--source=disabled-tests={site.url}/d.json", "-o", str(path)) == 0
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == f"trunk-failures fetch: 1 test, from {site.url}/d.json, 0 s old\n"
    (test,) = status_files.read(str(path)).tests
    assert (test.name, test.rule) == ("test_x (__main__.TestA)", statuses.PYTORCH)
    assert fetch(f"--source=status={path}", "--rule=exact") == 0
    (row,) = json.loads(capsys.readouterr().out)["tests"]
    assert "rule" not in row  # The exact one is understood.


def test_fetch_says_why_sources_did_not_answer(
    site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Why a source before the one that answered did not is said; so is what holds no test."""
    by_hand = tmp_path / "known.txt"
    by_hand.write_text("TestA.test_x\n")
    path = tmp_path / "status.json"
    arguments = [f"--source=disabled-tests={site.url}/none.json", "-o", str(path)]
    assert fetch(*arguments, f"--fallback={by_hand}") == 0
    said = capsys.readouterr().err.splitlines()
    assert "did not answer" in said[0] and "answered 404" in said[0]
    assert said[1].startswith(f"trunk-failures fetch: 1 test, from {by_hand}, ")
    before = path.read_bytes()
    assert fetch(*arguments) == 4
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("trunk-failures fetch: nothing could be fetched: ")
    assert path.read_bytes() == before


def test_fetch_keeps_what_it_was_told(
    site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With a cache a source that does not answer any more has answered before."""
    cache, path = tmp_path / "cache.json", tmp_path / "status.json"
    site.replies["/d.json"] = [of_json(DOCUMENT), of_json({}, 404)]
    arguments = [f"--source=disabled-tests={site.url}/d.json", f"--cache={cache}"]
    assert fetch(*arguments, "-o", str(path)) == 0
    assert fetch(*arguments, "-o", str(path)) == 0
    assert "from the cache: 0 s old" in capsys.readouterr().err
    assert fetch(*arguments, "--max-age=0s", "-o", str(path)) == 0
    assert len(status_files.read(str(path)).tests) == 1
    assert len(site.asked) in (1, 2)  # The second may come within the same second.


def test_fetch_of_issues_lists_only_what_changed(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a cache the pages of issues are kept beside it, and asked for if they changed."""
    monkeypatch.delenv("GH_TOKEN", raising=False)
    monkeypatch.delenv("GITHUB_TOKEN", raising=False)
    issue = {
        "number": 7, "title": "DISABLED test_x (m.TestA)", "body": "Platforms: linux",
        "html_url": "https://x/7", "updated_at": "2026-05-01T12:00:00Z",
    }
    listed = "/repos/o/r/issues?state=open&sort=created&direction=asc&per_page=100"
    site.replies[listed] = [of_json([issue], ETag='"1"'), Reply(status=304)]
    cache, path = tmp_path / "cache.json", tmp_path / "status.json"
    arguments = ["--source=github-issues=o/r", f"--github-api={site.url}", f"--cache={cache}"]
    for _ in range(2):
        assert fetch(*arguments, "--max-age=0s", "-o", str(path)) == 0
        cache.unlink()
    (test,) = status_files.read(str(path)).tests
    assert (test.name, test.platforms) == ("test_x (m.TestA)", ("linux",))
    assert [asked.headers.get("if-none-match") for asked in site.asked] == [None, '"1"']


def test_fetch_without_a_source(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a source there is nothing to ask: one line, and exit code 2."""
    assert fetch() == 2
    assert capsys.readouterr().err.startswith("trunk-failures fetch: no source was named")


def test_texts_of_others_are_shown_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A text that came from elsewhere neither breaks a line nor moves the cursor."""
    path = tmp_path / "status.json"
    path.write_text('{"trunk_failures_status": 1, "fetched": "2026-05-01T12:00:00Z", "origin": '
                    '"a\\nb", "notes": ["\\u001b[2J"], "tests": []}')
    assert fetch(f"--source=status={path}") == 0
    said = capsys.readouterr().err.splitlines()
    assert said[0] == "trunk-failures fetch: \\x1b[2J"
    assert said[1].startswith("trunk-failures fetch: 0 tests, from a\\nb, ")
