"""The summary of an update as JSON."""

from __future__ import annotations

import json
from typing import Any

from trunk_failures.proposals import Kind, Proposal
from trunk_failures.reports import rows
from trunk_failures.summaries import Summary


def render(summary: Summary) -> str:
    """Return the summary as one JSON object."""
    document: dict[str, Any] = {
        "mode": summary.mode,
        "test_dir": summary.test_dir,
        "state": summary.state,
        "files": summary.files,
        "tests": summary.tests,
    }
    for kind in Kind:
        if kind is not Kind.NOTHING:
            found = summary.kinds.get(kind, [])
            document[kind.value.replace(" ", "_")] = [_proposal(each) for each in found]
    document["causes"] = [
        {"cause": each.cause, "tests": each.keys, "configurations": each.configurations}
        for each in summary.causes
    ]
    document["passed_over"] = list(summary.faults)
    document["no_test_id"] = list(summary.unnamed)
    document["notices"] = list(summary.notices)
    return json.dumps(document, indent=1) + "\n"


def _proposal(found: Proposal) -> dict[str, Any]:
    change = found.change
    return {
        "test": found.key,
        "why": found.why,
        "configurations": list(found.configurations),
        "cause": found.cause,
        "from": rows.path(change.before) if change and change.before else None,
        "to": rows.path(change.after) if change and change.after else None,
        "fields": dict(change.fields) if change else {},
    }
