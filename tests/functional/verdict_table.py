"""The one table: what every runner has to tell of each test of the suite `verdicts`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from .limits import (
    LOST_SUB_TESTS,
    MARKED_PASSES,
    NO_COROUTINES,
    NO_FIXTURES,
    NO_FUNCTIONS,
    NO_LOAD_TESTS,
    NO_SUB_TESTS,
    OF_TESTS,
    VERDICTS_OF_TESTS,
)
from .runners import EXPECTED, FAILED, PASSED, SKIPPED

ABSENT = "not told of"
"""The outcome of what a runner has no line for."""

XFAIL, SKIP = "trunk_expected_failures", "trunk_skips"

REMOVE = "Unexpected success, please remove `{path}`"
MAYBE = "This test passed, maybe we can remove `{path}`"
DIFFERS = "fails differently: `{path}` expects "
EXPIRED = "`{path}` expired on 2020-01-31 and no longer suppresses {key}"

REASONS = (
    *("the decorator's reason", "the method's reason", "the class's reason"),
    *("in expected failures", "in skips"),
)
"""The reasons that decorators are called with."""


class Instead(NamedTuple):
    """What is told of a test by a runner with a limit: `alone`, `outcome`, and its text."""

    limit: str
    alone: str
    outcome: str
    text: str = ""


class Row(NamedTuple):
    """One test: its entry, and what is told of it.

    test: its file and key.
    alone: the outcome while no list is in force.
    listed: the list directory that its entry is in, with the sub-folder of a qualified one.
    content: the entry's; `{name}` stands for the file's name.
    outcome, text: the verdict, and what has to be in its message; `{path}` stands for the
    entry's path, `{key}` for its key.
    entry: the key of the entry where it is not the test's own but a fixture's.
    everywhere: the outcome and text where the lists are on every test, decorated or not.
    instead: what runners tell that have a limit; the first that the runner has counts.
    """

    test: str
    alone: str
    listed: str
    outcome: str
    text: str = ""
    content: str = ""
    entry: str = ""
    everywhere: tuple[str, str] | None = None
    instead: tuple[Instead, ...] = ()

    @property
    def file(self) -> str:
        """The test's file, as entries name it."""
        return self.test.partition(".")[0].rpartition("/")[0]

    @property
    def key(self) -> str:
        """The key of the entry."""
        head, bracket, parameters = self.test.partition("[")
        return self.entry or head.rpartition("/")[2] + bracket + parameters


def under(row: Row, limits: Collection[str]) -> Row:
    """Return a row as it is under a runner with some limits."""
    for each in row.instead:
        if each.limit in limits:
            return row._replace(alone=each.alone, outcome=each.outcome, text=each.text)
    return row


def everywhere(row: Row, decorated: bool = False) -> Row:
    """Return a row as it is with the lists on every test, by default without decorators."""
    if row.everywhere is not None:
        absent = tuple(each for each in row.instead if each.outcome == ABSENT)
        return row._replace(outcome=row.everywhere[0], text=row.everywhere[1], instead=absent)
    if decorated:
        return row
    instead = tuple(each._replace(text=_without_reasons(each.text)) for each in row.instead)
    return row._replace(text=_without_reasons(row.text), instead=instead)


def _without_reasons(text: str) -> str:
    for reason in REASONS:
        text = text.replace(f" ({reason})", "")
    return text


class Ending(NamedTuple):
    """One way for a test to end: what it does, how that is seen, what unittest makes of it."""

    test: str
    does: str
    seen: str = ""
    alone: str = ""


ENDINGS = (
    Ending("test_passes", PASSED),
    Ending("test_fails", FAILED, "AssertionError: body"),
    Ending("test_errors", FAILED, "ValueError: body"),
    Ending("test_exits", FAILED, "SystemExit: body"),
    Ending("test_größe", FAILED, "AssertionError: body"),
    Ending("test_set_up_fails", FAILED, "AssertionError: set-up"),
    Ending("test_tear_down_errors", FAILED, "ValueError: tear-down"),
    Ending("test_clean_up_fails", FAILED, "AssertionError: clean-up"),
    Ending(
        "test_fails_and_tear_down_errors", FAILED, "AssertionError: body; ValueError: tear-down"
    ),
    Ending("test_sub_tests_pass", PASSED),
    Ending("test_one_sub_test_fails", FAILED, "AssertionError: 1 == 1 : sub-test"),
    Ending("test_all_sub_tests_fail", FAILED, "; ".join(["ValueError: sub-test"] * 3)),
    Ending(
        "test_sub_test_errors_and_body_fails", FAILED, "ValueError: sub-test; AssertionError: body"
    ),
    Ending("test_one_sub_test_skips_and_one_fails", FAILED, "AssertionError: sub-test"),
    Ending("test_one_sub_test_skips", SKIPPED, "own reason"),
    Ending("test_skips", SKIPPED, "own reason"),
    Ending("test_raises_skip_test", SKIPPED, "own reason"),
    Ending("test_set_up_skips", SKIPPED, "own reason"),
    Ending("test_is_skipped", SKIPPED, "own reason"),
    Ending("test_is_marked_and_fails", FAILED, "AssertionError: body", alone=EXPECTED),
    Ending("test_is_marked_and_passes", PASSED, alone=FAILED),
)
COROUTINE_ENDINGS = (
    Ending("test_coroutine_passes", PASSED),
    Ending("test_coroutine_fails", FAILED, "AssertionError: body"),
    Ending("test_coroutine_skips", SKIPPED, "own reason"),
    Ending("test_async_set_up_fails", FAILED, "AssertionError: set-up"),
    Ending("test_async_tear_down_errors", FAILED, "ValueError: tear-down"),
    Ending("test_async_clean_up_errors", FAILED, "ValueError: clean-up"),
    Ending("test_coroutine_sub_test_fails", FAILED, "AssertionError: sub-test"),
)
SECTION_6 = {
    # what a test does: (its verdict where it is listed as an expected failure, as a skip)
    FAILED: ((EXPECTED, "`{path}`: {seen}"), (SKIPPED, "`{path}`: {seen}")),
    PASSED: ((FAILED, REMOVE), (SKIPPED, MAYBE)),
    SKIPPED: ((SKIPPED, "{seen}"), (SKIPPED, "{seen}")),
}


UNLISTED = {
    "test_one_sub_test_skips": (LOST_SUB_TESTS, FAILED),
    "test_one_sub_test_skips_and_one_fails": (NO_SUB_TESTS, SKIPPED),
    "test_is_marked_and_passes": (MARKED_PASSES, PASSED),
}
"""What runners with a limit tell of some tests where no list is in force for them."""


def _limited(row: Row, limit: str, alone: str, suppressed: bool) -> Row:
    outcome, text = (row.outcome, row.text) if suppressed else (alone, "")
    return row._replace(instead=(*row.instead, Instead(limit, alone, outcome, text)))


def _verdict(end: Ending, listed: str) -> tuple[str, str]:
    outcome, text = SECTION_6[end.does][(XFAIL, SKIP).index(listed)]
    return outcome, text.replace("{seen}", end.seen)


def _listed(scope: str, endings: tuple[Ending, ...], listed: str) -> Iterator[Row]:
    for end in endings:
        row = Row(f"{scope}.{end.test}", end.alone or end.does, listed, *_verdict(end, listed))
        yield _limited(row, *UNLISTED[end.test], True) if end.test in UNLISTED else row


def _unsuppressed(scope: str, endings: tuple[Ending, ...], listed: str = "") -> Iterator[Row]:
    for end in endings:
        alone = end.alone or end.does
        text = "Unexpected success" if alone != end.does else end.seen.partition("; ")[0]
        row = Row(f"{scope}.{end.test}", alone, listed, alone, "" if alone == EXPECTED else text)
        row = row._replace(everywhere=_verdict(end, listed) if listed else None)
        yield _limited(row, *UNLISTED[end.test], False) if end.test in UNLISTED else row


GRID = (
    *_listed("test_outcomes/TestExpected", ENDINGS, XFAIL),
    *_listed("test_outcomes/TestSkips", ENDINGS, SKIP),
    *_unsuppressed("test_outcomes/TestNotListed", ENDINGS),
    *_unsuppressed("test_outcomes/TestNotDecorated", ENDINGS, XFAIL),
    *_unsuppressed("test_outcomes/TestOtherList", ENDINGS, SKIP),
    *_listed("test_awaiting/TestCoroutinesExpected", COROUTINE_ENDINGS, XFAIL),
    *_listed("test_awaiting/TestCoroutinesSkips", COROUTINE_ENDINGS, SKIP),
    *_unsuppressed("test_awaiting/TestCoroutinesNotListed", COROUTINE_ENDINGS),
)


def of(scope: str, *rows: Row) -> Iterator[Row]:
    """Put the file and the class before the tests of some rows."""
    for row in rows:
        yield row._replace(test=f"{scope}.{row.test}")


def _not_decorated(*rows: Row) -> Iterator[Row]:
    """Say of rows whose tests fail, listed as expected failures, that no decorator asks."""
    for row in rows:
        yield row._replace(everywhere=(EXPECTED, "`{path}`: "))


BODY = "`{path}`: AssertionError: body"
VALUE = "`{path}`: ValueError: body"
REASON = "`{path}` (the decorator's reason): "

METHODS = (
    *of(
        "test_methods/TestMethods",
        Row("test_bare", FAILED, XFAIL, EXPECTED, BODY),
        Row("test_called", FAILED, XFAIL, EXPECTED, BODY),
        Row("test_reason", FAILED, XFAIL, EXPECTED, REASON + "AssertionError: body"),
        Row(
            "test_entry_gives_reason",
            FAILED,
            XFAIL,
            EXPECTED,
            "`{path}` (the entry's reason): AssertionError: body",
            "{name}: reason: the entry's reason\n",
        ),
        Row("test_passes", PASSED, XFAIL, FAILED, REMOVE),
        Row("test_sub_test_fails", FAILED, XFAIL, EXPECTED, "AssertionError: sub-test"),
        Row("test_skip_bare", FAILED, SKIP, SKIPPED, BODY),
        Row("test_skip_called", FAILED, SKIP, SKIPPED, BODY),
        Row("test_skip_reason", FAILED, SKIP, SKIPPED, REASON + "AssertionError: body"),
        Row("test_skip_passes", PASSED, SKIP, SKIPPED, MAYBE),
        Row("test_suppress_called", FAILED, SKIP, SKIPPED, BODY),
        Row("test_suppress_reason", FAILED, XFAIL, EXPECTED, REASON + "AssertionError: body"),
        Row("test_stacked_expected", FAILED, XFAIL, EXPECTED, "`{path}` (in expected failures): "),
        Row("test_stacked_skip", FAILED, SKIP, SKIPPED, "`{path}` (in skips): "),
        Row("test_stacked_skip_passes", PASSED, SKIP, SKIPPED, MAYBE),
        *_not_decorated(
            Row("test_expected_under_skip_alone", FAILED, XFAIL, FAILED, "AssertionError: body"),
            Row("test_not_decorated", FAILED, XFAIL, FAILED, "AssertionError: body"),
        ),
    ),
    *of(
        "test_methods/TestClassAndMethod",
        Row("test_method_reason", FAILED, XFAIL, EXPECTED, "`{path}` (the method's reason): "),
        Row("test_both_skip", FAILED, SKIP, SKIPPED, BODY),
        Row("test_class_reason", FAILED, XFAIL, EXPECTED, "`{path}` (the class's reason): "),
    ),
    *of(
        "test_awaiting/TestCoroutineMethods",
        Row("test_awaits_and_fails", FAILED, XFAIL, EXPECTED, BODY),
        Row("test_awaits_and_passes", PASSED, XFAIL, FAILED, REMOVE),
        Row("test_awaits_and_is_a_skip", FAILED, SKIP, SKIPPED, BODY),
    ),
)

RAISES = "{name}: raises: ValueError\n"
MATCH = "{name}: match: at 0x[0-9a-f]+$\n"
EXPECTS_VALUE = DIFFERS + "ValueError, seen was KeyError: "
EXPECTS_MESSAGE = DIFFERS + "a message that matches 'at 0x[0-9a-f]+$', seen was ValueError: seen"
EXPECTS_BOTH = DIFFERS + "ValueError with a message that matches 'at 0x[0-9a-f]+$', seen was "

SIGNATURES = (
    *of(
        "test_signatures/TestSignatures",
        Row("test_raises", FAILED, XFAIL, EXPECTED, "`{path}`: ValueError: seen", RAISES),
        Row("test_raises_subclass", FAILED, XFAIL, EXPECTED, "`{path}`: ProjectError", RAISES),
        Row(
            "test_raises_own_type",
            FAILED,
            XFAIL,
            EXPECTED,
            "`{path}`: ProjectError: seen",
            "{name}: raises: ProjectError\n",
        ),
        Row(
            "test_raises_one_of_two",
            FAILED,
            XFAIL,
            EXPECTED,
            "`{path}`: KeyError: ",
            "{name}: raises: builtins.ValueError, builtins.KeyError\n",
        ),
        Row("test_raises_other", FAILED, XFAIL, FAILED, EXPECTS_VALUE, RAISES),
        Row("test_match", FAILED, XFAIL, EXPECTED, "`{path}`: ValueError: seen at 0x7f", MATCH),
        Row("test_match_other", FAILED, XFAIL, FAILED, EXPECTS_MESSAGE, MATCH),
        Row("test_both", FAILED, XFAIL, EXPECTED, "ValueError: seen at 0x7f", RAISES + MATCH),
        Row("test_both_other_type", FAILED, XFAIL, FAILED, EXPECTS_BOTH, RAISES + MATCH),
        Row("test_both_other_message", FAILED, XFAIL, FAILED, EXPECTS_BOTH, RAISES + MATCH),
        Row("test_passes", PASSED, XFAIL, FAILED, REMOVE, RAISES),
        Row("test_skips", SKIPPED, XFAIL, SKIPPED, "own reason", RAISES),
        Row("test_sub_tests_alike", FAILED, XFAIL, EXPECTED, "ValueError: seen", RAISES),
        Row("test_one_sub_test_differs", FAILED, XFAIL, FAILED, EXPECTS_VALUE + "'two'", RAISES),
        Row("test_tear_down_differs", FAILED, XFAIL, FAILED, EXPECTS_VALUE, RAISES),
        Row("test_skip_raises", FAILED, SKIP, SKIPPED, "`{path}`: ValueError: seen", RAISES),
        Row("test_skip_raises_other", FAILED, SKIP, FAILED, EXPECTS_VALUE, RAISES),
        Row("test_skip_passes", PASSED, SKIP, SKIPPED, MAYBE, RAISES),
    ),
)

ORDER = (
    *of(
        "test_order/TestSkipOrder",
        Row("test_above_skip", SKIPPED, XFAIL, SKIPPED, "own reason"),
        Row("test_below_skip", SKIPPED, XFAIL, SKIPPED, "own reason"),
        Row("test_above_skip_if", SKIPPED, XFAIL, SKIPPED, "own reason"),
        Row("test_below_skip_if", SKIPPED, SKIP, SKIPPED, "own reason"),
        Row("test_above_skip_unless", SKIPPED, SKIP, SKIPPED, "own reason"),
        Row("test_below_skip_unless", SKIPPED, XFAIL, SKIPPED, "own reason"),
        Row("test_skip_if_not_met", FAILED, XFAIL, EXPECTED, BODY),
    ),
    Row("test_order/TestAboveSkip.test_fails", SKIPPED, XFAIL, SKIPPED, "own reason"),
    Row("test_order/TestBelowSkip.test_fails", SKIPPED, XFAIL, SKIPPED, "own reason"),
    *of(
        "test_order/TestExpectedFailureOrder",
        Row("test_above_and_fails", EXPECTED, XFAIL, EXPECTED, BODY),
        Row("test_below_and_fails", EXPECTED, XFAIL, EXPECTED, BODY),
        Row("test_above_and_passes", FAILED, XFAIL, FAILED, REMOVE),
        Row("test_below_and_passes", FAILED, XFAIL, FAILED, REMOVE),
        Row("test_skip_above_and_fails", EXPECTED, SKIP, SKIPPED, BODY),
        Row("test_skip_below_and_passes", FAILED, SKIP, SKIPPED, MAYBE),
        Row("test_fails_differently", EXPECTED, XFAIL, FAILED, EXPECTS_VALUE + "'seen'", RAISES),
        Row("test_not_listed_and_fails", EXPECTED, "", EXPECTED),
        Row("test_not_listed_and_passes", FAILED, "", FAILED, "Unexpected success"),
    ),
    *of(
        "test_order/TestAboveExpectedFailure",
        Row("test_fails", EXPECTED, XFAIL, EXPECTED, BODY),
        Row("test_passes", FAILED, XFAIL, FAILED, REMOVE),
        Row("test_not_listed_and_fails", EXPECTED, "", EXPECTED),
    ),
    *of(
        "test_order/TestBelowExpectedFailure",
        Row("test_fails", EXPECTED, SKIP, SKIPPED, BODY),
        Row("test_passes", FAILED, SKIP, SKIPPED, MAYBE),
        Row("test_not_listed_and_passes", FAILED, "", FAILED, "Unexpected success"),
    ),
    *of(
        "test_order/TestMock",
        Row("test_above", FAILED, XFAIL, EXPECTED, BODY),
        Row("test_below", FAILED, XFAIL, EXPECTED, BODY),
        Row("test_between_and_passes", PASSED, XFAIL, FAILED, REMOVE),
        Row("test_skip_above", FAILED, SKIP, SKIPPED, BODY + " True"),
        Row("test_not_listed", PASSED, "", PASSED),
    ),
    Row("test_order/TestMockClass.test_fails", FAILED, XFAIL, EXPECTED, BODY),
    Row("test_order/TestMockClass.test_passes", PASSED, XFAIL, FAILED, REMOVE),
)

ONE = "`{path}`: AssertionError: 1 == 1"

GENERATED = (
    *of(
        "test_generated/TestParameterized",
        Row("test_below_0", PASSED, XFAIL, FAILED, REMOVE),
        Row("test_below_1", FAILED, XFAIL, EXPECTED, ONE),
        Row("test_below_2", PASSED, "", PASSED),
    ),
    *of(
        "test_generated/TestParameterizedClass",
        Row("test_in_class_0", PASSED, "", PASSED),
        Row("test_in_class_1", FAILED, XFAIL, EXPECTED, ONE),
        Row("test_in_class_2", PASSED, XFAIL, FAILED, REMOVE),
    ),
    *of(
        "test_generated/TestInstantiated",
        Row("test_add_cpu_int", PASSED, SKIP, SKIPPED, MAYBE),
        Row("test_add_cpu_float", FAILED, XFAIL, EXPECTED, ONE),
    ),
    *of(
        "test_generated/TestInstantiatedMethods",
        Row("test_add_cpu_int", PASSED, "", PASSED),
        Row("test_add_cpu_float", FAILED, SKIP, SKIPPED, ONE),
    ),
    *of(
        "test_generated/TestSetAttribute",
        Row("test_0", PASSED, XFAIL, FAILED, REMOVE),
        Row("test_1", FAILED, XFAIL, EXPECTED, ONE),
    ),
    # Of instances that load_tests makes.
    Row("test_loading/TestByHand.test_fails", FAILED, XFAIL, EXPECTED, "`{path}`: AssertionError"),
    Row("test_loading/TestByHand.test_passes", PASSED, XFAIL, FAILED, REMOVE),
    Row(
        "test_loading/TestByHand.check_without_prefix",
        FAILED,
        XFAIL,
        EXPECTED,
        instead=(Instead(NO_LOAD_TESTS, ABSENT, ABSENT),),
    ),
)

MIXIN = "`{path}`: ValueError: mixin"

INHERITED = (
    *of(
        "test_inheritance/TestBase",
        Row("test_fails", FAILED, XFAIL, EXPECTED, BODY),
        Row("test_listed_below", FAILED, "", FAILED, "AssertionError: body"),
        Row("test_overridden", FAILED, "", FAILED, "AssertionError: body"),
    ),
    *of(
        "test_inheritance/TestListedChild",
        Row("test_fails", FAILED, "", FAILED, "AssertionError: body"),
        Row("test_listed_below", FAILED, XFAIL, EXPECTED, BODY),
        Row("test_overridden", FAILED, XFAIL, EXPECTED, "AssertionError: child's body"),
    ),
    *of(
        "test_inheritance/TestOtherChild",
        Row("test_fails", FAILED, "", FAILED, "AssertionError: body"),
        Row("test_listed_below", FAILED, "", FAILED, "AssertionError: body"),
        Row("test_overridden", FAILED, "", FAILED, "AssertionError: body"),
    ),
    Row("test_inheritance/TestMethodBase.test_inherited", FAILED, "", FAILED),
    Row("test_inheritance/TestMethodBase.test_overridden", FAILED, XFAIL, EXPECTED, BODY),
    Row("test_inheritance/TestMethodChild.test_inherited", FAILED, XFAIL, EXPECTED, BODY),
    *_not_decorated(
        Row("test_inheritance/TestMethodChild.test_overridden", FAILED, XFAIL, FAILED, "child's"),
        Row("test_inheritance/TestMixin.test_mixed_in", FAILED, XFAIL, FAILED, "ValueError: mixin"),
    ),
    Row("test_inheritance/TestMixin.test_decorated_in_mixin", FAILED, XFAIL, EXPECTED, MIXIN),
    Row("test_inheritance/TestDecoratedMixin.test_mixed_in", FAILED, SKIP, SKIPPED, MIXIN),
    Row("test_inheritance/TestDecoratedMixin.test_decorated_in_mixin", FAILED, "", FAILED),
    Row("test_inheritance/TestFromDecoratedMixin.test_mixed_in", FAILED, XFAIL, EXPECTED, MIXIN),
    Row("test_inheritance/TestOwnHookChild.test_keeps_flavour", PASSED, XFAIL, FAILED, REMOVE),
    Row(
        "test_inheritance/TestOwnHookChild.test_fails",
        FAILED,
        XFAIL,
        EXPECTED,
        "AssertionError: special body",
    ),
)

TWIN, OTHER_TWIN = "AssertionError: test_twins", "AssertionError: nn/test_twins"
QUALIFIED = "`tests/trunk_expected_failures/nn/test_twins/TestTwin.test_listed_"

TWINS = (
    *of(
        "test_twins/TestTwin",
        Row("test_listed_here", FAILED, "", FAILED, TWIN),
        Row("test_listed_for_any_file", FAILED, XFAIL, EXPECTED, "`{path}`: " + TWIN),
        Row("test_listed_twice", FAILED, SKIP, SKIPPED, "`{path}`: " + TWIN),
    ),
    *of(
        "nn/test_twins/TestTwin",
        Row(
            "test_listed_here",
            FAILED,
            f"{XFAIL}/nn/test_twins",
            EXPECTED,
            f"{QUALIFIED}here`: {OTHER_TWIN}",
        ),
        Row("test_listed_for_any_file", FAILED, XFAIL, EXPECTED, "`{path}`: " + OTHER_TWIN),
        Row(
            "test_listed_twice",
            FAILED,
            f"{XFAIL}/nn/test_twins",
            EXPECTED,
            f"{QUALIFIED}twice`: {OTHER_TWIN}",
        ),
    ),
)

UNKNOWN = "`{path}`, line 1: unknown field 'severity'; the fields are reason, issue, owner,"
LONG = "test_" + "long_" * 40 + "name"

ENTRIES = (
    *of(
        "test_entries/TestEntries",
        Row(
            "test_free_text",
            FAILED,
            XFAIL,
            EXPECTED,
            "`{path}` (breaks on generators): AssertionError: body",
            "breaks on generators\n",
        ),
        Row(
            "test_all_fields",
            FAILED,
            XFAIL,
            EXPECTED,
            "`{path}` (why): AssertionError: body",
            "{name}: reason: why\n{name}: issue: https://example.org/1\n{name}: owner: someone\n"
            "{name}: expires: 2999-12-31\n{name}: when: python_version >= '3.10'\n"
            "{name}: raises: AssertionError\n{name}: match: body\n{name}: run: always\n"
            "{name}: keep: seen on one machine alone\n",
        ),
        Row(
            "test_windows_file",
            FAILED,
            XFAIL,
            EXPECTED,
            "`{path}` (why): AssertionError: body",
            "\ufeff{name}: reason: why\r\n\r\n{name}: raises: AssertionError\r\n",
        ),
        Row("test_expires_later", FAILED, XFAIL, EXPECTED, BODY, "{name}: expires: 2999-12-31\n"),
        Row("test_expired", FAILED, XFAIL, FAILED, EXPIRED, "{name}: expires: 2020-01-31\n"),
        Row(
            "test_expired_sub_test", FAILED, XFAIL, FAILED, EXPIRED, "{name}: expires: 2020-01-31"
        ),
        Row("test_expired_and_passes", PASSED, XFAIL, PASSED, "", "{name}: expires: 2020-01-31\n"),
        Row(
            "test_expired_and_skips",
            SKIPPED,
            XFAIL,
            SKIPPED,
            "own reason",
            "{name}: expires: 2020-01-31\n",
        ),
        Row("test_expired_skip", FAILED, SKIP, FAILED, EXPIRED, "{name}: expires: 2020-01-31\n"),
        Row(
            "test_unreadable_date",
            FAILED,
            XFAIL,
            FAILED,
            "`{path}` suppresses nothing: `expires: next spring` is no date",
            "{name}: expires: next spring\n",
        ),
        Row(
            "test_unreadable_date_and_passes",
            PASSED,
            XFAIL,
            PASSED,
            "",
            "{name}: expires: next spring\n",
        ),
        Row("test_when_true", FAILED, XFAIL, EXPECTED, BODY, "{name}: when: mode == 'trunk'\n"),
        Row("test_when_false", FAILED, XFAIL, FAILED, "body", "{name}: when: mode == 'other'\n"),
        Row(
            "test_when_false_and_passes", PASSED, XFAIL, PASSED, "", "{name}: when: env.NO == '1'"
        ),
        Row(
            "test_never", FAILED, XFAIL, SKIPPED, "not run, as `{path}` says", "{name}: run: never"
        ),
        Row(
            "test_never_skip",
            FAILED,
            SKIP,
            SKIPPED,
            "not run, as `{path}` says (hangs)",
            "{name}: run: never\n{name}: reason: hangs\n",
        ),
        Row("test_unknown_field", FAILED, XFAIL, FAILED, UNKNOWN, "{name}: severity: high\n"),
        Row(
            "test_unknown_field_and_passes",
            PASSED,
            SKIP,
            FAILED,
            UNKNOWN,
            "{name}: severity: high\n",
        ),
        Row(
            "test_broken_marker",
            FAILED,
            XFAIL,
            FAILED,
            "`{path}`, line 2: cannot read the marker",
            "{name}: reason: why\n{name}: when: __import__('os')\n",
        ),
        Row(
            "test_broken_pattern",
            FAILED,
            XFAIL,
            FAILED,
            "`{path}`, line 1: cannot read the regular expression 'a('",
            "{name}: match: a(\n",
        ),
        Row(
            "test_other_tests_line",
            FAILED,
            XFAIL,
            FAILED,
            "a line of another test's ('TestOther.test_x')",
            "TestOther.test_x: raises: ValueError\n",
        ),
        Row("test_case_twin", FAILED, XFAIL, EXPECTED, BODY),
        Row("test_Case_twin", FAILED, "", FAILED, "AssertionError: body"),
        Row("test_case_Twin", FAILED, XFAIL, EXPECTED, BODY),
        Row("test_long_name", FAILED, "", FAILED, "AssertionError: body"),
        Row(LONG, FAILED, XFAIL, EXPECTED, BODY),
    ),
)

ISOLATED = "{name}: run: isolated\n"
LOOP = "{name}: run: isolated\n{name}: timeout: 0.5\n"
CRASHES = "crashes"
"""What a test does without lists that takes the runner with it; such files are not run so."""


def _needing_fixture(*tests: str) -> Iterator[Row]:
    for test in tests:
        row = Row(test, CRASHES, XFAIL, FAILED, REMOVE, ISOLATED)
        yield row._replace(instead=(Instead(NO_FIXTURES, CRASHES, EXPECTED),))


IN_CHILDREN = (
    *of(
        "test_isolated/TestIsolated",
        Row("test_segmentation_fault", CRASHES, XFAIL, EXPECTED, "(SIGSEGV)", ISOLATED),
        Row("test_is_killed", CRASHES, XFAIL, EXPECTED, "SIGKILL", ISOLATED),
        Row("test_exits_at_once", CRASHES, XFAIL, EXPECTED, "exited with code 3", ISOLATED),
        Row("test_exits_as_if_well", CRASHES, XFAIL, EXPECTED, "exited with code 0", ISOLATED),
        Row("test_endless_loop", CRASHES, XFAIL, EXPECTED, "took longer than 0.5 s", LOOP),
        Row("test_fails", CRASHES, XFAIL, EXPECTED, BODY, ISOLATED),
        Row("test_fails_differently", CRASHES, XFAIL, FAILED, DIFFERS, ISOLATED + RAISES),
        Row("test_sub_test_fails", CRASHES, XFAIL, EXPECTED, "ValueError: sub-test", ISOLATED),
        Row("test_passes", CRASHES, XFAIL, FAILED, REMOVE, ISOLATED),
        Row("test_skips", CRASHES, XFAIL, SKIPPED, "own reason", ISOLATED),
        *_needing_fixture(
            *("test_sees_class_fixture", "test_sees_environment", "test_sees_working_directory")
        ),
        Row("test_skip_is_killed", CRASHES, SKIP, SKIPPED, "SIGKILL", ISOLATED),
        Row("test_skip_passes", CRASHES, SKIP, SKIPPED, MAYBE, ISOLATED),
        Row("test_not_listed", CRASHES, "", FAILED, "AssertionError: body"),
    ),
    *of(
        "test_awaiting_isolated/TestIsolatedCoroutines",
        Row("test_fails", CRASHES, XFAIL, EXPECTED, BODY, ISOLATED),
        Row("test_exits_at_once", CRASHES, XFAIL, EXPECTED, "exited with code 3", ISOLATED),
    ),
)


def _fixture(
    test: str, told: Row, runs: str = ABSENT, without: tuple[str, str] = (PASSED, PASSED)
) -> Iterator[Row]:
    """Give two rows: what unittest tells of a fixture, and of the test that it serves.

    pytest tells both of the test. `runs` is what unittest tells of the test: nothing where it
    was not set up. `without` is the test's `alone` and `outcome` where no fixture is run.
    """
    file, _, scope = test.partition(".")[0].rpartition("/")
    if told.test.endswith("Module"):
        scope = file
    entry = f"{scope}.{told.entry or told.test}"
    both = [runs if seen == ABSENT else seen for seen in (told.alone, told.outcome)]
    sent = [_is_sent(told, told.alone, "", runs), _is_sent(told, told.outcome, told.text, runs)]
    seen = [(told.alone, told.outcome)[place] if sent[place] else ABSENT for place in (0, 1)]
    of_test = [runs if sent[place] else both[place] for place in (0, 1)]
    yield told._replace(
        test=f"{file}/{scope}.{told.test}",
        entry=entry,
        instead=(
            Instead(OF_TESTS, ABSENT, ABSENT),
            Instead(NO_FIXTURES, ABSENT, ABSENT),
            Instead(VERDICTS_OF_TESTS, *seen, told.text),
        ),
    )
    instead = (
        Instead(OF_TESTS, *both, told.text),
        Instead(NO_FIXTURES, *without),
        Instead(VERDICTS_OF_TESTS, *of_test, told.text),
    )
    yield told._replace(test=test, alone=runs, outcome=runs, entry=entry, instead=instead)


def _is_sent(told: Row, outcome: str, text: str, runs: str) -> bool:
    """Tell whether Django's workers send it as a fixture's, or it is one more of its test."""
    error = outcome == FAILED and not text.startswith((REMOVE, DIFFERS))
    return error if told.test.startswith("setUp") else runs == PASSED and outcome != FAILED


SET_UP = "`{path}`: ValueError: fixture"

FIXTURES = (
    *_fixture(
        "test_class_fixtures/TestSetUpFails.test_needs_it",
        Row("setUpClass", FAILED, XFAIL, EXPECTED, SET_UP),
    ),
    *_fixture(
        "test_class_fixtures/TestSetUpMarkedAbove.test_needs_it",
        Row("setUpClass", FAILED, XFAIL, EXPECTED, SET_UP),
    ),
    *_fixture(
        "test_class_fixtures/TestSetUpMarkedBelow.test_needs_it",
        Row("setUpClass", FAILED, XFAIL, EXPECTED, REASON + "ValueError: fixture"),
    ),
    *_fixture(
        "test_class_fixtures/TestSetUpInherited.test_needs_it",
        Row("setUpClass", FAILED, XFAIL, EXPECTED, SET_UP),
    ),
    *_fixture(
        "test_class_fixtures/TestSetUpInheritedNotListed.test_needs_it",
        Row("setUpClass", FAILED, "", FAILED, "ValueError: fixture"),
    ),
    *_fixture(
        "test_class_fixtures/TestSetUpPasses.test_needs_it",
        Row("setUpClass", ABSENT, XFAIL, FAILED, REMOVE),
        runs=PASSED,
        without=(FAILED, FAILED),
    ),
    *_fixture(
        "test_class_fixtures/TestSetUpFailsDifferently.test_needs_it",
        Row(
            "setUpClass",
            FAILED,
            XFAIL,
            FAILED,
            DIFFERS + "KeyError, seen was ValueError: fixture",
            "{name}: raises: KeyError\n",
        ),
    ),
    *_fixture(
        "test_class_fixtures/TestSetUpExpired.test_needs_it",
        Row("setUpClass", FAILED, XFAIL, FAILED, EXPIRED, "{name}: expires: 2020-01-31\n"),
    ),
    *_fixture(
        "test_class_fixtures/TestSetUpSkips.test_needs_it",
        Row("setUpClass", SKIPPED, XFAIL, SKIPPED, "own reason"),
    ),
    *_fixture(
        "test_class_fixtures/TestSetUpSkipListed.test_needs_it",
        Row("setUpClass", FAILED, SKIP, SKIPPED, SET_UP),
    ),
    Row(
        "test_class_fixtures/TestSetUpSkipListedPasses.setUpClass",
        ABSENT,
        SKIP,
        SKIPPED,
        MAYBE,
        instead=(Instead(OF_TESTS, ABSENT, ABSENT), Instead(NO_FIXTURES, ABSENT, ABSENT)),
    ),
    Row(
        "test_class_fixtures/TestSetUpSkipListedPasses.test_needs_it",
        FAILED,
        "",
        FAILED,
        "AssertionError: body",
    ),
    *_fixture(
        "test_class_fixtures/TestSetUpNever.test_needs_it",
        Row(
            "setUpClass",
            FAILED,
            XFAIL,
            SKIPPED,
            "not run, as `{path}` says",
            "{name}: run: never\n",
        ),
    ),
    *_fixture(
        "test_class_fixtures/TestSetUpIsolated.test_needs_it",
        Row(
            "setUpClass",
            FAILED,
            XFAIL,
            FAILED,
            "`{path}` says `run: isolated`, but what a fixture sets up is lost",
            "{name}: run: isolated\n",
        ),
    ),
    *_fixture(
        "test_class_fixtures/TestSetUpUnknownField.test_needs_it",
        Row("setUpClass", FAILED, XFAIL, FAILED, UNKNOWN, "{name}: severity: high\n"),
    ),
    *_fixture(
        "test_class_fixtures/TestSetUpNotListed.test_needs_it",
        Row("setUpClass", FAILED, XFAIL, FAILED, "ValueError: fixture", entry="test_needs_it"),
        without=(PASSED, FAILED),
    ),
    *_fixture(
        "test_class_fixtures/TestTearDownFails.test_before_it",
        Row("tearDownClass", FAILED, XFAIL, EXPECTED, SET_UP),
        runs=PASSED,
    ),
    *_fixture(
        "test_class_fixtures/TestTearDownPasses.test_before_it",
        Row("tearDownClass", ABSENT, XFAIL, FAILED, REMOVE),
        runs=PASSED,
    ),
    *_fixture(
        "test_class_fixtures/TestTearDownNotListed.test_before_it",
        Row("tearDownClass", FAILED, "", FAILED, "ValueError: fixture"),
        runs=PASSED,
    ),
    *_fixture(
        "test_module_set_up_fails/TestModuleSetUpFails.test_of_module",
        Row("setUpModule", FAILED, XFAIL, EXPECTED, SET_UP),
    ),
    *_fixture(
        "test_module_set_up_not_listed/TestModuleSetUpNotListed.test_of_module",
        Row("setUpModule", FAILED, "", FAILED, "ValueError: fixture"),
    ),
    *_fixture(
        "test_module_set_up_passes/TestModuleSetUpPasses.test_of_module",
        Row("setUpModule", ABSENT, XFAIL, FAILED, REMOVE),
        runs=PASSED,
    ),
    *_fixture(
        "test_module_tear_down_fails/TestModuleTearDownFails.test_of_module",
        Row("tearDownModule", FAILED, XFAIL, EXPECTED, SET_UP),
        runs=PASSED,
    ),
)


def _plain(*rows: Row) -> Iterator[Row]:
    """Say of rows that they are of what unittest does not run."""
    for row in rows:
        yield row._replace(instead=(Instead(NO_FUNCTIONS, ABSENT, ABSENT),))


FUNCTIONS = (
    *_plain(
        *of(
            "functions/test_plain/test_plain",
            Row("test_fails", FAILED, XFAIL, EXPECTED, "`{path}`: AssertionError: body"),
            Row("test_passes", PASSED, XFAIL, FAILED, REMOVE),
            Row("test_called", FAILED, XFAIL, EXPECTED, VALUE),
            Row("test_reason", FAILED, XFAIL, EXPECTED, REASON + "ValueError: body"),
            Row("test_skip_fails", FAILED, SKIP, SKIPPED, VALUE),
            Row("test_skip_passes", PASSED, SKIP, SKIPPED, MAYBE),
            Row("test_not_listed", FAILED, "", FAILED, "ValueError: body"),
            Row("test_not_listed_and_passes", PASSED, "", PASSED),
            *_not_decorated(
                Row("test_not_decorated", FAILED, XFAIL, FAILED, "ValueError: body")
            ),
            Row("test_stacked", FAILED, XFAIL, EXPECTED, "`{path}` (in expected failures): "),
            Row("test_stacked_skip", FAILED, SKIP, SKIPPED, "`{path}` (in skips): "),
            Row("test_differs", FAILED, XFAIL, FAILED, EXPECTS_VALUE + "'seen'", RAISES),
            Row("test_skips", SKIPPED, XFAIL, SKIPPED, "own reason"),
            Row("test_xfails", EXPECTED, XFAIL, EXPECTED, "own reason"),
            Row("test_marked_skip", SKIPPED, XFAIL, SKIPPED, "own reason"),
            Row("test_marked_xfail", EXPECTED, XFAIL, EXPECTED),
            Row("test_marked_xfail_and_passes", FAILED, XFAIL, FAILED),
            Row("test_exits", FAILED, XFAIL, EXPECTED, "`{path}`: SystemExit: body"),
            Row("test_takes_fixture", FAILED, XFAIL, EXPECTED, VALUE),
            Row("test_above_mock", FAILED, XFAIL, EXPECTED, VALUE),
            Row("test_below_mock", FAILED, XFAIL, EXPECTED, VALUE),
            Row("test_parameters_below[0]", PASSED, XFAIL, FAILED, REMOVE),
            Row("test_parameters_below[1]", FAILED, XFAIL, EXPECTED, "`{path}`: AssertionError"),
            Row("test_parameters_below[2]", PASSED, "", PASSED),
            Row("test_parameters_above[0-cpu]", PASSED, "", PASSED),
            Row("test_parameters_above[0-cuda]", PASSED, XFAIL, FAILED, REMOVE),
            Row("test_parameters_above[1-cpu]", PASSED, "", PASSED),
            Row("test_parameters_above[1-cuda]", FAILED, XFAIL, EXPECTED, "`{path}`: Assertion"),
            Row("test_odd_parameters[1.5]", FAILED, XFAIL, EXPECTED, VALUE),
            Row("test_odd_parameters[a/b]", FAILED, XFAIL, EXPECTED, VALUE),
            Row("test_odd_parameters[a::b]", FAILED, SKIP, SKIPPED, VALUE),
            Row("test_odd_parameters[gr\\xfcn]", FAILED, XFAIL, EXPECTED, VALUE),
            Row("test_odd_parameters[x[y]]", FAILED, XFAIL, EXPECTED, VALUE),
            Row("test_odd_parameters[two words]", FAILED, XFAIL, EXPECTED, VALUE),
            Row("test_odd_parameters[a*b?]", FAILED, XFAIL, EXPECTED, VALUE),
            Row("test_coroutine", FAILED, XFAIL, FAILED, "not natively supported"),
            Row("test_coroutine_not_decorated", FAILED, "", FAILED, "not natively supported"),
            Row("test_never", FAILED, XFAIL, SKIPPED, "not run, as `{path}`", "{name}: run: never"),
            Row("test_expired", FAILED, XFAIL, FAILED, EXPIRED, "{name}: expires: 2020-01-31\n"),
            Row(
                "test_expired_and_passes", PASSED, XFAIL, PASSED, "", "{name}: expires: 2020-01-31"
            ),
            Row("test_unknown_field", FAILED, XFAIL, FAILED, UNKNOWN, "{name}: severity: high\n"),
            Row(
                "test_unknown_field_and_passes",
                PASSED,
                XFAIL,
                FAILED,
                UNKNOWN,
                "{name}: severity: high\n",
            ),
            Row("test_expanded_0", PASSED, XFAIL, FAILED, REMOVE),
            Row("test_expanded_1", FAILED, XFAIL, EXPECTED, "`{path}`: AssertionError"),
        ),
        *of(
            "functions/test_plain/TestPlain",
            Row("test_fails", FAILED, XFAIL, EXPECTED, VALUE),
            Row("test_passes", PASSED, XFAIL, FAILED, REMOVE),
            Row("test_skip", FAILED, SKIP, SKIPPED, VALUE),
            Row("test_parameters[0]", PASSED, "", PASSED),
            Row("test_parameters[1]", FAILED, XFAIL, EXPECTED, "`{path}`: AssertionError"),
            Row("test_expanded_0", PASSED, XFAIL, FAILED, REMOVE),
            Row("test_expanded_1", FAILED, XFAIL, EXPECTED, "`{path}`: AssertionError"),
            Row("test_static", FAILED, XFAIL, EXPECTED, VALUE),
            *_not_decorated(
                Row("test_not_decorated", FAILED, XFAIL, FAILED, "ValueError: body")
            ),
        ),
        *of(
            "functions/test_plain/TestPlainClass",
            Row("test_fails", FAILED, XFAIL, EXPECTED, VALUE),
            Row("test_passes", PASSED, SKIP, SKIPPED, MAYBE),
            Row("test_not_listed", FAILED, "", FAILED, "ValueError: body"),
            Row("test_parameters[0]", PASSED, XFAIL, FAILED, REMOVE),
            Row("test_parameters[1]", FAILED, XFAIL, EXPECTED, "`{path}`: AssertionError"),
        ),
        *of(
            "functions/test_plain/TestPlainChild",
            Row("test_fails", FAILED, "", FAILED, "ValueError: body"),
            Row("test_passes", PASSED, XFAIL, FAILED, REMOVE),
            Row("test_not_listed", FAILED, XFAIL, EXPECTED, "`{path}`: ValueError: child's body"),
            Row("test_parameters[0]", PASSED, "", PASSED),
            Row("test_parameters[1]", FAILED, SKIP, SKIPPED, "`{path}`: AssertionError"),
        ),
        *of(
            "functions/test_isolated_functions/test_isolated_functions",
            Row("test_exits_at_once", CRASHES, XFAIL, EXPECTED, "exited with code 3", ISOLATED),
            Row("test_passes", CRASHES, XFAIL, FAILED, REMOVE, ISOLATED),
            Row("test_skips", CRASHES, XFAIL, SKIPPED, "own reason", ISOLATED),
        ),
    ),
)

WARNINGS = (
    # What is told of tests that pass, for which runners have no other word.
    "`tests/trunk_expected_failures/TestEntries.test_expired_and_passes` expired on 2020-01-31",
    "`tests/trunk_expected_failures/TestEntries.test_unreadable_date_and_passes` suppresses ",
)
PYTEST_WARNINGS = (
    *WARNINGS,
    "This test passed, maybe we can remove "
    "`tests/trunk_skips/TestSetUpSkipListedPasses.setUpClass`",
)


class ModeRow(NamedTuple):
    """One test that several modes list.

    entries: its entries' content, by list directory.
    told: the verdict in each of ENVIRONMENTS, and the list directory whose entry gives it.
    """

    test: str
    entries: dict[str, str]
    told: tuple[tuple[str, str], ...]


ENVIRONMENTS: dict[str, dict[str, str]] = {
    "no mode": {"PYTORCH_TEST_WITH_DYNAMO": "true"},  # Nothing but "1" turns a flag on.
    "dynamo": {"PYTORCH_TEST_WITH_DYNAMO": "1"},
    "inductor": {"PYTORCH_TEST_WITH_INDUCTOR": "1", "PYTORCH_TEST_WITH_DYNAMO": "1"},
    "slow and dynamo": {"TRUNK_FAILURES_MODES": "slow", "PYTORCH_TEST_WITH_DYNAMO": "1"},
}
OFF = {"TRUNK_FAILURES": "0", "PYTORCH_TEST_WITH_DYNAMO": "1"}

DYNAMO, DYNAMO_SKIP = "dynamo_expected_failures", "dynamo_skips"
INDUCTOR, SLOW_SKIP = "inductor_expected_failures", "slow_skips"
FAILS, PASSES = (FAILED, ""), (PASSED, "")
BY_TRUNK, BY_DYNAMO, BY_DYNAMO_SKIP = (EXPECTED, XFAIL), (EXPECTED, DYNAMO), (SKIPPED, DYNAMO_SKIP)
BY_INDUCTOR, BY_SLOW = (EXPECTED, INDUCTOR), (SKIPPED, SLOW_SKIP)
IN_DYNAMO = "{name}: when: mode == 'dynamo'\n"

MODES = (
    # no mode, dynamo, inductor (its lists stand in for dynamo's), slow and dynamo
    ModeRow("test_trunk", {XFAIL: ""}, (BY_TRUNK, BY_TRUNK, BY_TRUNK, BY_TRUNK)),
    ModeRow("test_dynamo", {DYNAMO: ""}, (FAILS, BY_DYNAMO, FAILS, BY_DYNAMO)),
    ModeRow(
        "test_dynamo_passes", {DYNAMO: ""}, (PASSES, (FAILED, DYNAMO), PASSES, (FAILED, DYNAMO))
    ),
    ModeRow("test_dynamo_skip", {DYNAMO_SKIP: ""}, (FAILS, BY_DYNAMO_SKIP, FAILS, BY_DYNAMO_SKIP)),
    ModeRow("test_inductor", {INDUCTOR: ""}, (FAILS, FAILS, BY_INDUCTOR, FAILS)),
    ModeRow("test_slow", {SLOW_SKIP: ""}, (FAILS, FAILS, FAILS, BY_SLOW)),
    ModeRow(
        "test_slow_and_dynamo", {SLOW_SKIP: "", DYNAMO: ""}, (FAILS, BY_DYNAMO, FAILS, BY_SLOW)
    ),
    ModeRow(
        "test_trunk_and_dynamo",
        {XFAIL: "", DYNAMO_SKIP: ""},
        (BY_TRUNK, BY_DYNAMO_SKIP, BY_TRUNK, BY_DYNAMO_SKIP),
    ),
    ModeRow("test_trunk_when_dynamo", {XFAIL: IN_DYNAMO}, (FAILS, BY_TRUNK, FAILS, BY_TRUNK)),
)


def in_environment(name: str) -> tuple[Row, ...]:
    """Return the rows of the tests that several modes list, as they are in an environment."""
    place = list(ENVIRONMENTS).index(name)
    rows = []
    for row in MODES:
        outcome, listed = row.told[place]
        text = f"`tests/{listed}/TestModes.{row.test}`" if listed else "AssertionError: body"
        does = row.told[0][0] if "passes" in row.test else FAILED
        rows.append(Row(f"test_modes/TestModes.{row.test}", does, listed, outcome, text))
    return tuple(rows)


def _of_coroutines(rows: Iterable[Row]) -> Iterator[Row]:
    """Say of the rows that are of coroutines what some runners cannot do."""
    for row in rows:
        if row.file.startswith("test_awaiting"):
            row = row._replace(instead=(*row.instead, Instead(NO_COROUTINES, ABSENT, ABSENT)))
        yield row


def _marked(rows: Iterable[Row]) -> Iterator[Row]:
    """Say of the tests that pass, marked by unittest as expected failures, how trial sees it."""
    for row in rows:
        marked = "ExpectedFailure" in row.test and row.alone == FAILED
        yield _limited(row, MARKED_PASSES, PASSED, bool(row.listed)) if marked else row


TABLE = (
    *_of_coroutines((*GRID, *METHODS, *IN_CHILDREN)),
    *SIGNATURES,
    *_marked(ORDER),
    *GENERATED,
    *INHERITED,
    *TWINS,
    *ENTRIES,
    *FIXTURES,
    *FUNCTIONS,
)

ENTRIES_OF_TABLE = (
    *((row.listed, row.key, row.content) for row in TABLE if row.listed),
    *((at, f"TestModes.{row.test}", text) for row in MODES for at, text in row.entries.items()),
)
"""Every entry, as (list directory, key, content)."""
