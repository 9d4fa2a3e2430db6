"""JUnit dialects: what the elements of a test case mean, by whichever runner wrote them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from trunk_failures import verdicts
from trunk_failures.results import cases, junit_ids
from trunk_failures.results.cases import Case
from trunk_failures.results.junit_ids import Named
from trunk_failures.verdicts import Verdict

FAILURES = {"failure": Verdict.FAILED, "error": Verdict.ERROR}
AGAIN = frozenset({"rerunFailure", "rerunError", "flakyFailure", "flakyError"})
"""Elements of Surefire's for a run of the test before its last one."""

ELEMENTS = frozenset({*FAILURES, *AGAIN, "skipped"})
# Ours and PyTorch's, whose messages may come with the exception's type before them.
_TYPES = ("UnexpectedSuccess", "Crashed")
_MARKS = re.compile(r"Unexpected success|XPASS|fails differently|[Cc]rashed")
_REMOVE = re.compile(r"(?:[\w.]+: )?Unexpected success, please remove ")
_UNEXPECTED = re.compile(r"(?:Failed: )?Unexpected success|\[XPASS\(strict\)\]")
_DIFFERENTLY = re.compile(r"(?:[\w.]+: )?\S+ fails differently: ")
_MAY_GO = re.compile(r"This test passed, maybe we can remove ")
_SKIP_LISTED = re.compile(r"`[^`]*_skips/[^`]*`(?: \(.*?\))?: (.*)", re.DOTALL)
# Our plugin tells of a class's or a module's fixture by the path of its entry, on each test.
_OF_FIXTURE = re.compile(r"`[^`]*/[^`/]+\.((?:setUp|tearDown)(?:Class|Module))`")
_NOT_RUN = re.compile(r"not run, as `[^`]*` says")
_CRASHED = re.compile(r"Crashed: |(?:[\w.]+: )?worker '[^']*' crashed")
_PHASE = re.compile(r'failed on (setup|teardown) with "(.*)"', re.DOTALL)
_TEARDOWNS = ("tearDownClass", "tearDownModule")
_COLLECTED = "collection failure"
_RAISED = re.compile(r"^E   (?:  )*((?:\w+\.)*\w+(?:: .*)?)$", re.MULTILINE)
_TYPED = re.compile(r"((?:[^\W\d]\w*\.)*[^\W\d]\w*)(?:: |\Z)")


class Found(NamedTuple):
    """One element of a test case: its tag, attributes `type` and `message`, and its text."""

    tag: str
    type: str
    message: str
    text: str


class Meaning(NamedTuple):
    """What a test case came to.

    `error` is as in `cases.Case`. `before` is a failure of a run of the test before its last
    one. `fixture` names the class's or module's fixture that it is the failure of, such as
    "setUpClass"; the test itself then did not run, or passed if it was torn down.
    """

    verdict: Verdict
    error: str = ""
    text: str = ""
    before: str | None = None
    fixture: str = ""


def meanings(elements: Sequence[Found], told: str) -> list[Meaning]:
    """Return what a test case means by its elements and by our plugin's property, if any.

    That is one meaning; or two, where something is said of the test and last that its class or
    its module could not be torn down.
    """
    if len(elements) + bool(told) > 1 and elements:
        *others, last = elements
        own = told or any(each.tag not in AGAIN for each in others)
        if own and last.tag == "error" and _fixture(last.message, last.text) in _TEARDOWNS:
            return [meaning(others, told), _of(last)]
    return [meaning(elements, told)]


def cases_of(
    test: Named, found: Sequence[Meaning], is_alone: bool = True, decides: bool = False
) -> Iterator[Case]:
    """Yield the results that the meanings of one test case are, of its test and of fixtures.

    A test of which nothing is told but that its class or its module could not be torn down has
    passed, if it `is_alone`: if nothing was told of it before either.
    """
    for each in found:
        key, own = test.key, not each.fixture
        if each.fixture:
            key = f"{junit_ids.holder(test, each.fixture)}.{each.fixture}"
        yield Case(key, test.place, each.verdict, each.error, each.text, own and decides)
        if each.before is not None:
            yield Case(key, test.place, Verdict.FAILED, each.before)
        if each.fixture.startswith("tearDown") and is_alone and len(found) == 1:
            yield Case(test.key, test.place, Verdict.PASSED)


def meaning(elements: Sequence[Found], told: str) -> Meaning:
    """Return what elements and our plugin's property mean together."""
    if len(elements) == 1 and not told and elements[0].tag not in AGAIN:
        return _of(elements[0])  # Nearly all of them.
    now = [_of(element) for element in elements if element.tag not in AGAIN]
    before = [_error(element) for element in elements if element.tag in AGAIN]
    worst = max(now, key=lambda each: _WEIGHT[each.verdict], default=Meaning(Verdict.PASSED))
    if told in verdicts.WORDS:
        worst = worst._replace(verdict=verdicts.WORDS[told], fixture="")
    return worst._replace(before=before[0]) if before else worst


def _of(element: Found) -> Meaning:
    message, kind, text = element.message, element.type, element.text
    if element.tag == "skipped":
        return _skipped(kind, message or text)
    if kind in _TYPES or _MARKS.search(message):
        phase = _PHASE.match(message)
        marked = _marked(kind, phase[2] if phase else message, text)
        if marked is not None:
            return marked
    return Meaning(FAILURES[element.tag], _error(element), text, fixture=_fixture(message, text))


def _marked(kind: str, message: str, text: str) -> Meaning | None:
    """Return what a failure means that a runner made up itself, else None."""
    if _REMOVE.match(message) or _UNEXPECTED.match(message) or kind == "UnexpectedSuccess":
        return _listed(Verdict.UNEXPECTED_SUCCESS, message, message, text)
    if _DIFFERENTLY.match(message):
        seen = message.rpartition(", seen was ")[2]
        return _listed(Verdict.FAILS_DIFFERENTLY, message, seen, text)
    if _CRASHED.match(message) or kind == "Crashed":
        return Meaning(Verdict.CRASHED, message, text)
    return None


def _listed(verdict: Verdict, message: str, error: str, text: str = "") -> Meaning:
    """Return the meaning of what is said of a listed test, or of a fixture that its message names.
    """
    of_fixture = _OF_FIXTURE.search(message)
    return Meaning(verdict, error, text, fixture=of_fixture[1] if of_fixture else "")


def _skipped(kind: str, message: str) -> Meaning:
    if kind in ("pytest.xfail", "XFAIL"):
        return _listed(Verdict.EXPECTED_FAILURE, message, message)
    if _MAY_GO.search(message):
        return _listed(Verdict.SKIP_LISTED_PASSED, message, message)
    listed = _SKIP_LISTED.match(message)
    if listed:
        return _listed(Verdict.SKIP_LISTED_FAILED, message, listed[1])
    return Meaning(Verdict.NOT_RUN if _NOT_RUN.match(message) else Verdict.SKIPPED, message)


def _error(element: Found) -> str:
    """Return a failure's first line in one form, whatever wrote it."""
    phase = _PHASE.match(element.message)
    message = phase[2] if phase else element.message
    if message == _COLLECTED or not (message or element.type):
        raised = _RAISED.findall(element.text)
        return raised[-1] if raised else element.text.strip().rpartition("\n")[2].strip()
    if message.startswith("assert "):  # pytest leaves the type of its own rewritten ones out.
        message = f"AssertionError: {message}"
    bare = element.type.rpartition(".")[2]
    if bare and " " in message:  # Line ends in an attribute are read as blanks.
        line = re.search(rf"^(?:\w+\.)*({re.escape(bare)}: .*)$", element.text, re.MULTILINE)
        if line:
            return line[1]
    typed = _TYPED.match(message)
    same = typed is not None and bare in ("", typed[1].rpartition(".")[2])
    return cases.first_line("" if same or not bare else bare, message)


def _fixture(message: str, text: str) -> str:
    """Return the fixture of a class or a module that pytest blames on a test, or ""."""
    phase = _PHASE.match(message)
    if phase is None:
        return ""
    prefix = "setUp" if phase[1] == "setup" else "tearDown"
    match = re.search(rf"\bdef ({prefix}(?:Class|Module))\(|, in ({prefix}(?:Class|Module))$", text,
                      re.MULTILINE)
    return (match[1] or match[2]) if match else ""


_WEIGHT = {verdict: weight for weight, verdict in enumerate((
    Verdict.PASSED,
    Verdict.SKIPPED,
    Verdict.NOT_RUN,
    Verdict.EXPECTED_FAILURE,
    Verdict.SKIP_LISTED_FAILED,
    Verdict.SKIP_LISTED_PASSED,
    Verdict.UNEXPECTED_SUCCESS,
    Verdict.FAILS_DIFFERENTLY,
    Verdict.FAILED,
    Verdict.ERROR,
    Verdict.CRASHED,
))}
_WEIGHT[Verdict.ERROR] = _WEIGHT[Verdict.FAILED]  # The first of the two is what went wrong.
