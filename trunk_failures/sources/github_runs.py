"""GitHub's workflow runs: the tests that failed in the last ones on a branch."""

from __future__ import annotations

import dataclasses
import os
import re
import urllib.parse
from collections.abc import Callable, Iterator, Mapping, Sequence

from trunk_failures import causes, github_answers, github_runs, github_site, statuses, urls
from trunk_failures.download import Client
from trunk_failures.errors import DownloadError, SourceError, UsageError
from trunk_failures.github_answers import Run
from trunk_failures.github_runs import Bounds
from trunk_failures.github_site import Site
from trunk_failures.sources import run_failures
from trunk_failures.sources.run_failures import Told
from trunk_failures.statuses import Disabled, Status

ADVICE = (
    "check the repository, the workflow and the branch, and that GH_TOKEN or GITHUB_TOKEN holds a"
    " token with the permission actions: read (artifacts and logs need one even where all can read"
    " the repository)"
)
MOST = 100
"""Runs that can be looked at."""

_SILENT = frozenset({"cancelled", "skipped", "stale", "action_required"})
_FILE = re.compile(r"(?:\.github/workflows/)?(?P<name>[^/]+\.ya?ml)")


def client(api: str, token: str | None) -> Client:
    """Return a client that sends the token to that API alone."""
    return Client(token, api if token else "", advice=ADVICE)


@dataclasses.dataclass(frozen=True)
class RecentRuns:
    """The last `last` runs of a workflow on a branch, as far as they ended and tell something.

    A test is failing that failed in `failing_in` of them, in whatever job. `workflow` is its
    file's name or its own. `artifacts` are patterns of the names of those that hold results; none
    stands for all. `api` is GitHub's address, if not the environment's. Raises UsageError for
    what cannot be.
    """

    repository: str
    workflow: str
    branch: str = "main"
    last: int = 5
    failing_in: int = 1
    artifacts: Sequence[str] = ()
    api: str = ""
    environ: Mapping[str, str] = dataclasses.field(default_factory=lambda: os.environ, repr=False)
    bounds: Bounds = Bounds()
    connect: Callable[[str, str | None], Client] = dataclasses.field(default=client, repr=False)

    def __post_init__(self) -> None:
        github_site.check(self.repository)
        for what, text in (("workflow", self.workflow), ("branch", self.branch)):
            if not text.strip():
                raise UsageError(f"no {what} of {self.repository} is named; name one")
        if not 1 <= self.failing_in <= self.last <= MOST:
            raise UsageError(
                f"a test cannot be failing that fails in {self.failing_in} of the last {self.last}"
                f" runs; allowed are 1 to {MOST} runs, and no more in which it has to fail"
            )

    def __str__(self) -> str:
        where = f" at {urls.shown(self.api)}" if self.api else ""
        named = f", artifacts {' '.join(self.artifacts)}" if self.artifacts else ""
        return (
            f"github-runs={self.repository} ({self._origin}, last {self.last}, failing in"
            f" {self.failing_in}{named}){where}"
        )

    @property
    def _origin(self) -> str:
        return f"{self.workflow} on {self.branch}"

    def fetch(self) -> Status:
        """Return the tests that are failing now; raises SourceError.

        Runs of which nobody knows why they failed are in the notes; where there are no others, or
        fewer than a test has to fail in, there is no answer.
        """
        try:
            return self._fetch()
        except (DownloadError, UsageError, OSError) as error:
            raise SourceError(str(error)) from None

    def _fetch(self) -> Status:
        api = self.api or github_runs.api(self.environ)
        token = github_runs.token(self.environ)
        site = Site(self.connect(api, token), api, self.repository, self.bounds.pages)
        found, silent = self._runs(site)
        reader = run_failures.Reader(site, self.artifacts, self.bounds)
        told = [reader.read(run) for run in found]
        notes = [note for each in told for note in each.notes]
        of_use = [each for each in told if each.is_of_use]
        if len(of_use) < self.failing_in:
            raise SourceError(
                f"{len(of_use)} of the last {len(told)} runs of {self._origin} of"
                f" {self.repository} tell something of tests, and {self.failing_in} have to;"
                f" {self._advice(silent)}{''.join(f'; {note}' for note in notes[:10])}"
            )
        return self._status(of_use, (*_counts(told, silent), *notes))

    def _advice(self, silent: int) -> str:
        cancelled = f"{silent} more were cancelled or skipped; " if silent else ""
        return f"{cancelled}check the workflow and the branch, or look at more runs"

    def _runs(self, site: Site) -> tuple[list[Run], int]:
        """Return the newest runs that can tell something, and how many newer ones cannot."""
        workflow = self._workflow(site)
        query = urllib.parse.urlencode(
            {"branch": self.branch, "status": "completed", "per_page": 100}
        )
        found: dict[int, Run] = {}
        silent: set[int] = set()
        for items, _ in site.pages(f"actions/workflows/{workflow}/runs?{query}", "workflow_runs"):
            for run in github_answers.of_branch(items, self.repository, self.branch):
                if run.conclusion in _SILENT:
                    silent.add(run.id)
                else:
                    found[run.id] = run
            if len(found) >= self.last:
                break
        newest = sorted(found, reverse=True)[: self.last]
        newer = [each for each in silent if len(newest) < self.last or each > newest[-1]]
        return [found[each] for each in newest], len(newer)

    def _workflow(self, site: Site) -> str:
        """Return what the API calls the workflow; raises SourceError for an unknown name."""
        file = _FILE.fullmatch(self.workflow)
        if file is not None:
            return urllib.parse.quote(file["name"], safe="")
        listed = site.items("actions/workflows?per_page=100", "workflows")
        ids = [item["id"] for item in listed if item.get("name") == self.workflow]
        if len(ids) == 1:
            return str(ids[0])
        names = sorted({f"{item.get('name')!r:.80}" for item in listed})
        raise SourceError(
            f"{len(ids)} workflows of {self.repository} are called {self.workflow!r}; there are"
            f" {', '.join(names[:20]) or 'none'}; name one by its file, such as ci.yml"
        )

    def _status(self, told: Sequence[Told], notes: tuple[str, ...]) -> Status:
        origin = f"runs of {self._origin} of {self.repository}"
        failing: dict[str, dict[str, list[Told]]] = {}
        for each in told:
            for name in each.failures:
                names = failing.setdefault(run_failures.identity(name), {})
                names.setdefault(name, []).append(each)
        tests = tuple(
            test for names in failing.values() for test in self._tests(names, len(told), origin)
        )
        return Status(tuple(sorted(tests)), statuses.now(), origin, notes, str(self))

    def _tests(
        self, names: Mapping[str, Sequence[Told]], runs: int, origin: str
    ) -> Iterator[Disabled]:
        """Yield a test that failed in enough runs, which have one name or several for it."""
        failed = {told.run.id: (told, name) for name, its in names.items() for told in its}
        if len(failed) < self.failing_in:
            return
        newest, said = failed[max(failed)]
        reason = causes.normalised(newest.failures[said])
        for name in run_failures.specific(names):
            yield Disabled(
                name,
                reason=reason,
                source=origin,
                seen=newest.run.started,
                failed=len(failed),
                runs=runs,
            )


def _counts(told: Sequence[Told], silent: int) -> tuple[str, ...]:
    of_use = [each for each in told if each.is_of_use]
    bare = sum(not each.tests and not each.failures for each in of_use)
    parts = [f"{len(of_use)} of the last {len(told)} runs tell something of tests"]
    if silent:
        parts.append(f"{silent} more were cancelled or skipped and do not count")
    if bare:
        parts.append(f"of {bare} of them nothing is known but that they succeeded")
    return ("; ".join(parts),)
