"""Debt: the figures of lists, and how people and programs are told them."""

from __future__ import annotations

import datetime
import json
import unicodedata
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trunk_failures import debt, entries, lists
from trunk_failures.git_records import Added
from trunk_failures.listed_entries import Listed
from trunk_failures.reports import debt_json, debt_text

TODAY = datetime.date(2026, 3, 1)
XFAILS, SKIPS = lists.KINDS


def added(days: int, **fields: Any) -> Added:
    """Return the commit of an entry that was added some days ago."""
    when = datetime.datetime(2026, 3, 1, 23, tzinfo=datetime.timezone.utc)
    known = Added("c0ffee" + "0" * 34, when - datetime.timedelta(days), "Ann", "a@x.org", "why")
    return known._replace(**fields)


def listed(
    key: str = "T.test_a", days: int | None = 0, unknown: str = "no git", **fields: Any
) -> Listed:
    """Return an entry of trunk's skips that was added some days ago; None is not known."""
    path = f"tests/trunk_skips/{key}"
    entry = entries.Entry(key, "trunk", SKIPS, path, **fields)
    commit = None if days is None else added(days)
    return Listed(key, "trunk", SKIPS, path, "", entry, "", commit, "" if commit else unknown)


def expiring(days: int, key: str = "T.test_a") -> Listed:
    """Return an entry that expires in some days."""
    return listed(key, expires=TODAY + datetime.timedelta(days))


BROKEN = Listed("T.test_x", "slow", XFAILS, "tests/x", fault="`tests/x`: no", added=added(3))
UNDATED = listed("T.test_u", unreadable_date="soon", owner="bo")


@pytest.mark.parametrize(
    ("days", "band"),
    [(0, 7), (7, 7), (8, 30), (30, 30), (31, 90), (91, 365), (366, None), (9000, None), (-3, 7)],
)
def test_ages_are_counted_in_bands(days: int, band: int | None) -> None:
    """The last day of a band is in it; what another clock dated later than today is new."""
    ages = debt.of([listed(days=days)], TODAY).ages
    assert ages == {**dict.fromkeys((*debt.BANDS, None), 0), band: 1}
    assert debt.age(listed(days=days), TODAY) == max(days, 0)


def test_unknown_ages_are_counted_by_why() -> None:
    """No entry has an age that is not known, and each reason is counted, the commonest first."""
    none = [listed(days=None, unknown=why) for why in ("a", "b", "b", "")]
    found = debt.of(none, TODAY)
    assert list(found.ages_unknown.items()) == [("b", 2), ("a", 1), ("it is in no file", 1)]
    assert not any(found.ages.values()) and not found.oldest
    assert debt.age(none[0], TODAY) is None and debt.age(listed(days=2), TODAY) == 2


def test_modes_owners_and_issues() -> None:
    """Entries that cannot be read count for their mode, and have neither owner nor issue."""
    all_of_them = [listed(owner="ann"), listed(issue="u"), listed(), UNDATED, BROKEN]
    found = debt.of(all_of_them, TODAY)
    assert found.total == 5
    assert found.modes == {"slow": {XFAILS: 1, SKIPS: 0}, "trunk": {XFAILS: 0, SKIPS: 4}}
    assert list(found.owners.items()) == [("", 2), ("ann", 1), ("bo", 1)]
    assert (found.with_issue, found.without_issue) == (1, 3)
    assert found.unreadable == [BROKEN]


def test_what_expires() -> None:
    """An entry holds on its last day; soon is within so many days, and the first is told first."""
    far, last, soon, today, gone = map(expiring, (31, 30, 1, 0, -1))
    found = debt.of([far, last, soon, today, gone, UNDATED, listed()], TODAY)
    assert found.expired == [gone, UNDATED]
    assert found.expiring == [today, soon, last]
    assert debt.of([far], TODAY, within=31).expiring == [far]


def test_the_oldest() -> None:
    """The oldest are told, the oldest of all first, and no more than some."""
    many = [listed(f"T.test_{days}", days) for days in range(20)]
    oldest = debt.of(many, TODAY).oldest
    assert [each.key for each in oldest] == [f"T.test_{days}" for days in range(19, 9, -1)]


def test_text() -> None:
    """People read figures without empty rows, then the entries to look at."""
    all_of_them = [
        listed("T.test_old", 400, owner="ann", issue="u"), expiring(2), UNDATED, BROKEN,
        listed("T.test_new", None),
    ]
    assert debt_text.render(debt.of(all_of_them, TODAY)) == """\
5 entries on 2026-03-01

by mode:
       1 slow, expected failures
       4 trunk, skips

by age:
       3 up to a week
       1 over a year
       1 not known: no git

by owner:
       2 nobody
       1 ann
       1 bo

by issue:
       1 with one
       3 without

expired:
  tests/trunk_skips/T.test_u: soon (bo)

expiring within 30 days:
  tests/trunk_skips/T.test_a: 2026-03-03

cannot be read:
  `tests/x`: no

oldest:
  tests/trunk_skips/T.test_old: 2025-01-25 by Ann in c0ffee0000 (why)
  tests/x: 2026-02-26 by Ann in c0ffee0000 (why)
  tests/trunk_skips/T.test_a: 2026-03-01 by Ann in c0ffee0000 (why)
  tests/trunk_skips/T.test_u: 2026-03-01 by Ann in c0ffee0000 (why)
"""


def test_text_of_few_and_of_many() -> None:
    """No entries are one line; of thousands that expired some are shown and the rest counted."""
    assert debt_text.render(debt.of([], TODAY)) == "0 entries on 2026-03-01\n"
    text = debt_text.render(debt.of([expiring(-1)] * 30, TODAY))
    assert text.count(": 2026-02-28") == debt_text.MOST and "\n  and 10 more\n" in text
    assert debt_text.render(debt.of([listed()], TODAY)).startswith("1 entry on")


def test_json() -> None:
    """Programs read the same figures, and all that is known of the entries named."""
    all_of_them = [listed(owner="ann", issue="u"), expiring(2), UNDATED, BROKEN]
    found = json.loads(debt_json.render(debt.of(all_of_them, TODAY, 9)))
    assert found["date"] == "2026-03-01" and found["total"] == 4 and found["expiring_days"] == 9
    assert found["modes"]["slow"] == {"expected_failures": 1, "skips": 0}
    assert found["ages"][0] == {"days": 7, "entries": 4}
    assert found["ages"][-1] == {"days": None, "entries": 0} and found["ages_unknown"] == {}
    assert found["owners"] == {"": 1, "ann": 1, "bo": 1}
    assert found["issues"] == {"with": 1, "without": 2}
    assert [each["expires"] for each in (*found["expired"], *found["expiring"])] == [
        "soon", "2026-03-03",
    ]
    (unreadable,) = found["unreadable"]
    commit = {
        "commit": "c0ffee" + "0" * 34, "when": "2026-02-26T23:00:00Z", "author": "Ann",
        "email": "a@x.org", "subject": "why",
    }
    assert unreadable == {
        "path": "tests/x", "test": "T.test_x", "mode": "slow", "kind": XFAILS, "test_file": "",
        "owner": "", "issue": "", "expires": "", "fault": "`tests/x`: no", "added": commit,
    }
    assert [each["test"] for each in found["oldest"]][0] == "T.test_x"
    assert debt_json.added(None) is None


@given(
    st.lists(
        st.builds(
            listed,
            st.sampled_from(["T.a", "T.b"]),
            st.none() | st.integers(-9, 9999),
            owner=st.text(max_size=3),
            issue=st.text(max_size=1),
            unreadable_date=st.text(max_size=2),
            expires=st.none() | st.dates(),
        )
        | st.just(BROKEN),
        max_size=4,
    )
)
@settings(max_examples=50)
def test_every_entry_is_counted_once(all_of_them: list[Listed]) -> None:
    """The parts add up to the whole, and no text of an entry reaches a terminal raw."""
    found = debt.of(all_of_them, TODAY)
    readable = len(all_of_them) - len(found.unreadable)
    assert sum(map(sum, (each.values() for each in found.modes.values()))) == found.total
    assert sum([*found.ages.values(), *found.ages_unknown.values()]) == found.total
    assert sum(found.owners.values()) == found.with_issue + found.without_issue == readable
    assert not {*found.expired} & {*found.expiring}
    shown = debt_text.render(found).replace("\n", "")
    assert not {"Cc", "Cs"} & {*map(unicodedata.category, shown)}
    assert json.loads(debt_json.render(found))["total"] == len(all_of_them)
