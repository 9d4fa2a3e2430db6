"""Verdicts: what an outcome means for a test that is listed."""

from __future__ import annotations

import functools
import time

import pytest

from trunk_failures import lists, outcomes, patterns, verdicts
from trunk_failures.entries import Entry
from trunk_failures.outcomes import FAILED, NOTHING, PASSED, SKIPPED, Outcome
from trunk_failures.verdicts import Verdict

KEY = "TestFoo.test_bar"
PATHS = {kind: f"tests/trunk_{kind}/{KEY}" for kind in lists.KINDS}
XFAIL, SKIP = (Entry(KEY, "trunk", kind, PATHS[kind]) for kind in lists.KINDS)

PASS = Outcome(PASSED)
FAIL = Outcome(FAILED, (ValueError("graph break\nin full"),))
FAIL_TWICE = Outcome(FAILED, (ValueError("graph break"), KeyError("k")))

# the entry, the outcome, the verdict and the message
DECISIONS = [
    (XFAIL, FAIL, Verdict.EXPECTED_FAILURE, f"`{XFAIL.path}`: ValueError: graph break"),
    (
        XFAIL._replace(reason="no generators"),
        FAIL,
        Verdict.EXPECTED_FAILURE,
        f"`{XFAIL.path}` (no generators): ValueError: graph break",
    ),
    (
        XFAIL,
        FAIL_TWICE,
        Verdict.EXPECTED_FAILURE,
        f"`{XFAIL.path}`: ValueError: graph break; KeyError: 'k'",
    ),
    (
        XFAIL,
        PASS,
        Verdict.UNEXPECTED_SUCCESS,
        f"Unexpected success, please remove `{XFAIL.path}`",
    ),
    (SKIP, FAIL, Verdict.SKIP_LISTED_FAILED, f"`{SKIP.path}`: ValueError: graph break"),
    (
        SKIP._replace(reason="flaky"),
        FAIL,
        Verdict.SKIP_LISTED_FAILED,
        f"`{SKIP.path}` (flaky): ValueError: graph break",
    ),
    (
        SKIP,
        PASS,
        Verdict.SKIP_LISTED_PASSED,
        f"This test passed, maybe we can remove `{SKIP.path}`",
    ),
    *((entry, Outcome(state), None, "") for entry in (XFAIL, SKIP) for state in (SKIPPED, NOTHING)),
    # A pass is a pass, whatever failure was expected.
    (
        XFAIL._replace(raises=("KeyError",), match="("),
        PASS,
        Verdict.UNEXPECTED_SUCCESS,
        f"Unexpected success, please remove `{XFAIL.path}`",
    ),
]

# raises, match, and whether FAIL is as they say
SIGNATURES = [
    (("ValueError",), "", True),
    (("builtins.ValueError",), "", True),
    (("Exception",), "", True),
    (("KeyError", "ValueError"), "", True),
    (("KeyError",), "", False),
    (("other.ValueError",), "", False),
    ((), "graph break", True),
    ((), "^in full$", False),
    ((), "(?m)^in full$", True),
    ((), "Graph", False),
    (("ValueError",), "graph", True),
    (("ValueError",), "grape", False),
    (("KeyError",), "graph", False),
]


@pytest.mark.parametrize(("entry", "outcome", "verdict", "message"), DECISIONS)
def test_decisions(entry: Entry, outcome: Outcome, verdict: Verdict | None, message: str) -> None:
    """Each outcome of a listed test has the verdict and the sentence of the table."""
    ruling = verdicts.decide(entry, outcome)
    assert (ruling.verdict, ruling.message) == (verdict, message)


@pytest.mark.parametrize("entry", [XFAIL, SKIP])
@pytest.mark.parametrize(("raises", "match", "expected"), SIGNATURES)
def test_signatures(entry: Entry, raises: tuple[str, ...], match: str, expected: bool) -> None:
    """A failure that is not as `raises` and `match` say fails differently, on either list."""
    ruling = verdicts.decide(entry._replace(raises=raises, match=match), FAIL)
    suppressed = Verdict.EXPECTED_FAILURE if entry is XFAIL else Verdict.SKIP_LISTED_FAILED
    assert ruling.verdict is (suppressed if expected else Verdict.FAILS_DIFFERENTLY)


@pytest.mark.parametrize(
    ("raises", "match", "expectation"),
    [
        (("KeyError",), "", "KeyError"),
        (("KeyError", "a.B"), "", "KeyError or a.B"),
        ((), "x+", "a message that matches 'x+'"),
        (("KeyError",), "x+", "KeyError with a message that matches 'x+'"),
    ],
)
def test_fails_differently_says_both_signatures(
    raises: tuple[str, ...], match: str, expectation: str
) -> None:
    """The message says what the entry expects, where it is, and what was seen."""
    ruling = verdicts.decide(XFAIL._replace(raises=raises, match=match), FAIL)
    assert ruling.message == (
        f"{KEY} fails differently: `{XFAIL.path}` expects {expectation}, "
        f"seen was ValueError: graph break"
    )
    assert ruling.error == "ValueError: graph break"


def test_every_failure_has_to_be_expected() -> None:
    """Of several failures, as sub-tests give, one that differs decides, and it alone is told."""
    ruling = verdicts.decide(XFAIL._replace(raises=("ValueError",)), FAIL_TWICE)
    assert ruling.verdict is Verdict.FAILS_DIFFERENTLY
    assert ruling.message.endswith("seen was KeyError: 'k'")
    assert ruling.outcome.errors == FAIL_TWICE.errors[1:]
    both = XFAIL._replace(raises=("ValueError", "LookupError"))
    assert verdicts.decide(both, FAIL_TWICE).verdict is Verdict.EXPECTED_FAILURE


@pytest.mark.parametrize(("own", "expected"), [("", " (given)"), ("its own", " (its own)")])
def test_the_entrys_reason_comes_first(own: str, expected: str) -> None:
    """The decorator's reason is told where the entry gives none."""
    ruling = verdicts.decide(XFAIL._replace(reason=own), FAIL, "given")
    assert ruling.message == f"`{XFAIL.path}`{expected}: ValueError: graph break"
    ruling = verdicts.not_run(SKIP._replace(reason=own), "given")
    assert ruling.message == f"not run, as `{SKIP.path}` says{expected}"


def test_not_run() -> None:
    """A test that is never run says which entry says so, and has no error."""
    ruling = verdicts.not_run(XFAIL)
    assert (ruling.verdict, ruling.error) == (Verdict.NOT_RUN, "")
    assert ruling.message == f"not run, as `{XFAIL.path}` says"


@pytest.mark.parametrize("entry", [XFAIL, SKIP])
def test_a_pattern_that_takes_too_long_suppresses_nothing(
    entry: Entry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A `match` that cannot be applied is an error that names the entry and the failure."""
    hasty = functools.partial(patterns.search, seconds=0.2)  # Two seconds are tried elsewhere.
    monkeypatch.setattr(patterns, "search", hasty)
    failure = Outcome(FAILED, (ValueError("a" * 4000 + "!"),))
    started = time.monotonic()
    ruling = verdicts.decide(entry._replace(match="(a+)+$"), failure)
    assert time.monotonic() - started < 20
    assert ruling.verdict is Verdict.ERROR
    assert ruling.message.startswith(f"`{entry.path}`: the regular expression '(a+)+$' took longer")
    assert "; the test failed: ValueError: aaa" in ruling.message


def test_the_error_is_the_first_failure() -> None:
    """A ruling's error is the first failure, in one line; a pass has none."""
    assert verdicts.decide(XFAIL, FAIL_TWICE).error == "ValueError: graph break"
    assert verdicts.decide(XFAIL, PASS).error == ""
    assert verdicts.AS_IT_IS == verdicts.Ruling(None, "", Outcome(outcomes.NOTHING))
