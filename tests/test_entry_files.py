"""Entries' files: how they are read, bounded and shown."""

from __future__ import annotations

import contextlib
import os
import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from trunk_failures import discovery, entry_files, file_names, list_files
from trunk_failures.entries import Entry
from trunk_failures.errors import EntryError
from trunk_failures.lists import Located

NAME = "TestFoo.test_bar"
SHOWN = f"tests/trunk_skips/{NAME}"

POSIX_ONLY = pytest.mark.skipif(os.name == "nt", reason="Windows has no such files or rights")


@contextlib.contextmanager
def unreadable(file: Path) -> Iterator[None]:
    """Let nobody read a file, not even root."""
    is_root = os.geteuid() == 0
    file.chmod(0)
    if is_root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if is_root:
            os.seteuid(0)
        file.chmod(0o600)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """Give an empty list directory in a repository."""
    (tmp_path / ".git").mkdir()
    directory = tmp_path / "tests" / "trunk_skips"
    directory.mkdir(parents=True)
    return directory


def listed(directory: Path, key: str = NAME, test_file: str = "") -> Located:
    """Return the one entry of a key, its list directory read now."""
    (located,) = list_files.load(str(directory.parent), {}).find(key, test_file)
    return located


def refusal(located: Located) -> str:
    """Return the message that an entry is refused with when it is read."""
    with pytest.raises(EntryError) as caught:
        entry_files.read(located)
    return str(caught.value)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", Entry(NAME, "trunk", "skips", SHOWN)),
        (b"TestFoo.test_bar: owner: me", Entry(NAME, "trunk", "skips", SHOWN, owner="me")),
        (
            b"\xef\xbb\xbfTestFoo.test_bar: owner: me\r\nTestFoo.test_bar: reason: caf\xc3\xa9\r\n",
            Entry(NAME, "trunk", "skips", SHOWN, owner="me", reason="café"),
        ),
        (b"free text\n", Entry(NAME, "trunk", "skips", SHOWN, reason="free text")),
        (b"\xef\xbb\xbf", Entry(NAME, "trunk", "skips", SHOWN)),
    ],
)
def test_content(directory: Path, content: bytes, expected: Entry) -> None:
    """An entry's file is UTF-8, with or without a byte order mark, with either line end."""
    (directory / NAME).write_bytes(content)
    assert entry_files.read(listed(directory)) == expected


def test_an_entry_of_one_file(directory: Path) -> None:
    """A qualified entry says which list, mode and test file it is of, and where it is."""
    folder = directory / "nn" / "test_init"
    folder.mkdir(parents=True)
    (folder / NAME).touch()
    located = listed(directory, test_file="nn/test_init")
    assert entry_files.path_of(located) == str(folder / NAME)
    assert entry_files.read(located) == Entry(
        NAME, "trunk", "skips", f"tests/trunk_skips/nn/test_init/{NAME}", "nn/test_init"
    )


@pytest.mark.parametrize("key", ["m.f[a/b]", "TestFoo.test_" + "x" * 300])
def test_lines_begin_with_the_files_name(directory: Path, key: str) -> None:
    """A key whose file has another name is read with that name before each of its lines."""
    name = file_names.encode(key)
    (directory / name).write_text(
        f"{name}: test: {key}\n{name}: owner: me\n", encoding="utf-8", newline="\r\n"
    )
    entry = entry_files.read(listed(directory, key))
    assert (entry.key, entry.owner) == (key, "me")
    assert entry.path == f"tests/trunk_skips/{name}"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xff", f"`{SHOWN}` is not UTF-8 (byte 0); write it again as UTF-8"),
        (b"caf\xe9", f"`{SHOWN}` is not UTF-8 (byte 3); write it again as UTF-8"),
        (b"\xef\xbb\xbfok\xe9", f"`{SHOWN}` is not UTF-8 (byte "),
        (
            b"x" * (entry_files.LIMIT + 1),
            f"`{SHOWN}` holds more than 65536 bytes, which no entry does; keep what its fields "
            f"say and remove the rest",
        ),
        (b"TestFoo.test_bar: nope: x", f"`{SHOWN}`, line 1: unknown field 'nope'"),
    ],
)
def test_bad_content(directory: Path, content: bytes, said: str) -> None:
    """Content that cannot be an entry's is refused, with the file and what to do."""
    (directory / NAME).write_bytes(content)
    assert refusal(listed(directory)).startswith(said)


def test_the_largest_content(directory: Path) -> None:
    """A file may hold 65,536 bytes."""
    (directory / NAME).write_bytes(b"x" * entry_files.LIMIT)
    assert len(entry_files.read(listed(directory)).reason) == entry_files.LIMIT


def test_a_huge_file_is_not_read(directory: Path) -> None:
    """Of a file of a gigabyte no more is read than an entry may have."""
    with open(directory / NAME, "wb") as file:
        file.truncate(1 << 30)
    assert f"`{SHOWN}` holds more than 65536 bytes" in refusal(listed(directory))


def test_a_directory_in_a_files_place(directory: Path) -> None:
    """A directory with the name of an entry is refused when its test is about to run."""
    (directory / NAME).mkdir()
    assert refusal(listed(directory)) == f"`{SHOWN}` is no regular file; an entry is; remove it"


@POSIX_ONLY
def test_a_pipe_in_a_files_place(directory: Path) -> None:
    """A named pipe with the name of an entry is refused; nobody waits for its other end."""
    os.mkfifo(directory / NAME)
    assert refusal(listed(directory)).startswith(f"`{SHOWN}` is no regular file")


@POSIX_ONLY
def test_a_socket_in_a_files_place(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A socket with the name of an entry is refused."""
    monkeypatch.chdir(directory)  # A socket's whole address is at most a hundred bytes.
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(NAME)
    assert refusal(listed(directory)).startswith(f"`{SHOWN}` is no regular file")


def test_a_file_removed_since_it_was_listed(directory: Path) -> None:
    """An entry whose file is gone says so, with what to do; it is not taken for an empty one."""
    (directory / NAME).touch()
    located = listed(directory)
    (directory / NAME).unlink()
    assert refusal(located) == (
        f"`{SHOWN}` cannot be read: {os.strerror(2)}; it was there when the lists were loaded; "
        f"run the tests again, or mend its permissions"
    )


def test_a_file_changed_since_it_was_listed(directory: Path) -> None:
    """What counts is the content when the test is about to run."""
    (directory / NAME).touch()
    located = listed(directory)
    (directory / NAME).write_text(f"{NAME}: raises: KeyError", encoding="utf-8")
    assert entry_files.read(located).raises == ("KeyError",)


@POSIX_ONLY
def test_an_unreadable_file(directory: Path) -> None:
    """A file that may not be read is an error, never an entry without fields."""
    (directory / NAME).write_text("free text", encoding="utf-8")
    located = listed(directory)
    entry_files.shown(entry_files.path_of(located))
    with unreadable(directory / NAME):
        assert f"`{SHOWN}` cannot be read: Permission denied" in refusal(located)


HASHED = file_names.hashed(NAME)


@pytest.mark.parametrize(
    "content",
    [
        f"test: {NAME}",
        f"  test: {NAME}  \r\n{HASHED}: owner: me",
        f"{HASHED}: test: {NAME}\n",
        f"\ufefftest: {NAME}\n",
        "test: TestFoo%2Etest_bar",
    ],
)
def test_the_key_of_a_hashed_name(directory: Path, content: str) -> None:
    """A file whose name ends in a hash has its key on the first line."""
    (directory / HASHED).write_text(content, encoding="utf-8", newline="")
    assert entry_files.read_key(str(directory / HASHED), HASHED) == NAME


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "its first line must be `test: <key>`; found ''"),
        ("\ntest: " + NAME, "found ''"),
        ("owner: me", "found 'owner: me'"),
        ("x" * 100, f"found '{'x' * 80}'"),
        (
            "test: A.a",
            f"its first line says `A.a`, whose file is `{file_names.hashed('A.a')}`; rename the "
            f"file or mend the line",
        ),
    ],
)
def test_a_hashed_name_without_its_key(directory: Path, content: str, said: str) -> None:
    """A hashed file that names no test, or another one, is refused."""
    (directory / HASHED).write_text(content, encoding="utf-8", newline="")
    with pytest.raises(EntryError, match=re.escape(said)):
        entry_files.read_key(str(directory / HASHED), HASHED)


@pytest.mark.parametrize(
    ("root", "path", "expected"),
    [
        (".", "tests/trunk_skips/A.a", "tests/trunk_skips/A.a"),
        (".", "tests/trunk_skips/nn/test_init/A.a", "tests/trunk_skips/nn/test_init/A.a"),
        ("tests", "tests/trunk_skips/A.a", "trunk_skips/A.a"),
        ("", "deep/tests/trunk_skips/A.a", "tests/trunk_skips/A.a"),
        ("", "deep/tests/trunk_skips/nn/test_init/A.a", "tests/trunk_skips/nn/test_init/A.a"),
        ("", "elsewhere/A.a", "./A.a"),
    ],
)
def test_how_a_path_is_shown(
    tmp_path: Path, root: str, path: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Paths are shown from the repository's root, else from above the test directory."""
    monkeypatch.setattr(discovery, "REPOSITORY", (".root",))
    (tmp_path / path).parent.mkdir(parents=True)
    if root:
        (tmp_path / root / ".root").touch()
    assert entry_files.shown(str(tmp_path / path)) == expected
    assert entry_files.shown(str(tmp_path / path) + "b") == expected + "b"
