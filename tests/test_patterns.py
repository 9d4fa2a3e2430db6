"""Patterns: what they find, what they refuse, and that they always end."""

from __future__ import annotations

import os
import re
import sys
import time
import warnings
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trunk_failures import patterns
from trunk_failures.errors import EntryError

# Seconds: more than a child needs on a loaded machine to start and answer, or to be killed and end.
PATIENCE, GRACE = 60.0, 8.0


@pytest.mark.parametrize(
    "pattern, message, expected",
    [
        ("", "", True),
        ("graph break", "a graph break on generators", True),
        ("Graph break", "a graph break on generators", False),
        ("(?i)Graph break", "a graph break on generators", True),
        ("^graph", "a graph break", False),
        ("break$", "a graph break", True),
        (r"f\(x\)", "calling f(x)", True),
        ("a.b", "a\nb", False),
        ("(?s)a.b", "a\nb", True),
        ("expected .* got", "expected 1, got 2", True),
        ("(one|two) errors", "two errors", True),
        (r"expected \d+, got \d+", "expected 1, got 23", True),
        (r"expected \d+, got \d+", "expected 1, got none", False),
        ("(?i)(ONE|TWO)+", "onetwo", True),
        (r"caf(é|e)s?", "un café", True),
        (r"(a)(\udc80)?b", "a\udc80b", True),
        ("(a\0|b)c*", "a\0", True),
    ],
)
def test_a_pattern_is_searched_as_re_does(pattern: str, message: str, expected: bool) -> None:
    """A pattern is found where re.search finds it, in this process and in a child alike."""
    assert patterns.search(pattern, message, PATIENCE) is expected
    assert (re.search(pattern, message) is not None) is expected


@pytest.mark.parametrize("pattern", ["needle", "(needle)+"])
def test_only_the_head_of_a_message_is_searched(pattern: str) -> None:
    """What lies after the first 4,096 characters of a message is not found; what ends there is."""
    room = patterns.MESSAGE_LIMIT - len("needle")
    assert patterns.search(pattern, "-" * room + "needle and more", PATIENCE)
    assert not patterns.search(pattern, "-" * (room + 1) + "needle", PATIENCE)


@pytest.mark.parametrize(
    "pattern, message",
    [
        ("(a+)+$", "a" * 4_000 + "!"),
        ("(a|a)*b", "a" * 5_000),
        ("(x+x+)+y", "x" * 5_000),
        (".*.*.*.*=", "a" * 5_000),
        ("(a|a)" * 40 + "b", "a" * 5_000),
        (r"(\w+\s?)*$", "word " * 800 + "!"),
        ("(?i)(A|aA)*b", "a" * 5_000),
        (r"(.*)\1\1\1b", "a" * 5_000),
        ("^(([a-z])+.)+[A-Z]([a-z])+$", "a" * 5_000),
    ],
    ids=lambda text: text[:20],
)
def test_a_catastrophic_pattern_is_stopped(pattern: str, message: str) -> None:
    """A pattern that would run for ages is stopped; the error says what, how long and on what."""
    assert not patterns.is_quick(pattern)  # or else this would hang
    start = time.monotonic()
    with pytest.raises(EntryError) as caught:
        patterns.search(pattern, message, 0.2)
    assert 0.2 <= time.monotonic() - start < 0.2 + GRACE
    assert f"{pattern!r} took longer than 0.2 s on {message[:60]!r}" in str(caught.value)
    assert str(caught.value).endswith(f"({min(len(message), 4096)} characters); simplify it")


def test_a_pattern_has_two_seconds_unless_told() -> None:
    """Without a limit of its own a search is stopped after two seconds."""
    start = time.monotonic()
    with pytest.raises(EntryError, match="took longer than 2 s"):
        patterns.search("(a+)+$", "a" * 50 + "!")
    assert 2 <= time.monotonic() - start < 2 + GRACE


@pytest.mark.parametrize(
    "pattern, quick",
    [
        ("", True),
        ("plain text", True),
        ("a|b|c", True),
        ("(a)(b)", True),
        ("[*]", False),
        ("[ab]c", True),
        ("^a.b$", True),
        ("a*", True),
        ("a+ tail", True),
        ("a?", True),
        ("a{2,5}b", True),
        (".*" + "x" * 16, True),
        (".*" + "x" * 17, False),
        (".*" + r"\w" * 8, True),
        (".*" + r"\w" * 9, False),
        ("x" * 900 + ".*", True),
        (r"f\(\)", True),
        (r"a\*\+\?\{b", True),
        (r"a\\*b", True),
        (r"a\\*b*", False),
        (r"\(a|b\)", True),
        ("(?i)plain", True),
        ("(?im)plain .*", True),
        ("(?i)(a|b)", False),
        ("(?i:plain)", False),
        ("(?:a)", False),
        ("(?P<name>a)", False),
        ("(a|a)(a|a)", False),
        ("a*b*", False),
        ("a*?", False),
        ("a*+", False),
        ("(a)*", False),
        ("(a*)", False),
        ("[ab]*", False),
        ("a{2}b{2}", False),
        (r"(a)\1*", False),
        ("(a+)+$", False),
        ("(a|a)*b", False),
        ("(x+x+)+y", False),
        (".*.*.*.*=", False),
    ],
)
def test_only_what_cannot_blow_up_is_quick(pattern: str, quick: bool) -> None:
    """Quick has no quantifier and no alternatives in groups, or one quantifier and no group."""
    assert patterns.is_quick(pattern) is quick


@pytest.mark.parametrize(
    "pattern", ["plain", "one .* two", r"f\(\)", "(?i)plain", "x" * 900 + "a*", "(one)"]
)
def test_a_quick_pattern_starts_no_child(pattern: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Patterns that cannot blow up are searched in this process."""
    monkeypatch.setattr(sys, "executable", "")
    assert patterns.search(pattern, "nothing of the kind") is False


@pytest.mark.parametrize(
    "pattern",
    [
        "a*" + "a" * 15 + "b",
        ".*" + r"\w" * 7 + "b",
        "(?i)a*" + "a" * 15 + "b",
        r"\s*\s.\B.\B^",
        "a{1,4000}" + "a" * 8 + "b",
        "[^b]" * 200,
        "|".join(["a" * 30 + "b"] * 30),
    ],
)
def test_the_slowest_quick_patterns_end(pattern: str) -> None:
    """Patterns chosen to be slow while they count as quick end on the longest message."""
    assert patterns.is_quick(pattern)
    start = time.monotonic()
    patterns.search(pattern, "a" * 10_000)
    assert time.monotonic() - start < PATIENCE


@pytest.mark.parametrize(
    "text, found",
    [
        ("(", "missing ), unterminated subpattern at character 1"),
        ("a)", "unbalanced parenthesis at character 2"),
        ("[", "unterminated character set at character 1"),
        ("*a", "nothing to repeat at character 1"),
        ("ab**", "multiple repeat at character 4"),
        (r"\q", r"bad escape \q at character 1"),
        ("a{2,1}", "min repeat greater than max repeat"),
        ("(?P<n>a)(?P<n>b)", "redefinition of group name"),
        (r"\1", "invalid group reference 1"),
        ("(?<=a*)b", "look-behind requires fixed-width pattern"),
        ("(?L)a", "bad inline flags"),
        ("(?a)(?u)b", "incompatible"),
        ("a(?i)b", "not at the start"),
        ("a{99999999999999}", "the repetition number is too large"),
        ("(" * 499 + ")" * 499, "nested too deeply"),
        ("a" * 1_001, "1001 characters, and 1000 is the most"),
        ("(" * 1_000_000, "1000000 characters, and 1000 is the most"),
    ],
    ids=lambda text: text[:20],
)
def test_what_does_not_compile_is_an_error(text: str, found: str) -> None:
    """An expression that cannot be used is refused with its text, the fault and what to do."""
    with pytest.raises(EntryError) as caught:
        patterns.compile(text)
    message = str(caught.value)
    assert found in message
    assert message.startswith(f"cannot read the regular expression {text[:60]!r}"[:60])
    assert "; correct it, and put a backslash before" in message or message.endswith("; shorten it")
    with pytest.raises(EntryError):
        patterns.search(text, "message")


@pytest.mark.parametrize("text", ["[[a]", "[a-z--_]", "[a||b]", "([[a])+"])
def test_warnings_of_re_do_not_leak(text: str) -> None:
    """What Python warns may change its meaning is read and searched without a warning."""
    patterns.compile.cache_clear()
    re.purge()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert patterns.search(text, "a", PATIENCE) is True


@pytest.mark.parametrize("executable", ["", None, "/nonexistent/python", os.path.dirname(__file__)])
def test_no_child_is_an_error(executable: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no interpreter can be started the error says so, with the cause and the way out."""
    monkeypatch.setattr(sys, "executable", executable)
    with pytest.raises(EntryError) as caught:
        patterns.search("(a+)+$", "a")
    assert f"no interpreter could be started from {executable!r}: " in str(caught.value)
    assert str(caught.value).endswith("simplify it to at most one quantifier and no group or set")


@pytest.mark.skipif(os.name == "nt", reason="stands in for the interpreter with a shell script")
@pytest.mark.parametrize(
    "script, cause",
    [
        ("echo broken >&2; exit 3", "it exited with 3, and said 'broken'"),
        ("exit 0", "it exited with 0, and said 'nothing'"),
        ("cat >/dev/null; echo hello", "it exited with 0, and said 'nothing'"),
    ],
)
def test_a_child_that_is_no_python_is_an_error(
    script: str, cause: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program that does not answer as the child does is never taken for an answer."""
    program = tmp_path / "python"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    with pytest.raises(EntryError, match=re.escape(cause)):
        patterns.search("(a+)+$", "a", PATIENCE)


def test_the_child_is_deaf_to_its_surroundings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the working directory nor PYTHON* variables change what the child imports."""
    (tmp_path / "re.py").write_text("raise SystemExit('a module named re')")
    (tmp_path / "json.py").write_text("raise SystemExit('a module named json')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("PYTHONSTARTUP", str(tmp_path / "re.py"))
    assert patterns.search("(a+)+$", "a", PATIENCE) is True


ATOMS = ["a", "b", ".", r"\w", "|", "(", ")", "[ab]", "*", "+", "?", "{2}", "(?i)", "^", "$", "\\"]
soups = st.lists(st.sampled_from(ATOMS), max_size=12).map("".join)


@given(soups | st.text(max_size=30))
def test_any_text_is_a_pattern_or_an_error(text: str) -> None:
    """Whatever the text, it compiles as re compiles it or raises EntryError, and never warns."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            compiled = patterns.compile(text)
        except EntryError:
            return
    assert compiled.pattern == text


@settings(max_examples=25)
@given(soups, st.text(alphabet="ab\n", max_size=8))
def test_here_and_apart_agree_with_re(pattern: str, message: str) -> None:
    """On messages too short to blow up, the answer is re's, wherever it was found."""
    try:
        expected = patterns.compile(pattern).search(message) is not None
    except EntryError:
        return
    assert patterns.search(pattern, message, PATIENCE) is expected


@given(soups)
def test_a_quantified_group_is_never_quick(text: str) -> None:
    """Whatever surrounds it, a pattern that repeats a group is not searched in this process."""
    plain = text.replace("\\", "")
    assert not patterns.is_quick(f"{plain}(a|a)*")
    assert not patterns.is_quick(f"(a+)+{plain}")
