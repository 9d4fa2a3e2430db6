"""What fails under pytest and is not the failure of the test that it is reported with."""

from __future__ import annotations

from typing import Any

import pytest

from trunk_failures import failures, isolation
from trunk_failures.pytest_places import stem_of

# pytest's own functions around unittest's fixtures, and what those are called in the lists.
# A `setup_class` or a `setup_module` is a fixture like any other: each test's that needs it.
_AROUND = {
    "unittest_setup_class_fixture": ("setUpClass", "tearDownClass"),
    "xunit_setup_module_fixture": ("setUpModule", "tearDownModule"),
}


def failed_fixture(error: BaseException, item: pytest.Item, when: str) -> str:
    """Return the key of the class's or module's fixture that an error came out of, or ""."""
    ruled = getattr(error, failures.FIXTURE, None)
    if ruled is not None:
        return str(ruled[0].key)
    frames = error.__traceback__
    # The last frame is where it was raised; pytest itself skips a class there.
    while frames is not None and frames.tb_next is not None:
        names = _AROUND.get(frames.tb_frame.f_code.co_name)
        if names is not None and _is_pytests(frames.tb_frame):
            return _key(item, names[when != "setup"])
        frames = frames.tb_next
    return ""


def is_of_others(
    excinfo: pytest.ExceptionInfo[BaseException], item: pytest.Item, when: str
) -> bool:
    """Tell whether what ended a test is not its own failure.

    So it is with what could not begin (NotRun, a coroutine without a plugin to run it), and in the
    set-up with the class's and the module's fixtures, which have keys of their own, and with
    fixtures of wider scope that are torn down to make room for this test's.
    """
    if isinstance(excinfo.value, isolation.NotRun):
        return True
    if when == "setup" and failed_fixture(excinfo.value, item, when):
        return True
    if when != "setup" and not isinstance(excinfo.value, pytest.fail.Exception):
        return False  # Nearly all failures; what pytest does not run it fails.
    wanted = _MAKING_ROOM if when == "setup" else _NOBODY_RUNS
    frames = excinfo.value.__traceback__
    while frames is not None:
        if frames.tb_frame.f_code.co_name == wanted and _is_pytests(frames.tb_frame):
            return True
        frames = frames.tb_next
    return False


def _is_pytests(frame: Any) -> bool:
    """Tell whether a frame is of pytest's own code."""
    return str(frame.f_globals.get("__name__", "")).startswith("_pytest.")


def _key(item: pytest.Item, name: str) -> str:
    if name.endswith("Class"):
        return f"{item.cls.__name__}.{name}"  # type: ignore[attr-defined]
    return f"{stem_of(item)}.{name}" if hasattr(getattr(item, "module", None), name) else ""


_MAKING_ROOM, _NOBODY_RUNS = "finish", "async_fail"
"""pytest's own functions that such failures come out of."""
