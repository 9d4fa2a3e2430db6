"""Modes: which lists the environment puts in force."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

TRUNK = "trunk"
"""The mode that is always in force: tests that fail whatever the mode."""

CONTEXTS = frozenset({"compiled_autograd"})
"""Names whose `<name>_skips` say "run inside a context manager", and so are no modes."""

STAND_IN = {"inductor": "dynamo"}
"""Modes whose lists stand in for another mode's, as in PyTorch."""

FLAG = "PYTORCH_TEST_WITH_"
MODES = "TRUNK_FAILURES_MODES"
SWITCH = "TRUNK_FAILURES"


def switched_off(environ: Mapping[str, str]) -> bool:
    """Tell whether `TRUNK_FAILURES=0` puts every list out of force."""
    return environ.get(SWITCH) == "0"


def in_force(found: Collection[str], environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return the modes in force, the most specific first, `trunk` last.

    `found` are the modes that have a list directory. Raises UsageError when
    `TRUNK_FAILURES_MODES` names a mode that has none: a misspelt mode must not pass unnoticed.
    """
    if switched_off(environ):
        return ()
    named = [mode.strip() for mode in environ.get(MODES, "").split(",") if mode.strip()]
    unknown = [mode for mode in named if mode not in found and mode != TRUNK]
    if unknown and found:
        from trunk_failures.errors import UsageError

        raise UsageError(
            f"{MODES} names {unknown[0]!r}, which has no list directory; modes that have one: "
            f"{', '.join(sorted(found))}; mend the name or make `{unknown[0]}_expected_failures`"
        )
    flagged = [
        mode
        for mode in sorted({*found, *STAND_IN, *STAND_IN.values()})
        if environ.get(FLAG + mode.upper()) == "1"
    ]
    chosen = dict.fromkeys(named + flagged)
    chosen.pop(TRUNK, None)
    for mode, replaced in STAND_IN.items():
        if mode in chosen:
            chosen.pop(replaced, None)
    return (*chosen, TRUNK)
