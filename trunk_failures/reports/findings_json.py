"""What is wrong with lists, as JSON, for programs."""

from __future__ import annotations

import json

from trunk_failures.findings import Outcome


def render(outcome: Outcome) -> str:
    """Return one object: what was mended, and what remains, each with its rule's word."""
    document = {
        "test_dir": outcome.test_dir,
        "entries": outcome.entries,
        "mended": [each._asdict() for each in outcome.mended],
        "findings": [
            {
                "path": each.path,
                "line": each.line or None,
                "rule": each.rule.value,
                "text": each.text,
            }
            for each in outcome.findings
        ],
    }
    return json.dumps(document, indent=1) + "\n"
