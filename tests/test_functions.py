"""Plain test functions, and methods of classes that are no TestCase: the verdict on their calls."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import inspect
import os
import traceback
import unittest
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from lists_fixtures import PutInForce

from trunk_failures import contexts, functions, isolation, lists, marks, outcomes
from trunk_failures.errors import TrunkFailuresWarning
from trunk_failures.failures import FailsDifferently, NotSuppressed, UnexpectedSuccess
from trunk_failures.isolation import VARIABLE

pytest_plugins = ["lists_fixtures"]

XFAIL, SKIP = "trunk_expected_failures", "trunk_skips"
KEY = "test_functions.body"


def passes() -> str:
    """Pass."""
    return "returned"


def fails() -> str:
    """Fail."""
    raise ValueError("broken")


def skips() -> str:
    """Skip as unittest does."""
    raise unittest.SkipTest("own reason")


def pytest_skips() -> str:
    """Skip as pytest does."""
    pytest.skip("own reason")


def pytest_xfails() -> str:
    """Fail as pytest expects it."""
    pytest.xfail("own reason")


def exits() -> str:
    """End the process."""
    os._exit(7)


def made(
    work: Callable[[], str], coroutine: bool = False, kinds: tuple[str, ...] = lists.KINDS
) -> Callable[..., Any]:
    """Return a wrapped test function, `body`, that does some work when it is called."""
    if coroutine:

        async def body() -> str:
            await asyncio.sleep(0)
            return work()

        wrapped = functions.wrap(body)
        assert inspect.iscoroutinefunction(wrapped)
        marks.mark(wrapped, kinds, "decorator's")
        return lambda: asyncio.run(wrapped())

    def plain() -> str:
        return work()

    plain.__name__ = "body"
    wrapped = functions.wrap(plain)
    marks.mark(wrapped, kinds, "decorator's")
    return wrapped


def outcome(call: Callable[..., object], *args: object) -> tuple[type[BaseException], str]:
    """Call a test function and return the type and the message of what it raised."""
    with pytest.raises(BaseException) as caught:
        call(*args)
    return type(caught.value), str(caught.value)


# list, fields, the work, what leaves the call under pytest, and elsewhere where that is other
VERDICTS: list[
    tuple[
        str,
        str,
        Callable[[], str],
        tuple[type[BaseException], str],
        tuple[type[BaseException], str] | None,
    ]
] = [
    (
        XFAIL,
        "",
        fails,
        (pytest.xfail.Exception, "{path} (decorator's): ValueError: broken"),
        (unittest.SkipTest, "expected failure: {path} (decorator's): ValueError: broken"),
    ),
    (
        SKIP,
        "reason: flaky",
        fails,
        (pytest.skip.Exception, "{path} (flaky): ValueError: broken"),
        (unittest.SkipTest, "{path} (flaky): ValueError: broken"),
    ),
    (
        XFAIL,
        "",
        passes,
        (pytest.fail.Exception, "Unexpected success, please remove {path}"),
        (UnexpectedSuccess, "Unexpected success, please remove {path}"),
    ),
    (
        SKIP,
        "",
        passes,
        (pytest.skip.Exception, "This test passed, maybe we can remove {path}"),
        (unittest.SkipTest, "This test passed, maybe we can remove {path}"),
    ),
    (XFAIL, "", skips, (unittest.SkipTest, "own reason"), None),
    (
        SKIP,
        "",
        pytest_skips,
        (pytest.skip.Exception, "own reason"),
        (unittest.SkipTest, "{path} (decorator's): Skipped: own reason"),
    ),
    (
        XFAIL,
        "",
        pytest_xfails,
        (pytest.xfail.Exception, "own reason"),
        (unittest.SkipTest, "expected failure: {path} (decorator's): XFailed: own reason"),
    ),
    (
        XFAIL,
        "run: never",
        fails,
        (pytest.skip.Exception, "not run, as {path} says (decorator's)"),
        (unittest.SkipTest, "not run, as {path} says (decorator's)"),
    ),
    (
        XFAIL,
        "raises: KeyError",
        fails,
        (
            FailsDifferently,
            "test_functions.body fails differently: {path} expects KeyError, "
            "seen was ValueError: broken",
        ),
        None,
    ),
    (
        XFAIL,
        "expires: 2020-01-01",
        fails,
        (
            NotSuppressed,
            "{path} expired on 2020-01-01 and no longer suppresses test_functions.body; "
            "mend the test, or renew the date",
        ),
        None,
    ),
    (XFAIL, "expires: 2020-01-01", skips, (unittest.SkipTest, "own reason"), None),
    (
        XFAIL,
        "run: perhaps",
        passes,
        (NotSuppressed, "{path}, line 1: `run` is 'perhaps'; allowed are {runs}"),
        None,
    ),
    (
        XFAIL,
        "run: perhaps",
        fails,
        (NotSuppressed, "{path}, line 1: `run` is 'perhaps'; allowed are {runs}"),
        None,
    ),
    (XFAIL, "when: python_version < '3'", fails, (ValueError, "broken"), None),
]


@pytest.mark.parametrize(("listed", "content", "work", "under_pytest", "elsewhere"), VERDICTS)
@pytest.mark.parametrize("coroutine", [False, True])
@pytest.mark.parametrize("with_pytest", [True, False])
def test_verdicts_on_calls(
    put_in_force: PutInForce,
    monkeypatch: pytest.MonkeyPatch,
    listed: str,
    content: str,
    work: Callable[[], str],
    under_pytest: tuple[type[BaseException], str],
    elsewhere: tuple[type[BaseException], str] | None,
    coroutine: bool,
    with_pytest: bool,
) -> None:
    """A call of a listed function ends in its verdict, in the words of the runner."""
    put_in_force({f"{listed}/{KEY}": content})
    if not with_pytest:
        monkeypatch.setattr(outcomes, "running_pytest", lambda: None)
    kind, text = under_pytest if with_pytest or elsewhere is None else elsewhere
    text = text.format(path=f"`tests/{listed}/{KEY}`", runs="always, isolated, never")
    assert outcome(made(work, coroutine)) == (kind, text)


@pytest.mark.parametrize("coroutine", [False, True])
@pytest.mark.parametrize(
    "entries",
    [
        {},
        {f"{XFAIL}/test_functions.other": ""},
        {f"{SKIP}/{KEY}": ""},
        {f"{XFAIL}/{KEY}": "when: python_version < '3'"},
    ],
)
def test_other_functions_are_untouched(
    put_in_force: PutInForce, entries: dict[str, str], coroutine: bool
) -> None:
    """A function that its lists do not name, here, returns and raises as it does."""
    put_in_force(entries)
    kinds = (lists.EXPECTED_FAILURES,)
    assert made(passes, coroutine, kinds)() == "returned"
    assert outcome(made(fails, coroutine, kinds)) == (ValueError, "broken")


@pytest.mark.parametrize("coroutine", [False, True])
@pytest.mark.parametrize("error", [KeyboardInterrupt, GeneratorExit, pytest.exit.Exception])
def test_what_ends_the_run_propagates(
    put_in_force: PutInForce, coroutine: bool, error: type[BaseException]
) -> None:
    """An interrupt, pytest.exit and the closing of a coroutine are no failures of the test."""
    put_in_force({f"{XFAIL}/{KEY}": ""})
    raised = error("x")

    def work() -> str:
        raise raised

    with pytest.raises(error) as caught:
        made(work, coroutine)()
    assert caught.value is raised


def test_an_expired_entry_of_a_function_that_passes_warns(put_in_force: PutInForce) -> None:
    """A pass under an expired entry is a pass, with a warning that says so."""
    put_in_force({f"{XFAIL}/{KEY}": "expires: 2020-01-01"})
    with pytest.warns(TrunkFailuresWarning, match="expired on 2020-01-01"):
        assert made(passes)() == "returned"


def test_the_failure_is_the_cause_of_what_is_raised(put_in_force: PutInForce) -> None:
    """The test's own exception, with its frames, is kept behind the verdict."""
    put_in_force({f"{XFAIL}/{KEY}": ""})
    with pytest.raises(pytest.xfail.Exception) as caught:
        made(fails)()
    cause = caught.value.__cause__
    assert isinstance(cause, ValueError)
    assert "fails" in [frame.name for frame in traceback.extract_tb(cause.__traceback__)]


def test_pytest_shows_no_frame_of_the_package(put_in_force: PutInForce) -> None:
    """All frames between the runner and the test's own are ones that pytest leaves out."""
    put_in_force({f"{XFAIL}/{KEY}": "raises: KeyError"})
    with pytest.raises(FailsDifferently) as caught:
        made(fails)()
    package = os.path.dirname(functions.__file__)
    for error in (caught.value, caught.value.__cause__):
        assert error is not None
        frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
        own = [frame for frame in frames if frame.f_code.co_filename.startswith(package)]
        assert own and all(frame.f_locals.get("__tracebackhide__") for frame in own)


@pytest.mark.parametrize("body", [passes, fails])
def test_a_function_that_carries_pytest_s_xfail(
    put_in_force: PutInForce, body: Callable[[], str]
) -> None:
    """The entry decides; a pass is left to pytest, which reports it as its own XPASS."""
    put_in_force({f"{XFAIL}/{KEY}": ""})
    wrapped: Any = made(body)
    wrapped.pytestmark = [pytest.mark.skipif(False, reason="").mark, pytest.mark.xfail.mark]
    if body is passes:
        assert wrapped() == "returned"
    else:
        assert outcome(wrapped)[0] is pytest.xfail.Exception


def test_arguments_and_signature_are_kept(put_in_force: PutInForce) -> None:
    """A wrapper takes what the function takes, so that pytest finds the fixtures that it asks."""
    put_in_force({f"{XFAIL}/test_functions.body": ""})

    def body(tmp_path: object, *, value: int = 0) -> None:
        raise ValueError(f"{tmp_path} {value}")

    wrapped = functions.wrap(body)
    marks.mark(wrapped, lists.KINDS, "")
    assert inspect.signature(wrapped) == inspect.signature(body)
    with pytest.raises(pytest.xfail.Exception, match="ValueError: here 3"):
        wrapped("here", value=3)


@pytest.mark.parametrize(
    ("environ", "key"),
    [
        ("tests/test_functions.py::body[cpu-float32] (call)", f"{KEY}[cpu-float32]"),
        ("tests/test_functions.py::body (call)", KEY),
        ("tests/test_functions.py::other[cpu-float32] (call)", KEY),
    ],
)
def test_parameters_are_in_the_key(
    put_in_force: PutInForce, monkeypatch: pytest.MonkeyPatch, environ: str, key: str
) -> None:
    """Of a parametrized function each set of parameters has an entry of its own."""
    put_in_force({f"{XFAIL}/{key}": ""})
    monkeypatch.setenv("PYTEST_CURRENT_TEST", environ)
    assert outcome(made(fails))[0] is pytest.xfail.Exception


def test_a_method_has_its_run_time_class_in_its_key(put_in_force: PutInForce) -> None:
    """A method of a class that is no TestCase is listed by the class of the object it is on."""

    class TestA:
        @functions.wrap
        def test_b(self) -> None:
            raise ValueError("broken")

    class TestSub(TestA):

        pass

    marks.mark(TestA.test_b, lists.KINDS, "")
    put_in_force({f"{XFAIL}/TestSub.test_b": ""})
    assert outcome(TestSub().test_b)[0] is pytest.xfail.Exception
    assert outcome(TestA().test_b) == (ValueError, "broken")


def test_an_object_as_the_first_argument_is_no_self(put_in_force: PutInForce) -> None:
    """A function whose first argument lacks a method of its name has its module in its key."""
    put_in_force({f"{XFAIL}/{KEY}": ""})

    def body(server: object) -> None:
        raise ValueError("broken")

    wrapped = functions.wrap(body)
    marks.mark(wrapped, lists.KINDS, "")
    assert outcome(wrapped, object())[0] is pytest.xfail.Exception


def test_a_function_without_a_module_is_named_by_its_code(put_in_force: PutInForce) -> None:
    """A function whose module is not loaded, as under `exec`, is listed by its code's file."""
    namespace: dict[str, Any] = {"__name__": "not_loaded"}
    code = compile("def body():\n    raise ValueError('broken')\n", "/x/test_made.py", "exec")
    exec(code, namespace)
    put_in_force({f"{XFAIL}/test_made.body": ""})
    wrapped = functions.wrap(namespace["body"])
    marks.mark(wrapped, lists.KINDS, "")
    assert outcome(wrapped)[0] is pytest.xfail.Exception


@pytest.mark.parametrize("coroutine", [False, True])
def test_a_test_case_is_left_to_the_hook(put_in_force: PutInForce, coroutine: bool) -> None:
    """On a TestCase the wrapper only calls: the hook in `TestCase.run` sees more than a call."""
    put_in_force({f"{XFAIL}/TestA.test_b": ""})

    def test_b(self: object) -> str:
        return fails()

    async def test_b_later(self: object) -> str:
        return fails()

    test_b_later.__name__ = "test_b"
    wrapped = functions.wrap(test_b_later if coroutine else test_b)
    marks.mark(wrapped, lists.KINDS, "")
    case: Any = type("TestA", (unittest.TestCase,), {"test_b": wrapped})
    called = case("test_b").test_b
    assert outcome(lambda: asyncio.run(called()) if coroutine else called()) == (
        ValueError,
        "broken",
    )


def test_the_outermost_of_several_wrappers_judges(put_in_force: PutInForce) -> None:
    """A function that is decorated twice has one verdict, under the marks of both."""
    put_in_force({f"{XFAIL}/{KEY}": ""})
    inner = made(fails, kinds=(lists.SKIPS,))
    outer = functions.wrap(inner)
    marks.mark(outer, (lists.EXPECTED_FAILURES,), "outer")
    kind, text = outcome(outer)
    assert (kind, text.count("trunk_expected")) == (pytest.xfail.Exception, 1)
    assert "(outer)" in text
    inner = made(passes)
    outer = functools.wraps(inner)(functions.wrap(inner))
    assert outcome(outer) == (
        pytest.fail.Exception,
        f"Unexpected success, please remove `tests/{XFAIL}/{KEY}`",
    )


def test_a_call_after_a_call_is_judged_anew(put_in_force: PutInForce) -> None:
    """When a watched call has ended the next one is watched again."""
    put_in_force({f"{XFAIL}/{KEY}": ""})
    wrapped = made(fails)
    assert [outcome(wrapped)[0] for _ in range(2)] == [pytest.xfail.Exception] * 2


def test_coroutines_that_take_turns_have_their_own_verdicts(put_in_force: PutInForce) -> None:
    """Two tests that run on one event loop at a time are watched each for itself."""
    put_in_force({f"{XFAIL}/{KEY}": "", f"{SKIP}/test_functions.other": ""})

    async def body() -> None:
        await asyncio.sleep(0)
        raise ValueError("broken")

    async def other() -> None:
        await asyncio.sleep(0)
        raise ValueError("broken")

    for function in (body, other):
        marks.mark(function, lists.KINDS, "")

    raised: list[type[BaseException]] = []

    async def kept(call: Any) -> None:
        try:
            await call
        except (pytest.xfail.Exception, pytest.skip.Exception) as error:
            raised.append(type(error))

    async def run() -> None:
        await asyncio.gather(*(kept(functions.wrap(each)()) for each in (body, other)))

    asyncio.run(run())
    assert sorted(each.__name__ for each in raised) == ["Skipped", "XFailed"]


def test_registered_contexts_are_around_the_call(put_in_force: PutInForce) -> None:
    """A function runs inside its contexts, which are left however it ends."""
    put_in_force({f"slow_clock_skips/{KEY}": "", f"{XFAIL}/{KEY}": ""})
    notes: list[str] = []

    @contextlib.contextmanager
    def noted() -> Iterator[None]:
        notes.append("enter")
        yield
        notes.append("leave")

    contexts.register("slow_clock", noted)
    assert outcome(made(fails))[0] is pytest.xfail.Exception
    assert notes == ["enter", "leave"]


def test_a_context_that_fails_is_no_expected_failure(put_in_force: PutInForce) -> None:
    """Where a context cannot be entered the test does not run, and its entry suppresses nothing."""
    put_in_force({f"slow_clock_skips/{KEY}": "", f"{XFAIL}/{KEY}": ""})

    def factory() -> contextlib.AbstractContextManager[None]:
        raise OSError("no clock")

    contexts.register("slow_clock", factory)
    assert outcome(made(exits)) == (OSError, "no clock")


forked = pytest.mark.skipif(not hasattr(os, "fork"), reason="the function is found in a fork alone")


@forked
@pytest.mark.parametrize(
    ("work", "under_pytest", "elsewhere", "text"),
    [
        (exits, pytest.xfail.Exception, unittest.SkipTest, "exited with code 7 before its test"),
        (fails, pytest.xfail.Exception, unittest.SkipTest, "ValueError: broken"),
        (passes, pytest.fail.Exception, UnexpectedSuccess, "Unexpected success, please remove"),
        (skips, pytest.skip.Exception, unittest.SkipTest, "own reason"),
        (pytest_skips, pytest.skip.Exception, unittest.SkipTest, "own reason"),
    ],
)
@pytest.mark.parametrize("with_pytest", [True, False])
def test_isolated_calls(
    put_in_force: PutInForce,
    monkeypatch: pytest.MonkeyPatch,
    work: Callable[[], str],
    under_pytest: type[BaseException],
    elsewhere: type[BaseException],
    text: str,
    with_pytest: bool,
) -> None:
    """A call in a child process ends in the verdict on what it came to there."""
    monkeypatch.setenv(VARIABLE, "fork")
    put_in_force({f"{XFAIL}/{KEY}": "run: isolated"})
    if not with_pytest:
        monkeypatch.setattr(outcomes, "running_pytest", lambda: None)
    kind, said = outcome(made(work))
    assert kind is (under_pytest if with_pytest else elsewhere)
    assert text in said


def test_no_verdict_within_a_child(
    put_in_force: PutInForce, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the child that runs an isolated call the signal is the test's own; the parent judges."""
    put_in_force({f"{XFAIL}/{KEY}": "run: isolated"})
    monkeypatch.setattr(isolation, "inside", True)
    assert outcome(made(fails)) == (ValueError, "broken")


def test_a_coroutine_cannot_be_isolated(put_in_force: PutInForce) -> None:
    """An entry that asks for a coroutine in a child process is refused, and does not run it."""
    put_in_force({f"{XFAIL}/{KEY}": "run: isolated"})
    kind, text = outcome(made(exits, coroutine=True))
    assert kind is isolation.NotRun
    assert text.startswith(f"`tests/{XFAIL}/{KEY}` says `run: isolated`, which a coroutine")


def test_a_call_that_cannot_be_isolated_is_no_expected_failure(
    put_in_force: PutInForce, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A call that no child process could make has not failed as expected."""
    put_in_force({f"{XFAIL}/{KEY}": "run: isolated"})
    monkeypatch.setenv(VARIABLE, "thread")
    assert outcome(made(exits)) == (
        isolation.NotRun,
        f"{VARIABLE} is 'thread'; allowed here are fork, spawn",
    )


def test_a_static_method_is_its_class_s(
    put_in_force: PutInForce, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A function that pytest calls without an instance, but finds in a class, has its key."""

    def body() -> None:
        raise ValueError("broken")

    put_in_force({f"{XFAIL}/TestPlain.body": ""})
    wrapped = functions.wrap(body)
    marks.mark(wrapped, lists.KINDS, "")
    monkeypatch.setenv("PYTEST_CURRENT_TEST", "tests/test_x.py::TestPlain::body (call)")
    assert outcome(wrapped)[0] is pytest.xfail.Exception
    monkeypatch.setenv("PYTEST_CURRENT_TEST", "tests/test_x.py::TestOther::body (call)")
    assert outcome(wrapped)[0] is ValueError
