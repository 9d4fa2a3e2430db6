"""Frameworks with a `run` of their own: found when there is a test of theirs, hooked once."""

from __future__ import annotations

import concurrent.futures
import multiprocessing
import os
import pickle
import sys
import types
import unittest
from collections.abc import Callable
from typing import Any

import pytest
from lists_fixtures import PutInForce, Telling

import trunk_failures
from trunk_failures import (
    child_reports,
    decorators,
    fixtures,
    frameworks,
    interception,
    isolation,
    lists,
    marks,
    outcomes,
    translation,
)

pytest_plugins = ["lists_fixtures"]
pytestmark = pytest.mark.usefixtures("outside_pytest", "unhooked")

XFAIL, SKIP = "trunk_expected_failures", "trunk_skips"
EXPECTED = ("addExpectedFailure", "ValueError: body")
REMOVE = f"UnexpectedSuccess: Unexpected success, please remove `tests/{XFAIL}/TestA.test_b`"


@pytest.fixture
def unhooked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give back what is changed in unittest and in the frameworks that are loaded here."""
    monkeypatch.setattr(unittest.TestCase, "run", unittest.TestCase.run)
    before = vars(unittest.TestCase)["__init_subclass__"]
    monkeypatch.setattr(unittest.TestCase, "__init_subclass__", before)
    monkeypatch.setattr(frameworks, "_runs", {})
    for base in frameworks.loaded():
        monkeypatch.setattr(base, "run", base.run)


@pytest.fixture
def framework(monkeypatch: pytest.MonkeyPatch) -> types.ModuleType:
    """Return a module `testtools` whose `TestCase` runs tests without unittest's `run`."""
    module = types.ModuleType("testtools")
    monkeypatch.setitem(sys.modules, "testtools", module)
    return module


def define(module: types.ModuleType) -> Any:
    """Define a framework's `TestCase`, as importing it does."""

    class TestCase(unittest.TestCase):
        def run(self, result: Any = None) -> Any:
            result.startTest(self)
            try:
                getattr(self, self._testMethodName)()
            except Exception as error:
                result.addError(self, (type(error), error, error.__traceback__))
            else:
                result.addSuccess(self)
            result.stopTest(self)
            return result

    module.TestCase = TestCase  # type: ignore[attr-defined]
    return TestCase


def raises(test: Any) -> None:
    """Raise."""
    raise ValueError("body")


def passes(test: Any) -> None:
    """Pass."""


def told_of(
    base: type, body: Callable[[Any], object], name: str = "test_b", **attributes: object
) -> list[tuple[str, str]]:
    """Return what a runner is told of `TestA.test_b`, a test of a framework with some body."""
    runner = Telling()
    made = type("TestA", (base,), {name: body, **attributes})
    made(name).run(runner)
    return runner.between


def test_a_framework_that_is_loaded_is_adopted(
    put_in_force: PutInForce, framework: types.ModuleType
) -> None:
    """A framework that was loaded before the lists are applied has its tests under them."""
    base = define(framework)
    put_in_force({f"{XFAIL}/TestA.test_b": ""})
    interception.apply_to_every()
    assert told_of(base, raises) == [EXPECTED]


def test_a_framework_that_is_loaded_later_is_adopted(
    put_in_force: PutInForce, framework: types.ModuleType
) -> None:
    """A framework that a test module imports after the lists were applied is adopted as well."""
    put_in_force({f"{XFAIL}/TestA.test_b": ""})
    interception.apply_to_every()
    base = define(framework)
    assert told_of(base, raises) == [EXPECTED]
    assert told_of(base, passes) == [("addFailure", REMOVE)]


def test_adopted_once(put_in_force: PutInForce, framework: types.ModuleType) -> None:
    """However often the lists are applied, a framework's own run is called once."""
    put_in_force({f"{XFAIL}/TestA.test_b": ""})
    base = define(framework)
    for _ in range(3):
        interception.apply_to_every()
    hook = vars(unittest.TestCase)["__init_subclass__"]
    interception.install()
    assert vars(unittest.TestCase)["__init_subclass__"] is hook
    assert told_of(base, raises) == [EXPECTED]


def test_classes_are_made_as_before(put_in_force: PutInForce) -> None:
    """What unittest does for each test class, it does; arguments of class statements pass on."""
    put_in_force({f"{XFAIL}/TestA.test_b": ""})
    interception.apply_to_every()

    class Flavoured(unittest.TestCase):
        flavour = ""

        def __init_subclass__(cls, flavour: str, **kwargs: Any) -> None:
            super().__init_subclass__(**kwargs)
            cls.flavour = flavour

    class Child(Flavoured, flavour="special"):
        pass

    assert Child.flavour == "special"
    assert vars(Child)["_class_cleanups"] == []
    assert vars(Child)["_class_cleanups"] is not vars(Flavoured)["_class_cleanups"]


def test_tests_that_are_not_marked_are_left_alone(
    put_in_force: PutInForce, framework: types.ModuleType
) -> None:
    """With decorators alone, a framework's test without one reports as it is."""
    put_in_force({f"{XFAIL}/TestA.test_b": ""})
    assert interception.apply_to_marked()
    base = define(framework)
    assert told_of(base, raises) == [("addError", "ValueError: body")]
    marks.mark(base, (lists.EXPECTED_FAILURES,), "")
    assert told_of(base, raises) == [EXPECTED]


def test_no_framework_is_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no framework is loaded none is looked for on the disk."""
    for name in ("testtools", "twisted.trial.unittest"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    assert frameworks.loaded() == ()
    assert "testtools" not in sys.modules
    result = Telling()
    test = unittest.FunctionTestCase(lambda: None)
    assert frameworks.translated(test, result) is result


def test_every_test_by_one_line(put_in_force: PutInForce) -> None:
    """`apply_to_every_test` puts tests and fixtures under the lists, decorated or not."""
    put_in_force({f"{XFAIL}/TestA.test_b": "", f"{XFAIL}/TestB.setUpClass": ""})
    trunk_failures.apply_to_every_test()

    def setUpClass(cls: type) -> None:
        raise ValueError("fixture")

    body: dict[str, Any] = {"test_b": raises}
    runner = Telling()
    unittest.TestSuite([type("TestA", (unittest.TestCase,), body)("test_b")]).run(runner)
    assert runner.between == [EXPECTED]
    runner = Telling()
    fixture: dict[str, Any] = {**body, "setUpClass": classmethod(setUpClass)}
    suite = unittest.TestSuite([type("TestB", (unittest.TestCase,), fixture)("test_b")])
    unittest.TestSuite([suite]).run(runner)
    assert runner.between == [("addExpectedFailure", "ValueError: fixture")]
    assert trunk_failures.apply_to_every_test is decorators.apply_to_every_test


def test_placeholders_in_suites_have_no_fixtures(put_in_force: PutInForce) -> None:
    """What stands for a module that does not load, and is no TestCase, is passed over."""
    put_in_force({f"{XFAIL}/TestA.setUpClass": ""})
    trunk_failures.apply_to_every_test()
    placeholders: Any = [object(), lambda result: None]
    fixtures.guard_suite(placeholders)


def test_fixture_errors_with_details_pass_on() -> None:
    """What testtools reports of one of its own placeholders keeps its details."""
    told: list[object] = []

    class Detailed(unittest.TestResult):
        def addError(self, test: Any, err: Any = None, details: Any = None) -> None:
            told.append((test, err, details))

    fixtures.FixtureResult(Detailed()).addError("placeholder", details={"traceback": "text"})
    assert told == [("placeholder", None, {"traceback": "text"})]


def test_many_threads(put_in_force: PutInForce) -> None:
    """Tests that run in several threads at once each have their own verdict."""
    keys = [f"TestA.test_{number}" for number in range(40)]
    put_in_force({f"{(XFAIL, SKIP)[number % 2]}/{key}": "" for number, key in enumerate(keys)})
    interception.apply_to_every()
    body = {key.partition(".")[2]: raises for key in keys}
    made: Any = type("TestA", (unittest.TestCase,), body)

    def run(key: str) -> list[tuple[str, str]]:
        runner = Telling()
        made(key.partition(".")[2]).run(runner)
        return runner.between

    with concurrent.futures.ThreadPoolExecutor(8) as threads:
        told = list(threads.map(run, keys * 5))
    for number, seen in enumerate(told):
        key = keys[number % 40]
        skipped = [("addSkip", f"`tests/{SKIP}/{key}`: ValueError: body")]
        assert seen == (skipped if number % 2 else [EXPECTED])


def in_daemon(sender: Any) -> None:
    """Run an isolated test in a process that may have no children, and send what it told."""
    this = multiprocessing.current_process()
    work = isolation.CaseWork(InDaemon(), "runTest", unittest.TestCase.run)
    reports = isolation.run(work, 60)
    sender.send((this.daemon, reports))


class InDaemon(unittest.TestCase):
    """A test that tells its process; none of pytest's."""

    __test__ = False

    def runTest(self) -> None:
        """Fail."""
        raise ValueError(f"in {os.getpid()}")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the process is made by a fork")
def test_isolation_in_a_worker_of_a_pool() -> None:
    """A daemonic process runs isolated tests too, and is daemonic again after that."""
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    worker = context.Process(target=in_daemon, args=(sender,), daemon=True)
    worker.start()
    sender.close()  # Else a worker that dies would be waited for without end.
    daemon, reports = receiver.recv()
    worker.join()
    assert daemon
    assert [report.signature.message for report in reports] != [f"in {worker.pid}"]
    assert reports[0].signature.message.startswith("in ")


def test_failures_of_children_are_picklable() -> None:
    """What a child's failure says survives the way to a runner's other process."""
    signature = outcomes.Signature(("ValueError", "Exception"), "seen")
    error = child_reports.ChildFailure(signature, "the child's traceback")
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is child_reports.ChildFailure
    assert str(again) == "the child's traceback"
    assert again.trunk_failures_signature == signature


def test_results_without_failfast() -> None:
    """A runner's result that knows no `failfast` is not asked for it in vain."""

    class Bare:
        pass

    bare: Any = Bare()
    assert translation.TranslatingResult(bare, None).failfast is False
    bare.failfast = True
    assert translation.TranslatingResult(bare, None).failfast is True
