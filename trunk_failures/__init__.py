"""Known test failures that always run, and whose signal is suppressed while it is the expected one.

`from trunk_failures import xfailIfTrunkFailing, skipIfTrunkFailing` in a test module; the lists
beside the tests decide. Importing the package loads the lists in force, and nothing heavier.
"""

from __future__ import annotations

from trunk_failures import in_force

TYPE_CHECKING = False
if TYPE_CHECKING:
    from trunk_failures.decorators import (
        register_context,
        skipIfTrunkFailing,
        suppressIfTrunkFailing,
        xfailIfTrunkFailing,
    )
    from trunk_failures.errors import (
        EntryError,
        ListError,
        TrunkFailuresError,
        TrunkFailuresWarning,
        UsageError,
    )
    from trunk_failures.explanations import Explanation, explain

__all__ = [
    "EntryError",
    "Explanation",
    "ListError",
    "TrunkFailuresError",
    "TrunkFailuresWarning",
    "UsageError",
    "expected_failures",
    "explain",
    "modes_in_force",
    "register_context",
    "skipIfTrunkFailing",
    "skips",
    "suppressIfTrunkFailing",
    "test_dir",
    "xfailIfTrunkFailing",
]

test_dir: str | None = in_force.lists.test_dir
"""The directory that holds the list directories, absolute; None where there is none."""

modes_in_force: tuple[str, ...] = in_force.lists.modes
"""The modes in force, the most specific first; empty under `TRUNK_FAILURES=0`."""

expected_failures: set[str] = in_force.lists.expected_failures
"""The keys of the expected failures in force; those that hold for one file as `file/key`."""

skips: set[str] = in_force.lists.skips
"""The keys of the skips in force; those that hold for one file as `file/key`."""

_LAZY = {
    "EntryError": "errors",
    "Explanation": "explanations",
    "ListError": "errors",
    "TrunkFailuresError": "errors",
    "TrunkFailuresWarning": "errors",
    "UsageError": "errors",
    "explain": "explanations",
    "register_context": "decorators",
    "skipIfTrunkFailing": "decorators",
    "suppressIfTrunkFailing": "decorators",
    "xfailIfTrunkFailing": "decorators",
}


def __getattr__(name: str) -> object:
    # What a process may never use (unittest, re, typing) is loaded when it is first asked for.
    import importlib

    if name not in _LAZY:
        raise AttributeError(f"module 'trunk_failures' has no attribute {name!r}")
    value: object = getattr(importlib.import_module(f"trunk_failures.{_LAZY[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
