"""Sources: each answers with its tests, or says why it does not."""

from __future__ import annotations

import datetime
import json
import os
from pathlib import Path

import pytest
from http_fixtures import PretendedTime, Reply, Site, of_json
from lists_fixtures import write_entry

from trunk_failures import status_files, statuses
from trunk_failures.download import Client, Limits
from trunk_failures.errors import SourceError
from trunk_failures.sources.combined import CachedSource, FallbackSource, UnionSource
from trunk_failures.sources.disabled_tests import DisabledTests
from trunk_failures.sources.list_file import ListFile
from trunk_failures.sources.own_lists import OwnLists
from trunk_failures.sources.result_files import ResultFiles
from trunk_failures.sources.status_file import StatusFile
from trunk_failures.statuses import Disabled, Source, Status

pytest_plugins = ["http_fixtures"]

NOW = datetime.datetime(2026, 5, 1, 12, tzinfo=datetime.timezone.utc)
HOUR = datetime.timedelta(hours=1)
DOCUMENT = {"test_x (__main__.TestA)": ["1", "https://x/1", []]}


class Told:
    """A source that says what it is told to, and counts how often it is asked."""

    def __init__(self, *names: str, error: str = "", name: str = "told") -> None:
        self.names, self.error, self.name, self.asked = names, error, name, 0

    def __str__(self) -> str:
        return self.name

    def fetch(self) -> Status:
        """Return the tests, or raise."""
        self.asked += 1
        if self.error:
            raise SourceError(self.error)
        return Status(tuple(map(Disabled, self.names)), NOW, self.name)


def names(status: Status) -> list[str]:
    """Return the names of a status's tests."""
    return [test.name for test in status.tests]


def test_the_published_document(site: Site) -> None:
    """The document at a URL is asked for, and says where it is from."""
    site.replies["/disabled.json"] = [of_json(DOCUMENT)]
    source = DisabledTests(f"{site.url}/disabled.json?key=secret")
    site.replies["/disabled.json?key=secret"] = site.replies["/disabled.json"]
    status = source.fetch()
    assert names(status) == [*DOCUMENT]
    assert status.origin == f"{site.url}/disabled.json?..."
    assert "secret" not in str(source) and str(source).startswith("disabled-tests=http")


def test_the_published_document_in_a_file(tmp_path: Path) -> None:
    """What has been downloaded by somebody else is read where it lies."""
    path = tmp_path / "disabled.json"
    path.write_text(json.dumps(DOCUMENT))
    assert names(DisabledTests(str(path)).fetch()) == [*DOCUMENT]
    with pytest.raises(SourceError, match="cannot be read"):
        DisabledTests(str(tmp_path / "none.json")).fetch()


BOUNDED = Limits(pause=0.5, total=1.5, wait=1.0, size=1 << 20, tries=2)


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        (Reply(b"", pause=30.0), "gave no whole answer: .*in time"),
        (Reply(b"{}", length=500), "was cut short: 2 of 500 bytes"),
        (of_json({}, 500), "answered 500"),
        (of_json({}, 429, Retry_After="3600"), "answered 429 .*next try is of use in 3600 s"),
        (of_json({}, 404), "answered 404"),
        (Reply(b"", 301, {"location": "/disabled.json"}), "redirects more than 5 times"),
        (Reply(b"<html>Sign in</html>", headers={"content-type": "text/html"}), "page to sign in"),
        (Reply(b""), "answered with nothing"),
        (Reply(b"x" * (2 << 20)), "more than the 1,048,576 bytes"),
        (Reply(b'{"test_x (m.A)": ["1", "\xff\xfe", []]}'), "JSON document was expected"),
        (of_json([]), "where an object was expected"),
        (of_json({"message": "x"}), "where tests, each with its issue and platforms"),
        (of_json("x"), "where an object was expected"),
    ],
)
def test_servers_that_give_no_usable_answer(
    site: Site, passing: PretendedTime, reply: Reply, message: str
) -> None:
    """Whatever a server does instead of answering, it is an error in bounded time, never empty."""
    site.replies["/disabled.json"] = [reply]
    client = Client(limits=BOUNDED, clock=passing.clock)
    source = DisabledTests(f"{site.url}/disabled.json", client)
    with pytest.raises(SourceError, match=message):
        source.fetch()
    fallen = FallbackSource([source, Told("TestA.test_kept", name="by hand")]).fetch()
    assert names(fallen) == ["TestA.test_kept"]
    assert fallen.notes[0].startswith(f"{source} did not answer: ")


def test_urls_that_are_not_asked() -> None:
    """A URL that may not be asked is a source that does not answer."""
    with pytest.raises(SourceError, match="would be asked in the clear"):
        DisabledTests("http://example.org/x.json").fetch()


def test_a_list_by_hand(tmp_path: Path) -> None:
    """A list has a test a line, in any dialect; comments tell the reason and the issue."""
    path = tmp_path / "known.txt"
    path.write_text(
        "# tests that are known to fail\n\n"
        "tests/test_a.py::test_x[a # b]  # https://x/1 flaky\n"
        "  TestA.test_b\r\n"
        "test_c (pkg.test_m.TestA)\t#slow\n"
        "pkg.test_m.TestA.test_d # x # y\n"
    )
    status = ListFile(str(path)).fetch()
    assert [(test.name, test.issue, test.reason) for test in status.tests] == [
        ("tests/test_a.py::test_x[a # b]", "https://x/1", "https://x/1 flaky"),
        ("TestA.test_b", "", ""),
        ("test_c (pkg.test_m.TestA)", "", "slow"),
        ("pkg.test_m.TestA.test_d", "", "x # y"),
    ]
    assert {test.rule for test in status.tests} == {statuses.EXACT}
    assert status.age(statuses.now()) < HOUR
    path.write_text("# none today\n")
    assert ListFile(str(path)).fetch().tests == ()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty; write a comment into it"),
        (b"\n \n", "is empty"),
        (b"# x\nthis is / no test\n", "line 2: 'this is / no test' is no test's id; allowed are"),
        (b"\xff\n", "cannot be read: 'utf-8'"),
    ],
)
def test_lists_that_cannot_be_used(tmp_path: Path, content: bytes, message: str) -> None:
    """A list that is empty, or has what is no test, is no answer."""
    path = tmp_path / "known.txt"
    path.write_bytes(content)
    with pytest.raises(SourceError, match=message):
        ListFile(str(path)).fetch()


def test_lists_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A list that is not there, or is too large, is no answer."""
    with pytest.raises(SourceError, match="cannot be read: .*No such file"):
        ListFile(str(tmp_path / "none.txt")).fetch()
    monkeypatch.setattr("trunk_failures.sources.list_file.LIMIT", 3)
    (tmp_path / "large.txt").write_text("TestA.test_x\n")
    with pytest.raises(SourceError, match="has more than 3 bytes"):
        ListFile(str(tmp_path / "large.txt")).fetch()


REPORT = """<testsuite name="pytest"><testcase classname="tests.test_a.TestA" name="test_x">
<failure message="AssertionError: 1 != 2">text</failure></testcase>
<testcase classname="tests.test_a" name="test_f"/></testsuite>"""


def test_result_files(tmp_path: Path) -> None:
    """Result files say which tests failed, and are as old as the newest of them."""
    path = tmp_path / "junit.xml"
    path.write_text(REPORT)
    os.utime(path, (NOW.timestamp(), NOW.timestamp()))
    status = ResultFiles([str(path)]).fetch()
    assert status.tests == (
        Disabled(
            "tests/test_a.py::TestA::test_x", reason="AssertionError: 1 != 2", source=str(path)
        ),
    )
    assert status.fetched == NOW and str(ResultFiles(["a", "b"])) == "results=a b"


def test_result_files_of_one_test_without_an_id(tmp_path: Path) -> None:
    """What failed and has no test id is told of."""
    path = tmp_path / "junit.xml"
    path.write_text(REPORT.replace('"tests.test_a.TestA" name="test_x"', '"" name=""'))
    status = ResultFiles([str(path)]).fetch()
    assert not status.tests and status.notes[0].startswith("failed, and has no test id: ")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("<testsuite/>", "have no test; a run that runs none says none"),
        ("<html/>", "no JUnit report"),
        (REPORT[:60], "ends too early"),
    ],
)
def test_result_files_that_tell_nothing(tmp_path: Path, content: str, message: str) -> None:
    """A run of no test, and a file that is none or is cut, are no answer."""
    path = tmp_path / "junit.xml"
    path.write_text(content)
    with pytest.raises(SourceError, match=message):
        ResultFiles([str(path)]).fetch()


def test_results_that_are_not_there(tmp_path: Path) -> None:
    """Results that are not there are no answer."""
    with pytest.raises(SourceError, match="does not exist"):
        ResultFiles([str(tmp_path / "none")]).fetch()


def test_results_through_a_pipe_are_new(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Results that come through a pipe are as old as the moment in which they come."""
    path = tmp_path / "junit.xml"
    path.write_text(REPORT)
    with path.open() as file:
        monkeypatch.setattr("sys.stdin", file)
        status = ResultFiles(["-"]).fetch()
    assert len(status.tests) == 1 and status.age(statuses.now()) < HOUR


def test_the_lists_themselves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lists give what they suppress here and today, with reason and issue."""
    test_dir = tmp_path / "tests"
    (tmp_path / ".git").mkdir()
    write_entry(test_dir, "trunk_skips/TestA.test_x", "reason: slow\nissue: https://x/1")
    write_entry(test_dir, "trunk_expected_failures/a/test_m/TestA.test_y")
    write_entry(test_dir, "trunk_expected_failures/TestA.test_old", "expires: 2020-01-01")
    write_entry(test_dir, "trunk_expected_failures/TestA.test_off", 'when: sys_platform == "x"')
    write_entry(test_dir, "dynamo_skips/TestA.test_dynamo")
    status = OwnLists(str(test_dir), {}).fetch()
    found = [(test.name, test.reason, test.issue) for test in status.tests]
    assert sorted(found) == [
        ("TestA.test_x", "slow", "https://x/1"),
        ("tests/a/test_m/TestA.test_y", "", ""),
    ]
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TRUNK_FAILURES_DIR", str(test_dir))
    assert OwnLists().fetch().tests == status.tests
    assert (str(OwnLists("d")), str(OwnLists())) == ("lists=d", "lists")


def test_lists_that_are_not_there(tmp_path: Path) -> None:
    """A directory without lists, and lists that break a rule, are no answer."""
    for directory in (tmp_path, tmp_path / "none"):
        with pytest.raises(SourceError, match="no list directory is in .*as lists=DIR"):
            OwnLists(str(directory), {}).fetch()
    write_entry(tmp_path, "trunk_skips/TestA.test_x", "mood: bad")
    with pytest.raises(SourceError, match="unknown field 'mood'"):
        OwnLists(str(tmp_path), {}).fetch()


def test_a_status_that_was_fetched(tmp_path: Path) -> None:
    """A status that was fetched before is one again, as old as it is."""
    path = str(tmp_path / "status.json")
    status_files.write(path, Told("TestA.test_x").fetch())
    assert StatusFile(path).fetch() == Told("TestA.test_x").fetch()
    assert str(StatusFile(path)) == f"status={path}"


def test_the_first_that_answers() -> None:
    """Of several sources the first that answers does, and those after it are not asked."""
    down, first, second = Told(error="it is down"), Told("a", name="one"), Told("b")
    status = FallbackSource([down, first, second]).fetch()
    assert names(status) == ["a"] and status.origin == "one" and second.asked == 0
    assert status.notes == ("told did not answer: it is down",)
    with pytest.raises(SourceError, match="told did not answer: it is down; .*: it is off"):
        FallbackSource([down, Told(error="it is off")]).fetch()
    with pytest.raises(SourceError, match="no source was named"):
        FallbackSource([]).fetch()


def test_all_together() -> None:
    """A union has the tests of all, each once; where one does not answer, none does."""
    status = UnionSource([Told("a", "b", name="one"), Told("b", "c", name="two")]).fetch()
    assert names(status) == ["a", "b", "c"]
    assert (status.origin, status.asked) == ("one and two", "one and two")
    with pytest.raises(SourceError, match="it is down"):
        UnionSource([Told("a"), Told(error="it is down")]).fetch()
    with pytest.raises(SourceError, match="no source was named"):
        UnionSource([]).fetch()


def at(hours: float) -> datetime.datetime:
    """Return the time so many hours after now."""
    return NOW + datetime.timedelta(hours=hours)


def cached(source: Source, path: Path, hours: float) -> CachedSource:
    """Return a cached source, asked so many hours after the first answer."""
    return CachedSource(source, str(path), HOUR, 24 * HOUR, now=lambda: at(hours))


def test_an_answer_that_is_kept(tmp_path: Path) -> None:
    """While the last answer is new the source is not asked again."""
    path, source = tmp_path / "cache.json", Told("a")
    assert cached(source, path, 0).fetch().notes == ()
    again = cached(source, path, 0.5).fetch()
    assert names(again) == ["a"] and source.asked == 1
    assert again.notes == ("from the cache: 30 min old",)
    assert cached(source, path, 2).fetch().notes == () and source.asked == 2


def test_the_last_good_answer(tmp_path: Path) -> None:
    """Where a source does not answer its last answer stands, its age is said, and not for ever."""
    path, source = tmp_path / "cache.json", Told("a")
    cached(source, path, 0).fetch()
    source.error = "it is down"
    status = cached(source, path, 3).fetch()
    assert names(status) == ["a"] and status.fetched == NOW
    assert status.notes == ("told did not answer: it is down; its last answer is 3 h old",)
    with pytest.raises(SourceError, match="it is down; what .* keeps of it is 25 h old, which is"):
        cached(source, path, 25).fetch()
    with pytest.raises(SourceError, match="^it is down$"):
        cached(source, tmp_path / "other.json", 0).fetch()


def test_another_sources_answer_is_not_taken(tmp_path: Path) -> None:
    """What is kept of another source, and what is no status, is as if it were not there."""
    path = tmp_path / "cache.json"
    cached(Told("a", name="one"), path, 0).fetch()
    assert names(cached(Told("b", name="two"), path, 0).fetch()) == ["b"]
    path.write_text("<html>")
    assert names(cached(Told("b", name="two"), path, 0).fetch()) == ["b"]
    assert status_files.read(str(path)).asked == "two"


def test_an_answer_from_the_future_is_not_taken(tmp_path: Path) -> None:
    """What a machine kept whose clock was ahead is new for a while at the most, never for years."""
    path, source = tmp_path / "cache.json", Told("a")
    cached(source, path, 0).fetch()
    assert cached(source, path, -0.5).fetch().notes == ("from the cache: 0 s old",)
    assert cached(source, path, -9_000).fetch().notes == () and source.asked == 2
    source.error = "it is down"
    with pytest.raises(SourceError, match="^it is down$"):
        cached(source, path, -9_000).fetch()


def test_an_answer_that_cannot_be_kept(tmp_path: Path) -> None:
    """An answer that cannot be kept is an answer all the same, and that is said."""
    status = cached(Told("a"), tmp_path / "none" / "cache.json", 0).fetch()
    assert names(status) == ["a"] and status.notes[0].startswith("not cached: the status cannot")
