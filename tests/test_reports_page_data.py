"""The data of a page: JSON that no HTML parser takes for anything else."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from page_fixtures import HOSTILE, PAGE, ROWS

from trunk_failures import pages
from trunk_failures.pages import Column, Curve, Failure, Page, Row, Span
from trunk_failures.reports import page_data, rows

ANY = st.text(st.characters(), max_size=12)  # Surrogates too: names of tests may have them.


def unpacked(text: str) -> str:
    """Return packed outcomes as the page's script reads them."""
    return "".join(letter * int(count or 1) for letter, count in re.findall(r"(\D)(\d*)", text))


@pytest.mark.parametrize(
    ("outcomes", "packed"),
    [("", ""), ("P", "P"), ("PPPF", "P3F"), ("FPFP", "FPFP"), ("-" * 12, "-12")],
)
def test_outcomes_are_packed(outcomes: str, packed: str) -> None:
    """Those that follow alike are one letter and how many there are."""
    assert page_data.packed(outcomes) == packed


@given(st.text(st.sampled_from([*pages.OUTCOMES])))
def test_packed_outcomes_are_the_same(outcomes: str) -> None:
    """What the script unpacks is what was packed, and is no longer."""
    packed = page_data.packed(outcomes)
    assert unpacked(packed) == outcomes and len(packed) <= len(outcomes)


@given(ANY)
def test_any_text_is_shown_and_ends_nothing(text: str) -> None:
    """Whatever the texts are, the data has nothing that HTML reads, and is the texts, shown."""
    row = Row(
        text, text, text, text, listed=text, modes=(text,), owner=text, path=text, advice=text,
        failures=(Failure(text, 1, 0, 0),), entry=((text, text),), spans=(Span(0, 1, text, text),),
    )
    page = Page(text, 0, {text: ""}, [Column(text, 0, text, text, text)], [row], [Curve(text, [])])
    encoded = page_data.Data(page).text
    assert not re.search("[<>&\u2028\u2029\0-\x1f]", encoded)
    data = json.loads(encoded)
    shown = rows.visible(text)
    (found,) = data["rows"]
    assert [found[place] for place in (0, 1, 2, 3, 8, 10, 14, 16)] == [shown] * 8
    assert data["errors"] == [shown] and found[15] == [[shown, shown]]
    assert found[9] == [shown]
    assert found[13] == [[0, 1, shown, shown]]
    assert data["page"]["columns"] == [[shown, 0, shown, shown, shown]]
    assert data["page"]["curves"] == [[shown]] and data["page"]["title"] == shown


def test_rows_are_counted_and_share_errors() -> None:
    """The rows are read once: they are counted by verdict, and an error that many have is once."""
    data = page_data.Data(PAGE._replace(rows=iter(ROWS)))
    assert data.tests == {"broken": 2, "flaky": 1, "stable": 1, "disabled": 1}
    assert {name: count for name, count in data.listed.items() if count} == {
        "broken": 2, "flaky": 1, "disabled": 1,
    }
    found = json.loads(data.text)
    assert found["errors"] == ["ValueError: N", f"{HOSTILE}\\x1b[31m\\u202e"]
    assert [row[12] for row in found["rows"]] == [
        [[0, 3, 3, 5]], [[0, 2, 2, 5]], [], [], [[1, 2, 4, 5]],
    ]
    assert found["rows"][0][11] == "P3FXC"
