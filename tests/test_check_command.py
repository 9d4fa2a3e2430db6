"""`trunk-failures check`, as people call it: what it prints, says and returns."""

from __future__ import annotations

import functools
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from check_fixtures import lay_out
from git_fixtures import git
from test_file_changes import tree

from trunk_failures import check_command, cli, entry_files, existing_tests, in_force

Check = Callable[..., tuple[int, str, str]]

FILES = {"tests/trunk_skips/T.a": "", "tests/trunk_skips/T.b": "why\n", "tests/test_a.py": ""}
FIXABLE = "tests/trunk_skips/T.b:1: found 'why' without the file's name before it, which is read"
TESTS = """
import unittest
class T(unittest.TestCase):
    def test_a(self): pass
"""


@pytest.fixture
def check(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Check:
    """Return a function that runs the command in a project that is a repository."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(entry_files, "_shown", {})
    (tmp_path / ".git").mkdir()

    def run(*arguments: str) -> tuple[int, str, str]:
        code = cli.main(["check", *arguments])
        return (code, *capsys.readouterr())

    return run


def write(files: dict[str, str]) -> None:
    """Write files, by their paths from here."""
    for path, content in files.items():
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_text(content, encoding="utf-8", newline="")


def test_nothing_is_wrong(check: Check) -> None:
    """Where nothing is wrong nothing is printed, stderr says what was looked at, and it is 0."""
    write({"tests/trunk_skips/T.a": ""})
    said = "trunk-failures check: 1 entry in tests, and nothing is wrong\n"
    assert check() == (0, "", said)
    write({"tests/x_skips/T.b": ""})
    assert check("--format", "github") == (0, "", said.replace("1 entry", "2 entries"))


def test_what_is_wrong(check: Check) -> None:
    """Each finding is a line, stderr counts them, and the exit code is 1."""
    write({**FILES, "tests/trunk_skips/README": ""})
    code, out, err = check()
    assert code == 1
    first, second = out.splitlines()
    assert first.startswith("tests/trunk_skips/README: it lists 'README'; a key is")
    assert second.startswith(FIXABLE)
    assert err == "trunk-failures check: 2 findings in 2 files; --fix mends 1 file\n"


def test_formats(check: Check) -> None:
    """The same findings are annotations, or one JSON object."""
    write(FILES)
    code, out, _ = check("--format", "github")
    assert code == 1 and out.startswith("::error file=tests/trunk_skips/T.b,line=1,title=")
    code, out, _ = check("--format", "json")
    document = json.loads(out)
    assert code == 1 and document["entries"] == 2
    assert [each["rule"] for each in document["findings"]] == ["prefix"]


def test_fix(check: Check) -> None:
    """What has one right answer is mended and told; a second time there is nothing to do."""
    write({**FILES, "tests/trunk_skips/m.a[x%2fy]": "m.a[x%2fy]: owner: me\n"})
    assert check("--fix") == (
        0,
        "tests/trunk_skips/T.b: mended line 1: each begins with the file's name, and none is said "
        "twice\ntests/trunk_skips/m.a[x%2fy]: renamed to `m.a[x%2Fy]`\n",
        "trunk-failures check: 3 entries in tests, and nothing is wrong\n",
    )
    expected = {
        "test_a.py": "",
        "trunk_skips/T.a": "",
        "trunk_skips/T.b": "T.b: reason: why\n",
        "trunk_skips/m.a[x%2Fy]": "m.a[x%2Fy]: owner: me\n",
    }
    assert tree(Path("tests")) == expected
    code, out, _ = check("--fix", "--format", "json")
    assert (code, json.loads(out)["mended"]) == (0, [])
    assert tree(Path("tests")) == expected


def test_what_fixing_leaves(check: Check) -> None:
    """What has two right answers is left and told, with 1; copies of a file are gone."""
    write({"tests/trunk_skips/T.a": "T.a: owner: me\nT.a: owner: you\n"})
    write({"tests/trunk_skips/T.%62": "", "tests/trunk_skips/T.b": ""})
    code, out, err = check("--fix", "--format", "json")
    document = json.loads(out)
    assert code == 1
    assert [(each["path"], each["to"]) for each in document["mended"]] == [
        ("tests/trunk_skips/T.%62", None)
    ]
    assert [each["line"] for each in document["findings"]] == [2]
    assert err == "trunk-failures check: 1 finding in 1 file\n"


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_links_are_left(check: Check) -> None:
    """An entry that is a link is neither shown nor mended, as it leads out of the lists."""
    write({"outside": "why\n", "tests/trunk_skips/T.a": ""})
    Path("tests/trunk_skips/T.b").symlink_to(Path("outside").resolve())
    code, out, err = check("--fix")
    assert code == 1 and out.startswith("tests/trunk_skips/T.b: is reached by a link, which is")
    assert "why" not in out and "--fix mends" not in err
    assert Path("outside").read_text() == "why\n"


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_a_link_is_no_copy_of_what_it_leads_to(check: Check) -> None:
    """The file that a link leads to stays, although the link says the same of the same test."""
    write({"tests/trunk_skips/T.%61": "T.%61: owner: me\n"})
    Path("tests/trunk_skips/T.a").symlink_to("T.%61")
    code, out, _ = check("--fix")
    assert code == 1 and "T.%61: it lists 'T.a', as `T.a` beside it does; remove one" in out
    assert Path("tests/trunk_skips/T.a").read_text() == "T.%61: owner: me\n"


def test_what_was_mended_is_told_even_if_the_rest_cannot_be(check: Check) -> None:
    """Where it cannot be told what remains, what was done is printed, and the code is 2."""
    write(FILES)
    code, out, err = check("--fix", "--collected", "gone")
    assert (code, len(out.splitlines()), err.count("\n")) == (2, 1, 1)
    assert out.startswith("tests/trunk_skips/T.b: mended line 1")
    assert check("--fix", "--collected", "gone", "--format", "json")[:2] == (2, "")


def test_lists_that_cannot_be_loaded_are_what_it_is_for(
    check: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no test can be run, as the lists break their rules, they can be checked."""
    write({"tests/trunk_skips/README": "", "tests/x_skips/README": ""})
    monkeypatch.setattr(in_force, "trouble", "the lists break their rules")
    code, out, _ = check()
    assert code == 1 and len(out.splitlines()) == 2


def test_lists_that_end_every_import(check: Check) -> None:
    """The program itself, from the shell, checks lists that the package cannot be imported with."""
    write({"tests/trunk_skips/README": ""})
    environ = {name: value for name, value in os.environ.items() if name != "TRUNK_FAILURES"}
    environ["PYTHONPATH"] = str(Path(check_command.__file__).parents[1])
    run = functools.partial(subprocess.run, env=environ, capture_output=True, text=True)
    imported = run([sys.executable, "-c", "import trunk_failures"])
    assert imported.returncode == 1 and "ListError" in imported.stderr
    checked = run([sys.executable, "-m", "trunk_failures", "check"])
    assert (checked.returncode, len(checked.stdout.splitlines())) == (1, 1)
    assert checked.stderr == "trunk-failures check: 1 finding in 1 file\n"


def test_no_lists(check: Check) -> None:
    """That there is no list is said, and is nothing wrong."""
    code, out, err = check()
    assert (code, out) == (0, "")
    assert "'.' holds no list directory\n" in err and "0 entries in ." in err


def test_another_directory(check: Check, tmp_path: Path) -> None:
    """The test directory can be named; it has to be there."""
    lay_out(tmp_path / "lists", {"trunk_skips/README": ""})
    assert check("--test-dir", "lists")[0] == 1
    code, out, err = check("--test-dir", "gone")
    assert (code, out) == (2, "") and "--test-dir 'gone' is no directory" in err


def test_a_list_directory_that_cannot_be_read(
    check: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A finding about a directory has its path as people know it."""
    write({"tests/trunk_skips/T.a": "", "tests/trunk_skips/gone/T.a": ""})
    (line,) = check()[1].splitlines()
    assert line.startswith("tests/trunk_skips/gone: no test file of this path")


def test_required_fields(check: Check) -> None:
    """Fields can be asked for, by names that there are."""
    write({"tests/trunk_skips/T.a": "T.a: reason: x\n"})
    code, out, _ = check("--require", "reason, owner")
    assert (code, out) == (1, "tests/trunk_skips/T.a: no owner; add `T.a: owner: ...`\n")
    code, out, err = check("--require", "reason,ownr")
    assert (code, out) == (2, "")
    assert "'ownr' is no field; the fields are reason, issue," in err


def test_budgets(check: Check) -> None:
    """There may be so many entries and no more, or no more than in a commit."""
    write({**FILES, "tests/trunk_skips/T.b": ""})
    assert check("--max", "2")[0] == 0
    code, out, _ = check("--max", "1")
    assert code == 1 and out.startswith("tests: there are 2 entries, and the budget is 1; ")
    os.rmdir(".git")
    git(Path.cwd(), "init", "--quiet")
    git(Path.cwd(), "add", "--all")
    git(Path.cwd(), "commit", "--quiet", "-m", "lists")
    Path("tests/trunk_skips/T.b").rename("tests/trunk_skips/T.c")
    code, _, err = check("--only-shrink", "HEAD")
    assert code == 0 and "`trunk_skips/T.c`: new since 'HEAD', in the place of" in err
    write({"tests/trunk_skips/T.b": ""})
    code, out, _ = check("--only-shrink", "HEAD")
    assert code == 1 and "'HEAD' has 2: lists may only shrink; new are `trunk_skips/T.c`;" in out
    assert check("--only-shrink", "gone")[0] == 2
    code, _, err = check("--only-shrink=--help")
    assert code == 2 and err.count("\n") == 1


@pytest.mark.parametrize("value", ["-1", "x", "1" * 10, ""])
def test_budgets_that_are_no_numbers(check: Check, value: str) -> None:
    """A budget is a whole number."""
    code, out, err = check(f"--max={value}")
    assert (code, out, err.count("\n")) == (2, "", 1) and "is no whole number" in err


COLLECTED = "tests/test_a.py::T::a\ntests/nn/test_b.py::T::a\n\n2 tests collected in 0.1s\n"
ABSENT = "tests/trunk_skips/T.b: 'T.b' is none of the tests that {}; name the entry as the test is"


def test_collected_tests(check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    """Entries of no collected test, and of several, are told; ids come from a file or a pipe."""
    write({**FILES, "tests/trunk_skips/T.b": "", "tests/nn/test_b.py": "", "ids": COLLECTED})
    code, out, err = check("--collected", "ids")
    first, second = out.splitlines()
    assert code == 1 and "'T.a' is a test in each of nn/test_b.py, test_a.py, and this" in first
    assert second.startswith(ABSENT.format("were collected"))
    assert err == "trunk-failures check: 2 findings in 2 files\n"
    ids = io.TextIOWrapper(io.BytesIO(b"tests/test_a.py::T::a\n"))
    monkeypatch.setattr(sys, "stdin", ids)
    code, out, err = check("--collected", "-")
    assert (code, len(out.splitlines())) == (1, 1)
    assert "'-' does not say how many tests were collected; its 1 ids are taken for all" in err


def test_a_collection_with_errors(check: Check) -> None:
    """A collection from which tests are missing says nothing of entries, and is refused."""
    write({**FILES, "ids": "tests/test_a.py::T::a\n\n1 test collected, 1 error in 0.1s\n"})
    code, out, err = check("--collected", "ids")
    assert (code, out) == (2, "") and "had errors" in err


JUNIT = """<testsuite><testcase classname="tests.test_a.T" name="a" file="tests/test_a.py"/>
<testcase classname="tests.test_a.U" name="x"><failure message="no"/></testcase></testsuite>"""


def test_results(check: Check) -> None:
    """Entries of no test in results are told, and those of fixtures of what passed are not."""
    write({**FILES, "tests/trunk_skips/T.b": "", "r.xml": JUNIT, "bad.xml": "<"})
    write({"tests/trunk_skips/T.setUpClass": "", "tests/trunk_skips/test_a.setUpModule": ""})
    code, out, _ = check("--results", "r.xml")
    assert (code, len(out.splitlines())) == (1, 1)
    assert out.startswith(ABSENT.format("the results are of"))
    assert check("--results", "r.xml", "--results", "bad.xml")[0] == 2
    code, _, err = check("--results", "r.xml", "--results", "bad.xml", "--keep-going")
    assert code == 1 and "passed over: bad.xml" in err


def test_asking_unittest(check: Check) -> None:
    """unittest is asked in a process of its own, where no list is in force."""
    write({"tests/trunk_skips/T.test_a": "", "tests/trunk_skips/T.b": "", "tests/test_a.py": TESTS})
    write({"tests/trunk_skips/README": ""})  # With which no module that asks for lists loads.
    code, out, _ = check("--ask", "unittest", "--", "discover", "-s", "tests")
    first, second = out.splitlines()
    assert code == 1 and first.startswith("tests/trunk_skips/README: ")
    assert second.startswith(ABSENT.format("unittest finds"))


def test_asking_pytest(check: Check) -> None:
    """pytest is asked with what follows `--`; where it had errors that is told."""
    write({"tests/trunk_skips/T.test_a": "", "tests/trunk_skips/T.b": "", "tests/test_a.py": TESTS})
    code, out, _ = check("--ask", "pytest", "--", "-p", "no:cacheprovider", "tests")
    assert code == 1 and out.startswith(ABSENT.format("pytest collects"))
    code, out, err = check("--ask", "pytest", "--", "gone")
    assert (code, out) == (2, "") and "or give its output with --collected" in err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--", "tests"], "what follows `--` is for a runner; name it, as in --ask pytest"),
        (["--ask", "nose"], "invalid choice: 'nose'"),
        (["--ask", "pytest", "--collected", "x"], "not allowed with"),
        (["--collected", "gone"], "the collected ids 'gone' cannot be read"),
        (["--results", "gone"], "gone"),
        (["--format", "xml"], "invalid choice: 'xml'"),
        (["more"], "unrecognized arguments: more"),
    ],
)
def test_usage_errors(check: Check, arguments: list[str], said: str) -> None:
    """A usage error is one line on stderr, and exit code 2."""
    write(FILES)
    code, out, err = check(*arguments)
    assert (code, out, err.count("\n")) == (2, "", 1) and said in err


def test_help(check: Check) -> None:
    """The help has a description, examples and the exit codes."""
    code, out, err = check("--help")
    assert (code, err) == (0, "")
    assert "examples:" in out and "exit codes: 0 nothing is wrong; 1 something is" in out


def test_hostile_names_reach_no_terminal(check: Check) -> None:
    """Control characters of names and of what files hold are shown, not sent."""
    if os.name == "nt":
        pytest.skip("there are no such names")
    write({"tests/trunk_skips/T.a\x1b[31m": "", "tests/trunk_skips/T.b": "\x1b[31mred\n"})
    code, out, err = check()
    assert code == 1 and len(out.splitlines()) == 2
    assert "\x1b" not in out + err


def test_the_hook_of_pre_commit() -> None:
    """The hook runs this command, when an entry's file is among what is committed."""
    text = (Path(__file__).parents[1] / ".pre-commit-hooks.yaml").read_text()
    values = dict(re.findall(r"^[- ] (\w+): (.*)$", text, re.M))
    assert len(values) == text.count("\n")
    assert not [each for each in values.values() if re.search(r"^[\[{&*!|>%@`]|: | #", each)]
    assert values["id"] == "trunk-failures-check"
    assert (values["language"], values["pass_filenames"]) == ("python", "false")
    program, *arguments = values["entry"].split()
    assert program == "trunk-failures"
    assert arguments == ["check"] and arguments[0] in cli.COMMANDS
    pattern = re.compile(values["files"].strip("'"))
    for path in ("tests/trunk_skips/T.a", "dynamo_expected_failures/nn/test_a/T.a"):
        assert pattern.search(path)
    for path in ("tests/test_skips.py", "trunk_skips", "tests/_skips/x", "tests/.x_skips/x"):
        assert not pattern.search(path)


def test_stats(check: Check) -> None:
    """The figures of all lists are told, as text and as JSON, ages as git has them."""
    write({**FILES, "tests/trunk_skips/T.b": "T.b: owner: me\n", "tests/x_skips/README": ""})
    write({"tests/x_skips/T.a": "", "tests/trunk_expected_failures/T.c": "bogus: x\nissue:\n"})
    os.rmdir(".git")
    git(Path.cwd(), "init", "--quiet")
    git(Path.cwd(), "add", "tests/trunk_skips")
    git(Path.cwd(), "commit", "--quiet", "-m", "lists")
    code, out, err = check("--stats")
    assert (code, err) == (0, "") and out.startswith("4 entries on 2")
    assert "       2 trunk, skips\n" in out and "       1 me\n" in out
    code, out, _ = check("--stats", "--format", "json")
    document = json.loads(out)
    assert (code, document["total"], document["owners"]["me"]) == (0, 4, 1)
    assert document["ages"][0] == {"days": 7, "entries": 2}
    assert len(document["unreadable"]) == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--format", "github"], "--stats has no annotations; allowed are --format text and json"),
        (["--fix"], "--stats counts entries and checks none; leave out --fix, or run"),
        (["--max", "0"], "leave out --max"),
        (["--only-shrink", "HEAD"], "leave out --only-shrink"),
        (["--require", "owner"], "leave out --require"),
        (["--ask", "pytest"], "leave out --ask"),
        (["--results", "r.xml"], "leave out --results"),
    ],
)
def test_figures_are_no_check(check: Check, arguments: list[str], said: str) -> None:
    """What asks for figures and for a check at once is told that it is two commands."""
    write(FILES)
    code, out, err = check("--stats", *arguments)
    assert (code, out, err.count("\n")) == (2, "", 1) and said in err


def test_asking_nobody(check: Check) -> None:
    """Without options that say which tests there are, no entry is told of for its test's sake."""
    write({**FILES, "tests/trunk_skips/T.b": ""})
    assert check()[0] == 0
    assert existing_tests.RUNNERS == ("pytest", "unittest")
