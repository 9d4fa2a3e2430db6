"""Markers: the `when` field, which says where an entry holds.

The syntax is PEP 508's, over fewer variables; in a string a backslash is just a character.

* `python_version` and `env.NAME` compare as versions where both sides are plain releases (`3.11`);
  `== "3.*"` matches a prefix. All else compares as strings; `in` is substring, as in PEP 508.
* `< <= > >= ~=` order versions alone. Asked of anything else they are an error when the marker is
  read, where PEP 508 would order strings. A variable of the process environment that is unset
  satisfies none of them; one that is no plain release is an error when the marker is asked.
* `mode` has one value for each mode in force. A comparison holds when it does for any of them; `!=`
  and `not in` negate `==` and `in`, and so hold when they do for all.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Mapping
from operator import ge, gt, le, lt
from typing import NamedTuple

from trunk_failures.errors import EntryError

LENGTH_LIMIT = 2000
_NAMES = "sys_platform", "platform_machine", "implementation_name", "mode"
_VARIABLE = rf"python_version|{'|'.join(_NAMES)}|env\.[A-Za-z_][A-Za-z0-9_]*"
_ALLOWED = (
    f"allowed are the variables python_version, {', '.join(_NAMES)} and env.NAME, quoted strings,"
    " the operators == != < <= > >= ~= === in, not in, and, or, and parentheses"
)
# A bare word is more than a variable can be, so that the error can name it.
_SIDE = r"""("[^"\x00-\x08\x0a-\x1f\x7f]*"|'[^'\x00-\x08\x0a-\x1f\x7f]*'|[^\s"'()<>=!~]+)"""
_OPERATOR = r"(===|==|~=|!=|<=|>=|<|>|\b(?:not[ \t]+)?in\b)"
_BEFORE = re.compile(rf"[ \t]*(?:(?P<mark>\()|{_SIDE}[ \t]*{_OPERATOR}[ \t]*{_SIDE})[ \t]*")
_AFTER = re.compile(r"(?P<mark>\)|(?:and|or)\b|\Z)[ \t]*")
_ORDERS = {"<": lt, "<=": le, ">": gt, ">=": ge, "~=": ge}
# Bounded: int() refuses thousands of digits, and ten parts pad every release to one length.
_RELEASE, _TWO_PARTS = (rf"[0-9]{{1,9}}(?:\.[0-9]{{1,9}}){{{least},9}}" for least in (0, 1))
_PREFIX, _SEVERAL = _RELEASE + r"(?:\.\*)?", r"[0-9][0-9., ]*"
_VERSIONS = {"==": _PREFIX, "!=": _PREFIX, "in": _SEVERAL, "not in": _SEVERAL, "~=": _TWO_PARTS}
_WANTED = "a plain release such as '3.11' (== and != take '3.*', in takes several, ~= two parts)"


class Environment(NamedTuple):
    """Say where tests run: what markers read.

    `python_version` is major.minor; `modes` are those in force; `variables` is the process
    environment, its names in upper case where `sys_platform` is win32, as Windows folds them.
    """

    python_version: str
    sys_platform: str
    platform_machine: str
    implementation_name: str
    modes: tuple[str, ...]
    variables: Mapping[str, str]


class Comparison(NamedTuple):
    """Hold one comparison of a marker, strings in their quotes."""

    left: str
    operator: str
    right: str


class Marker(NamedTuple):
    """Hold a marker that was read: its text; its comparisons, "and" and "or" in postfix order."""

    text: str
    steps: tuple[Comparison | str, ...]  # flat: no depth of parentheses can exhaust the stack


def parse(text: str) -> Marker:
    """Read a marker, or raise EntryError: it names the part at fault and what is allowed."""
    try:
        if len(text) > LENGTH_LIMIT:
            raise ValueError(f"{len(text)} characters, where {LENGTH_LIMIT} is the most")
        return Marker(text, tuple(_postfix(text.rstrip(" \t"))))
    except ValueError as fault:
        raise EntryError(f"cannot read the marker {text[:200]!r}: {fault}; {_ALLOWED}") from None


def holds(marker: Marker, environment: Environment) -> bool:
    """Tell whether the marker holds in the environment.

    Every comparison is made, also where another one has decided. Raises EntryError where a
    variable of the process environment is to be ordered as a version and is none.
    """
    stack: list[bool] = []
    for step in marker.steps:
        if isinstance(step, Comparison):
            stack.append(_met(step, environment))
        else:
            right, left = stack.pop(), stack.pop()
            stack.append(left and right if step == "and" else left or right)
    return stack.pop()


def used(marker: Marker) -> frozenset[str]:
    """Name the variables that the marker reads, those of the process environment as `env.NAME`."""
    words = {word for step in marker.steps if isinstance(step, Comparison) for word in step}
    return frozenset(word for word in words if re.fullmatch(_VARIABLE, word))


def here(modes: tuple[str, ...]) -> Environment:
    """Describe this process as it is now, with the modes that are in force."""
    import platform  # lazily: few lists have markers, and everyone pays for imports
    version = "{}.{}".format(*sys.version_info)
    machine = (sys.platform, platform.machine(), sys.implementation.name)
    return Environment(version, *machine, modes, dict(os.environ))


def values(side: str, environment: Environment) -> tuple[str, ...]:
    """Return what one side of a comparison is in an environment: `mode` has several values.

    A variable of the process environment that is unset is the empty string.
    """
    if side[0] in "\"'":
        return (side[1:-1],)
    if side.startswith("env."):
        name = side[4:].upper() if environment.sys_platform == "win32" else side[4:]
        return (environment.variables.get(name, ""),)
    return environment.modes if side == "mode" else (getattr(environment, side),)


def _postfix(text: str) -> Iterator[Comparison | str]:
    waiting = ["("]  # what is open, the whole first, and joints whose right side is still to come
    position, complete, finished = 0, False, False
    while not finished:
        match = (_AFTER if complete else _BEFORE).match(text, position)
        if match is None:
            wanted = "'and', 'or' or ')'" if complete else "a comparison or '('"
            found = f"{text[position:position + 40]!r} at character {position + 1} of {len(text)}"
            raise ValueError(f"{found}, where {wanted} should be")
        mark, position = match["mark"], match.end()
        if mark is None:
            yield _comparison(match)
        elif mark != "(":
            while waiting[-1] in (("and",) if mark == "and" else ("and", "or")):
                yield waiting.pop()
        finished, complete = mark == "", mark in (None, ")")
        if mark in (")", ""):
            waiting.pop()
            if finished is bool(waiting):
                raise ValueError(f"parentheses do not pair, at character {match.start() + 1}")
        elif mark is not None:
            waiting.append(mark)


def _comparison(match: re.Match[str]) -> Comparison:
    comparison = Comparison(match[2], " ".join(match[3].split()), match[4])
    shown = repr(" ".join(comparison))
    variables = [side for side in (match[2], match[4]) if side[0] not in "\"'"]
    for name in variables:
        if not re.fullmatch(_VARIABLE, name):
            raise ValueError(f"{name!r} in {shown} is neither a variable nor a quoted string")
    if not variables:
        raise ValueError(f"{shown} reads no variable")
    orders = comparison.operator in _ORDERS
    if orders and not set(_NAMES).isdisjoint(variables):
        raise ValueError(f"{shown} orders what is no version, unlike python_version and env.NAME")
    versions = _VERSIONS.get(comparison.operator, _RELEASE)
    for side in (match[2], match[4]) if orders or "python_version" in variables else ():
        if side not in variables and not re.fullmatch(versions, side[1:-1]):
            raise ValueError(f"{side} in {shown} is not {_WANTED}")
    return comparison


def _met(comparison: Comparison, environment: Environment) -> bool:
    positive = comparison.operator.removeprefix("not ").replace("!=", "==")
    lefts, rights = values(comparison.left, environment), values(comparison.right, environment)
    met = any(_compare(left, right, positive, comparison) for left in lefts for right in rights)
    return met is (positive == comparison.operator)


def _compare(left: str, right: str, positive: str, comparison: Comparison) -> bool:
    if positive == "==" and set(_NAMES).isdisjoint(comparison):
        return _same(left, right)
    if positive in ("==", "===", "in"):
        return left in right if positive == "in" else left == right
    if not left or not right:
        return False  # a variable that is unset
    ours, theirs = _release(left), _release(right)
    if not ours or not re.fullmatch(_VERSIONS.get(positive, _RELEASE), right):
        found = f"cannot decide {' '.join(comparison)!r} for {left!r} and {right!r}"
        raise EntryError(f"{found}: each has to be {_WANTED}; set the variable so, or use == or in")
    near = positive != "~=" or _same(left, right.rpartition(".")[0] + ".*")
    return near and bool(_ORDERS[positive](ours, theirs))


def _same(left: str, right: str) -> bool:
    left, right = sorted((left, right), key=lambda side: side.endswith(".*"))
    ours, theirs = _release(left), _release(right.removesuffix(".*"))
    size = right.count(".") if right.endswith(".*") else 10
    return ours[:size] == theirs[:size] if ours and theirs else left == right


def _release(text: str) -> list[int]:
    # PEP 440 pads with zeros before comparing: 3 is 3.0.
    return [*map(int, text.split(".")), *[0] * 9][:10] if re.fullmatch(_RELEASE, text) else []
