"""Known tests: what is listed of tests that there are not, or of more than one."""

from __future__ import annotations

from pathlib import Path

import pytest
from check_fixtures import lay_out

from trunk_failures import known_tests, surveys
from trunk_failures.findings import Rule
from trunk_failures.known_tests import Place
from trunk_failures.results import collecting

A, B, ELSEWHERE = ("test_a", True), ("nn/test_b", True), ("pkg.test_c", False)

# the entries, the tests, and the entries that are told of, with their rule
CASES: list[tuple[list[str], list[tuple[str, Place]], list[tuple[str, Rule]]]] = [
    (["T.a"], [("T.a", A)], []),
    (["T.a"], [("T.b", A)], [("T.a", Rule.NO_SUCH_TEST)]),
    (["T.a"], [("T.a", ELSEWHERE)], []),
    (["nn/test_b/T.a"], [("T.a", B)], []),
    (["nn/test_b/T.a"], [("T.a", A)], [("nn/test_b/T.a", Rule.NO_SUCH_TEST)]),
    (["nn/test_b/T.a"], [("T.a", ELSEWHERE)], []),
    (["T.a"], [("T.a", A), ("T.a", B)], [("T.a", Rule.AMBIGUOUS)]),
    (["T.a"], [("T.a", A), ("T.a", ELSEWHERE)], []),
    (["T.a", "nn/test_b/T.a"], [("T.a", A), ("T.a", B)], []),
    (["T.setUpClass", "T.tearDownClass"], [("T.a", A)], []),
    (["U.setUpClass"], [("T.a", A)], [("U.setUpClass", Rule.NO_SUCH_TEST)]),
    (["test_a.setUpModule", "test_c.tearDownModule"], [("T.a", A), ("T.b", ELSEWHERE)], []),
    (["test_d.setUpModule"], [("T.a", A)], [("test_d.setUpModule", Rule.NO_SUCH_TEST)]),
    (["_FailedTest.test_a"], [("T.a", A)], []),
    (["_FailedTest.test_d"], [("T.a", A)], [("_FailedTest.test_d", Rule.NO_SUCH_TEST)]),
]


@pytest.mark.parametrize(("entries", "told", "expected"), CASES)
def test_what_is_listed_and_is_no_test(
    tmp_path: Path,
    entries: list[str],
    told: list[tuple[str, Place]],
    expected: list[tuple[str, Rule]],
) -> None:
    """An entry is of one test that there is, or of a fixture of what there is, or is told of."""
    test_dir = lay_out(tmp_path / "tests", {f"trunk_skips/{entry}": "" for entry in entries})
    loaded = surveys.survey(str(test_dir)).loaded
    found = known_tests.findings(loaded, known_tests.known(told), "were collected")
    start = "tests/trunk_skips/"
    assert [(each.path.removeprefix(start), each.rule) for each in found] == expected


def test_what_is_said(tmp_path: Path) -> None:
    """A finding says who told of the tests, where else there is such a test, and what to do."""
    files = {"trunk_skips/nn/test_b/T.a": "", "trunk_skips/T.b": "", "x_skips/nn/test_b/T.b": ""}
    loaded = surveys.survey(str(lay_out(tmp_path / "tests", files))).loaded
    places: list[Place] = [("a", True), ("c", True), ("d", True), ("e", True), ("f", True)]
    tests = known_tests.known([("T.a", ("test_a", True)), *(("T.b", each) for each in places)])
    texts = sorted(each.text for each in known_tests.findings(loaded, tests, "were collected"))
    listed = "a.py, c.py, d.py and 2 more"
    what_to_do = "; name the entry as the test is called now, or remove it"
    assert texts == [
        f"'T.a' is none of the tests that were collected in 'nn/test_b.py' (there is one in "
        f"test_a.py){what_to_do}",
        f"'T.b' is a test in each of {listed}, and this entry holds for all of them; move it to "
        f"the folder of the one that is meant, as `trunk_skips/a/`",
        f"'T.b' is none of the tests that were collected in 'nn/test_b.py' (there is one in "
        f"{listed}){what_to_do}",
    ]


def test_an_entry_of_another_mode_takes_no_file_from_one_for_any(tmp_path: Path) -> None:
    """An entry for any file is ambiguous unless its own mode's lists name the other files."""
    files = {"trunk_skips/T.a": "", "x_skips/nn/test_b/T.a": ""}
    loaded = surveys.survey(str(lay_out(tmp_path / "tests", files))).loaded
    tests = known_tests.known([("T.a", A), ("T.a", B)])
    (finding,) = known_tests.findings(loaded, tests, "were collected")
    assert finding.rule is Rule.AMBIGUOUS


def test_fixtures_of_what_ran_and_passed(tmp_path: Path) -> None:
    """Classes and modules of which results tell no test by name serve fixtures all the same."""
    files = {"trunk_skips/T.setUpClass": "", "trunk_skips/test_a.setUpModule": ""}
    loaded = surveys.survey(str(lay_out(tmp_path / "tests", files))).loaded
    assert len(known_tests.findings(loaded, known_tests.known(()), "ran")) == 2
    assert not known_tests.findings(loaded, known_tests.known((), {"T", "test_a"}), "ran")


@pytest.mark.parametrize(
    ("node_id", "key", "place"),
    [
        ("tests/nn/test_b.py::T::a[x]", "T.a[x]", ("nn/test_b", True)),
        ("tests/test_a.py::f", "test_a.f", ("test_a", True)),
        ("nn/test_b.py::T::a", "T.a", ("nn/test_b", True)),
        ("other/test_a.py::T::a", "T.a", ("test_a", False)),
        ("gone/test_z.py::T::a", "T.a", ("gone/test_z", False)),
        ("docs/usage.rst::usage.rst", "usage.rst[usage.rst]", ("docs/usage", False)),
        ("te\0st.py::f", "te\0st.f", ("te\0st", False)),
    ],
)
def test_places_of_node_ids(tmp_path: Path, node_id: str, key: str, place: Place) -> None:
    """A node id's file is the one that it names from here, else the one below the lists."""
    files = {"nn/test_b.py": "", "test_a.py": "", "trunk_skips/T.a": ""}
    test_dir = str(lay_out(tmp_path / "tests", files))
    lay_out(tmp_path / "other", {"test_a.py": ""})
    placer = known_tests.placer(test_dir, collecting.resolver(test_dir), str(tmp_path))
    ((found, where),) = known_tests.of_node_ids([node_id], placer)
    assert found == key
    if node_id.startswith("other"):  # It is where it says, and so none of the lists'.
        assert where == (str(tmp_path / "other" / "test_a").replace("\\", "/"), False)
    else:
        assert where == place


def test_a_link_to_the_test_directory_leads_there(tmp_path: Path) -> None:
    """A file that is named by way of a link is the one that it leads to."""
    test_dir = lay_out(tmp_path / "tests", {"test_a.py": ""})
    try:
        (tmp_path / "link").symlink_to(test_dir)
    except OSError:
        pytest.skip("links need rights here")
    placer = known_tests.placer(str(test_dir), lambda path: (path, False), str(tmp_path))
    assert placer("link/test_a") == ("test_a", True)
