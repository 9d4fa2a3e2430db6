"""Class and module fixtures that are listed, under unittest's suite and as pytest calls them."""

from __future__ import annotations

import functools
import sys
import unittest
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest.suite import _ErrorHolder  # type: ignore[attr-defined]

import pytest
from lists_fixtures import PutInForce, Telling

from trunk_failures import failures, fixtures, marks
from trunk_failures.errors import TrunkFailuresWarning
from trunk_failures.fixtures import FixtureResult
from trunk_failures.verdicts import Ruling, Verdict

pytest_plugins = ["lists_fixtures"]

XFAIL, SKIP = "trunk_expected_failures", "trunk_skips"
PASSED = ("addSuccess", "")
REMOVE = "Unexpected success, please remove `tests/{path}`"
STAND_IN: Any = _ErrorHolder("setUpClass (test_mod.TestA)")
DIFFERS = "`tests/{path}` expects KeyError, seen was ValueError: broken"


def passes() -> None:
    """Do nothing."""


def fails() -> None:
    """Fail as a fixture's author did not want it to."""
    raise ValueError("broken")


def skips() -> None:
    """Skip as a fixture's author wanted it to."""
    raise unittest.SkipTest("own reason")


def made_class(name: str, body: Callable[[], None]) -> type[unittest.TestCase]:
    """Return a test class with one test, and one class fixture that calls `body`."""

    class TestA(unittest.TestCase):
        def test_b(self) -> None: ...

    def fixture(cls: Any) -> None:
        body()

    fixture.__name__ = name
    setattr(TestA, name, classmethod(fixture))
    return TestA


def made_module(tmp_path: Path, name: str, body: Callable[[], None]) -> ModuleType:
    """Return a module, as if loaded from a file, with one fixture and a class with one test."""
    module = ModuleType("pkg.test_mod")
    module.__file__ = str(tmp_path / "pkg" / "test_mod.py")

    def fixture() -> None:
        body()

    fixture.__name__, fixture.__module__ = name, module.__name__
    setattr(module, name, fixture)
    setattr(module, "TestA", made_class("tearDownClass", passes))
    getattr(module, "TestA").__module__ = module.__name__
    return module


def run(cls: type[unittest.TestCase]) -> Telling:
    """Run a class's test as a suite does."""
    runner = Telling()
    proxy: Any = FixtureResult(runner)
    unittest.TestSuite([cls("test_b")]).run(proxy)
    return runner


# list, fields, what the fixture does, what the runner is told
VERDICTS: list[tuple[str, str, Callable[[], None], list[tuple[str, str]]]] = [
    (XFAIL, "", fails, [("addExpectedFailure", "ValueError: broken")]),
    (
        SKIP,
        "reason: flaky port",
        fails,
        [("addSkip", "`tests/{path}` (flaky port): ValueError: broken")],
    ),
    (
        XFAIL,
        "",
        passes,
        [PASSED, ("addFailure", f"UnexpectedSuccess: {REMOVE}")],
    ),
    (
        SKIP,
        "",
        passes,
        [PASSED, ("addSkip", "This test passed, maybe we can remove `tests/{path}`")],
    ),
    (XFAIL, "", skips, [("addSkip", "own reason")]),
    (SKIP, "", skips, [("addSkip", "own reason")]),
    (XFAIL, "run: never", fails, [("addSkip", "not run, as `tests/{path}` says")]),
    (XFAIL, "raises: ValueError", fails, [("addExpectedFailure", "ValueError: broken")]),
    (
        XFAIL,
        "raises: KeyError",
        fails,
        [("addFailure", "FailsDifferently: {key} fails differently: " + DIFFERS)],
    ),
]


def filled(told: list[tuple[str, str]], path: str) -> list[tuple[str, str]]:
    """Return what is told of a fixture, with its entry's path and key; the test itself passes.

    After a set-up that did not end the test does not run, before a tear-down it did.
    """
    key = path.rpartition("/")[2]
    filled_in = [(method, text.format(path=path, key=key)) for method, text in told]
    tear_down = ".tearDown" in key
    return [PASSED, *filled_in] if tear_down and PASSED not in told else filled_in


@pytest.mark.parametrize("name", fixtures.OF_CLASS)
@pytest.mark.parametrize(("listed", "content", "body", "told"), VERDICTS)
@pytest.mark.usefixtures("outside_pytest")
def test_verdicts_on_class_fixtures(
    put_in_force: PutInForce,
    listed: str,
    content: str,
    body: Callable[[], None],
    told: list[tuple[str, str]],
    name: str,
) -> None:
    """A listed class fixture has the verdict that a listed test has."""
    path = f"{listed}/TestA.{name}"
    put_in_force({path: content})
    cls = made_class(name, body)
    fixtures.guard_class(cls, marks.EVERY)
    assert run(cls).between == filled(told, path)


@pytest.mark.parametrize("name", fixtures.OF_MODULE)
@pytest.mark.parametrize(("listed", "content", "body", "told"), VERDICTS)
@pytest.mark.usefixtures("outside_pytest")
def test_verdicts_on_module_fixtures(
    put_in_force: PutInForce,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    listed: str,
    content: str,
    body: Callable[[], None],
    told: list[tuple[str, str]],
    name: str,
) -> None:
    """A listed module fixture has the verdict that a listed test has."""
    path = f"{listed}/test_mod.{name}"
    put_in_force({path: content})
    module = made_module(tmp_path, name, body)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    fixtures.guard_module(module, marks.EVERY)
    assert run(getattr(module, "TestA")).between == filled(told, path)


def test_a_skip_listed_fixture_that_passes_under_pytest(put_in_force: PutInForce) -> None:
    """Under pytest a skip would be the last test's: a warning says that the entry can go."""
    put_in_force({f"{SKIP}/TestA.setUpClass": ""})
    cls = made_class("setUpClass", passes)
    fixtures.guard_class(cls, marks.EVERY)
    path = f"`tests/{SKIP}/TestA.setUpClass`"
    with pytest.warns(TrunkFailuresWarning) as caught:
        cls.setUpClass()
        cls.doClassCleanups()
    assert [str(warning.message) for warning in caught] == [
        f"This test passed, maybe we can remove {path}"
    ]


def test_a_fixture_cannot_be_isolated(put_in_force: PutInForce) -> None:
    """What a fixture sets up would be lost with a child process; the message says what to do."""
    put_in_force({f"{XFAIL}/TestA.setUpClass": "run: isolated"})
    cls = made_class("setUpClass", passes)
    fixtures.guard_class(cls, marks.EVERY)
    with pytest.raises(failures.NotSuppressed, match="TestA.setUpClass` says `run: isolated`, but"):
        cls.setUpClass()


@pytest.mark.parametrize(
    ("content", "body", "method", "text", "causes"),
    [
        ("expires: 2020-01-01", fails, "addError", "expired on 2020-01-01", [ValueError]),
        ("run: perhaps", fails, "addError", "`run` is 'perhaps'", [type(None)]),
        ("run: perhaps", passes, "addError", "`run` is 'perhaps'", [type(None)]),
        ("expires: 2020-01-01", skips, "addSkip", "own reason", []),
    ],
)
@pytest.mark.usefixtures("outside_pytest")
def test_trouble_with_the_entry_of_a_fixture(
    put_in_force: PutInForce,
    content: str,
    body: Callable[[], None],
    method: str,
    text: str,
    causes: list[type],
) -> None:
    """An entry that has expired or cannot be read suppresses nothing, and says so."""
    put_in_force({f"{XFAIL}/TestA.setUpClass": content})
    cls = made_class("setUpClass", body)
    fixtures.guard_class(cls, marks.EVERY)
    runner = run(cls)
    ((told, said),) = runner.between
    assert told == method and text in said
    assert [type(error.__cause__) for error in runner.errors_told] == causes


@pytest.mark.usefixtures("outside_pytest")
def test_an_expired_entry_of_a_fixture_that_passes_warns(put_in_force: PutInForce) -> None:
    """A fixture that passes under an expired entry passes, with a warning as tests have it."""
    put_in_force({f"{XFAIL}/TestA.setUpClass": "expires: 2020-01-01"})
    cls = made_class("setUpClass", passes)
    fixtures.guard_class(cls, marks.EVERY)
    with pytest.warns(TrunkFailuresWarning, match="expired on 2020-01-01"):
        assert run(cls).between == [PASSED]


@pytest.mark.parametrize("error", [KeyboardInterrupt, pytest.exit.Exception])
def test_what_ends_the_run_leaves_a_listed_fixture(
    put_in_force: PutInForce, error: type[BaseException]
) -> None:
    """An interrupt and pytest.exit in a listed fixture propagate as they are."""
    put_in_force({f"{XFAIL}/TestA.setUpClass": ""})
    raised = error("x")

    def body() -> None:
        raise raised

    cls = made_class("setUpClass", body)
    fixtures.guard_class(cls, marks.EVERY)
    with pytest.raises(error) as caught:
        cls.setUpClass()
    assert caught.value is raised


@pytest.mark.parametrize(
    ("listed", "kind"), [(XFAIL, pytest.xfail.Exception), (SKIP, pytest.skip.Exception)]
)
@pytest.mark.parametrize("name", fixtures.NAMES)
def test_failures_under_pytest(
    put_in_force: PutInForce,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    listed: str,
    kind: type[BaseException],
    name: str,
) -> None:
    """pytest, which calls fixtures itself, gets its own xfail or skip, the failure its cause."""
    module = made_module(tmp_path, name, fails)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    put_in_force({f"{listed}/TestA.{name}": "", f"{listed}/test_mod.{name}": ""})
    cls = made_class(name, fails)
    fixtures.guard_class(cls, marks.EVERY)
    fixtures.guard_module(module, marks.EVERY)
    with pytest.raises(kind, match="ValueError: broken") as caught:
        getattr(cls if name in fixtures.OF_CLASS else module, name)()
    assert isinstance(caught.value.__cause__, ValueError)


@pytest.mark.parametrize("name", fixtures.NAMES)
def test_unexpected_successes_under_pytest(
    put_in_force: PutInForce, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """A listed fixture that passes is a failure; of setUpClass it is told after the tests."""
    module = made_module(tmp_path, name, passes)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    put_in_force({f"{XFAIL}/TestA.{name}": "", f"{XFAIL}/test_mod.{name}": ""})
    cls = made_class(name, passes)
    fixtures.guard_class(cls, marks.EVERY)
    fixtures.guard_module(module, marks.EVERY)
    left: list[str] = []
    cls.addClassCleanup(left.append, "first")
    with pytest.raises(BaseException, match="Unexpected success, please remove") as caught:
        getattr(cls if name in fixtures.OF_CLASS else module, name)()
        cls.addClassCleanup(left.append, "last")
        cls.doClassCleanups()
        if getattr(cls, "tearDown_exceptions"):
            raise getattr(cls, "tearDown_exceptions")[0][1]
    assert name in str(caught.value)
    assert left == (["last", "first"] if name == "setUpClass" else [])


@pytest.mark.usefixtures("outside_pytest")
def test_lists_that_the_marks_do_not_name_are_not_asked(put_in_force: PutInForce) -> None:
    """A class under one kind of list keeps what a fixture on another's comes to."""
    put_in_force({f"{XFAIL}/TestA.setUpClass": ""})
    for body, told in ((fails, ("addError", "ValueError: broken")), (passes, PASSED)):
        cls = made_class("setUpClass", body)
        fixtures.guard_class(cls, {"skips": ""})
        assert run(cls).between == [told]


@pytest.mark.usefixtures("outside_pytest")
def test_the_decorator_s_reason_is_shown(put_in_force: PutInForce) -> None:
    """The reason that a decorator gives stands in for one that the entry does not give."""
    put_in_force({f"{SKIP}/TestA.setUpClass": ""})
    cls = made_class("setUpClass", fails)
    fixtures.guard_class(cls, {"skips": "no server"})
    ((_, reason),) = run(cls).between
    assert reason == f"`tests/{SKIP}/TestA.setUpClass` (no server): ValueError: broken"


@pytest.mark.usefixtures("outside_pytest")
def test_the_run_time_class_s_entry_counts(put_in_force: PutInForce) -> None:
    """An inherited fixture is looked up by the class that it sets up, and guarded once."""
    put_in_force({f"{XFAIL}/TestA.setUpClass": "", f"{SKIP}/TestSub.setUpClass": ""})
    base = made_class("setUpClass", fails)
    sub: type[unittest.TestCase] = type("TestSub", (base,), {})
    plain: type[unittest.TestCase] = type("TestPlain", (base,), {})
    for cls in (base, base, sub):
        fixtures.guard_class(cls, marks.EVERY)
    assert "setUpClass" not in vars(sub)
    told = [run(cls).between[0][0] for cls in (base, sub, plain)]
    assert told == ["addExpectedFailure", "addSkip", "addError"]


@pytest.mark.usefixtures("outside_pytest")
def test_a_fixture_that_calls_its_base_s_is_judged_once(put_in_force: PutInForce) -> None:
    """Of a fixture that calls the inherited one the outermost alone gives the verdict."""
    put_in_force({f"{SKIP}/TestA.setUpClass": "", f"{SKIP}/TestSub.setUpClass": "reason: port"})
    base: Any = made_class("setUpClass", fails)
    fixtures.guard_class(base, marks.EVERY)

    class TestSub(base):  # type: ignore[misc]
        @classmethod
        def setUpClass(cls) -> None:
            super().setUpClass()

    fixtures.guard_class(TestSub, marks.EVERY)
    path = f"`tests/{SKIP}/TestSub.setUpClass`"
    assert run(TestSub).between == [("addSkip", f"{path} (port): ValueError: broken")]


def test_a_fixture_that_is_not_listed_is_left_alone(
    put_in_force: PutInForce, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fixtures that no list names stay the very functions that they were."""
    put_in_force({f"{XFAIL}/TestOther.tearDownClass": "", f"{XFAIL}/TestA.test_b": ""})
    cls = made_class("setUpClass", passes)
    module = made_module(tmp_path, "setUpModule", passes)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    before = vars(cls)["setUpClass"], vars(module)["setUpModule"]
    fixtures.guard_class(cls, marks.EVERY)
    fixtures.guard_module(module, marks.EVERY)
    assert (vars(cls)["setUpClass"], vars(module)["setUpModule"]) == before


@pytest.mark.parametrize(
    ("keys", "listed"),
    [
        ([], False),
        (["TestA.test_b", "test_mod.test_setUpClass"], False),
        (["TestA.setUpClass"], True),
        (["TestA.tearDownClass"], True),
        (["test_mod.setUpModule"], True),
        (["test_mod.tearDownModule"], True),
    ],
)
def test_whether_any_fixture_is_listed(
    put_in_force: PutInForce, keys: list[str], listed: bool
) -> None:
    """A list names a fixture when one of its keys ends in a fixture's name."""
    put_in_force({f"{XFAIL}/{key}": "" for key in keys})
    assert fixtures.listed() is listed


@pytest.mark.usefixtures("outside_pytest")
def test_a_whole_suite_is_guarded(
    put_in_force: PutInForce, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All classes and modules of a suite are guarded, once each, in nested suites too."""
    module = made_module(tmp_path, "setUpModule", fails)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    cls = made_class("setUpClass", fails)
    of_module: Any = getattr(module, "TestA")
    elsewhere: Any = type("TestA", (cls,), {"__module__": "not.loaded"})
    suite = unittest.TestSuite([unittest.TestSuite([of_module("test_b")]), cls("test_b")])
    suite._tests.append(None)  # type: ignore[arg-type]  # What is left of a test that was run.
    suite.addTest(elsewhere("test_b"))
    before = vars(cls)["setUpClass"]
    put_in_force({f"{XFAIL}/TestA.test_b": ""})
    fixtures.guard_suite(suite)
    assert vars(cls)["setUpClass"] is before
    put_in_force({f"{XFAIL}/TestA.setUpClass": "", f"{XFAIL}/test_mod.setUpModule": ""})
    fixtures.guard_suite(suite)
    first = vars(cls)["setUpClass"], vars(module)["setUpModule"]
    fixtures.guard_suite(suite)
    assert (vars(cls)["setUpClass"], vars(module)["setUpModule"]) == first
    assert run(cls).between == [("addExpectedFailure", "ValueError: broken")]
    assert run(of_module).between == [("addExpectedFailure", "ValueError: broken")]


@pytest.mark.usefixtures("outside_pytest")
def test_a_module_fixture_from_another_module(
    put_in_force: PutInForce, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A module fixture that was imported is listed by the module that it sets up."""
    module = made_module(tmp_path, "setUpModule", fails)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    getattr(module, "setUpModule").__module__ = "support"
    put_in_force({f"{XFAIL}/test_mod.setUpModule": ""})
    fixtures.guard_module(module, marks.EVERY)
    told = run(getattr(module, "TestA")).between
    assert told == [("addExpectedFailure", "ValueError: broken")]


@pytest.mark.usefixtures("outside_pytest")
def test_a_module_without_a_file_is_listed_by_its_last_name(
    put_in_force: PutInForce, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A module that was made in memory has its own name for the scope of its fixtures."""
    module = made_module(tmp_path, "setUpModule", fails)
    module.__file__ = None
    monkeypatch.setitem(sys.modules, module.__name__, module)
    put_in_force({f"{XFAIL}/test_mod.setUpModule": ""})
    fixtures.guard_module(module, marks.EVERY)
    told = run(getattr(module, "TestA")).between
    assert told == [("addExpectedFailure", "ValueError: broken")]


def test_a_guard_looks_like_the_fixture(put_in_force: PutInForce) -> None:
    """A guarded fixture keeps the name and the documentation of the one that it calls."""
    guarded = fixtures.guard(fails, marks.EVERY)
    assert (guarded.__name__, guarded.__doc__) == ("fails", fails.__doc__)
    assert functools.wraps(guarded)(passes).__dict__[fixtures.GUARD]


def test_results_that_hear_verdicts_hear_those_on_fixtures() -> None:
    """A result with `addVerdict` hears a fixture's ruling before its expected failure."""

    class Hearing(Telling):
        def addVerdict(self, test: Any, said: Ruling) -> None:
            self._tell("addVerdict", said.message)

    runner = Hearing()
    carried = failures.FixtureVerdict(Ruling(Verdict.EXPECTED_FAILURE, "said"), "setUpClass")
    carried.__cause__ = ValueError("broken")
    result: Any = FixtureResult(runner)
    result.addError(STAND_IN, failures.exc_info(carried))
    assert runner.told == [("addVerdict", "said"), ("addExpectedFailure", "ValueError: broken")]


def test_a_ruling_told_at_a_clean_up_names_its_fixture() -> None:
    """What a passing setUpClass leaves to tell is told of it, not of the tear-down then running."""

    class Naming(Telling):
        def addSkip(self, test: Any, reason: str) -> None:
            self._tell("addSkip", f"{test}: {reason}")

    runner = Naming()
    result: Any = FixtureResult(runner)
    said = failures.FixtureVerdict(Ruling(Verdict.SKIP_LISTED_PASSED, "said"), "setUpClass")
    stand_in = type(STAND_IN)("tearDownClass (test_mod.TestA)")
    result.addError(stand_in, failures.exc_info(said))
    assert runner.told == [("addSkip", "setUpClass (test_mod.TestA): said")]


def test_other_errors_pass_through_a_fixture_result() -> None:
    """Errors of tests and of fixtures that are not listed are told as they are."""
    runner = Telling()
    result: Any = FixtureResult(runner)
    result.addError(STAND_IN, failures.exc_info(ValueError("x")))
    assert runner.told == [("addError", "ValueError: x")]


def test_a_base_s_fixture_has_no_verdict_of_its_own(put_in_force: PutInForce) -> None:
    """A guarded fixture that calls its base's guarded one has one verdict for both."""
    put_in_force({f"{XFAIL}/TestA.setUpClass": "", f"{XFAIL}/TestSub.setUpClass": ""})
    base = made_class("setUpClass", fails)
    fixtures.guard_class(base, marks.EVERY)

    def fixture(cls: Any) -> None:
        getattr(base, "setUpClass").__func__(cls)

    fixture.__name__ = "setUpClass"
    sub: Any = type("TestSub", (base,), {"setUpClass": classmethod(fixture)})
    fixtures.guard_class(sub, marks.EVERY)
    with pytest.raises(pytest.xfail.Exception, match="TestSub.setUpClass`: ValueError: broken"):
        sub.setUpClass()


def test_a_class_s_clean_ups_run_though_its_set_up_is_an_expected_failure(
    put_in_force: PutInForce,
) -> None:
    """Under pytest they run before the xfail, and one that fails is a failure of its own."""
    put_in_force({f"{XFAIL}/TestA.setUpClass": ""})
    left: list[str] = []
    cls = made_class("setUpClass", fails)
    fixtures.guard_class(cls, marks.EVERY)
    cls.addClassCleanup(left.append, "cleaned")
    with pytest.raises(pytest.xfail.Exception):
        getattr(cls, "setUpClass")()
    assert left == ["cleaned"]

    def breaks() -> None:
        raise KeyError("clean-up")

    cls.addClassCleanup(breaks)
    with pytest.raises(KeyError, match="clean-up"):
        getattr(cls, "setUpClass")()


@pytest.mark.usefixtures("outside_pytest")
def test_a_static_fixture_is_called_without_its_class(put_in_force: PutInForce) -> None:
    """A set-up that is a static method has its verdict too."""
    put_in_force({f"{XFAIL}/TestA.setUpClass": ""})
    cls = made_class("setUpClass", fails)

    def fixture() -> None:
        raise ValueError("static")

    fixture.__name__ = "setUpClass"
    setattr(cls, "setUpClass", staticmethod(fixture))
    fixtures.guard_class(cls, marks.EVERY)
    assert run(cls).between == [("addExpectedFailure", "ValueError: static")]
