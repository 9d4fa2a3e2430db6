"""Names of jobs and artifacts: which patterns they match, and what is left."""

from __future__ import annotations

import pytest

from trunk_failures import job_names, markers
from trunk_failures.configurations import Configuration
from trunk_failures.errors import UsageError
from trunk_failures.fetched import Artifact, Fetched, Job, Left
from trunk_failures.job_names import Pattern

MARKER = markers.parse('python_version == "3.11"')
PY311, PY312 = Configuration("py311", MARKER), Configuration("py312")
PATTERNS = (
    Pattern(PY311, "junit-py311-*"),
    Pattern(PY311, "test (3.11*"),
    Pattern(PY312, "junit-py312-*"),
    Pattern(PY312, "test (3.12*"),
)


def artifact(name: str, run: int = 1) -> Artifact:
    """Return an artifact of that name."""
    return Artifact(name, f"/a/{run}.{name}.zip", run, 10)


def job(name: str, conclusion: str = "success") -> Job:
    """Return a job of that name; without a conclusion it runs."""
    return Job(name, "CI", 1, "completed" if conclusion else "in_progress", conclusion)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("py312=junit-*", Pattern(PY312, "junit-*")),
        ("py311:'python_version == \"3.11\"'=a=b", None),
        ('py311:python_version == "3.11"=a=b', Pattern(PY311, "a=b")),
        ("py312=test (3.12, ünïcode) / *", Pattern(PY312, "test (3.12, ünïcode) / *")),
    ],
)
def test_a_pattern(text: str, expected: Pattern | None) -> None:
    """A configuration, its marker, and a glob, which may hold anything."""
    if expected is None:
        with pytest.raises(UsageError):
            job_names.read(text)
    else:
        assert job_names.read(text) == expected


@pytest.mark.parametrize("text", ["", "py312", "py312=", "=junit-*", "py312:nonsense=junit-*"])
def test_what_is_no_pattern(text: str) -> None:
    """Anything else is refused, with the form that is allowed or what is wrong with the marker."""
    with pytest.raises(UsageError, match="NAME=GLOB|nonsense"):
        job_names.read(text)


def test_a_file_of_patterns() -> None:
    """One a line, between blank lines and comments."""
    text = '\ufeff# ours\r\n\r\npy312=junit-*\r\n  # more\n  py311:python_version == "3.11"=a #b  '
    assert job_names.read_file(text) == (Pattern(PY312, "junit-*"), Pattern(PY311, "a #b"))


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("# a\n\npy312=a\npy312\n", r"^jobs\.txt, line 4: 'py312' names no configuration"),
        ("# nothing\n\n", r"^jobs\.txt holds no pattern"),
        ("", r"^jobs\.txt holds no pattern"),
    ],
)
def test_faults_of_a_file(text: str, fault: str) -> None:
    """A fault is told with its line; a file that says nothing is one."""
    with pytest.raises(UsageError, match=fault):
        job_names.read_file(text, "jobs.txt")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("junit-py311-linux", PY311),
        ("test (3.12, linux) / a", PY312),
        ("JUNIT-py311-linux", None),
        ("xjunit-py311-linux", None),
        ("docs", None),
        ("", None),
    ],
)
def test_whose_a_name_is(name: str, expected: Configuration | None) -> None:
    """The whole name is matched, and its case counts."""
    assert job_names.configuration(name, PATTERNS) == expected
    assert job_names.wanted(PATTERNS)(name) is (expected is not None)


def test_the_first_match_wins() -> None:
    """A pattern that comes later has what is left."""
    patterns = [Pattern(PY311, "*3.11*"), Pattern(PY312, "*")]
    assert job_names.configuration("test 3.11", patterns) == PY311
    assert job_names.configuration("test 3.10", patterns) == PY312


def test_without_patterns_all_is_the_unnamed_configurations() -> None:
    """Who names no configuration has one."""
    assert job_names.wanted(())("anything")
    fetched = Fetched("o/r", "a" * 40, (artifact("x"), artifact("y")), ended=(job("test"),))
    assigned = job_names.assign(fetched, ())
    assert assigned == ((((Configuration(), fetched.artifacts)),), (), (), ())


def test_a_marker_need_be_given_once() -> None:
    """The patterns of one configuration agree on its marker."""
    bare = Configuration("py311")
    patterns = [Pattern(bare, "a"), Pattern(PY311, "b"), Pattern(bare, "c")]
    expected = tuple(Pattern(PY311, glob) for glob in "abc")
    assert job_names.agreed(patterns) == expected
    other = Configuration("py311", markers.parse('python_version == "3.12"'))
    with pytest.raises(UsageError, match="'py311' has two markers"):
        job_names.agreed([*patterns, Pattern(other, "d")])


def test_artifacts_and_jobs_are_assigned() -> None:
    """Each artifact goes to its configuration, and what that leaves is named."""
    fetched = Fetched(
        "o/r",
        "a" * 40,
        (artifact("junit-py311-linux"), artifact("junit-py311-linux", 2), artifact("coverage")),
        running=(job("test (3.12, mac)", ""),),
        ended=(
            job("test (3.11, linux)"),
            job("test (3.12, linux)", "failure"),
            job("docs"),
            job("test (3.12, windows)", "skipped"),
        ),
        expired=(Left("junit-py312-linux", 1),),
        unwanted=(Left("docs", 1),),
    )
    assigned = job_names.assign(fetched, PATTERNS)
    assert assigned.configurations == ((PY311, fetched.artifacts[:2]), (PY312, ()))
    assert assigned.unmatched == (Left("coverage", 1), Left("docs", 1))
    assert assigned.running == fetched.running
    assert assigned.without == (
        (job("test (3.12, linux)", "failure"), PY312),
        (job("docs"), None),
        (job("test (3.12, windows)", "skipped"), PY312),
    )


@pytest.mark.parametrize(
    ("names", "told"),
    [((), "there are none"), (("a", "b"), "there are 'a', 'b';"), ("abcdefghijkl", "'j', ...;")],
)
def test_nothing_assigned_is_an_error(names: tuple[str, ...], told: str) -> None:
    """Patterns that match no artifact say nothing of any test, and are told what there is."""
    fetched = Fetched("o/r", "a" * 40, tuple(map(artifact, names)))
    with pytest.raises(UsageError, match="correct the patterns") as raised:
        job_names.assign(fetched, PATTERNS)
    assert told in str(raised.value) and "'test (3.11*'" in str(raised.value)
