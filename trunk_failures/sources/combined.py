"""Sources made of sources: the first that answers, all together, or one and what it said last."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from typing import NamedTuple

from trunk_failures import status_files, statuses
from trunk_failures.errors import SourceError
from trunk_failures.statuses import Source, Status

HOUR = datetime.timedelta(hours=1)
STALE = datetime.timedelta(days=7)


class FallbackSource(NamedTuple):
    """The first of several sources that answers."""

    sources: Sequence[Source]

    def __str__(self) -> str:
        return ", else ".join(map(str, self.sources))

    def fetch(self) -> Status:
        """Return the first answer, and why the sources before it gave none, in its notes.

        Raises SourceError with all of their causes where none answers.
        """
        failed: list[str] = []
        for source in self.sources:
            try:
                status = source.fetch()
            except SourceError as error:
                failed.append(f"{source} did not answer: {error}")
            else:
                return status._replace(notes=(*failed, *status.notes), asked=str(self))
        raise SourceError("; ".join(failed) or "no source was named")


class UnionSource(NamedTuple):
    """All tests that any of several sources knows.

    Where one of them does not answer there is no answer: what it would have said is not known.
    """

    sources: Sequence[Source]

    def __str__(self) -> str:
        return " and ".join(map(str, self.sources))

    def fetch(self) -> Status:
        """Return all answers as one, as old as the oldest of them; raises SourceError."""
        found = [source.fetch() for source in self.sources]
        if not found:
            raise SourceError("no source was named")
        return Status(
            tuple(dict.fromkeys(test for status in found for test in status.tests)),
            min(status.fetched for status in found),
            " and ".join(dict.fromkeys(status.origin for status in found)),
            tuple(dict.fromkeys(note for status in found for note in status.notes)),
            str(self),
        )


class CachedSource(NamedTuple):
    """A source that is asked again when its last answer, kept in a file, is older than `max_age`.

    Where it then does not answer, the last answer stands, up to an age of `max_stale`. What was
    kept of another source is as if it were not there.
    """

    source: Source
    path: str
    max_age: datetime.timedelta = HOUR
    max_stale: datetime.timedelta = STALE
    now: Callable[[], datetime.datetime] = statuses.now

    def __str__(self) -> str:
        return str(self.source)

    def fetch(self) -> Status:
        """Return the answer that was kept, or a new one; raises SourceError for neither."""
        kept, age = self._kept()
        if kept is not None and age <= self.max_age:
            return kept._replace(notes=(*kept.notes, f"from the cache: {statuses.ago(age)}"))
        try:
            status = self.source.fetch()
        except SourceError as error:
            if kept is None or age > self.max_stale:
                old = "" if kept is None else (
                    f"; what {self.path!r} keeps of it is {statuses.ago(age)}, which is too old"
                )
                raise SourceError(f"{error}{old}") from error
            note = f"{self.source} did not answer: {error}; its last answer is {statuses.ago(age)}"
            return kept._replace(notes=(*kept.notes, note))
        return self._keep(status._replace(asked=str(self.source)))

    def _kept(self) -> tuple[Status | None, datetime.timedelta]:
        try:
            kept = status_files.read(self.path)
        except SourceError:  # Not there yet, or no status: it is written anew.
            return None, datetime.timedelta()
        # One from the future, by a clock that was wrong, would be new for as long as it is ahead.
        if kept.asked != str(self.source) or kept.fetched > self.now() + self.max_age:
            return None, datetime.timedelta()
        return kept, kept.age(self.now())

    def _keep(self, status: Status) -> Status:
        """Keep an answer; one that cannot be kept is an answer all the same."""
        try:
            status_files.write(self.path, status)
        except SourceError as error:
            return status._replace(notes=(*status.notes, f"not cached: {error}"))
        return status
