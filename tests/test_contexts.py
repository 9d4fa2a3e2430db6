"""Context managers that listed tests run inside."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from lists_fixtures import PutInForce

from trunk_failures import contexts, in_force
from trunk_failures.errors import ListError, UsageError

pytest_plugins = ["lists_fixtures"]


def noting(notes: list[str], name: str) -> Callable[[], AbstractContextManager[object]]:
    """Return a factory of context managers that note when they are entered and left."""

    @contextlib.contextmanager
    def context() -> Iterator[None]:
        notes.append(f"enter {name}")
        try:
            yield
        finally:
            notes.append(f"leave {name}")

    return context


TWO_LISTS = {
    "compiled_autograd_skips/TestA.test_b": "",
    "compiled_autograd_skips/TestA.test_c": "",
    "compiled_autograd_skips/nn/test_init/TestA.test_d": "",
    "slow_clock_skips/TestA.test_b": "",
}


@pytest.mark.parametrize(
    ("key", "test_file", "entered"),
    [
        ("TestA.test_b", "", ["compiled_autograd", "slow_clock"]),
        ("TestA.test_c", "", ["compiled_autograd"]),
        ("TestA.test_c", "nn/test_init", ["compiled_autograd"]),
        ("TestA.test_d", "nn/test_init", ["compiled_autograd"]),
        ("TestA.test_d", "nn/test_other", []),
        ("TestA.test_d", "", []),
        ("TestA.test_e", "", []),
    ],
)
def test_listed_tests_run_inside(
    put_in_force: PutInForce, key: str, test_file: str, entered: list[str]
) -> None:
    """A test is run inside each context whose lists hold it, for its file or for any."""
    put_in_force(TWO_LISTS)
    notes: list[str] = []
    for name in ("compiled_autograd", "slow_clock"):
        contexts.register(name, noting(notes, name))
    for _ in range(2):  # One context manager is made for each test.
        notes.clear()
        with contexts.entered(key, test_file):
            assert notes == [f"enter {name}" for name in entered]
        assert notes[len(entered) :] == [f"leave {name}" for name in reversed(entered)]


def test_failures_pass_through_a_context(put_in_force: PutInForce) -> None:
    """The signal of a test inside a context is untouched, and the context is left."""
    put_in_force(TWO_LISTS)
    notes: list[str] = []
    contexts.register("slow_clock", noting(notes, "x"))
    with pytest.raises(ValueError, match="mine"), contexts.entered("TestA.test_b", ""):
        raise ValueError("mine")
    assert notes == ["enter x", "leave x"]


def test_what_is_registered(put_in_force: PutInForce) -> None:
    """The keys are those of all registered contexts, of qualified entries too."""
    put_in_force(TWO_LISTS)
    assert (contexts.registered(), contexts.keys()) == (False, set())
    contexts.register("slow_clock", contextlib.nullcontext)
    assert (contexts.registered(), contexts.keys()) == (True, {"TestA.test_b"})
    contexts.register("compiled_autograd", contextlib.nullcontext)
    assert contexts.keys() == {"TestA.test_b", "TestA.test_c", "TestA.test_d"}


def test_a_name_registered_again_has_the_later_context(put_in_force: PutInForce) -> None:
    """Of two context managers for one name the one that was registered last is entered."""
    put_in_force(TWO_LISTS)
    notes: list[str] = []
    contexts.register("slow_clock", noting(notes, "first"))
    contexts.register("slow_clock", noting(notes, "second"))
    with contexts.entered("TestA.test_b", ""):
        assert notes == ["enter second"]


def test_a_name_without_lists_is_an_error(put_in_force: PutInForce) -> None:
    """A name that has no list directory is refused, with the path that was looked for."""
    test_dir = put_in_force(TWO_LISTS)
    path = str(test_dir / "compiled_autogard_skips")
    with pytest.raises(UsageError, match="there is no list directory") as caught:
        contexts.register("compiled_autogard", contextlib.nullcontext)
    assert repr(path) in str(caught.value) and "'compiled_autogard'" in str(caught.value)
    assert not contexts.registered()


def test_without_a_test_directory_a_name_is_an_error(
    put_in_force: PutInForce, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no test directory was found, the message names the place where one might be."""
    put_in_force()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(in_force.lists, "test_dir", None)
    with pytest.raises(UsageError) as caught:
        contexts.register("slow_clock", contextlib.nullcontext)
    assert repr(str(tmp_path / "slow_clock_skips")) in str(caught.value)


@pytest.mark.parametrize(
    ("name", "environ"),
    [("trunk", {}), ("dynamo", {"PYTORCH_TEST_WITH_DYNAMO": "1"})],
)
def test_a_mode_in_force_cannot_name_a_context(
    put_in_force: PutInForce, name: str, environ: dict[str, str]
) -> None:
    """A list cannot both suppress failures and say where its tests run."""
    put_in_force({"trunk_skips/TestA.test_b": "", "dynamo_skips/TestA.test_b": ""}, **environ)
    with pytest.raises(UsageError, match=f"'{name}' is a mode in force"):
        contexts.register(name, contextlib.nullcontext)


def test_a_mode_out_of_force_can_name_a_context(put_in_force: PutInForce) -> None:
    """Lists that are not in force are free to say where their tests run."""
    put_in_force({"dynamo_skips/TestA.test_b": ""})
    contexts.register("dynamo", contextlib.nullcontext)
    assert contexts.keys() == {"TestA.test_b"}


def test_lists_that_break_a_rule_are_an_error(put_in_force: PutInForce) -> None:
    """A name that is no key in a context's list is refused when it is registered."""
    put_in_force({"slow_clock_skips/no_key": ""})
    with pytest.raises(ListError, match="no_key"):
        contexts.register("slow_clock", contextlib.nullcontext)
    assert not contexts.registered()


def test_nothing_is_registered_while_lists_are_switched_off(
    put_in_force: PutInForce, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under TRUNK_FAILURES=0 a registration is no error, whatever the name, and does nothing."""
    put_in_force(TWO_LISTS)
    monkeypatch.setenv("TRUNK_FAILURES", "0")
    contexts.register("slow_clock", contextlib.nullcontext)
    contexts.register("missing", contextlib.nullcontext)
    assert not contexts.registered()
