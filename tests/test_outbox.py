"""The outbox: what was told is known, and what waits is there until it was sent."""

from __future__ import annotations

from pathlib import Path

import pytest
from notify_fixtures import NOW, change

from trunk_failures import history, outbox
from trunk_failures.channels.file import File
from trunk_failures.channels.stdout import Stdout
from trunk_failures.notifications import Change, Memory, Since, Subject


@pytest.fixture
def path(tmp_path: Path) -> str:
    """Return where a history is to be."""
    return str(tmp_path / "history.sqlite3")


def test_what_is_remembered(path: str) -> None:
    """It is what was last written, by branches."""
    first = Memory(
        {Subject("a.b", "p", "c", "main"): Since("1", 5, "abc"),
         Subject("a.c", "", "", "main"): Since("2", 6)},
        frozenset({"c", ""}),
    )
    then = Memory({Subject("a.d", "", "", "main"): Since("3", 7)}, frozenset({"c", "", "d"}))
    with history.writing(path) as connection:
        assert outbox.memory(connection, "main") == Memory()
        outbox.remember(connection, "main", Memory(), first)
    with history.writing(path) as connection:
        assert outbox.memory(connection, "main") == first
        assert outbox.memory(connection, "") == Memory()
        outbox.remember(connection, "main", first, then)
        assert outbox.memory(connection, "main") == then


def test_what_was_looked_at(path: str) -> None:
    """Each kind has its names, and a name is there once."""
    with history.writing(path) as connection:
        outbox.watch(connection, "", outbox.LISTS, ["tests", "other"])
        outbox.watch(connection, "", outbox.LISTS, ["tests"])
        assert outbox.watched(connection, "", outbox.LISTS) == {"tests", "other"}
        assert outbox.watched(connection, "", outbox.TESTS) == set()


def test_disabled_tests_are_remembered(path: str) -> None:
    """Those of the last look are known at the next, whatever their names have in them."""
    one, other = ("them", 'test_"a" (m.\u00e9)'), ("us", "test_a (m.A)")
    with history.writing(path) as connection:
        assert outbox.disabled(connection) == set()
        outbox.remember_disabled(connection, set(), {one})
        assert outbox.disabled(connection) == {one}
        outbox.remember_disabled(connection, {one}, {other})
        assert outbox.disabled(connection) == {other}


def test_a_change_is_new_once(path: str) -> None:
    """What was told, or known without a word, is not new; the same test of another run is."""
    one, silent, other = change(), change(key="a.b"), change(since="6")
    with history.writing(path) as connection:
        assert outbox.new(connection, [one, silent]) == [one, silent]
        outbox.add(connection, [one], [silent], [], NOW)
        assert outbox.new(connection, [one, silent, other]) == [other]
        outbox.add(connection, [one], [silent], [], NOW)


def test_messages_wait_until_they_are_sent(path: str) -> None:
    """Each channel has its own, in order; a fault is kept beside what it is of."""
    channels = [Stdout(), File("x.txt")]
    with history.writing(path) as connection:
        outbox.add(connection, [change()], [], channels, NOW)
        outbox.add(connection, [change(since="6")], [], channels, NOW + 1)
        outbox.add(connection, [], [], channels, NOW + 2)
    with history.writing(path) as connection:
        first, second = outbox.waiting(connection, "stdout")
        assert first.message.changes == (change(),) and second.message.made == NOW + 1
        assert first.message.key != second.message.key
        outbox.failed(connection, first, "no \udcff route")
        outbox.sent(connection, second)
        (left,) = outbox.waiting(connection, "stdout")
        assert (left.tries, left.fault) == (1, "no \\udcff route")
        assert len(outbox.waiting(connection, "file=x.txt")) == 2


def test_what_is_killed_leaves_all_or_nothing(path: str) -> None:
    """The changes of one look, and what is remembered of it, are written together."""
    memory = Memory({Subject("a.b"): Since("1")}, frozenset({""}))
    with pytest.raises(KeyboardInterrupt):
        with history.writing(path) as connection:
            outbox.remember(connection, "", Memory(), memory)
            outbox.add(connection, [change()], [], [Stdout()], NOW)
            raise KeyboardInterrupt
    with history.writing(path) as connection:
        assert outbox.memory(connection, "") == Memory()
        assert outbox.new(connection, [change()]) == [change()]
        assert outbox.waiting(connection, "stdout") == []


def test_names_that_are_no_text(path: str) -> None:
    """A file's name can hold what is no character; it is told all the same."""
    channel = File("\udcff")
    odd = Change(change().kind, Subject("tests/\udcff"), Since("2026-01-01"), "\udcff")
    with history.writing(path) as connection:
        outbox.add(connection, [odd], [], [channel], NOW)
        outbox.watch(connection, "", outbox.LISTS, ["\udcff"])
        assert outbox.waiting(connection, channel.name)[0].message.changes == (odd,)
        assert outbox.new(connection, [odd]) == []
