"""List writing: whole or not at all, whatever happens in the middle."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import stat
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from lists_fixtures import write_entry
from test_file_changes import SKIP, XF, address, apply, load, tree

from trunk_failures import entry_files, file_changes, list_lock, list_writing
from trunk_failures.changes import Change
from trunk_failures.errors import ListError

CHANGES = int(os.environ.get("TRUNK_FAILURES_TEST_CHANGES", "40"))
FORKS = pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")


def lay_out(test_dir: Path, count: int) -> None:
    """Write the entries that `changes` changes."""
    (test_dir / f"trunk_{SKIP}").mkdir(parents=True)
    (test_dir / f"trunk_{XF}").mkdir()
    for number in range(count):
        if number % 4:
            folder = test_dir / f"trunk_{XF}"
            (folder / f"T.test_{number}").write_text(f"T.test_{number}: reason: old\n")


def changes(count: int) -> Sequence[Change]:
    """Return changes of all four kinds, by turns."""
    found = []
    for number in range(count):
        key = f"T.test_{number}"
        kinds = (
            Change(None, address(key), (("reason", "new"),)),
            Change(address(key), None),
            Change(address(key), address(key, SKIP), (("reason", "moved"),)),
            Change(address(key), address(key), (("reason", "edited"),)),
        )
        found.append(kinds[number % 4])
    return found


def remaining(test_dir: Path, wanted: Sequence[Change]) -> list[Change]:
    """Return the changes that are still to be made, as the next update finds them."""
    loaded = load(test_dir)
    there = {(each.listing.kind, each.key): each for each in loaded.all()}
    found = []
    for change in wanted:
        before, after = change.before, change.after
        at_old = before is not None and (before.kind, before.key) in there
        at_new = after is not None and (after.kind, after.key) in there
        if after is None:
            found += [change] if at_old else []
        elif at_new:
            found.append(Change(after, after, change.fields))
        else:
            found.append(change)
    return found


def check(test_dir: Path, count: int) -> None:
    """Check that each test is listed once where it was or is to be, by an entry that is read."""
    loaded = load(test_dir)
    seen: dict[str, int] = {}
    for located in loaded.all():
        seen[located.key] = seen.get(located.key, 0) + 1
        assert entry_files.read(located).reason in ("old", "new", "moved", "edited")
    for number in range(count):
        times = seen.get(f"T.test_{number}", 0)
        assert times == 1 or (times == 0 and number % 4 in (0, 1))


def killed_at(moment: int, work: Callable[[], None]) -> bool:
    """Do work in a child that is killed before it changes names for such a time; tells if it was.

    It is at 0 before the first change.
    """
    child = os.fork()
    if not child:
        left = moment

        def count(event: str, _: object) -> None:
            nonlocal left
            if event in ("os.rename", "os.remove", "os.mkdir", "os.rmdir"):
                if not left:
                    os.kill(os.getpid(), signal.SIGKILL)
                left -= 1

        code = 1
        try:
            sys.addaudithook(count)
            work()
            code = 0
        finally:
            os._exit(code)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in (0, -signal.SIGKILL)
    return code != 0


@FORKS
def test_a_kill_leaves_every_test_listed_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed at any moment, it leaves old or new entries, and the next update ends it."""
    monkeypatch.setattr(os, "fsync", lambda number: None)  # Slow, and a kill loses no page.
    undisturbed = tmp_path / "undisturbed"
    lay_out(undisturbed, CHANGES)
    apply(undisturbed, *changes(CHANGES))
    expected = tree(undisturbed)
    killed = True
    in_the_middle = number = 0
    while killed:
        test_dir = tmp_path / f"lists{number}"
        lay_out(test_dir, CHANGES)
        before = tree(test_dir)
        killed = killed_at(number, lambda: apply(test_dir, *changes(CHANGES)))
        check(test_dir, CHANGES)
        in_the_middle += tree(test_dir) not in (before, expected)
        apply(test_dir, *remaining(test_dir, changes(CHANGES)))
        assert tree(test_dir) == expected
        shutil.rmtree(test_dir)
        number += 1
    assert in_the_middle >= CHANGES


@FORKS
def test_eight_at_once(tmp_path: Path) -> None:
    """Eight processes that make the same changes end in the same lists."""
    alone, together = tmp_path / "alone", tmp_path / "together"
    lay_out(alone, 200)
    apply(alone, *changes(200))
    lay_out(together, 200)
    children = []
    for _ in range(8):
        child = os.fork()
        if not child:
            code = 1
            try:
                with list_lock.held(str(together), 60):
                    apply(together, *remaining(together, changes(200)))
                code = 0
            finally:
                os._exit(code)
        children.append(child)
    assert [os.waitpid(child, 0)[1] for child in children] == [0] * 8
    assert tree(together) == tree(alone)


def test_a_directory_is_looked_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many entries leave a directory, it is asked once whether it is empty then."""
    for number in range(20):
        write_entry(tmp_path, f"trunk_{XF}/T.test_{number}")
    gone = [Change(address(f"T.test_{number}"), None) for number in range(20)]
    planned = file_changes.plan(load(tmp_path), gone)
    real, asked = os.scandir, []

    def scandir(path: str) -> object:
        asked.append(path)
        return real(path)

    with monkeypatch.context() as patched:
        patched.setattr(os, "scandir", scandir)
        list_writing.write(planned)
    assert asked == [str(tmp_path / f"trunk_{XF}")]
    assert tree(tmp_path) == {f"trunk_{XF}/.gitkeep": ""}


@pytest.mark.parametrize(
    ("left", "entered"), [("nn/test_x", "nn/test_x"), ("nn/a/x", "nn"), ("nn/x", "")]
)
def test_an_entry_comes_to_a_folder_as_the_last_one_leaves(
    tmp_path: Path, left: str, entered: str
) -> None:
    """A folder that is empty for a moment is still there for who comes next."""
    old, new = (f"trunk_{SKIP}/{place}".rstrip("/") for place in (left, entered))
    write_entry(tmp_path, f"{old}/T.test_0")
    write_entry(tmp_path, f"trunk_{XF}/T.test_1")
    apply(
        tmp_path,
        Change(address("T.test_0", SKIP, left), address("T.test_0")),
        Change(address("T.test_1"), address("T.test_1", SKIP, entered)),
    )
    assert [*tree(tmp_path)] == [f"trunk_{XF}/T.test_0", f"{new}/T.test_1"]


def test_a_full_disk_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where new texts cannot be brought to the disk, nothing has changed and nothing is left."""
    lay_out(tmp_path, 8)
    before = tree(tmp_path)
    calls = []

    def full(number: int) -> None:
        calls.append(number)
        if len(calls) > 3:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    wanted = [*changes(8), Change(None, address("T.test_x", SKIP, "a/b"))]
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ListError, match="No space left on device; none of the changes"):
        apply(tmp_path, *wanted)
    assert tree(tmp_path) == before
    assert not (tmp_path / "trunk_skips/a").exists()


def test_a_failure_in_the_middle_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the system refuses a change later on, the rest is as it was, and it is said."""
    lay_out(tmp_path, 4)

    def refuse(path: str) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM), path)

    wanted = [each for each in changes(4) if each.after is None]
    with monkeypatch.context() as patched:
        patched.setattr(os, "unlink", refuse)
        with pytest.raises(ListError, match="not all of the changes were made"):
            apply(tmp_path, *wanted)
    check(tmp_path, 4)


def test_an_interrupt_while_staging_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C before the first change leaves the lists as they were."""
    lay_out(tmp_path, 8)
    before = tree(tmp_path)

    def interrupt(number: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        apply(tmp_path, *changes(8))
    assert tree(tmp_path) == before


def test_leftovers_of_a_killed_run_are_removed(tmp_path: Path) -> None:
    """Temporary files that a killed run left are gone after the next one."""
    lay_out(tmp_path, 4)
    left = tmp_path / "trunk_skips" / f"{list_writing.TEMPORARY}left"
    left.write_text("x")
    apply(tmp_path, *changes(4))
    assert not left.exists()


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_links_are_not_followed(tmp_path: Path) -> None:
    """An entry that is a link is named, and what it leads to stays as it is."""
    outside = tmp_path / "outside"
    outside.write_text("")
    (tmp_path / "lists/trunk_skips").mkdir(parents=True)
    (tmp_path / "lists/trunk_skips/T.test_a").symlink_to(outside)
    there = address("T.test_a", SKIP)
    with pytest.raises(ListError, match="no regular file"):
        apply(tmp_path / "lists", Change(there, there, (("reason", "x"),)))
    assert outside.read_text() == ""


def test_what_has_changed_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    """Files that came or went since the lists were read are errors."""
    write_entry(tmp_path, "trunk_skips/T.test_a", "reason: x")
    gone = file_changes.plan(load(tmp_path), [Change(address("T.test_a", SKIP), None)])
    came = file_changes.plan(load(tmp_path), [Change(None, address("T.test_b", SKIP))])
    (tmp_path / "trunk_skips/T.test_a").unlink()
    (tmp_path / "trunk_skips/T.test_b").write_text("mine")
    with pytest.raises(ListError, match="is gone"):
        list_writing.write(gone)
    with pytest.raises(ListError, match="is there already; run the same command again"):
        list_writing.write(came)
    assert (tmp_path / "trunk_skips/T.test_b").read_text() == "mine"


@pytest.mark.skipif(os.name == "nt", reason="there are no such permissions")
def test_permissions_stay(tmp_path: Path) -> None:
    """An edited entry has the permissions that it had, a new one those of any new file."""
    file = write_entry(tmp_path, "trunk_skips/T.test_a", "reason: x")
    file.chmod(0o640)
    there = address("T.test_a", SKIP)
    apply(tmp_path, Change(there, there, (("reason", "y"),)), Change(None, address("T.b")))
    plain = tmp_path / "plain"
    plain.touch()
    assert file.stat().st_mode & 0o777 == 0o640
    assert (tmp_path / "trunk_expected_failures/T.b").stat().st_mode == plain.stat().st_mode


@pytest.mark.skipif(os.name == "nt", reason="directories cannot be synced there")
def test_names_are_brought_to_the_disk_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every list directory in which a name has changed is synced."""
    lay_out(tmp_path, 4)
    synced = []

    def sync(number: int) -> None:
        if stat.S_ISDIR(os.fstat(number).st_mode):
            synced.append(os.readlink(f"/proc/self/fd/{number}"))

    if not os.path.isdir("/proc/self/fd"):
        pytest.skip("what an open file is called cannot be asked here")
    monkeypatch.setattr(os, "fsync", sync)
    apply(tmp_path, *changes(4))
    assert {*synced} == {str(tmp_path / f"trunk_{kind}") for kind in (XF, SKIP)}


@pytest.mark.parametrize("calls", [0, 1, 2, 3])
def test_an_entry_that_gets_another_name_is_readable_at_every_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, calls: int
) -> None:
    """Ended between any two calls, a move beside a like entry leaves one entry, which is read."""
    write_entry(tmp_path, f"trunk_{SKIP}/T.test_a", "reason: like it")
    write_entry(tmp_path, f"trunk_{XF}/T.test_A", "reason: moved\nissue: u")
    real, done = os.replace, []

    def replace(old: str, new: str) -> None:
        if len(done) == calls:
            raise KeyboardInterrupt
        done.append(new)
        real(old, new)

    monkeypatch.setattr(os, "replace", replace)
    move = Change(address("T.test_A"), address("T.test_A", SKIP))
    if calls < 3:
        with pytest.raises(KeyboardInterrupt):
            apply(tmp_path, move)
    else:
        apply(tmp_path, move)
    (located,) = [each for each in load(tmp_path).all() if each.key == "T.test_A"]
    entry = entry_files.read(located)
    assert (entry.reason, entry.issue) == ("moved", "u")


def test_an_entry_that_gets_another_name_and_no_other_text_keeps_the_one_it_has(
    tmp_path: Path,
) -> None:
    """A file that is renamed, its lines right already, holds each of them once."""
    (tmp_path / "trunk_skips").mkdir()
    old, new = (tmp_path / "trunk_skips" / name for name in ("T.a[x%2fy]", "T.a[x%2Fy]"))
    old.write_text(f"{new.name}: owner: me\n")
    change = file_changes.FileChange(str(old), str(new), old.read_text(), old.read_text())
    list_writing.write([change])
    assert tree(tmp_path) == {f"trunk_skips/{new.name}": f"{new.name}: owner: me\n"}


def test_a_name_changes_its_case_where_the_file_system_ignores_that(tmp_path: Path) -> None:
    """The file that has the new name already is the very one that gets it, and is no obstacle."""
    (tmp_path / "trunk_skips").mkdir()
    old, new = (tmp_path / "trunk_skips" / name for name in ("T.a[x%2fy]", "T.a[x%2Fy]"))
    old.write_text("")
    change = file_changes.FileChange(str(old), str(new))
    os.link(old, new)  # As such a file system has it: one file, under either name.
    list_writing.write([change])
    assert new.exists()
    new.unlink()
    old.write_text("")
    new.write_text("")
    with pytest.raises(ListError, match="is there already; run the same command again"):
        list_writing.write([change])
