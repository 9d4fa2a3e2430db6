"""Print how fast `trunk-failures exclusions` is, as ratios against what else there is.

    python tests/benchmarks/exclusions.py [--rounds 7] [--scale 1] [--disabled FILE]

At a scale of 1 there are 10,000 collected tests, and statuses of 300 and of 100,000 entries, in
PyTorch's form and in ours. The peer is the rule of PyTorch's test base, which looks at every
disabled test for each test; it has the 260 entries that PyTorch had on 2023-12-01 (or those of
FILE). All commands are processes of their own, by turns; the ratios are those of medians of
processor seconds, the interpreter's start and imports counted.
"""

from __future__ import annotations

import argparse
import json
import pathlib
import sys
import tempfile

import command_times

TESTS, FEW, MANY, PYTORCHS = 10_000, 300, 100_000, 260

# check_if_enable in torch/testing/_internal/common_utils.py, as it was at the end of 2023.
SCAN = """
import json, sys

DTYPES = ("float32", "float64", "bool", "int64", "complex64", "bfloat16", "float16")
DEVICES = ("cpu", "cuda", "meta", "xpu")

def remove_device_and_dtype_suffixes(test_name):
    for device in DEVICES:
        if test_name.endswith("_" + device):
            return test_name[: -len("_" + device)]
        for dtype in DTYPES:
            if test_name.endswith("_" + device + "_" + dtype):
                return test_name[: -len("_" + device + "_" + dtype)]
    return test_name

def is_disabled(disabled, classname, method):
    sanitized = remove_device_and_dtype_suffixes(method)

    def matches_test(target):
        target_test_parts = target.split()
        if len(target_test_parts) < 2:
            return False
        target_testname = target_test_parts[0]
        target_classname = target_test_parts[1][1:-1].split(".")[-1]
        return classname.startswith(target_classname) and (
            target_testname in (method, sanitized)
        )

    for disabled_test, (number, issue_url, platforms) in disabled.items():
        if matches_test(disabled_test):
            return True
    return False

with open(sys.argv[1]) as file:
    disabled = json.load(file)
with open(sys.argv[2]) as file:
    ids = [line.strip().split("::") for line in file if "::" in line]
print(sum(is_disabled(disabled, classname, method) for _, classname, method in ids))
"""
LOAD = "import json, sys; json.load(open(sys.argv[1]))"


def write_collected(path: pathlib.Path, count: int) -> None:
    """Write what pytest prints of tests as PyTorch generates them."""
    lines = [
        f"test/test_module_{number // 500}.py::TestThing{number // 20 % 25}CPU"
        f"::test_operator_{number % 20}_cpu_float32"
        for number in range(count)
    ]
    path.write_text("\n".join([*lines, "", f"{count} tests collected in 1.00s", ""]))


def condensed(count: int) -> dict[str, list[object]]:
    """Return disabled tests in PyTorch's form, the first hundred of them collected ones."""
    found: dict[str, list[object]] = {}
    for number in range(count):
        name = f"test_operator_{number % 20} (__main__.TestThing{number // 20})"
        if number >= 100:
            name = f"test_another_case_{number}_cuda (__main__.TestSuite{number % 500})"
        issue = f"https://github.com/pytorch/pytorch/issues/{number}"
        found[name] = [str(number), issue, ["linux", "rocm"][: number % 3]]
    return found


def own(count: int) -> dict[str, object]:
    """Return disabled tests in our form, by node ids."""
    tests = [
        {
            "name": f"test/test_module_{number % 20}.py::TestThing{number % 25}CPU"
            f"::test_operator_{number}_cpu_float32",
            "issue": f"https://github.com/pytorch/pytorch/issues/{number}",
            "reason": "AssertionError: Tensor-likes are not close!",
        }
        for number in range(count)
    ]
    head = {"trunk_failures_status": 1, "fetched": "2026-01-01T00:00:00Z", "origin": "x"}
    return {**head, "tests": tests}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=7, help="rounds counted (default: 7)")
    parser.add_argument("--scale", type=float, default=1, help="share of the tests and entries")
    parser.add_argument("--disabled", metavar="FILE", help="PyTorch's disabled tests")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        few, many = int(FEW * options.scale) or 1, int(MANY * options.scale) or 1
        collected, theirs = folder / "collected.txt", options.disabled or folder / "theirs.json"
        write_collected(collected, int(TESTS * options.scale) or 1)
        if not options.disabled:
            theirs.write_text(json.dumps(condensed(PYTORCHS)))
        for name, document in {
            "few": condensed(few), "many": condensed(many),
            "own_few": own(few), "own_many": own(many),
        }.items():
            (folder / f"{name}.json").write_text(json.dumps(document))
        ours = ("-m", "trunk_failures", "exclusions", "--platform=linux", "--collected")
        commands = {
            "start": ("-c", "pass"),
            "scan": ("-c", SCAN, str(theirs), str(collected)),
            "ours": (*ours, str(collected), str(theirs)),
            **{
                name: (*ours, str(collected), str(folder / f"{name}.json"))
                for name in ("few", "many", "own_few", "own_many")
            },
            "load": ("-c", LOAD, str(folder / "many.json")),
            "own_load": ("-c", LOAD, str(folder / "own_many.json")),
        }
        middle = command_times.medians(commands, options.rounds, folder)
    tests = int(TESTS * options.scale)
    print(f"Python {sys.version.split()[0]}, {options.rounds} rounds, {tests} tests")
    print("milliseconds: " + ", ".join(f"{name} {middle[name] * 1000:.0f}" for name in commands))
    for one, other, what in (
        ("ours", "scan", "the command, against PyTorch's scan alone, on PyTorch's disabled tests"),
        ("many", "few", f"{many} entries, against {few}, in PyTorch's form"),
        ("many", "load", f"{many} entries in PyTorch's form, against json.load of them"),
        ("own_many", "own_few", f"{many} entries, against {few}, in our form"),
        ("own_many", "own_load", f"{many} entries in our form, against json.load of them"),
    ):
        print(f"{middle[one] / middle[other]:6.2f}  {what}")


if __name__ == "__main__":
    main()
