"""Platforms: whose tests are disabled where."""

from __future__ import annotations

import pytest

from trunk_failures import platforms
from trunk_failures.errors import UsageError
from trunk_failures.statuses import Disabled


@pytest.mark.parametrize(
    ("system", "environ", "wanted"),
    [
        ("linux", {}, {"linux"}),
        ("darwin", {}, {"mac", "macos"}),
        ("win32", {}, {"win", "windows"}),
        ("sunos5", {}, set()),
        ("linux", {"PYTORCH_TEST_WITH_ROCM": "1"}, {"linux", "rocm"}),
        ("linux", {"PYTORCH_TEST_WITH_ROCM": "0"}, {"linux"}),
        ("linux", {"PYTORCH_TEST_WITH_DYNAMO": "1"}, {"linux", "dynamo", "dynamo_wrapped"}),
    ],
)
def test_this_machines_platforms(system: str, environ: dict[str, str], wanted: set[str]) -> None:
    """A run is of its system, and of what PyTorch's variables switch on."""
    assert platforms.here(system, environ) == wanted


def test_platforms_of_an_option() -> None:
    """An option names platforms, a system by either of its names, and others nobody else knows."""
    assert platforms.parse("linux, rocm") == {"linux", "rocm"}
    assert platforms.parse("windows") == {"win", "windows"}
    assert platforms.parse("gpu") == {"gpu"}
    for text in ("", "linux,", ",", " "):
        with pytest.raises(UsageError, match="names no platforms; allowed are .*linux"):
            platforms.parse(text)


@pytest.mark.parametrize(
    ("own", "wanted", "told"),
    [
        ((), True, None),
        (("linux",), True, None),
        (("mac", "linux"), True, None),
        (("mac",), False, None),
        (("lunix",), False, True),
        (("lunix", "linux"), True, False),
        (("lunix", "mac"), False, False),
        (("all", "distributed"), False, True),
    ],
)
def test_where_a_test_is_disabled(own: tuple[str, ...], wanted: bool, told: bool | None) -> None:
    """A test is disabled on its platforms; unknown ones are told, and alone disable nothing."""
    test = Disabled("test_x (m.TestA)", platforms=own)
    found, unknown = platforms.disabled([test], {"linux"})
    assert found == ([test] if wanted else [])
    assert [each.disables_nothing for each in unknown] == ([] if told is None else [told])


def test_a_platform_that_is_given_is_known() -> None:
    """A name that the caller's run is of is no unknown one."""
    test = Disabled("test_x (m.TestA)", platforms=("gpu",))
    assert platforms.disabled([test], platforms.parse("gpu")) == ([test], [])


def test_what_is_told_of_unknown_platforms() -> None:
    """Unknown platforms are told with the issue to mend, or without one with what to mend."""
    tests = [
        Disabled("test_x (m.TestA)", platforms=("lunix", "linux"), issue="https://x/1"),
        Disabled("test_y (m.TestA)", platforms=("<fill this in",)),
    ]
    first, second = platforms.sentences(platforms.disabled(tests, {"linux"})[1])
    assert "('lunix'); they are passed over; mend the platforms in https://x/1; known" in first
    assert "('<fill this in'); it disables nothing; mend its platforms; known are asan" in second
