"""Hold the codec between keys and the names of their files."""

from __future__ import annotations

import itertools
import os
import string
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from trunk_failures import file_names
from trunk_failures.errors import ListError

ANY_KEY = st.text(st.characters(), max_size=300)  # surrogates and controls too
# Few letters, so that keys often differ by case, an end or an escape alone.
CLOSE_KEYS = st.lists(st.text("aA.%~/ éÉ", max_size=5), unique=True, max_size=12)
DEVICES = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"]
DEVICES += [f"{port}{digit}" for port in ("COM", "LPT") for digit in range(10)]

# key, and its file name
PLAIN_NAMES = [
    ("TestFoo.test_bar_cpu_float32", "TestFoo.test_bar_cpu_float32"),
    ("test_ops.test_add[cpu-float32]", "test_ops.test_add[cpu-float32]"),
    ("test_m.test_p[a/b]", "test_m.test_p[a%2Fb]"),
    ("test_m.test_p[a\\b]", "test_m.test_p[a%5Cb]"),
    ("test_m.test_p[a::b]", "test_m.test_p[a%3A%3Ab]"),
    ('test_m.test_p[<>"|?*]', "test_m.test_p[%3C%3E%22%7C%3F%2A]"),
    ("test_m.test_p[100%]", "test_m.test_p[100%25]"),
    ("test_m.test_p[%2F]", "test_m.test_p[%252F]"),
    ("test_m.test_p[~]", "test_m.test_p[%7E]"),
    ("test_m.test_p[\n\x00\x7f]", "test_m.test_p[%0A%00%7F]"),
    ("test_m.test_p[é]", "test_m.test_p[%C3%A9]"),
    ("test_m.test_p[\U0001f600]", "test_m.test_p[%F0%9F%98%80]"),
    ("test_m.test_p[\ud800]", "test_m.test_p[%ED%A0%80]"),
    ("test_m.test_p[a b, (c)]", "test_m.test_p[a b, (c)]"),
    ("Test.test_dot.", "Test.test_dot%2E"),
    ("Test.test_dots..", "Test.test_dots.%2E"),
    ("Test.test_blank ", "Test.test_blank%20"),
    (".hidden", "%2Ehidden"),
    (".", "%2E"),
    ("CON", "%43ON"),
    ("con.test_x", "%63on.test_x"),
    ("Nul .test_x", "%4Eul .test_x"),
    ("CONSOLE.test_x", "CONSOLE.test_x"),
    ("COM10.test_x", "COM10.test_x"),
    ("Test.CON", "Test.CON"),
]


@pytest.mark.parametrize(("key", "name"), PLAIN_NAMES)
def test_plain_names(key: str, name: str) -> None:
    """A key and its plain file name give each other."""
    assert (file_names.encode(key), file_names.decode(name)) == (name, key)


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("rest", ["", ".test_x", " .test_x", "  . "])
def test_windows_devices(device: str, rest: str) -> None:
    """No file name is one of Windows's devices, whatever its case and extension."""
    for key in (device + rest, device.lower() + rest, device.title() + rest):
        stem = file_names.encode(key).partition(".")[0].rstrip(" ")
        assert stem.upper() not in DEVICES
        assert file_names.decode(file_names.encode(key)) == key


@given(ANY_KEY)
@example("")
@example("a" * 200)
@example("a" * 201)
@example("é" * 33 + "ab")  # 200 bytes encoded
@example("é" * 33 + "abc")
def test_every_key_has_a_file_name(key: str) -> None:
    """A name is plain and gives its key back, or is hashed; the longest plain one has 200 bytes."""
    name = file_names.encode(key)
    if file_names.is_hashed(name):
        assert name == file_names.hashed(key)
    else:
        assert file_names.decode(name) == key
    assert 0 < len(name.encode("ascii")) <= 200


@pytest.mark.parametrize(
    ("key", "is_long"),
    [("a" * 200, False), ("a" * 201, True), ("é" * 33 + "ab", False), ("é" * 33 + "abc", True)],
)
def test_long_keys_are_hashed(key: str, is_long: bool) -> None:
    """A key has a plain name up to 200 encoded bytes, and a hashed one from 201 on."""
    assert file_names.is_hashed(file_names.encode(key)) is is_long


@given(ANY_KEY)
@example("a" * 186 + "/bbbbbbbbbbbbbbb")
@example("a" * 185 + "/bbbbbbbbbbbbbbb")
@example("a" * 184 + "/bbbbbbbbbbbbbbb")
@example(".")
def test_names_suit_every_file_system(key: str) -> None:
    """Plain and hashed names hold only what Linux, macOS and Windows take, and whole escapes."""
    for name in (file_names.encode(key), file_names.hashed(key)):
        assert name.isascii() and name.isprintable() and len(name) <= 200
        assert not set(name) & set('<>:"/\\|?*')
        assert not name.startswith(".") and not name.endswith((".", " "))
        pieces = name.split("%")[1:]
        assert all(set(piece[:2]) <= set("0123456789ABCDEF") for piece in pieces)
        assert all(len(piece) >= 2 for piece in pieces)


@given(ANY_KEY, ANY_KEY)
@example("TestA.test_b", "TESTA.test_B")
@example("a" * 300, "a" * 301)
@example("a" * 300, "A" * 300)
def test_hashed_names_differ(first: str, second: str) -> None:
    """The hashed names of two keys differ even when case is ignored."""
    assume(first != second)
    assert file_names.hashed(first).lower() != file_names.hashed(second).lower()


@given(ANY_KEY)
def test_hashed_names_are_known_as_such(key: str) -> None:
    """A hashed name is known by its end, and refused as a plain one."""
    assert file_names.is_hashed(file_names.hashed(key))
    with pytest.raises(ListError, match="ends in a hash.*'test: <key>'"):
        file_names.decode(file_names.hashed(key))


@pytest.mark.parametrize(
    "name",
    [
        "TestA.test_b",
        "TestA.test_b~",
        "TestA.test_b~0123456789a",
        "TestA.test_b~0123456789abc",
        "TestA.test_b~0123456789AB",
        "TestA.test_b~0123456789xy",
        "TestA.test_b-0123456789ab",
        "0123456789ab",
    ],
)
def test_other_names_are_not_hashed(name: str) -> None:
    """A name is hashed only where a tilde and exactly twelve lower-case hex digits end it."""
    assert not file_names.is_hashed(name)


@pytest.mark.parametrize(
    ("before", "start"),
    [(183, "%2Fb"), (184, "%2F"), (185, ""), (186, ""), (187, "")],
)
def test_hashed_names_hold_what_fits(before: int, start: str) -> None:
    """A hashed name has up to 200 bytes, and no part of an escape that does not fit."""
    name = file_names.hashed("a" * before + "/" + "b" * 50)
    kept, _, _ = name.rpartition("~")
    assert kept == "a" * before + start


def test_hash_is_stable() -> None:
    """The hash is SHA-256's, so that lists written by one release are read by the next."""
    name = "TestA.test_b~0c561c96c6dc"
    assert file_names.hashed("TestA.test_b") == name
    assert file_names.is_hashed(name)


@given(st.text(string.ascii_letters + string.digits + "._-[]()=, ", max_size=200))
def test_pytorch_names_read_unchanged(name: str) -> None:
    """A name without percent signs reads as itself, so PyTorch's lists are read as they are."""
    assert file_names.decode(name) == name


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("test_m.test_p[a%2fb]", "test_m.test_p[a/b]"),
        ("test_m.test_p[%c3%A9]", "test_m.test_p[é]"),
        ("test_m.test_p[é]", "test_m.test_p[é]"),
        ("test_m.test_p[é%25]", "test_m.test_p[é%]"),
        ("test_m.test_p[a:b?]", "test_m.test_p[a:b?]"),
        ("test_m.test_p[a~b]", "test_m.test_p[a~b]"),
        ("CON.test_x", "CON.test_x"),
        ("%41.test_x", "A.test_x"),
    ],
)
def test_names_written_by_hand(name: str, key: str) -> None:
    """Names that a person wrote read too: either case of hex digits, escapes left out or added."""
    assert file_names.decode(name) == key


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("TestA.test_b%", "holds '%'"),
        ("TestA.test_b%4", "holds '%4'"),
        ("TestA.test_b%G1", "holds '%G1'"),
        ("TestA.test_b%+1", "holds '%\\+1'"),
        ("TestA.test_b% 1", "holds '% 1'"),
        ("TestA.test_b%%41", "holds '%'"),
        ("TestA.test_b%\u0663\u0663", "holds '%\u0663\u0663'"),
        ("TestA.test_b%FF", r"escaped bytes b'\\xff', which are not UTF-8"),
        ("TestA.test_b%C3", r"escaped bytes b'\\xc3', which are not UTF-8"),
        ("TestA.test_b%C0%AF", r"which are not UTF-8"),
        ("nn/TestA.test_b", "holds a '/'"),
        ("nn\\TestA.test_b", "holds a '/'"),
        ("TestA.test_b\n", "control character"),
        ("TestA.test_é\x7f", "control character"),
        ("TestA.test_b%41\t", "control character"),
        ("TestA.test_b~", "editor's backup.*delete it"),
        ("TestA.test_b%7E~", "editor's backup.*delete it"),
    ],
)
def test_names_that_are_no_keys(name: str, fault: str) -> None:
    """A name that holds no key is refused, with the name, its fault and what to do."""
    with pytest.raises(ListError, match=fault) as caught:
        file_names.decode(name)
    assert repr(name) in str(caught.value)


@given(ANY_KEY)
@example(" \t%\n\x85\u2028\ud800 ")
@example("\ud83d\ude00")  # surrogates in pairs stay the two that they were
@example("é")
def test_spelling_is_one_line_and_lossless(key: str) -> None:
    """A spelled key is one line of UTF-8 without blanks at its ends, and gives the key back."""
    line = file_names.spell(key)
    assert line.encode("utf-8").decode("utf-8").splitlines() in ([line], [])
    assert line.strip() == line
    assert file_names.unspell(line) == key


@pytest.mark.parametrize(
    ("key", "line"),
    [
        ("test_m.test_p[a/b: é]", "test_m.test_p[a/b: é]"),
        ("test_m.test_p[100%]", "test_m.test_p[100%25]"),
        (" a b ", "%20a b%20"),
        ("\u3000a\u3000", "%E3%80%80a%E3%80%80"),
        ("a\x0b\x85\u2028\u2029b", "a%0B%C2%85%E2%80%A8%E2%80%A9b"),
        ("a\r\n", "a%0D%0A"),
        ("", ""),
    ],
)
def test_spelling_is_readable(key: str, line: str) -> None:
    """A spelled key escapes nothing but what would break or change the line."""
    assert file_names.spell(key) == line


@pytest.mark.parametrize("line", ["a%", "a%2", "a%ZZ", "a%FF"])
def test_broken_spelling(line: str) -> None:
    """A spelled key with a broken escape is refused, and the line is what to correct."""
    with pytest.raises(ListError, match="correct the line"):
        file_names.unspell(line)


@given(CLOSE_KEYS)
@example(["CON.test_x", "con.test_x", "Con.test_X"])
@example(["a" * 300, "A" * 300, "a" * 299])
def test_distinct_keys_can_be_listed_together(keys: list[str]) -> None:
    """No two keys share a name on a case-insensitive file system, and order does not matter."""
    named = file_names.names(keys)
    assert set(named) == set(keys)
    assert len({name.lower() for name in named.values()}) == len(keys)
    assert all(name in (file_names.encode(k), file_names.hashed(k)) for k, name in named.items())
    assert file_names.names(reversed(keys)) == named


class StrictFileSystem:
    """A folder as the strictest of file systems keeps it, all their rules at once.

    It ignores case, has 255 bytes for a name, refuses what Windows refuses, drops what Windows
    drops at a name's end, and takes names that Unicode can write in two ways for one.
    """

    def __init__(self) -> None:
        self.files: dict[str, tuple[str, str]] = {}

    def create(self, name: str, content: str) -> None:
        """Make a file, which must not be there."""
        assert 0 < len(name.encode()) <= 255
        assert not set(name) & {*'<>:"/\\|?*', *map(chr, range(32))}
        assert name.partition(".")[0].rstrip(" ").upper() not in DEVICES
        assert name.rstrip(". ") == name
        same = unicodedata.normalize("NFD", name).upper().lower()
        assert same not in self.files, f"{name!r} is there as {self.files[same][0]!r}"
        self.files[same] = (name, content)


def listed_in(folder: StrictFileSystem) -> list[str]:
    """Return the keys that the files of a folder list, by their names or their first lines."""
    found = []
    for name, content in folder.files.values():
        if file_names.is_hashed(name):
            found.append(file_names.unspell(content.removeprefix(file_names.FIRST_LINE)))
        else:
            found.append(file_names.decode(name))
    return found


@given(st.lists(ANY_KEY, unique=True, max_size=4) | CLOSE_KEYS)
@example(["TestA.test_é", "TestA.test_e\u0301", "TestA.test_É"])
@example(["CON.a", "con.a", "Aux.b", "a. ", "a.", "a"])
@example(["straße.a", "strasse.a", "STRASSE.a", "ſ.a", "s.a", "\u212a.a", "k.a"])
@example(["é" * 300, "É" * 300, "e" * 300])
def test_any_two_tests_can_be_listed_on_the_strictest_file_system(keys: list[str]) -> None:
    """Distinct keys have files that can all be made, and each says which key it is of."""
    folder = StrictFileSystem()
    for key, name in file_names.names(keys).items():
        first = f"{file_names.FIRST_LINE}{file_names.spell(key)}"
        folder.create(name, first if file_names.is_hashed(name) else "")
    assert sorted(listed_in(folder)) == sorted(keys)


def test_only_case_twins_are_hashed() -> None:
    """Keys that differ by case alone are all hashed; the others keep their plain names."""
    named = file_names.names(["TestA.test_b", "TestA.test_B", "TestA.test_c", "TestA.test_c"])
    assert named == {
        "TestA.test_b": file_names.hashed("TestA.test_b"),
        "TestA.test_B": file_names.hashed("TestA.test_B"),
        "TestA.test_c": "TestA.test_c",
    }


def test_names_are_files(tmp_path: Path) -> None:
    """The file system at hand takes every name, and lists it as it was written."""
    keys = [key for key, _ in PLAIN_NAMES] + ["a" * 300, "testfoo.TEST_BAR_cpu_float32", ""]
    named = file_names.names(keys)
    for name in named.values():
        (tmp_path / name).touch(exist_ok=False)
    assert sorted(os.listdir(tmp_path)) == sorted(named.values())


def test_import_is_light() -> None:
    """Reading plain names loads neither hashlib nor re, typing or enum."""
    heavy = ("hashlib", "re", "typing", "enum", "dataclasses", "collections.abc")
    code = "\n".join(
        (
            "import sys, types",
            "package = types.ModuleType('trunk_failures')",  # without the package's own imports
            f"package.__path__ = [{str(Path(file_names.__file__).parent)!r}]",
            "sys.modules['trunk_failures'] = package",
            "before = set(sys.modules)",
            "from trunk_failures import file_names",
            "file_names.decode(file_names.encode('test_m.test_p[é/]'))",
            f"print(sorted((set(sys.modules) - before) & set({heavy!r})))",
        )
    )
    command = [sys.executable, "-S", "-E", "-c", code]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "[]\n"


def test_escapes_cover_ascii() -> None:
    """Of ASCII, exactly the controls and what some file system refuses are escaped."""
    escaped = {c for c in map(chr, range(128)) if file_names.encode(f"a{c}a") != f"a{c}a"}
    assert escaped == {*map(chr, itertools.chain(range(32), [127])), *'<>:"/\\|?*%~'}
