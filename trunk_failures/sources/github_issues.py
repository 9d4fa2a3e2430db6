"""GitHub's issues titled `DISABLED test_x (module.Class)`: the tests that they disable."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from trunk_failures import disabled_issues, github_runs, github_site, statuses, urls
from trunk_failures.disabled_issues import Issue
from trunk_failures.download import Client
from trunk_failures.errors import DownloadError, SourceError, UsageError
from trunk_failures.github_site import Site
from trunk_failures.sources import issue_pages
from trunk_failures.sources.issue_pages import Page
from trunk_failures.statuses import Status

ADVICE = (
    "check the repository, and that GH_TOKEN or GITHUB_TOKEN holds a token with the permission"
    " issues: read (without one GitHub answers for public repositories alone)"
)

_NO_TOKEN = (
    "; there was no token: GitHub answers 60 requests an hour then, and far more with one in"
    " GH_TOKEN or GITHUB_TOKEN"
)

# Issues are listed as they were opened. GitHub's search would be quicker, and finds no more than
# 1,000 issues, at times without the newest; a label may have been forgotten.
_LIST = "issues?state=open&sort=created&direction=asc&per_page=100"


def client(api: str, token: str | None) -> Client:
    """Return a client that sends the token to that API alone."""
    return Client(token, api if token else "", advice=ADVICE)


@dataclasses.dataclass(frozen=True)
class GitHubIssues:
    """The open issues of OWNER/REPO; raises UsageError for what is none.

    `pages` is a file that keeps what was listed, so that only what changed is listed again; none
    is kept if it is "". `api` is GitHub's address, if not the environment's. `bound` is how many
    pages of 100 issues are read at most.
    """

    repository: str
    pages: str = ""
    api: str = ""
    environ: Mapping[str, str] = dataclasses.field(default_factory=lambda: os.environ, repr=False)
    bound: int = 1000
    connect: Callable[[str, str | None], Client] = dataclasses.field(default=client, repr=False)

    def __post_init__(self) -> None:
        github_site.check(self.repository)

    def __str__(self) -> str:
        where = f" at {urls.shown(self.api)}" if self.api else ""
        return f"github-issues={self.repository}{where}"

    def fetch(self) -> Status:
        """Return the tests that are disabled now; raises SourceError.

        That no issue disables one is an answer; that there is no issue is none, unless the
        repository itself says so.
        """
        try:
            return self._fetch()
        except (DownloadError, UsageError) as error:
            limited = "rate limit" in str(error).lower() and not github_runs.token(self.environ)
            raise SourceError(f"{error}{_NO_TOKEN * limited}") from None

    def _fetch(self) -> Status:
        api = self.api or github_runs.api(self.environ)
        token = github_runs.token(self.environ)
        site = Site(self.connect(api, token), api, self.repository, self.bound)
        listing = _Listing(site, issue_pages.read(self.pages) if self.pages else {})
        try:
            pages = listing.pages()
        except SourceError:
            if not listing.kept:
                raise
            listing = _Listing(site, {})  # What was kept can be of another time, or of others.
            pages = listing.pages()
        numbers = {number for page in pages for number in page.numbers}
        notes = []
        if not numbers:
            _check_none(site, len({number for page in pages for number in page.pulls}))
            notes.append(f"{self.repository} has no open issue")
        issues = {issue.number: issue for page in pages for issue in page.issues}
        if numbers and not issues:
            notes.append(
                f"none of {len(numbers):,} open issues of {self.repository} is titled"
                f" {disabled_issues.PREFIX}"
            )
        notes += self._keep(listing)
        return self._status([issues[number] for number in sorted(issues)], notes)

    def _status(self, issues: list[Issue], notes: list[str]) -> Status:
        origin = f"issues of {self.repository}"
        found = disabled_issues.read(issues, origin)
        return Status(found.tests, statuses.now(), origin, (*notes, *found.notes), str(self))

    def _keep(self, listing: _Listing) -> Iterator[str]:
        """Keep what was listed; yields why not, which spoils no answer."""
        if self.pages and listing.changed:
            try:
                issue_pages.write(self.pages, listing.read)
            except (OSError, ValueError) as error:
                said = error.strerror if isinstance(error, OSError) else error
                yield (
                    f"the pages of {self.repository} cannot be kept in {self.pages!r}: {said};"
                    " choose another file"
                )


def open_issues(site: Site, wanted: Callable[[str], bool]) -> list[Issue]:
    """Return the open issues whose titles are wanted; raises SourceError, DownloadError.

    Their texts are cut to what `disabled_issues` reads.
    """
    pages = _Listing(site, {}, wanted).pages()
    if not any(page.numbers for page in pages):
        _check_none(site, len({number for page in pages for number in page.pulls}))
    found = {issue.number: issue for page in pages for issue in page.issues}
    return [found[number] for number in sorted(found)]


class _Listing:
    """The list of a repository's open issues, page by page."""

    def __init__(
        self,
        site: Site,
        kept: Mapping[str, Page],
        wanted: Callable[[str], bool] = disabled_issues.is_titled,
    ) -> None:
        self._site, self._wanted = site, wanted
        self.kept = {url: page for url, page in kept.items() if self._is_usable(url, page)}
        self.read: dict[str, Page] = {}
        """The pages that were read, by URL, as far as they can be asked for if changed."""

    @property
    def changed(self) -> bool:
        """Tell whether what was read is not what was kept."""
        return self.read != self.kept

    def pages(self) -> list[Page]:
        """Return all pages.

        Numbered ones are read from the last to the first: an issue that is closed meanwhile moves
        all later ones forward, so that the other way round one would slip from a page that is not
        yet read to one that is. Where GitHub links to no last page, links have their place in the
        list, and nothing moves. Which page is the last may be an answer that was kept: it is that
        which no other follows.
        """
        start = self._site.url(_LIST)
        first = self._page(start)
        if "last" not in first.links:
            return [first, *(page for _, page in self._linked(start, first, "next"))]
        url = self._site.following(start, first.links["last"])
        found = [(url, self._page(url))]
        found += self._linked(*found[0], "next")
        found += self._linked(*found[-1], "prev")
        url, page = found[-1]
        if page.listed.isdisjoint(first.listed):
            raise SourceError(
                f"{urls.shown(url)} links to no page of issues before it, and is not the first; try"
                " again, and check the address of the API"
            )
        return [page for _, page in found]

    def _linked(self, url: str, page: Page, relation: str) -> Iterator[tuple[str, Page]]:
        for _ in range(self._site.bound):
            if relation not in page.links:
                return
            url = self._site.following(url, page.links[relation])
            page = self._page(url)
            yield url, page
        raise self._site.too_many(url, "issues")

    def _page(self, url: str) -> Page:
        known = self.kept.get(url)
        known = known if known is not None and known.tells_its_end else None
        headers = {"If-None-Match": known.etag} if known is not None else {}
        document = self._site.json(url, headers)
        links = github_site.links(document.headers)
        if known is not None and document.status == 304:
            page = known._replace(links=links or known.links)
        else:
            etag = document.headers.get("etag", "")
            page = issue_pages.of_answer(document.value, url, etag, links, self._wanted)
        if page.etag:
            self.read[url] = page
        return page

    def _is_usable(self, url: str, page: Page) -> bool:
        """Tell whether a page that was kept leads nowhere but to the API."""
        try:
            for link in (url, *page.links.values()):
                self._site.following(url, link)
        except DownloadError:
            return False
        return True


def _check_none(site: Site, pulls: int) -> None:
    """Raise SourceError unless the repository says that it has no more than its pull requests."""
    url = site.url()
    value: Any = site.json(url).value
    count = value.get("open_issues_count") if isinstance(value, dict) else None
    if count != pulls or isinstance(count, bool):
        raise SourceError(
            f"{urls.shown(site.url('issues'))} lists no open issue and {pulls:,} pull requests, and"
            f" {urls.shown(url)} says that {count!r:.80} of both are open; try again, and check"
            " that the token may read issues"
        )
