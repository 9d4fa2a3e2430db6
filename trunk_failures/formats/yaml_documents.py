"""YAML documents, where PyYAML is installed: plain lists, objects and texts, with their lines.

Nothing is constructed: every value is the text that stands there. Aliases are refused, by which a
short document could stand for an endless one.
"""

from __future__ import annotations

import importlib
from typing import Any, NamedTuple, Union

from trunk_failures.errors import UsageError
from trunk_failures.formats import documents

LIMIT = 1 << 22
"""Bytes that such a document may have."""

DEPTH = 20
"""How many lists and objects may be within one another."""


class Node(NamedTuple):
    """A value and its line."""

    line: int
    value: Union[str, list[Node], dict[str, Node]]


def parse(content: bytes, where: str) -> Node:
    """Return a document; raises UsageError for what is none, and where PyYAML is not installed."""
    yaml = _yaml(where)
    text = documents.text(content, where)
    if len(content) > LIMIT:
        raise UsageError(f"{where} has more than the {LIMIT:,} bytes of YAML that are read")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        _check(yaml, yaml.parse(text, Loader=loader), where)
        root = yaml.compose(text, Loader=loader)
    except (yaml.YAMLError, ValueError) as error:
        said = " ".join(str(error).split())
        raise UsageError(f"{where} is no YAML: {said:.300}; mend it") from None
    return Node(1, "") if root is None else _node(root, where)


def _yaml(where: str) -> Any:
    try:
        return importlib.import_module("yaml")
    except ImportError:
        raise UsageError(
            f"{where} is YAML, which takes PyYAML to be read, and that is not installed; run"
            f" `python -m pip install PyYAML`"
        ) from None


def _check(yaml: Any, events: Any, where: str) -> None:
    """Refuse aliases and what is nested too deeply, before anything is made of the document."""
    depth = 0
    for event in events:
        line = event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent):
            raise UsageError(
                f"{where}, line {line}: an alias ({event.anchor!r}); write out what it stands for"
            )
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > DEPTH:
            raise UsageError(f"{where}, line {line}: it is nested more than {DEPTH} deep")


def _node(node: Any, where: str) -> Node:
    line = node.start_mark.line + 1
    if node.id == "scalar":
        return Node(line, node.value)
    if node.id == "sequence":
        return Node(line, [_node(each, where) for each in node.value])
    found: dict[str, Node] = {}
    for key, value in node.value:
        if key.id != "scalar" or key.value in found:
            at = key.start_mark.line + 1
            raise UsageError(f"{where}, line {at}: a key that is given twice, or is no text")
        found[key.value] = _node(value, where)
    return Node(line, found)
