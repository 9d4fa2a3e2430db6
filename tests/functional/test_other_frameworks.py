"""Tests of testtools and of Twisted's trial have the same verdicts, by whichever runner."""

from __future__ import annotations

from pathlib import Path

import pytest

from . import other_runners, projects, runners, test_verdicts, verdict_table
from .runners import EXPECTED, FAILED, PASSED, SKIPPED, Runner
from .verdict_table import BODY, EXPIRED, ISOLATED, MAYBE, RAISES, REMOVE, SKIP, XFAIL, Row

DATE = "{name}: expires: 2020-01-31\n"
OTHER = verdict_table.DIFFERS + "ValueError, seen was KeyError: 'body'"
LEFT = verdict_table.DIFFERS + "ValueError, seen was KeyError: 'tear-down'"
MATCH = "{name}: match: 1 != 2.*3 != 4\n"
VALUE = "`{path}`: ValueError: body"

TABLE = (
    *verdict_table.of(
        "test_testtools/TestTools",
        Row("test_passes", PASSED, XFAIL, FAILED, REMOVE),
        Row("test_fails", FAILED, XFAIL, EXPECTED, BODY),
        Row("test_raises", FAILED, XFAIL, EXPECTED, VALUE, RAISES),
        Row("test_raises_other", FAILED, XFAIL, FAILED, OTHER, RAISES),
        Row("test_assert_that", FAILED, XFAIL, EXPECTED, "1 != 2", "{name}: match: 1 != 2\n"),
        Row("test_expect_that", FAILED, XFAIL, EXPECTED, "1 != 2; 3 != 4", MATCH),
        Row("test_clean_up_fails", FAILED, XFAIL, EXPECTED, "clean-up"),
        Row("test_fails_and_tear_down_errors", FAILED, XFAIL, FAILED, LEFT, RAISES),
        Row("test_skips", SKIPPED, XFAIL, SKIPPED, "own reason"),
        Row("test_expect_failure", EXPECTED, XFAIL, EXPECTED, "1 != 2", "{name}: match: 1 != 2\n"),
        Row("test_is_marked_and_fails", EXPECTED, XFAIL, EXPECTED, BODY),
        Row("test_is_marked_and_passes", FAILED, XFAIL, FAILED, REMOVE),
        Row("test_skip_fails", FAILED, SKIP, SKIPPED, BODY),
        Row("test_skip_passes", PASSED, SKIP, SKIPPED, MAYBE),
        Row("test_expired", FAILED, XFAIL, FAILED, EXPIRED, DATE),
        Row("test_is_isolated", FAILED, XFAIL, EXPECTED, "ValueError: in ", ISOLATED + RAISES),
        Row("test_exits_at_once", FAILED, XFAIL, EXPECTED, "exited with code 3", ISOLATED),
        Row("test_not_listed", FAILED, "", FAILED, "AssertionError: body"),
        Row("test_not_listed_and_passes", PASSED, "", PASSED),
    ),
    *verdict_table.of(
        "test_trial/TestDeferred",
        Row("test_passes", PASSED, XFAIL, FAILED, REMOVE),
        Row("test_fails", FAILED, XFAIL, EXPECTED, BODY),
        Row("test_raises", FAILED, XFAIL, EXPECTED, VALUE, RAISES),
        Row("test_raises_other", FAILED, XFAIL, FAILED, OTHER, RAISES),
        Row("test_fails_and_tear_down_errors", FAILED, XFAIL, FAILED, LEFT, RAISES),
        Row("test_clean_up_fails", FAILED, XFAIL, EXPECTED, "clean-up", RAISES),
        Row("test_logs_error", FAILED, XFAIL, EXPECTED, "ValueError: logged", RAISES),
        Row("test_coroutine_fails", FAILED, XFAIL, EXPECTED, VALUE, RAISES),
        Row("test_skips", SKIPPED, XFAIL, SKIPPED, "own reason"),
        Row("test_skip_attribute", SKIPPED, XFAIL, SKIPPED, "own reason"),
        Row("test_skip_fails", FAILED, SKIP, SKIPPED, VALUE),
        Row("test_skip_passes", PASSED, SKIP, SKIPPED, MAYBE),
        Row("test_expired", FAILED, XFAIL, FAILED, EXPIRED, DATE),
        Row("test_exits_at_once", FAILED, XFAIL, EXPECTED, "exited with code 3", ISOLATED),
        Row("test_not_listed", FAILED, "", FAILED, "ValueError"),
        Row("test_not_listed_and_passes", PASSED, "", PASSED),
    ),
    *verdict_table.of(
        "test_trial/TestSynchronous",
        Row("test_passes", PASSED, XFAIL, FAILED, REMOVE),
        Row("test_fails", FAILED, XFAIL, EXPECTED, ": body"),
        Row("test_skips", SKIPPED, XFAIL, SKIPPED, "own reason"),
    ),
)
BY = {
    runner.name: runner
    for runner in (
        *runners.RUNNERS,
        *other_runners.OTHERS,
        *runners.UNDECORATED,
        *other_runners.OTHERS_UNDECORATED,
    )
}
TRIED = (
    *("unittest", "pytest", "testtools", "stestr", "trial", "django"),
    *("trunk_failures unittest", "run testtools", "run trial"),
)


@pytest.mark.parametrize("runner", [BY[name] for name in TRIED], ids=lambda runner: runner.name)
def test_every_verdict_of_other_frameworks(python: str, runner: Runner, tmp_path: Path) -> None:
    """What a test of another framework does has the verdict that unittest's would have."""
    needed = runner._replace(requires=f"{runner.requires} testtools twisted")
    if runners.lacks(python, needed):
        pytest.skip(f"this needs {needed.requires}, not all of which {python} has")
    project = projects.make("frameworks", tmp_path / "project")
    listed = [(row.listed, row.key, row.content) for row in TABLE if row.listed]
    suite = test_verdicts.Suite(project, projects.list_tests(project, listed))
    if runner.applies_to_every:
        projects.undecorate(project)
    run = runner.run(python, project, tmp_path, runners.environment(python))
    test_verdicts.check(TABLE, run, suite, runner, tmp_path)
