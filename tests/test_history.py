"""The history's file: made, opened, brought to the present version, and refused."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
from pathlib import Path

import pytest

from trunk_failures import history
from trunk_failures.errors import HistoryError

RUN = "INSERT INTO run (name, configuration, time, commit_id, branch, modes) VALUES (?, '', 1, '', '', '')"  # noqa: E501


@pytest.fixture
def path(tmp_path: Path) -> str:
    """Return the path of a history that is not there."""
    return str(tmp_path / "new" / "history.sqlite3")


def names(path: str) -> list[str]:
    """Return the names of the runs."""
    with history.reading(path) as connection:
        return [name for (name,) in connection.execute("SELECT name FROM run ORDER BY name")]


def test_a_history_is_made(path: str) -> None:
    """The file and its directory are made, with the present version, in a mode for many users."""
    with history.writing(path) as connection:
        connection.execute(RUN, ["a"])
    assert names(path) == ["a"]
    with contextlib.closing(sqlite3.connect(path)) as connection:
        asked = ("user_version", "application_id", "journal_mode")
        found = [connection.execute(f"PRAGMA {each}").fetchone()[0] for each in asked]
    assert found == [len(history.MIGRATIONS), history.APPLICATION, "wal"]


def test_all_or_nothing(path: str) -> None:
    """What raises in the middle has written nothing, whatever it is."""
    for error in (ValueError, KeyboardInterrupt):
        with pytest.raises(error), history.writing(path) as connection:
            connection.execute(RUN, ["a"])
            raise error
    with history.writing(path):
        pass
    with pytest.raises(ValueError), history.writing(path) as connection:
        connection.execute(RUN, ["of a history that was there"])
        raise ValueError
    assert names(path) == []


def test_readers_do_not_wait_for_writers(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """While another writes, what was there before is read at once."""
    monkeypatch.setattr(history, "PATIENCE", 0.0)
    with history.writing(path) as connection:
        connection.execute(RUN, ["a"])
    with history.writing(path) as connection:
        connection.execute(RUN, ["b"])
        assert names(path) == ["a"]
    assert names(path) == ["a", "b"]


def test_an_older_version_is_brought_to_the_present_one(path: str) -> None:
    """Each migration is applied once to a file of the version before it, which keeps its rows."""
    for older in range(1, len(history.MIGRATIONS)):
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(history, "MIGRATIONS", history.MIGRATIONS[:older])
            with history.writing(path) as connection:
                connection.execute(RUN, [f"of {older}"])
        assert names(path) == [f"of {older}"]  # Reading does it too.
        with history.writing(path) as connection:
            assert not connection.execute("SELECT * FROM status").fetchall()
            assert history._version(connection) == len(history.MIGRATIONS)
        os.unlink(path)


def test_a_later_version_is_refused(path: str) -> None:
    """A file that a later version wrote is left alone, and it is said what to do."""
    with history.writing(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    for opened in (history.reading, history.writing):
        with pytest.raises(HistoryError, match="has version 99 .*install"), opened(path):
            pass


def test_files_that_are_no_history(tmp_path: Path) -> None:
    """Another program's database, and what is none, are refused as they are."""
    other = tmp_path / "other.sqlite3"
    with contextlib.closing(sqlite3.connect(other)) as connection:
        connection.execute("CREATE TABLE t (a)")
        connection.commit()
    text = tmp_path / "text"
    text.write_text("no database at all, and long enough to be looked at\n" * 100)
    for file, said in ((other, "no history of this"), (text, "not a database"), (tmp_path, "open")):
        before = file.read_bytes() if file.is_file() else b""
        for opened in (history.reading, history.writing):
            with pytest.raises(HistoryError, match=said), opened(str(file)):
                pass
        assert (file.read_bytes() if file.is_file() else b"") == before


@pytest.mark.parametrize("name", ["", "a\0b", "file/below"])
def test_paths_that_cannot_be(tmp_path: Path, name: str) -> None:
    """A path at which there can be no file is an error that says so."""
    (tmp_path / "file").touch()
    with pytest.raises(HistoryError, match="cannot be used"):
        with history.writing(name and str(tmp_path / name)):
            pass


def test_reading_what_is_not_there(path: str) -> None:
    """To read a history that is not there is an error, and makes none."""
    with pytest.raises(HistoryError, match="there is no history .*record"), history.reading(path):
        pass
    assert not os.path.exists(path)


@pytest.fixture
def sealed(path: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the path of a history of one run beside which nothing can be written."""
    with history.writing(path) as connection:
        connection.execute(RUN, ["a"])
    os.rename(path, f"{path}?%é#")
    beside = os.path.dirname(path)
    monkeypatch.setattr(os, "access", lambda there, mode: there != beside)
    return f"{path}?%é#"


def test_reading_where_nothing_can_be_written(sealed: str) -> None:
    """A history on what is mounted to be read only, or is another's, is read as it is."""
    with history.reading(sealed) as connection:
        assert [*connection.execute("SELECT name FROM run")] == [("a",)]
        assert os.listdir(os.path.dirname(sealed)) == [os.path.basename(sealed)]
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            connection.execute(RUN, ["b"])


def test_what_another_changes_meanwhile_is_not_believed(sealed: str) -> None:
    """Nobody can be kept from writing then, and what was read may be of two moments."""
    with pytest.raises(HistoryError, match="changed by another"), history.reading(sealed):
        with history.writing(sealed) as connection:
            connection.execute(RUN, ["b"])


def test_a_log_that_cannot_be_written_is_read(sealed: str) -> None:
    """While others write, what they agree by is there, and readers can use it."""
    with contextlib.closing(sqlite3.connect(sealed)) as other:
        other.execute(RUN, ["b"])
        other.commit()
        assert names(sealed) == ["a", "b"]


def test_a_reader_sees_one_moment(path: str) -> None:
    """Who reads sees the history as it was when the reading began, and keeps no writer waiting."""
    with history.writing(path) as connection:
        connection.execute(RUN, ["a"])
    with history.reading(path) as reader:
        query = "SELECT count(*) FROM run"
        assert reader.execute(query).fetchone() == (1,)
        with history.writing(path) as writer:
            writer.execute(RUN, ["b"])
        assert reader.execute(query).fetchone() == (1,)
    assert names(path) == ["a", "b"]


def test_writers_wait_for_one_another(path: str) -> None:
    """Many that make and write one history at once all have their rows in it."""
    start = threading.Barrier(8)
    errors: list[BaseException] = []

    def write(number: int) -> None:
        try:
            start.wait()
            with history.writing(path) as connection:
                connection.execute(RUN, [f"{number}"])
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    assert names(path) == [*map(str, range(8))]


def test_writers_do_not_wait_for_ever(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where another holds the history for too long, that is an error in one line."""
    monkeypatch.setattr(history, "PATIENCE", 0.05)
    with history.writing(path):
        with pytest.raises(HistoryError, match="locked"), history.writing(path):
            pass
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode = DELETE")
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(HistoryError, match="locked"), history.writing(path):
            pass


class Busy:
    """A connection that others keep from its log for so many times."""

    def __init__(self, times: int, said: str) -> None:
        self.times, self.said = times, said

    def execute(self, statement: str) -> Busy:
        """Raise, or do nothing."""
        self.times -= 1
        if self.times >= 0:
            raise sqlite3.OperationalError(self.said)
        return self

    def fetchone(self) -> None:
        """Return nothing."""


def test_the_log_is_asked_for_until_it_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Others that do the same are waited for, and no longer than patience lasts."""
    monkeypatch.setattr(history, "PATIENCE", 5.0)
    history._as_log(Busy(2, "database is locked"))  # type: ignore[arg-type]
    with pytest.raises(sqlite3.OperationalError):
        history._as_log(Busy(1, "disk I/O error"))  # type: ignore[arg-type]
    monkeypatch.setattr(history, "PATIENCE", -1.0)
    with pytest.raises(sqlite3.OperationalError):
        history._as_log(Busy(1, "database is locked"))  # type: ignore[arg-type]


def test_text_that_is_no_utf_8() -> None:
    """What cannot be kept as UTF-8 is told by its escape; all else stays."""
    assert history.storable("a\ud800é\0") == "a\\ud800é\0"
