"""Messages: written and read back, and known by their keys."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from notify_fixtures import change

from trunk_failures import messages
from trunk_failures.notifications import Change, Kind, Since, Subject

TEXT = st.text(st.characters(), max_size=20)
CHANGES = st.builds(
    Change, st.sampled_from(Kind), st.builds(Subject, TEXT, TEXT, TEXT, TEXT),
    st.builds(Since, TEXT, st.integers(), TEXT), TEXT, st.lists(TEXT).map(tuple), TEXT, TEXT,
)


@given(st.lists(CHANGES))
def test_changes_are_read_back(changes: list[Change]) -> None:
    """What `load` reads of what `dump` wrote is what was there, whatever the names hold."""
    assert messages.load(messages.dump(changes)) == tuple(changes)


@pytest.mark.parametrize("text", ["", "1", "[1]", "[[1, 2]]", '[["LATER", [], [], "", []]]', "{"])
def test_what_another_version_wrote(text: str) -> None:
    """It is an error that shows it."""
    with pytest.raises(ValueError, match="of another version of this package"):
        messages.load(text)


def test_a_key_is_of_the_channel_and_of_the_changes() -> None:
    """The same changes have the same key for one channel, and another for each other."""
    one, other = change(), change(since="6")
    keys = [
        messages.key("stdout", [one]),
        messages.key("file=a", [one]),
        messages.key("stdout", [other]),
        messages.key("stdout", [one, other]),
        messages.key("stdout", []),
    ]
    assert len({*keys}) == len(keys)
    same = one._replace(detail="of another day", elsewhere=("x",))
    assert messages.key("stdout", [same]) == keys[0]
    assert all(len(each) == 32 and each.isalnum() for each in keys)


def test_a_whole() -> None:
    """All changes are one message; no changes are none."""
    assert messages.whole([change()]) == [(change(),)]
    assert messages.whole([]) == []
