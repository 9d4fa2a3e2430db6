"""Arrays of node ids in bash scripts."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from formats_fixtures import lines, read, resolved, said
from hypothesis import given, settings
from hypothesis import strategies as st

KINETO = "https://github.com/pytorch/kineto/issues/"
SCRIPT = f"""\
#!/usr/bin/env bash
# shellcheck disable=SC2034
KINETO_CMAKE_FLAGS=(
  -DLIBKINETO_NOXPUPTI=1
)
EMPTY=()
export USE_CUDA=1

# shellcheck disable=SC2034
DESELECTED_TESTS=(
  test/profiler/test_profiler.py::TestProfiler::test_kineto

  # {KINETO}1253
  test/profiler/test_profiler.py::TestProfiler::test_python_gc_event

  'test/a.py::test_p[a b]' "test/a.py::test_q[\\"x\\"]" test/a.py::test_r\\[1\\]  # flaky
  "test/a.py::$NAME" `pick`::test
  'test/a.py::test_s[$1]'
)
declare -a MORE+=(test/b.py::test_t) # the end
"""
PRINTED = st.characters(min_codepoint=32, max_codepoint=126)
NEVER = {"run": "never"}


def test_a_script_of_kinetos() -> None:
    """Ids are read as bash reads words, with comments above and beside; other arrays are told."""
    found = read("bash", SCRIPT)
    flaky = ("skips", {"reason": "flaky"} | NEVER)
    assert said(found) == {
        "test/profiler/test_profiler.py::TestProfiler::test_kineto": ("skips", NEVER),
        "test/profiler/test_profiler.py::TestProfiler::test_python_gc_event": (
            "skips", {"issue": f"{KINETO}1253"} | NEVER,
        ),
        "test/a.py::test_p[a b]": flaky,
        'test/a.py::test_q["x"]': flaky,
        "test/a.py::test_r[1]": flaky,
        "test/a.py::test_s[$1]": ("skips", NEVER),
        "test/b.py::test_t": ("skips", {"reason": "the end"} | NEVER),
    }
    assert lines(found) == {
        3: "the array 'KINETO_CMAKE_FLAGS' holds no node ids",
        17: "'`pick`::test' is expanded by bash",
    }


def test_an_array_without_an_end_is_told() -> None:
    """A script that is cut off is said to be, and its ids are read."""
    found = read("bash", f"A=(\n a.py::b\n{'x' * 20_000}\n")
    assert [*said(found)] == ["a.py::b"]
    assert lines(found)[1] == "'A' has no end" and 3 in lines(found)


def test_ids_cover_what_pytest_would_deselect() -> None:
    """An id covers all tests whose ids begin so, as `--deselect` does."""
    ids = ["a.py::test_x", "a.py::test_x_more", "a.py::test_y"]
    found = resolved("bash", "A=(a.py::test_x)", ids)
    assert [each.name for each in found.listed] == ids[:2]


@pytest.mark.skipif(not shutil.which("bash"), reason="there is no bash")
@settings(max_examples=40)
@given(st.lists(st.text(PRINTED, max_size=8), min_size=1, max_size=8))
def test_words_are_what_bash_makes_of_them(texts: list[str]) -> None:
    """Whatever is quoted, the ids are those that bash itself has in the array."""
    quoted = [_quoted(f"a.py::t[{each}]", number) for number, each in enumerate(texts)]
    script = f"A=({' '.join(quoted)})"
    found = [each.name for each in read("bash", script).listed]
    printed = subprocess.run(
        ["bash", "-c", f'{script}; printf "%s\\n" "${{A[@]}}"'], capture_output=True, text=True
    )
    assert found == [each for each in printed.stdout.split("\n") if each]


def _quoted(text: str, number: int) -> str:
    """Return a word of bash's, quoted in one way or in the other."""
    if number % 2 or "!" in text:
        return "'" + text.replace("'", "'\\''") + "'"
    escaped = "".join(f"\\{each}" if each in '\\"$`' else each for each in text)
    return f'"{escaped}"'


@pytest.mark.parametrize(
    ("word", "is_told"),
    [
        ("a.py::test_b{1,2}", True),
        ("a.py::test_b{1..3}", True),
        ("~/a.py::test_b", True),
        ("a.py::test_b{1}", False),
        ("'a.py::test_b[{1,2}]'", False),
        ('"~/a.py::test_b[{1,2}]"', False),
        ("a.py::test_b\\{1,2}", False),
        ("a.py::test_~b", False),
    ],
)
def test_what_bash_expands_outside_of_quotes(word: str, is_told: bool) -> None:
    """Braces and a home directory are expanded where they are bare, and then only told of."""
    found = read("bash", f"TESTS=(a.py::test_a {word})")
    assert (len(found.dropped), len(found.listed)) == ((1, 1) if is_told else (0, 2))


def test_what_follows_an_array_is_no_reason() -> None:
    """A comment after its end is one, a command is none."""
    found = read("bash", "A=(a.py::test_a); echo hi\nB=(a.py::test_b) # slow\n")
    assert said(found) == {
        "a.py::test_a": ("skips", NEVER),
        "a.py::test_b": ("skips", {"reason": "slow"} | NEVER),
    }
