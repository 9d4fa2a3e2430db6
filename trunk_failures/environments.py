"""Environments: where a marker can hold, tried out over the values that it tells apart."""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Iterator

from trunk_failures import markers
from trunk_failures.errors import EntryError
from trunk_failures.markers import Environment, Marker

OTHER = "another value"
PYTHONS = tuple(f"3.{minor}" for minor in range(41))
MOST = 100_000
"""Comparisons that are made; markers that need more stay undecided."""


@functools.lru_cache(maxsize=4096)
def holds_within(marker: Marker, within: Marker) -> bool | None:
    """Tell whether a marker holds wherever another one does (True), nowhere there (False).

    None where it depends on what the other one leaves open, or cannot be decided.
    """
    if any(_asks_for_parts(step) for step in within.steps):
        return None
    if any(map(_asks_for_parts, marker.steps)) and any("!=" in step for step in within.steps):
        return None
    answers: set[bool] = set()
    try:
        for environment in _environments(marker, within):
            if markers.holds(within, environment):
                answers.add(markers.holds(marker, environment))
    except EntryError:  # It orders a variable of the process environment.
        return None
    return answers.pop() if len(answers) == 1 else None


def _asks_for_parts(step: markers.Comparison | str) -> bool:
    """Tell whether a comparison is true of parts of a text, which are too many to be tried.

    Of versions, which are known, those that are parts of a text are tried like any other.
    """
    return (
        not isinstance(step, str)
        and step.operator in ("in", "not in")
        and _PYTHON not in (step.left, step.right)
    )


def _environments(*both: Marker) -> Iterator[Environment]:
    """Yield the environments that differ in what markers look at.

    None if they are too many, or where a variable is compared with another one.
    """
    values: dict[str, dict[str, None]] = {}
    for marker in both:
        for step in marker.steps:
            if isinstance(step, str):
                continue
            if not {step.left[0], step.right[0]} & {'"', "'"}:
                return
            _add(step, values)
    lists = [[*found] if name == _PYTHON else [*found, OTHER] for name, found in values.items()]
    if math.prod(map(len, lists)) * sum(len(marker.steps) for marker in both) > MOST:
        return
    for chosen in itertools.product(*lists):
        yield _environment(dict(zip(values, chosen)))


def _add(step: markers.Comparison, values: dict[str, dict[str, None]]) -> None:
    """Add what one comparison tells apart to the values of its variables."""
    literals = [side[1:-1] for side in (step.left, step.right) if side[0] in "\"'"]
    for side in (step.left, step.right):
        if side[0] in "\"'":
            continue
        found = values.setdefault(side, dict.fromkeys(PYTHONS if side == _PYTHON else ()))
        for literal in literals:
            pieces = literal.replace(",", " ").split() if "in" in step.operator else ()
            found.update(dict.fromkeys((literal.removesuffix(".*"), *pieces)))
            if "in" in step.operator and side != _PYTHON:
                found[f"{literal} and more"] = None


def _environment(chosen: dict[str, str]) -> Environment:
    variables = {name[4:]: value for name, value in chosen.items() if name.startswith("env.")}
    mode = chosen.get("mode", OTHER)
    return Environment(
        chosen.get(_PYTHON, PYTHONS[0]),
        chosen.get("sys_platform", OTHER),
        chosen.get("platform_machine", OTHER),
        chosen.get("implementation_name", OTHER),
        () if mode == OTHER else (mode,),
        variables,
    )


_PYTHON = "python_version"
