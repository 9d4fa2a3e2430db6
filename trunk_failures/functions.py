"""Plain test functions, and methods of classes that are no TestCase: what pytest calls itself."""

from __future__ import annotations

import contextvars
import functools
import inspect
import os
import sys
import unittest
from typing import TYPE_CHECKING, Any

from trunk_failures import (
    contexts,
    entries,
    failures,
    ids,
    isolation,
    lookup,
    marks,
    outcomes,
    verdicts,
)
from trunk_failures.verdicts import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable

_watching: contextvars.ContextVar[bool] = contextvars.ContextVar("_watching", default=False)

elsewhere = False
"""Whether a front end (pytest's plugin) gives the verdict on the test that runs now."""


def wrap(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that calls another and gives the verdict on it.

    On a TestCase it only calls: there the hook in `TestCase.run` gives the verdict, which sees
    what a call cannot. Coroutine functions stay coroutine functions, for their plugin to run.
    """
    if inspect.iscoroutinefunction(function):
        return _wrap_coroutine(function)

    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        if not _is_own(args):
            try:  # Not a context manager: torch._dynamo would not trace through it.
                return function(*args, **kwargs)
            except BaseException as error:
                _without_this_frame(error)
                raise
        with _Watch(wrapper, args) as watch:
            if watch.isolated:
                return watch.call_isolated(args, kwargs)
            return function(*args, **kwargs)

    return wrapper


def _wrap_coroutine(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    async def wrapper(*args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        if not _is_own(args):
            try:
                return await function(*args, **kwargs)
            except BaseException as error:
                _without_this_frame(error)
                raise
        with _Watch(wrapper, args) as watch:
            watch.refuse_isolation()
            return await function(*args, **kwargs)

    return wrapper


def _is_own(args: tuple[Any, ...]) -> bool:
    """Tell whether nobody else gives the verdict on a call.

    Others are the parent process, a front end, the hook in `TestCase.run`, and the outermost of
    several wrappers, whose marks hold those of the inner ones.
    """
    # The cheapest first, which torch._dynamo can trace too: most calls are a TestCase's.
    if args and isinstance(args[0], unittest.TestCase):
        return False
    return not (isolation.inside or elsewhere or _watching.get())


def _without_this_frame(error: BaseException) -> None:
    """Take the frame of a call that only passes by out of an exception's traceback.

    Python 3.10 puts it back when it raises again; there one line of ours may stand.
    """
    if error.__traceback__ is not None:
        error.__traceback__ = error.__traceback__.tb_next


class _Watch:
    """Watch one call of a test function: what leaves the block is the verdict on it."""

    def __init__(self, wrapper: Callable[..., Any], args: tuple[Any, ...]) -> None:
        self._wrapper = wrapper
        key = _key(wrapper, args)
        module = type(args[0]).__module__ if _is_method(wrapper, args) else wrapper.__module__
        test_file = lookup.test_file(module)
        self._kinds = marks.of_function(wrapper)
        acting = lookup.acting(key, test_file, self._kinds)
        self._acting = acting or lookup.Acting()
        self._context = contexts.entered(key, test_file)

    def __enter__(self) -> _Watch:
        __tracebackhide__ = True
        entry = self._acting.entry
        if entry is not None and entry.run == entries.NEVER:
            ruling = verdicts.not_run(entry, self._kinds[entry.kind])
            raise failures.suppressing(ruling, None)
        self._context.__enter__()
        self._token = _watching.set(True)
        return self

    def __exit__(self, _: Any, error: BaseException | None, __: Any) -> None:
        __tracebackhide__ = True
        _watching.reset(self._token)
        self._context.__exit__(None, None, None)
        if outcomes.stops_the_run(error) or isinstance(error, GeneratorExit):
            return
        if self._acting.entry is None:
            self._annotate(error)
        else:
            self._rule(self._acting.entry, error)

    @property
    def isolated(self) -> bool:
        """Whether the call is to be made in a child process."""
        return self._acting.entry is not None and self._acting.entry.run == entries.ISOLATED

    def refuse_isolation(self) -> None:
        """Raise NotRun where a coroutine's entry asks for a child process."""
        if self.isolated and self._acting.entry is not None:
            raise isolation.NotRun(
                f"`{self._acting.entry.path}` says `run: isolated`, which a coroutine function "
                f"cannot be: its event loop is this process's; remove that line"
            )

    def call_isolated(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Make the call in a child process and raise here what it came to there."""
        __tracebackhide__ = True
        assert self._acting.entry is not None
        work = isolation.CallWork(self._wrapper, args, kwargs)
        for report in isolation.run(work, self._acting.entry.timeout):
            if report.error is not None:
                raise report.error
            if report.method == "addSkip":
                pytest = outcomes.running_pytest()
                raise pytest.skip.Exception(report.reason) if pytest else unittest.SkipTest(
                    report.reason
                )

    def _annotate(self, error: BaseException | None) -> None:
        __tracebackhide__ = True
        trouble = self._acting.trouble
        if not trouble or outcomes.is_own_skip(error):
            return
        if error is not None:
            raise failures.with_trouble(error, trouble) from error
        if self._acting.broken:
            raise failures.NotSuppressed(trouble)
        failures.warn(trouble)

    def _rule(self, entry: entries.Entry, error: BaseException | None) -> None:
        __tracebackhide__ = True
        if isinstance(error, isolation.NotRun):
            return
        ruling = verdicts.decide(entry, outcomes.of(error), self._kinds[entry.kind])
        if ruling.verdict is None:
            return
        if ruling.verdict in failures.SKIPPING or ruling.verdict is Verdict.EXPECTED_FAILURE:
            raise failures.suppressing(ruling, error) from error
        if error is None and _carries_xfail(self._wrapper):
            # pytest would take an exception for the failure that its mark expects, and so hide
            # the unexpected success; without one it reports an XPASS.
            return
        raise failures.failing(ruling, error) from error


def _carries_xfail(function: Callable[..., Any]) -> bool:
    return any(mark.name == "xfail" for mark in getattr(function, "pytestmark", ()))


def _is_method(function: Callable[..., Any], args: tuple[Any, ...]) -> bool:
    return bool(args) and hasattr(type(args[0]), function.__name__)


def _key(function: Callable[..., Any], args: tuple[Any, ...]) -> str:
    """Return the key of a call: its run-time class or its file, its name, its parameters."""
    name = function.__name__
    current = ids.current(os.environ.get("PYTEST_CURRENT_TEST", ""), name)
    if current is not None:
        name = current.name
    if _is_method(function, args):
        return f"{type(args[0]).__name__}.{name}"
    if current is not None and not current.is_function:
        return current.key  # A static method, which is called without its class.
    file = getattr(sys.modules.get(function.__module__), "__file__", None)
    file = file or inspect.unwrap(function).__code__.co_filename
    return f"{os.path.splitext(os.path.basename(file))[0]}.{name}"
