"""What is wrong with lists, as commands of GitHub's workflows, which make annotations of them.

See https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions.
"""

from __future__ import annotations

from collections.abc import Iterator

from trunk_failures.findings import Outcome
from trunk_failures.reports import rows

TITLE = "trunk-failures check"


def render(outcome: Outcome) -> str:
    """Return an error for each finding, and a notice for each file that was mended."""
    return "".join(f"{line}\n" for line in _lines(outcome))


def _lines(outcome: Outcome) -> Iterator[str]:
    for mended in outcome.mended:
        yield _command("notice", mended.to or mended.path, 0, f"{mended.path}: {mended.text}")
    for found in outcome.findings:
        yield _command("error", found.path, found.line, found.text)


def _command(kind: str, path: str, line: int, text: str) -> str:
    where = f",line={line}" if line else ""
    return f"::{kind} file={_property(path)}{where},title={TITLE}::{_data(text)}"


def _data(text: str) -> str:
    # What `visible` leaves has no line ends, which alone could begin another command.
    return rows.visible(text).replace("%", "%25")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
