"""Coverage of child processes: what coverage.py measures there reaches the parent's data.

Only coverage.py's public interface is used, and only where the parent is measured by it.
"""

from __future__ import annotations

import os
import sys
from typing import Any, NamedTuple

OPTIONS = ("branch", "source", "source_pkgs", "include", "omit", "concurrency")


PATHS = ("source", "include", "omit")
"""Those of them that are, or may be, relative to the directory that coverage.py started in."""

WORKING = os.getcwd()


class Measurement(NamedTuple):
    """How the parent is measured: the options of coverage.py's `[run]` section that decide it."""

    options: dict[str, Any]


def of_this_process() -> Measurement | None:
    """Return how this process is measured, or None when it is not."""
    current = _current()
    if current is None:
        return None
    options = {name: current.get_option(f"run:{name}") for name in OPTIONS}
    for name in PATHS:
        options[name] = [_absolute(path) for path in options[name] or ()]
    return Measurement(options)


def start(measurement: Measurement | None) -> Any:
    """Start to measure a child process as its parent is; returns what `finish` takes.

    The parent's own Coverage, which a fork copies, is stopped: two that write one file would each
    erase what the other wrote.
    """
    if measurement is None:
        return None
    import coverage

    current = _current()
    if current is not None:
        current.stop()
    given = {name: value for name, value in measurement.options.items() if value}
    started: Any = coverage.Coverage(data_file=None, config_file=False, **given)
    started.start()
    return started


def finish(started: Any) -> bytes:
    """Return what was measured in the child, to be sent to the parent."""
    if started is None:
        return b""
    started.stop()
    measured: bytes = started.get_data().dumps()
    return measured


def add(measured: bytes) -> None:
    """Add what was measured in a child to the data of this process."""
    current = _current()
    if not measured or current is None:
        return
    import coverage

    data = coverage.CoverageData(no_disk=True)
    data.loads(measured)
    current.get_data().update(data)


def _current() -> Any:
    coverage: Any = sys.modules.get("coverage")
    return coverage.Coverage.current() if coverage is not None else None


def _absolute(path: str) -> str:
    """Return a path as it was meant when coverage.py started: tests may have gone elsewhere."""
    there = os.path.join(WORKING, path)
    return there if os.path.exists(there) or "/" in path else path
