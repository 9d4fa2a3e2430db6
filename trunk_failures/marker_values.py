"""Markers' values: which comparisons of a `when` are met in an environment, and by what values."""

from __future__ import annotations

from collections.abc import Iterator

from trunk_failures import markers
from trunk_failures.errors import EntryError
from trunk_failures.markers import Comparison, Environment, Marker

SHOWN = 200
"""Characters of a value; the process environment can hold anything."""


def sentences(marker: Marker, environment: Environment) -> tuple[str, ...]:
    """Return one sentence for each comparison of a marker, in order.

    Such as `python_version == "3.10" is false here: python_version is "3.11"`.
    """
    steps = dict.fromkeys(step for step in marker.steps if isinstance(step, Comparison))
    return tuple(_sentence(step, environment) for step in steps)


def _sentence(step: Comparison, environment: Environment) -> str:
    text = " ".join(step)
    try:
        holds = str(markers.holds(Marker(text, (step,)), environment)).lower()
    except EntryError:  # It orders a variable that is no version, which its value shows.
        holds = "not decided"
    variables = dict.fromkeys(side for side in (step.left, step.right) if side[0] not in "\"'")
    known = " and ".join(_value(name, environment) for name in variables)
    return f"{text} is {holds} here: {known}"


def _value(name: str, environment: Environment) -> str:
    return f"{name} is {' and '.join(_quoted(markers.values(name, environment), name))}"


def _quoted(values: tuple[str, ...], name: str) -> Iterator[str]:
    if not values:
        yield "none"
    for value in values:
        yield f'"{value[:SHOWN]}"' if value or not name.startswith("env.") else "not set"
