"""Statuses: names, ages and moments."""

from __future__ import annotations

import datetime

import pytest

from trunk_failures import statuses
from trunk_failures.statuses import Disabled, Status

NOW = datetime.datetime(2026, 5, 1, 12, tzinfo=datetime.timezone.utc)


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("test_x (__main__.TestA)", ("test_x", "TestA")),
        ("test_x (pkg.test_mod.TestA)", ("test_x", "TestA")),
        ("test_x (TestA)", ("test_x", "TestA")),
        ("test_x (__main__. TestA)", ("test_x", "TestA")),
        ("test_x (make.<locals>.TestA)", ("test_x", "TestA")),
        ("test_f(offload=True)_on (__main__.TestA)", ("test_f(offload=True)_on", "TestA")),
        ("test_b_ATen, Triton, C (__main__.TestA)", ("test_b_ATen, Triton, C", "TestA")),
        ("TestA.test_x", None),
        ("tests/test_a.py::TestA::test_x", None),
        ("test_x ()", None),
        ("test_x (a.)", None),
        ("(TestA)", None),
        ("", None),
    ],
)
def test_the_two_names_of_a_title(name: str, wanted: tuple[str, str] | None) -> None:
    """A name as titles of issues have it is a method and a class, whatever is in the method."""
    assert Disabled(name).method_and_class == wanted


def test_a_name_that_is_no_tests() -> None:
    """A name that is no test's in any dialect has no test."""
    assert Disabled("pull / linux / build").test is None
    test = Disabled("tests/test_a.py::test_x[1]").test
    assert test is not None and test.key == "test_a.test_x[1]"


@pytest.mark.parametrize(
    ("seconds", "wanted"),
    [(0, "0 s"), (119, "119 s"), (120, "2 min"), (7200, "2 h"), (2e5, "2 days")],
)
def test_ages_in_words(seconds: float, wanted: str) -> None:
    """An age is told in the largest unit of which there are two."""
    assert statuses.ago(datetime.timedelta(seconds=seconds)) == f"{wanted} old"


def test_no_age_is_negative() -> None:
    """A status of a machine whose clock is ahead is new, not of the future."""
    status = Status((), NOW, "x")
    assert status.age(NOW + datetime.timedelta(hours=1)) == datetime.timedelta(hours=1)
    assert status.age(NOW - datetime.timedelta(hours=1)) == datetime.timedelta()


def test_moments_are_read_as_they_are_written() -> None:
    """A moment is UTC's, whatever the zone of the time that it is made of."""
    east = datetime.timezone(datetime.timedelta(hours=2))
    assert statuses.moment(NOW.astimezone(east)) == "2026-05-01T12:00:00Z"
    assert statuses.read_moment("2026-05-01T12:00:00Z") == NOW
    now = statuses.now()
    assert statuses.read_moment(statuses.moment(now)) == now


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-05-01T12:00:00Z", NOW),
        ("2026-05-01T12:00:00z", NOW),
        ("2026-05-01T14:00:00+02:00", NOW),
        ("2026-05-01T12:00:00", NOW),
        ("2026-05-01 12:00", NOW),
        ("2026-05-01", NOW.replace(hour=0)),
        (str(int(NOW.timestamp())), NOW),
        ("0", datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)),
    ],
)
def test_times(text: str, expected: datetime.datetime) -> None:
    """A time is ISO 8601, in UTC where it names no zone, or seconds since 1970."""
    assert statuses.read_time(text) == expected


@pytest.mark.parametrize("text", ["", "yesterday", "-1", "9" * 19, "2026-13-01", "²"])
def test_texts_that_are_no_time(text: str) -> None:
    """Anything else is no time."""
    with pytest.raises(ValueError):
        statuses.read_time(text)
