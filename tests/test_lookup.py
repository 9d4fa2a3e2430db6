"""Looking up which entry acts on a test."""

from __future__ import annotations

import datetime
import os
import sys
import time
import types
from collections.abc import Callable
from pathlib import Path

import pytest

from trunk_failures import in_force, list_files, lists, lookup
from trunk_failures.entries import Entry
from trunk_failures.lists import EXPECTED_FAILURES, SKIPS

Put = Callable[..., Path]
KEY = "TestFoo.test_bar"
YESTERDAY, TOMORROW = (  # and one day more, as these tests may run at midnight
    str(lookup.today() + days * datetime.timedelta(days=1)) for days in (-1, 2)
)


@pytest.fixture
def put_in_force(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Put:
    """Give a function that writes entries, puts them in force and returns the test directory."""
    (tmp_path / ".git").mkdir()
    top = tmp_path / "tests"
    top.mkdir()

    def put(files: dict[str, str], **environ: str) -> Path:
        for file, content in files.items():
            path = top / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content.replace("{name}", path.name), encoding="utf-8")
        monkeypatch.setattr(in_force, "lists", list_files.load(str(top), environ))
        return top

    lookup._test_file.cache_clear()
    return put


XFAIL, SKIP = f"trunk_{EXPECTED_FAILURES}/{KEY}", f"trunk_{SKIPS}/{KEY}"
SLOW_XFAIL, SLOW_SKIP = f"slow_{EXPECTED_FAILURES}/{KEY}", f"slow_{SKIPS}/{KEY}"
OF_FILE = f"trunk_{SKIPS}/nn/test_x/{KEY}"
EXPIRED = f"{{name}}: expires: {YESTERDAY}"
ELSEWHERE = "{name}: when: sys_platform == 'nowhere'"
HERE = f"{{name}}: when: sys_platform == '{sys.platform}'"

# The entries, the kinds asked for, the path of the entry that acts.
ACTING = [
    ({XFAIL: ""}, lists.KINDS, XFAIL),
    ({SKIP: ""}, lists.KINDS, SKIP),
    ({XFAIL: ""}, [SKIPS], None),
    ({SKIP: ""}, {EXPECTED_FAILURES: "reason"}, None),
    ({f"trunk_{SKIPS}/TestFoo.test_other": ""}, lists.KINDS, None),
    ({SLOW_XFAIL: "", XFAIL: ""}, lists.KINDS, SLOW_XFAIL),
    ({SLOW_SKIP: "", XFAIL: ""}, lists.KINDS, SLOW_SKIP),
    ({SLOW_SKIP: "", XFAIL: ""}, [EXPECTED_FAILURES], XFAIL),
    ({SLOW_XFAIL: ELSEWHERE, SKIP: ""}, lists.KINDS, SKIP),
    ({SLOW_XFAIL: HERE, SKIP: ""}, lists.KINDS, SLOW_XFAIL),
    ({SLOW_XFAIL: EXPIRED, SKIP: ""}, lists.KINDS, SKIP),
    ({XFAIL: ELSEWHERE}, lists.KINDS, None),
    ({XFAIL: f"{ELSEWHERE}\n{EXPIRED}"}, lists.KINDS, None),
    ({XFAIL: f"{{name}}: expires: {TOMORROW}"}, lists.KINDS, XFAIL),
    ({XFAIL: "", OF_FILE: ""}, lists.KINDS, OF_FILE),
    ({XFAIL: "", OF_FILE: ""}, [EXPECTED_FAILURES], None),
    ({SLOW_XFAIL: "{name}: when: mode == 'slow'"}, lists.KINDS, SLOW_XFAIL),
]


@pytest.mark.parametrize(("files", "kinds", "path"), ACTING)
def test_which_entry_acts(
    put_in_force: Put, files: dict[str, str], kinds: list[str], path: str | None
) -> None:
    """The most specific mode's entry acts whose `when` holds and which has not expired."""
    put_in_force(files, PYTORCH_TEST_WITH_SLOW="1")
    acting = lookup.acting(KEY, "nn/test_x", kinds)
    if path is None:
        assert acting is None
    else:
        assert acting is not None and acting.entry is not None
        assert acting.entry.path == f"tests/{path}"
        assert (acting.trouble, acting.broken) == ("", False)


# The entries, whether the entry is broken, what is said, and of which entry.
TROUBLES = [
    ({XFAIL: EXPIRED}, False, f"expired on {YESTERDAY} and no longer suppresses {KEY}", XFAIL),
    ({XFAIL: "{name}: expires: soon"}, False, "`expires: soon` is no date such as", XFAIL),
    ({SLOW_SKIP: EXPIRED, XFAIL: ELSEWHERE}, False, f"expired on {YESTERDAY}", SLOW_SKIP),
    ({SLOW_SKIP: EXPIRED, XFAIL: EXPIRED}, False, f"expired on {YESTERDAY}", SLOW_SKIP),
    ({XFAIL: "{name}: nope: x"}, True, "line 1: unknown field 'nope'", XFAIL),
    ({SLOW_XFAIL: "{name}: nope: x", SKIP: ""}, True, "line 1: unknown field", SLOW_XFAIL),
    ({SLOW_XFAIL: EXPIRED, SKIP: "{name}: nope: x"}, True, "line 1: unknown field", SKIP),
    ({XFAIL: "{name}: when: env.PATH < '3'"}, True, "cannot decide", XFAIL),
    ({XFAIL: "{name}: test: A.a%ZZ"}, True, "line 1: ", XFAIL),
]


@pytest.mark.parametrize(("files", "broken", "said", "path"), TROUBLES)
def test_what_keeps_an_entry_from_acting(
    put_in_force: Put, files: dict[str, str], broken: bool, said: str, path: str
) -> None:
    """An entry that has expired or cannot be read suppresses nothing, and says why and where."""
    put_in_force(files, PYTORCH_TEST_WITH_SLOW="1")
    acting = lookup.acting(KEY, "", lists.KINDS)
    assert acting is not None
    assert (acting.entry, acting.broken) == (None, broken)
    assert acting.trouble.startswith(f"`tests/{path}`")
    assert said in acting.trouble


def test_a_file_that_is_gone(put_in_force: Put) -> None:
    """An entry whose file was removed since the lists were loaded is broken, and says so."""
    (put_in_force({XFAIL: ""}) / XFAIL).unlink()
    acting = lookup.acting(KEY, "", lists.KINDS)
    assert acting is not None and acting.broken
    assert acting.trouble.startswith(f"`tests/{XFAIL}` cannot be read: ")


def test_unlisted_tests_are_not_looked_at(put_in_force: Put) -> None:
    """Nothing is read for a test that no list in force names."""
    top = put_in_force({XFAIL: "{name}: nope: x", SLOW_XFAIL: ""})
    assert lookup.acting("TestFoo.test_other", "", lists.KINDS) is None
    (top / XFAIL).write_text("", encoding="utf-8")
    acting = lookup.acting(KEY, "", lists.KINDS)
    assert acting is not None and acting.entry is not None and acting.entry.mode == "trunk"


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="Windows has one time zone a process")
@pytest.mark.parametrize("zone", ["AAA-14", "BBB+12", "UTC"])
def test_today_is_utcs(monkeypatch: pytest.MonkeyPatch, zone: str) -> None:
    """Entries expire at one moment everywhere: today is UTC's, whatever the machine's zone."""
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        dates = [time.strftime("%Y-%m-%d", time.gmtime()), str(lookup.today())]
        dates.append(time.strftime("%Y-%m-%d", time.gmtime()))
    finally:
        monkeypatch.undo()
        time.tzset()
    assert dates == sorted(dates) and dates[1] in (dates[0], dates[2])


@pytest.mark.parametrize(
    ("entry", "sentence"),
    [
        (
            Entry(KEY, "trunk", SKIPS, SKIP, expires=datetime.date(2026, 1, 2)),
            f"`{SKIP}` expired on 2026-01-02 and no longer suppresses {KEY}; mend the test, or "
            f"renew the date",
        ),
        (
            Entry(KEY, "trunk", SKIPS, SKIP, unreadable_date="soon"),
            f"`{SKIP}` suppresses nothing: `expires: soon` is no date such as 2030-12-31, which "
            f"counts as expired; mend the date or remove the entry",
        ),
    ],
)
def test_what_is_said_of_expired_entries(entry: Entry, sentence: str) -> None:
    """The sentence names the file, what its date says and what to do."""
    assert lookup.expiry(entry) == sentence


def test_the_environment_has_the_modes_in_force(
    put_in_force: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Markers are asked of this process as it is now, in the modes that are in force."""
    put_in_force({SLOW_SKIP: ""}, PYTORCH_TEST_WITH_SLOW="1")
    environment = lookup.environment()
    assert environment.modes == ("slow", "trunk")
    assert environment.sys_platform == sys.platform
    monkeypatch.setenv("SET_LATER", "1")
    assert lookup.environment().variables["SET_LATER"] == "1"
    put_in_force({})
    assert lookup.environment().modes == ("trunk",)


FILES = [
    ("tests/test_a.py", "test_a.py", "test_a"),
    ("tests/nn/test_init.py", "nn/test_init.py", "nn/test_init"),
    ("tests/nn/../test_a.pyc", "test_a.pyc", "test_a"),
    ("tests/test.dotted.py", "test.dotted.py", "test.dotted"),
    ("link/nn/test_init.py", "nn/test_init.py", "nn/test_init"),
    ("tests_more/test_a.py", None, ""),
    ("test_a.py", None, ""),
]


@pytest.mark.parametrize(("file", "relative", "test_file"), FILES)
def test_files_below_the_test_directory(
    put_in_force: Put,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    file: str,
    relative: str | None,
    test_file: str,
) -> None:
    """Files are told relative to the test directory, links followed; those elsewhere whole."""
    top = put_in_force({OF_FILE: ""})
    if file.startswith("link"):
        try:
            (tmp_path / "link").symlink_to(top, target_is_directory=True)
        except OSError:
            pytest.skip("no symbolic links here")
    path = os.path.join(tmp_path, file)
    expected = path.replace(os.sep, "/") if relative is None else relative
    assert lookup.relative_file(path) == expected
    module = types.ModuleType("test_of_lookup")
    module.__file__ = path
    monkeypatch.setitem(sys.modules, "test_of_lookup", module)
    assert lookup.test_file("test_of_lookup") == test_file


def test_a_relative_file_is_taken_from_the_working_directory(
    put_in_force: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A module's file may be relative, as that of a script is."""
    monkeypatch.chdir(put_in_force({OF_FILE: ""}).parent)
    assert lookup.relative_file(os.path.join("tests", "test_a.py")) == "test_a.py"


def test_modules_without_a_file(put_in_force: Put) -> None:
    """A module that has no file, or is not loaded, has no entries of its own."""
    put_in_force({OF_FILE: ""})
    assert lookup.test_file("sys") == ""
    assert lookup.test_file("no_such_module") == ""
    assert lookup.relative_file(None) == lookup.relative_file("") == ""


def test_without_qualified_entries_no_file_is_looked_for(
    put_in_force: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no entry is of one file alone, no module's file is asked for."""
    top = put_in_force({XFAIL: ""})
    module = types.ModuleType("test_of_lookup")
    module.__file__ = str(top / "test_a.py")
    monkeypatch.setitem(sys.modules, "test_of_lookup", module)
    assert lookup.test_file("test_of_lookup") == ""
    put_in_force({OF_FILE: ""})
    assert lookup.test_file("test_of_lookup") == "test_a"


def test_without_a_test_directory_files_are_told_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where there are no lists a file is told by its whole path, with slashes."""
    monkeypatch.setattr(in_force, "lists", list_files.load(None, {}))
    path = tmp_path / "test_a.py"
    assert lookup.relative_file(str(path)) == path.as_posix()
