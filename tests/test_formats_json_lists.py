"""Entries as JSON: nothing is lost, and nothing else is read."""

from __future__ import annotations

import json

import pytest
from formats_fixtures import read, said
from hypothesis import given
from hypothesis import strategies as st
from lists_fixtures import make_entry

from trunk_failures import entry_lines, lists
from trunk_failures.entries import Entry
from trunk_failures.errors import UsageError
from trunk_failures.formats import documents, json_lists
from trunk_failures.formats.exported import Named

TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20)
SAID = TEXTS.map(entry_lines.one_line)
KEYS = st.text(max_size=20).map("TestA.test_b[{}]".format)
ENTRIES = st.builds(
    Entry,
    key=KEYS,
    mode=st.sampled_from(["trunk", "dynamo", "a-b"]),
    kind=st.sampled_from(lists.KINDS),
    path=st.just(""),
    test_file=st.sampled_from(["", "nn/test_a"]),
    reason=SAID,
    issue=SAID,
    owner=SAID,
    expires=st.none() | st.dates(),
    raises=st.sampled_from([(), ("ValueError",), ("a.B", "C")]),
    match=SAID,
    run=st.sampled_from(["always", "isolated", "never"]),
    keep=SAID,
)


def render(*entries: Entry) -> str:
    """Return entries as JSON."""
    return json_lists.render([*map(Named, entries)]).text


@given(st.lists(ENTRIES, max_size=3))
def test_entries_come_back_as_they_were(entries: list[Entry]) -> None:
    """Mode, kind, key, file and all fields are read as they were written."""
    found = read("json", render(*entries))
    assert not found.dropped
    back = [
        (each.mode, each.kind, each.test.key if each.test else "", each.place, each.fields)
        for each in found.listed
    ]
    assert back == [
        (each.mode, each.kind, each.key, each.test_file, each.fields) for each in entries
    ]


def test_the_document() -> None:
    """The document is as it is documented, and has nothing that an entry does not."""
    entry = make_entry(reason="slow")
    document = json.loads(render(entry, entry._replace(reason="", test_file="nn/test_a")))
    own = {"mode": "trunk", "kind": "expected_failures", "key": "TestA.test_b"}
    assert document == {
        "trunk_failures_lists": 1,
        "entries": [own | {"fields": {"reason": "slow"}}, own | {"file": "nn/test_a"}],
    }


GOOD = {"mode": "trunk", "kind": "skips", "key": "TestA.test_b"}


@pytest.mark.parametrize(
    "entry",
    [
        7,
        {},
        GOOD | {"mode": "../x"},
        GOOD | {"mode": ""},
        GOOD | {"mode": ".x"},
        GOOD | {"mode": "a\nb"},
        GOOD | {"mode": 7},
        GOOD | {"kind": "others"},
        GOOD | {"key": "a"},
        GOOD | {"more": ""},
        GOOD | {"fields": []},
        GOOD | {"fields": {"more": ""}},
        GOOD | {"fields": {"reason": 7}},
        GOOD | {"file": None},
    ],
)
def test_what_is_no_entry_is_told(entry: object) -> None:
    """An entry that has what no entry can have is named, and the others are read."""
    document = json.dumps({"trunk_failures_lists": 1, "entries": [entry, GOOD]})
    found = read("json", document)
    assert said(found) == {"TestA.test_b": ("skips", {})}
    assert "entry 1: " in found.dropped[0].what


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "a list is no JSON"),
        ("[" * 100_000, "a list is no JSON"),
        ("[]", "no export of lists"),
        ('{"entries": {}}', "no export of lists"),
        ('{"entries": []}', "'trunk_failures_lists' is None; 1 can be read"),
        ('{"entries": [], "trunk_failures_lists": 2}', "is 2; 1 can be read"),
    ],
)
def test_documents_of_other_kinds(text: str, message: str) -> None:
    """What is no export of lists is an error that says what was found."""
    with pytest.raises(UsageError, match=message):
        read("json", text)


def test_too_much_json(monkeypatch: pytest.MonkeyPatch) -> None:
    """A document of more bytes than are read is refused."""
    monkeypatch.setattr(documents, "LIMIT", 3)
    with pytest.raises(UsageError, match="more than the 3 bytes"):
        read("json", "[   ]")
