"""Lists of pytest's node ids, one a line, as text."""

from __future__ import annotations

from trunk_failures.changes import Fields
from trunk_failures.formats import documents, imported
from trunk_failures.formats.documents import Line
from trunk_failures.formats.exported import Exported, Lost, Named, blocks
from trunk_failures.formats.imported import Dropped, Listed


def listed(line: Line, kind: str, fields: Fields = ()) -> Listed:
    """Return what a line names, which need not be one test: a file or a part of an id is none."""
    found = imported.named(line.text, line.number)
    fields = (*documents.said(line.comment), *fields)
    is_test = isinstance(found, Listed) and "::" in line.text.partition("[")[0]
    test = found.test if is_test and isinstance(found, Listed) else None
    return Listed(line.text, line.number, test, kind, fields)


def gathered(content: bytes, where: str, kind: str, fields: Fields = ()) -> imported.Imported:
    """Return what the lines of a document name."""
    found: list[Listed | Dropped] = []
    for line in documents.lines(content, where):
        found.append(listed(line, kind, fields) if isinstance(line, Line) else line)
    return imported.gathered(found)


def render(entries: list[Named], suffixes: tuple[str, ...] = ()) -> Exported:
    """Return the node ids of entries, with reasons and issues in comments.

    An id with one of `suffixes` would be read as something else.
    """
    found, lost = [], []
    for entry, node_ids in entries:
        lines = [each for each in node_ids if _is_line(each) and not each.endswith(suffixes)]
        lost += [
            Lost(entry, f"the id {each!r} cannot be a line of such a file")
            for each in node_ids
            if each not in lines
        ]
        found += [(entry, lines)] if lines else []
    return Exported(blocks(found), tuple(lost))


def _is_line(node_id: str) -> bool:
    """Tell whether an id is read as it is: bytes of it that are no text cannot be written."""
    whole = node_id.strip() == node_id and not node_id.startswith("#")
    broken = any(each in "\n\r" or "\ud800" <= each <= "\udfff" for each in node_id)
    return whole and not broken
