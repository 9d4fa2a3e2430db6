"""Trunk's status as lists in force, and what runs nothing but its tests."""

from __future__ import annotations

import datetime
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from lists_fixtures import write_entry
from plugin_fixtures import Project

from trunk_failures import (
    entries,
    entry_files,
    list_files,
    lists,
    platforms,
    status_files,
    status_lists,
    transfer,
)
from trunk_failures.errors import SourceError, UsageError
from trunk_failures.statuses import PYTORCH, Disabled, Status

pytest_plugins = ["plugin_fixtures"]

NOW = datetime.datetime(2026, 5, 1, 12, tzinfo=datetime.timezone.utc)
LONG = "test_x[" + "y" * 300 + "]"
Overlay = Callable[..., status_lists.Overlaid]


@pytest.fixture
def overlay(tmp_path: Path) -> Overlay:
    """Return a function that puts a status of some tests over the lists of a test directory."""
    (tmp_path / "tests" / "nn").mkdir(parents=True)
    for name in ("test_a.py", "nn/test_init.py"):
        (tmp_path / "tests" / name).write_text("")

    def overlaid(*tests: Disabled, here: str = "linux", top: bool = True) -> status_lists.Overlaid:
        path = str(tmp_path / "status.json")
        status_files.write(path, Status(tests, NOW, "x"))
        loaded = list_files.load(str(tmp_path / "tests") if top else None, {})
        environ = {platforms.VARIABLE: here} if here else {}
        return status_lists.overlaid(loaded, path, environ, str(tmp_path / "tests"))

    return overlaid


def entry(loaded: lists.Lists, key: str, file: str = "") -> entries.Entry | None:
    """Return the entry of a test in trunk's status, or None."""
    found = [each for each in loaded.find(key, file) if each.listing.mode == lists.STATUS]
    assert bool(found) == loaded.is_disabled(key, file)
    return entry_files.read(found[0]) if found else None


@pytest.mark.parametrize(
    ("disabled", "key", "file", "wanted"),
    [
        (Disabled("test_x (m.TestA)", PYTORCH), "TestA.test_x", "", True),
        (Disabled("test_x (m.TestA)", PYTORCH), "TestACPU.test_x_cpu_float32", "nn/x", True),
        (Disabled("test_x (m.TestA)", PYTORCH), "TestA.test_x_more", "", False),
        (Disabled("test_x (m.TestA)", PYTORCH), "XTestA.test_x", "", False),
        (Disabled("test_x (__main__.TestA)"), "TestA.test_x", "test_a", True),
        (Disabled("test_x (__main__.TestA)"), "TestACPU.test_x", "test_a", False),
        (Disabled("TestA.test_x"), "TestA.test_x", "nn/test_init", True),
        (Disabled("tests/test_a.py::TestA::test_x"), "TestA.test_x", "test_a", True),
        (Disabled("tests/test_a.py::TestA::test_x"), "TestA.test_x", "nn/test_init", False),
        (Disabled("tests/nn/test_init.py::TestA::test_x"), "TestA.test_x", "nn/test_init", True),
        (Disabled("nn/test_init.py::TestA::test_x"), "TestA.test_x", "nn/test_init", True),
        (Disabled("other/nn/test_init.py::TestA::test_x"), "TestA.test_x", "nn/test_init", False),
        (Disabled("tests.nn.test_init.TestA.test_x"), "TestA.test_x", "nn/test_init", True),
        (Disabled("tests.nn.test_init.TestA.test_x"), "TestA.test_x", "test_a", False),
        (Disabled("elsewhere.TestA.test_x"), "TestA.test_x", "test_a", True),
        (Disabled("../x/test_b.py::TestA::test_x"), "TestA.test_x", "test_a", False),
        (Disabled(f"tests/test_a.py::{LONG}"), f"test_a.{LONG}", "test_a", True),
        (Disabled("no / test at all"), "TestA.test_x", "", False),
        (Disabled("TestA.test_x", platforms=("mac",)), "TestA.test_x", "", False),
        (Disabled("TestA.test_x", platforms=("lunix",)), "TestA.test_x", "", False),
    ],
)
def test_which_tests_are_disabled(
    overlay: Overlay, disabled: Disabled, key: str, file: str, wanted: bool
) -> None:
    """A status's tests are listed as its rule says, those with a file for that file alone."""
    found = entry(overlay(disabled).lists, key, file)
    assert (found is not None) == wanted
    if found is not None:
        assert (found.kind, found.mode) == (lists.SKIPS, lists.STATUS)


def test_what_an_entry_says(overlay: Overlay, tmp_path: Path) -> None:
    """An entry says why the test is disabled, with its issue and how often it failed."""
    loaded = overlay(
        Disabled("TestA.test_a", issue="https://x/1"),
        Disabled("TestA.test_b", reason="slow", failed=2, runs=5),
        Disabled("TestA.test_c"),
    ).lists
    found = [entry(loaded, f"TestA.test_{letter}") for letter in "abc"]
    assert [(each.reason, each.issue) for each in found if each is not None] == [
        ("disabled on trunk https://x/1", "https://x/1"),
        ("slow (failed in 2 of the last 5 runs)", ""),
        ("disabled on trunk", ""),
    ]
    assert found[0] is not None
    assert found[0].path == f"{tmp_path}/status.json:trunk_status_skips/TestA.test_a"


def test_paths_are_shown_from_here(
    overlay: Overlay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A status below the working directory is shown relative to it."""
    monkeypatch.chdir(tmp_path)
    found = entry(overlay(Disabled("TestA.test_a")).lists, "TestA.test_a")
    assert found is not None and found.path == "status.json:trunk_status_skips/TestA.test_a"


def test_the_lists_on_disk_come_first(overlay: Overlay, tmp_path: Path) -> None:
    """Where a test is listed on disk too, that entry decides; the status follows it."""
    write_entry(tmp_path / "tests", "trunk_expected_failures/TestA.test_x")
    loaded = overlay(Disabled("test_x (m.TestA)", PYTORCH)).lists
    modes = [located.listing.mode for located in loaded.find("TestA.test_x")]
    assert modes == ["trunk", lists.STATUS]
    assert loaded.modes == ("trunk", lists.STATUS)
    assert loaded.unmatched(set(), set(), 10)[0] == 1  # A status is not to match every test.


def test_this_machines_platforms_without_others(overlay: Overlay) -> None:
    """Without a variable that names platforms a test is disabled on those of this machine."""
    everywhere = ("linux", "mac", "win")
    here, elsewhere = (Disabled(f"TestA.{name}") for name in ("test_x", "y"))
    tests = here._replace(platforms=everywhere), elsewhere._replace(platforms=("asan",))
    loaded = overlay(*tests, here="").lists
    assert entry(loaded, "TestA.test_x") is not None and entry(loaded, "TestA.y") is None


def test_unknown_platforms_are_told(overlay: Overlay) -> None:
    """What is to be mended in a status is told."""
    (note,) = overlay(Disabled("TestA.test_x", platforms=("lunix",), issue="https://x/1")).notes
    assert "mend the platforms in https://x/1" in note


def test_a_status_without_lists(overlay: Overlay) -> None:
    """Without a test directory files are looked for where the run was started."""
    loaded = overlay(Disabled("tests/test_a.py::TestA::test_x"), top=False).lists
    assert entry(loaded, "TestA.test_x", "test_a") is not None
    assert loaded.test_dir is not None and loaded.test_dir.endswith("tests")


def test_what_cannot_be_put_in_force(tmp_path: Path, overlay: Overlay) -> None:
    """A status that cannot be read, and platforms that are none, are errors."""
    loaded = list_files.load(str(tmp_path / "tests"), {})
    with pytest.raises(SourceError, match="cannot be read"):
        status_lists.overlaid(loaded, str(tmp_path / "none.json"), {}, None)
    with pytest.raises(UsageError, match="names no platforms"):
        overlay(here=",")


def test_no_directory_at_all(tmp_path: Path) -> None:
    """Where no directory is known a test keeps the file that its name says."""
    path = str(tmp_path / "status.json")
    status_files.write(path, Status((Disabled("a/test_m.py::TestA::test_x"),), NOW, "x"))
    loaded = status_lists.overlaid(list_files.load(None, {}), path, {}, None).lists
    assert loaded.is_disabled("TestA.test_x", "a/test_m")
    assert not loaded.is_disabled("TestA.test_x", "test_m")


def test_a_status_is_sent_to_other_processes(overlay: Overlay, tmp_path: Path) -> None:
    """Another process that gets the lists has the status too, by its rules, without the file."""
    write_entry(tmp_path / "tests", "trunk_skips/TestA.test_own")
    sent = overlay(
        Disabled("test_x (m.TestA)", PYTORCH, issue="https://x/1"),
        Disabled("tests/test_a.py::TestA::test_y"),
    ).lists
    packed = json.loads(json.dumps(transfer.pack(sent, str(tmp_path))))
    os.unlink(tmp_path / "status.json")
    there = transfer.unpack(packed, str(tmp_path / "elsewhere"))
    for key, file in (("TestACPU.test_x_cpu_bool", ""), ("TestA.test_y", "test_a")):
        assert entry(there, key, file) == entry(sent, key, file) is not None
    assert there.is_ruled and there.find("TestA.test_own")


SUITE = """
import unittest

class TestACPU(unittest.TestCase):
    def test_x_cpu_bool(self):
        self.fail("x")

    def test_y(self):
        pass

    def test_z(self):
        pass

def test_f():
    pass
"""


@pytest.fixture
def disabled(project: Project) -> Project:
    """Return a project with a status of its tests."""
    project.write(SUITE)
    tests = {
        "test_x (__main__.TestA)": ["1", "https://x/1", []],
        "test_y (__main__.TestA)": ["2", "https://x/2", ["foo", "linux", "mac", "win"]],
    }
    project.write(json.dumps(tests), "status.json")
    return project


STATUS = "--trunk-failures-status=status.json"


def test_the_plugins_option(disabled: Project) -> None:
    """The option puts a status in force, with or without lists, and tells what has recovered."""
    ran = disabled.run(STATUS, "-rs", force="")
    assert ran.outcomes == {
        "TestACPU::test_x_cpu_bool": "skipped",
        "TestACPU::test_y": "skipped",
        "TestACPU::test_z": "passed",
        "test_f": "passed",
    }
    assert "modes in force: trunk, trunk_status" in ran.output
    assert "no list directory was found" not in ran.output
    assert "Disabled on trunk, and passed this time:\n  TestA.test_y" in ran.output
    assert "maybe remove" not in ran.output and "  rm " not in ran.output
    assert "('foo'); they are passed over; mend the platforms in https://x/2" in ran.output


def test_the_variable_holds_where_the_plugin_does(
    disabled: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The variable names a status for the plugin too; alone it changes nothing under pytest."""
    monkeypatch.setenv("TRUNK_FAILURES_STATUS", "status.json")
    disabled.list("TestACPU.test_z", folder="trunk_skips")
    outcomes = disabled.run().outcomes
    assert [test for test in outcomes if outcomes[test] == "skipped"] == [
        "TestACPU::test_x_cpu_bool", "TestACPU::test_y", "TestACPU::test_z",
    ]
    assert "Skips that passed this time, maybe remove:\n  rm tests/trunk_skips/TestACPU.test_z" in (
        disabled.run().output
    )
    assert disabled.run(force="").outcomes["TestACPU::test_x_cpu_bool"] == "failed"


def test_nothing_but_disabled_tests(disabled: Project) -> None:
    """Asked for, none but the disabled tests run, and a module that does not load is told of."""
    ran = disabled.run(STATUS, "--only-disabled", force="")
    assert [*ran.outcomes] == ["TestACPU::test_x_cpu_bool", "TestACPU::test_y"]
    assert "2 deselected" in ran.output and ran.code == 0
    disabled.write("raise ValueError", "tests/test_broken.py")
    assert disabled.run(STATUS, "--only-disabled", force="").code == 2
    disabled.list("_FailedTest.test_broken")
    ran = disabled.run(STATUS, "--only-disabled")
    assert ran.outcomes["_FailedTest.test_broken"] == "xfailed" and ran.code == 0


def test_nothing_but_disabled_tests_where_there_are_none(disabled: Project) -> None:
    """Where no test is disabled none runs, which is no success; all deselected is said."""
    disabled.write("{}", "status.json")
    ran = disabled.run(STATUS, "--only-disabled", force="")
    assert ran.code == 5 and "4 deselected" in ran.output
    disabled.write('{"test_x (__main__.TestA)": ["1", "https://x/1", []]}', "status.json")
    every = disabled.run(STATUS, "--only-disabled", "-k", "test_x", force="")
    assert [*every.outcomes] == ["TestACPU::test_x_cpu_bool"]


@pytest.mark.parametrize("force", ["", "--trunk-failures=tests"])
def test_nothing_but_disabled_tests_needs_a_status(disabled: Project, force: str) -> None:
    """Without a status nobody knows which tests these would be."""
    disabled.list("TestACPU.test_z")
    ran = disabled.run("--only-disabled", force=force)
    assert ran.code == 4 and "--only-disabled needs --trunk-failures-status=FILE" in ran.output


def test_a_status_of_the_plugins_that_cannot_be_read(disabled: Project) -> None:
    """A status that is not there ends the run before its first test."""
    ran = disabled.run("--trunk-failures-status=none.json", force="")
    assert ran.code == 4 and "none.json' cannot be read" in ran.output


def test_a_status_is_out_of_force_with_the_lists(
    disabled: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What puts every list out of force puts a status out of force: tests report as they are."""
    for option in ("--runxfail", "-v"):
        ran = disabled.run(STATUS, option, force="")
        assert ran.outcomes["TestACPU::test_x_cpu_bool"] == (
            "failed" if option == "--runxfail" else "skipped"
        )
    monkeypatch.setenv("TRUNK_FAILURES", "0")
    ran = disabled.run(STATUS, force="")
    assert ran.outcomes["TestACPU::test_x_cpu_bool"] == "failed"
