"""Failures of a run: which tests failed in a workflow run, by its artifacts, else by its logs."""

from __future__ import annotations

import fnmatch
import tempfile
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from trunk_failures import executors, failed_lines, github_answers, github_runs, ids
from trunk_failures.errors import DownloadError, UsageError
from trunk_failures.fetched import Artifact
from trunk_failures.github_answers import Attempt, Listed, Run
from trunk_failures.github_runs import Bounds
from trunk_failures.github_site import HEADERS, Site
from trunk_failures.results import collecting, files, places
from trunk_failures.results.collecting import Collected
from trunk_failures.results.seen import FAILURES, NO_PLACE

SHOWN = 5
"""Faults of one run that are shown."""

_REFUSED = (401, 403, 429)  # Whatever else is asked for, the answer will be the same.
_GONE = (404, 410)
_SUCCEEDED = ("success", "neutral")


class Told(NamedTuple):
    """What one run tells: the tests that failed in it, by name, with the first lines of errors.

    `tests` is how many tests its results have. It tells nothing where it failed and nobody knows
    of which tests.
    """

    run: Run
    failures: dict[str, str]
    tests: int = 0
    notes: tuple[str, ...] = ()

    @property
    def is_failed(self) -> bool:
        """Tell whether the run failed, for whatever reason."""
        return self.run.conclusion not in _SUCCEEDED

    @property
    def is_of_use(self) -> bool:
        """Tell whether something is known of its tests."""
        return bool(self.failures or self.tests) or not self.is_failed

    @property
    def name(self) -> str:
        """The run, as people find it."""
        return f"run {self.run.id}" + (
            f" ({places.visible(self.run.url)})" if self.run.url else ""
        )


class Reader:
    """Reads one run after the other, all of them within the bounds.

    Artifacts count whose names match one of the patterns.
    """

    def __init__(self, site: Site, patterns: Sequence[str], bounds: Bounds) -> None:
        self._site, self._patterns, self._bounds = site, patterns, bounds
        self._count = self._size = 0
        self._left = bounds.size  # what is listed as the size need not be

    def read(self, run: Run) -> Told:
        """Return what a run tells; raises DownloadError where GitHub refuses to say."""
        tried = github_runs.attempts(self._site, run)
        whole = github_answers.is_whole(run, tried)
        listed, _ = github_answers.newest(github_runs.artifacts(self._site, run), run, whole)
        faults: list[str] = []
        with tempfile.TemporaryDirectory(prefix="trunk_failures-") as directory:
            there = [each for each in listed if self._is_wanted(each[0])]
            artifacts = [*self._artifacts(there, directory, faults)]
            told = _of_results(Told(run, {}), artifacts, directory, faults)
        if told.is_failed and not told.failures:
            failed = github_answers.failed(tried)
            told = told._replace(failures=self._of_logs(failed, faults))
            if not told.failures:
                faults.append(
                    f"it ended as {run.conclusion!r}, and neither its {len(artifacts)} artifacts"
                    f" nor the logs of its {len(failed)} failed jobs tell of a failed test; "
                    + (f"{told.tests:,} others ran" if told.tests else "its tests are unknown")
                )
        return told._replace(notes=(*told.notes, *_shown(told, faults)))

    def _is_wanted(self, listed: Listed) -> bool:
        return not self._patterns or any(
            fnmatch.fnmatchcase(listed.name, pattern) for pattern in self._patterns
        )

    def _artifacts(
        self, there: list[tuple[Listed, bool]], directory: str, faults: list[str]
    ) -> Iterator[Artifact]:
        wanted = [(each, earlier) for each, earlier in there if not each.expired]
        self._count += len(wanted)
        self._size += sum(each.size for each, _ in wanted)
        github_runs.check_bounds(self._site, self._count, self._size, self._bounds)
        for each, earlier in wanted:
            try:
                artifact = github_runs.download(self._site, each, earlier, directory, self._left)
            except DownloadError as error:
                if error.status in _REFUSED:
                    raise
                faults.append(f"its artifact {each.name!r} cannot be had: {error}")
                continue
            if artifact is None:
                faults.append(f"its artifact {each.name!r} has expired")
            else:
                self._left -= artifact.size
                yield artifact
        faults += [f"its artifact {each.name!r} has expired" for each, _ in there if each.expired]

    def _of_logs(self, failed: Sequence[Attempt], faults: list[str]) -> dict[str, str]:
        found: dict[str, str] = {}
        for each in failed:
            url = self._site.url(f"actions/jobs/{each.id}/logs")
            try:
                content = self._site.client.body(url, HEADERS).content
            except DownloadError as error:
                if error.status in _REFUSED:
                    raise
                gone = "is gone" if error.status in _GONE else f"cannot be had: {error}"
                faults.append(f"the log of its job {each.job.name!r} {gone}")
            else:
                found = {**failed_lines.read(content.decode("utf-8", "replace")), **found}
        return found


def name(key: str, place: str) -> str:
    """Return a test's name such that `ids` reads it with its file, or with its module.

    `key` and `place` are as results have them.
    """
    test = f"{place}/{key}" if place else key
    for text in _names(key, place, test):
        try:
            if ids.read(text).key == key:
                return text
        except UsageError:
            continue
    return test


def _names(key: str, place: str, test: str) -> Iterator[str]:
    if place == "__main__":  # which is no file's name
        yield f"{place}.{key}"
    try:
        yield ids.to_node_id(ids.from_key(test))
    except UsageError:
        pass
    yield test


def identity(name: str) -> str:
    """Return what all names of one test have in common, whether reports or logs have them.

    Reports do not name the classes around a class, nor where a module is that was not loaded.
    """
    try:
        test = ids.read(name)
    except UsageError:
        return name
    return test.key if test.scope == NO_PLACE else ids.to_key(test)


def specific(names: Collection[str]) -> list[str]:
    """Return those of one test's names that say most of where it is."""
    most = max(map(_told, names))
    return sorted(name for name in names if _told(name) == most)


def _told(name: str) -> tuple[bool, int]:
    return ".py" in name, name.partition("[")[0].count("::")


def _of_results(
    told: Told, artifacts: Sequence[Artifact], directory: str, faults: list[str]
) -> Told:
    names = {artifact.path: places.visible(artifact.name) for artifact in artifacts}
    with files.find([*names]) as there:
        inputs = [("", file._replace(shown=names[file.path])) for file in there.files]
        # An artifact without results is some other thing.
        others = [each.sentence for each in there.faults if files.NO_RESULTS not in each.sentence]
        faults += [_named(each, names) for each in others]
        collected = collecting.collect(inputs, executors.InProcess(), directory)
        faults += [f"{file}: {fault}" for file, fault in collected.faults]
        return _collected(told, collected)


def _collected(told: Told, collected: Collected) -> Told:
    failures, tests = {}, 0
    for gathered in collected.gathered((), collecting.resolver(None)):
        tests += gathered.total
        for test in gathered.tests:
            for seen in test.seen.values():
                if seen.verdicts & FAILURES:
                    failures[name(test.key, test.place)] = seen.error
    notes = [f"{told.name}: failed, and has no test id: {each}" for each in collected.without_id]
    return told._replace(failures=failures, tests=tests, notes=tuple(notes))


def _named(sentence: str, names: dict[str, str]) -> str:
    for path, artifact in names.items():
        sentence = sentence.replace(path, artifact)
    return sentence


def _shown(told: Told, faults: Sequence[str]) -> Iterator[str]:
    yield from (f"{told.name}: {fault}" for fault in faults[-SHOWN:])
    if len(faults) > SHOWN:
        yield f"{told.name}: and {len(faults) - SHOWN} more like these"
