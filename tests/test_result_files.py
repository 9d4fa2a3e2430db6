"""Result files: what arguments name, and the bytes of each file, whatever it is packed in."""

from __future__ import annotations

import gzip
import io
import os
import pickle
import random
import struct
import subprocess
import sys
import threading
import warnings
import zipfile
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import trunk_failures
from trunk_failures.errors import ResultsError
from trunk_failures.results import archives, files, places
from trunk_failures.results.files import Fault, ResultFile

CHECKOUT = str(Path(trunk_failures.__file__).parents[1])
XML = b"<testsuite/>"
CENTRAL, LOCAL = b"PK\x01\x02", b"PK\x03\x04"
needs_links = pytest.mark.skipif(os.name == "nt", reason="links need a privilege on Windows")
needs_fifos = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")


@pytest.fixture(autouse=True)
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty directory, in which each test runs."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(path: str, data: bytes = XML) -> str:
    """Write a file, and return its path."""
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    Path(path).write_bytes(data)
    return path


def write_zip(path: str, *members: str, data: bytes = XML, method: int = 8) -> str:
    """Write a zip file whose members all hold the same, and return its path."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # For names that are there twice.
        with zipfile.ZipFile(path, "w", method) as archive:
            for member in members:
                archive.writestr(member, data)
    return path


def patch(path: str, signature: bytes, offset: int, value: bytes, occurrence: int = 0) -> None:
    """Overwrite a field of one of the records in a zip file that begin with a signature."""
    data = bytearray(Path(path).read_bytes())
    start = -1
    for _ in range(occurrence + 1):
        start = data.index(signature, start + 1)
    data[start + offset : start + offset + len(value)] = value
    Path(path).write_bytes(data)


def find(*arguments: str) -> tuple[list[str], list[str]]:
    """Return the names of what is found, and the sentences of the faults."""
    with files.find(arguments) as found:
        names = [file.name for file in found.files]
        for fault in found.faults:
            assert fault.name in fault.sentence
        return names, [fault.sentence for fault in found.faults]


def read(file: ResultFile | str, size: int = 1 << 16) -> bytes:
    """Return the bytes of a file, read piece by piece."""
    pieces = []
    with files.opened(file if isinstance(file, ResultFile) else ResultFile(file)) as reader:
        while piece := reader.read(size):
            pieces.append(piece)
    assert {len(piece) for piece in pieces[:-1]} <= {size}
    return b"".join(pieces)


def only(*arguments: str) -> ResultFile:
    """Return the one file that arguments name."""
    with files.find(arguments) as found:
        assert not found.faults
        (file,) = found.files
        return file


def fault_in(*arguments: str) -> str:
    """Return the sentence of the one fault of arguments that name no file."""
    found, (fault,) = find(*arguments)
    assert not found
    return fault


# What arguments name.


def test_files_are_what_they_are_named() -> None:
    """A file that is named is read whatever its name; its size is that on disk."""
    file = only(write("a.txt"))
    assert file == ResultFile("a.txt", size=len(XML))
    assert (file.name, read(file)) == ("a.txt", XML)


def test_of_a_directory_what_looks_like_results_counts() -> None:
    """A directory is looked through; names that end otherwise and hidden ones are left out."""
    for name in ("a.xml", "b.JSONL", "c/d/e.json", "c/f.log", "c/g.gz"):
        write(f"results/{name}")
    for name in ("a.txt", ".a.xml", ".git/a.xml", "c/.d/a.xml", "c/xml"):
        write(f"results/{name}")
    os.mkdir("results/directory.xml")
    write_zip("results/c/h.zip", "x.xml")
    found, faults = find("results")
    expected = ["a.xml", "b.JSONL", "c/d/e.json", "c/f.log", "c/g.gz", "c/h.zip!x.xml"]
    assert found == [f"results/{name}" for name in expected]
    assert not faults


def test_the_order_of_arguments_does_not_matter() -> None:
    """Files come in the order of their names, and once, however they are named."""
    for name in ("b/a.xml", "a/c.xml", "a/b.xml"):
        write(name)
    arguments = ["b", "a/*.xml", "a/b.xml", os.path.abspath("b/a.xml"), "b/./a.xml"]
    first = find(*arguments)
    assert first[0] == [os.path.abspath("b/a.xml"), "a/b.xml", "a/c.xml"]
    assert find(*reversed(arguments)) == first


@given(order=st.permutations(["a.xml", "d", "z.zip", "*.xml", "missing", "empty", "d/../d"]))
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_order_gives_the_same(order: list[str]) -> None:
    """Whatever the order of the arguments, files and faults are the same."""
    write("a.xml")
    write("d/b.xml")
    write_zip("z.zip", "b.xml", "a.xml")
    os.makedirs("empty", exist_ok=True)
    found, faults = find(*order)
    assert found == ["a.xml", "d/../d/b.xml", "z.zip!a.xml", "z.zip!b.xml"]
    assert [fault.split()[0] for fault in faults] == ["empty", "missing"]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("*.xml", ["a.xml"]),
        ("d/?.*", ["d/b.xml", "d/c.txt"]),
        ("**/*.xml", ["a.xml", "d/b.xml", "d/e/f/g.xml", "d/e/h.xml"]),
        ("**/e/*.xml", ["d/e/h.xml"]),
        ("**/e/**/*.xml", ["d/e/f/g.xml", "d/e/h.xml"]),
        ("d/**", ["d/b.xml", "d/e/f/g.xml", "d/e/h.xml"]),
        ("**", ["./a.xml", "./d/b.xml", "./d/e/f/g.xml", "./d/e/h.xml"]),
        ("[d]/**/g.xml", ["d/e/f/g.xml"]),
        ("./**/g.xml", ["./d/e/f/g.xml"]),
        ("d/e*", ["d/e/f/g.xml", "d/e/h.xml"]),
    ],
)
def test_patterns(pattern: str, expected: list[str]) -> None:
    """A pattern stands for what it matches; `**` is any number of directories, also none."""
    for name in ("a.xml", "d/b.xml", "d/c.txt", "d/e/f/g.xml", "d/e/h.xml", "d/.i/j.xml"):
        write(name)
    assert find(pattern) == (expected, [])


def test_directories_with_magic_in_their_names() -> None:
    """A `**` that goes through a directory called `[x]` takes it for what it is."""
    write("[x]/y/a.xml")
    assert find("**/a.xml") == (["[x]/y/a.xml"], [])


@pytest.mark.parametrize("name", ["a[1].xml", "a*.xml", "**"])
def test_a_file_that_is_called_like_a_pattern(name: str) -> None:
    """What is there by that very name is meant."""
    write("a1.xml")
    write(name)
    assert find(name) == ([name], [])


@needs_links
def test_loops_of_links_do_not_hang() -> None:
    """Links to directories are not followed, in directories and by `**`; those named are."""
    write("d/e/a.xml")
    for name in ("up", "again", "e/up", "e/again"):
        os.symlink(os.path.abspath("d"), f"d/{name}")
    os.symlink("d/e", "link")
    assert find("d") == (["d/e/a.xml"], [])
    assert find("**/*.xml") == (["d/e/a.xml"], [])
    assert find("link") == (["link/a.xml"], [])
    assert find("link", "d") == (["d/e/a.xml"], [])


@needs_links
def test_links_to_files() -> None:
    """A link to a file is that file; one that leads nowhere is a fault."""
    write("d/a.xml")
    os.symlink("a.xml", "d/b.xml")
    os.symlink("nowhere", "d/c.xml")
    os.symlink("loop", "loop")
    assert find("d") == (["d/a.xml"], ["d/c.xml cannot be read: No such file or directory"])
    assert fault_in("loop") == "loop cannot be read: Too many levels of symbolic links"


@needs_links
def test_deep_directories(directory: Path) -> None:
    """Directories that are deeper than Python recurses are read; too deep for the system: named."""
    below = ["d"] * 1200 + ["e" * 250] * 8
    for name in below:
        os.mkdir(name)
        os.chdir(name)
        if name == "d":
            write("a.xml")
    os.chdir(directory)
    try:
        found, (fault,) = find("d")
    finally:
        for name in below:
            os.chdir(name)
        for name in reversed(below):
            if name == "d":
                os.remove("a.xml")
            os.chdir("..")
            os.rmdir(name)
    assert max(len(Path(name).parts) for name in found) == len(found) + 1 == 1201
    assert fault.endswith("e cannot be read: File name too long")


def test_what_cannot_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that cannot be opened is a fault that says why; others are found."""
    write("a.xml")
    write("b.xml")
    real = open

    def refusing(path: Any, *arguments: Any) -> Any:
        if path == "b.xml":
            raise PermissionError(13, "Permission denied", path)
        return real(path, *arguments)

    monkeypatch.setattr(files, "open", refusing, raising=False)
    assert find("a.xml", "b.xml") == (["a.xml"], ["b.xml cannot be read: Permission denied"])
    with pytest.raises(ResultsError, match="^b.xml cannot be read: Permission denied$"):
        read("b.xml")


class Failing(io.BytesIO):
    """A file on a disk that is broken."""

    def read(self, size: int | None = -1) -> bytes:
        """Fail."""
        raise OSError(5, "Input/output error")

    def fileno(self) -> int:
        """Fail."""
        raise OSError(5, "Input/output error")


def test_a_broken_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """An error of the disk says which file it was met in, whatever is read by then."""
    write("a.xml")
    write("z.zip")
    monkeypatch.setattr(files, "open", lambda path, mode: Failing(), raising=False)
    assert fault_in("a.xml") == "a.xml cannot be read: Input/output error"
    with pytest.raises(ResultsError, match="^a.xml cannot be read: Input/output error$"):
        read("a.xml")


@pytest.mark.parametrize(
    ("argument", "sentence"),
    [
        ("missing", "does not exist; name a file, a directory, a pattern or '-'"),
        ("*.xml", "is a pattern that matches nothing; correct it"),
        ("**/x.xml", "is a pattern that matches nothing; correct it"),
        ("x/**", "is a pattern that matches nothing; correct it"),
        ("a\0b", "holds a NUL, as no file's name does; name another"),
        ("empty", f"is a directory without results; {places.LOOKED_FOR}"),
        ("no.zip", "cannot be read as a zip file: File is not a zip file; make it anew"),
        ("none.zip", f"is a zip file without results; {places.LOOKED_FOR}"),
        ("other.zip", f"is a zip file without results; {places.LOOKED_FOR}"),
        (os.devnull, "is neither a file nor a directory; name one"),
    ],
)
def test_arguments_without_results(argument: str, sentence: str) -> None:
    """An argument that gives no results is a fault that names it and what is looked for."""
    os.mkdir("empty")
    write("empty/.x.xml")
    write("no.zip", b"PK\x03\x04 and nothing else")
    write_zip("none.zip")
    write_zip("other.zip", "a.txt", ".a.xml", "__MACOSX/._a.xml", ".b/a.xml", "d.xml/")
    shown = argument.replace("\0", r"\x00")
    assert fault_in(argument) == f"{shown} {sentence}"


def test_zips_without_results_are_only_faults_when_named() -> None:
    """A zip file in a directory may hold what it likes, if something there holds results."""
    write("d/a.xml")
    write_zip("d/none.zip", "a.txt")
    assert find("d") == (["d/a.xml"], [])


def test_faults_can_be_collected() -> None:
    """What can be read is found beside what cannot be, a member of a zip file too."""
    write("a.xml")
    write_zip("z.zip", "a.xml", "b.xml")
    patch("z.zip", CENTRAL, 8, b"\x01", occurrence=1)
    with files.find(["a.xml", "z.zip", "missing"]) as found:
        assert [file.name for file in found.files] == ["a.xml", "z.zip!a.xml"]
        assert found.faults == (
            Fault("missing", "missing does not exist; name a file, a directory, a pattern or '-'"),
            Fault(
                "z.zip!b.xml", "z.zip!b.xml is encrypted; make the zip without a password"
            ),
        )


@pytest.mark.parametrize(
    ("path", "member", "name"),
    [
        ("a\nb.xml", "", r"a\nb.xml"),
        ("a\udc80.xml", "", r"a\udc80.xml"),
        ("é.xml", "", "é.xml"),
        ("a.zip", "\x1b[31m\u202e.xml", r"a.zip!\x1b[31m\u202e.xml"),
    ],
)
def test_names_are_printable(path: str, member: str, name: str) -> None:
    """Control characters, surrogates and what turns the direction of text are made visible."""
    file = ResultFile(path, member)
    assert file.name == name
    assert pickle.loads(pickle.dumps(file)) == file


# Standard input and other pipes.


def piped(data: bytes, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Read arguments in a process that has data as its standard input."""
    script = (
        "import sys\n"
        "from trunk_failures.results import files\n"
        "with files.find(sys.argv[1:]) as found:\n"
        "    for file in found.files:\n"
        "        with files.opened(file) as reader:\n"
        "            print(file.name, file.size, reader.read(100))\n"
        "        path = file.path\n"
        "    print(*found.faults, sep='\\n')\n"
        "import os\n"
        "print(os.path.exists(path) if found.files else '')\n"
    )
    return subprocess.run(
        [sys.executable, "-c", script, *arguments],
        input=data.decode("latin-1"),
        encoding="latin-1",
        env={**os.environ, "PYTHONPATH": CHECKOUT, "PYTHONIOENCODING": "latin-1"},
        capture_output=True,
        check=True,
    )


def test_standard_input() -> None:
    """`-` is copied to where other processes can read it, and is gone at the end."""
    ran = piped(XML, "-", "-")
    assert ran.stdout.splitlines() == [
        f"standard input {len(XML)} {XML!r}",
        "Fault(name='standard input', sentence='standard input is empty; give it what a test run"
        " wrote')",
        "False",
    ]


def from_pipe(data: bytes) -> tuple[list[tuple[str, bytes]], list[str]]:
    """Return names and bytes of what comes through standard input, and the faults."""
    before = set(os.listdir())
    with files.find(["-"], io.BytesIO(data)) as found:
        given = [(file.name, read(file)) for file in found.files]
    assert set(os.listdir()) == before
    return given, [fault.sentence for fault in found.faults]


def test_what_is_packed_in_standard_input(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Gzip and zip files come through standard input too."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert from_pipe(gzip.compress(XML)) == ([("standard input", XML)], [])
    assert from_pipe(b"") == ([], ["standard input is empty; give it what a test run wrote"])
    packed = Path(write_zip("a.zip", "a.xml")).read_bytes()
    assert from_pipe(packed) == ([("standard input!a.xml", XML)], [])
    packed = Path(write_zip("b.zip", "a.txt")).read_bytes()
    sentence = f"standard input is a zip file without results; {places.LOOKED_FOR}"
    assert from_pipe(packed) == ([], [sentence])


def test_standard_input_is_bounded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No more than a bound is copied to disk, and nothing of it stays there."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(files, "MOST_INPUT", 1 << 20)
    with files.find(["-"], io.BytesIO(bytes((1 << 20) + 1))) as found:
        assert not os.listdir()
    assert not found.files
    (fault,) = found.faults
    assert fault.sentence.startswith("standard input holds more than 0 GiB; write it to a file")


def test_standard_input_that_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Standard input that is closed, or not there at all, is a fault."""
    monkeypatch.setattr(sys, "stdin", None)
    assert fault_in("-") == "standard input is closed; name a file instead of '-'"
    closed = io.BytesIO()
    closed.close()
    with files.find(["-"], closed) as found:
        (fault,) = found.faults
    assert fault.sentence.startswith("standard input cannot be copied to a file: ")


@needs_fifos
def test_pipes_with_names() -> None:
    """A pipe, such as a shell's `<(command)`, is copied when it is named, and not looked for."""
    os.mkdir("d")
    os.mkfifo("d/a.xml")
    writer = threading.Thread(target=lambda: Path("d/a.xml").write_bytes(XML))
    writer.start()
    with files.find(["d/a.xml"]) as found:
        (file,) = found.files
        assert (file.name, read(file), found.faults) == ("d/a.xml", XML, ())
    writer.join()
    assert fault_in("d").startswith("d is a directory without results; ")


# The bytes of a file.

PACKINGS: dict[str, Callable[[bytes], bytes]] = {
    "plain": bytes,
    "gzip": gzip.compress,
    "streams": lambda data: gzip.compress(data[:7]) + gzip.compress(b"") + gzip.compress(data[7:]),
    "padded": lambda data: gzip.compress(data) + bytes(100_000),
    "between": lambda data: gzip.compress(data[:9]) + bytes(70_000) + gzip.compress(data[9:]),
}


@pytest.mark.parametrize("method", [None, zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("packing", PACKINGS)
@given(
    data=st.binary(max_size=300).filter(lambda data: not data.startswith(archives.GZIP)),
    size=st.integers(1, 400),
)
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_was_packed_is_read(packing: str, method: int | None, data: bytes, size: int) -> None:
    """Plain, in gzip, in a zip file, or both: the bytes are those that were packed."""
    packed = PACKINGS[packing](data)
    if method is None:
        assert read(write("a.xml", packed), size) == data
    else:
        write_zip("a.zip", "b.xml", "a.xml", data=packed, method=method)
        with files.find(["a.zip"]) as found:
            assert [read(file, size) for file in found.files] == [data, data]


@given(st.data())
@settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.parametrize("form", ["zip", "gzip", "stored"])
def test_what_is_broken_is_told(form: str, data: st.DataObject) -> None:
    """A file that is cut or changed anywhere is an error, or what it was; never something else."""
    content = b"<testsuite>" + bytes(random.Random(1).randbytes(200)) + b"</testsuite>"
    if form == "gzip":
        whole = gzip.compress(content)
    else:
        write_zip("a.zip", "a.xml", "b.xml", data=content, method=8 if form == "zip" else 0)
        whole = Path("a.zip").read_bytes()
    place = data.draw(st.integers(2, len(whole) - 1))
    end = data.draw(st.sampled_from([place, None]))
    flipped = bytes([whole[place] ^ data.draw(st.integers(1, 255))])
    broken = whole[:place] + (b"" if end else flipped + whole[place + 1 :])
    name = write("x.gz" if form == "gzip" else "x.zip", broken)
    with files.find([name]) as found:
        assert found.files or found.faults
        for file in found.files:
            try:
                assert read(file) == content
            except ResultsError as error:
                assert str(error).startswith(name)
    if form == "gzip" and end:
        with pytest.raises(ResultsError, match="^x.gz is truncated: it ends before its end mark"):
            read("x.gz")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda: patch("a.zip", CENTRAL, 16, b"\1\2\3\4"), "a.zip!a.xml is broken: it does not"),
        (lambda: patch("a.zip", LOCAL, 0, b"XX"), "a.zip!a.xml is not where its zip says"),
        (lambda: patch("a.zip", LOCAL, 26, b"\xff\xff"), "a.zip!a.xml is truncated"),
        (lambda: patch("a.zip", CENTRAL, 20, b"\1\0\0\0"), "a.zip!a.xml is truncated"),
        (lambda: patch("a.zip", CENTRAL, 10, b"\0"), "a.zip!a.xml is broken: it does not have"),
        (lambda: patch("a.zip", LOCAL, 35, b"\xff\xff"), "a.zip!a.xml is broken: Error -3"),
    ],
)
def test_broken_members(change: Callable[[], None], sentence: str) -> None:
    """What a zip says of a member is not trusted: it is an error where it is not so."""
    write_zip("a.zip", "a.xml")
    change()
    with pytest.raises(ResultsError, match=f"^{sentence}"):
        read(only("a.zip"))


@pytest.mark.parametrize("size", [b"\0\0\0\0", b"\xff\xff\xff\x7f"])
def test_the_size_that_a_zip_claims_is_not_trusted(size: bytes) -> None:
    """Whatever size a zip says that a member has, its bytes are read to their end."""
    write_zip("a.zip", "a.xml")
    patch("a.zip", CENTRAL, 24, size)
    patch("a.zip", LOCAL, 22, size)
    assert read(only("a.zip")) == XML


def test_members_that_cannot_be_unpacked() -> None:
    """Encrypted members, other methods of compression and zips in zips are faults by name."""
    write_zip("a.zip", "a.xml", method=zipfile.ZIP_BZIP2)
    assert fault_in("a.zip").startswith("a.zip!a.xml is compressed by method 12; read are methods")
    write_zip("b.zip", "a.xml")
    patch("b.zip", CENTRAL, 10, struct.pack("<H", 999))
    assert fault_in("b.zip").startswith("b.zip!a.xml is compressed by method 999; read are")
    write_zip("c.zip", "inner.zip")
    assert fault_in("c.zip") == "c.zip!inner.zip is a zip file in a zip file; unpack the outer one"


def test_a_member_that_was_not_found_by_find() -> None:
    """A result file that was made by hand is looked up in its zip."""
    write_zip("a.zip", "b.xml", "a.xml")
    patch("a.zip", CENTRAL, 8, b"\x01")
    assert read(ResultFile("a.zip", "a.xml")) == XML
    with pytest.raises(ResultsError, match="^a.zip!b.xml is encrypted; make"):
        read(ResultFile("a.zip", "b.xml"))
    with pytest.raises(ResultsError, match="^a.zip!c.xml is not in its zip file; name one"):
        read(ResultFile("a.zip", "c.xml"))


def test_zips_are_seen_by_what_they_begin_with() -> None:
    """A zip file is one whatever its name; what is called one and is none is a fault."""
    os.rename(write_zip("a.zip", "a.xml"), "a.txt")
    assert find("a.txt") == (["a.txt!a.xml"], [])
    write("b.zip")
    assert fault_in("b.zip").startswith("b.zip cannot be read as a zip file: ")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/x.xml", "../../etc/x.xml"),
        ("/etc/x.xml", "/etc/x.xml"),
        ("C:\\x.xml", "C:\\x.xml"),
        ("./x.xml", "./x.xml"),
        ("a\nb.xml", r"a\nb.xml"),
        ("x" * 3000 + ".xml", "x" * 3000 + ".xml"),
        ("é.xml", "é.xml"),
    ],
)
def test_names_of_members_are_only_shown(directory: Path, name: str, shown: str) -> None:
    """Members are read whatever they are called, and nothing is written anywhere."""
    file = only(write_zip("a.zip", name))
    assert (file.name, read(file)) == (f"a.zip!{shown}", XML)
    assert os.listdir(directory) == ["a.zip"]


def test_a_nul_ends_the_name_of_a_member() -> None:
    """Of a name with a NUL counts what is before it."""
    write_zip("a.zip", "a.xml#.exe")
    data = Path("a.zip").read_bytes()
    assert find(write("b.zip", data.replace(b"a.xml#.exe", b"a.xml\0.exe"))) == (
        ["b.zip!a.xml"],
        [],
    )


def test_of_members_with_one_name_the_last_counts() -> None:
    """A name that is there twice is one file, as when the zip is unpacked."""
    write_zip("a.zip", "a.xml")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with zipfile.ZipFile("a.zip", "a") as archive:
            archive.writestr("a.xml", b"<later/>")
    assert read(only("a.zip")) == b"<later/>"


def test_sizes_of_members_are_those_on_disk() -> None:
    """Of a member the size is that which it has packed, as what is read from disk is counted."""
    file = only(write_zip("a.zip", "a.xml", data=XML * 1000))
    assert 0 < file.size < len(XML) * 10


# Traps.


@pytest.mark.parametrize(
    ("offset", "value", "occurrence"),
    [(42, 0, 1), (20, 100, 0), (20, 10_000, 1), (42, 0xFFFFFFF0, 0)],
)
def test_members_that_overlap(offset: int, value: int, occurrence: int) -> None:
    """A zip whose members share bytes, or reach beyond where members can be, is refused."""
    write_zip("a.zip", "a.xml", "b.xml")
    patch("a.zip", CENTRAL, offset, struct.pack("<I", value), occurrence)
    assert fault_in("a.zip").startswith("a.zip is broken or a trap: its member")


def many_members(count: int) -> bytes:
    """Return a zip file of so many empty members, built without zipfile, which takes its time."""
    local = [
        struct.pack("<4s5H3I2H", LOCAL, 20, 0, 0, 0, 33, 0, 0, 0, 11, 0) + b"%07d.xml" % each
        for each in range(count)
    ]
    central = [
        struct.pack("<4s6H3I5H2I", CENTRAL, 20, 20, 0, 0, 0, 33, 0, 0, 0, 11, *[0] * 5, each * 41)
        + b"%07d.xml" % each
        for each in range(count)
    ]
    ends = (len(central) * 57, len(local) * 41)
    total = min(count, 0xFFFF)
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, total, total, *ends, 0)
    return b"".join([*local, *central, end])


def test_the_number_of_members_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A zip of 100,000 members is refused before it takes memory; of 10,000 all are found."""
    write("many.zip", many_members(100_000))
    assert fault_in("many.zip") == (
        "many.zip has too many members: up to 65,535 are read, if their list has up to 16 MiB;"
        " unpack it and name the directory"
    )
    found, faults = find(write("some.zip", many_members(10_000)))
    assert (len(found), faults) == (10_000, [])
    monkeypatch.setattr(archives, "LARGEST_DIRECTORY", 500_000)
    assert fault_in("some.zip").startswith("some.zip has too many members: ")


def deflated(block: bytes, times: int) -> bytes:
    """Return what deflates to a block again and again, without deflating it each time."""
    deflater = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = deflater.compress(block) + deflater.flush(zlib.Z_FULL_FLUSH)
    return packed * times + zlib.compressobj(9, zlib.DEFLATED, -15).flush()


def write_deflated(path: str, data: bytes, crc: int) -> ResultFile:
    """Write a zip of one member that has been deflated, and that claims to be small."""
    write_zip(path, "a.xml", data=data, method=zipfile.ZIP_STORED)
    for signature, start in ((LOCAL, 8), (CENTRAL, 10)):
        patch(path, signature, start, b"\x08")
        patch(path, signature, start + 6, struct.pack("<I", crc))
    return only(path)


on_linux = pytest.mark.skipif(sys.platform != "linux", reason="a peak of memory is read from /proc")
CHILD = r"""
import re, sys
from trunk_failures.errors import ResultsError
from trunk_failures.results import files
with files.find(sys.argv[1:]) as found:
    (file,) = found.files
    size = 0
    try:
        with files.opened(file) as reader:
            while data := reader.read(1 << 16):
                size += len(data)
        print("read")
    except ResultsError as error:
        print(error)
print(size)
print(re.search(r"VmHWM:\s+(\d+) kB", open("/proc/self/status").read())[1])
"""


def measured(path: str) -> tuple[str, int]:
    """Return what a child process that reads a file says, and how many bytes it has read.

    The peak of its memory is that since it began to run Python; getrusage's begins with ours.
    """
    said, size, peak = subprocess.run(
        [sys.executable, "-c", CHILD, path],
        env={**os.environ, "PYTHONPATH": CHECKOUT},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout.splitlines()
    assert int(peak) < 32 << 10, f"{peak} kB"
    return said, int(size)


@on_linux
def test_ten_gigabytes_of_zeros() -> None:
    """A zip of 10 GB of zeros is refused when little has been read, and takes no memory."""
    write_deflated("zeros.zip", deflated(bytes(10_000_000), 1000), crc=0)
    assert os.path.getsize("zeros.zip") < 11_000_000
    said, size = measured("zeros.zip")
    assert said.startswith("zeros.zip!a.xml expands to more than 200 times its size, as results")
    assert size < 100_000_000


@on_linux
def test_memory_does_not_grow() -> None:
    """A member of 300 MB that shrinks to a hundredth is read whole, in little memory."""
    block = random.Random(1).randbytes(9000) + bytes(991_000)
    data = deflated(block, 300)
    write_deflated("big.zip", data, zlib.crc32(block * 300))
    assert measured("big.zip") == ("read", 300_000_000)
    stream = gzip.compress(block, 9) * 300
    assert measured(write("big.xml", stream)) == ("read", 300_000_000)


def test_gzip_in_a_zip_is_bounded_by_what_is_on_disk() -> None:
    """What expands twice is measured against what is on disk, not against what came out once."""
    inner = gzip.compress(bytes(100_000_000), 9)
    assert len(inner) * 200 > 19_000_000
    file = only(write_zip("a.zip", "a.xml.gz", data=inner))
    assert file.size < 2000
    with pytest.raises(ResultsError, match="^a.zip!a.xml.gz expands to more than 200 times"):
        read(file)


def test_what_comes_out_is_bounded_in_any_case(monkeypatch: pytest.MonkeyPatch) -> None:
    """However much is read from disk, no more than a bound comes out."""
    monkeypatch.setattr(archives, "FREE", 1000)
    monkeypatch.setattr(archives, "MOST", 2000)
    assert read(write("a.gz", gzip.compress(bytes(2000)))) == bytes(2000)
    with pytest.raises(ResultsError, match="^b.gz expands to more than 0 GiB; split it, or"):
        read(write("b.gz", gzip.compress(bytes(2001))))


# What it is.


def utf_16(text: str) -> Sequence[bytes]:
    """Return a text in both kinds of UTF-16, with its mark."""
    return [b"\xff\xfe" + text.encode("utf-16-le"), b"\xfe\xff" + text.encode("utf-16-be")]


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"<testsuite>", "xml"),
        (b"\xef\xbb\xbf<?xml version", "xml"),
        (b" \r\n\t<a/>", "xml"),
        (b"\xef\xbb\xbf \n<a/>", "xml"),
        *[(head, "xml") for head in utf_16("<?xml")],
        *[(head, "xml") for head in utf_16("\n <?xml")],
        (utf_16("<a/>")[0][:5], "xml"),
        ("<?xml".encode("utf-16-le"), "xml"),
        ("<?xml".encode("utf-16-be"), "xml"),
        (b'{"id": 1}', "json lines"),
        (b'\xef\xbb\xbf\n{"id": 1}', "json lines"),
        (utf_16("{}")[1], "json lines"),
        (b"", ""),
        (b" \n", ""),
        (b"\xef\xbb", ""),
        (b"[1]", ""),
        (b"\x1f\x8b\x08", ""),
        (b"PK\x03\x04", ""),
        (b"\x00\x01", ""),
        ("\u3000<a/>".encode(), ""),
    ],
)
def test_sniffing(head: bytes, kind: str) -> None:
    """XML and JSON Lines are told from the first bytes, past marks and blanks; all else is not."""
    assert files.sniff(head) == kind


@given(st.binary(max_size=20))
def test_sniffing_never_fails(head: bytes) -> None:
    """Any bytes are one of the three."""
    assert files.sniff(head) in ("xml", "json lines", "")
