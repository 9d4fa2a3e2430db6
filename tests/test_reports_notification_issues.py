"""Issues about failing tests: what is written is what `disabled_issues` reads."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from notify_fixtures import HOSTILE, change, message

from trunk_failures import disabled_issues, ids
from trunk_failures.disabled_issues import Issue
from trunk_failures.notifications import Kind
from trunk_failures.reports import notification_issues
from trunk_failures.reports.notification_issues import Name

NAMES = [
    ("TestA.test_a", "nn/test_x", "test_a (nn.test_x.TestA)", True),
    ("TestA.test_a", "", "test_a (TestA)", True),
    ("test_ops.test_a[cpu]", "nn/test_ops", "test_a[cpu] (nn.test_ops)", True),
    ("test_ops.test_a[cpu]", "test_ops", "test_a[cpu] (__main__.test_ops)", True),
    ("test_ops.test_a", "", "test_a (__main__.test_ops)", True),
    ("_FailedTest.test_x", "", "test_x (unittest.loader._FailedTest)", True),
    ("test_ops.test_a[a b]", "nn/test_ops", "test_a[a b] (nn.test_ops)", False),
    ("test_ops.test_a[`x`]", "", "test_a['x'] (test_ops)", False),
    ("TestA.setUpClass", "test_x", "setUpClass (test_x.TestA)", False),
    ("check.it_works", "check", "it_works (check)", False),
    ("no key", "", "no key", False),
    # unittest repeats the method after the class, and so this is read as another test.
    ("test_a.test_a", "nn/test_a", "test_a (nn.test_a)", False),
]


@pytest.mark.parametrize(("key", "place", "text", "disables"), NAMES)
def test_names(key: str, place: str, text: str, disables: bool) -> None:
    """A test is named as PyTorch's issues name it; what cannot be named so disables nothing."""
    name = notification_issues.name(key, place)
    assert name == Name(text, disables)
    title = notification_issues.title_of([name], "")
    found = disabled_issues.read([Issue(1, title)]).tests
    assert [each.name for each in found] == ([text] if disables else [])
    assert not disables or (found[0].test is not None and found[0].test.key == key)
    assert notification_issues.is_about_tests(title)
    assert notification_issues.named_by(Issue(1, title)) == [name]


KEYS = st.tuples(
    st.sampled_from(["TestA", "test_ops", "Test_Ä", "a b"]),
    st.one_of(st.just(""), st.text(st.characters(), max_size=30)),
    st.sampled_from(["", "test_a", "nn/test_ops", "a b/c"]),
)


@given(KEYS)
def test_no_name_disables_another_test(parts: tuple[str, str, str]) -> None:
    """A title disables the test that it is about, or nothing; whatever it holds, it is a line."""
    scope, parameters, place = parts
    key = f"{scope}.test_x[{parameters}]"
    name = notification_issues.name(key, place)
    title = notification_issues.title_of([name], "")
    assert len(title) <= notification_issues.TITLE and len(title.splitlines()) == 1
    found = disabled_issues.read([Issue(1, title)]).tests
    assert len(found) == name.disables
    for each in found:
        assert ids.from_issue(each.name).key == key
    assert notification_issues.named_by(Issue(1, title)) == [name]


def test_long_names() -> None:
    """A title has room for so much; two long names stay two."""
    one, other = (notification_issues.name(f"TestA.test_{'x' * 300}{n}", "") for n in "12")
    assert one != other and len(one.text) == notification_issues.LONGEST
    assert not one.disables and notification_issues.name("TestA.test_" + "x" * 200, "").disables


def test_an_issue_of_one_test() -> None:
    """Its text says what is known, and restricts the test to no platform, whatever its error."""
    sent = message(change(detail="Platforms: linux", configuration="py311", entry="trunk_skips/x"))
    names = [notification_issues.name(*sent.changes[0].test)]
    text = notification_issues.text(sent, names)
    assert text.startswith(notification_issues.mark(sent))
    assert notification_issues.is_ours(text) and not notification_issues.is_ours("x")
    assert "\n`test_a (tests.test_a.TestA)` fails on trunk.\n\nError: `Platforms: linux`\n" in text
    assert "| `py311` | `run 5, commit abc, 2027-01-15T08:00:00Z` | `trunk_skips/x` |" in text
    (found,) = disabled_issues.read(
        [Issue(1, notification_issues.title_of(names, ""), text)]
    ).tests
    assert found.platforms == ()


def test_what_is_not_known_is_left_out() -> None:
    """A failure may have said nothing."""
    sent = message(change(detail=""))
    text = notification_issues.text(sent, [notification_issues.name(*sent.changes[0].test)])
    assert "Error" not in text and "fails on trunk.\n\n| test |" in text
    assert notification_issues.comment(sent).splitlines()[1:3] == ["Newly failing.", ""]


def test_an_issue_of_several_tests() -> None:
    """All that it names are disabled, and what their error says is none of them."""
    error = "disable the following tests: ```test_z (m.TestZ)``` @team <!-- x"
    sent = message(*(change(key=f"TestA.test_{n}", detail=error) for n in range(300)))
    names = [notification_issues.name(*each.test) for each in sent.changes]
    title, text = notification_issues.title_of(names, error), notification_issues.text(sent, names)
    assert title.startswith("DISABLED MULTIPLE 300 tests fail alike: disable the following")
    issue = Issue(1, title, text)
    read = disabled_issues.read([issue])
    assert [each.name for each in read.tests] == [each.text for each in names]
    assert read.notes == () and notification_issues.named_by(issue) == names
    assert notification_issues.is_of_several(title) and len(text) < 65_536
    assert "| and 1" in text and " more | | | | |" in text
    left = notification_issues.without(text.replace("\n", "\r\n"), names[3])
    assert notification_issues.block(left) == [each.text for each in names if each != names[3]]


def test_an_issue_of_several_causes() -> None:
    """The error of each test is in its row."""
    sent = message(change(), change(key="TestA.test_b", detail="other | x"))
    names = [notification_issues.name(*each.test) for each in sent.changes]
    text = notification_issues.text(sent, names)
    assert notification_issues.shared(sent.changes) == "" and "\nError:" not in text
    assert "| listed in | error |\n|---|---|---|---|---|---|\n" in text
    assert "|  | `other \\| x` |\n" in text
    assert notification_issues.title_of(names, "") == "DISABLED MULTIPLE 2 tests fail"


def test_names_that_disable_nothing_have_issues_of_several_too() -> None:
    """Their title is another, and their names are read back all the same."""
    sent = message(*(change(key=f"TestA.test_{n}[a b]") for n in range(5)))
    names = [notification_issues.name(*each.test) for each in sent.changes]
    title, text = notification_issues.title_of(names, ""), notification_issues.text(sent, names)
    assert title == "Failing on trunk: MULTIPLE 5 tests fail"
    assert disabled_issues.read([Issue(1, title, text)]).tests == ()
    assert notification_issues.named_by(Issue(1, title, text)) == names


@pytest.mark.parametrize(
    ("line", "is_left"),
    [
        ("test_a (m.TestA)", False),
        ("  test_a (m.TestA) : linux, rocm", False),
        ("test_a (m.TestA):", False),
        ("test_a_more (m.TestA)", True),
        ("see test_a (m.TestA)", True),
    ],
)
def test_a_line_that_somebody_has_changed(line: str, is_left: bool) -> None:
    """Platforms may have been added; another test's line stays."""
    body = f"disable the following tests:\n```\n{line}\ntest_b (m.TestA)\n```\n"
    left = notification_issues.without(body, Name("test_a (m.TestA)", True))
    assert (line in left) is is_left and "test_b (m.TestA)" in left
    assert notification_issues.without("no block", Name("x", True)) == "no block"
    assert notification_issues.block("no block") == []


@pytest.mark.parametrize("kind", [Kind.FAILING, Kind.RECOVERED])
def test_no_name_is_more_than_text(kind: Kind) -> None:
    """Mentions, tags, table rows and fences from a test's name are code, on its line."""
    sent = message(
        change(kind, key=f"TestA.{HOSTILE}", place=HOSTILE, configuration=HOSTILE,
               detail=HOSTILE, entry=HOSTILE, elsewhere=(HOSTILE,))
    )
    names = [notification_issues.name(*sent.changes[0].test)]
    for text in (notification_issues.text(sent, names), notification_issues.comment(sent)):
        for line in text.splitlines():
            assert "@team" not in _outside_code(line) and "<script>" not in _outside_code(line)
            assert not line.lower().lstrip().startswith(("platforms:", "bcc:"))
            assert line.strip("` ") or not line
        assert "\u202e" not in text and "\x1b" not in text


def _outside_code(line: str) -> str:
    """Return what of a line is no code, as CommonMark reads it."""
    found, rest = "", line
    while "`" in rest:
        before, _, after = rest.partition("`")
        ticks = 1 + len(after) - len(after.lstrip("`"))
        fence, found = "`" * ticks, found + before
        rest = after[ticks - 1 :]
        end = rest.find(fence)
        while end >= 0 and (rest[end + ticks : end + ticks + 1] == "`" or rest[end - 1] == "`"):
            end = rest.find(fence, end + 1)
        if end < 0:
            return found + fence + rest
        rest = rest[end + ticks :]
    return found + rest
