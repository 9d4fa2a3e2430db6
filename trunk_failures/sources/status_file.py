"""A status that was fetched before."""

from __future__ import annotations

from typing import NamedTuple

from trunk_failures import status_files
from trunk_failures.statuses import Status


class StatusFile(NamedTuple):
    """A file that `fetch` wrote."""

    path: str

    def __str__(self) -> str:
        return f"status={self.path}"

    def fetch(self) -> Status:
        """Return what the file holds; raises SourceError."""
        return status_files.read(self.path)
