"""What people see of a session under the lists, and the result lines that it leaves."""

from __future__ import annotations

import importlib.util
import os
import sys
import xml.etree.ElementTree as ElementTree
from typing import Any

import pytest
from plugin_fixtures import SKIP, Project

from trunk_failures.pytest_collection import SHOWN

pytest_plugins = ["plugin_fixtures"]

TESTS = """
    import pytest, unittest
    def test_fails(): assert 0
    def test_passes(): pass
    def test_flaky(): pass
    def test_unlisted(): pass
    @pytest.mark.xfail
    def test_marked_fails(): assert 0, "marked"
    @pytest.mark.xfail
    def test_marked_passes(): pass
    @pytest.mark.xfail(strict=True)
    def test_strict_passes(): pass
    @pytest.mark.skip("own reason")
    def test_skips(): pass
    def test_unlisted_fails(): raise ValueError("two\\nlines")
    @pytest.fixture
    def broken():
        yield
        raise ValueError("tear-down")
    def test_tear_down(broken): pass
    @pytest.fixture
    def unmade(): raise ValueError("set-up")
    def test_set_up(unmade): pass
    class TestIt(unittest.TestCase):
        def test_errors(self): raise ValueError("case")
        def test_fails(self): self.fail("case")
        @unittest.expectedFailure
        def test_succeeds(self): pass
        @unittest.expectedFailure
        def test_expected(self): self.fail("case")
        def test_skips(self): self.skipTest("own reason")
        @unittest.skip("decorated")
        def test_skipped(self): pass
"""
LINES = {
    "test_a.test_fails": ("expected failure", "AssertionError: assert 0"),
    "test_a.test_passes": (
        "unexpected success",
        "Unexpected success, please remove `tests/trunk_expected_failures/test_a.test_passes`",
    ),
    "test_a.test_flaky": (
        "skip-listed and passed",
        "This test passed, maybe we can remove `tests/trunk_skips/test_a.test_flaky`",
    ),
    "test_a.test_unlisted": ("passed", None),
    "test_a.test_marked_fails": ("expected failure", "AssertionError: marked"),
    "test_a.test_marked_passes": ("unexpected success", None),
    "test_a.test_strict_passes": ("unexpected success", None),
    "test_a.test_skips": ("skipped", "own reason"),
    "test_a.test_unlisted_fails": ("failed", "ValueError: two"),
    "test_a.test_tear_down": ("error", "ValueError: tear-down"),
    "test_a.test_set_up": ("error", "ValueError: set-up"),
    "TestIt.test_errors": ("error", "ValueError: case"),
    "TestIt.test_fails": ("failed", "AssertionError: case"),
    "TestIt.test_succeeds": ("unexpected success", None),
    "TestIt.test_expected": ("expected failure", None),
    "TestIt.test_skips": ("skipped", "own reason"),
    "TestIt.test_skipped": ("skipped", "decorated"),
}
RESULTS = "--trunk-failures-results=out.jsonl"


@pytest.fixture
def listed(project: Project) -> Project:
    """Return a project of tests that end in every way, some of them listed."""
    project.write(TESTS)
    project.list("test_a.test_fails", "test_a.test_passes")
    project.list("test_a.test_flaky", folder=SKIP)
    return project


def check_lines(lines: list[dict[str, Any]]) -> None:
    """Check the lines of the tests above."""
    seen = {line["id"]: (line["verdict"], line["error"]) for line in lines}
    assert len(seen) == len(lines)
    expected = dict(LINES)
    expected["TestIt.test_expected"] = ("expected failure", seen["TestIt.test_expected"][1])
    assert seen == expected
    for line in lines:
        assert line["file"] == "test_a.py"
        assert line["mode"] == "trunk"
        assert 0 <= line["seconds"] < 60


def test_result_lines(listed: Project) -> None:
    """Each test has one line, with the verdict that the unittest front end would give."""
    listed.run(RESULTS)
    check_lines(listed.lines())


def test_result_lines_of_workers(listed: Project) -> None:
    """Under xdist there is one file too, and the same lines in it."""
    pytest.importorskip("xdist")
    ran = listed.run(RESULTS, "-p", "xdist", "-n", "2")
    check_lines(listed.lines())
    assert "rm tests/trunk_expected_failures/test_a.test_passes" in ran.output


def test_a_module_that_does_not_load(project: Project) -> None:
    """A module that stands for its tests has a line, as unittest's front end writes it."""
    project.write("import missing")
    project.list("_FailedTest.test_a")
    project.run(RESULTS)
    (line,) = project.lines()
    assert (line["id"], line["file"]) == ("_FailedTest.test_a", "test_a.py")
    assert line["verdict"] == "expected failure"


COLLECTING_FAILS = """
    import unittest
    class TestIt(unittest.TestCase):
        def __init__(self, *args): raise ValueError("no instance")
        def test_it(self): pass
"""


def test_what_cannot_be_collected(project: Project) -> None:
    """What could not be collected is an error in the results too, once for all workers."""
    project.write("import missing")
    project.write("import missing", "tests/test_b.py")
    project.write(COLLECTING_FAILS, "tests/test_c.py")
    project.list("test_d.test_it")
    workers = ("-p", "xdist", "-n", "2") if importlib.util.find_spec("xdist") else ()
    for options in ((), workers):
        project.run(RESULTS, "--continue-on-collection-errors", *options)
        seen = {line["id"]: (line["verdict"], line["error"]) for line in project.lines()}
        missing = ("error", "ModuleNotFoundError: No module named 'missing'")
        assert seen["_FailedTest.test_a"] == seen["_FailedTest.test_b"] == missing
        assert seen["test_c.TestIt"] == ("error", "ValueError: no instance")
        assert len(project.lines()) == 3
        assert {line["file"] for line in project.lines()} == {f"test_{n}.py" for n in "abc"}


def test_sub_tests(project: Project) -> None:
    """A sub-test that fails is its test's failure; one that skips is not its test's skip."""
    pytest.importorskip("_pytest.subtests")
    project.write(
        """
        import pytest
        def test_fails(subtests):
            with subtests.test(): assert 0
        def test_passes(subtests):
            with subtests.test(): pass
            with subtests.test(): pytest.skip()
        """
    )
    project.list("test_b.test_it")
    project.run(RESULTS)
    assert {line["id"]: line["verdict"] for line in project.lines()} == {
        "test_a.test_fails": "failed",
        "test_a.test_passes": "passed",
    }


def test_reruns(project: Project) -> None:
    """Of a test that was run again its last run counts."""
    project.write(
        """
        import pytest
        @pytest.hookimpl(wrapper=True, tryfirst=True)
        def pytest_runtest_makereport(item, call):
            report = yield
            if call.when == "setup" and not hasattr(item, "again"):
                item.again = report.outcome = "rerun"
            return report
        """,
        "tests/conftest.py",
    )
    project.write("def test_it(): pass")
    project.list("test_b.test_it")
    project.run(RESULTS)
    assert [line["verdict"] for line in project.lines()] in ([], ["passed"])


def test_a_failure_whose_tear_down_is_interrupted(project: Project) -> None:
    """A failure that was reported is not lost when the run ends in the test's tear-down."""
    project.write(
        """
        import pytest
        @pytest.fixture
        def interrupting():
            yield
            raise KeyboardInterrupt
        def test_it(interrupting): assert 0
        """
    )
    project.list("test_b.test_it")
    ran = project.run(RESULTS)
    assert ran.code == 2
    assert [line["verdict"] for line in project.lines()] == ["failed"]


def test_the_summary(listed: Project) -> None:
    """The summary has the commands that remove what can go, for where pytest was started."""
    ran = listed.run()
    assert "Unexpected successes, please remove:\n  rm tests/trunk_expected_failures/" in ran.output
    assert "maybe remove:\n  rm tests/trunk_skips/test_a.test_flaky" in ran.output
    assert "match no test" not in ran.output


def test_commands_can_be_pasted(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """The commands are quoted, and their paths are from the working directory."""
    project.write(
        "import pytest\n@pytest.mark.parametrize('a', ['$(id)'])\ndef test_it(a): pass"
    )
    project.list("test_a.test_it[$(id)]")
    monkeypatch.chdir(project.path / "tests")
    ran = project.run(force="--trunk-failures=.")
    assert "  rm 'trunk_expected_failures/test_a.test_it[$(id)]'" in ran.output


def test_many_entries(project: Project) -> None:
    """Of many entries the first are named, and how many more there are."""
    project.write("def test_it(): pass")
    project.list(*(f"test_a.test_{number:03}" for number in range(SHOWN + 3)))
    output = project.run().output
    assert f"  tests/trunk_expected_failures/test_a.test_{SHOWN - 1:03}\n  and 3 more" in output


def test_nothing_to_say(project: Project) -> None:
    """A run in which all is as listed has no summary."""
    project.write("def test_it(): assert 0")
    project.list("test_a.test_it")
    assert "= trunk_failures =" not in project.run().output


def test_junit_properties(listed: Project) -> None:
    """JUnit files carry the verdict and the entry of each listed test as properties."""
    listed.run("--junitxml=junit.xml")
    found = {
        case.get("name"): {each.get("name"): each.get("value") for each in case.iter("property")}
        for case in ElementTree.parse(listed.path / "junit.xml").iter("testcase")
        if case.find("properties") is not None
    }
    assert found == {
        name: {
            "trunk_failures.verdict": verdict,
            "trunk_failures.entry": f"tests/{folder}/test_a.{name}",
        }
        for name, verdict, folder in (
            ("test_fails", "expected failure", "trunk_expected_failures"),
            ("test_passes", "unexpected success", "trunk_expected_failures"),
            ("test_flaky", "skip-listed and passed", "trunk_skips"),
        )
    }


def test_results_that_cannot_be_written(listed: Project) -> None:
    """A results file that cannot be made is a usage error before any test runs."""
    ran = listed.run("--trunk-failures-results=missing/out.jsonl")
    assert (ran.code, ran.told) == (4, {})
    assert "results cannot be written to" in ran.output


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full")
def test_results_on_a_full_disk(project: Project) -> None:
    """Results that were lost on the way are said, and the run is not a success."""
    project.write("def test_it(): pass")
    project.list("test_b.test_it")
    ran = project.run("--trunk-failures-results=/dev/full")
    assert ran.code == pytest.ExitCode.USAGE_ERROR
    assert "results could not be written to '/dev/full'" in ran.output


@pytest.mark.skipif(sys.platform == "win32", reason="the exit code of a killed process")
@pytest.mark.parametrize(
    ("outcome", "entries"),
    [
        (
            "failed",
            [
                ("", "trunk_expected_failures", "crashed"),
                ("raises: ValueError", "trunk_expected_failures", "fails differently"),
                ("", "", "crashed"),
            ],
        ),
        (
            "xfailed",
            [
                ("raises: Crashed", "trunk_expected_failures", "expected failure"),
                ("raises: Crashed", "trunk_skips", "skip-listed and failed"),
            ],
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_worker_that_dies(
    project: Project, outcome: str, entries: list[tuple[str, str, str]]
) -> None:
    """A test whose worker died is a failure, unless its entry says that it crashes."""
    pytest.importorskip("xdist")
    verdicts = {}
    text = "import os\n"
    for number, (content, folder, verdict) in enumerate(entries):
        text += f"def test_{number}(): os._exit(3)\n"
        verdicts[f"test_a.test_{number}"] = verdict
        if folder:
            project.list(f"test_a.test_{number}", content=content, folder=folder)
    project.write(f"{text}def test_other(): assert 0")
    project.list("test_a.test_other")
    ran = project.run("-p", "xdist", "-n", "1", RESULTS)
    assert ran.outcomes["test_other"] == "xfailed"
    for number in range(len(entries)):
        told = [report for report in ran.reports if report.nodeid.endswith(f"::test_{number}")][-1]
        assert {"failed": "failed", "skipped": "xfailed"}[told.outcome] == outcome
    assert ran.code == int(outcome == "failed")
    assert {line["id"]: line["verdict"] for line in project.lines()} == {
        **verdicts,
        "test_a.test_other": "expected failure",
    }
    advice = "does not expect a crash: `raises: Crashed` would"
    assert (advice in ran.output) is (outcome == "failed")
