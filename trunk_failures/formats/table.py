"""The formats that there are, by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from trunk_failures import lists
from trunk_failures.changes import Fields
from trunk_failures.formats import (
    array_api,
    bash_arrays,
    collected_tests,
    cuml,
    expectations,
    gcc_manifest,
    graalpy,
    id_lists,
    json_lists,
    pyodide,
    pytest_quarantine,
    pytest_skip,
    pytorch,
)
from trunk_failures.formats.collected_tests import CollectedTests, Covered
from trunk_failures.formats.exported import Writer
from trunk_failures.formats.imported import NEVER, Imported, Reader

EVERY = frozenset({"*"})
"""The fields of a format that has room for all."""

COMMENTS = frozenset({"reason", "issue"})


class Format(NamedTuple):
    """A format: what it is, and what reads and writes it.

    `covered` gives the collected tests that a name covers, `resolve` all those that a list does,
    where it is not these. `says_kind` tells whether the list says what is an expected failure and
    what a skip; what is written is of `kind`, where there is no room for both. `fields` are those
    that there is room for, and `implied` one that goes without saying; `takes_ids` says that node
    ids are written.
    """

    what: str
    read: Reader
    covered: Covered = collected_tests.by_test
    resolve: Callable[[Imported, CollectedTests], Imported] | None = None
    read_directory: Callable[[str], Imported] | None = None
    says_kind: bool = False
    render: Writer | None = None
    kind: str = ""
    fields: frozenset[str] = COMMENTS
    implied: Fields = ()
    takes_ids: bool = True


FORMATS = {
    "array-api-skips": Format(
        "array-api-tests: its --skips-file",
        array_api.read_skips,
        array_api.covered,
        render=id_lists.render,
        kind=lists.SKIPS,
        implied=NEVER,
    ),
    "array-api-xfails": Format(
        "array-api-tests: its --xfails-file",
        array_api.read_xfails,
        array_api.covered,
        render=id_lists.render,
        kind=lists.EXPECTED_FAILURES,
    ),
    "bash": Format(
        "node ids in arrays of a bash script, as Kineto has them",
        bash_arrays.read,
        bash_arrays.covered,
    ),
    "chromium": Format(
        "expectation lines of Chromium's typ", expectations.read, says_kind=True
    ),
    "cuml": Format(
        "cuML's xfail-list.yaml (takes PyYAML)", cuml.read, cuml.covered, says_kind=True
    ),
    "gcc": Format(
        "a manifest of GCC's validate_failures.py",
        gcc_manifest.read,
        says_kind=True,
        render=gcc_manifest.render,
        fields=COMMENTS | {"expires"},
        takes_ids=False,
    ),
    "graalpy": Format(
        "GraalPy's tags of tests that must pass, a file or their directory",
        graalpy.read,
        resolve=graalpy.resolve,
        read_directory=graalpy.read_directory,
    ),
    "json": Format(
        "these lists as JSON: nothing is lost",
        json_lists.read,
        says_kind=True,
        render=json_lists.render,
        fields=EVERY,
        takes_ids=False,
    ),
    "pyodide": Format(
        "Pyodide's python_tests.yaml (takes PyYAML and --collected)",
        pyodide.read,
        pyodide.covered,
    ),
    "pytest-quarantine": Format(
        "the file that pytest-quarantine saves", pytest_quarantine.read, pytest_quarantine.covered
    ),
    "pytest-skip": Format(
        "the file for pytest-skip's --skip-from-file",
        pytest_skip.read,
        pytest_skip.covered,
        render=pytest_skip.render,
        kind=lists.SKIPS,
        implied=NEVER,
    ),
    "pytorch": Format(
        "PyTorch's list directories, or its older module of sets",
        pytorch.read,
        read_directory=pytorch.read_directory,
        says_kind=True,
    ),
}
READ = tuple(FORMATS)
WRITTEN = tuple(name for name, each in FORMATS.items() if each.render is not None)


def described(names: tuple[str, ...]) -> str:
    """Return lines that say what formats are."""
    return "\n".join(f"  {name:<19}{FORMATS[name].what}" for name in names)
