"""The debt of lists as JSON, for programs.

One object; names are never taken away and never change their meaning:

* `date`: the day of the figures, UTC's; `total`: entries
* `modes`: {mode: {"expected_failures": count, "skips": count}}
* `ages`: [{"days": the most of the band, null for the last, "entries": count}], and
  `ages_unknown`: {why: count}
* `owners`: {owner: count}, "" for nobody; `issues`: {"with": count, "without": count}
* `expired`, `expiring` (within `expiring_days`), `unreadable`, `oldest`: entries, each {"path",
  "test", "mode", "kind", "test_file", "owner", "issue", "expires", "fault", "added"}; `added` is
  null or {"commit", "when", "author", "email", "subject"}; texts are "" where there are none
"""

from __future__ import annotations

import json
from typing import Any

from trunk_failures import statuses
from trunk_failures.debt import Debt
from trunk_failures.git_records import Added
from trunk_failures.listed_entries import Listed


def render(debt: Debt) -> str:
    """Return the figures as one JSON object."""
    document: dict[str, Any] = {
        "date": str(debt.today),
        "total": debt.total,
        "modes": debt.modes,
        "ages": [{"days": most, "entries": count} for most, count in debt.ages.items()],
        "ages_unknown": debt.ages_unknown,
        "owners": debt.owners,
        "issues": {"with": debt.with_issue, "without": debt.without_issue},
        "expired": [*map(_entry, debt.expired)],
        "expiring_days": debt.within,
        "expiring": [*map(_entry, debt.expiring)],
        "unreadable": [*map(_entry, debt.unreadable)],
        "oldest": [*map(_entry, debt.oldest)],
    }
    return json.dumps(document, indent=1) + "\n"


def added(record: Added | None) -> dict[str, str] | None:
    """Return who added an entry as JSON has it."""
    if record is None:
        return None
    return {**record._asdict(), "when": statuses.moment(record.when)}


def _entry(listed: Listed) -> dict[str, Any]:
    fields = dict(listed.entry.fields) if listed.entry else {}
    return {
        "path": listed.path,
        "test": listed.key,
        "mode": listed.mode,
        "kind": listed.kind,
        "test_file": listed.test_file,
        **{name: fields.get(name, "") for name in ("owner", "issue", "expires")},
        "fault": listed.fault,
        "added": added(listed.added),
    }
