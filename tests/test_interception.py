"""The hook in `TestCase.run`: which tests it gives a verdict on, and how it runs them."""

from __future__ import annotations

import contextlib
import io
import os
import time
import unittest
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from lists_fixtures import PutInForce, Telling

from trunk_failures import (
    contexts,
    fixtures,
    frameworks,
    interception,
    isolation,
    lists,
    marks,
)
from trunk_failures.isolation import VARIABLE

pytest_plugins = ["lists_fixtures"]
pytestmark = pytest.mark.usefixtures("outside_pytest")

forked = pytest.mark.skipif(not hasattr(os, "fork"), reason="the class is found in a fork alone")

XFAIL, SKIP = "trunk_expected_failures", "trunk_skips"
PASSED, FAILED = ("addSuccess", ""), ("addError", "ValueError: broken")
EXPECTED = ("addExpectedFailure", "ValueError: broken")


def passes(test: unittest.TestCase) -> None:
    """Pass."""


def fails(test: unittest.TestCase) -> None:
    """Fail."""
    raise ValueError("broken")


def skips(test: unittest.TestCase) -> None:
    """Skip."""
    test.skipTest("own reason")


def hangs(test: unittest.TestCase) -> None:
    """Never end."""
    while True:
        time.sleep(0.01)


def exits(test: unittest.TestCase) -> None:
    """End the process."""
    os._exit(7)


def made(
    body: Callable[[unittest.TestCase], None], *kinds: str, reason: str = ""
) -> unittest.TestCase:
    """Return a test, `TestA.test_b`, whose class is marked for some kinds of lists."""
    case: type[unittest.TestCase] = type("TestA", (unittest.TestCase,), {"test_b": body})
    if kinds:
        marks.mark(case, kinds, reason)
    return case("test_b")


def told_of(test: unittest.TestCase) -> list[tuple[str, str]]:
    """Run a test and return what the runner is told between its start and its end."""
    runner = Telling()
    test.run(runner)
    assert (runner.told[0], runner.told[-1]) == (("startTest", ""), ("stopTest", ""))
    return runner.between


@pytest.mark.parametrize(
    ("scope", "method", "key"),
    [
        ("TestA", "test_b", "TestA.test_b"),
        ("_FailedTest", "test_mod", "_FailedTest.test_mod"),
        ("_FailedTest", "pkg.sub.test_mod", "_FailedTest.test_mod"),
        ("TestA", "test 1.5", "TestA.test 1.5"),
    ],
)
def test_the_key_of_a_test(scope: str, method: str, key: str) -> None:
    """A test's key is its class's and method's names, of a module that failed its base name."""
    case: type[unittest.TestCase] = type(scope, (unittest.TestCase,), {method: passes})
    assert interception.key_of(case(method)) == key


def test_the_run_time_class_is_in_the_key() -> None:
    """An inherited test has a key of its own."""
    sub: Any = type("TestSub", (type(made(passes)),), {})
    assert interception.key_of(sub("test_b")) == "TestSub.test_b"


def test_without_lists_nothing_is_hooked(put_in_force: PutInForce) -> None:
    """Where no test is listed unittest's own methods stay in place."""
    before = unittest.TestCase.run, unittest.TestSuite.run
    put_in_force({"trunk_skips/.gitkeep": ""})
    assert interception.apply_to_marked() is False
    interception.apply_to_every()
    assert (unittest.TestCase.run, unittest.TestSuite.run) == before
    assert told_of(made(fails)) == [FAILED]


def test_hooks_are_put_in_once(put_in_force: PutInForce) -> None:
    """Marking and applying to all, again and again, runs each test once and judges it once."""
    put_in_force({f"{XFAIL}/TestA.test_b": "", f"{XFAIL}/TestB.setUpClass": ""})
    calls: list[int] = []

    def counts(test: unittest.TestCase) -> None:
        calls.append(1)
        raise ValueError("broken")

    for _ in range(2):
        assert interception.apply_to_marked() is True
        interception.apply_to_every()
    assert told_of(made(counts)) == [EXPECTED]
    assert calls == [1]


def test_the_hook_looks_like_run() -> None:
    """What shows or copies `TestCase.run` sees its name and documentation."""
    assert interception._case_hook.__name__ == "run"
    assert interception._case_hook.__doc__ == frameworks._run_unittest.__doc__


# what is listed and how, what the test does, the class's marks, what the runner is told
VERDICTS: list[
    tuple[str, str, Callable[[unittest.TestCase], None], tuple[str, ...], tuple[str, str]]
] = [
    (XFAIL, "", fails, lists.KINDS, EXPECTED),
    (XFAIL, "", fails, (lists.EXPECTED_FAILURES,), EXPECTED),
    (XFAIL, "", fails, (lists.SKIPS,), FAILED),
    (XFAIL, "", fails, (), FAILED),
    (
        XFAIL,
        "",
        passes,
        lists.KINDS,
        ("addFailure", "UnexpectedSuccess: Unexpected success, please remove {path}"),
    ),
    (XFAIL, "", skips, lists.KINDS, ("addSkip", "own reason")),
    (SKIP, "", fails, (lists.SKIPS,), ("addSkip", "{path} (decorator's): ValueError: broken")),
    (SKIP, "", fails, (lists.EXPECTED_FAILURES,), FAILED),
    (
        SKIP,
        "reason: flaky",
        fails,
        lists.KINDS,
        ("addSkip", "{path} (flaky): ValueError: broken"),
    ),
    (
        SKIP,
        "",
        passes,
        lists.KINDS,
        ("addSkip", "This test passed, maybe we can remove {path}"),
    ),
    (XFAIL, "run: never", exits, lists.KINDS, ("addSkip", "not run, as {path} says (decorator's)")),
    (
        XFAIL,
        "raises: KeyError",
        fails,
        lists.KINDS,
        (
            "addFailure",
            "FailsDifferently: TestA.test_b fails differently: {path} expects KeyError, "
            "seen was ValueError: broken",
        ),
    ),
    (
        XFAIL,
        "expires: 2020-01-01",
        fails,
        lists.KINDS,
        (
            "addError",
            "NotSuppressed: {path} expired on 2020-01-01 and no longer suppresses TestA.test_b; "
            "mend the test, or renew the date",
        ),
    ),
    (XFAIL, "when: python_version < '3'", fails, lists.KINDS, FAILED),
    (XFAIL, "when: python_version > '3'", fails, lists.KINDS, EXPECTED),
    (
        XFAIL,
        "rnu: never",
        passes,
        lists.KINDS,
        (
            "addFailure",
            "NotSuppressed: {path}, line 1: unknown field 'rnu'; the fields are reason, issue, "
            "owner, expires, when, raises, match, run, timeout, keep",
        ),
    ),
]
ISOLATED: list[tuple[str, str, Callable[[unittest.TestCase], None], tuple[str, str]]] = [
    (XFAIL, "", fails, ("addExpectedFailure", "{child}broken")),
    (
        XFAIL,
        "",
        passes,
        ("addFailure", "UnexpectedSuccess: Unexpected success, please remove {path}"),
    ),
    (XFAIL, "", skips, ("addSkip", "own reason")),
    (
        SKIP,
        "timeout: 50",
        exits,
        (
            "addSkip",
            "{path} (decorator's): Crashed: the child process exited with code 7 before its test "
            "ended",
        ),
    ),
    (
        XFAIL,
        "timeout: 0.2",
        hangs,
        ("addExpectedFailure", "{child}the test took longer than 0.2 s"),
    ),
]


@pytest.mark.parametrize(("listed", "content", "body", "kinds", "told"), VERDICTS)
def test_verdicts_on_marked_tests(
    put_in_force: PutInForce,
    listed: str,
    content: str,
    body: Callable[[unittest.TestCase], None],
    kinds: tuple[str, ...],
    told: tuple[str, str],
) -> None:
    """A listed test has its entry's verdict if it is marked for that kind of list."""
    put_in_force({f"{listed}/TestA.test_b": content})
    interception.apply_to_marked()
    expected = told[1].replace("{path}", f"`tests/{listed}/TestA.test_b`")
    assert told_of(made(body, *kinds, reason="decorator's")) == [(told[0], expected)]


@forked
@pytest.mark.parametrize(("listed", "content", "body", "told"), ISOLATED)
def test_verdicts_on_isolated_tests(
    put_in_force: PutInForce,
    monkeypatch: pytest.MonkeyPatch,
    listed: str,
    content: str,
    body: Callable[[unittest.TestCase], None],
    told: tuple[str, str],
) -> None:
    """What a test comes to in a child process has the verdict that it would have here."""
    monkeypatch.setenv(VARIABLE, "fork")
    put_in_force({f"{listed}/TestA.test_b": f"run: isolated\n{content}"})
    interception.apply_to_marked()
    ((method, text),) = told_of(made(body, *lists.KINDS, reason="decorator's"))
    assert method == told[0]
    expected = told[1].replace("{path}", f"`tests/{listed}/TestA.test_b`")
    if "{child}" in expected:  # The child's own words stand before it.
        assert text.startswith("ChildFailure: ")
        assert text.endswith(expected.removeprefix("{child}"))
    else:
        assert text == expected


def test_every_test_needs_no_mark(put_in_force: PutInForce) -> None:
    """Under a front end all listed tests have their verdicts, marked or not."""
    put_in_force({f"{XFAIL}/TestA.test_b": ""})
    interception.apply_to_marked()
    assert told_of(made(fails)) == [FAILED]
    interception.apply_to_every()
    assert told_of(made(fails)) == [EXPECTED]


def test_tests_that_are_not_listed_are_untouched(put_in_force: PutInForce) -> None:
    """A test that no list names runs as ever, on the runner's own result."""
    put_in_force({f"{XFAIL}/TestOther.test_b": ""})
    interception.apply_to_every()
    seen: list[object] = []
    test = made(lambda self: seen.append(getattr(self, "_outcome").result))
    runner = Telling()
    test.run(runner)
    assert seen == [runner] and runner.between == [PASSED]


def test_qualified_entries_hold_for_their_file(put_in_force: PutInForce) -> None:
    """An entry for one test file is found by the file that the test's class is in."""
    here = Path(__file__)
    put_in_force({f"{XFAIL}/nn/test_other/TestA.test_b": ""})
    interception.apply_to_every()
    test = made(fails)
    type(test).__module__ = __name__
    assert told_of(test) == [FAILED]
    test_dir = put_in_force({f"{XFAIL}/{here.stem}/TestA.test_b": ""})
    assert told_of(test) == [FAILED]  # This file is not in that test directory.
    with pytest.MonkeyPatch.context() as patched:
        patched.setitem(globals(), "__file__", str(test_dir / here.name))
        put_in_force()
        assert told_of(test) == [EXPECTED]


def test_no_verdict_within_a_child(
    put_in_force: PutInForce, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the child that runs an isolated test the signal is the test's own; the parent judges."""
    put_in_force({f"{XFAIL}/TestA.test_b": ""})
    interception.apply_to_every()
    monkeypatch.setattr(isolation, "inside", True)
    assert told_of(made(fails)) == [FAILED]


def test_a_test_run_without_a_result_makes_its_own(put_in_force: PutInForce) -> None:
    """`test.run()` with no result is a whole run, as unittest has it, and returns its result."""
    put_in_force({f"{XFAIL}/TestA.test_b": ""})
    interception.apply_to_every()
    calls: list[str] = []

    class Own(unittest.TestResult):
        def startTestRun(self) -> None:
            calls.append("start")

        def stopTestRun(self) -> None:
            calls.append("stop")

    test = made(fails)
    setattr(test, "defaultTestResult", Own)
    result = test.run()
    assert isinstance(result, Own) and len(result.expectedFailures) == 1
    assert calls == ["start", "stop"]


def test_the_run_ends_though_the_test_interrupts(put_in_force: PutInForce) -> None:
    """An interrupt in a listed test propagates, and the run that the test made ends."""
    put_in_force({f"{XFAIL}/TestA.test_b": ""})
    interception.apply_to_every()
    calls: list[str] = []

    def interrupts(test: unittest.TestCase) -> None:
        raise KeyboardInterrupt

    class Own(unittest.TestResult):
        def stopTestRun(self) -> None:
            calls.append("stop")

    test = made(interrupts)
    setattr(test, "defaultTestResult", Own)
    with pytest.raises(KeyboardInterrupt):
        test.run()
    assert calls == ["stop"]


@pytest.mark.parametrize("kind", ["", "trunk_expected_failures/TestA.test_b"])
def test_registered_contexts_are_around_the_test(put_in_force: PutInForce, kind: str) -> None:
    """A test runs inside its contexts, fixtures and all, whether or not it is suppressed too."""
    put_in_force({"slow_clock_skips/TestA.test_b": "", **({kind: ""} if kind else {})})
    notes: list[str] = []

    @contextlib.contextmanager
    def noted() -> Iterator[None]:
        notes.append("enter")
        yield
        notes.append("leave")

    def body(test: unittest.TestCase) -> None:
        notes.append("test")
        raise ValueError("broken")

    test = made(body)
    setattr(test, "tearDown", lambda: notes.append("tear-down"))
    contexts.register("slow_clock", noted)
    interception.apply_to_every()
    assert told_of(test) == [EXPECTED if kind else FAILED]
    assert notes == ["enter", "test", "tear-down", "leave"]


def test_a_context_that_fails_is_an_error_of_the_test(put_in_force: PutInForce) -> None:
    """A test whose context cannot be entered does not run; that is no expected failure."""
    put_in_force({"slow_clock_skips/TestA.test_b": "", f"{XFAIL}/TestA.test_b": ""})

    def factory() -> contextlib.AbstractContextManager[None]:
        raise OSError("no clock")

    contexts.register("slow_clock", factory)
    interception.apply_to_every()
    assert told_of(made(exits)) == [("addError", "OSError: no clock")]


def test_an_isolated_test_that_cannot_begin_is_an_error(
    put_in_force: PutInForce, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A test that was not run has not failed as expected: its entry does not suppress that."""
    put_in_force({f"{XFAIL}/TestA.test_b": "run: isolated"})
    monkeypatch.setenv(VARIABLE, "thread")
    interception.apply_to_every()
    ((method, text),) = told_of(made(exits))
    assert method == "addError"
    assert text == f"NotRun: {VARIABLE} is 'thread'; allowed here are fork, spawn"


@forked
def test_the_duration_of_an_isolated_test_is_told(
    put_in_force: PutInForce, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A runner that keeps durations hears that of a test in a child process, its start included."""
    put_in_force({f"{XFAIL}/TestA.test_b": "run: isolated"})
    monkeypatch.setenv(VARIABLE, "fork")
    interception.apply_to_every()
    durations: list[float] = []

    class Timing(Telling):
        def addDuration(self, test: Any, elapsed: float) -> None:
            durations.append(elapsed)

    made(fails).run(Timing())
    (seconds,) = durations
    assert 0 < seconds < 60


@pytest.mark.parametrize("fixture", [False, True])
def test_suites_are_hooked_where_a_fixture_is_listed(
    put_in_force: PutInForce, fixture: bool
) -> None:
    """The suite's hook is put in only where a class's or module's fixture is listed."""
    before = unittest.TestSuite.run
    put_in_force({f"{XFAIL}/TestA.{'setUpClass' if fixture else 'test_b'}": ""})
    interception.install()
    assert (unittest.TestSuite.run is not before) is fixture


def test_suites_report_listed_fixtures(put_in_force: PutInForce) -> None:
    """In nested suites a listed fixture's failure is told once, in the runner's own words."""
    put_in_force({f"{XFAIL}/TestA.setUpClass": ""})
    interception.apply_to_every()

    class TestA(unittest.TestCase):
        @classmethod
        def setUpClass(cls) -> None:
            raise ValueError("broken")

        def test_b(self) -> None: ...

    fixtures.guard_class(TestA, marks.EVERY)
    suite = unittest.TestSuite([unittest.TestSuite([TestA("test_b")])])
    runner = Telling()
    assert suite.run(runner) is runner
    assert runner.told == [EXPECTED]


def test_people_see_their_own_frames_alone(put_in_force: PutInForce) -> None:
    """What a runner prints of failing listed tests names no line of the package's."""
    put_in_force(
        {
            f"{XFAIL}/TestA.test_b": "raises: KeyError",
            f"{XFAIL}/TestB.test_c": "",
            f"{XFAIL}/TestC.test_d": "expires: 2020-01-01",
            f"{XFAIL}/TestC.setUpClass": "raises: KeyError",
        }
    )
    interception.apply_to_every()
    methods = {"TestA": fails, "TestB": passes, "TestC": fails}

    def set_up(cls: Any) -> None:
        raise ValueError("broken")

    suite = unittest.TestSuite()
    for (name, body), method in zip(methods.items(), ("test_b", "test_c", "test_d")):
        case: Any = type(name, (unittest.TestCase,), {method: body})
        suite.addTest(case(method))
    for with_fixture in (False, True):
        if with_fixture:
            setattr(case, "setUpClass", classmethod(set_up))
            fixtures.guard_class(case, marks.EVERY)
            suite = unittest.TestSuite([case("test_d")])
        stream = io.StringIO()
        result = unittest.TextTestRunner(stream).run(suite)
        assert not result.wasSuccessful()
        package = str(Path(interception.__file__).parent)
        assert package not in stream.getvalue() and __file__ in stream.getvalue()
