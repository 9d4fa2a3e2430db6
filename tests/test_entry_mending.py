"""Entry mending: what has one right answer, and all that has to stay as it is."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest
from check_fixtures import entry_file, lay_out
from hypothesis import example, given, settings
from hypothesis import strategies as st

from trunk_failures import entries, entry_files, entry_mending, file_names, list_writing, surveys
from trunk_failures.surveys import EntryFile

NAME = "T.test_a"
LONG = "T.test_" + "a" * 200
HASHED = file_names.hashed(LONG)


def mended(content: str, name: str = NAME, key: str = NAME) -> str:
    """Return a content as it is mended, `{name}` standing for the file's name."""
    content = content.replace("{name}", name)
    made = entry_mending.mended(content, name, entry_file(content, name, key).entry)
    return "\n".join(
        f"{{name}}:{line.removeprefix(f'{name}:')}" if line.startswith(f"{name}:") else line
        for line in made.split("\n")
    )


# what a file holds, and what it is to hold
MENDED = [
    ("some text\n", "{name}: reason: some text\n"),
    ("some text", "{name}: reason: some text\n"),
    ("reason: some text\n", "{name}: reason: some text\n"),
    ("one\n\n  two  \n", "{name}: reason: one two\n\n"),
    ("{name}: owner: me\none\ntwo\n", "{name}: owner: me\n{name}: reason: one two\n"),
    (
        "one\n{name}: owner: me\n{name}: reason: two\nthree\n",
        "{name}: owner: me\n{name}: reason: two one three\n",
    ),
    ("issue: https://a.b/1\n", "{name}: issue: https://a.b/1\n"),
    ("issue: https://a.b/1\r\nwhy\r\n", "{name}: issue: https://a.b/1\r\n{name}: reason: why\r\n"),
    ("{name}: owner: me\n{name}: owner:  me\n", "{name}: owner: me\n"),
    ("{name}: owner: me\nowner: me\n", "{name}: owner: me\n"),
    ("{name}: bogus: 1\nowner: me\n", "{name}: bogus: 1\n{name}: owner: me\n"),
    ("raises: ValueError\nwhy\n", "{name}: raises: ValueError\n{name}: reason: why\n"),
    ("expires: soon\nwhen:\n", "{name}: expires: soon\nwhen:\n"),
    ("{name}: reason:\nwhy\n", "{name}: reason: why\n"),
    ("run: isolated\ntimeout: 3\n", "{name}: run: isolated\n{name}: timeout: 3\n"),
]

LEFT = [
    "",
    " \n",
    "{name}: reason: x\n",
    "{name}: reason: x",
    "Other.test: owner: me\n",
    "owner: reason: x\n",
    "{name}: owner: me\n{name}: owner: you\n",
    "{name}: owner: me\nowner: you\n",
    "owner: me\nowner: you\n",
    "{name}: bogus: 1\n{name}: bogus: 1\n",
    "when: the moon is full\n",
    "{name}: reason: x\n{name}: reason: y\nmore\n",
    "<<<<<<< HEAD\nthis\n=======\nthat\n>>>>>>> branch\n",
    "reason:\n",
    "test: T.test_b\n",
]


@pytest.mark.parametrize(("content", "expected"), MENDED)
def test_what_has_one_right_answer(content: str, expected: str) -> None:
    """Lines get the name that they lack, text becomes one reason, and repetitions go."""
    assert mended(content) == expected


@pytest.mark.parametrize("content", LEFT)
def test_what_is_left(content: str) -> None:
    """What is right, has two right answers, or would be wrong in another way, stays as it is."""
    assert mended(content) == content


def test_lines_of_a_file_that_was_renamed_get_its_name() -> None:
    """Lines that begin with another name of the very test get the file's, whatever they say."""
    hashed = file_names.hashed(NAME)
    content = f"test: {NAME}\n{NAME}: owner: me\n{NAME}: bogus: x\n"
    assert mended(content, hashed) == f"test: {NAME}\n{{name}}: owner: me\n{{name}}: bogus: x\n"
    assert mended(f"{hashed}: owner: me\n") == "{name}: owner: me\n"


LINE = st.sampled_from(
    [
        *("{name}: reason: why", "{name}: reason: else", "reason: bare", "reason:"),
        *("{name}: reason:", "\ufeff{name}: keep: x"),
        *("{name}: owner: me", "{name}: owner: you", "owner: me", "{name}:owner:me", "owner:"),
        *("issue: https://a.b/1", "{name}: issue: https://a.b/2", "free text", "more: text", ""),
        *("Other.test: owner: x", "when: nonsense", "when: mode == 'x'", "expires: soon", "  "),
        *("{plain}: owner: me", "{plain}: match: [", "test: {key}", "{name}: bogus: 1", "é\x85é"),
        *("match: a.*b", "raises: ValueError", "timeout: 3", "run: isolated"),
    ]
)
ENDED = st.tuples(LINE, st.sampled_from(["\n", "\n", "\r\n"])).map("".join)
CONTENTS = st.tuples(st.lists(ENDED, max_size=8).map("".join), LINE).map("".join)


@settings(max_examples=150)
@given(CONTENTS, st.sampled_from([(NAME, NAME), (HASHED, LONG)]))
@example("reason: why\n{name}: reason: why\nreason: why", (NAME, NAME))
def test_nothing_is_lost_and_once_is_enough(content: str, named: tuple[str, str]) -> None:
    """What an entry says stays, no fault is new, no word goes, and mended twice is mended."""
    name, key = named
    text = content.format(name=name, plain=file_names.encode(key), key=key)
    entry = entry_file(text, name, key).entry
    after = entry_mending.mended(text, name, entry)
    assert entry_mending.mended(after, name, entry) == after
    before, then = entries.examine(entry, name, text), entries.examine(entry, name, after)
    if not before.faults:
        assert then.entry == before.entry
    assert len(then.faults) <= len(before.faults)
    lost = {*text.replace(":", " ").split()} - {*after.replace(":", " ").split()}
    assert lost <= {"reason", file_names.encode(key)}


def names(key: str) -> list[str]:
    """Return names under which people write a key."""
    escaped = "".join(c if c.isalnum() or c == "." else f"%{ord(c):02x}" for c in key)
    return [key.replace("/", "%2f"), file_names.encode(key), file_names.hashed(key), escaped]


KEYS = st.sampled_from(["T.a", "T.A", "t.a", "T.b[x/y]", "T.b[x:y]", "T.c[:]", "con.a", " T.a"])
FILES = st.lists(
    st.tuples(KEYS, st.integers(0, 3), st.sampled_from(["", "nn/test_a/"]), CONTENTS), max_size=6
)


def listed(test_dir: str) -> dict[tuple[str, str], list[EntryFile]]:
    """Return the files that list each test, by test file and key."""
    found: dict[tuple[str, str], list[EntryFile]] = {}
    for file in surveys.survey(test_dir).files:
        found.setdefault((file.address.test_file, file.address.key), []).append(file)
    return found


def said(file: EntryFile) -> entries.Entry | None:
    """Return what an entry's file says, or None where it breaks a rule."""
    reading = entries.examine(file.entry, file.name, file.content)
    return None if reading.faults else reading.entry._replace(path="")


@settings(max_examples=40)
@given(FILES)
@example([("T.a", 0, "", ""), ("T.A", 0, "", ""), ("T.a", 3, "", "")])
@example([(" T.a", 0, "", "{name}: owner: me"), (" t.a", 0, "", "text")])
def test_fixing_is_idempotent_and_lists_the_same_tests(
    files: list[tuple[str, int, str, str]]
) -> None:
    """Mended lists have the same tests, each says what it said, and nothing is left to mend."""
    with tempfile.TemporaryDirectory() as directory, pytest.MonkeyPatch.context() as patched:
        patched.setattr(os, "fsync", lambda number: None)
        patched.setattr(entry_files, "_shown", {})
        written = {}
        for key, number, folder, content in files:
            name = names(key)[number]
            text = content.format(name=name.lstrip(), plain=file_names.encode(key), key=key)
            first = f"test: {key}\n" if file_names.is_hashed(name) else ""
            written[f"trunk_skips/{folder}{name}"] = first + text
        test_dir = str(lay_out(Path(directory) / "tests", written))
        before = listed(test_dir)
        list_writing.write(entry_mending.plan(surveys.survey(test_dir).files))
        after = listed(test_dir)
        assert after.keys() == before.keys()
        for place, same in before.items():
            assert {said(each) for each in same} - {None} <= {said(each) for each in after[place]}
        assert entry_mending.plan(surveys.survey(test_dir).files) == []


# files, and what they are to be
FOLDERS = [
    ({"T.a[x%2fy]": ""}, {"T.a[x%2Fy]": ""}),
    ({"T.a[é]": "T.a[é]: owner: me\n"}, {"T.a[%C3%A9]": "T.a[%C3%A9]: owner: me\n"}),
    ({"T.a[x%2fy]": "", "T.a[x%2Fy]": ""}, {"T.a[x%2Fy]": ""}),
    ({"T.%61": "T.%61: owner: me\n", "T.a": "owner: me\n"}, {"T.a": "T.a: owner: me\n"}),
    ({"T.%61": "why", "T.a": ""}, {"T.%61": "T.%61: reason: why\n", "T.a": ""}),
    ({"%54.a": "", "T.%61": ""}, {"T.a": ""}),
    (
        {"T.a": "T.a: owner: me\n", "T.A": ""},
        {
            file_names.hashed("T.a"): f"test: T.a\n{file_names.hashed('T.a')}: owner: me\n",
            file_names.hashed("T.A"): "test: T.A\n",
        },
    ),
    (
        {"T.a": "", file_names.hashed("T.A"): "test: T.A\n"},
        {"T.a": "", file_names.hashed("T.A"): "test: T.A\n"},
    ),
    (
        {file_names.hashed("T.b[/]"): "test: T.b[/]\n", "T.b[%2f]": ""},
        {file_names.hashed("T.b[/]"): "test: T.b[/]\n"},
    ),
    ({"T." + "é" * 40: ""}, {file_names.hashed("T." + "é" * 40): f"test: T.{'é' * 40}\n"}),
]


@pytest.mark.parametrize(("files", "expected"), FOLDERS)
def test_names(tmp_path: Path, files: dict[str, str], expected: dict[str, str]) -> None:
    """A file gets the name of its key, twins by case get hashes, and what says the same goes."""
    test_dir = lay_out(tmp_path / "tests", {f"trunk_skips/{name}": files[name] for name in files})
    list_writing.write(entry_mending.plan(surveys.survey(str(test_dir)).files))
    there = {path.name: path.read_text(encoding="utf-8") for path in test_dir.glob("*_skips/*")}
    assert there == expected


def test_a_name_that_is_taken_stays_free() -> None:
    """No file is renamed to what a file with another fault is called."""
    file = entry_file("", "T.a[x%2fy]", "T.a[x/y]")
    taken = [os.path.join(file.folder, "T.a[x%2Fy]")]
    assert entry_mending.plan([file], taken) == []
    assert [change.new for change in entry_mending.plan([file])] == taken


def test_what_cannot_be_read_is_left() -> None:
    """A file that cannot be read gets no other name, and is no copy of another one."""
    broken = entry_file("", "T.a[x%2fy]", "T.a[x/y]")._replace(trouble="it is no regular file")
    assert entry_mending.plan([broken]) == []
    assert entry_mending.plan([broken, entry_file("", "T.a[x%2Fy]", "T.a[x/y]")]) == []


def test_what_was_done_is_said() -> None:
    """Each change is told in words: lines, the new name, or that the file is gone."""
    files = [
        entry_file("T.test_a: owner: me\nwhy\n\nT.test_a: owner: me\n"),
        entry_file("why\n", "T.b[x%2fy]", "T.b[x/y]"),
        entry_file("", "T.%63", "T.c"),
        entry_file("", "T.c", "T.c"),
        entry_file("one\n", "T.d", "T.d"),
    ]
    assert [entry_mending.told(change) for change in entry_mending.plan(files)] == [
        "removed, as a file beside it says the same of the same test",
        "renamed to `T.b[x%2Fy]`",
        "mended line 1: each begins with the file's name, and none is said twice",
        "mended lines 2, 4: each begins with the file's name, and none is said twice",
    ]
