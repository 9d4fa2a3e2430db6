"""JSON documents from elsewhere, read within bounds."""

from __future__ import annotations

import json
from typing import Any

DEPTH = 100
"""How many lists and objects may be within one another."""

_CONTAINERS = frozenset((dict, list))


def parse(content: bytes, depth: int = DEPTH) -> object:
    """Read a document in UTF-8, -16 or -32; raises ValueError, which says what is wrong with it."""
    try:
        value: object = json.loads(content, parse_constant=_refuse)
    except RecursionError:
        pass
    else:
        if not _is_deeper(value, depth):
            return value
    raise ValueError(f"it is nested more than {depth} deep")


def _refuse(constant: str) -> object:
    raise ValueError(f"{constant} is no JSON")


def _is_deeper(value: object, depth: int) -> bool:
    level: list[Any] = [value] if type(value) in _CONTAINERS else []
    for _ in range(depth):
        if not level:
            return False
        level = [
            child
            for each in level
            for child in (each.values() if type(each) is dict else each)
            if type(child) in _CONTAINERS
        ]
    return bool(level)
