"""Exclusions as Markdown, for the summary of a job: what was left out, and why."""

from __future__ import annotations

import re
from collections.abc import Iterator

from trunk_failures.exclusions import Excluded, Exclusions
from trunk_failures.reports.markdown import MOST, cell

_LINK = re.compile(r"https?://[\w./:%?&=~+#-]+", re.ASCII)
_NUMBER = re.compile(r"/(?:issues|pull)/(\d+)")


def render(found: Exclusions, origin: str) -> str:
    """Return a table of the excluded tests; nothing that a status says is more than text there.

    `origin` says where the status is from.
    """
    return "\n".join((*_lines(found, origin), ""))


def _lines(found: Exclusions, origin: str) -> Iterator[str]:
    count = len(found.excluded)
    all_of_them = count + len(found.kept)
    yield f"### {count} of {all_of_them} tests left out: disabled or failing on trunk"
    yield ""
    yield f"By the status from {cell(origin)}."
    if found.excluded:
        yield from ("", "| test | issue | why |", "|---|---|---|")
        for each in found.excluded[:MOST]:
            yield f"| {cell(each.id)} | {_issues(each)} | {cell(each.reason)} |"
    if count > MOST:
        yield f"| and {count - MOST} more | | |"


def _issues(excluded: Excluded) -> str:
    return ", ".join(map(_issue, excluded.issues))


def _issue(url: str) -> str:
    if not _LINK.fullmatch(url):
        return cell(url)
    number = _NUMBER.search(url)
    return f"[#{number[1]}]({url})" if number else f"<{url}>"
