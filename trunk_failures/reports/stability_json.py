"""The stability of tests as JSON, for programs.

The document is `{"version": 1, "history", "runs", "configurations", "verdicts": {verdict: count},
"tests": [...], "causes": [{"error", "tests"}], "set_aside": [run], "disabled": [...]}`.

A test has `test`, `file` (or its module, as far as results say), `configuration`, `verdict`,
`runs`, `passes`, `rate` (null where it never ran), `interval` ([low, high], of the rate, at 95 %),
`flips`, `failures_in_a_row`, `passes_in_a_row`, `failing_since`, `last_pass` and `last_run` (a run
or null; without a last pass it may have begun to fail before, in runs that are deleted or were not
asked for), `seconds_to_recover` (the mean, or null), `regression`, `error` (the last one's, as it
is without what differs from run to run), `sharing` (how many tests fail with it), `listed`
(entries, below the test directory) and `recommendation`, `{"action", "why", "confidence"}`. A run
is `{"run", "configuration", "time", "commit", "branch", "tests", "failed"}`. A disabled test has
`test`, `source`, `issue`, `platforms`, `reason` and `spans`, [{"since", "until"}], the last of
which has no end (null) while the test is disabled. Times are ISO 8601, in UTC. Fields may be added;
none changes its meaning while the version is the same.
"""

from __future__ import annotations

import json
from typing import Any

from trunk_failures.history_statuses import DisabledTest
from trunk_failures.reports import stability_rows
from trunk_failures.stability import Stability
from trunk_failures.stability_summaries import Row, Summary
from trunk_failures.trials import Run

VERSION = 1


def render(summary: Summary) -> str:
    """Return the summary as one JSON object."""
    document = {
        "version": VERSION,
        "history": summary.history,
        "runs": summary.runs,
        "configurations": list(summary.configurations),
        "verdicts": {verdict.value: count for verdict, count in summary.verdicts.items()},
        "tests": [*map(_test, summary.rows)],
        "causes": [
            {"error": each.error, "tests": list(each.tests)} for each in summary.causes
        ],
        "set_aside": [*map(_run, summary.set_aside)],
        "disabled": [*map(_disabled, summary.disabled)],
    }
    return json.dumps(document, indent=1) + "\n"


def of_test(found: Stability) -> dict[str, Any]:
    """Return how stable a test is as JSON has it."""
    return {
        "test": found.key,
        "file": found.place,
        "configuration": found.configuration,
        "verdict": found.verdict.value,
        "runs": found.runs,
        "passes": found.passes,
        "rate": found.rate,
        "interval": list(found.interval),
        "flips": found.flips,
        "failures_in_a_row": found.failures_in_a_row,
        "passes_in_a_row": found.passes_in_a_row,
        "failing_since": _run(found.failing_since),
        "last_pass": _run(found.last_pass),
        "last_run": _run(found.last_run),
        "seconds_to_recover": found.recovery,
        "regression": found.regression,
        "error": found.error,
    }


def _test(row: Row) -> dict[str, Any]:
    return {
        **of_test(row.stability),
        "sharing": row.sharing,
        "listed": list(row.listed),
        "recommendation": {
            "action": row.recommendation.action.value,
            "why": row.recommendation.why,
            "confidence": row.recommendation.confidence,
        },
    }


def _run(found: Run | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "run": found.name,
        "configuration": found.configuration,
        "time": stability_rows.moment(found.time),
        "commit": found.commit,
        "branch": found.branch,
        "tests": found.tests,
        "failed": found.failed,
    }


def _disabled(found: DisabledTest) -> dict[str, Any]:
    spans = [
        {
            "since": stability_rows.moment(span.since),
            "until": None if span.until is None else stability_rows.moment(span.until),
        }
        for span in found.spans
    ]
    return {
        "test": found.name,
        "source": found.source,
        "issue": found.issue,
        "platforms": found.platforms,
        "reason": found.reason,
        "spans": spans,
    }
