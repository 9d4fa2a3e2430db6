"""PyTorch's list of its disabled tests, `disabled-tests-condensed.json`, or any status file."""

from __future__ import annotations

from typing import NamedTuple

from trunk_failures import status_files, statuses, urls
from trunk_failures.download import Client
from trunk_failures.errors import DownloadError, SourceError, UsageError
from trunk_failures.statuses import Status

URL = "https://ossci-metrics.s3.amazonaws.com/disabled-tests-condensed.json"


class DisabledTests(NamedTuple):
    """The document at a URL, or in a file."""

    location: str = URL
    client: Client = Client()

    def __str__(self) -> str:
        return f"disabled-tests={urls.shown(self.location)}"

    def fetch(self) -> Status:
        """Return what the document says now; raises SourceError."""
        if "://" not in self.location:
            return status_files.read(self.location)
        try:
            document = self.client.json(self.location)
        except (DownloadError, UsageError) as error:
            raise SourceError(str(error)) from None
        shown = urls.shown(self.location)
        return status_files.of_value(document.value, shown, statuses.now())
