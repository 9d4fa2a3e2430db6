"""`python -m trunk_failures unittest`: unittest's own command, with the lists on every test."""

from __future__ import annotations

import argparse
import collections
import sys
import time
import unittest
from typing import TYPE_CHECKING, Any

from trunk_failures import ids, in_force, interception, lists, lookup, outcomes, pytorch
from trunk_failures.errors import UsageError
from trunk_failures.loading import FAILED, Loader
from trunk_failures.result_lines import ResultLine, ResultLines
from trunk_failures.verdicts import Ruling, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

__unittest = True

NAME = "trunk-failures unittest"
DESCRIPTION = "Run tests as `python -m unittest` does, with the lists on every one of them."
EPILOG = """\
Every other option and argument is unittest's own; its help follows.

examples:
  trunk-failures unittest                                discover and run all tests
  trunk-failures unittest -v test_ops.TestOps            run one class, with reasons
  trunk-failures unittest --results out.jsonl discover -s tests

exit codes: unittest's own, which are 0; 1 where a test failed; 5 where none ran (from Python 3.12
on, and with --only-disabled); and 2 what cannot be used
"""

NO_TESTS = 5
"""unittest's exit code where no test ran, from Python 3.12 on."""

CAN_GO = (Verdict.UNEXPECTED_SUCCESS, Verdict.SKIP_LISTED_PASSED)


class CommandResult(unittest.TextTestResult):
    """Report as unittest does, and keep what is written of each test."""

    lines: ResultLines | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.verdicts: collections.Counter[Verdict] = collections.Counter()
        self.can_go: list[str] = []
        self._started: float | None = None
        self._seen: tuple[Verdict, str] | None = None
        self._ruling: Ruling | None = None

    def startTest(self, test: unittest.TestCase) -> None:
        """Begin a test's line."""
        super().startTest(test)
        self._started = time.perf_counter()
        self._seen = None

    def stopTest(self, test: unittest.TestCase) -> None:
        """Write a test's line; one that was interrupted has none, as it came to nothing."""
        super().stopTest(test)
        self._end(test)
        self._started = None

    def addVerdict(self, test: unittest.TestCase, ruling: Ruling) -> None:
        """Hear the verdict on a listed test, before it is reported in unittest's words."""
        self._ruling = ruling
        assert ruling.verdict is not None
        self._seen = (ruling.verdict, ruling.error or ruling.message)
        if ruling.verdict in CAN_GO:
            self.can_go.append(ruling.message)

    def addSuccess(self, test: unittest.TestCase) -> None:
        """Report a pass."""
        super().addSuccess(test)
        self._see(test, Verdict.PASSED, "")

    def addError(self, test: unittest.TestCase, err: Any) -> None:
        """Report an error, of a test or of a class's or module's fixture."""
        super().addError(test, err)
        self._see(test, Verdict.ERROR, str(outcomes.signature(err[1])))

    def addFailure(self, test: unittest.TestCase, err: Any) -> None:
        """Report a failure."""
        super().addFailure(test, err)
        self._see(test, Verdict.FAILED, str(outcomes.signature(err[1])))

    def addSubTest(self, test: unittest.TestCase, subtest: Any, err: Any) -> None:
        """Report a sub-test; one that fails is the test's failure."""
        super().addSubTest(test, subtest, err)
        if err is not None:
            failed = issubclass(err[0], test.failureException)
            verdict = Verdict.FAILED if failed else Verdict.ERROR
            self._see(test, verdict, str(outcomes.signature(err[1])))

    def addSkip(self, test: unittest.TestCase, reason: str) -> None:
        """Report a skip."""
        super().addSkip(test, reason)
        self._see(test, Verdict.SKIPPED, reason)

    def addExpectedFailure(self, test: unittest.TestCase, err: Any) -> None:
        """Report an expected failure; unittest's own words leave out why it is one."""
        if self.showAll and self._started is None:
            self.stream.write(f"{self.getDescription(test)} ... ")
        super().addExpectedFailure(test, err)
        if self.showAll and self._ruling is not None:
            self.stream.write(f"    {self._ruling.message}\n")
            self.stream.flush()
        self._see(test, Verdict.EXPECTED_FAILURE, str(outcomes.signature(err[1])))

    def addUnexpectedSuccess(self, test: unittest.TestCase) -> None:
        """Report a pass of a test that carries `@unittest.expectedFailure`."""
        super().addUnexpectedSuccess(test)
        self._see(test, Verdict.UNEXPECTED_SUCCESS, "")

    def _see(self, test: Any, verdict: Verdict, error: str) -> None:
        """Keep a test's first verdict, or the first after it that is a failure."""
        fails = (Verdict.FAILED, Verdict.ERROR)
        if self._seen is None or (
            self._ruling is None and verdict in fails and self._seen[0] not in fails
        ):
            self._seen = (verdict, error)
        if self._started is None:  # A fixture, or what unittest reports without running it.
            self._end(_of_fixture(test))

    def _end(self, test: Any) -> None:
        seen, self._seen, self._ruling = self._seen, None, None
        if seen is None:
            return
        self.verdicts[seen[0]] += 1
        if self.lines is not None:
            seconds = time.perf_counter() - self._started if self._started is not None else 0.0
            self.lines.write(_line(test, seen[0], seconds, seen[1]))


class CommandRunner(unittest.TextTestRunner):
    """Run a suite, and say what the lists did."""

    resultclass: Any = CommandResult
    done: CommandResult | None = None
    only_disabled = False

    def run(self, test: Any) -> Any:
        """Run a suite."""
        pytorch.hide_from_dynamo()  # The tests are loaded by now, and torch with them.
        result: Any = super().run(_disabled(test) if self.only_disabled else test)
        type(self).done = result
        for line in _summary(result):
            self.stream.write(line + "\n")
        self.stream.flush()
        return result


def main(argv: Sequence[str]) -> int:
    """Run the command; returns unittest's exit code, 2 when results could not be written."""
    parser = argparse.ArgumentParser(
        prog=NAME,
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        add_help=False,
        allow_abbrev=False,
    )
    parser.add_argument(
        "--results", metavar="FILE", help="write what happened to FILE, one JSON object a test"
    )
    parser.add_argument(
        "--only-disabled", action="store_true",
        help=f"run none but the tests that the status in {in_force.STATUS} disables",
    )
    options, rest = parser.parse_known_args(argv)
    if options.only_disabled and lists.STATUS not in in_force.lists.modes:
        raise UsageError(
            f"--only-disabled needs a status of trunk, in force: name its file in {in_force.STATUS}"
        )
    if {"-h", "--help"} & set(rest):
        parser.print_help()
    lines = ResultLines(options.results) if options.results is not None else None
    try:
        code = _run(rest, lines, options.only_disabled)
    finally:
        if lines is not None:
            lines.close()
    if lines is not None and lines.trouble:
        print(f"{NAME}: {lines.trouble}", file=sys.stderr)
        return code or 2
    return code


def _run(arguments: Sequence[str], lines: ResultLines | None, only_disabled: bool) -> int:
    result = type("CommandResult", (CommandResult,), {"lines": lines})
    made = {"resultclass": result, "only_disabled": only_disabled}
    runner: Any = type("CommandRunner", (CommandRunner,), made)
    interception.apply_to_every()
    try:
        unittest.main(
            module=None, argv=[NAME, *arguments], testRunner=runner, testLoader=Loader()
        )
    except SystemExit as end:
        if end.code == NO_TESTS and runner.done is not None and runner.done.verdicts:
            return 0  # Fixtures alone were heard of, all of them as they are listed.
        if not end.code and only_disabled and not (runner.done and runner.done.verdicts):
            return NO_TESTS
        return end.code if isinstance(end.code, int) else int(bool(end.code))
    return 0


def _disabled(suite: Any) -> Any:
    """Return the tests of a suite that trunk's status disables, and those that did not load."""
    if not isinstance(suite, unittest.TestCase):
        return type(suite)(map(_disabled, suite))
    key = interception.key_of(suite)
    test_file = lookup.test_file(type(suite).__module__)
    is_wanted = key.startswith(f"{FAILED}.") or in_force.lists.is_disabled(key, test_file)
    return suite if is_wanted else unittest.TestSuite()


def _summary(result: CommandResult) -> list[str]:
    loaded = in_force.lists
    if not loaded.keys:
        return []
    counts = ", ".join(f"{count} {verdict.value}" for verdict, count in result.verdicts.items())
    modes = ", ".join(loaded.modes)
    return [f"lists in force ({modes}) in {loaded.test_dir}: {counts}", *result.can_go]


class _Fixture:
    """Stand for a class's or a module's fixture, as unittest's own stand-in says no more."""

    def __init__(self, test_id: ids.TestId) -> None:
        self.test_id = test_id


def _of_fixture(test: Any) -> Any:
    return test if isinstance(test, unittest.TestCase) else _Fixture(ids.from_issue(str(test)))


def _line(test: Any, verdict: Verdict, seconds: float, error: str) -> ResultLine:
    if isinstance(test, _Fixture):
        key, module = test.test_id.key, test.test_id.module
    else:
        key, module = interception.key_of(test), type(test).__module__
    file = None
    if not key.startswith("_FailedTest."):
        file = lookup.relative_file(getattr(sys.modules.get(module), "__file__", None)) or None
    first = error.split("\n", 1)[0] if error else None
    modes = ",".join(in_force.lists.modes)
    return ResultLine(key, file, verdict.value, round(seconds, 6), first, modes)
