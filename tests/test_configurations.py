"""Configurations: how they are written, and which markers tell them apart."""

from __future__ import annotations

import pytest
from update_fixtures import CONFIGURATIONS, FROM_311, LINUX, PY311, PY312, configuration

from trunk_failures import configurations, markers
from trunk_failures.errors import UsageError

WRITTEN = [
    ("py311=reports", "py311", None, "reports"),
    ("py 3.11+x-y=reports", "py 3.11+x-y", None, "reports"),
    ("a=b=c", "a", None, "b=c"),
    (f"py311:{PY311}=reports/py311", "py311", PY311, "reports/py311"),
    (f"py311:{PY311}=a=b", "py311", PY311, "a=b"),
    (f"x:{PY311} or {LINUX}=r", "x", f"{PY311} or {LINUX}", "r"),
    (f"x:({PY311})=python_version == '3.12'", "x", f"({PY311})", "python_version == '3.12'"),
    ("x:env.A == 'b=c'=r", "x", "env.A == 'b=c'", "r"),
    ("x:mode in 'a'=r", "x", "mode in 'a'", "r"),
    ("x:python_version === '3.11'==r", "x", "python_version === '3.11'", "=r"),
]
REFUSED = [
    ("reports", "names no configuration; allowed is NAME=PATH"),
    ("", "names no configuration"),
    ("=reports", "names no configuration"),
    (":x=reports", "names no configuration"),
    ("reports/py311=x", "names no configuration"),
    ("é=x", "names no configuration"),
    ("py311:", "it has no '=' after the marker; allowed is NAME=PATH"),
    ("py311:python_version", "it has no '=' after the marker"),
    ("py311:python_version == 3.11=x", "names no configuration: cannot read the marker"),
    ("py311:=x", "cannot read the marker ''"),
    ("py311=", "says nothing after its last '='"),
    (f"py311:{PY311}=", "says nothing after its last '='"),
]
# These, those, and the marker that is true of these alone.
TELLING = [
    ("py311", "py312", PY311),
    ("py311", "", PY311),
    ("py311,py312", "py313", f"{PY311} or {PY312}"),
    ("py312,py311,py311 too", "py313", f"{PY311} or {PY312}"),
    ("py311", "py312,py313", PY311),
    ("py311", "py311 too", None),
    ("py311", "from 3.11", None),
    ("from 3.11", "py312", None),
    ("py311", "linux", None),
    ("py311", "bare", None),
    ("bare", "py311", None),
    ("bare", "", None),
    ("", "py311", None),
    ("", "", None),
]


def of(names: str) -> list[configurations.Configuration]:
    """Return configurations by their names."""
    return [CONFIGURATIONS[name] for name in names.split(",") if name]


@pytest.mark.parametrize(("text", "name", "marker", "rest"), WRITTEN)
def test_what_is_written(text: str, name: str, marker: str | None, rest: str) -> None:
    """A configuration is read with its marker, whatever `=` the marker and the path hold."""
    found, path = configurations.parse(text)
    assert (found.name, found.marker and found.marker.text, path) == (name, marker, rest)


@pytest.mark.parametrize(("text", "fault"), REFUSED)
def test_what_is_refused(text: str, fault: str) -> None:
    """What is no configuration is refused, with the text and what is allowed."""
    with pytest.raises(UsageError) as caught:
        configurations.parse(text)
    assert fault in str(caught.value)
    assert repr(text) in str(caught.value)


def test_the_form_is_the_callers() -> None:
    """The message says the form that the caller asks for."""
    with pytest.raises(UsageError, match="allowed is NAME=JOBS$"):
        configurations.parse("x", "NAME=JOBS")


@pytest.mark.parametrize(("these", "those", "marker"), TELLING)
def test_markers_that_tell_apart(these: str, those: str, marker: str | None) -> None:
    """A marker is returned where it is true of these and of none of those, and nowhere else."""
    assert configurations.marker_of(of(these), of(those)) == marker


def test_a_marker_that_would_be_too_long() -> None:
    """Markers of too many configurations to be read again tell nothing apart."""
    many = [configuration(f"c{n}", f'env.SHARD == "{n}"') for n in range(200)]
    assert configurations.marker_of(many[:5], many[5:])
    assert configurations.marker_of(many[5:], many[:5]) is None


def test_a_marker_in_parentheses() -> None:
    """Parts that hold `and` or `or` are put in parentheses, others are not."""
    two = configuration("two", f"{PY311} and {LINUX}")
    assert configurations.marker_of([two, *of("py312")], of("py313")) == (
        f"({PY311} and {LINUX}) or {PY312}"
    )
    assert configurations.marker_of([two], of("py313")) == f"{PY311} and {LINUX}"


@pytest.mark.parametrize(
    ("entry", "by", "narrowed", "widened"),
    [
        (PY311, LINUX, f"{PY311} and {LINUX}", f"{PY311} or {LINUX}"),
        (f" {PY311} ", f"{PY311}", PY311, f"{PY311} or {PY311}"),
        (
            f"{PY311} or {PY312}",
            f"{LINUX} and {FROM_311}",
            f"({PY311} or {PY312}) and ({LINUX} and {FROM_311})",
            f"({PY311} or {PY312}) or ({LINUX} and {FROM_311})",
        ),
    ],
)
def test_narrowed_and_widened(entry: str, by: str, narrowed: str, widened: str) -> None:
    """A marker is narrowed with `and`, widened with `or`, and can be read again."""
    marker = markers.parse(entry)
    assert configurations.narrowed(marker, by) == narrowed
    assert configurations.widened(marker, by) == widened
    assert markers.parse(narrowed) and markers.parse(widened)
    assert configurations.narrowed(None, by) == by


@pytest.mark.parametrize(
    ("marker", "name", "holds"),
    [
        (None, "py311", True),
        (None, "bare", True),
        (PY311, "bare", None),
        (PY311, "py311", True),
        (PY311, "py312", False),
        (PY311, "from 3.11", None),
        (FROM_311, "py312", True),
        (LINUX, "py312", None),
    ],
)
def test_where_a_marker_holds(marker: str | None, name: str, holds: bool | None) -> None:
    """A marker holds in a configuration, or does not, or the configuration does not say."""
    parsed = markers.parse(marker) if marker else None
    assert configurations.holds(parsed, CONFIGURATIONS[name]) is holds


@pytest.mark.parametrize(
    ("text", "these", "those", "tells"),
    [
        (PY311, "py311", "py312", True),
        (PY311, "py311,linux", "py312", True),
        (PY311, "py312", "", False),
        (PY311, "py311", "linux", False),
        ("nonsense", "py311", "py312", False),
        ("", "py311", "", False),
    ],
)
def test_what_tells_apart(text: str, these: str, those: str, tells: bool) -> None:
    """A marker tells apart where it may hold in each of these and cannot in any of those."""
    assert configurations.tells_apart(text, of(these), of(those)) is tells
