"""Our own entries as JSON: nothing is lost, and all that reads JSON can read it.

The document is `{"trunk_failures_lists": 1, "entries": [...]}`. An entry has `mode`, `kind`
(`expected_failures` or `skips`) and `key`; where it holds for one test file alone `file`, as the
lists name it; and `fields`, an object of those that are given, as they are written in its file.
"""

from __future__ import annotations

import json
from typing import Any

from trunk_failures import entries as known
from trunk_failures import ids, json_documents, lists
from trunk_failures.entries import Entry
from trunk_failures.errors import UsageError
from trunk_failures.formats import documents, imported
from trunk_failures.formats.exported import Exported, Named
from trunk_failures.formats.imported import Dropped, Imported, Listed

MARK = "trunk_failures_lists"
VERSION = 1


def render(entries: list[Named]) -> Exported:
    """Return the document of entries."""
    document = {MARK: VERSION, "entries": [_entry(each.entry) for each in entries]}
    return Exported(json.dumps(document, indent=1) + "\n")


def _entry(entry: Entry) -> dict[str, Any]:
    file = {"file": entry.test_file} if entry.test_file else {}
    own = {"mode": entry.mode, "kind": entry.kind, "key": entry.key, **file}
    return {**own, "fields": dict(entry.fields)} if entry.fields else own


def read(content: bytes, where: str) -> Imported:
    """Return the entries of a document; what one of them has that entries have not is told."""
    if len(content) > documents.LIMIT:
        raise UsageError(f"{where} has more than the {documents.LIMIT:,} bytes that are read")
    try:
        value = json_documents.parse(content)
    except ValueError as error:
        raise UsageError(f"{where} is no JSON: {error}; export the lists again") from None
    if not isinstance(value, dict) or not isinstance(value.get("entries"), list):
        raise UsageError(f"{where} is no export of lists: it has no {MARK!r} and `entries`")
    if value.get(MARK) != VERSION:
        raise UsageError(f"{where}: {MARK!r} is {value.get(MARK)!r}; {VERSION} can be read")
    found: list[Listed | Dropped] = []
    for number, each in enumerate(value["entries"], 1):
        listed = _listed(each)
        found.append(listed or Dropped(0, f"entry {number}: {each!r:.200} is no entry"))
    return imported.gathered(found)


def _listed(value: object) -> Listed | None:
    if not isinstance(value, dict):
        return None
    own = [value.get(name, "") for name in ("mode", "kind", "key", "file")]
    fields = value.get("fields", {})
    if not isinstance(fields, dict) or not all(isinstance(each, str) for each in own):
        return None
    if value.keys() - {"mode", "kind", "key", "file", "fields"} or fields.keys() - known.FIELDS:
        return None
    mode, kind, key, file = own
    texts = all(isinstance(each, str) for each in fields.values())
    if kind not in lists.KINDS or not _is_mode(mode) or not lists.is_key(key) or not texts:
        return None
    scope, _, name = key.partition(".")
    return Listed(key, 0, ids.TestId(scope, name), kind, tuple(fields.items()), mode, file)


def _is_mode(mode: str) -> bool:
    """Tell whether a mode can be part of the name of a list directory."""
    named = lists.mode_and_kind(f"{mode}_{lists.SKIPS}") is not None
    return named and mode.isprintable() and not set(mode) & {"/", "\\", ":"}
