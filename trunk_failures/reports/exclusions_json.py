"""Exclusions as JSON, for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from trunk_failures import statuses
from trunk_failures.exclusions import Exclusions
from trunk_failures.statuses import Disabled, Status


def render(found: Exclusions, status: Status, fixed: Iterable[Disabled]) -> str:
    """Return what is excluded and why, what runs as it is `fixed`, and what matched no test."""
    excluded = [
        {
            "id": each.id,
            "issues": each.issues,
            "reason": each.reason,
            "names": [because.name for because in each.because],
        }
        for each in found.excluded
    ]
    document = {
        "status": {"origin": status.origin, "fetched": statuses.moment(status.fetched)},
        "collected": len(found.excluded) + len(found.kept),
        "excluded": excluded,
        "fixed": [*map(_entry, fixed)],
        "unmatched": [*map(_entry, found.unmatched)],
    }
    return json.dumps(document, indent=1) + "\n"


def _entry(disabled: Disabled) -> dict[str, Any]:
    return {"name": disabled.name, "issue": disabled.issue}
