"""`trunk-failures exclusions`, as people call it: what it prints, says and returns."""

from __future__ import annotations

import gc
import io
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from git_fixtures import git
from lists_fixtures import write_entry
from test_file_changes import tree

from trunk_failures import cli, exclusions_command

Exclude = Callable[..., tuple[int, str, str]]

X, MORE, Y, P, F = IDS = (
    "tests/test_a.py::TestA::test_x",
    "tests/test_a.py::TestA::test_x_more",
    "tests/test_a.py::TestB::test_y",
    "tests/nn/test_b.py::test_p[a b]",
    "tests/nn/test_b.py::test_f",
)
URL = "https://github.com/o/r/issues/"
DOCUMENT = {
    "test_x (__main__.TestA)": ["1", f"{URL}1", ["linux"]],
    "test_y (__main__.TestB)": ["2", f"{URL}2", ["rocm", "lunix"]],
    "test_z (__main__.TestA)": ["3", f"{URL}3", []],
    "test_q (__main__.TestA)": ["4", f"{URL}4", ["lunix"]],
}


@pytest.fixture
def exclude(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Exclude:
    """Return a function that runs the command in a project that is a repository."""
    (tmp_path / ".git").mkdir()
    for id_ in IDS:
        file = tmp_path / id_.partition("::")[0]
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("")
    (tmp_path / "ids.txt").write_text("\n".join((*IDS, "", "5 tests collected in 0.1s", "")))
    (tmp_path / "pytorch.json").write_text(json.dumps(DOCUMENT))
    (tmp_path / "list.txt").write_text(f"{P}  # {URL}9 fails\n{F}\n")
    monkeypatch.chdir(tmp_path)
    for name in ("GITHUB_STEP_SUMMARY", "GITHUB_REPOSITORY", "TRUNK_FAILURES_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")

    def run(*arguments: str, collected: str = "ids.txt") -> tuple[int, str, str]:
        given = [f"--collected={collected}"] if collected else []
        code = cli.main(["exclusions", *given, *arguments])
        return (code, *capsys.readouterr())

    return run


def test_the_product_and_what_is_said(exclude: Exclude) -> None:
    """stdout has the arguments alone; stderr what was left out, and what to know and to mend."""
    code, out, err = exclude("pytorch.json")
    plugin = "-p trunk_failures.pytest_plugin"
    assert (code, out) == (0, f"{plugin} --trunk-failures-deselect={X}\n")
    lines = [line.removeprefix("trunk-failures exclusions: ") for line in err.splitlines()]
    assert lines[0].startswith("4 tests, from pytorch.json, ")
    assert lines[1].startswith("'test_y (__main__.TestB)' is disabled on platforms that are not")
    assert f"they are passed over; mend the platforms in {URL}2" in lines[1]
    assert f"it disables nothing; mend the platforms in {URL}4" in lines[2]
    assert lines[3].startswith("--deselect would leave out other tests with 1 of these, whose ids")
    assert lines[4:] == [
        "1 of 5 collected tests are left out",
        "1 entry of the status match no collected test; -v names them",
    ]


@pytest.mark.parametrize(
    ("arguments", "environ", "wanted"),
    [
        ([], {}, [X]),
        (["--platform=rocm"], {}, [Y]),
        (["--platform=linux, rocm"], {}, [X, Y]),
        (["--platform=macos"], {}, []),
        ([], {"PYTORCH_TEST_WITH_ROCM": "1"}, [X, Y]),
        ([], {"TRUNK_FAILURES_PLATFORM": "rocm"}, [Y]),
        (["--rule=exact", "--platform=linux,rocm"], {}, [X, Y]),
        (["--match=*::TestB::*", "--platform=linux,rocm"], {}, [Y]),
        (["--match=re:x$", "--match=none", "--platform=linux,rocm"], {}, [X]),
    ],
)
def test_platforms_and_matches(
    exclude: Exclude,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    environ: dict[str, str],
    wanted: list[str],
) -> None:
    """What is disabled where the tests will run is left out, of what is asked for."""
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    assert exclude("pytorch.json", "--format=list", *arguments)[1].splitlines() == wanted


def test_formats(exclude: Exclude) -> None:
    """Each format says the same."""
    assert exclude("--source=list=list.txt")[1] == f"'--deselect={P}' --deselect={F}\n"
    pwsh = exclude("--source=list=list.txt", "--shell=pwsh")[1]
    assert pwsh == f"'--deselect={P}' '--deselect={F}'\n"
    assert exclude("--source=list=list.txt", "--shell=cmd")[1] == pwsh.replace("'", '"')
    args_file = exclude("--source=list=list.txt", "--format=args-file")[1]
    assert args_file == f"--deselect={P}\n--deselect={F}\n"
    code, out, err = exclude("pytorch.json", "--format=unittest")
    assert out == "tests.test_a.TestA.test_x_more\ntests.test_a.TestB.test_y\n"
    assert f"unittest runs none of them, such as {P!r}" in err
    out = exclude("pytorch.json", "--format=json")[1]
    assert [each["id"] for each in json.loads(out)["excluded"]] == [X]


def test_verbose(exclude: Exclude) -> None:
    """-v names each entry that no collected test is, with its issue."""
    (Path("list.txt")).write_text(f"{F}\nTestGone.test_x\nTestGone.test_y  # {URL}5\n")
    err = exclude("--source=list=list.txt", "-v")[2]
    assert "matches no collected test: TestGone.test_x\n" in err
    assert f"matches no collected test: TestGone.test_y ({URL}5)\n" in err
    assert "2 entries of the status match" in exclude("--source=list=list.txt")[2]


def test_what_stays_in_is_said(exclude: Exclude) -> None:
    """Without the plugin a test whose id begins another's runs, and is counted as such."""
    code, out, err = exclude("pytorch.json", "--no-plugin")
    assert (code, out) == (0, "\n")
    assert f"--deselect would leave those out too: {X}\n" in err
    assert "0 of 5 collected tests are left out" in err


def test_long_lines(exclude: Exclude, tmp_path: Path) -> None:
    """A line longer than a shell may take is said to be so."""
    ids = [f"a.py::test_{number:04}" for number in range(400)]
    (tmp_path / "list.txt").write_text("\n".join(ids))
    (tmp_path / "ids.txt").write_text("\n".join((*ids, "", "400 tests collected in 0.1s")))
    assert "args-file has no such limit" in exclude("--source=list=list.txt", "--shell=cmd")[2]
    assert "limit" not in exclude("--source=list=list.txt")[2]


def test_fixes(exclude: Exclude, tmp_path: Path) -> None:
    """The tests of an issue that a pull request fixes run, so that the fix is tested."""
    (tmp_path / "text").write_text("Fixes o/r#1, and #9.")
    code, out, err = exclude("pytorch.json", "--fixes-from=text", "--format=list")
    assert (code, out) == (0, "")
    assert f"runs, as {URL}1 is fixed here: test_x (__main__.TestA)\n" in err
    out = exclude("pytorch.json", "--fixes-from=text", "--format=json")[1]
    assert [each["name"] for each in json.loads(out)["fixed"]] == ["test_x (__main__.TestA)"]


def test_the_summary_of_a_job(
    exclude: Exclude, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In CI a table is appended to the job's summary, of what is really left out."""
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary"))
    (tmp_path / "summary").write_text("before\n")
    exclude("pytorch.json", "--platform=linux,rocm", "--no-plugin")
    text = (tmp_path / "summary").read_text()
    assert text.startswith("before\n### 1 of 5 tests left out")
    assert f"| `{Y}` | [#2]({URL}2) | `disabled on trunk` |\n" in text and X not in text
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path))
    code, _, err = exclude("pytorch.json")
    assert code == 0 and "cannot be written: " in err


def test_lists(exclude: Exclude, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """--into-lists writes a skip for each test, with reason and issue, and no other entry."""
    write_entry(tmp_path / "tests", "trunk_expected_failures/TestB.test_y", "reason: known")
    options = ("pytorch.json", "--platform=linux,rocm", "--into-lists=trunk")
    before = tree(tmp_path / "tests")
    summary = tmp_path / "summary"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    code, diff, err = exclude(*options, "--dry-run")
    assert code == 0 and "1 would be listed in tests/trunk_skips; 1 were listed before" in err
    assert tree(tmp_path / "tests") == before and not summary.exists()
    code, out, err = exclude(*options)
    assert (code, out) == (0, "") and "1 listed in tests/trunk_skips; 1 were listed before" in err
    added = {
        "trunk_skips/TestA.test_x":
        f"TestA.test_x: reason: disabled on trunk\nTestA.test_x: issue: {URL}1\n"
    }
    assert tree(tmp_path / "tests") == {**before, **added} and summary.exists()
    (tmp_path / "tests/trunk_skips/TestA.test_x").unlink()
    git(tmp_path, "init", "-q")
    git(tmp_path, "apply", given=diff)
    assert tree(tmp_path / "tests") == {**before, **added}


def test_lists_of_tests_of_one_key(exclude: Exclude, tmp_path: Path) -> None:
    """A test that cannot be listed alone is said to be none, and is not counted."""
    ids = ["tests/test_a.py::T::test_x", "b.py::T::test_x", "c.py::T::test_x"]
    (tmp_path / "ids.txt").write_text("\n".join(ids))
    (tmp_path / "list.txt").write_text("\n".join(ids[1:]))
    code, _, err = exclude("--source=list=list.txt", "--into-lists=x")
    assert err.count("as an entry 'T.test_x' would be that of another test too: ") == 2
    assert "0 of 3 collected tests are left out" in err
    assert "'ids.txt' does not say how many tests were collected; its 3 ids are taken" in err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--source=list=list.txt", "pytorch.json"], "both name a status"),
        ([], "no source was named"),
        (["pytorch.json", "--", "tests"], "--collected names the tests, and so do paths"),
        (["pytorch.json", "--dry-run"], "--dry-run shows what --into-lists would write"),
        (["pytorch.json", "--match=re:("], "is no regular expression"),
        (["pytorch.json", "--platform=,"], "','"),
        (["pytorch.json", "--into-lists=x/y"], "'x/y' is no mode"),
        (["pytorch.json", "--into-lists=x", "--format=list"], "not allowed with"),
        (["pytorch.json", "--format=x"], "invalid choice"),
        (["pytorch.json", "tests"], "unrecognized arguments: tests"),
        (["pytorch.json", "--collected=gone"], "'gone' cannot be read"),
        (["pytorch.json", "--fixes-from=gone"], "'gone' cannot be read"),
        (["pytorch.json", "--collected=-", "--fixes-from=-"], "both read standard input"),
        (["pytorch.json", "--into-lists=x", "--test-dir=gone"], "'gone' is no directory"),
    ],
)
def test_usage_errors(exclude: Exclude, arguments: list[str], said: str) -> None:
    """What cannot be used is one line on stderr and exit code 2, and stdout is empty."""
    code, out, err = exclude(*arguments)
    assert (code, out) == (2, "")
    assert said in err.splitlines()[-1] and "Traceback" not in err


def test_no_status(exclude: Exclude, tmp_path: Path) -> None:
    """Where no status can be had the exit code is 4, and it is said why."""
    (tmp_path / "bad.json").write_text("<html>")
    for status in ("gone.json", "bad.json"):
        code, out, err = exclude(status)
        assert (code, out, err.count("\n")) == (4, "", 1)
        assert "no status could be had: " in err and status in err


def test_pytest_is_asked(exclude: Exclude, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without --collected pytest says what there is, of what follows `--` or of its own."""
    (tmp_path / "tests/test_a.py").write_text("class TestA:\n    def test_x(self): pass\n")
    (tmp_path / "tests/nn/test_b.py").write_text("def test_f(): pass\n")
    monkeypatch.setenv("PYTHONWARNINGS", "ignore")
    options = ("pytorch.json", "--format=list")
    assert exclude(*options, collected="")[1] == f"{X}\n"
    code, _, err = exclude(*options, "--", "tests/nn", "-k", "test_f", collected="")
    assert code == 0 and "0 of 1 collected tests are left out" in err
    code, out, err = exclude(*options, "--", "gone", collected="")
    assert (code, out) == (2, "") and "exit code 4" in err


def test_ids_that_stdout_cannot_hold(
    exclude: Exclude, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bytes that are no text are printed as they were; what the encoding has not is an error."""
    id_ = b"a\xff.py::test_\xc3\xa9"
    (tmp_path / "list.txt").write_bytes(b"test_\xc3\xa9")
    (tmp_path / "ids.txt").write_bytes(id_ + b"\n\n1 test collected in 0.1s\n")
    status = {"trunk_failures_status": 1, "fetched": "2026-01-01T00:00:00Z"}
    rows = [{"name": os.fsdecode(id_)}]
    (tmp_path / "status.json").write_text(json.dumps({**status, "tests": rows}))
    product = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(product, "utf-8"))
    assert exclude("status.json", "--format=list")[0] == 0
    assert product.getvalue() == id_ + b"\n"
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), "ascii"))
    code, _, err = exclude("status.json", "--format=list")
    assert code == 2 and "set PYTHONIOENCODING=utf-8" in err
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    assert exclude("status.json", "--format=json")[0] == 0


@pytest.mark.parametrize("enabled", [True, False])
def test_the_collector_is_as_it_was(exclude: Exclude, enabled: bool) -> None:
    """Python's collector, which is off meanwhile, is then as it was before."""
    was = gc.isenabled()
    try:
        (gc.enable if enabled else gc.disable)()
        exclude("gone.json")
        assert gc.isenabled() is enabled
    finally:
        (gc.enable if was else gc.disable)()


def test_help(capsys: pytest.CaptureFixture[str]) -> None:
    """The help says each format and each exit code."""
    assert cli.main(["exclusions", "--help"]) == 0
    out = capsys.readouterr().out
    assert all(f"  {name} " in out for name in exclusions_command.FORMATS)
