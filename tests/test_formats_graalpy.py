"""GraalPy's tags: tests that must pass, and so the tests that need not."""

from __future__ import annotations

from pathlib import Path

import pytest
from formats_fixtures import lines, read, resolved, said

from trunk_failures import markers
from trunk_failures.errors import UsageError
from trunk_failures.formats import graalpy

TAGS = """\
test.test_a.TestA.test_everywhere
test.test_a.TestA.test_some @ darwin-arm64,linux-x86_64
*graalpython.lib-python.3.test.test_a.TestA.test_older*
test.test_a.TestA.test_job @ linux-x86_64-github
test.test_a.TestA.test_odd @ linux-x86_64,moon
!test.test_a.TestA.test_out @ linux-x86_64
words
test.test_a.TestA.test_kept @ $linux-x86_64
test.test_a.TestA-b.c.test_dotted
"""
IDS = [
    *(f"Lib/test/test_a.py::TestA::test_{name}" for name in ("everywhere", "some", "older", "new")),
    *(f"Lib/test/test_a.py::TestA::test_{name}" for name in ("odd", "kept")),
    "Lib/test/test_b.py::TestA::test_new",
]


def test_tests_that_pass_on_some_platforms() -> None:
    """A test is listed where it has to pass on some platforms alone, for all others."""
    found = read("graalpy", TAGS)
    names = [each.rpartition(".")[2] for each in said(found)]
    assert names == ["test_some", "test_job"]
    assert [each.name.rpartition(".")[2] for each in found.passing] == [
        "test_everywhere", "test_older", "test_odd", "test_kept",
    ]
    assert lines(found) == {
        4: "of 'test.test_a.TestA.test_job @ linux-x86_64-github': '-github' has no place here",
        5: "'test.test_a.TestA.test_odd @ linux-x86_64,moon': 'moon' is no platform",
        6: "'!test.test_a.TestA.test_out @ linux-x86_64' is none that has to pass",
        7: "'words' is no test's id",
        8: "'test.test_a.TestA.test_kept @ $linux-x86_64': '$linux-x86_64' is no platform",
        9: "'test.test_a.TestA-b.c.test_dotted': its class has a dot in its name",
    }


@pytest.mark.parametrize(
    ("system", "machine", "holds"),
    [
        ("linux", "x86_64", False),
        ("darwin", "arm64", False),
        ("linux", "aarch64", True),
        ("darwin", "x86_64", True),
        ("win32", "AMD64", True),
    ],
)
def test_the_marker_is_that_of_all_other_platforms(
    system: str, machine: str, holds: bool
) -> None:
    """The condition of an entry holds where the tag does not say that the test passes."""
    _, fields = said(read("graalpy", TAGS))["test.test_a.TestA.test_some"]
    here = markers.Environment("3.12", system, machine, "graalpy", (), {})
    assert markers.holds(markers.parse(fields["when"]), here) is holds


def test_tests_without_a_tag_are_told_by_a_collection() -> None:
    """Of the modules that tags name, all tests that have none are skips."""
    found = resolved("graalpy", TAGS, IDS)
    assert [each for each in said(found) if "new" in each or "some" in each] == [IDS[1], IDS[3]]
    assert said(found)[IDS[3]] == ("skips", {"reason": graalpy.NO_TAG})


def test_a_directory_of_tags(tmp_path: Path) -> None:
    """All tag files are read, and what is dropped is told with its file."""
    (tmp_path / "test_a.txt").write_text(TAGS)
    (tmp_path / "test_b.txt").write_text("words\n")
    (tmp_path / "conftest.toml").write_text("[tests]\n")
    found = graalpy.read_directory(str(tmp_path))
    assert len(found.listed) == 2 and len(found.passing) == 4
    assert found.dropped[-1].what == "test_b.txt: 'words' is no test's id"
    with pytest.raises(UsageError, match="cannot be read"):
        graalpy.read_directory(str(tmp_path / "none"))
    (tmp_path / "test_c.txt").mkdir()
    with pytest.raises(UsageError, match="test_c.txt' cannot be read"):
        graalpy.read_directory(str(tmp_path))
