"""git's index: the changes to the lists staged, and nothing else; where that is asked for."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence

from trunk_failures.errors import UsageError
from trunk_failures.file_changes import FileChange


def add(changes: Sequence[FileChange], root: str) -> None:
    """Stage changes that have been written; raises UsageError where git cannot."""
    paths = sorted({path for each in changes for path in (each.old, each.new) if path})
    if not paths:
        return
    given = "\0".join(os.path.relpath(path, root).replace(os.sep, "/") for path in paths)
    command = ["git", "--literal-pathspecs", "-C", root, "add", "--all"]
    command += ["--pathspec-from-file=-", "--pathspec-file-nul"]
    try:
        done = subprocess.run(command, input=os.fsencode(given), capture_output=True)
    except OSError as error:
        raise UsageError(
            f"the lists were written, but not staged: git cannot be run ({error.strerror})"
        ) from error
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().partition("\n")[0]
        raise UsageError(f"the lists were written, but not staged: git says: {said}")
