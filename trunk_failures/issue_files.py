"""Issue files: the texts of issues, written to a directory."""

from __future__ import annotations

import os

from trunk_failures import atomic_files
from trunk_failures.errors import UsageError
from trunk_failures.reports import issue_texts
from trunk_failures.summaries import Summary


def write(directory: str, summary: Summary) -> None:
    """Write one file for each cause of new failures; raises UsageError where that cannot be."""
    try:
        os.makedirs(directory, exist_ok=True)
        for name, text in issue_texts.texts(summary):
            atomic_files.replace(os.path.join(directory, name), text)
    except OSError as error:
        raise UsageError(
            f"the issue texts cannot be written to {directory!r}: {error.strerror}; name a "
            f"directory that can be written"
        ) from error
