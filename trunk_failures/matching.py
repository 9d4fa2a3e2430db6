"""Matching: which of trunk's disabled tests a test is; however many they are, it costs the same.

By PyTorch's rule a name `test_x (module.Class)` stands for each test whose class's name begins
with Class, and whose method is test_x, or is it when its suffix `_<dtype>` or `_<device>_<dtype>`
is taken off. By the exact rule a name in any dialect of `ids` stands for one test: all that it
says has to be the test's. Where both sides know the file it has to be the same; where one knows
but a module, which counts from some directory that is not known, one has to end like the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

from trunk_failures.ids import TestId
from trunk_failures.statuses import PYTORCH, Disabled

DEVICES = frozenset(
    {"cpu", "cuda", "hpu", "ipu", "lazy", "meta", "mps", "mtia", "privateuse1", "xla", "xpu"}
)
DTYPES = frozenset(
    {"bfloat16", "bool", "complex128", "complex64", "float16", "float32", "float64"}
    | {"int16", "int32", "int64", "int8", "uint8"}
)
_ANY_MODULE = ("", "__main__")


Value = TypeVar("Value")


class ByClass(Generic[Value]):
    """Values by the names of methods and of classes, looked up by PyTorch's rule."""

    def __init__(self) -> None:
        self._by_method: dict[str, dict[str, list[Value]]] = {}

    def add(self, method: str, scope: str, value: Value) -> None:
        """Add the value of a method of the classes whose names begin with `scope`."""
        self._by_method.setdefault(method, {}).setdefault(scope, []).append(value)

    def find(self, method: str, scope: str) -> Iterator[Value]:
        """Yield the values that stand for a method of a class."""
        for name in dict.fromkeys((method, without_suffix(method))):
            scopes = self._by_method.get(name)
            if scopes is not None:  # Nearly never: most tests are not disabled.
                for end in range(1, len(scope) + 1):
                    yield from scopes.get(scope[:end], ())


class Matcher:
    """The tests of a status, to be looked up."""

    def __init__(self, tests: Iterable[Disabled]) -> None:
        self._by_class: ByClass[Disabled] = ByClass()
        self._by_key: dict[str, list[tuple[TestId, Disabled]]] = {}
        self._names: set[str] = set()
        self.unreadable: list[Disabled] = []
        """Those whose names are no test's, which match nothing."""
        for test in tests:
            self._add(test)

    def _add(self, disabled: Disabled) -> None:
        names = disabled.method_and_class if disabled.rule == PYTORCH else None
        if names is not None:
            self._by_class.add(*names, disabled)
            self._names.add(own_name(names[0]))
            return
        test = disabled.test
        if test is None:
            self.unreadable.append(disabled)
        else:
            self._by_key.setdefault(test.key, []).append((test, disabled))
            self._names.add(own_name(test.name))

    def knows(self, name: str) -> bool:
        """Tell whether a test of a name can be in the status, given without its parameters."""
        return name in self._names or without_suffix(name) in self._names

    def find(self, test: TestId) -> list[Disabled]:
        """Return what a test is in the status; [] where it is in none."""
        found = [
            disabled
            for other, disabled in self._by_key.get(test.key, ())
            if _is_same(other, test)
            # A node id says which classes there are around a class, other dialects may not.
            and (other.outer == test.outer or "::" not in disabled.name)
        ]
        if not test.is_function:
            found += self._by_class.find(test.name, test.scope)
        return found


def candidates(tests: Iterable[Disabled], names: Iterable[str]) -> list[Disabled]:
    """Return the tests that can match one of these names, which are given without parameters.

    A status can have a hundred thousand tests, few of which are of one run: reading the names of
    all would take longer than all else.
    """
    wanted = {""}
    for name in names:
        wanted.update((name, without_suffix(name)))
    return [test for test in tests if _plain_name(test.name) in wanted]


def own_name(name: str) -> str:
    """Return a test's name without its parameters."""
    return name.partition("[")[0]


def _plain_name(name: str) -> str:
    """Return a test's own name where it is plain to see, "" where the whole has to be read.

    `test_x (module.Class)` is one, and what ends in `::test_x` or `.test_x` and its parameters.
    """
    if name.endswith(")"):
        found, _, path = name.partition(" (")
        is_plain = found.isidentifier() and path[:-1].replace(".", "").isidentifier()
        return found if is_plain else ""
    head = name.partition("[")[0]
    _, colons, found = head.rpartition("::")
    if not colons:
        _, dot, found = head.rpartition(".")
        if not dot or found == "py":  # A file stands for its module.
            return ""
    return found if found.isidentifier() else ""


def without_suffix(method: str) -> str:
    """Return a method's name without the suffix of what PyTorch generates it for."""
    head, _, dtype = method.rpartition("_")
    if not head or dtype not in DTYPES:
        return method
    shorter, _, device = head.rpartition("_")
    return shorter if shorter and device in DEVICES else head


def _is_same(one: TestId, other: TestId) -> bool:
    if one.file and other.file:
        return one.file == other.file
    module, dotted = _module(one), _module(other)
    if module in _ANY_MODULE or dotted in _ANY_MODULE:
        return True
    return f".{module}".endswith(f".{dotted}") or f".{dotted}".endswith(f".{module}")


def _module(test: TestId) -> str:
    return test.module or test.file.removesuffix(".py").replace("/", ".").strip(".")
