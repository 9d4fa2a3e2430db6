"""What changed, as JSON: for webhooks and for files that programs read.

`{"trunk_failures_notification": 1, "id": text, "time": moment, "headline": text, "changes":
[{"kind": text, "test": key, ...}]}`. The `id` is the same each time the message is sent, and no
other message's. `kind` is one of `notifications.Kind`. A change of a test has `test`, `file`,
`configuration`, `branch`, `run`, `commit`, `since` (a moment), `error`, `fails_elsewhere`
(configurations, and `on BRANCH`), `entry` and `owner`; one of trunk's status has `test`, `source`
and `since`; others have `entry`, `expires` and `owner`, or `status` and `fetched`, or `watched`;
and each may have `detail`. What is empty is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from trunk_failures import notifications
from trunk_failures.messages import Message
from trunk_failures.notifications import Change, Kind
from trunk_failures.reports import notification_text

VERSION = 1
MARK = "trunk_failures_notification"


def document(message: Message) -> dict[str, Any]:
    """Return a message as a JSON document."""
    return {
        MARK: VERSION,
        "id": message.key,
        "time": notification_text.moment(message.made),
        "headline": notification_text.headline(message.changes),
        "changes": changes(message.changes),
    }


def changes(found: Sequence[Change]) -> list[dict[str, Any]]:
    """Return changes as JSON values."""
    return [
        {name: value for name, value in _fields(each).items() if value} for each in found
    ]


def _fields(change: Change) -> dict[str, Any]:
    kind, subject, since = change.kind, change.subject, change.since
    fields: dict[str, Any] = {"kind": kind.value}
    if kind in notifications.TESTS:
        error = "error" if kind is not Kind.RECOVERED else "detail"
        run = {"run": since.run, "commit": since.commit}
        fields |= {"test": subject.key, "file": subject.place, **run, error: change.detail}
        fields["since"] = notification_text.moment(since.time)
        fields["fails_elsewhere"] = list(change.elsewhere)
    elif kind in (Kind.DISABLED, Kind.ENABLED):
        fields |= {"test": subject.key, "source": subject.place, "since": since.run}
        fields["detail"] = change.detail
    elif kind in (Kind.EXPIRED, Kind.EXPIRING):
        fields |= {"expires": since.run, "detail": change.detail}
    elif kind is Kind.STALE:
        fields |= {"status": subject.key, "fetched": since.run, "detail": change.detail}
    else:
        fields |= {"watched": f"{subject.key} {subject.place}".strip(), "detail": change.detail}
    return fields | {
        "configuration": subject.configuration,
        "branch": subject.branch,
        "entry": change.entry,
        "owner": change.owner,
    }
