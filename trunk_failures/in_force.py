"""The lists in force in this process.

They are loaded when the package is imported, but for an import of the pytest plugin, which every
run of pytest makes where the package is installed: then when they are first asked for.
"""

from __future__ import annotations

import os
import sys

from trunk_failures import discovery, list_files, modes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType

    from trunk_failures.lists import Lists


STATUS = "TRUNK_FAILURES_STATUS"
"""The variable that names a status file, whose disabled tests are suppressed like skips."""

PLUGIN = "trunk_failures.pytest_plugin"

TESTING = frozenset({"run", "unittest"})
"""The commands of this package that run tests."""

lists: Lists
"""The lists in force; loaded at the first use, unless others were put in their place before."""

trouble = ""
"""Why there are no lists in this package's own command, which says so in one line."""


def _load_or_say() -> Lists:
    """Return the lists; faults in them end an import, but not this package's own command."""
    global trouble
    own = _is_own_command(sys.argv, sys.orig_argv)
    if own and not {*sys.argv[1:2]} & TESTING:  # What runs no test asks for its lists itself.
        return list_files.load(None, {modes.SWITCH: "0"})
    try:
        return _load()
    except Exception as error:
        from trunk_failures.errors import TrunkFailuresError

        if not own or not isinstance(error, TrunkFailuresError):
            raise
        trouble = str(error)
        return list_files.load(None, {modes.SWITCH: "0"})


def _is_own_command(argv: list[str], original: list[str]) -> bool:
    """Tell whether this process runs `trunk-failures` or `python -m trunk_failures`."""
    name = os.path.basename(argv[0]) if argv else ""
    if name == "-m":  # What runpy leaves there while it imports the package.
        module = original[len(original) - len(argv)]
        return module == "trunk_failures" or module.endswith("mtrunk_failures")
    return name.startswith("trunk-failures")


def _load() -> Lists:
    if modes.switched_off(os.environ):
        return list_files.load(None, os.environ)
    found = discovery.find(
        os.environ,
        os.path.dirname(__file__),
        _main_file(),
        _working(),
    )
    status = os.environ.get(STATUS, "")
    missing = "" if status else none_found(found)
    loaded = list_files.load(found.test_dir, os.environ)
    loaded, notes = with_status(loaded, status, _working())
    for said in [missing, *notes]:
        if said:
            import warnings

            from trunk_failures.errors import TrunkFailuresWarning

            warnings.warn(said, TrunkFailuresWarning, stacklevel=3)
    return loaded


def with_status(
    loaded: Lists, status: str, base: str | None
) -> tuple[Lists, tuple[str, ...]]:
    """Return lists with those of a status file after them, and what people are to know of these.

    Without a file they are as they were. `base` is where tests are, if there is no test directory.
    """
    if not status:
        return loaded, ()
    from trunk_failures import status_lists

    return status_lists.overlaid(loaded, status, os.environ, base)


def _main_file() -> str | None:
    """Return the file of `__main__`, or of the script that `trunk-failures run` is about to run."""
    if sys.argv[1:2] == ["run"] and _is_own_command(sys.argv, sys.orig_argv):
        return sys.argv[2] if sys.argv[2:] and os.path.exists(sys.argv[2]) else None
    file: str | None = getattr(sys.modules.get("__main__"), "__file__", None)
    return file


def _working() -> str | None:
    try:
        return os.getcwd()
    except OSError:  # It has been deleted; the script may still say where the tests are.
        return None


def none_found(found: discovery.Found) -> str:
    """Return the warning that no lists were found, or "" where there are some."""
    if found.test_dir is None:
        what = "no list directory was found, so that no failure is suppressed"
    elif not discovery.holds_lists(found.test_dir):
        what = "the test directory holds no list directory, so no failure is suppressed"
    else:
        return ""
    return (
        f"{what}; looked for `<mode>_expected_failures` and `<mode>_skips` in: "
        f"{', '.join(found.looked)}; make one of them there, set {discovery.VARIABLE}, or set "
        f"TRUNK_FAILURES=0 if there is to be none"
    )


def put(given: Lists) -> Lists:
    """Put lists in force in the place of those that this process would find itself."""
    globals()["lists"] = given
    return given


def __getattr__(name: str) -> Lists:
    if name != "lists":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return put(_load_or_say())


def is_plugin_import() -> bool:
    """Tell whether the package is being imported for its pytest plugin alone.

    Only the import system knows which sub-module a package is being imported for.
    """
    frame: FrameType | None = sys._getframe()
    while frame is not None:
        if frame.f_code.co_name == "_find_and_load_unlocked":
            if frame.f_locals.get("name") == PLUGIN:
                return True
        frame = frame.f_back
    return False
