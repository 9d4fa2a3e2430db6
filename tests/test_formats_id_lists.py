"""Lists of node ids: of pytest-quarantine, pytest-skip and array-api-tests."""

from __future__ import annotations

import pytest
from formats_fixtures import URL, lines, read, resolved, said
from hypothesis import given
from hypothesis import strategies as st
from lists_fixtures import make_entry

from trunk_failures.formats import id_lists
from trunk_failures.formats.exported import Lost, Named
from trunk_failures.formats.table import FORMATS

NEVER = {"run": "never"}
XF, SKIP = "expected_failures", "skips"
IDS = [
    "x/test_a.py::test_sum",
    "x/test_a.py::test_sum_of",
    "x/test_p.py::test_p[a-1]",
    "x/test_p.py::test_p[b-2]",
    "x/sets/test_s.py::TestS::test_sum",
]


@pytest.mark.parametrize(
    ("name", "kind", "fields"),
    [
        ("pytest-quarantine", XF, {}),
        ("pytest-skip", SKIP, NEVER),
        ("array-api-xfails", XF, {}),
        ("array-api-skips", SKIP, NEVER),
    ],
)
def test_ids_and_comments(name: str, kind: str, fields: dict[str, str]) -> None:
    """An id is a test, with what the comment above it says; what its tool does not run is not."""
    text = f"# slow, see {URL}1\n{IDS[0]}\n\n{IDS[2]}\nsets\n"
    found = read(name, text)
    why = {"reason": f"slow, see {URL}1", "issue": f"{URL}1"}
    assert said(found) == {
        IDS[0]: (kind, why | fields), IDS[2]: (kind, fields), "sets": (kind, fields),
    }
    assert [each.test is not None for each in found.listed] == [True, True, False]


@pytest.mark.parametrize(
    ("name", "line", "numbers"),
    [
        ("pytest-quarantine", IDS[0], [0]),
        ("pytest-quarantine", "x/test_p.py::test_p", []),
        ("pytest-skip", IDS[0], [0]),
        ("pytest-skip", "x/test_p.py::test_p", [2, 3]),
        ("pytest-skip", "test_sum", [0, 4]),
        ("pytest-skip", "test_p[b-2]", [3]),
        ("pytest-skip", "x/test_a.py", []),
        ("pytest-skip", 'test_p[r"b-\\d"]@regexp', [3]),
        ("pytest-skip", 'test_p[r".*-[12].*"]@regexp', [2, 3]),
        ("pytest-skip", 'x/test_p.py::test_p[r"[ab]-"]@regexp', [2, 3]),
        ("array-api-xfails", IDS[0], [0]),
        ("array-api-xfails", "x/test_p.py::test_p", [2, 3]),
        ("array-api-xfails", "x/sets/", [4]),
        ("array-api-xfails", "x/test_a.py", [0, 1]),
        ("array-api-xfails", "_sum", [0, 1, 4]),
        ("array-api-xfails", "p[a", [2]),
        ("array-api-xfails", "nothing", []),
    ],
)
def test_collected_tests_are_covered_as_the_tool_covers_them(
    name: str, line: str, numbers: list[int]
) -> None:
    """A line covers the tests that the tool would mark, and no others."""
    found = resolved(name, f"{line}\n", IDS)
    assert [each.name for each in found.listed] == [IDS[number] for number in numbers]
    assert bool(numbers) != bool(found.dropped)


def test_the_suite_may_be_below_where_pytest_is_started() -> None:
    """Ids that begin with the checkout's name are matched without it, as the conftest does."""
    ids = [f"array-api-tests/{each}" for each in IDS]
    found = resolved("array-api-xfails", "x/test_a.py::test_sum\n", ids)
    assert [each.name for each in found.listed] == [ids[0]]


def test_regular_expressions_that_are_none() -> None:
    """An expression that cannot be read, or could take an age, is told with its line."""
    text = 'a[r"("]@regexp\na@regexp\na[r"(x+)+y"]@regexp\n'
    text += 'a[r"a*b*c*d*"]@regexp\n' + f'a[r"{"x" * 1000}"]@regexp\n'
    found = lines(read("pytest-skip", text))
    assert [*found] == [1, 2, 3, 4, 5]
    assert "cannot read the regular expression" in found[1]
    assert "holds no regular expression" in found[2] and "may take long" in found[3]


def test_entries_are_written_with_their_comments() -> None:
    """Reason and issue stand above the ids, apart from all others, and are read back."""
    entries = [
        Named(make_entry()._replace(key="a"), ("t.py::a",)),
        Named(make_entry(reason="slow", issue=f"{URL}1, {URL}2"), ("t.py::b", "t.py::c")),
        Named(make_entry()._replace(key="d"), ("t.py::d",)),
        Named(make_entry()._replace(key="e"), ("t.py::e",)),
    ]
    made = id_lists.render(entries)
    block = f"# slow\n# {URL}1\n# {URL}2\nt.py::b\nt.py::c\n"
    assert made.text == f"t.py::a\n\n{block}\nt.py::d\nt.py::e\n" and not made.lost
    found = said(read("array-api-xfails", made.text))
    why = {"reason": f"slow {URL}1 {URL}2", "issue": f"{URL}1, {URL}2"}
    assert found["t.py::b"] == found["t.py::c"] == (XF, why)
    assert found["t.py::d"] == (XF, {})


@pytest.mark.parametrize(
    "node_id", ["#t.py::a", " t.py::a", "t.py::a[\n]", "t.py::a[\r]", "t.py::a[\udcff]"]
)
def test_ids_that_cannot_be_lines_are_lost(node_id: str) -> None:
    """An id that would be read as something else is told, and not written."""
    entry = make_entry()
    made = id_lists.render([Named(entry, (node_id, "t.py::b"))])
    lost = Lost(entry, f"the id {node_id!r} cannot be a line of such a file")
    assert made == id_lists.Exported("t.py::b\n", (lost,))


def test_an_id_that_ends_as_an_expression_does_is_lost() -> None:
    """pytest-skip would take it for a regular expression."""
    form = FORMATS["pytest-skip"]
    assert form.render is not None
    made = form.render([Named(make_entry(), ("t.py::a@regexp",))])
    assert made.text == "" and len(made.lost) == 1


@given(st.lists(st.text(min_size=1, max_size=20), max_size=5))
def test_ids_that_are_written_are_read_back(names: list[str]) -> None:
    """Whatever parameters hold, an id is read as it was written, or told as lost."""
    node_ids = tuple(dict.fromkeys(f"t.py::test_p[{each}]" for each in names))
    made = id_lists.render([Named(make_entry(), node_ids)])
    back = [each.name for each in read("array-api-xfails", made.text).listed]
    assert len(back) + len(made.lost) == len(node_ids)
    assert {*back} <= {*node_ids}
