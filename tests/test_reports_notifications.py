"""What changed, as text and as JSON, whatever the names of tests hold."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from notify_fixtures import HOSTILE, NOW, change, message

from trunk_failures.notifications import Change, Kind, Since, Subject
from trunk_failures.reports import notification_json, notification_text

EXPIRED = Change(
    Kind.EXPIRED, Subject("tests/trunk_skips/a.b"), Since("2026-01-01"), "slow", (), "x", "me"
)
STALE = Change(Kind.STALE, Subject("status.json"), Since("2026-01-01T00:00:00Z"), "it is 3 h old")
DISABLED = Change(
    Kind.DISABLED, Subject("test_a (m.A)", "trunk"), Since("2026-01-01T00:00:00Z", NOW), "linux"
)
WATCHED = Change(Kind.WATCHED, Subject("tests", "", "py311", "main"), Since("", NOW), "0 tests")


def test_text() -> None:
    """Each kind has its lines, and each change what there is to know of it."""
    changes = [
        change(configuration="py311", elsewhere=("py312",), entry="trunk_skips/x", owner="me"),
        change(Kind.RECOVERED, key="TestB.test_b", place="", detail=""),
        DISABLED, EXPIRED, STALE, WATCHED,
    ]
    assert notification_text.render(changes) == """\
1 newly failing, 1 recovered, 1 newly disabled on trunk, 1 entry expired, 1 status not fetched, \
1 now watched
newly failing:
  TestA.test_a (tests/test_a) [py311] since run 5, commit abc, 2027-01-15T08:00:00Z
      AssertionError: no
      fails in py312 too
      listed in trunk_skips/x, owner me
recovered:
  TestB.test_b since run 5, commit abc, 2027-01-15T08:00:00Z
newly disabled on trunk:
  test_a (m.A) trunk 2026-01-01T00:00:00Z: linux
entry expired:
  tests/trunk_skips/a.b 2026-01-01, owner me: slow
status not fetched:
  status.json 2026-01-01T00:00:00Z: it is 3 h old
now watched:
  tests [py311 on main]: 0 tests
"""


def test_tests_that_fail_alike() -> None:
    """Their error is there once, and what there is no room for is counted."""
    alike = [change(key=f"TestA.test_{n}") for n in range(7)]
    text = notification_text.render([*alike, change(key="TestB.test_b", detail="other")], most=5)
    assert "\n  7 tests: AssertionError: no\n    TestA.test_0 (tests/test_a) since run" in text
    assert text.count("AssertionError") == 1 and "test_5" not in text
    assert text.endswith("test_4 (tests/test_a) since run 5, commit abc, 2027-01-15T08:00:00Z\n"
                         "  and 3 more\n")


@pytest.mark.parametrize("time", [0, 10**30, -(10**30), -1])
def test_times_that_no_calendar_has(time: int) -> None:
    """They are shown as they are; 0 is a time that is not known."""
    assert notification_text.moment(time) or not time


@given(st.lists(st.text(st.characters()), min_size=6, max_size=6))
def test_nothing_but_lines_of_text(texts: list[str]) -> None:
    """No name, error or owner makes a line of its own, or moves a terminal's cursor."""
    key, place, configuration, detail, entry, owner = texts
    found = change(
        key=key, place=place, configuration=configuration, detail=detail, entry=entry,
        owner=owner, elsewhere=(key,),
    )
    text = notification_text.render([found, EXPIRED._replace(detail=detail, owner=owner)])
    shown = "".join(text.split("\n"))
    assert not any(ord(char) < 32 or 127 <= ord(char) < 160 for char in shown)
    shown.encode()
    assert len(text.splitlines()) == 5 + bool(detail) + 1 + bool(entry)


def test_json() -> None:
    """The document has all fields that are not empty, as they are documented."""
    changes = [
        change(configuration="py311", elsewhere=("py312",), entry="x", owner="me"),
        change(Kind.RECOVERED, detail="3 passes"),
        DISABLED, EXPIRED, STALE, WATCHED,
    ]
    test = {"test": "TestA.test_a", "file": "tests/test_a", "run": "5", "commit": "abc"}
    test["since"] = "2027-01-15T08:00:00Z"
    assert json.loads(json.dumps(notification_json.document(message(*changes)))) == {
        "trunk_failures_notification": 1,
        "id": "0123456789abcdef",
        "time": "2027-01-15T08:00:00Z",
        "headline": notification_text.headline(changes),
        "changes": [
            {"kind": "newly failing", **test, "error": "AssertionError: no",
             "fails_elsewhere": ["py312"], "configuration": "py311", "entry": "x", "owner": "me"},
            {"kind": "recovered", **test, "detail": "3 passes"},
            {"kind": "newly disabled on trunk", "test": "test_a (m.A)", "source": "trunk",
             "since": "2026-01-01T00:00:00Z", "detail": "linux"},
            {"kind": "entry expired", "expires": "2026-01-01", "detail": "slow", "entry": "x",
             "owner": "me"},
            {"kind": "status not fetched", "status": "status.json",
             "fetched": "2026-01-01T00:00:00Z", "detail": "it is 3 h old"},
            {"kind": "now watched", "watched": "tests", "detail": "0 tests",
             "configuration": "py311", "branch": "main"},
        ],
    }


def test_json_has_names_as_they_are() -> None:
    """Programs get them unchanged."""
    assert notification_json.changes([change(key=HOSTILE)])[0]["test"] == HOSTILE
