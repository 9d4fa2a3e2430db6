"""Class and module fixtures under pytest, whose failures are not the tests' that need them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trunk_failures import failures
from trunk_failures.pytest_places import stem_of

if TYPE_CHECKING:
    import pytest

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
        if names is not None and is_pytests(frames.tb_frame):
            return _key(item, names[when != "setup"])
        frames = frames.tb_next
    return ""


def is_pytests(frame: Any) -> bool:
    """Tell whether a frame is of pytest's own code."""
    return str(frame.f_globals.get("__name__", "")).startswith("_pytest.")


def _key(item: pytest.Item, name: str) -> str:
    if name.endswith("Class"):
        return f"{item.cls.__name__}.{name}"  # type: ignore[attr-defined]
    return f"{stem_of(item)}.{name}" if hasattr(getattr(item, "module", None), name) else ""
