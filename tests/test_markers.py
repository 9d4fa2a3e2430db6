"""Markers: what they say, where they hold, what they refuse."""

from __future__ import annotations

import ast
import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from trunk_failures import markers
from trunk_failures.errors import EntryError

LINUX = markers.Environment(
    python_version="3.11",
    sys_platform="linux",
    platform_machine="x86_64",
    implementation_name="cpython",
    modes=("trunk", "dynamo"),
    variables={"CI": "1", "CUDA": "12.1", "ODD": "nightly", "EMPTY": "", "GLOB": "12.*"},
)
SHARED = ("python_version", "sys_platform", "platform_machine", "implementation_name")
VERSIONS = ("2.7", "3", "3.0", "3.1", "3.9", "3.10", "3.11", "3.11.0", "3.11.4", "3.12", "4")
STRINGS = ("linux", "win32", "cpython", "pypy", "x86_64", "lin", "", "3.11")


def holds(text: str, environment: markers.Environment = LINUX) -> bool:
    """Read a marker and ask it."""
    return markers.holds(markers.parse(text), environment)


@pytest.mark.parametrize(
    "text, expected",
    [
        ('sys_platform == "linux"', True),
        ("sys_platform == 'linux'", True),
        ('sys_platform != "linux"', False),
        ('"linux" == sys_platform', True),
        ('sys_platform === "linux"', True),
        ('sys_platform in "linux darwin"', True),
        ('sys_platform not in "linux darwin"', False),
        ('sys_platform not \t in "win32 darwin"', True),
        ('"lin" in sys_platform', True),
        ('platform_machine == "x86_64"', True),
        ('implementation_name == "pypy"', False),
        ('sys_platform=="linux"and"cpython"==implementation_name', True),
        ("""implementation_name != 'with "quotes" inside'""", True),
        ("sys_platform == implementation_name", False),
        (' \t( sys_platform == "linux" ) \t', True),
        ('env.CI == "1"', True),
        ('env.UNSET == ""', True),
        ('env.UNSET != "1"', True),
        ('env.CUDA == "12.1.0"', True),
        ('env.CUDA === "12.1.0"', False),
        ('env.CUDA == "12.*"', True),
        ('env.GLOB == "12.*"', True),
        ('env.ODD == "12.*"', False),
        ('env.ODD == "nightly"', True),
        ('env.UNSET == "12.*"', False),
        ("env.CUDA > python_version", True),
        ("env.UNSET == python_version", False),
    ],
)
def test_a_comparison_reads_the_environment(text: str, expected: bool) -> None:
    """A comparison holds when the environment's value is as it says."""
    assert holds(text) is expected


@pytest.mark.parametrize(
    "version, text, expected",
    [
        ("3.10", 'python_version > "3.9"', True),
        ("3.9", 'python_version < "3.10"', True),
        ("3.9", '"3.10" > python_version', True),
        ("3.10", 'python_version >= "3.10.0"', True),
        ("3.10", 'python_version <= "3.9"', False),
        ("3.0", 'python_version == "3"', True),
        ("3", 'python_version == "3.0.0"', True),
        ("3.11", 'python_version == "3.*"', True),
        ("3.11", '"3.*" == python_version', True),
        ("3.11", 'python_version != "3.*"', False),
        ("3.11", 'python_version == "3.1.*"', False),
        ("3.11", 'python_version == "3.11.*"', True),
        ("3.11", 'python_version == "3.11.0.*"', True),
        ("4.0", 'python_version != "3.*"', True),
        ("3.9", 'python_version ~= "3.9"', True),
        ("3.13", 'python_version ~= "3.9"', True),
        ("4.0", 'python_version ~= "3.9"', False),
        ("3.8", 'python_version ~= "3.9"', False),
        ("3.10", 'python_version ~= "3.9.0"', False),
        ("3.10", '"3.11" ~= python_version', True),
        ("3.10", 'python_version === "3.10"', True),
        ("3.10", 'python_version === "3.10.0"', False),
        ("3.10", 'python_version in "3.9, 3.10"', True),
        ("3.11", 'python_version not in "3.9, 3.10"', True),
        ("3.10", "python_version == '1.1.1.1.1.1.1.1.1.1'", False),
    ],
)
def test_python_version_compares_as_a_version(version: str, text: str, expected: bool) -> None:
    """python_version is ordered by its numbers, padded with zeros, and matched by prefix."""
    assert holds(text, LINUX._replace(python_version=version)) is expected


@pytest.mark.parametrize(
    "modes, text, expected",
    [
        (("trunk", "dynamo"), 'mode == "dynamo"', True),
        (("trunk", "dynamo"), 'mode == "trunk"', True),
        (("trunk", "dynamo"), 'mode == "inductor"', False),
        (("trunk", "dynamo"), 'mode != "dynamo"', False),
        (("trunk", "dynamo"), '"dynamo" != mode', False),
        (("trunk", "dynamo"), 'mode != "inductor"', True),
        (("trunk", "dynamo"), 'mode === "dynamo"', True),
        (("trunk", "dynamo"), 'mode in "dynamo inductor"', True),
        (("trunk", "dynamo"), 'mode not in "dynamo inductor"', False),
        (("trunk",), 'mode not in "dynamo inductor"', True),
        (("trunk", "dynamo"), 'mode == "trunk" and mode == "dynamo"', True),
        (("2",), 'mode == "2.0"', False),
        ((), 'mode == "trunk"', False),
        ((), 'mode != "trunk"', True),
        (("trunk", "1"), "mode == env.CI", True),
    ],
)
def test_mode_has_a_value_for_every_mode(
    modes: tuple[str, ...], text: str, expected: bool
) -> None:
    """A comparison of mode holds for any mode in force, and its negation for all."""
    assert holds(text, LINUX._replace(modes=modes)) is expected


@pytest.mark.parametrize(
    "text, expected",
    [
        ("{t} or {f} and {f}", True),
        ("({t} or {f}) and {f}", False),
        ("{f} and {f} or {t}", True),
        ("{f} and ({f} or {t})", False),
        ("{t} and {t} and {f}", False),
        ("{f} or {f} or {t}", True),
        ("{f} or {t} and {t} or {f}", True),
        ("(({t}) and (({t} or {f})))", True),
    ],
)
def test_and_binds_more_tightly_than_or(text: str, expected: bool) -> None:
    """Without parentheses `and` joins before `or` does; with them, they decide."""
    assert holds(text.format(t='mode == "trunk"', f='mode == "none"')) is expected


@pytest.mark.parametrize(
    "text, fault",
    [
        ("", "'' at character 1 of 0, where a comparison or '(' should be"),
        (" \t ", "a comparison or '('"),
        ("mode", "'mode' at character 1"),
        ('"linux"', "a comparison"),
        ('mode == "a" and', "a comparison or '('"),
        ('and mode == "a"', "a comparison or '('"),
        ('mode == "a" mode == "b"', "'and', 'or' or ')'"),
        ('mode == "a" xor mode == "b"', "'and', 'or' or ')'"),
        ('mode == "a" andmode == "b"', "'and', 'or' or ')'"),
        ('(mode == "a"', "parentheses do not pair, at character 13"),
        ('mode == "a")', "parentheses do not pair, at character 12"),
        ('(mode) == "a"', "'mode) == \"a\"' at character 2"),
        ("()", "')' at character 2"),
        ('not mode == "a"', "a comparison"),
        ('mode is "a"', "a comparison"),
        ('mode is not "a"', "a comparison"),
        ('mode = "a"', "a comparison"),
        ('mode <> "a"', "a comparison"),
        ('mode notin "a"', "a comparison"),
        ('modein "a"', "a comparison"),
        ('mode inenv.A', "a comparison"),
        ('mode == "a', "a comparison"),
        ("mode == \"a'", "a comparison"),
        ('mode == "a" "b"', "'and', 'or' or ')'"),
        ('mode == b"a"', "'b' in 'mode == b'"),
        ('mode == f"{mode}"', "'f' in 'mode == f'"),
        ('mode == r"a"', "'r' in 'mode == r'"),
        ('mode == """a"""', "'and', 'or' or ')'"),
        ("mode == a", "'a' in 'mode == a' is neither a variable nor a quoted string"),
        ("python_version == 3.11", "'3.11' in 'python_version == 3.11' is neither"),
        ('mode.upper == "A"', "'mode.upper'"),
        ('mode.upper() == "A"', "a comparison"),
        ('mode[0] == "a"', "'mode[0]'"),
        ('mode @ "a"', "a comparison"),
        ('MODE == "a"', "'MODE'"),
        ('os_name == "posix"', "'os_name'"),
        ('sys.platform == "linux"', "'sys.platform'"),
        ('python_full_version == "3.11.1"', "'python_full_version'"),
        ('extra == "test"', "'extra'"),
        ('env == "1"', "'env'"),
        ('env. == "1"', "'env.'"),
        ('env.1A == "1"', "'env.1A'"),
        ('env.A.B == "1"', "'env.A.B'"),
        ('environ.A == "1"', "'environ.A'"),
        ('env.\N{LATIN SMALL LETTER E WITH ACUTE} == "1"', "is neither a variable"),
        ('"3.9" < python_version < "3.12"', "'and', 'or' or ')'"),
        ('"a" == "a"', "reads no variable"),
        ('"3.9" < "3.10"', "reads no variable"),
        ('mode == "a";', "'and', 'or' or ')'"),
        ('mode == "a" # why', "'and', 'or' or ')'"),
        ('mode == "a"\nor mode == "b"', "'and', 'or' or ')'"),
        ('mode == "a\nb"', "a comparison"),
        ('mode == "a\0b"', "a comparison"),
        ('\0mode == "a"', "neither a variable"),
        ('mode == "a"\0', "'and', 'or' or ')'"),
        ('mode\N{NO-BREAK SPACE}== "a"', "a comparison"),
        ('mode == "a" if mode else mode', "'and', 'or' or ')'"),
        ("lambda: mode", "a comparison"),
        ('__import__("os").system("true")', "a comparison"),
        ('__import__("os") == mode', "a comparison"),
        ('env.__class__ == "1" and __import__ == "os"', "'__import__'"),
        ('python_version > "linux"', "\"linux\" in 'python_version > \"linux\"' is not a plain"),
        ('python_version == "linux"', "is not a plain release"),
        ('"linux" != python_version', "is not a plain release"),
        ('python_version in "linux"', "is not a plain release"),
        ('python_version === "3.*"', "is not a plain release"),
        ('python_version > "3.*"', "is not a plain release"),
        ('python_version == "*"', "is not a plain release"),
        ('python_version == "3.11.*.*"', "is not a plain release"),
        ('python_version >= "v3.11"', "is not a plain release"),
        ('python_version >= " 3.11"', "is not a plain release"),
        ('python_version >= "3.13.0rc1"', "is not a plain release"),
        ('python_version >= "3,11"', "is not a plain release"),
        ('python_version >= ""', "is not a plain release"),
        ('python_version == "\N{ARABIC-INDIC DIGIT THREE}"', "is not a plain release"),
        ('python_version == "1.1.1.1.1.1.1.1.1.1.1"', "is not a plain release"),
        (f'python_version == "{"9" * 1900}"', "is not a plain release"),
        ('python_version ~= "3"', "is not a plain release"),
        ('env.CUDA >= "new"', "is not a plain release"),
        ('env.CUDA ~= "12"', "is not a plain release"),
        ('sys_platform < "linux"', "orders what is no version"),
        ('sys_platform ~= "3.9"', "orders what is no version"),
        ('platform_machine >= "3"', "orders what is no version"),
        ('mode ~= "1.0"', "orders what is no version"),
        ("implementation_name > python_version", "orders what is no version"),
    ],
)
def test_what_is_no_marker_is_an_error(text: str, fault: str) -> None:
    """What PEP 508 does not have, or these variables cannot answer, is refused with its reason."""
    with pytest.raises(EntryError) as caught:
        markers.parse(text)
    message = str(caught.value)
    assert fault in message
    assert message.startswith(f"cannot read the marker {text[:200]!r}: ")
    assert "allowed are the variables python_version, sys_platform, platform_machine," in message
    assert "the operators == != < <= > >= ~= === in, not in, and, or" in message


@pytest.mark.parametrize(
    "text",
    [
        "(" * 10_000 + 'mode == "a"' + ")" * 10_000,
        "(" * 2_000,
        "(" * 10_000,
        'mode == "a" and ' * 100_000 + 'mode == "a"',
        'mode == "' + "a" * 1_000_000 + '"',
        " " * 1_000_000,
        "a" * 2_000,
        "'" * 1_999,
        "\0" * 1_000_000,
        "-" * 2_000 + "1",
        "[" * 2_000,
    ],
    ids=lambda text: f"{text[:12]!r} {len(text)}",
)
def test_a_hostile_marker_is_an_error(text: str) -> None:
    """Text that is made to exhaust a parser is an EntryError as any other, and a short one."""
    with pytest.raises(EntryError) as caught:
        markers.parse(text)
    assert len(str(caught.value)) < 3_000


@pytest.mark.parametrize(
    "text",
    [
        "(" * 990 + 'mode != "a"' + ")" * 990,
        " and ".join(['mode!="a"'] * 130),
        " or ".join(['mode!="a"'] * 130),
        "(" * 115 + 'mode!="a"' + ')and mode!="a"' * 115,
    ],
    ids=["parentheses", "and", "or", "both"],
)
def test_depth_within_the_length_is_no_error(text: str) -> None:
    """A marker as deep as its length allows is read and asked without exhausting the stack."""
    assert len(text) <= markers.LENGTH_LIMIT
    assert holds(text) is True


def test_length_is_bounded() -> None:
    """A marker of 2,000 characters is read, and one of 2,001 is not."""
    text = 'mode != "{}"'
    room = markers.LENGTH_LIMIT - len(text.format(""))
    assert holds(text.format("x" * room))
    with pytest.raises(EntryError, match="2001 characters, where 2000 is the most"):
        markers.parse(text.format("x" * (room + 1)))


def test_a_backslash_is_just_a_character() -> None:
    """Strings have no escapes: a backslash stands for itself, before a quote too."""
    environment = LINUX._replace(modes=("a\\n", "\\"))
    assert holds(r'mode == "a\n"', environment)
    assert holds(r"mode == '\'", environment)
    assert not holds('mode == "a\\\\n"', environment)


@pytest.mark.parametrize("operator", ["<", "<=", ">", ">=", "~="])
@pytest.mark.parametrize("name", ["UNSET", "EMPTY"])
def test_an_unset_variable_satisfies_no_order(operator: str, name: str) -> None:
    """A variable that is unset or empty is neither before, after nor at a version."""
    assert holds(f'env.{name} {operator} "12.1"') is False
    assert holds(f'"12.1" {operator} env.{name}') is False


@pytest.mark.parametrize(
    "text", ['env.ODD >= "12"', '"12" < env.ODD', 'env.ODD ~= "12.1"', '"3.9" ~= env.CI']
)
def test_a_variable_that_is_no_version_cannot_be_ordered(text: str) -> None:
    """Ordering a set variable that is no release is an error that names both sides."""
    marker = markers.parse(text)
    with pytest.raises(EntryError) as caught:
        markers.holds(marker, LINUX)
    assert repr(text) in str(caught.value)
    assert repr(LINUX.variables["CI" if "CI" in text else "ODD"]) in str(caught.value)


def test_huge_numbers_in_a_variable_are_no_versions() -> None:
    """A variable of more digits than int() takes compares as a string."""
    environment = LINUX._replace(variables={"N": "9" * 5_000})
    assert holds('env.N != "9"', environment)


def test_windows_folds_the_names_of_variables() -> None:
    """On Windows env.Name reads NAME, as the process environment does there; elsewhere not."""
    assert holds('env.Ci == "1"', LINUX._replace(sys_platform="win32"))
    assert not holds('env.Ci == "1"')


def test_used_names_the_variables() -> None:
    """The variables that a marker reads are named; strings that look like variables are not."""
    marker = markers.parse('env.CI == "mode" and (python_version > "3.9" or "1" != env.CI)')
    assert markers.used(marker) == {"env.CI", "python_version"}


def test_a_marker_is_a_value() -> None:
    """Markers of one text are equal and hash alike; a marker keeps its text."""
    text = ' mode == "a" '
    assert markers.parse(text) == markers.parse(text)
    assert hash(markers.parse(text)) == hash(markers.parse(text))
    assert markers.parse(text).text == text


def test_here_is_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment of this process is what sys, platform and os say, copied."""
    monkeypatch.setenv("TRUNK_FAILURES_TEST", "1")
    environment = markers.here(("trunk",))
    monkeypatch.setenv("TRUNK_FAILURES_TEST", "2")
    assert environment.python_version == ".".join(platform.python_version_tuple()[:2])
    assert environment.sys_platform == sys.platform
    assert environment.platform_machine == platform.machine()
    assert environment.implementation_name == sys.implementation.name
    assert environment.modes == ("trunk",)
    assert holds('env.TRUNK_FAILURES_TEST == "1"', environment)
    assert dict(environment.variables).keys() == os.environ.keys()


def test_importing_the_module_does_not_import_platform() -> None:
    """The platform module is imported only when a marker is asked of this process."""
    package = Path(markers.__file__).parent
    # By path: the package itself imports what it likes.
    code = (
        "import sys, types; package = types.ModuleType('trunk_failures');"
        f" package.__path__ = [{str(package)!r}]; sys.modules['trunk_failures'] = package;"
        " import trunk_failures.markers; sys.exit('platform' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-I", "-S", "-c", code]).returncode == 0


def test_the_module_never_evaluates_python() -> None:
    """The source calls neither eval, exec nor compile (re's apart), and imports no ast."""
    tree = ast.parse(Path(markers.__file__).read_text(encoding="utf-8"))
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    assert names.isdisjoint({"eval", "exec", "compile", "ast", "__import__", "importlib"})


@st.composite
def comparisons(draw: st.DrawFn) -> str:
    """Draw a comparison that this module and `packaging` are to judge alike."""
    variable = draw(st.sampled_from(SHARED))
    if variable == "python_version":
        operator = draw(st.sampled_from(["==", "!=", "<", "<=", ">", ">=", "===", "in", "not in"]))
        literal = draw(st.sampled_from(VERSIONS))
        if draw(st.booleans()):
            return f"'{literal}' {operator} {variable}"
        if draw(st.booleans()):
            return f"{variable} ~= '{draw(st.sampled_from([v for v in VERSIONS if '.' in v]))}'"
        wildcard = ".*" if operator in ("==", "!=") and draw(st.booleans()) else ""
        return f"{variable} {operator} '{literal}{wildcard}'"
    operator = draw(st.sampled_from(["==", "!=", "in", "not in"]))
    sides = [variable, f'"{draw(st.sampled_from(STRINGS))}"']
    return f" {operator} ".join(draw(st.permutations(sides)))


def joined(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Join two markers, or put one in parentheses."""
    pairs = st.tuples(inner, st.sampled_from([" and ", " or "]), inner).map("".join)
    return pairs | inner.map("({})".format)


environments = st.builds(
    markers.Environment,
    python_version=st.sampled_from(["3.9", "3.10", "3.11", "3.13", "4.0"]),
    sys_platform=st.sampled_from(["linux", "win32", "darwin"]),
    platform_machine=st.sampled_from(["x86_64", "arm64", ""]),
    implementation_name=st.sampled_from(["cpython", "pypy"]),
    modes=st.lists(st.sampled_from(STRINGS), max_size=3).map(tuple),
    variables=st.fixed_dictionaries(
        {}, optional={"CI": st.sampled_from(VERSIONS), "CUDA": st.sampled_from(VERSIONS + STRINGS)}
    ),
)


def packaging_says(text: str, environment: markers.Environment) -> bool:
    """Ask `packaging` whether a marker holds."""
    peer: Any = pytest.importorskip("packaging.markers")
    values = {name: getattr(environment, name) for name in SHARED}
    return bool(peer.Marker(text).evaluate(values))


@pytest.mark.parametrize("version", ["3.8", "3.9", "3.10", "3.11", "4.0"])
@pytest.mark.parametrize("literal", VERSIONS)
@pytest.mark.parametrize("operator", ["==", "!=", "<", "<=", ">", ">=", "~=", "==="])
def test_versions_are_judged_as_packaging_does(version: str, literal: str, operator: str) -> None:
    """On either side of every operator, a release is judged as `packaging` judges it."""
    environment = LINUX._replace(python_version=version)
    for sides in (("python_version", repr(literal)), (repr(literal), "python_version")):
        text = f" {operator} ".join(sides)
        if operator != "~=" or "." in literal:
            assert holds(text, environment) is packaging_says(text, environment), text


@given(st.recursive(comparisons(), joined, max_leaves=8), environments)
def test_markers_are_judged_as_packaging_does(
    text: str, environment: markers.Environment
) -> None:
    """Whole markers over the variables that both know are judged as `packaging` judges them."""
    assert holds(text, environment) is packaging_says(text, environment)


WORDS = ("and", "or", "(", ")", "not", "in", "==", "~=", "<", "'3.9'", '"a"', "python_version")
MODE_WORDS = ("mode", "env.CUDA", "sys_platform", ".", "3", "'", "\\", "\0", "is", "[", "{", "\n")


@given(st.lists(comparisons() | st.sampled_from(WORDS)).map(" ".join))
def test_nothing_is_accepted_that_packaging_refuses(text: str) -> None:
    """Over the variables that both know, this module reads no text that `packaging` does not."""
    peer: Any = pytest.importorskip("packaging.markers")
    try:
        markers.parse(text)
    except EntryError:
        return
    peer.Marker(text)


@given(st.text() | st.lists(st.sampled_from(WORDS + MODE_WORDS)).map("".join), environments)
@example("env.CUDA<'3.9'", LINUX._replace(variables={"CUDA": "lin"}))
def test_any_text_is_a_marker_or_an_error(text: str, environment: markers.Environment) -> None:
    """Whatever the text, it reads as a marker or raises EntryError, and so does asking it."""
    try:
        answer = holds(text, environment)
    except EntryError:
        return
    assert answer in (True, False)


@given(
    st.sampled_from(SHARED + ("mode", "env.CI", "env.CUDA")),
    st.sampled_from([("==", "!="), ("in", "not in")]),
    st.sampled_from(["'{}'", "mode", "env.CI", "sys_platform"]),
    st.sampled_from(VERSIONS),
    st.booleans(),
    environments,
)
def test_the_negative_operators_negate(
    name: str,
    operators: tuple[str, str],
    other: str,
    literal: str,
    swapped: bool,
    environment: markers.Environment,
) -> None:
    """`!=` is always the negation of `==`, and `not in` of `in`, for many-valued modes too."""
    sides = [name, other.format(literal)]
    left, right = reversed(sides) if swapped else sides
    positive, negative = (holds(f"{left} {each} {right}", environment) for each in operators)
    assert positive is not negative


@given(st.recursive(comparisons(), joined, max_leaves=8), environments)
def test_joints_mean_what_python_means(text: str, environment: markers.Environment) -> None:
    """Its comparisons replaced by their answers, a marker is the Python that it looks like."""
    answers = text
    marker = markers.parse(text)
    steps = {" ".join(step) for step in marker.steps if isinstance(step, markers.Comparison)}
    for step in sorted(steps, key=len, reverse=True):
        answers = answers.replace(step, str(holds(step, environment)))
    assert markers.holds(marker, environment) is eval(answers, {"__builtins__": {}})
