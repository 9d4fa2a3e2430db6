"""Issues that disable tests: titles and bodies as people and PyTorch's bots write them."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunk_failures import disabled_issues, platforms, statuses
from trunk_failures.disabled_issues import LIMIT, Issue, Read
from trunk_failures.ids import TestId
from trunk_failures.matching import Matcher
from trunk_failures.statuses import Disabled

URL = "https://github.com/octo/repo/issues/7"
HISTORY = (
    Path(__file__).parents[1].parent / "shared" / "data" / "pytorch-disabled-tests-history.jsonl"
)


def issue(title: str, body: str = "") -> Issue:
    """Return an issue of that title."""
    return Issue(7, title, body, URL, "2026-05-01T10:00:00Z")


def read(title: str, body: str = "") -> Read:
    """Return what one issue says."""
    return disabled_issues.read([issue(title, body)], "there")


def names(title: str, body: str = "") -> list[str]:
    """Return the tests that one issue disables."""
    return [test.name for test in read(title, body).tests]


def test_a_test_by_its_title() -> None:
    """The title names the test, a line of the body its platforms; the issue is linked."""
    found = read("DISABLED test_x (__main__.TestA)", "Platforms: linux, ROCm\r\n\r\nIt is flaky.")
    assert found.notes == ()
    assert found.tests == (
        Disabled(
            "test_x (__main__.TestA)",
            statuses.PYTORCH,
            ("linux", "rocm"),
            URL,
            "issue #7",
            "there",
            "2026-05-01T10:00:00Z",
        ),
    )


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("DISABLED test_x (__main__.TestA)", "test_x (__main__.TestA)"),
        ("  DISABLED  test_x  ( __main__. TestA )  ", "test_x (__main__. TestA)"),
        ("DISABLEDtest_x (a.b.TestA)", "test_x (a.b.TestA)"),
        ("DISABLED testAdd (TestLazy)", "testAdd (TestLazy)"),
        ("DISABLED test_x (_PrivateTest)", "test_x (_PrivateTest)"),
        ("DISABLED TestA.test_x (__main__.TestA)", "TestA.test_x (__main__.TestA)"),
        ("DISABLED test_a(p=True)_b (m.TestA)", "test_a(p=True)_b (m.TestA)"),
        ("DISABLED test_b_ATen, Triton, CUTLASS (m.T)", "test_b_ATen, Triton, CUTLASS (m.T)"),
        ("DISABLED test_x (make.<locals>.TestA)", "test_x (make.<locals>.TestA)"),
        ("DISABLED test_ünï (módulo.Tëst)", "test_ünï (módulo.Tëst)"),
    ],
)
def test_titles_of_tests(title: str, name: str) -> None:
    """They name a method and a class, with odd characters that real ones have."""
    assert names(title) == [name]


@pytest.mark.parametrize(
    "title",
    [
        "DISABLED",
        "DISABLED test_x",
        "DISABLED test_x ()",
        "DISABLED test_x (.)",
        "DISABLED test_x(m.TestA)",
        "DISABLED test_x (m.TestA) on rocm",
        "DISABLED test_x (m.TestA), test_y (m.TestA)",
        "DISABLED test_x, test_y (m.TestA)",
        "DISABLED test_x (m.TestA) (m.TestB)",
        "DISABLED test_x (see the log. Thanks)",
        "DISABLED test (dynamo)",
        "DISABLED pull / linux-bionic-py3.8-clang9 / test (dynamo)",
        "DISABLED tests fail (m.TestA)",
        "DISABLED test/test_a.py::TestA::test_x",
        "DISABLED MULTIPLY test_x (m.TestA)",
        "DISABLED \N{RIGHT-TO-LEFT OVERRIDE}test_x (m.TestA)",
        "DISABLED test_\N{RIGHT-TO-LEFT OVERRIDE}x (m.TestA)",
        "DISABLED test_\x1b[31mx (m.TestA)",
        f"DISABLED test_{'x' * 9999}",
    ],
)
def test_titles_that_name_no_test(title: str) -> None:
    """They disable nothing, and are told with the issue and what is allowed."""
    tests, (note,) = read(title)
    assert tests == ()
    assert note.startswith(f"{URL} is titled {title!r:.200}") and "correct the title" in note
    assert len(note) < 500 and note.isprintable()


@pytest.mark.parametrize(
    "title",
    ["", "Disabled test_x (m.TestA)", "[DISABLED] test_x (m.T)", "Re: DISABLED test_x (m.T)"],
)
def test_other_titles_disable_nothing(title: str) -> None:
    """What does not begin with the word as PyTorch's bots write it is an issue like any other."""
    assert read(title, "Platforms: linux") == Read((), ())


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("", ()),
        ("No line of platforms.", ()),
        ("Platforms:", ()),
        ("platforms: MAC", ("mac",)),
        ("  PLATFORMS:linux,,  win , ", ("linux", "win")),
        ("Platforms: mac\r\nText\rPlatforms: mac, asan\nPlatforms: win", ("mac", "asan", "win")),
        ("Platforms: linux <!-- was: mac, win -->", ("linux",)),
        ("Platforms: linux <!-- mac", ("linux",)),
        ("The Platforms: linux", ()),
        ("Platforms: ünï, \N{SNOWMAN}", ("ünï", "\N{SNOWMAN}")),
        ("Platforms: linux rocm", ("linux rocm",)),
        ("Platforms: rocm <fill this in or delete. Valid labels are: asan, linux>", ("rocm",)),
    ],
)
def test_platforms(body: str, found: tuple[str, ...]) -> None:
    """Each line of platforms counts, whatever its case and line ends; no line stands for all."""
    (test,), notes = read("DISABLED test_x (m.TestA)", body)
    assert test.platforms == found and notes == ()


@pytest.mark.parametrize("end", [".>", "", ".>\r\nText"])
def test_the_template_of_platforms_is_no_platform(end: str) -> None:
    """Left as it was it disables the test everywhere, and people are told to fill it in."""
    line = "Platforms: <fill this in or delete. Valid labels are: asan, linux, mac, win, windows"
    (test,), (note,) = read("DISABLED test_x (m.TestA)", line + end)
    assert test.platforms == ()
    assert "as it was in the template" in note and URL in note


def test_a_bomb_of_platforms_is_bounded() -> None:
    """A text of nothing but platforms names no more than may be, and that is told."""
    body = "Platforms: " + ",".join(f"p{n}" for n in range(9999))
    (test,), (note,) = read("DISABLED test_x (m.TestA)", body)
    assert len(test.platforms) == disabled_issues.MOST_PLATFORMS
    assert "names 9,999 platforms" in note
    (test,), _ = read("DISABLED test_x (m.TestA)", "Platforms: " + "x" * 9999)
    assert len(test.platforms[0]) == 100


MULTIPLE = """\
There are multiple flaky tests in test_a.py.

Disable the following tests:
```
test_a (__main__.TestA): linux, rocm
test_b (__main__.TestA):
test_c (__main__.TestB)
```
Here is an example for test_a:
Platforms: win

```
test_d (__main__.TestD): linux
```
"""


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_several_tests_by_the_body(ends: str) -> None:
    """The block after the words lists tests, each with its platforms; what follows says nothing."""
    found = read("DISABLED MULTIPLE many flaky tests", MULTIPLE.replace("\n", ends))
    assert found.notes == ()
    assert [(test.name, test.platforms) for test in found.tests] == [
        ("test_a (__main__.TestA)", ("linux", "rocm")),
        ("test_b (__main__.TestA)", ()),
        ("test_c (__main__.TestB)", ()),
    ]
    assert {test[:2][1:] + test[3:7] for test in found.tests} == {
        (
            statuses.PYTORCH,
            URL,
            "issue #7: 'DISABLED MULTIPLE many flaky tests'",
            "there",
            "2026-05-01T10:00:00Z",
        )
    }


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("disable the following tests:```test_a (m.T)\ntest_b (m.T): mac```", ["test_a", "test_b"]),
        ("disable the following tests:\n```text\ntest_a (m.T)\n```", ["test_a"]),
        ("disable the following tests:\n```\ntest_a (m.T)", ["test_a"]),
        ("İİİİ disable the following tests:\n```\n\n  test_a (m.T)  \n```", ["test_a"]),
    ],
)
def test_forms_of_the_block(body: str, found: list[str]) -> None:
    """It may follow in the same line, name a language, or have no end."""
    tests, notes = read("DISABLED MULTIPLE", body)
    assert [test.name.partition(" ")[0] for test in tests] == found and notes == ()


@pytest.mark.parametrize(
    "body",
    [
        "",
        "test_a (m.T)",
        "```\ntest_a (m.T)\n```\ndisable the following tests:",
        "disable the following tests:\ntest_a (m.T)",
        "disable the following tests:\n``````",
    ],
)
def test_several_tests_that_nobody_names(body: str) -> None:
    """A text without the words, or without a block below them, disables nothing, and is told."""
    tests, (note,) = read("DISABLED MULTIPLE flaky", body)
    assert tests == () and URL in note and "its text names no test" in note


def test_lines_that_are_no_tests_are_told() -> None:
    """They are shown, a few of them, beside the tests that others name."""
    lines = ["test_a (m.T)", *(f"- test_{n} (m.T)" for n in range(9)), "x" * 9999]
    body = "disable the following tests:\n```\n" + "\n".join(lines) + "\n```"
    (test,), (note,) = read("DISABLED MULTIPLE", body)
    assert test.name == "test_a (m.T)"
    assert "'- test_4 (m.T)' and 5 more" in note and URL in note and len(note) < 900


def test_a_text_that_is_too_long_is_cut_and_told() -> None:
    """What is after the bound was not read, and the note says so."""
    lines = "test_a (m.T): linux\n" * (LIMIT // 10)
    title, body = "DISABLED MULTIPLE", f"disable the following tests:\n```\n{lines}```"
    for text in (body, disabled_issues.needed(title, body)):
        tests, notes = read(title, text)
        assert 0 < len(tests) < LIMIT // 10
        assert f"more than {LIMIT:,} characters" in notes[-1]
    assert len(disabled_issues.needed(title, body)) == LIMIT + 1
    tests, notes = read("DISABLED test_x (m.T)", "x" * LIMIT + "\nPlatforms: mac")
    assert tests[0].platforms == () and "the rest of it was not read" in notes[0]


@pytest.mark.parametrize(
    "text",
    [
        "test" + ", a" * 99999 + " (",
        "a." * 99999 + "test",
        "test" + " (" * 99999,
        "test" + "(,\t" * 99999,
        "test_x" + " " * 199999 + "(",
        "test_x (" + "a" * 199999,
        "test" + "," * 199999,
        "test_x (a.T)" + " " * 199999 + "!",
    ],
)
def test_hostile_names_cost_little(text: str) -> None:
    """No title and no line takes time that grows faster than it does."""
    before = time.process_time()
    read(f"DISABLED {text}")
    read("DISABLED MULTIPLE", f"disable the following tests:\n```\n{text}")
    assert time.process_time() - before < 5


@given(st.text(), st.text(), st.booleans())
def test_no_text_raises(title: str, body: str, multiple: bool) -> None:
    """Whatever people write, it is read or told; what is kept of a body says the same."""
    title = f"DISABLED{' MULTIPLE' * multiple} {title}"
    body = f"disable the following tests:\n```{body}" if multiple else f"Platforms:{body}"
    found = read(title, body)
    assert found.tests or found.notes
    assert read(title, disabled_issues.needed(title, body)) == found
    for test in found.tests:
        assert test.method_and_class is not None


@given(
    st.from_regex(r"(?a)test\w{1,10}(\([a-z]=1\))?(, [a-z]+)?", fullmatch=True),
    st.from_regex(r"(?a)([a-z]\w{0,5}\.){0,2}[A-Z]\w{0,5}", fullmatch=True),
    st.lists(st.sampled_from(sorted(platforms.KNOWN)), unique=True),
)
def test_what_is_written_is_read(method: str, path: str, on: list[str]) -> None:
    """A test's title and a line of a list say the same: its name, its platforms, and itself."""
    name = f"{method} ({path})"
    one = read(f"DISABLED {name}", f"Platforms: {', '.join(on)}").tests
    body = f"disable the following tests:\n```\n{name}: {', '.join(on)}\n```"
    several = read("DISABLED MULTIPLE", body).tests
    assert [(test.name, test.platforms) for test in one] == [(name, tuple(on))]
    assert [(test.name, test.platforms) for test in several] == [(name, tuple(on))]
    scope = path.rpartition(".")[2]
    assert Matcher(one).find(TestId(scope, method)) == [*one]


@pytest.mark.skipif(not HISTORY.exists(), reason="the data is not here")
def test_all_that_pytorch_disabled_in_three_years_is_read() -> None:
    """Each name that its list ever had is read from a title, but for the one of a job."""
    known: dict[str, None] = {}
    for line in HISTORY.read_text(encoding="utf-8").splitlines():
        known.update(dict.fromkeys(json.loads(line)["set"]))
    found = disabled_issues.read(issue(f"DISABLED {name}") for name in known)
    assert len(found.tests) == len(known) - 1 > 1400
    assert [re.sub(r".*DISABLED (.*)', which.*", r"\1", note) for note in found.notes] == [
        "pull / linux-bionic-py3.8-clang9 / test (dynamo)"
    ]
