"""The lists in force in this process, loaded when this module is imported."""

from __future__ import annotations

import os
import sys

from trunk_failures import discovery, list_files, modes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from trunk_failures.lists import Lists


trouble = ""
"""Why there are no lists in this package's own command, which says so in one line."""


def _load_or_say() -> Lists:
    """Return the lists; faults in them end an import, but not this package's own command."""
    global trouble
    try:
        return _load()
    except Exception as error:
        from trunk_failures.errors import TrunkFailuresError

        own = _is_own_command(sys.argv, sys.orig_argv)
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
        getattr(sys.modules.get("__main__"), "__file__", None),
        _working(),
    )
    if found.test_dir is None:
        _warn("no list directory was found, so that no failure is suppressed", found)
    elif not discovery.holds_lists(found.test_dir):
        _warn("the test directory holds no list directory, so no failure is suppressed", found)
    return list_files.load(found.test_dir, os.environ)


def _working() -> str | None:
    try:
        return os.getcwd()
    except OSError:  # It has been deleted; the script may still say where the tests are.
        return None


def _warn(what: str, found: discovery.Found) -> None:
    import warnings

    from trunk_failures.errors import TrunkFailuresWarning

    warnings.warn(
        f"{what}; looked for `<mode>_expected_failures` and `<mode>_skips` in: "
        f"{', '.join(found.looked)}; make one of them there, set {discovery.VARIABLE}, or set "
        f"TRUNK_FAILURES=0 if there is to be none",
        TrunkFailuresWarning,
        stacklevel=2,
    )


lists = _load_or_say()
