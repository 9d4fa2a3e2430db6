"""Markers' values: which comparisons are met, and by what values."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunk_failures import marker_values, markers
from trunk_failures.markers import Comparison, Environment

HERE = Environment("3.11", "linux", "x86_64", "cpython", ("slow", "trunk"), {"A": "1", "B": "b"})
NOWHERE = HERE._replace(modes=(), variables={})

CASES = [
    ('python_version == "3.10"', HERE, ['is false here: python_version is "3.11"']),
    ("sys_platform != 'win32'", HERE, ['is true here: sys_platform is "linux"']),
    ('mode not in "slow"', HERE, ['is false here: mode is "slow" and "trunk"']),
    ('mode == "slow"', NOWHERE, ["is false here: mode is none"]),
    ('env.A >= "1"', HERE, ['is true here: env.A is "1"']),
    ('env.A == ""', NOWHERE, ["is true here: env.A is not set"]),
    ("env.A == env.B", HERE, ['is false here: env.A is "1" and env.B is "b"']),
    ('"86" in platform_machine', HERE, ['is true here: platform_machine is "x86_64"']),
    ('env.B > "2"', HERE, ['is not decided here: env.B is "b"']),
    (
        '(env.A == "1" or python_version < "3") and env.A == "1"',
        HERE,
        ['is true here: env.A is "1"', 'is false here: python_version is "3.11"'],
    ),
]


@pytest.mark.parametrize(("text", "environment", "said"), CASES)
def test_sentences(text: str, environment: Environment, said: list[str]) -> None:
    """Each comparison is said once: whether it is met, and the values of what it reads."""
    marker = markers.parse(text)
    steps = [step for step in marker.steps if isinstance(step, Comparison)]
    comparisons = dict.fromkeys(map(" ".join, steps))
    expected = [f"{comparison} {rest}" for comparison, rest in zip(comparisons, said, strict=True)]
    assert list(marker_values.sentences(marker, environment)) == expected


def test_long_values_are_cut() -> None:
    """The process environment can hold anything, and people are to read it."""
    environment = HERE._replace(variables={"A": "x" * 5000})
    (sentence,) = marker_values.sentences(markers.parse('env.A == "x"'), environment)
    assert len(sentence) < 300 and "xxx" in sentence


@given(
    st.sampled_from(["3.9", "3.10", "3.11", "3.12"]),
    st.sampled_from(["==", "!=", "<", "<=", ">", ">=", "~=", "===", "in", "not in"]),
)
def test_what_is_said_is_what_holds(version: str, operator: str) -> None:
    """A comparison is said to be true just where a marker of it alone holds."""
    marker = markers.parse(f'python_version {operator} "{version}"')
    (sentence,) = marker_values.sentences(marker, HERE)
    assert (" is true here" in sentence) is markers.holds(marker, HERE)
    assert (" is false here" in sentence) is not markers.holds(marker, HERE)
