"""Known test failures that always run, and whose signal is suppressed while it is the expected one.

`from trunk_failures import xfailIfTrunkFailing, skipIfTrunkFailing` in a test module; the lists
beside the tests decide. Importing the package loads the lists in force, and nothing heavier.

PYTEST_DONT_REWRITE: nothing here is a test, and pytest warns of plugins imported before it.
"""

from __future__ import annotations

from trunk_failures import in_force

TYPE_CHECKING = False
if TYPE_CHECKING:
    from trunk_failures.decorators import (
        apply_to_every_test,
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
    "apply_to_every_test",
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

test_dir: str | None
"""The directory that holds the list directories, absolute; None where there is none."""

modes_in_force: tuple[str, ...]
"""The modes in force, the most specific first; empty under `TRUNK_FAILURES=0`."""

expected_failures: set[str]
"""The keys of the expected failures in force; those that hold for one file as `file/key`."""

skips: set[str]
"""The keys of the skips in force; those that hold for one file as `file/key`."""

_IN_FORCE = {
    "expected_failures": "expected_failures",
    "modes_in_force": "modes",
    "skips": "skips",
    "test_dir": "test_dir",
}
_LAZY = {
    "EntryError": "errors",
    "Explanation": "explanations",
    "ListError": "errors",
    "TrunkFailuresError": "errors",
    "TrunkFailuresWarning": "errors",
    "UsageError": "errors",
    "apply_to_every_test": "decorators",
    "explain": "explanations",
    "register_context": "decorators",
    "skipIfTrunkFailing": "decorators",
    "suppressIfTrunkFailing": "decorators",
    "xfailIfTrunkFailing": "decorators",
}


def __getattr__(name: str) -> object:
    # What a process may never use (unittest, re, typing) is loaded when it is first asked for.
    import importlib

    if name in _IN_FORCE:
        found: object = getattr(in_force.lists, _IN_FORCE[name])
        return found  # Not kept: pytest's plugin puts the lists in force that it was given.
    if name not in _LAZY:
        raise AttributeError(f"module 'trunk_failures' has no attribute {name!r}")
    in_force.lists  # noqa: B018 - loaded at this import, if they were not at the package's
    value: object = getattr(importlib.import_module(f"trunk_failures.{_LAZY[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


if not in_force.is_plugin_import():
    in_force.lists  # noqa: B018 - this loads them
