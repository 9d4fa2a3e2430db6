"""Entry lines: fields set in an entry's text, and nothing else changed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lists_fixtures import make_entry

from trunk_failures import entries, entry_lines, file_names

NAME = "TestA.test_b"


@pytest.mark.parametrize(
    ("before", "fields", "after"),
    [
        ("", [], ""),
        ("", [("reason", "x")], f"{NAME}: reason: x\n"),
        ("free\ntext\n", [], "free\ntext\n"),
        ("free\n\n\n", [], "free\n"),
        (f"{NAME}: reason: x\n", [("reason", "")], ""),
        (f"{NAME}: reason: x\n", [("reason", "y")], f"{NAME}: reason: y\n"),
        (f"{NAME}: issue: u\n", [("reason", "y")], f"{NAME}: reason: y\n{NAME}: issue: u\n"),
        (f"{NAME}: reason: y\n", [("when", "m")], f"{NAME}: reason: y\n{NAME}: when: m\n"),
        (
            f"{NAME}: reason: y\n{NAME}: run: never\n",
            [("when", "m")],
            f"{NAME}: reason: y\n{NAME}: when: m\n{NAME}: run: never\n",
        ),
        (f" {NAME}:reason:y\n", [("reason", "z")], f"{NAME}: reason: z\n"),
        ("", [("reason", f"a\n{NAME}: run: never")], f"{NAME}: reason: a {NAME}: run: never\n"),
    ],
)
def test_fields_are_set(before: str, fields: list[tuple[str, str]], after: str) -> None:
    """A field is set in its own place or in the order of fields; other lines stay."""
    assert entry_lines.edited(before, NAME, NAME, fields) == after


def test_a_new_name_is_before_each_line() -> None:
    """Lines of an entry whose file gets another name begin with the new one."""
    new = file_names.hashed(NAME)
    text = entry_lines.edited(f"{NAME}: reason: x\nfree\n", new, NAME, (), NAME)
    assert text == f"test: {NAME}\n{new}: reason: x\nfree\n"
    assert entry_lines.edited(text, new, NAME, ()) == text


def test_a_file_that_names_its_test_is_not_made_to_twice() -> None:
    """The line that names the test is found with the file's name before it too."""
    new = file_names.hashed(NAME)
    text = f"{new}: test: {NAME}\n"
    assert entry_lines.edited(text, new, NAME, ()) == text


@given(st.text(max_size=60), st.text(min_size=1, max_size=300))
def test_what_is_written_is_read_back(reason: str, key_end: str) -> None:
    """Whatever a value holds, the file says that field and no other."""
    key = f"TestA.test_{key_end}"
    name = file_names.encode(key)
    text = entry_lines.edited("", name, key, [("reason", reason), ("owner", "me")])
    entry = entries.parse(make_entry()._replace(key=key), name, text)
    assert entry.reason == entry_lines.one_line(reason)
    assert entry == make_entry()._replace(key=key, reason=entry.reason, owner="me")


def test_values_are_bounded() -> None:
    """A value is cut to a length that a line may have."""
    text = entry_lines.edited("", NAME, NAME, [("reason", "x" * 100_000)])
    assert len(text) < entry_lines.LONGEST + 100


def test_the_first_line_names_the_test_even_if_another_one_does() -> None:
    """A hashed name's text begins with its key, which no line further down stands in for."""
    name = file_names.hashed(NAME)
    content = f"{name}: reason: x\ntest: {NAME}\n"
    assert entry_lines.edited(content, name, NAME) == f"test: {NAME}\n{content}"
