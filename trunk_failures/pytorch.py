"""PyTorch's own test base: what has to be known of it where both are in one process."""

from __future__ import annotations

import os
import sys
from typing import Any

TRACED = ("__init__", "__main__", "functions")
"""Modules whose frames torch._dynamo is to trace along with the tests that they call."""

_hidden_from: list[Any] = []


def hide_from_dynamo() -> None:
    """Have torch._dynamo, where it is loaded, pass over this package's frames as over unittest's.

    PyTorch's test base compiles `TestCase.run`, and the hook there is not what it wants compiled.
    """
    rules: Any = sys.modules.get("torch._dynamo.trace_rules")
    if rules is None or rules in _hidden_from or not hasattr(rules, "add"):
        return
    _hidden_from.append(rules)
    for name in sorted(os.listdir(os.path.dirname(__file__))):
        module, ending = os.path.splitext(name)
        if ending == ".py" and module not in TRACED:
            rules.add(f"{__package__}.{module}")


def rules_on(test: Any, method: str, key: str, modes: tuple[str, ...]) -> bool:
    """Tell whether PyTorch's test base gives the verdict on a test: it has wrapped its method.

    Its "Unexpected success" is an exception in the method, and would pass for the failure that an
    entry expects.
    """
    torchs = sys.modules.get("torch.testing._internal.dynamo_test_failures")
    if torchs is None or method not in vars(test):
        return False
    if hasattr(test, "_dynamo_test_key"):
        key = test._dynamo_test_key()  # That of a CPython test has its file in it.
    mode = next((mode for mode in ("inductor", "dynamo") if mode in modes), None)
    return mode is not None and any(
        key in getattr(torchs, f"{mode}_{kind}", ()) for kind in ("expected_failures", "skips")
    )
