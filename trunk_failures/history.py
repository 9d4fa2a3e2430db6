"""The history: one SQLite file, opened, made, and brought to the present version."""

from __future__ import annotations

import contextlib
import os
import pathlib
import sqlite3
import time
from collections.abc import Iterator

from trunk_failures.errors import HistoryError

DEFAULT = os.path.join(".trunk_failures", "history.sqlite3")
PATIENCE = 60.0
"""Seconds to wait for others that write the same history."""

APPLICATION = 0x7466_6873
"""What SQLite's `application_id` is in our files."""

MIGRATIONS = (
    """
    -- Each state is made of the bits of `history_runs`. A run of several configurations is one
    -- row for each of them.
    CREATE TABLE run (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL,
        configuration TEXT NOT NULL,
        time INTEGER NOT NULL,
        commit_id TEXT NOT NULL,
        branch TEXT NOT NULL,
        modes TEXT NOT NULL,
        tests INTEGER NOT NULL DEFAULT 0,
        failed INTEGER NOT NULL DEFAULT 0,
        UNIQUE (name, configuration)
    );
    CREATE TABLE test (
        id INTEGER PRIMARY KEY, key TEXT NOT NULL, place TEXT NOT NULL, UNIQUE (key, place)
    );
    CREATE TABLE error (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);
    CREATE TABLE outcome (
        test INTEGER NOT NULL, run INTEGER NOT NULL, state INTEGER NOT NULL, error INTEGER,
        PRIMARY KEY (test, run)
    ) WITHOUT ROWID;
    """,
    """
    -- `until` is the first moment at which a source no longer said so; NULL while it does.
    CREATE TABLE status (
        source TEXT NOT NULL, time INTEGER NOT NULL, PRIMARY KEY (source, time)
    ) WITHOUT ROWID;
    CREATE TABLE disabled (
        source TEXT NOT NULL, name TEXT NOT NULL, since INTEGER NOT NULL, until INTEGER,
        issue TEXT NOT NULL, platforms TEXT NOT NULL, reason TEXT NOT NULL,
        PRIMARY KEY (source, name, since)
    ) WITHOUT ROWID;
    """,
    """
    -- What `notify` knows: see `outbox`.
    CREATE TABLE watched (
        branch TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL,
        PRIMARY KEY (branch, kind, name)
    ) WITHOUT ROWID;
    CREATE TABLE failing (
        branch TEXT NOT NULL, key TEXT NOT NULL, place TEXT NOT NULL, configuration TEXT NOT NULL,
        run TEXT NOT NULL, time INTEGER NOT NULL, commit_id TEXT NOT NULL,
        PRIMARY KEY (branch, key, place, configuration)
    ) WITHOUT ROWID;
    CREATE TABLE told (identity TEXT PRIMARY KEY, time INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE message (
        id INTEGER PRIMARY KEY, channel TEXT NOT NULL, key TEXT NOT NULL UNIQUE,
        made INTEGER NOT NULL, changes TEXT NOT NULL, tries INTEGER NOT NULL DEFAULT 0,
        fault TEXT NOT NULL DEFAULT ''
    );
    CREATE INDEX message_of_channel ON message (channel, id);
    """,
    """
    -- A test that skipped itself did not run, and so has no outcome.
    CREATE TABLE skip (
        test INTEGER NOT NULL, run INTEGER NOT NULL, PRIMARY KEY (test, run)
    ) WITHOUT ROWID;
    """,
)
"""What makes each version of the schema out of the one before; never changed, only added to."""


@contextlib.contextmanager
def writing(path: str) -> Iterator[sqlite3.Connection]:
    """Open a history, made if need be, in one transaction: all of it is written, or nothing.

    Raises HistoryError.
    """
    with _opened(path, make=True) as connection:
        yield connection


@contextlib.contextmanager
def reading(path: str) -> Iterator[sqlite3.Connection]:
    """Open a history that there is, to read it as it is at this moment, whoever writes meanwhile.

    Raises HistoryError.
    """
    if not os.path.exists(path):
        raise HistoryError(
            f"there is no history {path!r}; `trunk-failures record` makes it, --history names it"
        )
    fixed = _is_fixed(path)
    before = _stamp(path) if fixed else None
    with _opened(path, make=False, fixed=fixed) as connection:
        yield connection
    if fixed and _stamp(path) != before:
        raise _unusable(path, "it was changed by another while it was read; read it again")


def _is_fixed(path: str) -> bool:
    """Tell whether nothing can be written beside a history, such as what readers agree by."""
    beside = os.path.dirname(os.path.abspath(path))
    return not os.access(beside, os.W_OK) and not os.path.exists(f"{path}-wal")


def _stamp(path: str) -> tuple[int, int]:
    found = os.stat(path)
    return found.st_size, found.st_mtime_ns


@contextlib.contextmanager
def _opened(path: str, make: bool, fixed: bool = False) -> Iterator[sqlite3.Connection]:
    with contextlib.closing(_connected(path, make, fixed)) as connection:
        try:
            _check(connection, path)
            if make or _version(connection) < len(MIGRATIONS):
                _as_log(connection)
                connection.execute("BEGIN IMMEDIATE")
                _migrate(connection)
            if not make:
                _end(connection)
                connection.execute("BEGIN")
            yield connection
            _end(connection)
        except sqlite3.Error as error:
            raise _unusable(path, str(error)) from error


def _unusable(path: str, said: object) -> HistoryError:
    return HistoryError(
        f"the history {path!r} cannot be used: {said}; it is as it was; mend that, or name another "
        f"with --history"
    )


def _end(connection: sqlite3.Connection) -> None:
    if connection.in_transaction:
        connection.execute("COMMIT")


def _connected(path: str, make: bool, fixed: bool) -> sqlite3.Connection:
    try:
        whole = os.path.abspath(path)  # Some relative names are no files to SQLite.
        if make:
            os.makedirs(os.path.dirname(whole), exist_ok=True)
        where = f"{pathlib.Path(whole).as_uri()}?immutable=1" if fixed else whole
        return sqlite3.connect(where, timeout=PATIENCE, isolation_level=None, uri=fixed)
    except (sqlite3.Error, OSError, ValueError) as error:
        said = error.strerror if isinstance(error, OSError) else error
        raise _unusable(path, said) from error


def _version(connection: sqlite3.Connection) -> int:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return int(version)


def _check(connection: sqlite3.Connection, path: str) -> None:
    """Refuse what is no history, and one that a later version of this package wrote."""
    connection.execute("BEGIN")  # Or another that makes it could do so in between.
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    version = _version(connection)
    _end(connection)
    if application != APPLICATION and (application or tables):
        raise HistoryError(
            f"{path!r} is an SQLite file, but no history of this package's; name another with "
            f"--history"
        )
    if version > len(MIGRATIONS):
        raise HistoryError(
            f"the history {path!r} has version {version} of the schema, and this package knows "
            f"{len(MIGRATIONS)} at the most; install the version of it that wrote the file"
        )


def _as_log(connection: sqlite3.Connection) -> None:
    """Have writers keep a log, so that readers need not wait for them.

    SQLite does not wait by itself for others that are about to do the same.
    """
    given_up = time.monotonic() + PATIENCE
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL").fetchone()
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > given_up:
                raise
            time.sleep(0.02)


def _migrate(connection: sqlite3.Connection) -> None:
    """Bring the schema to the present version, within the transaction that is open."""
    for number in range(_version(connection), len(MIGRATIONS)):
        for statement in _statements(MIGRATIONS[number]):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {number + 1}")
        connection.execute(f"PRAGMA application_id = {APPLICATION}")


def _statements(script: str) -> Iterator[str]:
    """Yield a script's statements; `executescript` would end the transaction."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def storable(text: str) -> str:
    """Return a text without what no UTF-8 is; names from elsewhere may have it."""
    return text.encode("utf-8", "backslashreplace").decode()
