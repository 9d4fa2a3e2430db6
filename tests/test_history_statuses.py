"""Statuses in the history: the spans in which tests were disabled, whatever the order they came in.
"""

from __future__ import annotations

import itertools
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trunk_failures import history, history_statuses
from trunk_failures.disabled_spans import Span
from trunk_failures.history_statuses import DisabledTest, Snapshot
from trunk_failures.statuses import Disabled


@pytest.fixture
def path(tmp_path: Path) -> str:
    """Return the path of a history that is not there."""
    return str(tmp_path / "history.sqlite3")


def snapshot(time: int, names: str, source: str = "s", **fields: str) -> Snapshot:
    """Return what a source said at a time: the tests that letters name."""
    return Snapshot(source, time, {name: Disabled(name, **fields) for name in names})


def record(path: str, *snapshots: Snapshot) -> tuple[int, int]:
    """Record snapshots."""
    with history.writing(path) as connection:
        return history_statuses.record(connection, snapshots)


def spans(path: str, source: str = "s") -> dict[str, list[tuple[int, int | None]]]:
    """Return the spans of a source's tests."""
    with history.reading(path) as connection:
        return {
            each.name: [tuple(span) for span in each.spans]  # type: ignore[misc]
            for each in history_statuses.disabled(connection)
            if each.source == source
        }


def test_spans(path: str) -> None:
    """A test is disabled from the first moment that has it to the first that has it no more."""
    assert record(path, snapshot(1, "ab"), snapshot(2, "b"), snapshot(3, "bc"),
                  snapshot(5, "a")) == (4, 4)
    assert spans(path) == {"a": [(1, 2), (5, None)], "b": [(1, 5)], "c": [(3, 5)]}


def test_what_is_known_is_not_news(path: str) -> None:
    """The same statuses again, in one command or in several, change nothing."""
    given = [snapshot(1, "ab"), snapshot(2, "b"), snapshot(3, "")]
    record(path, *given)
    before = spans(path)
    assert record(path, *given, given[0], given[2]) == (5, 0)
    assert spans(path) == before == {"a": [(1, 2)], "b": [(1, 3)]}


def test_what_a_source_said_in_between(path: str) -> None:
    """A status that comes late tells of the time until the next one, no more."""
    record(path, snapshot(1, "a"), snapshot(9, "ab"))
    record(path, snapshot(5, "b"))
    assert spans(path) == {"a": [(1, 5), (9, None)], "b": [(5, None)]}
    record(path, snapshot(7, "a"))
    assert spans(path) == {"a": [(1, 5), (7, None)], "b": [(5, 7), (9, None)]}


def test_what_a_source_said_otherwise_of_the_same_time(path: str) -> None:
    """Of two statuses of one moment the later record holds."""
    record(path, snapshot(1, "a"), snapshot(2, "ab"), snapshot(3, "a"))
    record(path, snapshot(2, "c"))
    assert spans(path) == {"a": [(1, 2), (3, None)], "c": [(2, 3)]}


def test_sources_are_apart(path: str) -> None:
    """What one source says is nothing that another one said."""
    record(path, snapshot(1, "a"), snapshot(2, "", source="other"), snapshot(3, "a"))
    assert spans(path) == {"a": [(1, None)]} and spans(path, "other") == {}


def test_what_is_known_of_a_disabled_test(path: str) -> None:
    """A test has the issue, the platforms and the reason that were said of it last."""
    record(path, snapshot(1, "a", issue="old"), snapshot(2, ""), snapshot(3, "a", issue="old"))
    last = Disabled("a", issue="new", platforms=("linux", "rocm"), reason="flaky")
    record(path, Snapshot("s", 4, {"a": last}))
    record(path, snapshot(0, "a", issue="oldest"))
    with history.reading(path) as connection:
        (found,) = history_statuses.disabled(connection)
    expected = DisabledTest("s", "a", (Span(0, 2), Span(3)), "new", "linux, rocm", "flaky")
    assert found == expected and found.now


def test_no_status(path: str) -> None:
    """A history of no status has no disabled test."""
    assert record(path) == (0, 0)
    assert spans(path) == {}


SERIES = st.lists(st.sets(st.sampled_from("abc")), min_size=1, max_size=5)


def expected(series: dict[int, set[str]]) -> dict[str, list[tuple[int, int | None]]]:
    """Return the spans of a series as a look at each of its moments gives them."""
    found: dict[str, list[tuple[int, int | None]]] = {}
    for name in "abc":
        since = None
        for time, names in series.items():
            if name in names and since is None:
                since = time
            elif name not in names and since is not None:
                found.setdefault(name, []).append((since, time))
                since = None
        if since is not None:
            found.setdefault(name, []).append((since, None))
    return found


@settings(max_examples=25)
@given(SERIES, st.randoms(use_true_random=False), st.booleans())
def test_the_order_does_not_matter(
    tmp_path_factory: pytest.TempPathFactory,
    series: list[set[str]],
    chance: random.Random,
    at_once: bool,
) -> None:
    """Statuses in any order, in one command or in several, come to the spans of their times."""
    path = str(tmp_path_factory.mktemp("orders") / "history.sqlite3")
    given = [snapshot(time, "".join(names)) for time, names in enumerate(series)]
    shuffled = chance.sample(given, len(given))
    for part in [shuffled] if at_once else [[each] for each in shuffled]:
        record(path, *part)
    assert spans(path) == expected(dict(enumerate(series)))


def test_pruning(path: str) -> None:
    """Spans that ended go, those that go on stay, and what comes later is understood."""
    record(path, snapshot(1, "abc"), snapshot(5, "bc"), snapshot(9, "c"))
    with history.writing(path) as connection:
        assert history_statuses.prune(connection, 5) == 1
        times = connection.execute("SELECT time FROM status ORDER BY time").fetchall()
    assert times == [(5,), (9,)]
    record(path, snapshot(7, "b"))
    assert spans(path) == {"b": [(1, 9)], "c": [(1, 7), (9, None)]}


def test_every_order_of_three() -> None:
    """The model of the spans is one: each test is disabled where its moments say so."""
    for sets in itertools.product((set(), {"a"}), repeat=3):
        found = expected(dict(enumerate(sets)))
        covered = [
            any(since <= time and (until is None or time < until) for since, until in
                found.get("a", []))
            for time in range(3)
        ]
        assert covered == ["a" in each for each in sets]


def test_when_each_source_was_heard_last(path: str) -> None:
    """It is the latest of its statuses, whether anything was disabled then or not."""
    record(path, snapshot(1, "a"), snapshot(9, ""), snapshot(5, "b"), snapshot(3, "a", "t"))
    with history.reading(path) as connection:
        assert history_statuses.heard(connection) == {"s": 9, "t": 3}
