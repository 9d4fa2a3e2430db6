"""Sets of keys in Python source, as PyTorch's `dynamo_test_failures.py` had them until 2024.

Read: `torch/testing/_internal/dynamo_test_failures.py` of pytorch/pytorch (599,114 characters, of
January 2024). The source is parsed, and never run: `dynamo_expected_failures = {...}` is a literal.
A comment that follows a key in its line is its reason.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from trunk_failures import lists
from trunk_failures.errors import UsageError
from trunk_failures.formats import documents, imported
from trunk_failures.formats.imported import Dropped, Imported, Listed

LIMIT = 1 << 24
"""Bytes that such a source may have."""

_SIGNS: dict[type[ast.operator], str] = {
    ast.BitOr: "|", ast.Add: "+", ast.Sub: "-", ast.BitAnd: "&", ast.BitXor: "^",
}
_CHANGING = frozenset(
    (
        *("add", "update", "append", "extend", "discard", "remove", "clear", "pop"),
        *("difference_update", "intersection_update", "symmetric_difference_update"),
    )
)
_COMMENT = re.compile(rb"\s*,?\s*#\s*(.*)")


def read(content: bytes, where: str) -> Imported:
    """Return the keys in the sets that are called as list directories are."""
    if len(content) > LIMIT:
        raise UsageError(f"{where} has more than the {LIMIT:,} bytes of source that are read")
    text = documents.text(content, where)
    source = re.split(rb"\r\n|\r|\n", text.encode("utf-8"))  # As Python counts lines.
    tree = _parsed(text, where)
    found: dict[str, list[Listed | Dropped]] = {}
    for target, value, sign in _assigned(tree.body):
        so_far = found.setdefault(target, [])
        parsed = lists.mode_and_kind(target)
        if parsed is None:
            so_far += _other(target, value)
        else:
            found[target] = _changed(so_far, [*_keys(value, *parsed, source)], sign, value.lineno)
    return imported.gathered([*(each for of in found.values() for each in of), *_not_run(tree)])


def _changed(
    before: list[Listed | Dropped], given: list[Listed | Dropped], sign: str, line: int
) -> list[Listed | Dropped]:
    """Return what a set comes to when it is given a value, or is changed by one."""
    if sign in ("|", "+"):
        return [*before, *given]
    told = [each for each in before if isinstance(each, Dropped)]
    if not sign:
        whole = all(isinstance(each, Listed) for each in given)
        return [*(told if whole else before), *given]
    if sign == "-":
        gone = {each.name for each in given if isinstance(each, Listed)}
        kept = [each for each in before if isinstance(each, Dropped) or each.name not in gone]
        return [*kept, *(each for each in given if isinstance(each, Dropped))]
    return [*before, Dropped(line, f"what `{sign}=` leaves of a set is told only if it is run")]


def _parsed(text: str, where: str) -> ast.Module:
    """Return the syntax tree; what no compiler can read is told as it tells it."""
    try:
        return ast.parse(text)
    except (RecursionError, MemoryError):
        raise UsageError(f"{where} is nested too deeply to be a list") from None
    except (SyntaxError, ValueError) as error:  # Of null bytes, by version of Python.
        line = getattr(error, "lineno", None)
        at = f", line {line}" if line else ""
        said = getattr(error, "msg", None) or error
        raise UsageError(f"{where}{at} is no Python: {said}; mend it") from None


def _assigned(body: Iterable[ast.AST]) -> Iterator[tuple[str, ast.expr, str]]:
    """Yield each name that statements give a value, or change by one, with that and the sign."""
    for node in body:
        targets: list[ast.expr] = []
        sign = _SIGNS.get(type(node.op), "?") if isinstance(node, ast.AugAssign) else ""
        if isinstance(node, ast.Assign):
            targets = node.targets
        elif isinstance(node, (ast.AnnAssign, ast.AugAssign)):
            targets = [node.target]
        for target in targets:
            value = getattr(node, "value", None)
            if isinstance(target, ast.Name) and isinstance(value, ast.expr):
                yield target.id, value, sign


def _not_run(tree: ast.Module) -> Iterator[Dropped]:
    """Yield what is added to lists where only running the source would tell."""
    inside = (node for top in tree.body for node in ast.walk(top) if node is not top)
    for target, value, _ in _assigned(inside):
        if lists.mode_and_kind(target):
            yield Dropped(value.lineno, f"{target!r} has a value there only if the source is run")
    for top in tree.body:
        for node in ast.walk(top):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                owner = node.func.value
                if isinstance(owner, ast.Name) and node.func.attr in _CHANGING:
                    if lists.mode_and_kind(owner.id):
                        what = f"`{owner.id}.{node.func.attr}` acts only if the source is run"
                        yield Dropped(node.lineno, what)


def _other(target: str, value: ast.expr) -> list[Dropped]:
    """Return that a set is no list of tests, where it is one of texts."""
    if isinstance(value, ast.Set) and any(isinstance(each, ast.Constant) for each in value.elts):
        what = "is none of `<mode>_expected_failures` and `<mode>_skips`"
        return [Dropped(value.lineno, f"the set {target!r} {what}")]
    return []


def _keys(
    value: ast.expr, mode: str, kind: str, source: list[bytes]
) -> Iterator[Listed | Dropped]:
    if isinstance(value, ast.Call) and not (value.args or value.keywords):
        return  # `set()`: what is there to read is empty.
    if not isinstance(value, (ast.Set, ast.List, ast.Tuple)):
        yield Dropped(value.lineno, f"`{mode}_{kind}` is no literal of a set")
        return
    for element in value.elts:
        if isinstance(element, ast.Constant) and isinstance(element.value, str):
            found = imported.named(element.value, element.lineno, kind, _reason(element, source))
            yield found._replace(mode=mode) if isinstance(found, Listed) else found
        else:
            yield Dropped(element.lineno, f"an element of `{mode}_{kind}` is no text")


def _reason(element: ast.Constant, source: list[bytes]) -> tuple[tuple[str, str], ...]:
    assert element.end_lineno is not None and element.end_col_offset is not None
    match = _COMMENT.fullmatch(source[element.end_lineno - 1][element.end_col_offset :])
    return documents.said(match[1].decode("utf-8", "replace").strip()) if match else ()
