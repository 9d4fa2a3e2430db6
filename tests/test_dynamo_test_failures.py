"""The drop-in for PyTorch's module: the same names, and the same sets for the same directories."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from lists_fixtures import PutInForce, write_entry

import trunk_failures
from trunk_failures import in_force, list_files
from trunk_failures.errors import ListError, TrunkFailuresWarning

pytest_plugins = ["lists_fixtures"]

NAME = "trunk_failures.dynamo_test_failures"
# What PyTorch 2.13's module has at its top, modules that it imports left out.
PUBLIC = {
    "FIXME_inductor_non_strict",
    "compiled_autograd_skips",
    "dynamo_expected_failures",
    "dynamo_skips",
    "extra_dynamo_skips",
    "find_test_dir",
    "inductor_expected_failures",
    "inductor_skips",
    "test_dir",
}
EXTRA = {
    f"TestProxyTensorOpInfoCPU.test_make_fx_{way}_{letter}_cpu_float32"
    for letter in "Tt"
    for way in (
        "exhaustive",
        "fake_exhaustive",
        "symbolic_exhaustive",
        "symbolic_exhaustive_inplace",
        "symbolic_exhaustive_out",
    )
}
PYTORCH = {
    "dynamo_expected_failures/TestA.test_b_cpu_float32": "",
    "dynamo_expected_failures/TestA.test_c": "",
    "dynamo_skips/TestA.test_d": "",
    "dynamo_skips/TestAutogradFallback.test_undefined_grads_mode_nothing": "",
    "inductor_expected_failures/TestA.test_d": "",
    "inductor_skips/TestA.test_b_cpu_float32": "",
    "compiled_autograd_skips/TestA.test_e": "",
}
Load = Callable[[], ModuleType]


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> Load:
    """Return a function that imports the module anew."""
    importlib.import_module(NAME)

    def imported() -> ModuleType:
        monkeypatch.delitem(sys.modules, NAME)
        module = importlib.import_module(NAME)
        monkeypatch.setattr(trunk_failures, "dynamo_test_failures", module)
        return module

    monkeypatch.setitem(sys.modules, NAME, sys.modules[NAME])
    return imported


def listed(test_dir: Path, name: str) -> set[str]:
    """Return what PyTorch's module reads of a list directory."""
    return set(os.listdir(test_dir / name))


def test_the_public_names_are_pytorch_s(load: Load) -> None:
    """The module has every public name of PyTorch's, and says so."""
    module = load()
    assert set(module.__all__) == PUBLIC
    assert all(hasattr(module, name) for name in PUBLIC)


@pytest.mark.parametrize(
    "environ",
    [{}, {"PYTORCH_TEST_WITH_DYNAMO": "1"}, {"PYTORCH_TEST_WITH_INDUCTOR": "1"}],
)
def test_the_sets_are_pytorch_s(
    put_in_force: PutInForce, load: Load, environ: dict[str, str]
) -> None:
    """All sets are loaded, whichever mode is in force, as PyTorch's base chooses among them."""
    test_dir = put_in_force(PYTORCH, **environ)
    module = load()
    assert module.find_test_dir() == module.test_dir == str(test_dir)
    assert module.FIXME_inductor_non_strict == {
        "test_modules",
        "test_ops",
        "test_ops_gradients",
        "test_torch",
    }
    assert module.extra_dynamo_skips == EXTRA
    assert module.dynamo_skips == listed(test_dir, "dynamo_skips") | EXTRA
    for name in PUBLIC:
        if name.endswith(("_failures", "_skips")) and "dynamo_skips" not in name:
            assert getattr(module, name) == listed(test_dir, name)


def test_members_are_answered_for(put_in_force: PutInForce, load: Load) -> None:
    """What is listed is in its set, by hand or by a file; what is not is in none."""
    put_in_force(PYTORCH)
    module = load()
    assert "TestA.test_c" in module.dynamo_expected_failures
    assert "TestA.test_c" not in module.dynamo_skips
    assert "TestA.test_c" not in module.inductor_expected_failures
    assert "TestA.test_e" in module.compiled_autograd_skips
    assert "TestA.test_x" not in module.dynamo_expected_failures
    assert 3 not in module.dynamo_skips
    assert all(key in module.dynamo_skips for key in EXTRA)
    module.dynamo_expected_failures.add("TestA.test_x")
    assert "TestA.test_x" in module.dynamo_expected_failures


@pytest.mark.parametrize(
    ("content", "trouble"),
    [
        ("", None),
        ("reason: graph break\nissue: https://example.org/1\nowner: me", None),
        ("expires: 9999-12-31", None),
        ("when: python_version > '3'", None),
        ("run: always", None),
        ("expires: 2020-01-01", "{path} expired on 2020-01-01 and no longer suppresses"),
        ("expires: soon", "{path} suppresses nothing: `expires: soon` is no date"),
        ("when: python_version < '3'", "{path} suppresses nothing here: its `when` does not hold"),
        ("raises: ValueError", "{path} suppresses nothing: PyTorch's own test base knows no"),
        ("match: graph break", "{path} suppresses nothing: PyTorch's own test base knows no"),
        ("run: never", "{path} suppresses nothing: PyTorch's own test base knows no"),
        ("run: isolated", "{path} suppresses nothing: PyTorch's own test base knows no"),
        ("when: __import__('os')", "{path}, line 1: "),
        ("when: env.UNITS < '3'", "{path}: "),
        ("rnu: never", "{path}, line 1: unknown field 'rnu'"),
    ],
)
@pytest.mark.parametrize("name", ["dynamo_expected_failures", "dynamo_skips"])
def test_an_entry_says_whether_it_suppresses(
    put_in_force: PutInForce,
    load: Load,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    content: str,
    trouble: str | None,
) -> None:
    """An entry that PyTorch's base cannot honour is not in the set, and a warning says why."""
    monkeypatch.setenv("UNITS", "metric")
    put_in_force({f"{name}/TestA.test_b": content})
    found = getattr(load(), name)
    if trouble is None:
        assert "TestA.test_b" in found
        return
    with pytest.warns(TrunkFailuresWarning) as caught:
        assert "TestA.test_b" not in found
    (warning,) = caught
    assert str(warning.message).startswith(trouble.format(path=f"`tests/{name}/TestA.test_b`"))
    assert warning.filename == __file__
    assert found - EXTRA == {"TestA.test_b"}  # It is listed all the same.


def test_an_entry_removed_meanwhile_suppresses_nothing(
    put_in_force: PutInForce, load: Load
) -> None:
    """An entry whose file is gone is not in the set, and a warning says so."""
    test_dir = put_in_force(PYTORCH)
    found = load().dynamo_expected_failures
    (test_dir / "dynamo_expected_failures" / "TestA.test_c").unlink()
    with pytest.warns(TrunkFailuresWarning, match="TestA.test_c` cannot be read"):
        assert "TestA.test_c" not in found


def test_keys_are_decoded(put_in_force: PutInForce, load: Load) -> None:
    """The sets hold keys, not file names; an entry for one file is `file/key`."""
    put_in_force(
        {
            "dynamo_skips/test_ops.test_p[a%2Fb]": "reason: slash",
            "dynamo_skips/nn/test_init/TestA.test_b": "",
            "dynamo_skips/.gitkeep": "",
        }
    )
    module = load()
    keys = {"test_ops.test_p[a/b]", "nn/test_init/TestA.test_b"}
    assert module.dynamo_skips - EXTRA == keys
    assert all(key in module.dynamo_skips for key in keys)


def test_faults_in_the_lists_are_errors(put_in_force: PutInForce, load: Load) -> None:
    """As in PyTorch, a name that is no key and a test on both lists end the import."""
    put_in_force({"dynamo_skips/.gitkeep": ""})
    test_dir = put_in_force()
    for paths in (
        ["dynamo_skips/TestA"],
        ["inductor_skips/TestA.test_b", "inductor_expected_failures/TestA.test_b"],
    ):
        files = [write_entry(test_dir, path) for path in paths]
        with pytest.raises(ListError, match="TestA"):
            load()
        for file in files:
            file.unlink()
        importlib.import_module(NAME)


def empty(module: ModuleType, *but: str) -> bool:
    """Tell whether all sets that are read from directories hold nothing."""
    sets = {name for name in PUBLIC if name.endswith(("_failures", "_skips"))} - {*but}
    return not any(getattr(module, name) for name in sets - {"extra_dynamo_skips"})


def test_without_a_test_directory_pytorch_s_own_ten_are_skips(
    load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no lists were found those that PyTorch lists by hand are listed, as in PyTorch."""
    monkeypatch.delenv("TRUNK_FAILURES")
    module = load()
    assert module.find_test_dir() is None and module.test_dir is None
    assert module.dynamo_skips == EXTRA and empty(module, "dynamo_skips")
    assert all(key in module.dynamo_skips for key in EXTRA)


def test_lists_that_are_switched_off_hold_nothing(
    put_in_force: PutInForce, load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under TRUNK_FAILURES=0 no test is in any set, so that all report as they are."""
    put_in_force(PYTORCH)
    monkeypatch.setenv("TRUNK_FAILURES", "0")
    monkeypatch.setattr(in_force, "lists", list_files.load(None, os.environ))
    module = load()
    assert empty(module)
    assert module.extra_dynamo_skips == EXTRA
