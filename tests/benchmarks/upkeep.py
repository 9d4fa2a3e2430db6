"""Print how fast `trunk-failures check` is, as ratios against a bare read of the same files.

    python tests/benchmarks/upkeep.py [--rounds 7] [--scale 1]

At a scale of 1 there are 30,000 entries: once empty files, and once two lines in each. The floor
lists the directories, opens each file and reads it. All commands are processes of their own, by
turns; the ratios are those of medians of processor seconds, the interpreter's start and imports
counted. The files have been read before, and are in memory.
"""

from __future__ import annotations

import argparse
import pathlib
import sys
import tempfile

import command_times

ENTRIES = 30_000
FLOOR = """
import os, sys

count = 0
for listing in os.scandir(sys.argv[1]):
    for entry in os.scandir(listing.path):
        with open(entry.path, "rb") as file:
            count += len(file.read())
print(count)
"""


def lay_out(test_dir: pathlib.Path, count: int, filled: bool) -> None:
    """Write lists of two kinds, each with half of the entries."""
    for kind in ("expected_failures", "skips"):
        folder = test_dir / f"trunk_{kind}"
        folder.mkdir(parents=True)
        for number in range(count // 2):
            name = f"TestSuite{number // 20}CPU.test_operator_{kind}_{number}_cpu_float32"
            lines = f"{name}: reason: wrong strides\n{name}: owner: me\n" if filled else ""
            (folder / name).write_text(lines)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=7, help="rounds counted (default: 7)")
    parser.add_argument("--scale", type=float, default=1, help="share of the entries")
    options = parser.parse_args()
    count = max(2, int(ENTRIES * options.scale))
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        commands: dict[str, tuple[str, ...]] = {"start": ("-c", "pass")}
        for name in ("empty", "filled"):
            lay_out(folder / name, count, name == "filled")
            where = str(folder / name)
            commands[f"{name} floor"] = ("-c", FLOOR, where)
            commands[f"{name} check"] = ("-m", "trunk_failures", "check", "--test-dir", where)
        middle = command_times.medians(commands, options.rounds, folder)
    print(f"Python {sys.version.split()[0]}, {options.rounds} rounds, {count} entries")
    print("milliseconds: " + ", ".join(f"{name} {middle[name] * 1000:.0f}" for name in commands))
    for name in ("empty", "filled"):
        ratio = middle[f"{name} check"] / middle[f"{name} floor"]
        print(f"{ratio:6.2f}  check of {name} files, against a bare read of them")


if __name__ == "__main__":
    main()
