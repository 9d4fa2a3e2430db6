"""List faults: each thing that can be wrong with lists is told once, with what to do."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from check_fixtures import POLICY, TODAY, entry_file, found_in, lay_out

from trunk_failures import file_names, list_faults
from trunk_failures.findings import Finding, Rule
from trunk_failures.list_faults import Policy

HASHED = file_names.hashed("T.A")

# the files, and of each finding the path, the line, the rule, and what it says
LISTS: dict[str, tuple[dict[str, str], list[tuple[str, int, Rule, str]]]] = {
    "nothing": ({"trunk_skips/T.a": "", "trunk_expected_failures/T.b": "T.b: owner: me\n"}, []),
    "a name that is no key": (
        {"trunk_skips/README": ""},
        [("trunk_skips/README", 0, Rule.NAME, "it lists 'README'; a key is .*; rename or remove")],
    ),
    "a name that does not decode": (
        {"trunk_skips/T.a%4": ""},
        [("trunk_skips/T.a%4", 0, Rule.NAME, "holds '%4'.*; rename the file")],
    ),
    "an editor's backup": (
        {"trunk_skips/T.a~": ""},
        [("trunk_skips/T.a~", 0, Rule.NAME, "looks like an editor's backup.*delete it")],
    ),
    "a hash without its key": (
        {f"trunk_skips/{HASHED}": ""},
        [(f"trunk_skips/{HASHED}", 0, Rule.NAME, "its first line must be `test: <key>`")],
    ),
    "a name that is not the key's": (
        {"trunk_skips/T.a[x%2fy]": ""},
        [
            (
                "trunk_skips/T.a[x%2fy]", 0, Rule.NAME,
                r"rename it to `T\.a\[x%2Fy\]` \(--fix does\)",
            )
        ],
    ),
    "two files of one key": (
        {"trunk_skips/T.a": "", "trunk_skips/T.%61": ""},
        [("trunk_skips/T.%61", 0, Rule.TWICE, "lists 'T.a', as `T.a` beside it does; remove one")],
    ),
    "twins by case": (
        {"trunk_skips/T.a": "", "trunk_skips/T.A": ""},
        [
            ("trunk_skips/T.A", 0, Rule.CASE, f"from `T.a`.* to `{HASHED}`.*`test: T.A`"),
            ("trunk_skips/T.a", 0, Rule.CASE, "case alone from `T.A`, and some file systems keep"),
        ],
    ),
    "twins by case, one of them with a hash": (
        {"trunk_skips/T.a": "", f"trunk_skips/{HASHED}": "test: T.A\n"}, [],
    ),
    "one key twice, by case": (
        {"trunk_skips/T.a[%2f]": "", "trunk_skips/T.a[%2F]": ""},
        [("trunk_skips/T.a[%2f]", 0, Rule.TWICE, "remove one of the two")],
    ),
    "folders that are twins by case": (
        {"trunk_skips/NN/T.a": "", "trunk_skips/nn/T.a": "", "nn.py": "", "NN.py": ""},
        [("trunk_skips/nn", 0, Rule.CASE, "from `trunk_skips/NN`, and on some .* are one direct")],
    ),
    "a test in both lists": (
        {"trunk_skips/T.a": "", "trunk_expected_failures/T.a": "", "x_skips/T.a": ""},
        [
            (
                "trunk_expected_failures/T.a", 0, Rule.BOTH_KINDS,
                r"is a skip of mode trunk too \(`tests/trunk_skips/T.a`\).*; remove one of the two",
            )
        ],
    ),
    "a test of one file in both lists": (
        {
            "trunk_skips/test_a/T.a[x%2Fy]": "",
            "trunk_expected_failures/test_a/T.a[x%2Fy]": "",
            "trunk_skips/T.a[x%2Fy]": "",
            "test_a.py": "",
        },
        [("trunk_expected_failures/test_a/T.a[x%2Fy]", 0, Rule.BOTH_KINDS, "skip of mode trunk")],
    ),
    "a directory that is nearly called like a list": (
        {"trunk_skip/T.test_a": "", "trunk_skips/T.a": ""},
        [("trunk_skip", 0, Rule.FOLDER, "lists nothing; lists are called .*; rename it, or")],
    ),
    "a folder of no file": (
        {"trunk_skips/test_b/T.a": ""},
        [("trunk_skips/test_b", 0, Rule.FOLDER, "no test file of this path .*; rename the folder")],
    ),
    "a folder that is called like the file": (
        {"trunk_skips/test_a.py/T.a": "", "test_a.py": ""},
        [("trunk_skips/test_a.py", 0, Rule.CONTENT, "no regular file.*has its path without `.py`")],
    ),
}


@pytest.mark.parametrize("case", LISTS)
def test_names_and_lists(tmp_path: Path, case: str) -> None:
    """Faults of names, folders and of what is listed twice are told, file by file."""
    files, expected = LISTS[case]
    if "by case" in case and os.path.normcase("A") == "a":
        pytest.skip("the file system keeps one of the two")
    findings = found_in(lay_out(tmp_path / "tests", files))
    shown = [each._replace(path=each.path.removeprefix("tests/"), text="") for each in findings]
    assert shown == [Finding(path, line, rule, "") for path, line, rule, _ in expected]
    for finding, (_, _, _, said) in zip(findings, expected):
        assert re.search(said, finding.text), finding.text


# a content, `{name}` standing for the file's name, and of each finding the line, the rule, the text
CONTENTS: list[tuple[str, list[tuple[int, Rule, str]]]] = [
    ("", []),
    ("{name}: reason: x\n{name}: issue: https://a.b/1\n{name}: expires: 2026-01-15\n", []),
    (
        "{name}: bogus: x\n\n{name}: raises: 1\n{name}: when: x\n{name}: match: [\n",
        [
            (1, Rule.CONTENT, "unknown field 'bogus'; the fields are reason, "),
            (3, Rule.CONTENT, "names '1'; allowed are"),
            (4, Rule.CONTENT, "x"),
            (5, Rule.CONTENT, r"\["),
        ],
    ),
    (
        "{name}: owner: me\n{name}: owner: you\n{name}: keep:\n",
        [
            (2, Rule.CONTENT, "'owner' is given twice; keep one"),
            (3, Rule.CONTENT, "'keep' is empty; give it a value or remove"),
        ],
    ),
    ("{name}: timeout: 3\n", [(0, Rule.CONTENT, "only beside `run: isolated`")]),
    (
        "why\nreason: because\n",
        [
            (1, Rule.PREFIX, r"found 'why' .*; write `T.test_a: reason: why` \(--fix does\)"),
            (2, Rule.PREFIX, "write `T.test_a: reason: because`"),
        ],
    ),
    ("owner: me\n", [(1, Rule.PREFIX, "the file's name before it; write `T.test_a: owner: me`")]),
    ("T.b: owner: me\n", [(1, Rule.PREFIX, "a line of another test's .*; begin it with")]),
    (
        "{name}: expires: 2026-01-14\n",
        [(1, Rule.EXPIRED, "it expired on 2026-01-14 .*remove the entry, or renew the date")],
    ),
    (
        "\n{name}: expires: soon\n",
        [(2, Rule.EXPIRED, "`expires: soon` is no date .*; mend the date or remove the entry")],
    ),
    (
        "{name}: issue: #12\n",
        [(1, Rule.CONTENT, "`issue` is '#12'; allowed is a URL, .*; write the issue's")],
    ),
    (
        "{name}: issue: https://a.b/1 and more\n",
        [(1, Rule.CONTENT, "`issue` is 'https://a.b/1 and more'; allowed is a URL")],
    ),
    (
        "{name}: owner: me\n<<<<<<< HEAD\n{name}: bogus: x\n>>>>>>> x\n",
        [(2, Rule.CONTENT, "a merge left a conflict here; keep the lines that hold")],
    ),
]


@pytest.mark.parametrize(("content", "expected"), CONTENTS)
def test_contents(content: str, expected: list[tuple[int, Rule, str]]) -> None:
    """Every faulty line of a file is told, with its number, and what to do."""
    file = entry_file(content.replace("{name}", "T.test_a"))
    findings = list_faults.of_content(file, POLICY)
    assert [(each.line, each.rule) for each in findings] == [each[:2] for each in expected]
    for finding, (_, _, said) in zip(findings, expected):
        assert re.search(said, finding.text), finding.text


def test_a_line_that_kept_the_name_from_before_the_hash() -> None:
    """In a file whose name has a hash, lines that begin with the plain name are told of."""
    file = entry_file("test: T.A\nT.A: owner: me\n", HASHED, "T.A")
    (finding,) = list_faults.of_content(file, POLICY)
    assert (finding.line, finding.rule) == (2, Rule.PREFIX)
    assert f"begin it with `{HASHED}:` (--fix does)" in finding.text


@pytest.mark.parametrize(
    ("content", "missing"),
    [
        ("", "no reason and no owner; add `T.test_a: reason: ...`, `T.test_a: owner: ...`"),
        ("T.test_a: owner: me\n", "no reason; add `T.test_a: reason: ...`"),
        ("text\n", "no owner; add `T.test_a: owner: ...`"),
        ("T.test_a: reason: x\nT.test_a: owner: me\n", ""),
    ],
)
def test_required_fields(content: str, missing: str) -> None:
    """An entry without a field that is asked for is told of, empty or not."""
    findings = list_faults.of_content(entry_file(content), Policy(("reason", "owner"), TODAY))
    texts = [each.text for each in findings if each.rule is Rule.REQUIRED]
    assert texts == ([missing] if missing else [])


def test_required_fields_of_whole_lists(tmp_path: Path) -> None:
    """Empty files are looked at for the fields that are asked for, and else are complete."""
    test_dir = lay_out(tmp_path / "tests", {"trunk_skips/T.a": "", "trunk_skips/T.b": "text\n"})
    rules = [each.rule for each in found_in(test_dir, Policy(("reason",), TODAY))]
    assert rules == [Rule.REQUIRED, Rule.PREFIX]


def test_what_cannot_be_read_is_all_that_is_told_of_a_file() -> None:
    """A file that cannot be read is told of, and not what it would have to hold."""
    file = entry_file("")._replace(trouble="is no regular file; remove it")
    findings = list_faults.of_content(file, Policy(("reason",), TODAY))
    assert [each.text for each in findings] == ["is no regular file; remove it"]
