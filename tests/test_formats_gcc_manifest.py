"""GCC's manifests of known failures."""

from __future__ import annotations

import datetime
import re

import pytest
from formats_fixtures import URL, lines, read, said
from hypothesis import given
from hypothesis import strategies as st
from lists_fixtures import make_entry

from trunk_failures import lists
from trunk_failures.formats import gcc_manifest
from trunk_failures.formats.exported import Named

XF, SKIP = "expected_failures", "skips"
MANIFEST = f"""\
# slow, {URL}1
FAIL: test_a.py::test_x

flaky | FAIL: TestA.test_y  now and then
expire=20260131 | ERROR: TestA.test_z
flaky, expire=20260131 | UNRESOLVED: test_p.test_p[a  |b] x
FAIL: gcc.dg/unroll_1.c (test for excess errors)
XPASS: TestA.test_v
odd | FAIL: TestA.test_u
words
@include other.xfail
"""


def test_a_manifest() -> None:
    """States, attributes, descriptions and comments are kinds and fields; all else is told."""
    found = read("gcc", MANIFEST)
    assert said(found) == {
        "test_a.py::test_x": (XF, {"reason": f"slow, {URL}1", "issue": f"{URL}1"}),
        "TestA.test_y": (SKIP, {"reason": "now and then"}),
        "TestA.test_z": (XF, {"expires": "2026-01-31"}),
        "test_p.test_p[a  |b]": (SKIP, {"reason": "x", "expires": "2026-01-31"}),
    }
    assert [*lines(found)] == [7, 8, 9, 10, 11]
    assert "is no Python test's id" in lines(found)[7]
    assert "XPASS is no failure" in lines(found)[8] and "'odd' is no attribute" in lines(found)[9]


def test_what_is_no_result_and_no_loss() -> None:
    """What tells of the tool is passed over; what takes results away does; others are told of."""
    found = read(
        "gcc",
        "\t\t=== python tests ===\nRunning python:tests ...\n"
        "FAIL: TestA.test_x\nflaky | FAIL: TestA.test_y\nFAIL: TestA.test_z\n"
        "@remove FAIL: TestA.test_x\n@remove flaky | FAIL: TestA.test_y\n"
        "@remove FAIL: TestA.test_none\n@remove words\n@include other.xfail\n"
        f"FAIL: {'x' * 100_000}\nexpire=20279999 | FAIL: TestA.test_w\n",
    )
    assert [*said(found)] == ["TestA.test_z"]
    assert lines(found) == {
        8: "'@remove FAIL: TestA.test_none' takes away no result",
        9: "'@remove words' takes away no result",
        10: "'@include other.xfail': import that manifest, too",
        11: lines(found)[11],
        12: "'expire=20279999 | FAIL: TestA.test_w': 'expire=20279999' is no date",
    }


def test_entries_as_a_manifest() -> None:
    """Kind, date, reason and issue have room; what is written is what GCC's script reads."""
    made = gcc_manifest.render(
        [
            Named(make_entry(reason="slow", issue=f"{URL}1")),
            Named(make_entry(SKIP, expires=datetime.date(2026, 1, 31))),
            Named(make_entry()._replace(key="t.t[a|b]", test_file="nn/test_t")),
            Named(make_entry(unreadable_date="soon")),
            Named(make_entry()._replace(key="t.t[\n]")),
        ]
    )
    assert made.text == (
        f"# slow\n# {URL}1\nFAIL: TestA.test_b\n\n"
        f"flaky,expire=20260131 | FAIL: TestA.test_b\n"
    )
    assert [each.what for each in made.lost] == [
        "its key cannot be a name in a manifest",  # No test's name, below a path.
        "its `expires` is no date: 'soon'",
        "its key cannot be a name in a manifest",
    ]


def test_a_bar_in_a_key_ends_no_attributes() -> None:
    """A key that holds what ends attributes is written after an end of none."""
    made = gcc_manifest.render([Named(make_entry()._replace(key="t.t[a|b]"))])
    assert made == gcc_manifest.Exported(" | FAIL: t.t[a|b]\n")
    assert said(read("gcc", made.text)) == {"t.t[a|b]": (XF, {})}


KEYS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12).map("t.test_p[{}]".format)


@given(KEYS, st.sampled_from(lists.KINDS), st.sampled_from(["", "nn/test_a"]), st.dates())
def test_what_is_written_is_read_back(
    key: str, kind: str, file: str, expires: datetime.date
) -> None:
    """An entry comes back as it was, or is told as lost; GCC's own pattern finds the name."""
    entry = make_entry(kind)._replace(key=key, test_file=file, expires=expires)
    made = gcc_manifest.render([Named(entry)])
    assert bool(made.text) != bool(made.lost)
    if made.text:
        (back,) = read("gcc", made.text).listed
        assert back.test is not None
        assert (back.test.key, back.kind, back.place or "") == (key, kind, file)
        assert dict(back.fields) == {"expires": str(expires)}
        _, summary = made.text.split("|", 1)
        assert re.match(r" *([A-Z]+):\s*(\S+)\s+(.*)", summary)


@pytest.mark.parametrize("line", ["", " | FAIL: x", "FAIL:", "a | b | FAIL: x y"])
def test_odd_lines(line: str) -> None:
    """Lines that are no results list nothing."""
    assert not read("gcc", line).listed
