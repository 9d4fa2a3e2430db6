"""The lock on lists: one at a time, and never stale."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from trunk_failures import list_lock
from trunk_failures.errors import UsageError

HOLDER = """
import sys, time
from trunk_failures import list_lock
with list_lock.held(sys.argv[1], 1):
    print("held", flush=True)
    time.sleep(60)
"""


def test_it_is_taken_and_given_back(tmp_path: Path) -> None:
    """The file is there while the lock is held, and gone after that."""
    for _ in range(2):
        with list_lock.held(str(tmp_path), 0):
            assert (tmp_path / list_lock.NAME).read_text() == f"{os.getpid()}\n"
        assert not (tmp_path / list_lock.NAME).exists()


def test_another_process_is_named_and_its_death_frees_it(tmp_path: Path) -> None:
    """Who waits in vain is told which process holds it; a killed process holds nothing."""
    command = [sys.executable, "-c", HOLDER, str(tmp_path)]
    root = str(Path(list_lock.__file__).parents[1])
    environ = {**os.environ, "PYTHONPATH": root}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environ) as other:
        assert other.stdout is not None
        assert other.stdout.readline().strip() == b"held"
        with pytest.raises(UsageError, match=rf"\(process {other.pid}\).*run this one again"):
            with list_lock.held(str(tmp_path), 0.1):
                pass
        other.send_signal(signal.SIGTERM)
    with list_lock.held(str(tmp_path), 0):
        pass


def test_a_file_that_was_removed_meanwhile_is_no_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lock on a file that another process has just removed is not the lock."""
    real, looks = list_lock._lock, []

    def lock(number: int) -> bool:
        looks.append(number)
        if len(looks) == 1:
            (tmp_path / list_lock.NAME).unlink()
        return real(number)

    monkeypatch.setattr(list_lock, "_lock", lock)
    with list_lock.held(str(tmp_path), 5):
        assert (tmp_path / list_lock.NAME).exists()
    assert len(looks) == 2


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    """Where no lock can be made, that is said with the cause."""
    with pytest.raises(UsageError, match="cannot be locked.*No such file or directory"):
        with list_lock.held(str(tmp_path / "gone"), 0):
            pass


def test_a_lock_that_says_no_process(tmp_path: Path) -> None:
    """A lock file without a number in it names nobody."""
    (tmp_path / list_lock.NAME).write_text("?")
    assert list_lock._holder(str(tmp_path / list_lock.NAME)) == ""


def test_a_file_that_another_made_meanwhile_is_no_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lock on a file that another process has since made anew is not the lock either."""
    real, looks = list_lock._lock, []

    def lock(number: int) -> bool:
        looks.append(number)
        if len(looks) == 1:
            (tmp_path / "another").touch()
            os.replace(tmp_path / "another", tmp_path / list_lock.NAME)
        return real(number)

    monkeypatch.setattr(list_lock, "_lock", lock)
    with list_lock.held(str(tmp_path), 5):
        assert (tmp_path / list_lock.NAME).read_text() == f"{os.getpid()}\n"
    assert len(looks) == 2
