"""Entries: what an entry's file says, and what it must not."""

from __future__ import annotations

import datetime
import re
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lists_fixtures import make_entry

from trunk_failures import entries, file_names, markers
from trunk_failures.entries import Entry
from trunk_failures.errors import EntryError

NAME = "TestFoo.test_bar"
PATH = f"tests/trunk_skips/{NAME}"
BARE = Entry(NAME, "trunk", "skips", PATH)
TODAY = datetime.date(2026, 5, 9)
DAY = datetime.timedelta(days=1)
FIELDS = "reason, issue, owner, expires, when, raises, match, run, timeout, keep"


def parse(content: str, name: str = NAME, key: str = NAME) -> Entry:
    """Return the entry that a file with some content is, `{name}` standing for its name."""
    return entries.parse(BARE._replace(key=key), name, content.replace("{name}", name))


def refusal(content: str, name: str = NAME, key: str = NAME) -> str:
    """Return the message that a malformed content is refused with."""
    with pytest.raises(EntryError) as caught:
        parse(content, name, key)
    return str(caught.value)


# a line, without the file's name, and the fields that it gives
LINES = [
    ("reason: graph break on generators", {"reason": "graph break on generators"}),
    ("reason: see: the issue", {"reason": "see: the issue"}),
    ("reason:no blank", {"reason": "no blank"}),
    ("reason :  many blanks  ", {"reason": "many blanks"}),
    ("issue: https://example.org/issues/1", {"issue": "https://example.org/issues/1"}),
    ("owner: someone@example.org", {"owner": "someone@example.org"}),
    ("expires: 2030-12-31", {"expires": datetime.date(2030, 12, 31)}),
    ("when: mode == 'trunk'", {"when": markers.parse("mode == 'trunk'")}),
    ("raises: ValueError", {"raises": ("ValueError",)}),
    ("raises: a.b.Error , KeyError,_X", {"raises": ("a.b.Error", "KeyError", "_X")}),
    ("match: expected .*: got", {"match": "expected .*: got"}),
    ("run: always", {"run": "always"}),
    ("run: isolated", {"run": "isolated"}),
    ("run: never", {"run": "never"}),
    ("keep: until 3.0", {"keep": "until 3.0"}),
]

UNREADABLE_DATES = [
    "soon",
    "2030-13-01",
    "2030-02-30",
    "2030-1-1",
    "31.12.2030",
    "2030-12-31T00:00",
    "2030-12-31 or so",
    "20301231",
    "2030-W01-1",
]


@pytest.mark.parametrize(("line", "fields"), LINES)
@pytest.mark.parametrize("around", ["{}", "{}\n", "{}\r\n", "\n\n{}\n\n", "  {}\t\n"])
def test_fields(line: str, fields: dict[str, object], around: str) -> None:
    """Each field reads, whatever the line's end and the blanks around it; nothing else changes."""
    # `_replace` takes any fields, which mypy cannot follow through a table.
    expected = BARE._replace(**fields)  # type: ignore[arg-type]
    assert parse(around.format(f"{NAME}: {line}")) == expected


@pytest.mark.parametrize(("text", "seconds"), [("30", 30.0), ("2.5", 2.5), ("0.01", 0.01)])
def test_a_timeout(text: str, seconds: float) -> None:
    """`timeout` is in seconds, beside `run: isolated`, in either order; 60 when it is not given."""
    lines = [f"{NAME}: run: isolated", f"{NAME}: timeout: {text}"]
    assert parse("\n".join(lines)).timeout == seconds
    assert parse("\n".join(reversed(lines))).timeout == seconds
    assert parse(lines[0]).timeout == 60.0


@pytest.mark.parametrize(
    "text", ["30", "2.5", "123456", "123456.789", "999999.999999", "0.00001", "0.000012345"]
)
def test_a_timeout_is_written_as_it_is_read(text: str) -> None:
    """An entry that is written anew keeps each digit of its `timeout`."""
    entry = parse(f"{NAME}: run: isolated\n{NAME}: timeout: {text}")
    assert dict(entry.fields)["timeout"] == text


@given(st.floats(min_value=0, exclude_min=True, max_value=999_999))
def test_any_timeout_is_read_again(seconds: float) -> None:
    """Whatever number of seconds an entry has, its field reads as that number."""
    entry = BARE._replace(run="isolated", timeout=seconds)
    lines = (f"{NAME}: {field}: {value}" for field, value in entry.fields)
    assert parse("\n".join(lines)) == entry


def test_an_empty_file_is_a_complete_entry() -> None:
    """Without content every field has its default: it always runs and holds everywhere."""
    for content in ("", "\n", "\r\n\r\n", "  ", f"{NAME}:", f"{NAME}: \n"):
        assert parse(content) == BARE
    assert (BARE.run, BARE.when, BARE.raises, BARE.match) == ("always", None, (), "")
    assert BARE.expires is None and not BARE.expired(TODAY)


@pytest.mark.parametrize("text", UNREADABLE_DATES)
def test_an_unreadable_date_is_kept(text: str) -> None:
    """An `expires` that is no date such as 2030-12-31 is kept, and counts as expired for ever."""
    entry = parse(f"{NAME}: expires: {text}")
    assert (entry.expires, entry.unreadable_date) == (None, text)
    assert entry.expired(datetime.date.min) and entry.expired(TODAY)


@pytest.mark.parametrize(
    ("days", "expired"), [(-365, True), (-1, True), (0, False), (1, False), (365, False)]
)
def test_expiry(days: int, expired: bool) -> None:
    """An entry expires when the day that it names is over."""
    entry = parse(f"{NAME}: expires: {TODAY + days * DAY}")
    assert entry.expired(TODAY) is expired


# content, the line at fault and what is said of it
MALFORMED = [
    ("{name}: reasn: x", 1, f"unknown field 'reasn'; the fields are {FIELDS}"),
    ("{name}: Reason: x", 1, f"unknown field 'Reason'; the fields are {FIELDS}"),
    ("{name}: some text", 1, f"unknown field 'some text'; the fields are {FIELDS}"),
    ("{name}: : x", 1, f"unknown field ''; the fields are {FIELDS}"),
    ("{name}: test", 1, f"unknown field 'test'; the fields are {FIELDS}"),
    *(
        (f"{{name}}: owner: x\n{{name}}: {field}:", 2, f"field {field!r} is empty; give it a value")
        for field in FIELDS.split(", ")
        if field != "owner"
    ),
    ("{name}: reason", 1, "field 'reason' is empty; give it a value or remove the line"),
    (
        "{name}: reason: a\n\n{name}: owner: b\n{name}: reason: c",
        4,
        "field 'reason' is given twice; keep one of the two lines",
    ),
    ("{name}: expires: soon\n{name}: expires: 2030-12-31", 2, "field 'expires' is given twice"),
    ("{name}: expires: 2030-12-31\n{name}: expires: soon", 2, "field 'expires' is given twice"),
    ("{name}: when: mode = 'x'", 1, "cannot read the marker \"mode = 'x'\""),
    ("{name}: when: True", 1, "allowed are the variables python_version, sys_platform"),
    (
        '{name}: when: __import__("os")',
        1,
        "cannot read the marker '__import__(\"os\")': '__import__(\"os\")' at character 1",
    ),
    ("{name}: raises: 1Error", 1, "`raises` names '1Error'; allowed are names of exception types"),
    ("{name}: raises: ValueError,", 1, "`raises` names ''; allowed are names of exception types"),
    ("{name}: raises: a..B", 1, "such as `ValueError` or `package.module.Error`"),
    ("{name}: raises: ValueError KeyError", 1, "separated by commas"),
    ("{name}: match: (", 1, "cannot read the regular expression '('"),
    ("{name}: match: a**", 1, "put a backslash before characters that are meant literally"),
    ("{name}: run: sometimes", 1, "`run` is 'sometimes'; allowed are always, isolated, never"),
    ("{name}: run: Always", 1, "`run` is 'Always'; allowed are always, isolated, never"),
    *(
        (
            f"{{name}}: run: isolated\n{{name}}: timeout: {text}",
            2,
            f"`timeout` is {text!r}; allowed are seconds, such as 30 or 2.5",
        )
        for text in ("0", "0.0", "-1", "1e3", "1 s", "inf", "nan", "1,5", ".5", "1234567")
    ),
    ("{name}: test: TestFoo.test_other", 1, "the line names test 'TestFoo.test_other', the file"),
    ("test: TestFoo.test_other", 1, f"the file {NAME!r}; mend the line"),
    ("{name}: owner: x\n{name}: test: A.a%ZZ", 2, "'%' and two hex digits"),
    ("raises: ValueError", 1, "write `TestFoo.test_bar: raises: ValueError`"),
    ("expires: 2030-12-31", 1, "found 'expires: 2030-12-31' without the file's name before it"),
    ("some text\nrun: never", 2, "write `TestFoo.test_bar: run: never`"),
    (
        "TestFoo.test_other: reason: x",
        1,
        "found 'TestFoo.test_other: reason: x', a line of another test's ('TestFoo.test_other'), "
        "moved here by a merge or a rename; begin it with `TestFoo.test_bar: ` or remove it",
    ),
    ("{name}: reason: x\nTestFoo.test_bar2: raises: KeyError", 2, "('TestFoo.test_bar2')"),
    ("raises : KeyError", 1, "without the file's name before it"),
    ("{name} : raises: KeyError", 1, "raises: KeyError"),
]


@pytest.mark.parametrize(("content", "line", "said"), MALFORMED)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_malformed_content(content: str, line: int, said: str, end: str) -> None:
    """What breaks a rule is refused: which file and line, what was found and what is allowed."""
    message = refusal(content.replace("\n", end))
    assert message.startswith(f"`{PATH}`, line {line}: ")
    assert said in message


@pytest.mark.parametrize("run", ["", "{name}: run: always\n", "{name}: run: never\n"])
def test_a_timeout_without_a_child_process(run: str) -> None:
    """`timeout` for a test that runs in this process is refused, as nothing could keep it."""
    assert refusal(f"{run}{{name}}: timeout: 30") == (
        f"`{PATH}`: `timeout` has a meaning only beside `run: isolated`; add that line or remove "
        f"this one"
    )


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("graph break", "graph break"),
        ("graph break\non generators\n", "graph break on generators"),
        ("  graph break  \r\n\r\n\r\non generators\r\n", "graph break on generators"),
        ("{name}: reason: own\nand more", "own and more"),
        ("and more\n{name}: reason: own", "own and more"),
        ("see https://example.org/issues/1", "see https://example.org/issues/1"),
        ("https://example.org/issues/1", "https://example.org/issues/1"),
        ("Unsupported: call_method", "Unsupported: call_method"),
        ("Raises: ValueError", "Raises: ValueError"),
        ("the cause: reason: unknown", "the cause: reason: unknown"),
        ("# a comment", "# a comment"),
        ("{name}x", "TestFoo.test_barx"),
    ],
)
def test_free_text_is_the_reason(content: str, reason: str) -> None:
    """Text without the file's name, as PyTorch has it, is the reason, in one line."""
    assert parse(content) == BARE._replace(reason=reason)


def test_free_text_beside_fields() -> None:
    """Free text and fields may stand together."""
    entry = parse("{name}: raises: KeyError\nsome text\n{name}: owner: me\nand more")
    assert entry == BARE._replace(raises=("KeyError",), owner="me", reason="some text and more")


def test_a_reason_without_the_files_name() -> None:
    """A line `reason: ...` without the file's name is free text, and so the reason all the same."""
    assert parse("reason: graph break").reason == "graph break"


@pytest.mark.parametrize("key", ["A.b", "TestFoo.test_" + "x" * 300, "m.f[100%]", "A.é\n"])
@pytest.mark.parametrize("prefix", ["", "{name}: "])
def test_the_line_that_names_the_test(key: str, prefix: str) -> None:
    """The line `test: <key>`, with or without the file's name, changes nothing when it is right."""
    content = f"{prefix}test: {file_names.spell(key)}\n{{name}}: owner: me"
    for name in (file_names.encode(key), file_names.hashed(key)):
        assert parse(content, name, key) == BARE._replace(key=key, owner="me")


def test_the_prefix_is_the_files_name_and_not_the_key() -> None:
    """Every line begins with the name of the file as it is on disk, escapes and all."""
    key, name = "test_m.test_p[a/b]", "test_m.test_p[a%2Fb]"
    assert parse("{name}: owner: me", name, key).owner == "me"
    assert "a line of another test's" in refusal(f"{key}: owner: me", name, key)


def test_where_it_holds() -> None:
    """An entry without `when` holds everywhere, one with it where that is true."""
    here = markers.here(("slow", "trunk"))
    assert BARE.holds(here)
    assert parse("{name}: when: mode == 'slow'").holds(here)
    assert not parse("{name}: when: mode == 'wide'").holds(here)
    version = "{}.{}".format(*sys.version_info)
    assert parse(f"{{name}}: when: python_version == '{version}'").holds(here)


def test_a_marker_that_cannot_be_decided() -> None:
    """A `when` that compares what is no version is an error with the file, never false."""
    here = markers.here(("trunk",))._replace(variables={"CUDA": "none"})
    with pytest.raises(EntryError, match=f"^`{re.escape(PATH)}`: cannot decide"):
        parse("{name}: when: env.CUDA >= '12'").holds(here)


TEXTS = st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"])).map(str.strip)


@given(st.sampled_from(["reason", "issue", "owner", "keep"]), TEXTS.filter(bool))
def test_any_text_is_read_back(field: str, text: str) -> None:
    """A text field holds any one line of text, whatever it looks like."""
    # `_replace` takes any fields, which mypy cannot follow through a variable.
    expected = BARE._replace(**{field: text})  # type: ignore[arg-type]
    assert entries.parse(BARE, NAME, f"{NAME}: {field}: {text}\n") == expected


@given(st.permutations([f"{NAME}: {line}" for line, _ in (LINES[0], *LINES[4:9], *LINES[10:12])]))
def test_the_order_of_lines_does_not_matter(lines: list[str]) -> None:
    """Fields mean the same in any order."""
    assert parse("\n".join(lines)) == parse("\n".join(sorted(lines)))


@given(st.text())
def test_any_content_is_read_or_refused(content: str) -> None:
    """Whatever a file holds, it is an entry or an error that names the file."""
    try:
        entry = entries.parse(BARE, NAME, content)
    except EntryError as error:
        assert str(error).startswith(f"`{PATH}`")
    else:
        assert entry == BARE._replace(reason=entry.reason)


def test_the_fields_of_an_entry_are_what_its_file_says() -> None:
    """Written again, an entry's fields are read as the same entry, none of them left out."""
    given = {
        "reason": "r",
        "issue": "u",
        "owner": "o",
        "expires": "2030-12-31",
        "when": 'mode == "x"',
        "raises": "ValueError, a.B",
        "match": "m",
        "run": "isolated",
        "timeout": "2.5",
        "keep": "k",
    }
    assert [*given] == [*entries.FIELDS]
    text = "".join(f"TestA.test_b: {field}: {value}\n" for field, value in given.items())
    assert entries.parse(make_entry(), "TestA.test_b", text).fields == tuple(given.items())
    assert make_entry().fields == ()
    unreadable = entries.parse(make_entry(), "TestA.test_b", "TestA.test_b: expires: soon\n")
    assert unreadable.fields == (("expires", "soon"),)
