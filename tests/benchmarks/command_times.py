"""Commands, each a process of its own, run by turns and timed: what several benchmarks share."""

from __future__ import annotations

import os
import pathlib
import resource
import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence

ROOT = pathlib.Path(__file__).resolve().parents[2]
_OURS = ("TRUNK_FAILURES", "PYTORCH_TEST", "PYTHONDONTWRITE", "GITHUB")


def environment(folder: pathlib.Path) -> dict[str, str]:
    """Return the environment of commands that import the package, its bytecode kept in a folder."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    return kept | {
        "PYTHONPATH": str(ROOT),
        "PYTHONPYCACHEPREFIX": str(folder / "pycache"),
        "TRUNK_FAILURES": "0",
    }


def medians(
    commands: Mapping[str, Sequence[str]], rounds: int, folder: pathlib.Path
) -> dict[str, float]:
    """Return the median of the processor seconds of each command; the first round is not counted.
    """
    taken: dict[str, list[float]] = {name: [] for name in commands}
    for turn in range(rounds + 1):
        for name, command in commands.items():
            once = seconds(command, environment(folder))
            if turn:
                taken[name].append(once)
    return {name: statistics.median(times) for name, times in taken.items()}


def seconds(command: Sequence[str], environ: dict[str, str]) -> float:
    """Run a command once and return its processor seconds; raises when it fails."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([sys.executable, *command], env=environ, capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(f"{command} failed:\n{done.stdout}{done.stderr}")
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
