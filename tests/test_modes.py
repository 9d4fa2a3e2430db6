"""Modes: which lists an environment puts in force."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunk_failures import modes
from trunk_failures.errors import UsageError

DYNAMO = {"PYTORCH_TEST_WITH_DYNAMO": "1"}
INDUCTOR = {"PYTORCH_TEST_WITH_INDUCTOR": "1"}
SLOW = {"PYTORCH_TEST_WITH_SLOW": "1"}
OFF = {"TRUNK_FAILURES": "0"}

# the modes that have a list directory, the environment, and the modes in force
IN_FORCE = [
    ("", {}, ("trunk",)),
    ("trunk", {}, ("trunk",)),
    ("trunk dynamo slow", {}, ("trunk",)),
    ("dynamo", DYNAMO, ("dynamo", "trunk")),
    ("trunk dynamo", DYNAMO, ("dynamo", "trunk")),
    ("", DYNAMO, ("dynamo", "trunk")),
    ("trunk", {"PYTORCH_TEST_WITH_TRUNK": "1"}, ("trunk",)),
    ("slow", SLOW, ("slow", "trunk")),
    ("dynamo", SLOW, ("trunk",)),
    ("slow dynamo", {**SLOW, **DYNAMO}, ("dynamo", "slow", "trunk")),
    ("dynamo inductor", INDUCTOR, ("inductor", "trunk")),
    ("dynamo inductor", {**INDUCTOR, **DYNAMO}, ("inductor", "trunk")),
    ("dynamo", {**INDUCTOR, **DYNAMO}, ("inductor", "trunk")),
    ("", {**INDUCTOR, **DYNAMO}, ("inductor", "trunk")),
    ("dynamo", {**INDUCTOR, "TRUNK_FAILURES_MODES": "dynamo"}, ("inductor", "trunk")),
    ("slow", {"TRUNK_FAILURES_MODES": "slow"}, ("slow", "trunk")),
    ("slow wide", {"TRUNK_FAILURES_MODES": "wide,slow"}, ("wide", "slow", "trunk")),
    ("slow wide", {"TRUNK_FAILURES_MODES": " slow , ,wide,"}, ("slow", "wide", "trunk")),
    ("slow", {"TRUNK_FAILURES_MODES": "slow,slow", **SLOW}, ("slow", "trunk")),
    ("slow dynamo", {"TRUNK_FAILURES_MODES": "slow", **DYNAMO}, ("slow", "dynamo", "trunk")),
    ("slow", {"TRUNK_FAILURES_MODES": "trunk"}, ("trunk",)),
    ("slow", {"TRUNK_FAILURES_MODES": "trunk,slow"}, ("slow", "trunk")),
    ("slow", {"TRUNK_FAILURES_MODES": ""}, ("trunk",)),
    ("", {"TRUNK_FAILURES_MODES": "slow"}, ("slow", "trunk")),
    ("slow", {**SLOW, "TRUNK_FAILURES": "1"}, ("slow", "trunk")),
    ("slow", {**SLOW, "TRUNK_FAILURES": ""}, ("slow", "trunk")),
    ("slow", {**SLOW, **OFF}, ()),
    ("slow", {"TRUNK_FAILURES_MODES": "no_such_mode", **OFF}, ()),
    ("", OFF, ()),
]


@pytest.mark.parametrize(("found", "environ", "expected"), IN_FORCE)
def test_modes_in_force(found: str, environ: dict[str, str], expected: tuple[str, ...]) -> None:
    """Named modes come first, then flagged ones, then trunk; inductor stands in for dynamo."""
    assert modes.in_force(found.split(), environ) == expected


@pytest.mark.parametrize("value", ["0", "", "true", "True", "yes", "2", "11", " 1", "1 ", "on"])
def test_only_1_turns_a_flag_on(value: str) -> None:
    """A flag that is anything but "1" puts no mode in force."""
    assert modes.in_force({"dynamo"}, {"PYTORCH_TEST_WITH_DYNAMO": value}) == ("trunk",)


@pytest.mark.parametrize(
    ("environ", "expected"),
    [({}, False), (OFF, True), *(({"TRUNK_FAILURES": v}, False) for v in ("", "1", "00", "off"))],
)
def test_only_0_switches_off(environ: dict[str, str], expected: bool) -> None:
    """`TRUNK_FAILURES` that is anything but "0" leaves the lists in force."""
    assert modes.switched_off(environ) is expected


@pytest.mark.parametrize("named", ["dynmo", "trunk,dynmo,other", "dynamo,dynmo", "DYNAMO"])
def test_an_unknown_mode_is_an_error(named: str) -> None:
    """A mode that has no lists is refused, with its name, those there are and what to do."""
    unknown = "DYNAMO" if named == "DYNAMO" else "dynmo"
    with pytest.raises(UsageError) as caught:
        modes.in_force({"slow", "dynamo"}, {"TRUNK_FAILURES_MODES": named})
    assert str(caught.value) == (
        f"TRUNK_FAILURES_MODES names {unknown!r}, which has no list directory; modes that have "
        f"one: dynamo, slow; mend the name or make `{unknown}_expected_failures`"
    )


@given(
    st.sets(st.sampled_from(["trunk", "dynamo", "inductor", "slow", "wide"])),
    st.sets(st.sampled_from(["TRUNK", "DYNAMO", "INDUCTOR", "SLOW", "OTHER"])),
)
def test_any_flags(found: set[str], flags: set[str]) -> None:
    """Whatever is flagged, trunk is last, no mode comes twice, none stands beside its stand-in."""
    chosen = modes.in_force(found, {f"PYTORCH_TEST_WITH_{flag}": "1" for flag in flags})
    assert chosen[-1] == "trunk"
    assert len(set(chosen)) == len(chosen)
    assert not {"dynamo", "inductor"}.issubset(chosen)
    assert {mode.upper() for mode in chosen} <= {*flags, "TRUNK"}
