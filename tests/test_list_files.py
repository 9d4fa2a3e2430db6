"""List directories on disk: what is read from them, and what is refused."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trunk_failures import entry_files, file_names, list_files, lists
from trunk_failures.errors import EntryError, ListError, UsageError
from trunk_failures.lists import EXPECTED_FAILURES, SKIPS

POSIX_ONLY = pytest.mark.skipif(os.name == "nt", reason="Windows allows no such names or rights")
LONG = "TestLong.test_" + "x" * 300


def write(directory: Path, *files: str) -> Path:
    """Write files into a directory, each as `name` or `name=content`, and return it."""
    for file in files:
        name, _, content = file.partition("=")
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8", newline="")
    directory.mkdir(parents=True, exist_ok=True)
    return directory


def read_one(directory: Path) -> lists.Listing:
    """Return one list directory, which has no faults."""
    faults: list[list_files.Fault] = []
    listing = list_files.read_listing("trunk", SKIPS, str(directory), faults)
    assert faults == []
    return listing


def faults_of(directory: Path) -> list[str]:
    """Return the faults of one list directory."""
    faults: list[list_files.Fault] = []
    list_files.read_listing("trunk", SKIPS, str(directory), faults)
    return [*map(str, faults)]


@contextlib.contextmanager
def unreadable(directory: Path) -> Iterator[None]:
    """Let nobody read a directory, not even root."""
    is_root = os.geteuid() == 0
    directory.chmod(0)
    if is_root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if is_root:
            os.seteuid(0)
        directory.chmod(0o700)


def test_directories(tmp_path: Path) -> None:
    """Every directory that is named as one is a list directory, sorted by mode and kind."""
    names = ["trunk_skips", "dynamo_skips", "dynamo_expected_failures", "compiled_autograd_skips"]
    for name in (*names, "nn", ".x_skips", "skips"):
        (tmp_path / name).mkdir()
    write(tmp_path, "test_a.py", "slow_skips")
    assert list_files.directories(str(tmp_path)) == [
        ("compiled_autograd", SKIPS, str(tmp_path / "compiled_autograd_skips")),
        ("dynamo", EXPECTED_FAILURES, str(tmp_path / "dynamo_expected_failures")),
        ("dynamo", SKIPS, str(tmp_path / "dynamo_skips")),
        ("trunk", SKIPS, str(tmp_path / "trunk_skips")),
    ]


@pytest.fixture
def pytorch(tmp_path: Path) -> Path:
    """Give a test directory as PyTorch has it."""
    reason = "Fails with: torch._dynamo.exc.Unsupported: Tensor.backward\n"
    write(
        tmp_path / "dynamo_expected_failures",
        "FakeTensorTest.test_deepcopy",
        "TestAutograd.test_accumulate_grad_posthooks_should_not_execute",
        f"TestCommonCPU.test_dtypes_fft_fft2_cpu={reason}",
        "TestNN.test_Conv1d_pad_same_dilated_cuda_tf32",
    )
    write(tmp_path / "dynamo_skips", ".gitkeep", "TestTorch.test_scatter_", "TestTorch.test___rpow")
    write(tmp_path / "inductor_expected_failures", ".gitkeep", "TestX.test_y")
    write(tmp_path / "inductor_skips", ".gitkeep")
    write(tmp_path / "compiled_autograd_skips", "TestAutograd.test_hooks")
    return tmp_path


@pytest.mark.parametrize(
    ("environ", "failures", "skips"),
    [
        ({}, 0, 0),
        ({"PYTORCH_TEST_WITH_DYNAMO": "1"}, 4, 2),
        ({"PYTORCH_TEST_WITH_DYNAMO": "1", "PYTORCH_TEST_WITH_INDUCTOR": "1"}, 1, 0),
        ({"TRUNK_FAILURES_MODES": "dynamo"}, 4, 2),
        ({"PYTORCH_TEST_WITH_DYNAMO": "1", "TRUNK_FAILURES": "0"}, 0, 0),
    ],
)
def test_pytorchs_lists(pytorch: Path, environ: dict[str, str], failures: int, skips: int) -> None:
    """PyTorch's list directories read unchanged, under PyTorch's own toggles."""
    loaded = list_files.load(str(pytorch), environ)
    assert (len(loaded.expected_failures), len(loaded.skips)) == (failures, skips)
    if failures == 4:
        assert "TestCommonCPU.test_dtypes_fft_fft2_cpu" in loaded.expected_failures
        assert loaded.skips == {"TestTorch.test_scatter_", "TestTorch.test___rpow"}
        located = loaded.find("TestCommonCPU.test_dtypes_fft_fft2_cpu")[0]
        assert entry_files.read(located).reason.startswith("Fails with: torch._dynamo")


def test_a_context_is_no_mode(pytorch: Path) -> None:
    """`compiled_autograd_skips` names tests that run in a context, and no mode."""
    with pytest.raises(UsageError, match="'compiled_autograd', which has no list directory"):
        list_files.load(str(pytorch), {"TRUNK_FAILURES_MODES": "compiled_autograd"})


def test_no_test_directory() -> None:
    """Without a test directory the lists are empty, and the modes those of the environment."""
    loaded = list_files.load(None, {"PYTORCH_TEST_WITH_DYNAMO": "1"})
    assert (loaded.test_dir, loaded.modes) == (None, ("dynamo", "trunk"))
    assert loaded.keys == set()


def test_only_the_lists_in_force_are_read(tmp_path: Path) -> None:
    """Faults in the lists of another mode do not stop a run, and those of its own do."""
    write(tmp_path / "dynamo_skips", "no_key")
    write(tmp_path / "trunk_skips", "A.a")
    assert list_files.load(str(tmp_path), {}).skips == {"A.a"}
    with pytest.raises(ListError, match="no_key"):
        list_files.load(str(tmp_path), {"PYTORCH_TEST_WITH_DYNAMO": "1"})
    assert list_files.load(str(tmp_path), {"TRUNK_FAILURES": "0"}).skips == set()


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ([], {}),
        ([".gitkeep", ".x.y", ".A.a.swp"], {}),
        (["A.a"], {"A.a": "A.a"}),
        (["nn/.gitkeep", ".A.a.swp", ".x.y"], {}),
        (["test_ops.test_add[a.b.c]"], {"test_ops.test_add[a.b.c]": "test_ops.test_add[a.b.c]"}),
        (["A.a%3Ab"], {"A.a:b": "A.a%3Ab"}),
        (["A.%C3%A9"], {"A.é": "A.%C3%A9"}),
        (["A.é"], {"A.é": "A.é"}),
        (["A.%5Fa"], {"A._a": "A.%5Fa"}),
        (["%43ON.test_x"], {"CON.test_x": "%43ON.test_x"}),
        (
            [f"{file_names.hashed(LONG)}=test: {LONG}\n"],
            {LONG: file_names.hashed(LONG)},
        ),
        (
            [f"{file_names.hashed('A.b')}={file_names.hashed('A.b')}: test: A.b\r\nmore"],
            {"A.b": file_names.hashed("A.b")},
        ),
    ],
)
def test_keys_and_file_names(tmp_path: Path, files: list[str], expected: dict[str, str]) -> None:
    """A folder's keys are those its file names hold, each with the name of its own file."""
    folder = read_one(write(tmp_path / "skips", *files)).top
    assert {key: folder.file_name(key) for key in folder.keys} == expected
    assert all((tmp_path / "skips" / name).is_file() for name in expected.values())


def test_sub_folders(tmp_path: Path) -> None:
    """An entry in a sub-folder holds for the test file of that path; empty ones hold none."""
    files = ["A.a", "test_top/A.b", "nn/test_init/A.c", "nn/test_init/B%3A.c", "nn/.gitkeep"]
    listing = read_one(write(tmp_path / "skips", *files, "empty/deeper/.gitkeep"))
    assert listing.top.keys == {"A.a"}
    assert {file: folder.keys for file, folder in listing.below.items()} == {
        "test_top": {"A.b"},
        "nn/test_init": {"A.c", "B:.c"},
    }
    located = lists.Lists(str(tmp_path), ("trunk",), (listing,)).find("B:.c", "nn/test_init")[0]
    path = tmp_path / "skips" / "nn" / "test_init" / "B%3A.c"
    assert entry_files.path_of(located) == str(path)


# What is in a list directory, the file at fault and what the fault says.
FAULTS = [
    (["README"], "README", "lists 'README'; a key is `Class.method` or `module.function`"),
    (["a.b.c"], "a.b.c", "two parts and one dot before any bracket; rename or remove it"),
    (["a.b.c", "nn/A.a"], "a.b.c", "lists 'a.b.c'"),
    (["TestFoo.test_bar.py", "nn/A.a", "A.b"], "TestFoo.test_bar.py", "lists"),
    (["a[b.c]"], "a[b.c]", "lists 'a[b.c]'"),
    (["A."], "A.", "lists 'A.'"),
    (["%2Ea"], "%2Ea", "lists '.a'"),
    (["%2E%2E%2F..%2Fx"], "%2E%2E%2F..%2Fx", "lists '../../x'"),
    (["nn%2FTestInit.test_eye"], "nn%2FTestInit.test_eye", "lists 'nn/TestInit.test_eye'"),
    (["A.a%"], "A.a%", "'%' and two hex digits stand for one byte of UTF-8"),
    (["A.a%ZZ"], "A.a%ZZ", "rename the file"),
    (["A.%FF"], "A.%FF", "which are not UTF-8"),
    (["A.a~"], "A.a~", "looks like an editor's backup"),
    (["A.a", "A%2Ea"], "A%2Ea", "lists 'A.a', as "),
    (["A._b", "A.%5Fb"], "A.%5Fb", "lists 'A._b', as"),
    (["A.%5Fb", "A.%5fb"], "A.%5fb", "lists 'A._b', as"),
    (["A.a~0123456789ab"], "A.a~0123456789ab", "its first line must be `test: <key>`; found ''"),
    (["A.a~0123456789ab=reason: x"], "A.a~0123456789ab", "found 'reason: x'"),
    (
        ["A.a~0123456789ab=test: A.a"],
        "A.a~0123456789ab",
        f"says `A.a`, whose file is `{file_names.hashed('A.a')}`; rename the file or mend the line",
    ),
    (["A.a~0123456789ab=test: A.%ZZ"], "A.a~0123456789ab", "correct the line"),
    (["A.a~0123456789ab/x"], "A.a~0123456789ab", "is no regular file"),
    (
        ["A.b", f"{file_names.hashed('A.b')}=test: A.b"],
        file_names.hashed("A.b"),
        "lists 'A.b', as",
    ),
]


@pytest.mark.parametrize(("files", "name", "said"), FAULTS)
@pytest.mark.parametrize("folder", ["", "nn/test_init"])
def test_faults(tmp_path: Path, files: list[str], name: str, said: str, folder: str) -> None:
    """A name that is no key, or a key's second one, is a fault that names the file."""
    directory = write(tmp_path / "skips" / folder, *files)
    (fault,) = faults_of(tmp_path / "skips")
    assert fault.startswith(f"`{directory / name}`")
    assert said in fault


def test_links_that_lead_back_are_not_followed(tmp_path: Path) -> None:
    """A sub-folder that is a link to the one above it does not make the reading endless."""
    directory = write(tmp_path / "skips", "nn/A.a")
    (directory / "nn" / "again").symlink_to(directory)
    (directory / "nn" / "more").symlink_to(directory / "nn")
    faults: list[list_files.Fault] = []
    listing = list_files.read_listing("trunk", "skips", str(directory), faults)
    assert (sorted(listing.below), faults) == (["nn"], [])


def test_two_names_of_one_key_are_both_told(tmp_path: Path) -> None:
    """Where two files list one key the fault names both, and the key counts once."""
    directory = write(tmp_path / "skips", "A.%5Fb", "A.%5fb")
    faults: list[list_files.Fault] = []
    listing = list_files.read_listing("trunk", SKIPS, str(directory), faults)
    assert [*map(str, faults)] == [
        f"`{directory / 'A.%5fb'}`: it lists 'A._b', as `A.%5Fb` beside it does; "
        f"remove one of the two"
    ]
    assert [fault.key for fault in faults] == ["A._b"]
    assert listing.top.keys == {"A._b"}


@POSIX_ONLY
@pytest.mark.parametrize("name", ["A.a\n", "A\t.a", "A.a\\b", "A.a\x7f"])
def test_names_that_no_other_system_takes(tmp_path: Path, name: str) -> None:
    """A control character or a backslash that is not escaped is a fault, however it got there."""
    write(tmp_path / "skips", name, "A.plain")
    (fault,) = faults_of(tmp_path / "skips")
    assert "percent-encoded UTF-8" in fault


@pytest.mark.skipif(os.name == "nt" or os.uname().sysname != "Linux", reason="names are text there")
@pytest.mark.parametrize("name", [b"A.\xff", b"\xff", b"A.a\xc3[1]"])
def test_names_that_are_not_utf_8(tmp_path: Path, name: bytes) -> None:
    """A file name that is not UTF-8 is a fault, and the message can be written anywhere."""
    write(tmp_path / "skips", "A.plain")
    with open(os.fsencode(tmp_path / "skips") + b"/" + name, "w", encoding="utf-8"):
        pass
    (fault,) = faults_of(tmp_path / "skips")
    assert fault.endswith("its name is not UTF-8; rename or remove it")
    assert name in os.fsencode(fault)


def test_a_directory_in_an_entrys_place_is_left_for_later(tmp_path: Path) -> None:
    """What kind of file an entry is, is looked at when its test is about to run."""
    directory = write(tmp_path / "trunk_skips")
    (directory / "A.a").mkdir()
    loaded = list_files.load(str(tmp_path), {})
    assert loaded.skips == {"A.a"}
    with pytest.raises(EntryError, match="is no regular file"):
        entry_files.read(loaded.find("A.a")[0])


@pytest.mark.parametrize("folder", ["", "nn/test_init/"])
def test_a_test_in_both_lists(tmp_path: Path, folder: str) -> None:
    """A test that is an expected failure and a skip of one mode is refused, with both files."""
    entry = f"{folder}A.a"
    write(tmp_path / "trunk_expected_failures", entry, "A.b")
    write(tmp_path / "trunk_skips", entry, "other/A.b")
    with pytest.raises(ListError) as caught:
        list_files.load(str(tmp_path), {})
    assert str(caught.value) == (
        f"the lists in {str(tmp_path)!r} break their rules: `trunk_expected_failures/{entry}` and "
        f"`trunk_skips/{entry}`: a test is listed as an expected failure and as a skip; remove "
        f"one of the two"
    )


def test_two_modes_may_differ(tmp_path: Path) -> None:
    """A test may be an expected failure of one mode and a skip of another."""
    write(tmp_path / "trunk_expected_failures", "A.a")
    write(tmp_path / "dynamo_skips", "A.a")
    loaded = list_files.load(str(tmp_path), {"PYTORCH_TEST_WITH_DYNAMO": "1"})
    assert (loaded.expected_failures, loaded.skips) == ({"A.a"}, {"A.a"})


@pytest.mark.parametrize(("count", "told"), [(1, ""), (10, ""), (11, "; and 1 more"), (25, "15")])
def test_at_most_ten_faults_are_told(tmp_path: Path, count: int, told: str) -> None:
    """An error names ten faults in order, and how many more there are."""
    directory = write(tmp_path / "trunk_skips", *(f"fault{number:02}" for number in range(count)))
    with pytest.raises(ListError) as caught:
        list_files.load(str(tmp_path), {})
    named = [number for number in range(count) if f"fault{number:02}`" in str(caught.value)]
    assert named == list(range(min(count, 10)))
    assert told in str(caught.value)
    assert ("more" in str(caught.value)) is (count > 10)
    assert str(caught.value).startswith(
        f"the lists in {str(tmp_path)!r} break their rules: `{directory / 'fault00'}`: it lists"
    )


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    """Faults of names and tests in both lists are told together, from every list in force."""
    write(tmp_path / "trunk_expected_failures", "A.a", "README")
    write(tmp_path / "trunk_skips", "A.a", "B.b~")
    with pytest.raises(ListError) as caught:
        list_files.load(str(tmp_path), {})
    for part in ("README`: it lists", "B.b~`: ", "`trunk_skips/A.a`: a test is listed as"):
        assert part in str(caught.value)


@POSIX_ONLY
@pytest.mark.parametrize("below", ["", "nn"])
def test_an_unreadable_list_directory(tmp_path: Path, below: str) -> None:
    """A list directory that cannot be read is an error, never an empty list."""
    directory = write(tmp_path / "trunk_skips" / below, "A.a")
    there = [("trunk", SKIPS, str(directory))]
    with unreadable(directory), pytest.raises(ListError) as caught:
        list_files.read(str(tmp_path), ("trunk",), there)
    assert str(caught.value) == (
        f"the list directory {str(directory)!r} cannot be read: Permission denied; mend its "
        f"permissions or set TRUNK_FAILURES=0 to run without lists"
    )


def test_a_test_directory_that_is_gone(tmp_path: Path) -> None:
    """A test directory that was removed since it was found is an error that names it."""
    with pytest.raises(ListError, match="'.*gone' cannot be read: "):
        list_files.load(str(tmp_path / "gone"), {})


def test_a_hundred_thousand_entries(tmp_path: Path) -> None:
    """A list of 100,000 entries is read whole, and a fault among them is found."""
    directory = write(tmp_path / "trunk_skips", "TestA.test_%5F")
    names = {f"TestBig{number % 100}.test_{number}_cpu_float32" for number in range(99_999)}
    for number, name in enumerate(names):
        if number % 1000 == 0:  # Links are cheaper to make than files, and a file has few.
            first = directory / name
            first.touch()
        else:
            os.link(first, directory / name)
    assert list_files.load(str(tmp_path), {}).skips == names | {"TestA.test__"}
    write(directory, "TestA.test_b.py")
    (fault,) = faults_of(directory)
    assert fault.startswith(f"`{directory / 'TestA.test_b.py'}`: it lists ")


# Names that have a place in Python, names that generators make, and anything at all.
PARTS = st.one_of(
    st.sampled_from(["TestFoo", "testfoo", "test_x", "CON", "nul", "x" * 250]),
    st.text(st.characters(exclude_characters="./\\[", exclude_categories=["Cs"]), min_size=1),
    st.text("aA%~ é_", min_size=1, max_size=4),
)
PARAMETERS = st.one_of(st.just(""), st.text().map("[{}]".format), st.just("[a.B/c]"))
LISTED = st.sets(st.builds("{}.{}{}".format, PARTS, PARTS, PARAMETERS), max_size=12)


@settings(max_examples=50)
@given(LISTED, st.sampled_from(["", "nn/test_init"]))
def test_whatever_is_written_is_read(keys: set[str], folder: str) -> None:
    """Keys written under the names that they are given are read back, each from its own file."""
    with tempfile.TemporaryDirectory() as top:
        directory = Path(top, "trunk_skips", folder)
        directory.mkdir(parents=True)
        for key, name in file_names.names(keys).items():
            lines = f"{name}: test: {file_names.spell(key)}\n" if file_names.is_hashed(name) else ""
            (directory / name).write_text(lines, encoding="utf-8", newline="")
        loaded = list_files.load(top, {})
        assert loaded.keys == keys
        assert loaded.skips == {f"{folder}/{key}".lstrip("/") if folder else key for key in keys}
        for key in keys:
            assert entry_files.read(loaded.find(key, folder)[0]).key == key
