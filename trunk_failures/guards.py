"""Guards: what keeps a broken machine from writing lists."""

from __future__ import annotations

from collections.abc import Mapping

SHARE = 0.8
"""The share of failing tests from which on a run is not believed."""

FEWEST = 50
"""Additions that are always allowed; else a tenth of the suite is."""


def refusal(
    ran: Mapping[str, int],
    failed: Mapping[str, int],
    suite: int,
    additions: int,
    max_new: int | None = None,
    share: float = SHARE,
) -> str:
    """Return why an update is refused, or "".

    `ran` and `failed` count tests by configuration; `suite` is how many tests there are in all.
    """
    for name in sorted(ran):
        if ran[name] and failed.get(name, 0) >= share * ran[name]:
            what = f"configuration {name!r}" if name else "the run"
            return (
                f"refused: {failed[name]} of {ran[name]} tests failed in {what}, which is "
                f"{share:.0%} or more; a machine that is broken so must not write lists. Mend it, "
                f"leave its results out, or raise --max-failing"
            )
    most = max(FEWEST, suite // 10) if max_new is None else max_new
    if additions > most:
        return (
            f"refused: {additions} tests would be added, and {most} is the most"
            f"{'' if max_new is not None else ' (50, or a tenth of the suite)'}; look at what they "
            f"have in common with --dry-run, or allow them with --max-new {additions}"
        )
    return ""
