"""List writing: file changes, made so that no test is ever listed by none or by two entries.

All new texts are brought to the disk first, beside the files that they are of: where that fails,
nothing has changed. Then each file is changed by one call that the system does whole or not at
all; an entry that moves takes its old text along, which holds in both places, and is edited then.
"""

from __future__ import annotations

import collections
import concurrent.futures
import contextlib
import functools
import os
import stat
from collections.abc import Callable, Iterable, Mapping, Sequence

from trunk_failures import atomic_files, lists
from trunk_failures.errors import ListError
from trunk_failures.file_changes import FileChange

TEMPORARY = ".trunk_failures-"
"""What the names of temporary files begin with; lists pass over names with a dot before them."""

KEEP = ".gitkeep"

MANY = 64
"""Texts from which on several are brought to the disk at once: a disk syncs many for one's time."""

THREADS = 8


def write(changes: Sequence[FileChange]) -> None:
    """Make changes; raises ListError, with nothing changed, where they cannot be made.

    To be called with the lock (see `list_lock`): leftovers of a run that was killed are removed.
    """
    if not changes:
        return
    staged = _Staged()
    try:
        for change in changes:
            _check(change)
        staged.fill(changes)
    except OSError as error:
        staged.discard()
        raise _cannot(error, "none") from error
    except BaseException:
        staged.discard()
        raise
    try:
        to_come = collections.Counter(each for change in changes for each in _directories([change]))
        for number, change in enumerate(changes):
            _apply(change, staged.texts.pop(number, None), staged.bridges.pop(number, None))
            for directory in _directories([change]):
                to_come[directory] -= 1
                _tidy(directory, to_come)
        _sync(_directories(changes))
    except OSError as error:
        staged.discard()
        raise _cannot(error, "not all") from error


class _Staged:
    """What has been written beside the lists: new texts, bridges, and directories for them."""

    def __init__(self) -> None:
        self.texts: dict[int, str] = {}
        self.bridges: dict[int, str] = {}
        self._made: list[str] = []

    def fill(self, changes: Sequence[FileChange]) -> None:
        """Write all that changes need."""
        for directory in sorted({os.path.dirname(each.new) for each in changes if each.new}):
            _make(directory, self._made)
        for directory in _directories(changes):
            _sweep(directory)
        _do_all([functools.partial(self._fill, *each) for each in enumerate(changes)])

    def _fill(self, number: int, change: FileChange) -> None:
        if change.new is not None and (change.old is None or change.before != change.after):
            self.texts[number] = _stage(change, change.new, change.after)
        if _is_renamed(change):
            self.bridges[number] = _stage(change, change.old or "", _bridge(change))

    def discard(self) -> None:
        """Remove what was written and has not been put in its place."""
        for path in (*self.texts.values(), *self.bridges.values()):
            with contextlib.suppress(OSError):
                os.unlink(path)
        for directory in reversed(self._made):
            with contextlib.suppress(OSError):
                os.rmdir(directory)


def _do_all(calls: Sequence[Callable[[], None]]) -> None:
    """Make calls, several at once where there are many; none is under way when this ends."""
    if len(calls) < MANY:
        for call in calls:
            call()
        return
    with concurrent.futures.ThreadPoolExecutor(THREADS) as threads:
        begun = [threads.submit(call) for call in calls]
        try:
            for each in begun:
                each.result()
        except BaseException:
            threads.shutdown(cancel_futures=True)
            raise


def _directories(changes: Sequence[FileChange]) -> set[str]:
    return {os.path.dirname(path) for each in changes for path in each[:2] if path}


def _cannot(error: OSError, how_many: str) -> ListError:
    return ListError(
        f"the lists cannot be written: {error.filename or 'a file'}: {error.strerror}; {how_many} "
        f"of the changes were made, and every test is listed as before or as after; mend that "
        f"and run the same command again"
    )


def _check(change: FileChange) -> None:
    """Refuse to change what is no regular file: a link leads out of the lists."""
    for path in {change.old, change.new} - {None}:
        assert path is not None
        try:
            mode = os.lstat(path).st_mode
        except FileNotFoundError:
            if path == change.old:
                raise ListError(
                    f"{path!r} is gone since the lists were read; run the same command again"
                ) from None
            continue
        if not stat.S_ISREG(mode):
            raise ListError(f"{path!r} is no regular file; an entry is; replace or remove it")
        if path == change.new != change.old and not _is_itself(change):
            raise ListError(f"{path!r} is there already; run the same command again")


def _is_itself(change: FileChange) -> bool:
    """Tell whether a file is there already as the old one, its name in another case."""
    old, new = change.old or "", change.new or ""
    return old.lower() == new.lower() and os.path.samefile(old, new)


def _make(directory: str, made: list[str]) -> None:
    """Make a directory and those above it, noting which."""
    missing = []
    while not os.path.isdir(directory):
        missing.append(directory)
        directory = os.path.dirname(directory)
    for each in reversed(missing):
        os.mkdir(each)
        made.append(each)


def _sweep(directory: str) -> None:
    for name in os.listdir(directory):
        if name.startswith(TEMPORARY):
            os.unlink(os.path.join(directory, name))


def _is_renamed(change: FileChange) -> bool:
    """Tell whether an entry moves to a file of another name, and has another text there."""
    if change.old is None or change.new is None or change.before == change.after:
        return False
    return os.path.basename(change.old) != os.path.basename(change.new)


def _bridge(change: FileChange) -> str:
    """Return a text that holds under the old name and under the new one: both name the test."""
    first, end, _ = change.after.partition("\n")
    return f"{first}{end}{change.before}"


def _stage(change: FileChange, path: str, text: str) -> str:
    """Write a text beside the file that it is to be, with the old one's permissions."""
    mode = stat.S_IMODE(os.stat(change.old).st_mode) if change.old is not None else None
    return atomic_files.staged(os.path.dirname(path), TEMPORARY, text.encode("utf-8"), mode)


def _apply(change: FileChange, staged: str | None, bridge: str | None) -> None:
    old, new = change.old, change.new
    if new is None:
        assert old is not None
        os.unlink(old)
        return
    if old is not None and old != new:
        if bridge is not None:
            os.replace(bridge, old)
        os.replace(old, new)
    if staged is not None:
        os.replace(staged, new)


def _tidy(directory: str, to_come: Mapping[str, int]) -> None:
    """Remove a sub-folder that is empty now; a list directory itself gets a file to keep it.

    Those to which changes are to come are left as they are.
    """
    while lists.mode_and_kind(os.path.basename(directory)) is None:
        if to_come.get(directory):
            return
        try:
            os.rmdir(directory)
        except OSError:  # Not empty, nearly always.
            return
        directory = os.path.dirname(directory)
    if to_come.get(directory):
        return
    with os.scandir(directory) as found:
        is_empty = next(found, None) is None
    if is_empty:
        with open(os.path.join(directory, KEEP), "wb"):
            pass


def _sync(directories: Iterable[str]) -> None:
    """Bring the names to the disk, where a system lets directories be opened."""
    for directory in directories:
        try:
            number = os.open(directory, os.O_RDONLY)
        except OSError:  # Windows, or a sub-folder that is gone.
            continue
        try:
            with contextlib.suppress(OSError):
                os.fsync(number)
        finally:
            os.close(number)
