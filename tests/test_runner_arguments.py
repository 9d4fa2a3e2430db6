"""Runner arguments: what a runner is told leaves out what is excluded, and nothing else."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import _pytest.main
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trunk_failures import pytest_deselection, runner_arguments
from trunk_failures.errors import UsageError
from trunk_failures.exclusions import Excluded, Exclusions
from trunk_failures.runner_arguments import EXACT, PLUGIN, SHELLS, Arguments

ODD = ("a b", "'", '"', "$(x)", "`x`", "[1]", "\\", "é", "\u2028", "%PATH%", "!x!", "^", "-x", "@x")


def exclusions_of(out: Sequence[str], kept: Sequence[str] = ()) -> Exclusions:
    """Return exclusions of ids."""
    return Exclusions(tuple(Excluded(each, ()) for each in out), tuple(kept), ())


def pytest_leaves_out(arguments: Sequence[str], ids: Sequence[str]) -> set[str]:
    """Return the ids that pytest leaves out, by its own code and by the plugin's."""
    given = [each for each in arguments if each not in PLUGIN]
    assert all(each.startswith(("--deselect=", f"{EXACT}=")) for each in given)
    assert len(given) in (len(arguments), len(arguments) - 2)
    values: dict[str, list[str]] = {"--deselect": [], EXACT: []}
    for each in given:
        option, _, value = each.partition("=")
        values[option].append(value)
    items: list[Any] = [SimpleNamespace(nodeid=each) for each in ids]
    hook = SimpleNamespace(pytest_deselected=lambda items: None)
    config: Any = SimpleNamespace(getoption=lambda name: values["--deselect"], hook=hook)
    _pytest.main.pytest_collection_modifyitems(items, config)
    pytest_deselection.Deselection(values[EXACT]).pytest_collection_modifyitems(config, items)
    return {*ids} - {item.nodeid for item in items}


texts = st.text(st.sampled_from("ab[' \"\\é$%!^\n\u2028\udcff\0"), max_size=4).map("t.py::".__add__)
arguments = texts.filter(lambda text: "\0" not in text)
sets = st.tuples(st.sets(texts), st.sets(texts)).map(lambda pair: (pair[0], pair[1] - pair[0]))


def check(made: Arguments, arguments: list[str], out: set[str], kept: set[str]) -> None:
    """Check that what is left out is what is excluded, but for what is told."""
    told = {node_id for node_id, why in made.left_in if why}
    assert told <= out and {*made.by_plugin} <= out - told
    assert pytest_leaves_out(arguments, [*sorted(out), *sorted(kept)]) == out - told


@given(sets, st.booleans(), st.sampled_from(sorted(SHELLS)))
def test_what_is_deselected(sets: tuple[set[str], set[str]], plugin: bool, shell: str) -> None:
    """By pytest's real rule just the excluded tests are left out, but for those that are told."""
    out, kept = sets
    quoted: list[str] = []
    keep = SHELLS[shell]._replace(quote=lambda text: quoted.append(text) or text)  # type: ignore
    made = runner_arguments.deselect(exclusions_of(sorted(out), sorted(kept)), keep, plugin)
    check(made, quoted, out, kept)
    if plugin and shell == "posix":
        assert {node_id for node_id, _ in made.left_in} == {each for each in out if "\0" in each}
    assert plugin or not made.by_plugin


@given(sets, st.booleans())
def test_what_a_file_deselects(sets: tuple[set[str], set[str]], plugin: bool) -> None:
    """The lines of a file of arguments do the same, as argparse reads them."""
    out, kept = sets
    made = runner_arguments.args_file(exclusions_of(sorted(out), sorted(kept)), plugin)
    made.text.encode()
    check(made, made.text.splitlines(), out, kept)


@given(st.sets(arguments))
def test_the_line_round_trips(out: set[str]) -> None:
    """shlex, as pytest reads PYTEST_ADDOPTS, makes of the line the arguments that were quoted."""
    made = runner_arguments.deselect(exclusions_of(sorted(out)), SHELLS["posix"], True)
    assert shlex.split(made.text) == [f"--deselect={each}" for each in sorted(out)]


@pytest.mark.skipif(os.name == "nt", reason="needs sh")
@settings(max_examples=25)
@given(st.sets(arguments, min_size=1))
def test_sh_reads_the_line(out: set[str]) -> None:
    """sh makes of the line the same arguments, in the form that the help names."""
    made = runner_arguments.deselect(exclusions_of(sorted(out)), SHELLS["posix"], True)
    script = 'eval "printf \'%s\\\\0\' $(cat)"'
    done = subprocess.run(
        ["sh", "-c", script], input=os.fsencode(made.text), stdout=subprocess.PIPE, check=True
    )
    wanted = [f"--deselect={each}" for each in sorted(out)]
    assert os.fsdecode(done.stdout).split("\0")[:-1] == wanted


def read_by_pwsh(line: str) -> list[str]:
    """Return the arguments that PowerShell's rule for single quotes makes of a line."""
    quotes = "'\u2018\u2019\u201a\u201b"
    found: list[str] = []
    at = 0
    while at < len(line):
        assert line[at] in quotes
        at, text = at + 1, ""
        while line[at] not in quotes or line[at + 1 : at + 2] in (*quotes,):
            text += line[at]
            at += 2 if line[at] in quotes else 1
        found.append(text)
        assert line[at + 1 : at + 2] in ("", " ")
        at += 2
    return found


for_pwsh = st.text(st.sampled_from("a '\u2019\u201b\"$`;é\\[")).map("t.py::".__add__)


@given(st.lists(for_pwsh, unique=True))
def test_pwsh_reads_the_line(out: list[str]) -> None:
    """By PowerShell's rule, in which five characters are single quotes, the line is read back."""
    made = runner_arguments.deselect(exclusions_of(out), SHELLS["pwsh"], True)
    assert read_by_pwsh(made.text[:-1]) == [f"--deselect={each}" for each in out]


@pytest.mark.parametrize(
    ("shell", "left_in"),
    [
        ("posix", ()),
        ("pwsh", ()),
        ("cmd", ('"', "é", "\u2028", "%PATH%", "!x!", "^")),
    ],
)
def test_what_a_shell_cannot_be_told(shell: str, left_in: tuple[str, ...]) -> None:
    """What a shell has no safe quotes for is told, and why."""
    out = [f"t.py::test_{number}[{each}]" for number, each in enumerate(ODD)]
    made = runner_arguments.deselect(exclusions_of(out), SHELLS[shell], True)
    assert [node_id for node_id, _ in made.left_in] == [
        each for each, odd in zip(out, ODD) if odd in left_in
    ]
    assert all("cmd" in why for _, why in made.left_in)


def test_cmd() -> None:
    """For cmd an argument is in double quotes, and backslashes do not take the last one away."""
    made = runner_arguments.deselect(exclusions_of(["t.py::a b\\\\"]), SHELLS["cmd"], True)
    assert made.text == '"--deselect=t.py::a b\\\\\\\\"\n'


@pytest.mark.parametrize(("plugin", "file"), [(True, True), (True, False), (False, False)])
def test_ids_that_others_begin_with(plugin: bool, file: bool) -> None:
    """An id that a kept one begins with is left to the plugin, or told."""
    found = exclusions_of(["t.py::test_x", "t.py::test_y"], ["t.py::test_x_more"])
    if file:
        made = runner_arguments.args_file(found, plugin)
        assert made.text == f"--deselect=t.py::test_y\n{EXACT}=t.py::test_x\n"
    else:
        made = runner_arguments.deselect(found, SHELLS["posix"], plugin)
        more = f" {' '.join(PLUGIN)} {EXACT}=t.py::test_x" if plugin else ""
        assert made.text == f"--deselect=t.py::test_y{more}\n"
    assert made.by_plugin == (["t.py::test_x"] if plugin else [])
    assert [node_id for node_id, _ in made.left_in] == ([] if plugin else ["t.py::test_x"])


def test_what_cannot_be_told_is_what_others_begin_with() -> None:
    """A test that stays in is one that others must not be taken for its beginning."""
    found = exclusions_of(["t.py::test_x", "t.py::test_x[%]"])
    made = runner_arguments.deselect(found, SHELLS["cmd"], False)
    assert (made.text, [node_id for node_id, _ in made.left_in]) == (
        "\n", ["t.py::test_x[%]", "t.py::test_x"]
    )


def test_a_list() -> None:
    """A list has the excluded ids, one a line."""
    assert runner_arguments.listed(exclusions_of(["a", "b c"], ["d"])) == Arguments("a\nb c\n")


def test_nothing_is_excluded() -> None:
    """Where nothing is excluded there is nothing to say: a runner then runs all."""
    found = exclusions_of([], ["t.py::test_x"])
    assert runner_arguments.deselect(found, SHELLS["posix"], True) == Arguments("\n", [], [])
    assert runner_arguments.args_file(found, True) == Arguments("", [], [])


def test_unittest() -> None:
    """unittest is told the methods to run, each once; what is none of its tests is told."""
    kept = [
        "nn/test_a.py::TestA::test_x", "nn/test_a.py::TestA::Inner::test_y", "test_b.py::test_f",
        "test_b.py::TestA::test_p[1]", "odd-name.py::TestA::test_x", "usage.rst::usage.rst",
        "nn/test_a.py::TestA::test_x",
    ]
    made = runner_arguments.as_unittest(exclusions_of(["test_b.py::TestA::test_x"], kept))
    assert made.text == "nn.test_a.TestA.test_x\nnn.test_a.TestA.Inner.test_y\n"
    assert made.nameless == kept[2:-1]


def test_unittest_would_run_all() -> None:
    """Without a name unittest would run all that it finds, so that this is an error."""
    with pytest.raises(UsageError, match="1 are excluded, and 1 are no methods"):
        runner_arguments.as_unittest(exclusions_of(["t.py::T::test_x"], ["t.py::test_f"]))
