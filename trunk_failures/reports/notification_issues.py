"""The titles and texts of issues about failing tests, in the form that `disabled_issues` reads.

What that form cannot name has an issue of another title, which disables nothing.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from trunk_failures import disabled_issues, ids
from trunk_failures.disabled_issues import Issue
from trunk_failures.errors import UsageError
from trunk_failures.messages import Message
from trunk_failures.notifications import Change
from trunk_failures.reports import markdown, notification_text, rows

OTHER = "Failing on trunk:"
"""What the titles of tests begin with that cannot be named as disabled."""

MULTIPLE = "MULTIPLE"
TITLE = 256
"""Characters of a title that GitHub takes."""

LONGEST = 200
"""Characters of a name that disables nothing, and of a cell."""

NAMES, ROWS = 40_000, 15_000
"""Characters of the names, and of the table, that one text has; GitHub takes 65,536 in all."""

ERROR = 120
"""Characters of an error in a title."""

_BLOCK = re.compile(r"^```\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_MARK = "<!-- trunk_failures: "
_ERROR = "Error: "
_BEGIN = "To leave them out of other projects' runs, disable the following tests:"


class Name(NamedTuple):
    """What issues call a test; `disables` tells whether `disabled_issues` reads it as that test."""

    text: str
    disables: bool


def name(key: str, place: str) -> Name:
    """Return `test_x (module.Class)` of a test, on one line whatever its names hold."""
    text = key
    with contextlib.suppress(UsageError):  # Of what was recorded under a name that is none.
        test = ids.from_key(f"{place}/{key}" if place else key)
        # What has no module is named as PyTorch does it.
        for text in (ids.to_issue(test), f"{test.name} (__main__.{test.scope})"):
            if _is_read(text, key):
                return Name(text, True)
        text = ids.to_issue(test)
    return Name(_short(rows.visible(text).replace("`", "'").strip()), False)


def _short(text: str) -> str:
    """Return a name that fits into a title, and is no other's."""
    if len(text) <= LONGEST:
        return text
    return f"{text[:LONGEST - 9]}~{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def _is_read(text: str, key: str) -> bool:
    title = f"{disabled_issues.PREFIX} {text}"
    read = _read([Issue(0, title)])
    fits = len(title) <= TITLE and "`" not in text
    return fits and read == [text] and ids.from_issue(text).key == key


def title_of(names: Sequence[Name], error: str) -> str:
    """Return the title of an issue about tests, all of which are named as the first is.

    `error` is the one that they have in common, or "".
    """
    begin = disabled_issues.PREFIX if names[0].disables else OTHER
    if len(names) > 1:
        said = f" alike: {rows.visible(error)[:ERROR]}" if error else ""
        return f"{begin} {MULTIPLE} {len(names)} tests fail{said}"
    return f"{begin} {names[0].text}"


def named_by(issue: Issue) -> list[Name]:
    """Return the names of the tests that an open issue is about."""
    if disabled_issues.is_titled(issue.title):
        return [Name(text, True) for text in _read([issue])]
    text = issue.title.strip().removeprefix(OTHER).strip()
    several = block(issue.body) if is_of_several(issue.title) else [text]
    return [Name(text, False) for text in several]


def is_about_tests(title: str) -> bool:
    """Tell whether a title is of an issue that names failing tests."""
    return disabled_issues.is_titled(title) or title.startswith(OTHER)


def is_of_several(title: str) -> bool:
    """Tell whether a title is of an issue about several tests."""
    return title.strip().startswith(
        (f"{disabled_issues.PREFIX} {MULTIPLE} ", f"{OTHER} {MULTIPLE} ")
    )


def text(message: Message, names: Sequence[Name]) -> str:
    """Return the text of a new issue about the tests of a message that have these names."""
    return "\n".join(_lines(message, names)) + "\n"


def comment(message: Message) -> str:
    """Return the text of a comment on an issue that there is."""
    first = message.changes[0]
    lines = [mark(message), f"{first.kind.value.capitalize()}."]
    if shared(message.changes):
        lines.append(markdown.code(first.detail))
    if first.elsewhere:
        lines.append(f"It fails in {markdown.code(notification_text.elsewhere(first))} too.")
    return "\n".join((*lines, "", *_table(message.changes))) + "\n"


def mark(message: Message) -> str:
    """Return what tells that a text is this message's; nobody sees it."""
    return f"{_MARK}{message.key} -->"


def is_ours(body: str) -> bool:
    """Tell whether an issue's text was written here."""
    return body.startswith(_MARK)


def block(body: str) -> list[str]:
    """Return the names that the text of an issue of several has."""
    match = _BLOCK.search(body.replace("\r\n", "\n"))
    return [line.strip() for line in match[1].splitlines() if line.strip()] if match else []


def without(body: str, name: Name) -> str:
    """Return the text of an issue of several without one of its tests."""
    body = body.replace("\r\n", "\n")
    match = _BLOCK.search(body)
    if match is None:
        return body
    kept = [line for line in match[1].splitlines(True) if _plain(line) != name.text]
    return f"{body[: match.start(1)]}{''.join(kept)}{body[match.end(1):]}"


def with_names(body: str, names: Sequence[Name]) -> str:
    """Return the text of an issue of several with more tests; "" where there is no room for them.
    """
    body = body.replace("\r\n", "\n")
    match = _BLOCK.search(body)
    added = "".join(f"{each.text}\n" for each in names)
    if match is None or len(match[1]) + len(added) > NAMES:
        return ""
    return f"{body[: match.end(1)]}{added}{body[match.end(1):]}"


def cause(body: str) -> str:
    """Return what `cause_of` does of the error that an issue of several is about, or ""."""
    match = _BLOCK.search(body)
    lines = body[match.end() :].splitlines() if match and is_ours(body) else []
    return next((line for line in lines if line.startswith(_ERROR)), "")


def cause_of(changes: Sequence[Change]) -> str:
    """Return the line that tells the error which changes have in common, or ""."""
    error = shared(changes)
    return f"{_ERROR}{markdown.code(error)}" if error else ""


def _plain(line: str) -> str:
    """Return the name on a line, without the platforms that somebody may have added."""
    return re.sub(r"\)\s*:[^()]*\Z", ")", line.strip())


def _read(issues: Sequence[Issue]) -> list[str]:
    """Return the names that issues disable, as they are written."""
    return [test.name for test in disabled_issues.read(issues).tests]


def _lines(message: Message, names: Sequence[Name]) -> Iterator[str]:
    yield mark(message)
    if len(names) > 1:
        # First, so that nothing that a test says can be taken for the list.
        yield f"{len(names)} tests fail on trunk. {_BEGIN}"
        yield from ("", "```", *(each.text for each in names), "```")
    else:
        yield f"{markdown.code(names[0].text)} fails on trunk."
    yield ""
    error = cause_of(message.changes)
    if error:
        yield from (error, "")
    yield from _table(message.changes)
    yield ""
    yield (
        "Opened by `trunk-failures notify`, which closes it when the "
        f"{'tests pass' if len(names) > 1 else 'test passes'} again."
    )


def shared(changes: Sequence[Change]) -> str:
    """Return the error that changes have in common, or ""."""
    details = {each.detail for each in changes}
    return details.pop() if len(details) == 1 else ""


def _table(changes: Sequence[Change]) -> Iterator[str]:
    """Yield the rows of changes: no text in them is more than text."""
    alike = len({each.detail for each in changes}) == 1
    heads = ["test", "what", "configuration", "since", "listed in", *([] if alike else ["error"])]
    yield f"| {' | '.join(heads)} |"
    yield f"{'|---' * len(heads)}|"
    size = shown = 0
    for each in changes:
        cells = [
            notification_text.test(each),
            each.kind.value,
            notification_text.where(each).strip(" []"),
            notification_text.began(each),
            each.entry,
            *([] if alike else [each.detail]),
        ]
        row = f"| {' | '.join(markdown.cell(text[:LONGEST]) if text else '' for text in cells)} |"
        size += len(row)
        if size > ROWS:
            break
        shown += 1
        yield row
    if len(changes) > shown:
        yield f"| and {len(changes) - shown} more {'| ' * (len(heads) - 1)}|"
