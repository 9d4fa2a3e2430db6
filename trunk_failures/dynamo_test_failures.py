"""A drop-in for PyTorch's `torch/testing/_internal/dynamo_test_failures.py`.

The same public names, and the same sets for the same directories. To run PyTorch's tests off
these lists, before PyTorch's own test base is imported::

    import sys
    from trunk_failures import dynamo_test_failures
    sys.modules["torch.testing._internal.dynamo_test_failures"] = dynamo_test_failures

PyTorch's base asks `key in dynamo_skips` when the test runs. Of an entry that has expired, whose
`when` does not hold, or that says more than PyTorch's base can do (`raises`, `match`, `run`), the
answer is no: the test then reports as it is.
"""

from __future__ import annotations

import os
import warnings

from trunk_failures import entries, entry_files, in_force, list_files, lists, lookup, modes
from trunk_failures.errors import EntryError, TrunkFailuresWarning

__all__ = [
    "FIXME_inductor_non_strict",
    "compiled_autograd_skips",
    "dynamo_expected_failures",
    "dynamo_skips",
    "extra_dynamo_skips",
    "find_test_dir",
    "inductor_expected_failures",
    "inductor_skips",
    "test_dir",
]


class ListedTests(set[str]):
    """Hold the keys of one list; a key is in it while its entry is one that suppresses."""

    def __init__(self, keys: set[str], loaded: lists.Lists | None = None, kind: str = "") -> None:
        super().__init__(keys)
        self._loaded = loaded
        self._kind = kind

    def __contains__(self, key: object) -> bool:
        """Tell whether a test's failure is to be suppressed, here and today."""
        if not super().__contains__(key):
            return False
        found = self._loaded.find(str(key)) if self._loaded else []
        if not found or found[0].listing.kind != self._kind:
            return True  # Listed by PyTorch itself, not by a file.
        try:
            trouble = _trouble(entry_files.read(found[0]))
        except EntryError as error:
            trouble = str(error)
        if trouble:
            warnings.warn(trouble, TrunkFailuresWarning, stacklevel=2)
        return not trouble


def find_test_dir() -> str | None:
    """Return the directory that holds the list directories, absolute, or None."""
    return in_force.lists.test_dir


def _trouble(entry: entries.Entry) -> str:
    """Return why an entry suppresses nothing under PyTorch's own base, or ""."""
    if not entry.holds(lookup.environment()):
        return f"`{entry.path}` suppresses nothing here: its `when` does not hold"
    if entry.expired(lookup.today()):
        return lookup.expiry(entry)
    if entry.raises or entry.match or entry.run != entries.ALWAYS:
        return (
            f"`{entry.path}` suppresses nothing: PyTorch's own test base knows no `raises`, "
            f"`match` or `run`; remove them, or decorate the test"
        )
    return ""


def _load(mode: str) -> tuple[set[str], set[str]]:
    if test_dir is None:
        return set(), set()
    loaded = list_files.read(test_dir, (mode,), list_files.directories(test_dir))
    return (
        ListedTests(loaded.expected_failures, loaded, lists.EXPECTED_FAILURES),
        ListedTests(loaded.skips, loaded, lists.SKIPS),
    )


FIXME_inductor_non_strict = {"test_modules", "test_ops", "test_ops_gradients", "test_torch"}
"""Test files that PyTorch runs without strict mode under `PYTORCH_TEST_WITH_INDUCTOR=1`."""

_MAKE_FX = "TestProxyTensorOpInfoCPU.test_make_fx_"
extra_dynamo_skips = {
    f"{_MAKE_FX}{way}exhaustive_{variant}{letter}_cpu_float32"
    for way, variant in (
        ("", ""),
        ("fake_", ""),
        ("symbolic_", ""),
        ("symbolic_", "inplace_"),
        ("symbolic_", "out_"),
    )
    for letter in "Tt"
}
"""Skips that PyTorch lists by hand, as their names differ by case alone."""

test_dir = find_test_dir()
dynamo_expected_failures, dynamo_skips = _load("dynamo")
inductor_expected_failures, inductor_skips = _load("inductor")
_, compiled_autograd_skips = _load("compiled_autograd")
if not modes.switched_off(os.environ):
    dynamo_skips.update(extra_dynamo_skips)
