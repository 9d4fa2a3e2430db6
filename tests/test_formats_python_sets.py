"""Sets of keys in Python source: read, and never run."""

from __future__ import annotations

import pathlib

import pytest
from formats_fixtures import lines, read, said

from trunk_failures.errors import UsageError
from trunk_failures.formats import python_sets

XF, SKIP = "expected_failures", "skips"
SOURCE = '''\
# mypy: ignore-errors
FIXME_inductor_non_strict = {
    "test_modules",
}
dynamo_expected_failures = {
    "TestJit.test_batchnorm",  # test_jit.py
    "TestPutmask.test_byteorder_dtype_<i4",
    "TestÜ.test_ü",  # é
    "Test" "A.test_b", "TestA.test_c",
    "test_modules",
    7,
    f"Test{x}.test_y",
}
dynamo_skips: set[str] = {"TestA.test_d"}
inductor_skips = set()
inductor_expected_failures = frozenset(x for x in y)
extra.dynamo_skips = {"TestA.test_e"}
extra.dynamo_skips: set = {"TestA.test_e"}
dynamo_skips_too: set
other = {1: 2}
def find(): dynamo_skips = {"TestA.test_f"}
dynamo_skips |= {"TestA.test_g"}
if linux:
    dynamo_skips |= {"TestA.test_h"}
dynamo_skips.update({"TestA.test_i"})
names.update({"TestA.test_j"})
a.dynamo_skips.add("TestA.test_k")
dynamo_skips.discard("TestA.test_l")
def more(): others = {"TestA.test_m"}
'''


def test_sets_that_are_called_as_lists_are() -> None:
    """Keys are read with their modes, kinds and comments; what is no key is told by its line."""
    found = read("pytorch", SOURCE)
    assert said(found) == {
        "TestJit.test_batchnorm": (XF, {"reason": "test_jit.py"}),
        "TestPutmask.test_byteorder_dtype_<i4": (XF, {}),
        "TestÜ.test_ü": (XF, {"reason": "é"}),
        "TestA.test_b": (XF, {}),
        "TestA.test_c": (XF, {}),
        "TestA.test_d": (SKIP, {}),
        "TestA.test_g": (SKIP, {}),
    }
    assert {each.mode for each in found.listed} == {"dynamo"}
    assert [*lines(found)] == [2, 10, 11, 12, 16, 21, 24, 25, 28]
    assert "the set 'FIXME_inductor_non_strict' is none of" in lines(found)[2]
    assert lines(found)[16] == "`inductor_expected_failures` is no literal of a set"


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_lines_are_counted_as_python_counts_them(ends: str) -> None:
    """A comment is that of its own line, however lines end."""
    text = ends.join(("# x\x0b", "dynamo_skips = {", '"TestA.test_b", # why', "}"))
    assert said(read("pytorch", text)) == {"TestA.test_b": (SKIP, {"reason": "why"})}


@pytest.mark.parametrize(
    "source",
    [
        "dynamo_skips = {",
        "x = '\0'",
        "dynamo_skips = " + "(" * 1000,
        "x = " + "-" * 50_000 + "1",
        "x = " + "not " * 50_000 + "1",
        "x = (" + "1\n+" * 50_000 + "1)",
        "x = a" + ".b" * 50_000,
        "def f(:\n",
    ],
)
def test_source_that_cannot_be_parsed(source: str) -> None:
    """What is no Python, or too deep to be a list, is an error that names it, or no list."""
    try:
        found = read("pytorch", source)
    except UsageError as error:
        assert "a list" in str(error) and "\n" not in str(error)
    else:
        assert not found.listed


def test_too_much_source(monkeypatch: pytest.MonkeyPatch) -> None:
    """A source that would take too long to parse is refused."""
    monkeypatch.setattr(python_sets, "LIMIT", 10)
    with pytest.raises(UsageError, match="more than the 10 bytes of source"):
        read("pytorch", "x = 1234567")


def test_the_source_is_not_run(tmp_path: pathlib.Path) -> None:
    """Whatever a list would do if it were imported is not done."""
    file = tmp_path / "ran"
    read("pytorch", f"open({str(file)!r}, 'w')\ndynamo_skips = {{'TestA.test_b'}}\n")
    assert not file.exists()


@pytest.mark.parametrize(
    ("source", "keys", "told"),
    [
        ('dynamo_skips -= {"A.b"}', ["A.a"], []),
        ('dynamo_skips -= {"A.b", 7}', ["A.a"], ["an element of `dynamo_skips` is no text"]),
        ('dynamo_skips = {"A.c"}', ["A.c"], []),
        ('dynamo_skips += ["A.c"]', ["A.a", "A.b", "A.c"], []),
        ('dynamo_expected_failures = {"A.c"}', ["A.a", "A.b", "A.c"], []),
        ('dynamo_skips = dynamo_skips | x', ["A.a", "A.b"], ["`dynamo_skips` is no literal of a"]),
        ('dynamo_skips &= {"A.a"}', ["A.a", "A.b"], ["what `&=` leaves of a set is told only"]),
        ('dynamo_skips **= 2', ["A.a", "A.b"], ["what `?=` leaves of a set is told only if it"]),
    ],
)
def test_sets_that_are_changed(source: str, keys: list[str], told: list[str]) -> None:
    """What is taken out of a set, or replaced, is not listed; what only a run tells is told."""
    found = read("pytorch", f'dynamo_skips = {{"A.a", "A.b"}}\n{source}\n')
    assert [*said(found)] == keys
    assert [what[: len(text)] for what, text in zip(lines(found).values(), told)] == told
