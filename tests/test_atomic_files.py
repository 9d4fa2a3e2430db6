"""Atomic files: what is staged is whole, under a name that nothing else has."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from trunk_failures import atomic_files


def test_a_name_that_is_taken_is_passed_over(tmp_path: Path) -> None:
    """What another process left under the name that would be next stays as it is."""
    first = atomic_files.staged(str(tmp_path), ".x-", b"")
    start, _, number = first.rpartition("-")
    left = Path(f"{start}-{int(number) + 1}")
    left.write_text("left")
    second = atomic_files.staged(str(tmp_path), ".x-", b"mine")
    assert (Path(second).read_bytes(), left.read_text()) == (b"mine", "left")


def test_writes_on_where_the_system_takes_a_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A write that takes but a part of the content is followed by another."""
    real = os.write
    monkeypatch.setattr(os, "write", lambda number, data: real(number, data[:2]))
    assert Path(atomic_files.staged(str(tmp_path), ".x-", b"content")).read_bytes() == b"content"


def test_a_link_stays_one(tmp_path: Path) -> None:
    """The file that a link leads to is replaced, and a link to nothing makes it."""
    for name in ("there", "new"):
        link = tmp_path / f"{name}.link"
        link.symlink_to(tmp_path / name)
    (tmp_path / "there").write_text("old")
    for name in ("there", "new"):
        atomic_files.replace(str(tmp_path / f"{name}.link"), "text")
        assert (tmp_path / f"{name}.link").is_symlink()
        assert (tmp_path / name).read_text() == "text"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no such files")
def test_what_is_no_file_is_written_to(tmp_path: Path) -> None:
    """A pipe gets the text and stays where it is, as a device would."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        atomic_files.replace(str(pipe), "text")
        assert (os.read(reader, 9), pipe.is_fifo()) == (b"text", True)
    finally:
        os.close(reader)
