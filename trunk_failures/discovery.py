"""Finding the test directory: the one that holds the list directories."""

from __future__ import annotations

import os
import sys

from trunk_failures import lists

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

VARIABLE = "TRUNK_FAILURES_DIR"
INSTALLED = ("site-packages", "dist-packages")
REPOSITORY = (".git", ".hg")


class Found:
    """Where the lists are: `test_dir`, or None and the places `looked` at, in order."""

    __slots__ = ("looked", "test_dir")

    def __init__(self, test_dir: str | None, looked: list[str]) -> None:
        self.test_dir = test_dir
        self.looked = looked


def find(
    environ: Mapping[str, str], package: str, main: str | None, working: str | None
) -> Found:
    """Return the test directory for a process.

    `package` is the directory of this package, `main` the file of `__main__` (None in a REPL or
    under `-c`), `working` the working directory (None where it is gone). Raises UsageError when
    `TRUNK_FAILURES_DIR` names no directory.
    """
    given = environ.get(VARIABLE)
    if given:
        return Found(_given(given), [given])
    looked: list[str] = []
    for place in _places(package, main, working):
        if place in looked:
            continue
        looked.append(place)
        if holds_lists(place):
            return Found(place, looked)
    return Found(None, looked)


def holds_lists(directory: str) -> bool:
    """Tell whether a directory holds a list directory."""
    try:
        with os.scandir(directory) as entries:
            return any(
                lists.mode_and_kind(entry.name) is not None and entry.is_dir() for entry in entries
            )
    except OSError:  # It is not there, is no directory, or may not be read: no place for lists.
        return False


def repository(directory: str) -> str | None:
    """Return the root of the repository that a directory is in, or None."""
    for place in _upwards(directory):
        if any(os.path.exists(os.path.join(place, name)) for name in REPOSITORY):
            return place
    return None


def _given(directory: str) -> str:
    if os.path.isdir(directory):
        return os.path.abspath(directory)
    from trunk_failures.errors import UsageError

    raise UsageError(
        f"{VARIABLE}={directory!r} is no directory (seen from {os.getcwd()!r}); name the directory "
        f"that holds the `<mode>_expected_failures` and `<mode>_skips`, or unset {VARIABLE}"
    )


def _places(package: str, main: str | None, working: str | None) -> Iterator[str]:
    """Yield the directories to look at, in order."""
    beside = os.path.dirname(os.path.abspath(package))
    if os.path.basename(beside) not in INSTALLED:
        yield os.path.join(beside, "tests")
        yield os.path.join(beside, "test")
    if main is not None and not _is_tool(os.path.abspath(main)):
        yield from _with_tests(os.path.dirname(os.path.abspath(main)))
    if working is not None:
        yield from _with_tests(os.path.abspath(working))


def _with_tests(start: str) -> Iterator[str]:
    """Yield each directory from `start` up to its repository's root, and its test directories.

    What lies directly in site-packages belongs to whichever package left it there, so that
    level is passed over.
    """
    for place in _upwards(start):
        if os.path.basename(place) not in INSTALLED:
            yield place
            yield os.path.join(place, "tests")
            yield os.path.join(place, "test")
        if any(os.path.exists(os.path.join(place, name)) for name in REPOSITORY):
            return


def _upwards(directory: str) -> Iterator[str]:
    place = os.path.abspath(directory)
    while True:
        yield place
        above = os.path.dirname(place)
        if above == place:
            return
        place = above


def _is_tool(main: str) -> bool:
    """Tell whether `__main__` is a test runner's own file and says nothing of where tests lie.

    So it is for `python -m unittest` (the standard library), `python -m pytest`
    (site-packages) and `pytest` (the scripts beside the interpreter or in a user's own `bin`; on
    Windows `pytest.exe/__main__.py`).
    """
    path = os.path.normcase(main)
    if os.path.basename(os.path.dirname(path)) == "bin" and not path.endswith((".py", ".pyz")):
        return True
    if any(part in INSTALLED for part in path.replace(os.sep, "/").split("/")):
        return True
    roots = [os.path.dirname(os.__file__)]
    if sys.executable:
        roots.append(os.path.dirname(os.path.abspath(sys.executable)))
    return any(path.startswith(os.path.normcase(root) + os.sep) for root in roots)
