"""The unittest command: unittest's own, with the lists on every test and a line for each."""

from __future__ import annotations

import json
import os
import sys
import textwrap
import unittest
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple, Protocol

import pytest
from lists_fixtures import PutInForce

from trunk_failures import in_force, unittest_command
from trunk_failures.errors import UsageError

pytest_plugins = ["lists_fixtures"]
pytestmark = pytest.mark.usefixtures("outside_pytest")

XFAIL, SKIP = "trunk_expected_failures", "trunk_skips"


class Ran(NamedTuple):
    """One run of the command: its exit code, its result lines by test, and what it printed."""

    code: int
    lines: dict[str, dict[str, object]]
    stdout: str
    stderr: str


class Run(Protocol):
    """Write test files and entries, and run the command in the test directory."""

    def __call__(
        self, files: Mapping[str, str], entries: Mapping[str, str], *arguments: str
    ) -> Ran: ...


@pytest.fixture
def run(
    put_in_force: PutInForce,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[Run]:
    """Return a function that runs the command in this process."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    loaded = set(sys.modules)

    def ran(files: Mapping[str, str], entries: Mapping[str, str], *arguments: str) -> Ran:
        test_dir = put_in_force(entries)
        for name, text in files.items():
            (test_dir / name).parent.mkdir(exist_ok=True)
            (test_dir / name).write_text(textwrap.dedent(text), encoding="utf-8")
        monkeypatch.chdir(test_dir)
        monkeypatch.syspath_prepend(str(test_dir))
        results = tmp_path / "results.jsonl"
        code = unittest_command.main(["--results", str(results), *arguments])
        lines = [json.loads(line) for line in results.read_text().splitlines()]
        by_test = {str(line.pop("id")): line for line in lines}
        assert len(by_test) == len(lines)
        return Ran(code, by_test, *capsys.readouterr())

    yield ran
    for name in set(sys.modules) - loaded:
        if str(tmp_path) in (getattr(sys.modules[name], "__file__", None) or ""):
            del sys.modules[name]


OUTCOMES = """
    import unittest

    class TestA(unittest.TestCase):
        def test_passes(self):
            pass

        def test_fails(self):
            self.fail("first\\nsecond")

        def test_errors(self):
            raise ValueError("x")

        def test_skips(self):
            self.skipTest("own reason")

        def test_skips_at_length(self):
            self.skipTest("own reason\\nsecond line")

        def test_skips_and_clean_up_errors(self):
            self.addCleanup(lambda: 1 / 0)
            self.skipTest("own reason")

        def test_sub_tests_pass(self):
            with self.subTest():
                pass

        def test_sub_test_fails(self):
            with self.subTest():
                self.fail("x")
            with self.subTest():
                raise ValueError("later")

        def test_sub_test_errors(self):
            with self.subTest():
                raise ValueError("x")

        def test_sub_test_skips(self):
            with self.subTest():
                self.skipTest("own reason")

        @unittest.expectedFailure
        def test_is_marked_and_fails(self):
            raise ValueError("x")

        @unittest.expectedFailure
        def test_is_marked_and_passes(self):
            pass

        def test_listed_and_fails(self):
            raise ValueError("first\\nsecond")

        def test_listed_and_passes(self):
            pass

        def test_listed_and_skips(self):
            self.skipTest("own reason")

        def test_skip_listed_and_fails(self):
            self.fail("x")

        def test_skip_listed_and_passes(self):
            pass

        def test_differs(self):
            self.fail("x")

        def test_expired(self):
            self.fail("x")

        def test_not_run(self):
            raise SystemExit

    class TestSetUp(unittest.TestCase):
        @classmethod
        def setUpClass(cls):
            raise ValueError("x")

        def test_b(self):
            pass

    class TestListedSetUp(TestSetUp):
        pass

    class TestTearDown(unittest.TestCase):
        @classmethod
        def tearDownClass(cls):
            raise ValueError("x")

        def test_b(self):
            pass
"""
ENTRIES = {
    f"{XFAIL}/TestA.test_listed_and_fails": "reason: graph break",
    f"{XFAIL}/TestA.test_listed_and_passes": "",
    f"{XFAIL}/TestA.test_listed_and_skips": "",
    f"{SKIP}/TestA.test_skip_listed_and_fails": "",
    f"{SKIP}/TestA.test_skip_listed_and_passes": "",
    f"{XFAIL}/TestA.test_differs": "raises: KeyError",
    f"{XFAIL}/TestA.test_expired": "expires: 2020-01-01",
    f"{XFAIL}/TestA.test_not_run": "run: never",
    f"{XFAIL}/TestListedSetUp.setUpClass": "",
}
REMOVE = f"Unexpected success, please remove `tests/{XFAIL}/TestA.test_listed_and_passes`"
MAYBE = f"This test passed, maybe we can remove `tests/{SKIP}/TestA.test_skip_listed_and_passes`"
EXPIRED = f"`tests/{XFAIL}/TestA.test_expired` expired on 2020-01-01 and no longer suppresses"
LINES: dict[str, tuple[str, str | None]] = {
    "TestA.test_passes": ("passed", None),
    "TestA.test_fails": ("failed", "AssertionError: first"),
    "TestA.test_errors": ("error", "ValueError: x"),
    "TestA.test_skips": ("skipped", "own reason"),
    "TestA.test_skips_at_length": ("skipped", "own reason"),
    "TestA.test_skips_and_clean_up_errors": ("error", "ZeroDivisionError: division by zero"),
    "TestA.test_sub_tests_pass": ("passed", None),
    "TestA.test_sub_test_fails": ("failed", "AssertionError: x"),
    "TestA.test_sub_test_errors": ("error", "ValueError: x"),
    "TestA.test_sub_test_skips": ("skipped", "own reason"),
    "TestA.test_is_marked_and_fails": ("expected failure", "ValueError: x"),
    "TestA.test_is_marked_and_passes": ("unexpected success", None),
    "TestA.test_listed_and_fails": ("expected failure", "ValueError: first"),
    "TestA.test_listed_and_passes": ("unexpected success", REMOVE),
    "TestA.test_listed_and_skips": ("skipped", "own reason"),
    "TestA.test_skip_listed_and_fails": ("skip-listed and failed", "AssertionError: x"),
    "TestA.test_skip_listed_and_passes": ("skip-listed and passed", MAYBE),
    "TestA.test_differs": ("fails differently", "AssertionError: x"),
    "TestA.test_expired": (
        "failed",
        f"NotSuppressed: {EXPIRED} TestA.test_expired; mend the test, or renew the date",
    ),
    "TestA.test_not_run": (
        "not run",
        f"not run, as `tests/{XFAIL}/TestA.test_not_run` says",
    ),
    "TestSetUp.setUpClass": ("error", "ValueError: x"),
    "TestListedSetUp.setUpClass": ("expected failure", "ValueError: x"),
    "TestTearDown.test_b": ("passed", None),
    "TestTearDown.tearDownClass": ("error", "ValueError: x"),
}


@pytest.mark.parametrize("verbosity", ["-q", "-v"])
def test_each_test_has_its_line(run: Run, verbosity: str) -> None:
    """Undecorated tests and fixtures have their verdicts, and each of them one line."""
    ran = run({"test_each_outcome.py": OUTCOMES}, ENTRIES, verbosity, "test_each_outcome")
    assert {test: (line["verdict"], line["error"]) for test, line in ran.lines.items()} == LINES
    assert ran.code == 1
    for test, line in ran.lines.items():
        assert (line["file"], line["mode"]) == ("test_each_outcome.py", "trunk")
        seconds = line["seconds"]
        assert isinstance(seconds, float) and 0 <= seconds < 60
        assert (seconds == 0) is ("Class" in test)


def test_the_lists_have_the_last_word(run: Run) -> None:
    """After unittest's own summary the verdicts are counted, and the entries that can go named."""
    ran = run({"test_each_outcome.py": OUTCOMES}, ENTRIES, "test_each_outcome")
    assert ran.stdout == ""
    last = ran.stderr.splitlines()[-3:]
    counted = last[0].removeprefix(f"lists in force (trunk) in {os.getcwd()}: ").split(", ")
    found: dict[str, int] = {}
    for verdict, _ in LINES.values():
        found[verdict] = found.get(verdict, 0) + 1
    assert sorted(counted) == sorted(f"{count} {verdict}" for verdict, count in found.items())
    assert last[1:] == [REMOVE, MAYBE]


def test_reasons_are_shown_when_they_are_asked_for(run: Run) -> None:
    """Under -v an expected failure, which unittest does not explain, has its reason below it."""
    ran = run({"test_each_outcome.py": OUTCOMES}, ENTRIES, "-v", "test_each_outcome")
    shown = ran.stderr.splitlines()
    entry = f"`tests/{XFAIL}/TestA.test_listed_and_fails` (graph break)"
    assert shown[shown.index(f"    {entry}: ValueError: first") - 1].endswith(
        ".test_listed_and_fails) ... expected failure"
    ) or sys.version_info < (3, 11)
    fixture = f"    `tests/{XFAIL}/TestListedSetUp.setUpClass`: ValueError: x"
    assert shown[shown.index(fixture) - 1] == (
        "setUpClass (test_each_outcome.TestListedSetUp) ... expected failure"
    )
    marked = [line for line in shown if line.startswith("test_is_marked_and_fails")]
    assert marked[0].endswith("... expected failure")
    assert "(graph break)" not in run({}, {}, "test_each_outcome").stderr


PASSING = "import unittest\nclass TestA(unittest.TestCase):\n    def test_b(self): pass\n"
FAILING = PASSING.replace("pass", "raise ValueError('x')")
SET_UP_FAILS = "def setUpModule():\n    raise ValueError('x')\n" + PASSING


@pytest.mark.parametrize(
    ("files", "entries", "arguments", "code", "lines"),
    [
        ({"test_m.py": PASSING}, {}, ["test_m"], 0, {"TestA.test_b": "passed"}),
        ({"test_m.py": FAILING}, {}, ["test_m"], 1, {"TestA.test_b": "error"}),
        (
            {"test_m.py": FAILING},
            {f"{XFAIL}/TestA.test_b": ""},
            ["test_m"],
            0,
            {"TestA.test_b": "expected failure"},
        ),
        (
            {"test_m.py": PASSING},
            {f"{XFAIL}/TestA.test_b": ""},
            ["test_m"],
            1,
            {"TestA.test_b": "unexpected success"},
        ),
        ({"test_m.py": PASSING}, {}, ["test_m.TestA"], 0, {"TestA.test_b": "passed"}),
        ({"test_m.py": PASSING}, {}, ["test_m.TestA.test_b"], 0, {"TestA.test_b": "passed"}),
        ({"test_m.py": PASSING}, {}, [], 0, {"TestA.test_b": "passed"}),
        ({"test_m.py": PASSING}, {}, ["discover"], 0, {"TestA.test_b": "passed"}),
        (
            {"sub/test_m.py": FAILING},
            {f"{XFAIL}/sub/test_m/TestA.test_b": "", f"{XFAIL}/other/TestA.test_b": ""},
            ["discover", "-s", "sub"],
            0,
            {"TestA.test_b": "expected failure"},
        ),
        (
            {"test_m.py": SET_UP_FAILS, "test_n.py": PASSING},
            {},
            ["test_m", "test_n"],
            1,
            {"test_m.setUpModule": "error", "TestA.test_b": "passed"},
        ),
        (
            {"test_m.py": SET_UP_FAILS, "test_n.py": PASSING},
            {f"{XFAIL}/test_m.setUpModule": ""},
            ["test_m", "test_n"],
            0,
            {"test_m.setUpModule": "expected failure", "TestA.test_b": "passed"},
        ),
        (
            {"test_m.py": SET_UP_FAILS},
            {f"{XFAIL}/test_m.setUpModule": ""},
            ["test_m"],
            0,
            {"test_m.setUpModule": "expected failure"},
        ),
        (
            {"test_m.py": "import missing_module", "test_n.py": PASSING},
            {f"{XFAIL}/_FailedTest.test_m": "raises: ImportError"},
            ["discover"],
            0,
            {"_FailedTest.test_m": "expected failure", "TestA.test_b": "passed"},
        ),
        (
            {"test_m.py": "is no python"},
            {f"{SKIP}/_FailedTest.test_m": ""},
            ["test_m"],
            0,
            {"_FailedTest.test_m": "skip-listed and failed"},
        ),
        (
            {"test_m.py": PASSING},
            {f"{XFAIL}/_FailedTest.test_m": ""},
            ["test_m"],
            1,
            {"_FailedTest.test_m": "unexpected success", "TestA.test_b": "passed"},
        ),
    ],
)
def test_what_unittest_takes_is_taken(
    run: Run,
    files: dict[str, str],
    entries: dict[str, str],
    arguments: list[str],
    code: int,
    lines: dict[str, str],
) -> None:
    """Modules, classes, tests and discovery run as under unittest, and so is the exit code."""
    ran = run(files, entries, *arguments)
    assert {test: line["verdict"] for test, line in ran.lines.items()} == lines
    assert ran.code == code


def test_the_file_of_a_line(run: Run, tmp_path: Path) -> None:
    """A line has its test's file from the test directory, absolute elsewhere, or none."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "test_away.py").write_text(PASSING.replace("TestA", "TestAway"))
    sys.path.insert(0, str(elsewhere))
    files = {
        "sub/__init__.py": "",
        "sub/test_m.py": PASSING,
        "test_bad.py": "is no python",
    }
    ran = run(files, {}, "sub.test_m", "test_away", "test_bad")
    assert {test: line["file"] for test, line in ran.lines.items()} == {
        "TestA.test_b": "sub/test_m.py",
        "TestAway.test_b": (elsewhere / "test_away.py").as_posix(),
        "_FailedTest.test_bad": None,
    }


def test_without_lists_nothing_is_added(run: Run) -> None:
    """Where no test is listed the last line is unittest's."""
    ran = run({"test_m.py": PASSING}, {}, "test_m")
    assert ran.stderr.splitlines()[-1] == "OK"


def test_an_interrupted_test_has_no_line(run: Run, tmp_path: Path) -> None:
    """An interrupt ends the run; the tests before it have their lines, and it has none."""
    text = PASSING + "    def test_c(self): raise KeyboardInterrupt\n    def test_d(self): pass\n"
    with pytest.raises(KeyboardInterrupt):
        run({"test_m.py": text}, {f"{XFAIL}/TestA.test_c": ""}, "test_m")
    lines = (tmp_path / "results.jsonl").read_text().splitlines()
    assert [json.loads(line)["id"] for line in lines] == ["TestA.test_b"]


def test_tests_run_without_results(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """Without --results nothing is written, and the verdicts are the same."""
    run({"test_m.py": FAILING}, {f"{XFAIL}/TestA.test_b": ""}, "test_m")
    assert unittest_command.main(["test_m"]) == 0
    assert "1 expected failure" in capsys.readouterr().err


@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_help_is_both_commands(capsys: pytest.CaptureFixture[str], flag: str) -> None:
    """The help tells of --results, and unittest's own follows."""
    assert unittest_command.main([flag]) == 0
    shown = capsys.readouterr()
    assert shown.out.startswith("usage: trunk-failures unittest [--results FILE]")
    assert "--failfast" in shown.out and shown.err == ""


def test_unknown_options_are_usage_errors(capsys: pytest.CaptureFixture[str]) -> None:
    """An option that unittest does not know ends with exit code 2 and its usage."""
    assert unittest_command.main(["--unknown"]) == 2
    assert "unrecognized arguments: --unknown" in capsys.readouterr().err


def test_options_are_not_abbreviated(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """An abbreviation of --results is left to unittest, as all that is not this command's is."""
    assert unittest_command.main(["--res", "x"]) == 2
    assert "unrecognized arguments: --res" in capsys.readouterr().err


def test_results_that_cannot_be_opened_are_a_usage_error(tmp_path: Path) -> None:
    """No test is run when its results would be lost."""
    with pytest.raises(UsageError, match="results cannot be written to"):
        unittest_command.main(["--results", str(tmp_path / "missing" / "x"), "missing_module"])


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="the platform has no full device")
@pytest.mark.parametrize(("text", "code"), [(PASSING, 2), (FAILING, 1)])
def test_results_that_cannot_be_written_are_told(
    run: Run, capsys: pytest.CaptureFixture[str], text: str, code: int
) -> None:
    """Where results are lost the exit code is 2, or unittest's own failure, and stderr says so."""
    run({"test_m.py": text}, {}, "test_m")
    assert unittest_command.main(["--results", "/dev/full", "test_m"]) == code
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("trunk-failures unittest: results could not be written to '/dev/full'")


def test_an_exit_that_is_no_number(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A test module that ends the process while it loads decides the exit code."""
    text = "raise SystemExit({})\n"
    for end, code in (("3", 3), ("'sentence'", 1), ("None", 0), ("", 0)):
        assert run({"test_m.py": text.format(end)}, {}, "test_m").code == code


def test_a_run_that_returns_has_passed(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where unittest's main returns instead of exiting, the exit code is 0."""
    monkeypatch.setattr("unittest.main", lambda **_: None)
    assert run({}, {}).code == 0


@pytest.mark.parametrize(("verdicts", "code"), [({}, 5), ({"expected failure": 1}, 0)])
def test_a_run_of_fixtures_alone_is_no_empty_run(
    put_in_force: PutInForce,
    monkeypatch: pytest.MonkeyPatch,
    verdicts: dict[str, int],
    code: int,
) -> None:
    """Python 3.12 says that no test ran where only listed fixtures were heard of; that is green."""

    def main(*, testRunner: Any, **_: object) -> None:
        testRunner.done = SimpleNamespace(verdicts=verdicts)
        raise SystemExit(5)

    put_in_force({})
    monkeypatch.setattr(unittest, "main", main)
    assert unittest_command.main([]) == code


DISABLED = """
    import unittest

    class TestACPU(unittest.TestCase):
        def test_x_cpu_bool(self):
            self.fail("x")

        def test_y(self):
            self.fail("y")
"""


@pytest.fixture
def only_disabled(
    put_in_force: PutInForce, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., tuple[int, dict[str, str]]]]:
    """Return a function that runs what a status disables; it returns the code and the verdicts."""
    results, loaded = tmp_path / "results.jsonl", set(sys.modules)

    def ran(disabled: Mapping[str, object], *arguments: str) -> tuple[int, dict[str, str]]:
        test_dir = put_in_force({})
        (test_dir / "test_disabled.py").write_text(textwrap.dedent(DISABLED))
        (test_dir / "status.json").write_text(json.dumps(disabled))
        status = in_force.with_status(in_force.lists, str(test_dir / "status.json"), None)[0]
        monkeypatch.setattr(in_force, "lists", status)
        monkeypatch.syspath_prepend(str(test_dir))
        code = unittest_command.main(["--only-disabled", "--results", str(results), *arguments])
        lines = [json.loads(line) for line in results.read_text().splitlines()]
        return code, {line["id"]: line["verdict"] for line in lines}

    yield ran
    for name in set(sys.modules) - loaded:
        if str(tmp_path) in (getattr(sys.modules[name], "__file__", None) or ""):
            del sys.modules[name]


def test_nothing_but_disabled_tests(
    only_disabled: Callable[..., tuple[int, dict[str, str]]]
) -> None:
    """Asked for, none but the disabled tests run, and a module that does not load is told of."""
    disabled = {"test_x (__main__.TestA)": ["1", "https://x/1", []]}
    suppressed = {"TestACPU.test_x_cpu_bool": "skip-listed and failed"}
    assert only_disabled(disabled, "test_disabled") == (0, suppressed)
    code, verdicts = only_disabled(disabled, "test_disabled", "test_none")
    assert code == 1 and verdicts == {**suppressed, "_FailedTest.test_none": "error"}


def test_nothing_but_disabled_tests_where_there_are_none(
    only_disabled: Callable[..., tuple[int, dict[str, str]]]
) -> None:
    """Where no test is disabled none runs, which is no success under any version of Python."""
    assert only_disabled({}, "test_disabled") == (5, {})


def test_nothing_but_disabled_tests_needs_a_status(put_in_force: PutInForce) -> None:
    """Without a status nobody knows which tests these would be."""
    put_in_force({})
    with pytest.raises(UsageError, match="--only-disabled needs a status of trunk"):
        unittest_command.main(["--only-disabled"])
