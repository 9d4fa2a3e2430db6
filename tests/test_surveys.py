"""Surveys: all that is in lists is read, whatever is wrong with them."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from check_fixtures import lay_out

from trunk_failures import entry_files, surveys


def test_every_list_is_read(tmp_path: Path) -> None:
    """Files of all modes, contexts' too, are told with their tests, paths and texts."""
    test_dir = lay_out(
        tmp_path / "tests",
        {
            "trunk_skips/T.a": "T.a: reason: x\n",
            "x_expected_failures/nn/test_b/T.b": "",
            "compiled_autograd_skips/T.c": "",
            "trunk_skips/.gitkeep": "",
            "other/T.d": "",
            "nn/test_b.py": "",
        },
    )
    found = surveys.survey(str(test_dir))
    assert [(tuple(file.address), file.shown, file.content) for file in found.files] == [
        (("compiled_autograd", "skips", "T.c", ""), "tests/compiled_autograd_skips/T.c", ""),
        (("trunk", "skips", "T.a", ""), "tests/trunk_skips/T.a", "T.a: reason: x\n"),
        (
            ("x", "expected_failures", "T.b", "nn/test_b"),
            "tests/x_expected_failures/nn/test_b/T.b",
            "",
        ),
    ]
    assert [file.path for file in found.files[:1]] == [
        str(test_dir / "compiled_autograd_skips" / "T.c")
    ]
    assert (found.faults, found.strays, found.misnamed) == ([], [], [])
    assert found.files[2].entry.test_file == "nn/test_b"


def test_both_files_of_one_key_are_told(tmp_path: Path) -> None:
    """Where two files list one test the lists have it once, and the survey has both."""
    test_dir = lay_out(tmp_path / "tests", {"trunk_skips/T.a": "", "trunk_skips/T.%61": "why\n"})
    found = surveys.survey(str(test_dir))
    assert [(file.address.key, file.name) for file in found.files] == [
        ("T.a", "T.a"), ("T.a", "T.%61"),
    ]
    assert [fault.key for fault in found.faults] == ["T.a"]


def test_what_cannot_be_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A directory in a file's place, bytes that are no text and a closed directory are faults."""
    test_dir = lay_out(tmp_path / "tests", {"trunk_skips/T.a": "", "x_skips/T.b": ""})
    (test_dir / "trunk_skips" / "T.dir").mkdir()
    (test_dir / "trunk_skips" / "T.bytes").write_bytes(b"\xff")
    closed, real = str(test_dir / "x_skips"), os.listdir

    def listdir(path: str) -> list[str]:
        if path == closed:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
        return real(path)

    monkeypatch.setattr(os, "listdir", listdir)
    found = surveys.survey(str(test_dir))
    troubles = {file.name: file.trouble for file in found.files}
    assert troubles == {
        "T.a": "",
        "T.bytes": "is not UTF-8 (byte 0); write it again as UTF-8",
        "T.dir": "is no regular file; an entry is; remove it",
    }
    (fault,) = found.faults
    assert fault.path == closed and "cannot be read: Permission denied" in fault.text


@pytest.mark.skipif(os.name == "nt", reason="who may make links there is a matter of settings")
def test_links_are_not_followed(tmp_path: Path) -> None:
    """What a link leads to is not read, be the entry the link or a folder above it."""
    secret = lay_out(tmp_path / "home", {"nn/T.b": "token", "T.c": "token"})
    test_dir = lay_out(tmp_path / "tests", {"trunk_skips/T.a": "", "nn.py": ""})
    (test_dir / "trunk_skips" / "T.link").symlink_to(secret / "T.c")
    (test_dir / "trunk_skips" / "nn").symlink_to(secret / "nn")
    (test_dir / "x_skips").symlink_to(secret)
    (tmp_path / "there").symlink_to(test_dir)
    for place in (test_dir, tmp_path / "there"):
        found = surveys.survey(str(place))
        assert "token" not in str(found.files)
        troubles = {file.address.key: file.trouble for file in found.files}
        assert troubles.pop("T.a") == ""
        assert {*troubles.values()} == {entry_files.LINK} and "T.link" in troubles


@pytest.mark.parametrize(
    ("folder", "is_stray"),
    [
        ("nn/test_b", False),
        ("nn/usage", False),
        ("test_c", False),
        ("nn/test_c", True),
        ("test_b", True),
        ("gone/test_b", True),
        ("nn/folder", True),
    ],
)
def test_folders_of_no_file(tmp_path: Path, folder: str, is_stray: bool) -> None:
    """A sub-folder is one of a file of tests below the test directory, or it is told of."""
    test_dir = lay_out(
        tmp_path / "tests",
        {
            f"trunk_skips/{folder}/T.a": "",
            "nn/test_b.py": "",
            "nn/usage.rst": "",
            "test_c.py": "",
            "nn/folder/x": "",
        },
    )
    strays = surveys.survey(str(test_dir)).strays
    path = os.path.join(str(test_dir), "trunk_skips", *folder.split("/"))
    assert strays == ([path] if is_stray else [])


@pytest.mark.parametrize(
    ("name", "is_near"),
    [
        ("trunk_skip", True),
        ("trunk_skipped", True),
        ("trunk-skips", True),
        ("Trunk_Skips", True),
        ("trunk_expected_failure", True),
        ("trunk_expected-failures", True),
        ("trunk_expectedfailures", True),
        ("trunk_xfails", True),
        ("trunk_xfail", True),
        ("_skips", True),
        ("trunk_skips", False),
        ("x_expected_failures", False),
        (".trunk_skip", False),
        ("skips", False),
        ("trunk_failures", False),
        ("test_skipping", False),
    ],
)
def test_directories_that_are_nearly_lists(tmp_path: Path, name: str, is_near: bool) -> None:
    """A directory whose name misses that of a list is told, if it holds what lists hold."""
    test_dir = lay_out(tmp_path / "tests", {f"{name}/data.json": "", "x_skip": ""})
    assert surveys.survey(str(test_dir)).misnamed == []
    (test_dir / name / "T.test_a").touch()
    misnamed = surveys.survey(str(test_dir)).misnamed
    assert misnamed == ([str(test_dir / name)] if is_near else [])
