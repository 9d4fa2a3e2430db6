"""The package's own names: what importing it gives, and how it loads the lists."""

from __future__ import annotations

import importlib
import json
import os
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from lists_fixtures import write_entry

import trunk_failures
from trunk_failures import in_force

CHECKOUT = str(Path(trunk_failures.__file__).parents[1])


def imported(test_dir: Path, **environ: str) -> Any:
    """Return the public values of the package, imported by a new interpreter."""
    script = (
        "import json, trunk_failures as t; print(json.dumps([t.test_dir, t.modes_in_force, "
        "sorted(t.expected_failures), sorted(t.skips)]))"
    )
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", script],
        env={
            **{name: value for name, value in os.environ.items() if name != "TRUNK_FAILURES"},
            "PYTHONPATH": CHECKOUT,
            "TRUNK_FAILURES_DIR": str(test_dir),
            **environ,
        },
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(ran.stdout)


@pytest.mark.parametrize(
    ("environ", "modes", "expected_failures", "skips"),
    [
        ({}, ["trunk"], ["TestA.test_b"], ["nn/test_init/TestA.test_c"]),
        (
            {"PYTORCH_TEST_WITH_DYNAMO": "1"},
            ["dynamo", "trunk"],
            ["TestA.test_b", "TestA.test_d"],
            ["nn/test_init/TestA.test_c"],
        ),
        ({"TRUNK_FAILURES": "0"}, [], [], []),
    ],
)
def test_the_lists_are_loaded_at_import(
    tmp_path: Path,
    environ: dict[str, str],
    modes: list[str],
    expected_failures: list[str],
    skips: list[str],
) -> None:
    """Importing the package gives the sets in force, the modes and the test directory."""
    write_entry(tmp_path, "trunk_expected_failures/TestA.test_b")
    write_entry(tmp_path, "trunk_skips/nn/test_init/TestA.test_c")
    write_entry(tmp_path, "dynamo_expected_failures/TestA.test_d")
    test_dir = None if environ.get("TRUNK_FAILURES") == "0" else str(tmp_path)
    assert imported(tmp_path, **environ) == [test_dir, modes, expected_failures, skips]


@pytest.mark.parametrize("name", trunk_failures.__all__)
def test_every_public_name_is_there(name: str) -> None:
    """All names of `__all__` can be had, and are the ones that their modules have."""
    value = getattr(trunk_failures, name)
    if name in trunk_failures._LAZY:
        module = importlib.import_module(f"trunk_failures.{trunk_failures._LAZY[name]}")
        assert value is getattr(module, name)
        assert vars(trunk_failures)[name] is value  # It is asked for once.
    else:
        loaded = in_force.lists.modes if name == "modes_in_force" else getattr(in_force.lists, name)
        assert value is loaded


def test_lazy_names_are_public() -> None:
    """The table of what is loaded on demand and `__all__` agree, and both are sorted."""
    assert set(trunk_failures._LAZY) <= set(trunk_failures.__all__)
    assert list(trunk_failures._LAZY) == sorted(trunk_failures._LAZY)
    assert set(trunk_failures.__all__) == {*trunk_failures.__all__}
    assert len(trunk_failures.__all__) == len({*trunk_failures.__all__})


def test_an_unknown_name_is_an_attribute_error() -> None:
    """A name that the package does not have is refused as any module refuses it."""
    with pytest.raises(AttributeError) as caught:
        getattr(trunk_failures, "skipIfTrunkFails")
    assert str(caught.value) == "module 'trunk_failures' has no attribute 'skipIfTrunkFails'"
    with pytest.raises(ImportError, match="cannot import name 'skipIfTrunkFails'"):
        exec("from trunk_failures import skipIfTrunkFails")


def test_dir_shows_what_is_loaded_on_demand(monkeypatch: pytest.MonkeyPatch) -> None:
    """Completion in a shell shows all public names, used or not."""
    for name in trunk_failures._LAZY:
        monkeypatch.delitem(vars(trunk_failures), name, raising=False)
    assert set(trunk_failures.__all__) < set(dir(trunk_failures))
    assert dir(trunk_failures) == sorted(dir(trunk_failures))


def test_a_star_import_gives_the_public_names() -> None:
    """`from trunk_failures import *` gives exactly what `__all__` says."""
    namespace: dict[str, object] = {}
    exec("from trunk_failures import *", namespace)
    assert set(namespace) - {"__builtins__"} == set(trunk_failures.__all__)


def test_the_program_exits_with_the_command_s_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Running the package's `__main__` ends the process with what the command line returns."""
    monkeypatch.setattr("trunk_failures.cli.main", lambda: 7)
    # By its path: pytest's import hook, by which installed plugins come, knows no run_module.
    main = str(Path(trunk_failures.__file__).with_name("__main__.py"))
    with pytest.raises(SystemExit) as caught:
        runpy.run_path(main, run_name="__main__")
    assert caught.value.code == 7
    runpy.run_path(main, run_name="imported")


def test_the_typed_examples_run() -> None:
    """What is type-checked as users write it also runs."""
    examples = runpy.run_path(str(Path(__file__).with_name("typing_examples.py")))
    assert examples["number"] == 4.0
    assert examples["told"]


def test_an_import_for_the_plugin_loads_no_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where pytest imports the package for its plugin alone the lists are left alone."""
    monkeypatch.setattr(in_force, "is_plugin_import", lambda: True)
    monkeypatch.delattr(in_force, "lists")
    importlib.reload(trunk_failures)
    assert "lists" not in vars(in_force)
