"""GitHub's issues as a source: a server with its list of issues in the shape of its REST API."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from github_fixtures import REPOSITORY, TOKEN
from http_fixtures import PretendedTime, Reply, Site, of_json

from trunk_failures import statuses
from trunk_failures.download import Client
from trunk_failures.errors import SourceError, UsageError
from trunk_failures.sources import github_issues, issue_pages
from trunk_failures.sources.github_issues import GitHubIssues
from trunk_failures.statuses import Source, Status

pytest_plugins = ["http_fixtures", "github_fixtures"]

BASE = f"/repos/{REPOSITORY}"
LIST = f"{BASE}/issues?state=open&sort=created&direction=asc&per_page=100"
MOMENT = "2026-05-01T10:00:00Z"


def issue(number: int, title: str = "A question", body: str | None = "") -> dict[str, Any]:
    """Return an issue as it is listed."""
    return {
        "id": 1000 + number,
        "number": number,
        "title": title,
        "body": body,
        "state": "open",
        "html_url": f"https://github.com/{REPOSITORY}/issues/{number}",
        "updated_at": MOMENT,
        "labels": [{"name": "skipped"}],
        "user": {"login": "octocat"},
    }


def pull(number: int, title: str = "DISABLED test_p (m.P)") -> dict[str, Any]:
    """Return a pull request, which is listed among the issues."""
    return {**issue(number, title), "pull_request": {"url": "https://api.github.com/..."}}


def disabled(number: int, name: str = "test_x", on: str = "linux") -> dict[str, Any]:
    """Return an issue that disables a test."""
    return issue(number, f"DISABLED {name} (__main__.TestA)", f"Platforms: {on}\n")


class Issues:
    """A list of issues at a site, in numbered pages or in linked ones."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.unchanged: list[str] = []

    def lists(
        self,
        *pages: list[Any],
        numbered: bool = True,
        etags: bool = True,
        content_alone: bool = False,
    ) -> None:
        """Answer with pages, linked as GitHub links them, each with an ETag of its content.

        It is also of the links, unless the content alone makes it.
        """
        for number, page in enumerate(pages, 1):
            links = {}
            if number > 1:
                links["prev"] = self.path(number - 1, numbered)
            if number < len(pages):
                links["next"] = self.path(number + 1, numbered)
                if numbered:
                    links["last"] = self.path(len(pages), numbered)
            link = ", ".join(f'<{self.site.url}{to}>; rel="{rel}"' for rel, to in links.items())
            etag = f'W/"{hash(json.dumps([page, "" if content_alone else link]))}"'
            headers = {"etag": etag} if etags else {}
            reply = of_json(page, **(headers | ({"link": link} if link else {})))
            paths = {self.path(number, numbered), LIST if number == 1 else ""} - {""}
            for path in paths:
                self.site.replies[path] = [reply]

    @staticmethod
    def path(number: int, numbered: bool) -> str:
        """Return where a page is."""
        where = f"page={number}" if numbered else f"after=cursor{number}"
        return f"/repositories/42/issues?state=open&{where}"

    def conditional(self) -> None:
        """From now on answer 304 where the ETag that is asked with is that of the page."""
        site = self.site

        def on_request() -> None:
            asked = site.asked[-1]
            there = site.replies.get(asked.path)
            if there and asked.headers.get("if-none-match") == there[0].headers.get("etag", "-"):
                there.insert(0, Reply(b"", 304))
                self.unchanged.append(asked.path.rpartition("&")[2])

        site.on_request = on_request

    def asked(self) -> list[str]:
        """Return what was asked since the last time, with a question mark where if changed."""
        found = [
            ("? " if "if-none-match" in each.headers else "")
            + each.path.removeprefix("/repositories/42/issues?state=open&")
            for each in self.site.asked
        ]
        self.site.asked.clear()
        return found


@pytest.fixture
def issues(site: Site) -> Issues:
    """Serve a list of issues."""
    return Issues(site)


def source(site: Site, pages: Path | str = "", **options: Any) -> GitHubIssues:
    """Return the source that asks the server."""
    options = {"environ": {"GITHUB_TOKEN": TOKEN}, "api": site.url, **options}
    return GitHubIssues(REPOSITORY, str(pages), **options)


def names(status: Status) -> list[str]:
    """Return the methods of a status's tests."""
    return [test.name.partition(" ")[0] for test in status.tests]


def test_open_issues(site: Site, issues: Issues) -> None:
    """Those that are titled so disable tests; pull requests and other issues do not."""
    issues.lists([issue(3), pull(4), disabled(5), issue(6, "DISABLED soon", None)])
    found: Source = source(site)
    status = found.fetch()
    (test,) = status.tests
    assert test.name == "test_x (__main__.TestA)" and test.rule == statuses.PYTORCH
    assert test.platforms == ("linux",) and test.seen == MOMENT
    assert test.issue == f"https://github.com/{REPOSITORY}/issues/5"
    assert test.reason == "issue #5" and test.source == status.origin == f"issues of {REPOSITORY}"
    assert status.age(statuses.now()).total_seconds() < 60
    (note,) = status.notes
    assert note.startswith(f"https://github.com/{REPOSITORY}/issues/6 is titled 'DISABLED soon'")
    assert str(found) == status.asked == f"github-issues={REPOSITORY} at {site.url}"


def test_what_the_server_sees(site: Site, issues: Issues) -> None:
    """It gets the token and what it documents; without a token it gets none."""
    issues.lists([disabled(5)])
    source(site).fetch()
    source(site, environ={}).fetch()
    first, second = site.asked
    assert first.path == LIST
    assert first.headers["authorization"] == f"Bearer {TOKEN}"
    assert first.headers["accept"] == "application/vnd.github+json"
    assert first.headers["x-github-api-version"] == "2022-11-28"
    assert "authorization" not in second.headers and "if-none-match" not in first.headers


def test_the_environment_says_whom_to_ask(site: Site, issues: Issues) -> None:
    """GitHub Actions name the API; nobody sees the token in what the source says of itself."""
    issues.lists([disabled(5)])
    environ = {"GITHUB_API_URL": site.url, "GH_TOKEN": TOKEN}
    found = GitHubIssues(REPOSITORY, environ=environ)
    assert names(found.fetch()) == ["test_x"]
    assert str(found) == f"github-issues={REPOSITORY}"
    assert TOKEN not in repr(found)
    assert "api.github.com" in repr(github_issues.client("https://api.github.com", TOKEN))


@pytest.mark.parametrize("repository", ["octo", "octo/..", "octo/a?b", "https://github.com/o/r"])
def test_what_is_no_repository(repository: str) -> None:
    """It is an error before anything is asked."""
    with pytest.raises(UsageError, match="allowed is OWNER/REPO"):
        GitHubIssues(repository)


def test_numbered_pages_are_read_backwards(site: Site, issues: Issues) -> None:
    """An issue that is closed while pages are read moves others forward, and none is missed."""
    before = [[issue(1), issue(2)], [disabled(3, "test_c"), issue(4)], [disabled(5, "test_e")]]
    after = [[issue(2), disabled(3, "test_c")], [issue(4), disabled(5, "test_e")]]
    issues.lists(*before)

    def close_the_first() -> None:
        if site.asked[-1].path == issues.path(3, True):
            last = site.replies[issues.path(3, True)]
            issues.lists(*after)
            site.replies[issues.path(3, True)] = last

    site.on_request = close_the_first
    assert names(source(site).fetch()) == ["test_c", "test_e"]
    assert issues.asked() == [LIST, "page=3", "page=2", "page=1"]


def test_linked_pages_are_read_forwards(site: Site, issues: Issues) -> None:
    """Where links have their place in the list there is no last page, and the next is asked."""
    issues.lists([issue(1)], [disabled(2)], [disabled(3, "test_y")], numbered=False)
    assert names(source(site).fetch()) == ["test_x", "test_y"]
    assert issues.asked() == [LIST, "after=cursor2", "after=cursor3"]


def test_what_is_listed_twice_is_once(site: Site, issues: Issues) -> None:
    """An issue on two pages is one, and so are those that none is titled of."""
    issues.lists([disabled(1), issue(2)], [disabled(1), issue(2)])
    assert names(source(site).fetch()) == ["test_x"]
    issues.lists([issue(1), issue(2)], [issue(2)])
    (note,) = source(site).fetch().notes
    assert note == f"none of 2 open issues of {REPOSITORY} is titled DISABLED"


@pytest.mark.parametrize("numbered", [True, False])
def test_the_number_of_pages_is_bounded(site: Site, issues: Issues, numbered: bool) -> None:
    """A list without an end is an error."""
    issues.lists([issue(1)], [issue(2)], [issue(3)], [issue(4)], numbered=numbered)
    with pytest.raises(SourceError, match="has more than 2 pages of issues"):
        source(site, bound=2).fetch()


@pytest.mark.parametrize("rel", ["next", "last"])
@pytest.mark.parametrize("link", ["https://evil.example/a", "http://[", "file:///a"])
def test_other_pages_are_of_the_api(site: Site, link: str, rel: str) -> None:
    """Nobody else is asked, whatever a header says."""
    site.replies[LIST] = [of_json([issue(1)], link=f'<{link}>; rel="{rel}"')]
    with pytest.raises(SourceError, match="not of the API"):
        source(site).fetch()


def test_a_last_page_before_which_there_is_none(site: Site, issues: Issues) -> None:
    """Pages that cannot be reached are no pages without issues."""
    link = f'<{site.url}/last>; rel="last"'
    site.replies[LIST] = [of_json([issue(1)], link=link)]
    site.replies["/last"] = [of_json([issue(2)])]
    fault = "/last links to no page of issues before it, and is not the first; try again"
    with pytest.raises(SourceError, match=fault):
        source(site).fetch()
    assert issues.asked() == [LIST, "/last"]


def test_what_did_not_change_is_not_sent_again(
    site: Site, issues: Issues, tmp_path: Path
) -> None:
    """The second time each page is asked for if changed, and what was kept is the answer."""
    path = tmp_path / "pages.json"
    issues.lists([issue(1), pull(2)], [disabled(3)], [issue(4, "DISABLED soon")])
    first = source(site, path).fetch()
    assert issues.asked() == [LIST, "page=3", "page=2", "page=1"]
    content = path.read_bytes()
    written = path.stat()
    issues.conditional()
    second = source(site, path).fetch()
    assert issues.asked() == [f"? {LIST}", "? page=3", "? page=2", "? page=1"]
    assert len(issues.unchanged) == 4
    assert (second.tests, second.notes) == (first.tests, first.notes)
    assert names(second) == ["test_x"]
    assert path.read_bytes() == content and path.stat().st_mtime_ns == written.st_mtime_ns
    assert TOKEN.encode() not in content and b"A question" not in content


def test_a_page_that_changed_is_read_anew(site: Site, issues: Issues, tmp_path: Path) -> None:
    """The others are not, and what is kept is what is there now."""
    path = tmp_path / "pages.json"
    issues.lists([issue(1)], [disabled(2), disabled(3, "test_y")])
    assert names(source(site, path).fetch()) == ["test_x", "test_y"]
    issues.lists([issue(1)], [disabled(3, "test_y"), disabled(4, "test_z", "win")])
    issues.conditional()
    status = source(site, path).fetch()
    assert names(status) == ["test_y", "test_z"] and status.tests[1].platforms == ("win",)
    assert issues.unchanged == ["per_page=100", "page=1"]
    assert len(issue_pages.read(str(path))) == 3
    issues.lists([issue(1)], numbered=False)
    assert names(source(site, path).fetch()) == []
    assert [*issue_pages.read(str(path))] == [site.url + LIST]


def filled(start: int, count: int = 100) -> list[dict[str, Any]]:
    """Return issues as many as a page can have."""
    return [issue(start + n) for n in range(count)]


@pytest.mark.parametrize("numbered", [True, False])
@pytest.mark.parametrize("count", [100, 97])
def test_a_page_that_follows_what_was_the_last(
    site: Site, issues: Issues, tmp_path: Path, numbered: bool, count: int
) -> None:
    """A full page is the same when another follows: the last is asked anew, and that is found."""
    path = tmp_path / "pages.json"
    pages = [filled(1), filled(101), filled(201, count)]
    issues.lists(*pages, numbered=numbered, content_alone=True)
    assert names(source(site, path).fetch()) == []
    issues.lists(*pages, [disabled(900)], numbered=numbered, content_alone=True)
    issues.conditional()
    assert names(source(site, path).fetch()) == ["test_x"]
    assert len(issues.unchanged) >= 2 and len(issue_pages.read(str(path))) == 4 + numbered
    issues.lists(*pages, filled(301), [disabled(900)], numbered=numbered, content_alone=True)
    issues.conditional()
    assert names(source(site, path).fetch()) == ["test_x"]


def test_the_only_page_is_full(site: Site, issues: Issues, tmp_path: Path) -> None:
    """It does not say by itself when it is no more the only one."""
    path = tmp_path / "pages.json"
    issues.lists(filled(1), content_alone=True)
    source(site, path).fetch()
    issues.lists(filled(1), [disabled(900)], content_alone=True)
    issues.conditional()
    assert names(source(site, path).fetch()) == ["test_x"]


def test_pages_that_are_no_more(site: Site, issues: Issues, tmp_path: Path) -> None:
    """Where what was kept leads to no page, all is read anew, and kept."""
    path = tmp_path / "pages.json"
    issues.lists([disabled(1)], [issue(2)], [issue(3)], content_alone=True)
    source(site, path).fetch()
    site.replies.clear()
    issues.lists([disabled(1)], content_alone=True)
    site.replies[issues.path(3, True)] = [of_json([])]
    issues.conditional()
    assert names(source(site, path).fetch()) == ["test_x"]
    assert issues.unchanged == ["per_page=100"]
    assert [*issue_pages.read(str(path))] == [site.url + LIST]


def test_links_with_an_answer_that_nothing_changed(
    site: Site, issues: Issues, tmp_path: Path
) -> None:
    """They are newer than those that were kept."""
    path = tmp_path / "pages.json"
    issues.lists([disabled(1)])
    source(site, path).fetch()
    links = f'<{site.url}/more>; rel="next"'
    site.replies[LIST] = [Reply(b"", 304, {"link": links})]
    site.replies["/more"] = [of_json([disabled(2, "test_y")])]
    assert names(source(site, path).fetch()) == ["test_x", "test_y"]


def test_pages_that_were_tampered_with(
    site: Site, other_site: Site, issues: Issues, tmp_path: Path
) -> None:
    """A file that leads to others is not followed there, and the answer is the site's."""
    path = tmp_path / "pages.json"
    issues.lists([disabled(1)], [issue(2)])
    source(site, path).fetch()
    path.write_text(path.read_text().replace(f"{site.url}/repositories", f"{other_site.url}/evil"))
    issues.conditional()
    assert names(source(site, path).fetch()) == ["test_x"]
    assert not other_site.asked


def test_pages_without_an_etag_are_not_kept(site: Site, issues: Issues, tmp_path: Path) -> None:
    """They are asked for anew each time, and so is one whose ETag is none."""
    path = tmp_path / "pages.json"
    issues.lists([disabled(1)], etags=False)
    assert names(source(site, path).fetch()) == ["test_x"]
    assert issue_pages.read(str(path)) == {} and not path.exists()
    site.replies[LIST] = [of_json([disabled(1)], etag='"a\tb"')]
    assert names(source(site, path).fetch()) == ["test_x"] and not path.exists()


def test_an_answer_is_none_that_was_not_asked_for(site: Site, tmp_path: Path) -> None:
    """That nothing changed means nothing where nothing was known."""
    site.replies[LIST] = [Reply(b"", 304)]
    with pytest.raises(SourceError, match="answered 304"):
        source(site, tmp_path / "pages.json").fetch()


def test_where_pages_cannot_be_kept(site: Site, issues: Issues, tmp_path: Path) -> None:
    """The answer stands, and people are told."""
    issues.lists([disabled(1)])
    for path in (tmp_path / "no" / "such", f"{tmp_path}/a\0b"):
        status = source(site, path).fetch()
        assert names(status) == ["test_x"]
        assert "cannot be kept in" in status.notes[0]
        assert "choose another file" in status.notes[0]


@pytest.mark.parametrize("count", [0, 2])
def test_a_repository_without_issues(site: Site, issues: Issues, count: int) -> None:
    """Its list is empty, and it says so itself: then nothing is disabled."""
    issues.lists([pull(n) for n in range(count)])
    site.replies[BASE] = [of_json({"open_issues_count": count})]
    status = source(site).fetch()
    assert status.tests == () and status.notes == (f"{REPOSITORY} has no open issue",)


@pytest.mark.parametrize(
    "value", [{"open_issues_count": 7}, {"open_issues_count": False}, {}, [], "x", None]
)
def test_no_issue_is_no_answer_by_itself(site: Site, issues: Issues, value: object) -> None:
    """An empty list where the repository has issues, or says nothing of them, is an error."""
    issues.lists([])
    site.replies[BASE] = [of_json(value)]
    with pytest.raises(SourceError, match="lists no open issue and 0 pull requests, and .* try"):
        source(site).fetch()


@pytest.mark.parametrize(
    "value",
    [
        {},
        "x",
        None,
        {"message": "Moved Permanently", "url": "https://api.github.com/repositories/1"},
        {"items": []},
        [1],
        [[]],
        [{}],
        [{**issue(1), "number": "1"}],
        [{**issue(1), "number": True}],
        [{**issue(1), "title": None}],
        [{**disabled(1), "title": ["DISABLED"]}],
        [{**disabled(1), "body": 5}],
        [{**disabled(1), "html_url": None}],
        [{**disabled(1), "html_url": "javascript:alert(1)"}],
        [{**disabled(1), "updated_at": "yesterday"}],
        [{**disabled(1), "updated_at": None}],
    ],
)
def test_answers_of_another_shape(site: Site, value: object) -> None:
    """They are errors that show what came, and not what it could mean."""
    site.replies[LIST] = [of_json(value)]
    with pytest.raises(SourceError, match="issues\\?... answered with what is no list of issues"):
        source(site).fetch()


def test_characters_that_are_none(site: Site, issues: Issues, tmp_path: Path) -> None:
    """What JSON can hold and no text can be is replaced; the rest of the title is read."""
    issues.lists([disabled(1, "test_\ud800")])
    status = source(site, tmp_path / "pages.json").fetch()
    assert names(status) == ["test_?"]


LOGIN = Reply(b"<html>Sign in</html>", headers={"content-type": "text/html"})


@pytest.mark.parametrize(
    ("reply", "fault"),
    [
        (LOGIN, "where a JSON document was expected.*a page to sign in"),
        (Reply(b'[{"number": 1, "title": "\xff"}]'), "JSON document was expected"),
        (Reply(b"[" * 200 + b"]" * 200), "nested more than"),
        (Reply(b""), "answered with nothing"),
        (of_json({"message": "Bad credentials"}, 401), "401.*'Bad credentials'; check the repos"),
        (of_json({"message": "Not Found"}, 404), "404.*GITHUB_TOKEN holds a token with the perm"),
        (of_json({"message": "Issues are disabled for this repo"}, 410), "410.*Issues are disab"),
    ],
)
def test_what_is_no_answer(site: Site, reply: Reply, fault: str, tmp_path: Path) -> None:
    """A page to sign in, what is no JSON, and refusals are errors that say what to do."""
    site.replies[LIST] = [reply]
    with pytest.raises(SourceError, match=fault) as raised:
        source(site, tmp_path / "pages.json").fetch()
    assert TOKEN not in str(raised.value) and not [*tmp_path.iterdir()]


def test_no_frame_of_ours_shows_the_token(site: Site) -> None:
    """A traceback that shows variables shows none that has it."""
    with pytest.raises(SourceError) as raised:
        source(site).fetch()
    package = str(Path(github_issues.__file__).parents[1])
    ours = [entry for entry in raised.traceback if str(entry.path).startswith(package)]
    assert ours
    for entry in ours:
        shown = {name: value for name, value in entry.frame.f_locals.items()}
        assert TOKEN not in repr(shown)


def test_faults_that_pass(
    site: Site, issues: Issues, passing: PretendedTime
) -> None:
    """A server that stumbles, cuts off and limits is asked again, when it says."""
    issues.lists([disabled(1)])
    site.replies[LIST][:0] = [
        Reply(status=500),
        Reply(b"[", length=100),
        of_json({"message": "slow down"}, 429, retry_after="30"),
        of_json({"message": "API rate limit exceeded"}, 403, x_ratelimit_remaining="0",
                x_ratelimit_reset=str(int(passing.date) + 100)),
    ]

    def connect(api: str, token: str | None) -> Client:
        return Client(token, api, clock=passing.clock)

    assert names(source(site, connect=connect).fetch()) == ["test_x"]
    assert passing.slept[:3] == [1.0, 2.0, 30.0] and len(passing.slept) == 4


def test_a_limit_for_longer_than_is_waited(site: Site, passing: PretendedTime) -> None:
    """It is an error that says when to come again."""
    site.replies[LIST] = [of_json({"message": "API rate limit"}, 403, retry_after="3600")]

    def connect(api: str, token: str | None) -> Client:
        return Client(token, api, clock=passing.clock)

    for environ, more in (({"GH_TOKEN": TOKEN}, "try again then$"), ({}, "there was no token: G")):
        with pytest.raises(SourceError, match=f"rate limit.* is of use in 3600 s.*{more}"):
            source(site, connect=connect, environ=environ).fetch()


def test_what_cannot_be_asked(site: Site) -> None:
    """A token that is none, and an address in the clear, are errors of the source."""
    with pytest.raises(SourceError, match="the token for"):
        source(site, environ={"GH_TOKEN": "a b"}).fetch()
    with pytest.raises(SourceError, match="would be asked in the clear"):
        source(site, api="http://ghe.example/api/v3").fetch()
