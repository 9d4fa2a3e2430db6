"""Causes: one line for all failures of one cause, whatever differs from run to run."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from trunk_failures import causes

NORMALISED = [
    ("ValueError: no", "ValueError: no"),
    ("", ""),
    ("  a\tb\n c\u2028d\x85e\x00 ", "a b c d e"),
    ("<X object at 0x7f3a5c0d1e20> != 0xff", "<X object at 0x...> != 0xff"),
    ("at 0xDEADBEEF", "at 0x..."),
    ("job 123e4567-e89b-12d3-a456-426614174000 died", "job <uuid> died"),
    ("no file '/tmp/pytest-of-me/pytest-3/x0/a.txt'", "no file '<tmp>'"),
    ("/private/var/folders/ab/T/x, /dev/shm/y; /var/tmp/z)", "<tmp>, <tmp>; <tmp>)"),
    (r"C:\Users\me\AppData\Local\Temp\x1\a.txt gone", "<tmp> gone"),
    ("/usr/lib/x stays", "/usr/lib/x stays"),
    ("at 2026-01-15T10:11:12.345+01:00 it", "at <time> it"),
    ("at 2026-01-15 10:11Z it", "at <time> it"),
    ("on 2026-01-15", "on 2026-01-15"),
    ("pid 123, id=45, thread: 7, port=8080", "pid N, id=N, thread: N, port=N"),
    ("localhost:8080 127.0.0.1:1 [::1]:99", "localhost:N 127.0.0.1:N [::1]:99"),
    ("took 1.2345s, 0.001 seconds", "took N s, N seconds"),
    ("1.5 s and 3.14159 more", "1.5 s and 3.14159 more"),
    ("inode 12345678 of 12345", "inode N of 12345"),
    ("1.1234567 a1234567 12345678.5", "1.1234567 a1234567 12345678.5"),
    ("lone \udc80", "lone \\udc80"),
    ("x" * 300, "x" * 197 + "..."),
    ("x" * 196 + " y" * 9, "x" * 196 + "..."),
    ("x" * 200, "x" * 200),
]
PIECES = st.sampled_from([text for text, _ in NORMALISED] + ["0x", "/tmp/", "port ", "1.2345", "s"])


@pytest.mark.parametrize(("error", "cause"), NORMALISED)
def test_normalised(error: str, cause: str) -> None:
    """Addresses, ids, temporary paths, times and ports are taken out, and what says more stays."""
    assert causes.normalised(error) == cause


@given(st.lists(PIECES | st.text(st.characters(), max_size=9), max_size=12), st.integers(0, 210))
@example(["0xabcdefghij"], 190)
@example(["port=12345678901234567890x"], 180)
def test_a_cause_is_its_own(pieces: list[str], before: int) -> None:
    """A cause is one bounded line of UTF-8, and is the cause of itself."""
    cause = causes.normalised("-" * before + "".join(pieces))
    assert len(cause) <= causes.LENGTH
    assert len(cause.splitlines()) <= 1
    assert cause == cause.strip()
    assert cause.encode().decode() == cause
    assert causes.normalised(cause) == cause


def test_a_long_error_costs_little() -> None:
    """Only the beginning of an error is looked at."""
    assert causes.normalised("/tmp/x " + "1" * 10**7).startswith("<tmp> ")
