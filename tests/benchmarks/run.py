"""Print how fast the package is, as ratios: against the floor and against what else people use.

    python tests/benchmarks/run.py [--rounds 7] [--scale 1] [--pytorch-module FILE]

Every row is one pair of commands, run by turns in processes of their own; the ratio is that of
their medians. `start` is taken off where it says so: the interpreter's own start.
"""

from __future__ import annotations

import argparse
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from typing import NamedTuple

ROOT = pathlib.Path(__file__).resolve().parents[2]

SCAN = """
import os
for name in ("dynamo_expected_failures", "dynamo_skips"):
    {entry.name for entry in os.scandir(os.path.join(os.environ["TRUNK_FAILURES_DIR"], name))}
"""
PYTORCH = """
import sys
sys.modules["__main__"].__file__ = sys.argv[2]
exec(compile(open(sys.argv[1]).read(), sys.argv[1], "exec"))
"""
SUITE_HEAD = "import unittest\nfrom trunk_failures import suppressIfTrunkFailing\n"


class Command(NamedTuple):
    """A command to time, with what it adds to the environment."""

    arguments: Sequence[str]
    environment: dict[str, str]


def seconds(command: Command, environment: dict[str, str]) -> float:
    """Run a command once and return its wall seconds; raises when it fails."""
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, *command.arguments],
        env={**environment, **command.environment},
        capture_output=True,
        text=True,
    )
    taken = time.perf_counter() - started
    if done.returncode:
        raise SystemExit(f"{command.arguments} failed:\n{done.stdout}{done.stderr}")
    return taken


def medians(commands: Sequence[Command], rounds: int, environment: dict[str, str]) -> list[float]:
    """Run commands by turns, one round not counted, and return the median seconds of each."""
    taken: list[list[float]] = [[] for _ in commands]
    for turn in range(rounds + 1):
        for command, times in zip(commands, taken):
            once = seconds(command, environment)
            if turn:
                times.append(once)
    return [statistics.median(times) for times in taken]


def write_lists(folder: pathlib.Path, entries: int) -> None:
    """Write list directories as PyTorch's, half of the entries in each."""
    for kind in ("dynamo_expected_failures", "dynamo_skips"):
        (folder / kind).mkdir(parents=True)
        for number in range(entries // 2):
            (folder / kind / f"TestCommonCPU.test_{kind[7:9]}_op_{number}_cpu_float32").touch()
    for name in ("inductor_expected_failures", "inductor_skips", "compiled_autograd_skips"):
        (folder / name).mkdir()


def write_suite(folder: pathlib.Path, name: str, tests: int, lines: dict[str, str]) -> None:
    """Write a module of test classes of 100 tests each; `lines` has decorators and the body."""
    text = [SUITE_HEAD]
    for cls in range(max(1, tests // 100)):
        text.append(f"{lines.get('class', '')}class {lines.get('name', 'T')}{cls}(")
        text.append("unittest.TestCase):\n")
        for test in range(100):
            text.append(f"{lines.get('method', '')}    def test_{test}(self): {lines['body']}\n")
    (folder / f"{name}.py").write_text("".join(text))


def import_rows(folder: pathlib.Path, options: argparse.Namespace) -> list[tuple[str, float, str]]:
    """Time the import with 30,000 entries in force."""
    entries = int(30_000 * options.scale)
    write_lists(folder / "test", entries)
    force = {"TRUNK_FAILURES_DIR": str(folder / "test"), "PYTORCH_TEST_WITH_DYNAMO": "1"}
    commands = [
        Command(["-c", "pass"], {}),
        Command(["-c", SCAN], force),
        Command(["-c", "import trunk_failures"], force),
    ]
    if options.pytorch_module:
        script = str(folder / "test" / "script.py")
        commands.append(Command(["-c", PYTORCH, options.pytorch_module, script], force))
    start, floor, ours, *theirs = medians(commands, 3 * options.rounds, options.environment)
    what = f"import, {entries} entries in force; start taken off"
    rows = [(what, (ours - start) / (floor - start), "os.scandir into sets")]
    for other in theirs:
        rows.append((what, (ours - start) / (other - start), "PyTorch's module"))
        rows.append(("PyTorch's module, the same", (other - start) / (floor - start), "os.scandir"))
    return rows


def suite_rows(folder: pathlib.Path, options: argparse.Namespace) -> list[tuple[str, float, str]]:
    """Time 20,000 trivial tests under unittest."""
    tests = int(20_000 * options.scale)
    decorated = "@suppressIfTrunkFailing\n"
    write_suite(folder, "plain", tests, {"body": "pass"})
    write_suite(folder, "decorated", tests, {"body": "pass", "class": decorated, "name": "U"})
    expected = {"body": "assert 0", "method": "    @unittest.expectedFailure\n"}
    write_suite(folder, "marked", tests, expected)
    write_suite(folder, "listed", tests, {"body": "assert 0", "class": decorated})
    lists = folder / "tests" / "trunk_expected_failures"
    lists.mkdir(parents=True)
    for cls in range(max(1, tests // 100)):
        for test in range(100):
            (lists / f"T{cls}.test_{test}").touch()
    off = {"TRUNK_FAILURES": "0", "PYTHONPATH": f"{folder}{os.pathsep}{ROOT}"}
    force = {"TRUNK_FAILURES_DIR": str(folder / "tests"), "PYTHONPATH": off["PYTHONPATH"]}
    run = ["-m", "unittest", "-q"]
    commands = [
        Command([*run, "plain"], off),
        Command([*run, "decorated"], off),
        Command([*run, "decorated"], force),
        Command([*run, "marked"], off),
        Command([*run, "listed"], force),
    ]
    plain, out, unlisted, marked, listed = medians(commands, options.rounds, options.environment)
    return [
        (f"{tests} tests decorated, no list in force", out / plain, "undecorated"),
        (f"{tests} tests decorated, {tests} others listed", unlisted / plain, "undecorated"),
        (f"{tests} tests listed, all failing", listed / marked, "@unittest.expectedFailure"),
    ]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=7, help="rounds counted (default: 7)")
    parser.add_argument("--scale", type=float, default=1, help="share of the tests and entries")
    parser.add_argument("--pytorch-module", metavar="FILE", help="its dynamo_test_failures.py")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        options.environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("TRUNK_FAILURES", "PYTORCH_TEST", "PYTHONDONTWRITE"))
        }
        options.environment |= {
            "PYTHONPATH": str(ROOT),
            "PYTHONPYCACHEPREFIX": str(folder / "pycache"),
        }
        print(f"Python {sys.version.split()[0]}, {options.rounds} rounds")
        for rows in (import_rows, suite_rows):
            for what, ratio, against in rows(folder, options):
                print(f"{ratio:6.2f}  {what}, against {against}", flush=True)


if __name__ == "__main__":
    main()
