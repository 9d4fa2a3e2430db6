"""Environments: what is said of where a marker holds is true of every environment."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trunk_failures import environments, markers
from trunk_failures.markers import Environment

# A marker, another one, and whether the first holds wherever the second does.
WITHIN = [
    ('python_version == "3.11"', 'python_version == "3.11"', True),
    ('python_version == "3.11"', 'python_version == "3.12"', False),
    ('python_version >= "3.11"', 'python_version == "3.12"', True),
    ('python_version == "3.12"', 'python_version >= "3.11"', None),
    ('python_version < "3.11"', 'python_version >= "3.11"', False),
    ('python_version < "3.11"', 'python_version <= "3.11"', None),
    ('python_version ~= "3.1"', 'python_version >= "3.5"', True),
    ('python_version == "3.*"', 'python_version == "3.11"', True),
    ('python_version == "2.*"', 'python_version == "3.11"', False),
    ('python_version in "3.11, 3.12"', 'python_version == "3.12"', True),
    ('python_version != "3.11"', 'python_version == "3.12"', True),
    ('python_version not in "3.11 3.12"', 'python_version == "3.12"', False),
    ('"3.11" == python_version', 'python_version == "3.11"', True),
    ('python_version < "3.0"', 'python_version == "3.11"', False),
    ('python_version == "3.11"', 'python_version < "3.0"', None),  # Nowhere.
    ('sys_platform == "linux"', 'sys_platform == "linux"', True),
    ('sys_platform == "linux"', 'sys_platform == "darwin"', False),
    ('sys_platform == "linux"', 'sys_platform != "linux"', False),
    ('sys_platform != "linux"', 'sys_platform == "darwin"', True),
    ('sys_platform in "linux darwin"', 'sys_platform == "darwin"', True),
    ('sys_platform in "linux, darwin"', 'sys_platform == "win32"', False),
    ('"lin" in sys_platform', 'sys_platform == "linux"', True),
    ('"lin" in sys_platform', 'sys_platform != "lin"', None),
    ('sys_platform == "linux"', 'python_version == "3.11"', None),
    ('platform_machine == "arm64"', 'platform_machine == "arm64"', True),
    ('implementation_name == "pypy"', 'implementation_name == "cpython"', False),
    ('mode == "dynamo"', 'mode == "dynamo"', True),
    ('mode == "dynamo"', 'mode == "trunk"', False),
    ('env.CI == "1"', 'env.CI == "1"', True),
    ('env.CI == "1"', 'env.CI == ""', False),
    ('env.CI == "1"', 'env.OTHER == "1"', None),
    ('env.CI == "1"', 'env.CI == "1" and python_version == "3.11"', True),
    ('env.CI >= "2"', 'env.CI == "3"', True),
    ('env.CI >= "2"', 'env.CI != "3"', None),  # It cannot be asked of every value.
    ("sys_platform == platform_machine", 'sys_platform == "linux"', None),
    ("env.A == env.B", "env.A == env.B", None),
    ("env.A == env.B", 'python_version == "3.11"', None),
]
COMPARISONS = [
    f'{variable} {operator} "{value}"'
    for variable, operators, values in (
        ("python_version", "== != < >= ~=".split(), ("3.8", "3.11", "3.12")),
        ("sys_platform", ("==", "!=", "in", "not in"), ("linux", "linux darwin", "lin")),
        ("env.A", ("==", "!="), ("1", "")),
    )
    for operator in operators
    for value in values
]
MARKERS = st.recursive(
    st.sampled_from(COMPARISONS),
    lambda inner: st.tuples(inner, st.sampled_from(("and", "or")), inner).map(
        lambda three: f"({three[0]}) {three[1]} ({three[2]})"
    ),
    max_leaves=3,
).map(markers.parse)
ENVIRONMENTS = st.builds(
    Environment,
    st.integers(7, 15).map("3.{}".format),
    st.sampled_from(("linux", "darwin", "lin", "win64", "l")),
    st.just("arm64"),
    st.just("cpython"),
    st.just(("trunk",)),
    st.sampled_from(({}, {"A": ""}, {"A": "1"}, {"A": "x"})),
)


@pytest.mark.parametrize(("marker", "within", "holds"), WITHIN)
def test_within(marker: str, within: str, holds: bool | None) -> None:
    """A marker holds wherever another does, or nowhere there, or neither is certain."""
    assert environments.holds_within(markers.parse(marker), markers.parse(within)) is holds


def test_too_many_environments() -> None:
    """Markers that look at more than can be tried stay undecided."""
    many = " and ".join(f'env.V{n} == "1"' for n in range(20))
    marker = markers.parse(many)
    assert environments.holds_within(marker, marker) is None
    assert environments.holds_within(*[markers.parse(many[: many.index(" and env.V5")])] * 2)


@settings(max_examples=60)
@given(marker=MARKERS, within=MARKERS, tried=st.lists(ENVIRONMENTS, max_size=20))
def test_what_is_said_is_true(
    marker: markers.Marker, within: markers.Marker, tried: list[Environment]
) -> None:
    """No environment contradicts what is said of two markers."""
    said = environments.holds_within(marker, within)
    for environment in tried:
        if said is not None and markers.holds(within, environment):
            assert markers.holds(marker, environment) is said
