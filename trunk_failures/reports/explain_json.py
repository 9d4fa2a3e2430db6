"""Explained tests as JSON, for programs.

One object; names are never taken away and never change their meaning:

* `test_dir`; `in_force`: modes; `fault`: which rules the lists break, or ""
* `asked`: [{"text", "listed", "tests", "near", "results"}]; `results` are those of what is not
  listed
* of `tests`: {"test", "test_file" ("" for any), "entries", "results"}; the first entry whose
  `state` is "acts" and whose `under` is "" decides what the test is reported as
* of `entries`: {"path", "mode", "kind", "test_file", "state", "why", "under", "fields", "when",
  "fault", "added", "added_unknown"}; `state` is one of `decisions.State`, and what would come of
  the entry `under` that setting; `added` is as in the JSON of debt
* of `results`, out of the history: as `tests` in the JSON of `stability`, up to `error`
* of `near`: {"test", "test_file", "why"}
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from trunk_failures.all_lists import AllLists
from trunk_failures.explained_tests import Answer, Explained
from trunk_failures.reports import debt_json, stability_json


def render(answers: Iterable[Answer], found: AllLists) -> str:
    """Return what there is to say of what was asked as one JSON object."""
    document = {
        "test_dir": found.test_dir,
        "in_force": found.in_force.modes,
        "fault": found.fault,
        "asked": [*map(_answer, answers)],
    }
    return json.dumps(document, indent=1) + "\n"


def _answer(answer: Answer) -> dict[str, Any]:
    return {
        "text": answer.asked.text,
        "listed": bool(answer.tests),
        "tests": [
            {
                "test": place.key,
                "test_file": place.test_file,
                "entries": [*map(_entry, entries)],
                "results": [*map(stability_json.of_test, answer.results.get(place, ()))],
            }
            for place, entries in answer.tests
        ],
        "near": [
            {"test": place.key, "test_file": place.test_file, "why": why}
            for place, why in answer.near
        ],
        "results": [
            stability_json.of_test(each)
            for results in ([] if answer.tests else answer.results.values())
            for each in results
        ],
    }


def _entry(explained: Explained) -> dict[str, Any]:
    listed = explained.listed
    return {
        "path": listed.path,
        "mode": listed.mode,
        "kind": listed.kind,
        "test_file": listed.test_file,
        "state": explained.state.value,
        "why": explained.why,
        "under": explained.under,
        "fields": dict(listed.entry.fields) if listed.entry else {},
        "when": explained.when,
        "fault": listed.fault,
        "added": debt_json.added(listed.added),
        "added_unknown": listed.unknown,
    }
