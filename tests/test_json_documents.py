"""JSON documents: what is read, and the bounds."""

from __future__ import annotations

import pytest

from trunk_failures import json_documents


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b'{"a": [1, "\xc3\xa9"]}', {"a": [1, "é"]}),
        (b"\xef\xbb\xbf[]", []),
        ("[1]".encode("utf-16"), [1]),
        (b"null", None),
    ],
)
def test_what_is_read(content: bytes, expected: object) -> None:
    """Any JSON is read, in the encodings that it may have."""
    assert json_documents.parse(content) == expected


def test_what_may_be_within_one_another() -> None:
    """A hundred lists are not too deep, whatever is in the last."""
    value = json_documents.parse(b"[" * 100 + b"1" + b"]" * 100)
    for _ in range(100):
        (value,) = value  # type: ignore[misc]
    assert value == 1


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", "Expecting value"),
        (b"<html>", "Expecting value"),
        (b'{"a": ', "Expecting value"),
        (b'["\xff"]', "can't decode"),
        (b"[NaN]", "NaN is no JSON"),
        (b"9" * 5000, "digits"),
        (b"[" * 101 + b"]" * 101, "nested more than 100 deep"),
        (b'{"a":' * 101 + b"1" + b"}" * 101, "nested more than 100 deep"),
        (b"[" * 1_000_000, "nested more than 100 deep|Expecting value"),
    ],
    ids=lambda value: ascii(value)[:20],
)
def test_what_is_not(content: bytes, fault: str) -> None:
    """What is none, or is too deep, is a ValueError that says so."""
    with pytest.raises(ValueError, match=fault):
        json_documents.parse(content)
