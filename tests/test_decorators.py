"""The decorators: what they return, and which tests they put under which lists."""

from __future__ import annotations

import contextlib
import functools
import inspect
import unittest
import unittest.mock
from collections.abc import Callable
from typing import Any

import pytest
from lists_fixtures import PutInForce, Telling

from trunk_failures import contexts, decorators, fixtures, interception, lists, marks
from trunk_failures.decorators import (
    register_context,
    skipIfTrunkFailing,
    suppressIfTrunkFailing,
    xfailIfTrunkFailing,
)
from trunk_failures.errors import UsageError
from trunk_failures.failures import FixtureVerdict

pytest_plugins = ["lists_fixtures"]

XFAIL, SKIP = "trunk_expected_failures", "trunk_skips"
FAILED, EXPECTED = ("addError", "ValueError: broken"), ("addExpectedFailure", "ValueError: broken")
DECORATORS: list[tuple[Any, tuple[str, ...]]] = [
    (xfailIfTrunkFailing, (lists.EXPECTED_FAILURES,)),
    (skipIfTrunkFailing, (lists.SKIPS,)),
    (suppressIfTrunkFailing, lists.KINDS),
]
SPELLINGS: list[tuple[Callable[[Any], Any], str]] = [
    (lambda decorator: decorator, ""),
    (lambda decorator: decorator(), ""),
    (lambda decorator: decorator("graph break"), "graph break"),
]


def function() -> None:
    """Fail, as a plain test function."""
    raise ValueError("broken")


def told_of(test: unittest.TestCase) -> list[tuple[str, str]]:
    """Run a test and return what the runner is told."""
    runner = Telling()
    test.run(runner)
    return runner.between


@pytest.mark.parametrize(("decorator", "kinds"), DECORATORS)
@pytest.mark.parametrize(("spelled", "reason"), SPELLINGS)
def test_without_lists_the_very_item_is_returned(
    put_in_force: PutInForce,
    decorator: Any,
    kinds: tuple[str, ...],
    spelled: Callable[[Any], Any],
    reason: str,
) -> None:
    """Where no list is in force nothing is wrapped, marked or hooked."""
    put_in_force()
    before = unittest.TestCase.run

    class TestA(unittest.TestCase):
        def test_b(self) -> None: ...

    class TestPlain:
        def test_b(self) -> None: ...

    async def coroutine() -> None: ...

    items = [TestA, TestPlain, TestA.test_b, function, coroutine]
    attributes = [dict(vars(item)) for item in items]
    assert all(spelled(decorator)(item) is item for item in items)
    assert [dict(vars(item)) for item in items] == attributes
    assert unittest.TestCase.run is before


@pytest.mark.parametrize(("decorator", "kinds"), DECORATORS)
@pytest.mark.parametrize(("spelled", "reason"), SPELLINGS)
def test_each_decorator_marks_for_its_lists(
    put_in_force: PutInForce,
    decorator: Any,
    kinds: tuple[str, ...],
    spelled: Callable[[Any], Any],
    reason: str,
) -> None:
    """Bare, called, or called with a reason, a decorator puts what it is on under its lists."""
    put_in_force({f"{XFAIL}/TestA.test_b": ""})

    class TestA(unittest.TestCase):
        def test_b(self) -> None: ...

    expected = dict.fromkeys(kinds, reason)
    assert spelled(decorator)(TestA) is TestA
    assert marks.of_class(TestA) == expected
    assert TestA.test_b is vars(TestA)["test_b"] and not marks.of_function(TestA.test_b)
    assert marks.of_function(spelled(decorator)(function)) == expected


@pytest.mark.parametrize("item", [3, None, ["x"], b"reason"])
@pytest.mark.parametrize("decorator", [each for each, _ in DECORATORS])
@pytest.mark.parametrize("entries", [{}, {f"{XFAIL}/TestA.test_b": ""}])
def test_what_is_no_test_is_refused(
    put_in_force: PutInForce, decorator: Any, item: object, entries: dict[str, str]
) -> None:
    """Whether lists are in force or not, what is no function, class or reason is a TypeError."""
    put_in_force(entries)
    with pytest.raises(TypeError) as caught:
        decorator(item)
    assert str(caught.value).startswith(f"found {item!r}; a test function, a test class or a")


def test_a_method_keeps_what_is_known_of_it(put_in_force: PutInForce) -> None:
    """Names, documentation, attributes and signatures are the decorated function's own."""
    put_in_force({f"{XFAIL}/TestA.test_b": ""})

    def test_b(self: object, value: int = 3) -> None:
        """State something."""

    setattr(test_b, "device", "cpu")
    decorated = xfailIfTrunkFailing(test_b)
    assert (decorated.__name__, decorated.__qualname__) == (test_b.__name__, test_b.__qualname__)
    assert (decorated.__doc__, decorated.__module__) == (test_b.__doc__, __name__)
    assert getattr(decorated, "device") == "cpu"
    assert inspect.signature(decorated) == inspect.signature(test_b)


def carries_expected_failure(decorate: Callable[[Any], Any]) -> type[unittest.TestCase]:
    """Return a class whose test is decorated and carries unittest's decorator, inside or out."""

    class TestA(unittest.TestCase):
        @decorate
        @unittest.expectedFailure
        def test_b(self) -> None: ...

        @unittest.expectedFailure
        @decorate
        def test_c(self) -> None: ...

    return TestA


@pytest.mark.parametrize("decorator", [xfailIfTrunkFailing, suppressIfTrunkFailing])
@pytest.mark.usefixtures("outside_pytest")
def test_an_unexpected_success_is_not_hidden(put_in_force: PutInForce, decorator: Any) -> None:
    """A listed test that carries `expectedFailure` and passes is a failure, in either order."""
    put_in_force({f"{XFAIL}/TestA.test_b": "", f"{XFAIL}/TestA.test_c": ""})
    case = carries_expected_failure(decorator)
    for method in ("test_b", "test_c"):
        ((told, text),) = told_of(case(method))
        assert told == "addFailure" and "Unexpected success, please remove" in text


@pytest.mark.usefixtures("outside_pytest")
def test_expected_failure_is_kept_where_nothing_is_listed(put_in_force: PutInForce) -> None:
    """A decorated test that is not listed keeps what `expectedFailure` says of it."""
    put_in_force({f"{XFAIL}/TestOther.test_b": ""})
    case = carries_expected_failure(xfailIfTrunkFailing)
    assert told_of(case("test_b")) == told_of(case("test_c")) == [("addUnexpectedSuccess", "")]


def test_mocks_and_other_decorators_may_be_around_or_inside(put_in_force: PutInForce) -> None:
    """Marks pass through mock.patch and functools.wraps; what these do, they do still."""
    put_in_force({f"{XFAIL}/TestA.test_b": "", f"{XFAIL}/TestA.test_c": ""})

    def repeated(method: Any) -> Any:
        @functools.wraps(method)
        def wrapper(*args: Any) -> None:
            method(*args)

        return wrapper

    class TestA(unittest.TestCase):
        @repeated
        @xfailIfTrunkFailing
        @unittest.mock.patch("os.getcwd")
        def test_b(self, mocked: Any) -> None:
            raise ValueError("broken" if isinstance(mocked, unittest.mock.Mock) else "no mock")

        @unittest.mock.patch("os.getcwd")
        @repeated
        @xfailIfTrunkFailing
        def test_c(self, mocked: Any) -> None:
            raise ValueError("broken" if isinstance(mocked, unittest.mock.Mock) else "no mock")

    assert told_of(TestA("test_b")) == told_of(TestA("test_c")) == [EXPECTED]


def test_decorators_add_up(put_in_force: PutInForce) -> None:
    """Both decorators on one test, or one on its class, put it under both kinds of lists."""
    put_in_force({f"{XFAIL}/TestA.test_b": "", f"{SKIP}/TestA.test_c": "reason: flaky"})

    @skipIfTrunkFailing
    class TestA(unittest.TestCase):
        @xfailIfTrunkFailing
        def test_b(self) -> None:
            raise ValueError("broken")

        @xfailIfTrunkFailing
        @skipIfTrunkFailing
        def test_c(self) -> None:
            raise ValueError("broken")

    assert told_of(TestA("test_b")) == [EXPECTED]
    path = f"`tests/{SKIP}/TestA.test_c`"
    assert told_of(TestA("test_c")) == [("addSkip", f"{path} (flaky): ValueError: broken")]


def test_subclasses_are_under_a_class_s_lists(put_in_force: PutInForce) -> None:
    """A class decorator holds for subclasses and through mixins, by the run-time class's key."""
    put_in_force({f"{XFAIL}/TestSub.test_b": "", f"{XFAIL}/TestMixed.test_b": ""})

    @xfailIfTrunkFailing
    class TestA(unittest.TestCase):
        def test_b(self) -> None:
            raise ValueError("broken")

    class TestSub(TestA):

        pass

    @xfailIfTrunkFailing
    class Mixin:
        def test_b(self) -> None:
            raise ValueError("broken")

    class TestMixed(Mixin, unittest.TestCase):

        pass

    class TestOther(TestA):

        pass

    assert told_of(TestSub("test_b")) == told_of(TestMixed("test_b")) == [EXPECTED]
    assert told_of(TestA("test_b")) == told_of(TestOther("test_b")) == [FAILED]


@pytest.mark.parametrize("own", [False, True])
def test_init_subclass_is_kept(put_in_force: PutInForce, own: bool) -> None:
    """A class's own `__init_subclass__`, or its base's, is called, with its keywords, once."""
    put_in_force({f"{XFAIL}/TestA.test_b": ""})
    seen: list[tuple[str, dict[str, Any]]] = []

    class Base:
        def __init_subclass__(cls, **kwargs: Any) -> None:
            super().__init_subclass__()
            seen.append((f"base {cls.__name__}", kwargs))

    if own:

        @xfailIfTrunkFailing
        class TestA(Base):
            def __init_subclass__(cls, **kwargs: Any) -> None:
                super().__init_subclass__(**kwargs)
                seen.append((f"own {cls.__name__}", kwargs))

    else:

        @xfailIfTrunkFailing
        class TestA(Base):  # type: ignore[no-redef]
            pass

    seen.clear()

    class TestSub(TestA, device="cpu"):

        pass

    names = ["base TestSub", "own TestSub"] if own else ["base TestSub"]
    assert seen == [(name, {"device": "cpu"}) for name in names]


def test_classes_that_are_no_test_case(put_in_force: PutInForce) -> None:
    """The tests of pytest's own classes are wrapped, inherited ones and subclasses' too."""
    put_in_force(
        {
            f"{XFAIL}/TestA.test_b": "",
            f"{XFAIL}/TestA.test_inherited": "",
            f"{XFAIL}/TestSub.test_own": "",
            f"{XFAIL}/TestA.helper": "",
        }
    )

    class Base:
        def test_inherited(self) -> None:
            raise ValueError("broken")

    @suppressIfTrunkFailing("graph break")
    class TestA(Base):
        test_data = (1, 2)

        def test_b(self) -> None:
            raise ValueError("broken")

        def helper(self) -> None:
            raise ValueError("broken")

    class TestSub(TestA):
        def test_own(self) -> None:
            raise ValueError("broken")

    for test in (TestA().test_b, TestA().test_inherited, TestSub().test_own):
        with pytest.raises(pytest.xfail.Exception, match=r"\(graph break\): ValueError: broken"):
            test()
    for call in (TestA().helper, TestSub().test_b, Base().test_inherited):
        with pytest.raises(ValueError, match="^broken$"):
            call()
    assert TestA.test_data == (1, 2)


@pytest.mark.parametrize("kind", [classmethod, staticmethod])
@pytest.mark.parametrize("inside", [False, True])
def test_class_and_static_methods(put_in_force: PutInForce, kind: Any, inside: bool) -> None:
    """Around `classmethod` and `staticmethod` or inside, a decorator decorates the function."""
    put_in_force({f"{XFAIL}/test_decorators.test_b": ""})

    def test_b(*args: object) -> None:
        raise ValueError("broken")

    decorated = kind(xfailIfTrunkFailing(test_b)) if inside else xfailIfTrunkFailing(kind(test_b))
    assert type(decorated) is kind
    with pytest.raises(pytest.xfail.Exception):
        decorated.__get__(None, object)()


@pytest.mark.parametrize("around", [False, True])
@pytest.mark.usefixtures("outside_pytest")
def test_class_fixtures_are_guarded(put_in_force: PutInForce, around: bool) -> None:
    """A decorated `setUpClass` has the verdict on itself, on the method or on its class."""
    put_in_force({f"{SKIP}/TestA.setUpClass": "reason: port"})

    class TestA(unittest.TestCase):
        @classmethod
        def setUpClass(cls) -> None:
            raise ValueError("broken")

        def test_b(self) -> None: ...

    if around:
        skipIfTrunkFailing(TestA)
    else:
        setattr(TestA, "setUpClass", skipIfTrunkFailing(vars(TestA)["setUpClass"]))
    runner = Telling()
    unittest.TestSuite([TestA("test_b")]).run(runner)
    path = f"`tests/{SKIP}/TestA.setUpClass`"
    assert runner.told == [("addSkip", f"{path} (port): ValueError: broken")]


@pytest.mark.parametrize("name", fixtures.OF_MODULE)
@pytest.mark.usefixtures("outside_pytest")
def test_module_fixtures_are_guarded(put_in_force: PutInForce, name: str) -> None:
    """A decorated module fixture has the verdict on itself, listed by its module."""
    put_in_force({f"{SKIP}/test_decorators.{name}": ""})

    def fixture() -> None:
        raise ValueError("broken")

    fixture.__name__ = name
    decorated = skipIfTrunkFailing("no server")(fixture)
    with pytest.raises(FixtureVerdict, match=r"\(no server\): ValueError: broken"):
        decorated()


def test_a_class_fixture_that_subclasses_inherit(put_in_force: PutInForce) -> None:
    """A decorated class's fixture is guarded in a subclass that lists name."""
    put_in_force({f"{XFAIL}/TestSub.setUpClass": ""})

    @xfailIfTrunkFailing
    class TestA(unittest.TestCase):
        @classmethod
        def setUpClass(cls) -> None:
            raise ValueError("broken")

    class TestSub(TestA):

        pass

    with pytest.raises(pytest.xfail.Exception, match="ValueError: broken"):
        TestSub.setUpClass()
    with pytest.raises(ValueError, match="^broken$"):
        TestA.setUpClass()


def test_registered_contexts_reach_unmarked_tests(put_in_force: PutInForce) -> None:
    """A registered context holds for every TestCase, though nothing else is listed."""
    put_in_force({"slow_clock_skips/TestA.test_b": ""})
    entered: list[int] = []

    @contextlib.contextmanager
    def noted() -> Any:
        entered.append(1)
        yield

    class TestA(unittest.TestCase):
        def test_b(self) -> None: ...

    told_of(TestA("test_b"))
    assert not entered
    register_context("slow_clock", noted)
    assert told_of(TestA("test_b")) == [("addSuccess", "")]
    assert entered == [1]


def test_registered_contexts_reach_functions_decorated_later(put_in_force: PutInForce) -> None:
    """A plain function that is decorated after the call runs inside the context."""
    put_in_force({"slow_clock_skips/test_decorators.function": ""})
    before = xfailIfTrunkFailing(function)
    assert before is function
    register_context("slow_clock", lambda: contextlib.suppress(ValueError))
    assert contexts.registered()
    after = xfailIfTrunkFailing(function)
    assert after is not function
    with pytest.raises(ValueError, match="broken"):
        after()  # A context has no say in the test's signal.


def test_a_context_without_lists_is_refused(put_in_force: PutInForce) -> None:
    """A name without a list directory is a usage error, and nothing is hooked."""
    put_in_force()
    before = unittest.TestCase.run
    with pytest.raises(UsageError, match="slow_clock"):
        register_context("slow_clock", contextlib.nullcontext)
    assert unittest.TestCase.run is before


def test_decorators_ask_for_the_lists_once(
    put_in_force: PutInForce, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tests are decorated by the thousand; the hooks are put in by the first alone."""
    put_in_force({f"{XFAIL}/TestA.test_b": ""})
    installed: list[int] = []
    install = interception.install

    def counting() -> None:
        installed.append(1)
        install()

    monkeypatch.setattr(interception, "install", counting)
    for _ in range(3):
        decorators.xfailIfTrunkFailing(function)
    assert installed == [1]
