"""JUnit XML of whichever runner: what its test cases mean, which tests they name, its bounds."""

from __future__ import annotations

import importlib.util
import io
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

import results_kept
from results_kept import Kept, of_junit
from trunk_failures.errors import ResultsError, UsageError
from trunk_failures.results import cases, junit, junit_dialects, junit_ids, seen
from trunk_failures.results.cases import Case
from trunk_failures.results.junit_dialects import Found, Meaning
from trunk_failures.results.junit_ids import Named
from trunk_failures.verdicts import Verdict

REMOVE = "Unexpected success, please remove `test/dynamo_expected_failures/TestA.test_b`"
MAY_GO = "This test passed, maybe we can remove `test/dynamo_skips/TestA.test_b`"
VERDICT = '<properties><property name="trunk_failures.verdict" value="{}"/></properties>'
DIFFERS = (
    "TestA.test_b fails differently: `trunk_expected_failures/TestA.test_b` expects ValueError, "
    "seen was OSError: other"
)
TRACEBACK = 'Traceback (most recent call last):\n  File "t.py", line 1, in x\nOSError: no\nway\n'

# What a test case holds, and the verdict and the error that it means.
DIALECTS = [
    ("", Verdict.PASSED, ""),
    ("<system-out>fine</system-out>", Verdict.PASSED, ""),
    ("<properties><property name='a' value='b'/></properties>", Verdict.PASSED, ""),
    # pytest's, both families
    ('<failure message="OSError: no&#10;way">E   OSError: no</failure>', "failed", "OSError: no"),
    ('<failure message="assert 1 == 2">E</failure>', "failed", "AssertionError: assert 1 == 2"),
    ('<failure message="m.Odd: x"/>', "failed", "m.Odd: x"),
    ('<error message="failed on setup with &quot;OSError: no&quot;">x</error>', "error",
     "OSError: no"),
    ('<error message="failed on teardown with &quot;OSError: no&quot;">x</error>', "error",
     "OSError: no"),
    ('<skipped type="pytest.skip" message="slow">t.py:1: slow</skipped>', "skipped", "slow"),
    ('<skipped type="pytest.xfail" message="known"/>', "expected failure", "known"),
    ('<failure message="Failed: Unexpected success">Unexpected success</failure>',
     "unexpected success", "Failed: Unexpected success"),
    ('<failure message="[XPASS(strict)] known">x</failure>', "unexpected success",
     "[XPASS(strict)] known"),
    # xmlrunner's
    (f'<error type="OSError" message="no way"><![CDATA[{TRACEBACK}]]></error>', "error",
     "OSError: no"),
    ('<failure type="AssertionError" message="1 != 2">x</failure>', "failed",
     "AssertionError: 1 != 2"),
    ('<skipped type="skip" message="slow"/>', "skipped", "slow"),
    ('<skipped type="XFAIL" message="expected failure: x"/>', "expected failure",
     "expected failure: x"),
    ('<error type="UnexpectedSuccess" message="Unexpected success: review it"/>',
     "unexpected success", "Unexpected success: review it"),
    # bare, as of many producers
    ("<skipped/>", "skipped", ""),
    ("<skipped>because</skipped>", "skipped", "because"),
    ("<failure/>", "failed", ""),
    ("<failure>it\nbroke\n</failure>", "failed", "broke"),
    ('<failure type="java.lang.AssertionError"/>', "failed", "AssertionError"),
    ('<failure type="java.lang.Odd" message="java.lang.Odd: x"/>', "failed", "java.lang.Odd: x"),
    ('<error type="Odd" message="no way">no traceback</error>', "error", "Odd: no way"),
    # PyTorch's
    (f'<error type="RuntimeError" message="{REMOVE}"/>', "unexpected success", REMOVE),
    (f'<failure message="RuntimeError: {REMOVE}">x</failure>', "unexpected success",
     f"RuntimeError: {REMOVE}"),
    (f'<skipped type="pytest.skip" message="{MAY_GO}"/>', "skip-listed and passed", MAY_GO),
    (f'<skipped type="skip" message="{MAY_GO}"/>', "skip-listed and passed", MAY_GO),
    # ours
    (VERDICT.format("expected failure") + '<skipped type="pytest.xfail" message="x"/>',
     "expected failure", "x"),
    (VERDICT.format("unexpected success") + '<failure message="x"/>', "unexpected success", "x"),
    (VERDICT.format("not run"), "not run", ""),
    (VERDICT.format("no such word") + '<failure message="OSError: x"/>', "failed", "OSError: x"),
    (f'<failure message="{DIFFERS}"/>', "fails differently", "OSError: other"),
    (f'<failure message="m.FailsDifferently: {DIFFERS}"/>', "fails differently", "OSError: other"),
    ('<skipped message="`trunk_skips/TestA.test_b` (slow): OSError: no"/>',
     "skip-listed and failed", "OSError: no"),
    ('<skipped message="not run, as `trunk_skips/TestA.test_b` says"/>', "not run",
     "not run, as `trunk_skips/TestA.test_b` says"),
    ('<error type="Crashed" message="killed by SIGSEGV"/>', "crashed", "killed by SIGSEGV"),
    ('<failure message="Crashed: killed by SIGSEGV"/>', "crashed", "Crashed: killed by SIGSEGV"),
    # xdist's
    ("<error message=\"failed on setup with &quot;worker 'gw0' crashed while running 't'&quot;\"/>",
     "crashed", "worker 'gw0' crashed while running 't'"),
    # A test's own words do not make it what a runner would say.
    ('<failure message="OSError: the machine crashed"/>', "failed", "OSError: the machine crashed"),
    ('<failure message="ValueError: x fails differently"/>', "failed",
     "ValueError: x fails differently"),
    # several at once: the worst counts, of two failures the first
    ('<skipped message="x"/><failure message="OSError: x"/>', "failed", "OSError: x"),
    ('<failure message="OSError: x"/><skipped message="y"/>', "failed", "OSError: x"),
    ('<failure message="OSError: x"/><error message="ValueError: y"/>', "failed", "OSError: x"),
    ('<error message="ValueError: y"/><failure message="OSError: x"/>', "error", "ValueError: y"),
    ('<failure message="OSError: x"><b/>late</failure><system-out>y</system-out>', "failed",
     "OSError: x"),
]


def case(inner: str, attributes: str = 'classname="pkg.test_m.TestA" name="test_b"') -> str:
    """Return a report of one test case."""
    return f'<testsuite name="s"><testcase {attributes}>{inner}</testcase></testsuite>'


@pytest.mark.parametrize(("inner", "verdict", "error"), DIALECTS)
def test_what_a_test_case_holds(inner: str, verdict: Verdict | str, error: str) -> None:
    """Each runner's way to tell what became of a test comes to one verdict and one error."""
    [found] = of_junit(case(inner)).cases
    assert found[:4] == ("TestA.test_b", "pkg/test_m", Verdict(verdict), error)
    assert not found.decides


# What a test case holds, and all verdicts that its runs come to.
RERUNS = [
    ('<flakyFailure message="OSError: x" type="OSError"/>', ["failed", "passed"]),
    ('<flakyError message="OSError: x"/><flakyFailure message="y"/>', ["failed", "passed"]),
    ('<failure message="x"/><rerunFailure message="y"/>', ["failed", "failed"]),
    ('<error message="x"/><rerunError message="y"/>', ["error", "failed"]),
    ('<rerunFailure message="y"/><skipped/>', ["failed", "skipped"]),
]


@pytest.mark.parametrize(("inner", "verdicts"), RERUNS)
def test_runs_before_the_last_one(inner: str, verdicts: list[str]) -> None:
    """Surefire's elements for earlier runs are failures beside what the last run came to."""
    found = of_junit(case(inner)).cases
    assert sorted(each.verdict.value for each in found) == verdicts
    assert all(each.error for each in found if each.verdict is Verdict.FAILED)


@pytest.mark.parametrize("name", ["pytest", "other"])
def test_reruns_that_stand_as_passes(name: str) -> None:
    """In pytest's files, and no others, a failure stands whatever passes there are of the test."""
    one = '<testcase classname="m.TestA" name="test_b"'
    text = f'<testsuites><testsuite name="{name}">{one}/>{one}><failure/></testcase>'
    found = of_junit(f"{text}</testsuite></testsuites>").cases
    assert {each.verdict: each.decides for each in found} == {
        Verdict.PASSED: False,
        Verdict.FAILED: name == "pytest",
    }


def phase(when: str, text: str) -> str:
    """Return what pytest writes of a fixture's failure."""
    return f'<error message="failed on {when} with &quot;OSError: no&quot;">{text}</error>'


FIXTURES = [
    (phase("setup", "@classmethod\n&gt;   def setUpClass(cls): raise"),
     [("TestA.setUpClass", Verdict.ERROR)]),
    (phase("setup", '  File "t.py", line 1, in setUpClass\n'),
     [("TestA.setUpClass", Verdict.ERROR)]),
    (phase("setup", "&gt;   def setUpModule(): raise"), [("test_m.setUpModule", Verdict.ERROR)]),
    (phase("teardown", "def tearDownClass(cls): raise"),
     [("TestA.tearDownClass", Verdict.ERROR), ("TestA.test_b", Verdict.PASSED)]),
    ('<skipped type="pytest.xfail"/>' + phase("teardown", "def tearDownClass(cls): raise"),
     [("TestA.tearDownClass", Verdict.ERROR), ("TestA.test_b", Verdict.EXPECTED_FAILURE)]),
    (VERDICT.format("not run") + phase("teardown", "def tearDownClass(cls): raise"),
     [("TestA.tearDownClass", Verdict.ERROR), ("TestA.test_b", Verdict.NOT_RUN)]),
    ('<skipped type="pytest.xfail"/>' + phase("teardown", "def fixture(): raise"),
     [("TestA.test_b", Verdict.ERROR)]),
    (phase("teardown", "def tearDownModule(): raise"),
     [("TestA.test_b", Verdict.PASSED), ("test_m.tearDownModule", Verdict.ERROR)]),
    (phase("teardown", "def setUpClass(cls): raise"), [("TestA.test_b", Verdict.ERROR)]),
    (phase("setup", "def fixture(): raise"), [("TestA.test_b", Verdict.ERROR)]),
    ('<failure message="OSError: x">in setUpClass\ndef setUpClass(cls)</failure>',
     [("TestA.test_b", Verdict.FAILED)]),
    ('<skipped type="pytest.xfail" message="`trunk_expected_failures/TestA.setUpClass`: x"/>',
     [("TestA.setUpClass", Verdict.EXPECTED_FAILURE)]),
    ('<skipped type="pytest.xfail" message="`trunk_expected_failures/d/test_m.setUpModule`: x"/>',
     [("test_m.setUpModule", Verdict.EXPECTED_FAILURE)]),
    ('<error message="failed on teardown with &quot;m.UnexpectedSuccess: Unexpected success, please'
     ' remove `trunk_expected_failures/TestA.tearDownClass`&quot;"/>',
     [("TestA.tearDownClass", Verdict.UNEXPECTED_SUCCESS), ("TestA.test_b", Verdict.PASSED)]),
]


@pytest.mark.parametrize(("inner", "told"), FIXTURES)
def test_fixtures_that_a_test_tells_of(inner: str, told: list[tuple[str, Verdict]]) -> None:
    """A class's or a module's fixture has a key of its own, whichever test it is told of with."""
    assert of_junit(case(inner)).told == told


def test_a_test_that_failed_before_its_class_was_torn_down() -> None:
    """A failing test does not pass because pytest tells of a teardown with it."""
    one = '<testcase classname="m.TestA" name="test_b">'
    inner = phase("teardown", "def tearDownClass(cls): raise")
    text = f'<testsuite name="pytest">{one}<failure/></testcase>{one}{inner}</testcase></testsuite>'
    assert of_junit(text).told == [
        ("TestA.tearDownClass", Verdict.ERROR),
        ("TestA.test_b", Verdict.FAILED),
    ]


# classname, name and file, and the test that these name.
IDS = [
    ("pkg.test_m.TestA", "test_b", "", Named("TestA.test_b", "pkg/test_m")),
    ("pkg.test_m.TestA", "test_b", "pkg/test_m.py", Named("TestA.test_b", "pkg/test_m")),
    ("pkg.test_m", "test_b", "", Named("test_m.test_b", "pkg/test_m")),
    ("test_m.Outer.TestA", "test_b", "", Named("TestA.test_b", "test_m")),
    ("m.TestA", "test_p[a.b/c]", "", Named("TestA.test_p[a.b/c]", "m")),
    ("m.TestA", "test_p[a b]", "", Named("TestA.test_p[a b]", "m")),
    ("m.TestA", "test_p[a@b]", "", Named("TestA.test_p[a@b]", "m")),
    ("m.TestA", "test_p[x]@group", "", Named("TestA.test_p[x]", "m")),
    ("m.TestA", "test_p[d::e]", "", Named("TestA.test_p[d::e]", "m")),
    ("m.TestA", "test_p[[z]]", "", Named("TestA.test_p[[z]]", "m")),
    ("m.TestA", "test_größe", "", Named("TestA.test_größe", "m")),
    ("m.TestA", "test_p[../../etc/x]", "", Named("TestA.test_p[../../etc/x]", "m")),
    ("m.TestA", "test_p[a\nb]", "", Named("TestA.test_p[a\nb]", "m")),
    ("m.TestA", "test_" + "x" * 3000, "", Named("TestA.test_" + "x" * 3000, "m")),
    # xmlrunner cuts at the last dot, wherever it is.
    ("pkg.test_m.TestA.test_p[a/b", "c @x]", "pkg/test_m.py",
     Named("TestA.test_p[a/b.c @x]", "pkg/test_m")),
    ("m.TestA.test_p[a[0].b", "c]", "", Named("TestA.test_p[a[0].b.c]", "m")),
    # sub-tests
    ("m.TestA", "test_b (n=1)", "", Named("TestA.test_b", "m", True)),
    ("m.TestA", "test_b [a.b] (x=1.5)", "", Named("TestA.test_b", "m", True)),
    # unittest's words for what is no test
    ("", "setUpClass (pkg.test_m.TestA)", "", Named("TestA.setUpClass", "pkg/test_m")),
    ("", "setUpModule (pkg.test_m)", "", Named("test_m.setUpModule", "pkg/test_m")),
    ("unittest.suite._ErrorHolder", "tearDownClass (m.TestA)", "",
     Named("TestA.tearDownClass", "m")),
    ("unittest.loader._FailedTest", "test_m", "", Named("_FailedTest.test_m", "test_m")),
    ("unittest.loader._FailedTest.pkg", "test_m", "/lib/unittest/loader.py",
     Named("_FailedTest.test_m", "pkg/test_m")),
    # pytest's for a module that does not load, and our plugin's
    ("", "pkg.test_m", "pkg/test_m.py", Named("_FailedTest.test_m", "pkg/test_m")),
    ("pkg.test_m", "_FailedTest.test_m", "", Named("_FailedTest.test_m", "pkg/test_m")),
    ("pkg.test_m", "_FailedTest.test_m", "pkg/test_m.py",
     Named("_FailedTest.test_m", "pkg/test_m")),
    # doctests and other plugins' items
    ("pkg.calc", "pkg.calc.add", "pkg/calc.py", Named("calc.py[pkg.calc.add]", "pkg/calc")),
    ("pkg.calc", "pkg.calc.add", "", Named("calc.py[pkg.calc.add]", "pkg/calc")),
    ("docs.usage.rst", "usage.rst", "docs/usage.rst", Named("usage.rst[usage.rst]",
                                                            "docs/usage.rst")),
    ("usage.rst", "usage.rst", "", Named("usage.rst[usage.rst]", "usage.rst")),
]


@pytest.mark.parametrize(("classname", "name", "file", "test"), IDS)
def test_which_test_attributes_name(classname: str, name: str, file: str, test: Named) -> None:
    """Attributes name one test and its module, by whichever runner they were written."""
    assert junit_ids.named(classname, name, file) == test


@pytest.mark.parametrize(
    ("classname", "name", "file"),
    [("", "", ""), ("m.TestA", "", ""), ("", "../../etc/x", "")],
)
def test_attributes_that_name_no_test(classname: str, name: str, file: str) -> None:
    """What names no test raises an error that readers catch."""
    with pytest.raises(UsageError):
        junit_ids.named(classname, name, file)


@pytest.mark.parametrize("classname", ["", "unittest.loader._FailedTest", "m.TestA.test_p[a", "a/"])
def test_scopes_of_which_each_name_is_looked_at(classname: str) -> None:
    """Where a classname does not say enough there is no scope."""
    assert junit_ids.scope(classname, "") is None


@pytest.mark.parametrize(
    ("node_id", "test"),
    [
        ("pkg/test_m.py::TestA::test_b", Named("TestA.test_b", "pkg/test_m")),
        ("pkg/test_m.py::test_p[a/b.c d]", Named("test_m.test_p[a/b.c d]", "pkg/test_m")),
        ("pkg/test_m.py", Named("_FailedTest.test_m", "pkg/test_m")),
        ("pkg/test_m.py::_FailedTest.test_m", Named("_FailedTest.test_m", "pkg/test_m")),
        ("pkg/calc.py::pkg.calc.add", Named("calc.py[pkg.calc.add]", "pkg/calc")),
    ],
)
def test_which_test_a_node_id_names(node_id: str, test: Named) -> None:
    """A node id of pytest's names a test and its module."""
    assert junit_ids.of_node_id(node_id) == test


def attributes(classname: str, name: str, file: str) -> str:
    """Return them as they stand in a file."""
    escaped = {"classname": classname, "name": name.replace("\n", "&#10;"), "file": file}
    return " ".join(f'{key}="{value}"' for key, value in escaped.items() if value)


@pytest.mark.parametrize("inner", ["", "<failure/>"])
@pytest.mark.parametrize(("classname", "name", "file", "test"), IDS)
def test_cases_name_tests_whatever_they_hold(
    classname: str, name: str, file: str, test: Named, inner: str
) -> None:
    """A test has one key and one place, whether it passed (which is read in bulk) or failed."""
    [found] = of_junit(case(inner, attributes(classname, name, file))).cases
    assert (found.key, found.place) == test[:2]
    assert found.decides == (test.is_part and bool(inner))


def test_tests_side_by_side() -> None:
    """Classes of one name, attributes that are missing and odd names each keep their own tests."""
    found = of_junit(
        """<?xml version="1.0"?><testsuites><testsuite name="a">
        <testcase classname="a.TestA" name="test_1"/><testcase classname="a.TestA" name="test_2"/>
        <testcase classname="b.TestA" name="test_1"/><testcase name="a b"/><testcase/>
        <testcase name="../x"/>
        <testcase classname="b.TestA" name="test_p[x y]"/><testcase classname="b.TestA"/>
        <testcase classname="b.TestA" name="test_3" file="b.py"><failure/></testcase>
        <testcase classname="b.TestA" name="test_4" file="b.py"/>
        <testcase classname="b.TestA" name="test_5"/>
        </testsuite></testsuites>"""
    )
    assert [(each.key, each.place) for each in found.cases if each.verdict is Verdict.PASSED] == [
        ("TestA.test_1", "a"),
        ("TestA.test_2", "a"),
        ("TestA.test_1", "b"),
        ("_FailedTest.a b", "a b"),
        ("TestA.test_p[x y]", "b"),
        ("TestA.test_4", "b"),
        ("TestA.test_5", "b"),
    ]
    assert [each.key for each in found.cases if each.verdict is Verdict.FAILED] == ["TestA.test_3"]
    assert [verdict for _, verdict in found.nameless] == [Verdict.PASSED]


def test_files_of_one_class() -> None:
    """A class's name alone is not what tells tests apart where there are files."""
    one = '<testcase classname="TestA" name="test_b"{}/>'
    files = ["a.py", "b.py", "", "b.py"]
    cases_of = "".join(one.format(f' file="{file}"' if file else "") for file in files)
    found = of_junit(f"<testsuite>{cases_of}</testsuite>").cases
    assert [each.place for each in found] == ["a", "b", "", "b"]


def test_a_failure_that_names_no_test() -> None:
    """A failing case without a test id is told of by what it is called."""
    found = of_junit(case("<failure/>", 'name="../../etc/x"'))
    assert (found.cases, found.nameless) == ([], [(".../../etc/x", Verdict.FAILED)])


ONE = '<testcase classname="m.TestA" name="test_b"/>'


@pytest.mark.parametrize(
    "inner",
    [
        '<error message="x">y</error>',
        f"<error/>{ONE}",
        f"{ONE}<error>y</error>",
        f'{ONE}<testsuite name="s"><error/>{ONE}</testsuite>',
        f'<testcase classname="m.TestA" name="test_c"><skipped/></testcase><error/>{ONE}',
        f"{ONE}{'<properties/>' * 10000}<error/>",
    ],
)
def test_an_error_of_a_whole_suite(inner: str) -> None:
    """An error outside of any test case is no test's, and is not lost either."""
    found = of_junit(f'<testsuites><testsuite name="s">{inner}</testsuite></testsuites>')
    assert found.nameless == [("suite 's'", Verdict.ERROR)]
    assert {each.verdict for each in found.cases} <= {Verdict.PASSED, Verdict.SKIPPED}


def test_a_suite_that_was_skipped() -> None:
    """What does not say that something failed is no failure of a suite's."""
    assert of_junit(f'<testsuite name="s">{ONE}<skipped/></testsuite>').nameless == []


def test_a_test_case_that_is_longer_than_a_chunk() -> None:
    """What is said of a test is its own, however much stands between it and its beginning."""
    inner = f"<system-out>{'x' * 3 * junit.CHUNK}</system-out><failure>late</failure>"
    assert of_junit(case(inner)).told == [("TestA.test_b", Verdict.FAILED)]


def test_passes_come_in_batches() -> None:
    """However many tests a class has, only so many are held at once."""
    tests = "".join(f'<testcase classname="m.TestA" name="t{n}"/>' for n in range(20000))
    found = of_junit(f"<testsuite>{tests}</testsuite>")
    assert [each.key for each in found.cases] == [f"TestA.t{n}" for n in range(20000)]
    assert len(found.batches) > 2


def test_meaning_of_nothing() -> None:
    """A test of which nothing is said passed, unless our plugin says otherwise."""
    assert junit_dialects.meaning([], "") == Meaning(Verdict.PASSED)
    assert junit_dialects.meaning([], "crashed").verdict is Verdict.CRASHED


def test_the_error_of_a_module_that_does_not_load() -> None:
    """For `collection failure`, which says nothing, stands the error that the text ends with."""
    text = "ImportError while importing\nE   OSError: first\n\nE   m.Odd: last\n"
    assert junit_dialects.meaning([Found("error", "", "collection failure", text)], "") == Meaning(
        Verdict.ERROR, "m.Odd: last", text
    )


def test_a_runner_says_what_a_test_with_its_fixture_says() -> None:
    """The verdict that our plugin tells is on the test itself, not on a fixture."""
    found = Found("error", "", 'failed on setup with "x"', "def setUpClass(cls): raise")
    assert junit_dialects.meaning([found], "error").fixture == ""
    assert junit_dialects.meaning([found], "").fixture == "setUpClass"


# Untrusted input.

LAUGHS = "".join(
    f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' if n else '<!ENTITY l0 "lol">' for n in range(10)
)
REFUSED = [
    (f"<!DOCTYPE x [{LAUGHS}]><testsuite>&l9;</testsuite>", r"declares an entity \('l0'\)"),
    ('<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><testsuite>&e;</testsuite>', "entity"),
    ('<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1/x">%p;]><testsuite/>', "entity"),
    ('<!DOCTYPE x [<!ATTLIST testcase name CDATA "x">]><testsuite/>', "declares attributes"),
    ("<testsuite>&undeclared;</testsuite>", "undefined entity"),
    ("<html><body/></html>", "no JUnit report: its root is <html>"),
    (f"<{'x' * 1000}/>", r"<x{80}>"),
    ("<testsuite></testsuites>", "no well-formed XML: mismatched tag, line 1"),
    ("<testsuite/><testsuite/>", "no well-formed XML"),
    ("", "ends too early"),
    ("<testsuite>", "ends too early, at line 1, column 11"),
    ("<testsuite><testcase name='x", "ends too early"),
    ("<testsuite><![CDATA[x", "ends too early"),
    ('<?xml version="1.0" encoding="nonsense"?><testsuite/>', "encoding cannot be read: unknown"),
    ('<?xml version="1.0" encoding="rot13"?><testsuite/>', "encoding cannot be read"),
    ('<?xml version="1.0" encoding="shift_jis"?><testsuite/>', "encoding cannot be read: multi"),
    ('<?xml version="1.0" encoding="utf-16"?><testsuite/>', "no well-formed XML"),
    (b"<testsuite>\xff</testsuite>", "no well-formed XML"),
    ("<testsuite>" + "<a>" * 100_000, "nested more than 200 deep"),
    ("<testsuite>" + ONE[:-2] + "><testcase>" * 100_000, "nested more than 200 deep"),
    (f"<testsuite><testcase name='{'x' * 6_000_000}'/></testsuite>", "tag of more than 4194304"),
    (case("", f'classname="{"x" * 20_000}" name="test_b"'), "the name of a class of more than"),
    (f"<testsuite><!--{'x' * 6_000_000}--></testsuite>", "tag of more than"),
]


@pytest.mark.parametrize(("text", "fault"), REFUSED, ids=[fault for _, fault in REFUSED])
def test_what_is_refused(text: str | bytes, fault: str) -> None:
    """A trap and a broken file are refused with a sentence that says what is wrong."""
    with pytest.raises(ResultsError, match=fault):
        of_junit(text)


class Undecodable:
    """A stream whose declared encoding turns out to hold what it cannot."""

    def read(self, size: int = -1) -> bytes:
        """Raise what pyexpat raises for names that are no Unicode."""
        raise UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte")


def test_text_that_cannot_be_decoded() -> None:
    """A text that is not in the encoding of its file is a fault like others."""
    with pytest.raises(ResultsError, match="cannot be decoded: invalid start byte"):
        junit.read(Undecodable(), Kept())  # type: ignore[arg-type]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1", "cp1252"])
def test_encodings(encoding: str) -> None:
    """A file is read in the encoding that it declares, or that its first bytes show."""
    name = encoding.removesuffix("-sig")
    text = f'<?xml version="1.0" encoding="{name}"?><testsuite>{ONE.replace("_b", "_größe")}'
    assert of_junit(f"{text}</testsuite>".encode(encoding)).told == [
        ("TestA.test_größe", Verdict.PASSED)
    ]


def test_a_doctype_without_entities() -> None:
    """A document type is read over, and what it names is never fetched."""
    text = f'<!DOCTYPE testsuite SYSTEM "file:///etc/passwd"><testsuite>{ONE}</testsuite>'
    assert of_junit(text).told == [("TestA.test_b", Verdict.PASSED)]


def test_a_large_tag() -> None:
    """A message of a megabyte is read, and cut to what is kept."""
    inner = f'<failure message="{"x" * (1 << 20)}">{"y" * (1 << 20)}</failure>'
    [found] = of_junit(case(inner)).cases
    assert len(found.error) == len(found.text) == cases.TEXT_LIMIT


def test_texts_of_their_own() -> None:
    """What is left out of one failure's text is not left out of the next one's."""
    one = '<testcase classname="m.TestA" name="t{}"><failure>{}</failure></testcase>'
    text = f"<testsuite>{one.format(1, 'x' * 100_000)}{one.format(2, 'short')}</testsuite>"
    found = of_junit(text).cases
    assert [len(each.text) for each in found] == [cases.TEXT_LIMIT, 5]


# The peak of resource.getrusage() begins with that of the process which started this one.
MEMORY = """
    import sys
    from trunk_failures.errors import ResultsError
    from trunk_failures.results import junit

    class Sink:
        count = longest = 0
        def passes(self, scope, place, names):
            self.count += len(names)
        def case(self, case):
            self.count += 1
            self.longest = max(self.longest, len(case.text), len(case.error))
        def unnamed(self, found, verdict): pass
        def modes(self, modes): pass

    class Stream:
        def __init__(self, pieces):
            self.pieces = pieces
        def read(self, size=-1):
            return next(self.pieces, b"")

    def pieces(kind):
        yield b'<testsuite name="s">'
        if kind == "cases":
            for start in range(0, 200_000, 500):
                yield b"".join(
                    b'<testcase classname="m.TestA" name="test_%d" time="0.1"/>' % number
                    for number in range(start, start + 500)
                )
        elif kind == "classes":
            for start in range(0, 20_000, 500):
                yield b"".join(
                    b'<testcase classname="m.Test%d" name="t"><skipped/></testcase>' % number
                    for number in range(start, start + 500)
                )
        elif kind == "names":
            for number in range(2000):
                name = b"%d" % number + b"x" * (1 << 15)
                yield b'<testcase classname="m.TestA" name="test_%s" time="0.1"/>' % name
        elif kind == "nesting":
            for _ in range(100):
                yield b"<a>" * 1000
        elif kind == "tag":
            yield b'<testcase name="'
            for _ in range(50 << 4):
                yield b"x" * (1 << 16)
        else:
            yield b'<testcase classname="m.TestA" name="t"><failure>'
            for _ in range(50 << 4):
                yield b"x" * (1 << 16)
            yield b"</failure></testcase>"
        yield b"</testsuite>"

    def peak():
        with open("/proc/self/status") as file:
            return next(int(line.split()[1]) for line in file if line.startswith("VmHWM"))

    before, sink, fault = peak(), Sink(), ""
    try:
        junit.read(Stream(pieces(sys.argv[1])), sink)
    except ResultsError as error:
        fault = str(error)
    print(peak() - before, sink.count, sink.longest, fault)
"""


@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="memory is seen in /proc")
@pytest.mark.parametrize(
    ("kind", "count", "longest", "fault"),
    [
        ("cases", 200_000, 0, ""),
        ("classes", 20_000, 0, ""),
        ("names", 2000, 0, ""),
        ("nesting", 0, 0, "nested more than"),
        ("tag", 0, 0, "a tag of more than"),
        ("text", 1, cases.TEXT_LIMIT, ""),
    ],
)
def test_memory_is_bounded(kind: str, count: int, longest: int, fault: str) -> None:
    """However large a file or a piece of it is, the memory to read it is not."""
    command = [sys.executable, "-c", textwrap.dedent(MEMORY), kind]
    ran = subprocess.run(
        command, env=results_kept.ENVIRONMENT, capture_output=True, text=True, check=True
    )
    grown, counted, kept, *said = ran.stdout.split(maxsplit=3)
    assert (int(counted), int(kept)) == (count, longest)
    assert fault in "".join(said) and bool(fault) == bool("".join(said).strip())
    assert int(grown) < 32 << 10  # KiB


# What real runners write of one suite.

ALPHA = """
    import unittest

    class TestA(unittest.TestCase):
        def test_passes(self): pass
        def test_fails(self): self.assertEqual(1, 2)
        def test_raises(self): raise OSError("no\\nway")
        @unittest.skip("because")
        def test_skips(self): pass
        @unittest.expectedFailure
        def test_xfails(self): self.fail("as known")
        @unittest.expectedFailure
        def test_xpasses(self): pass
        def test_parts(self):
            for n in (1, 2.5, 3):
                with self.subTest("a.b", n=n):
                    self.assertEqual(n, 2.5)
        def test_größe(self): pass

    class TestSame(unittest.TestCase):
        def test_one(self): pass

    class TestSetup(unittest.TestCase):
        @classmethod
        def setUpClass(cls): raise RuntimeError("no setup")
        def test_never(self): pass

    class TestTeardown(unittest.TestCase):
        @classmethod
        def tearDownClass(cls): raise RuntimeError("no teardown")
        def test_ran(self): pass

    def make(good):
        def test(self): self.assertTrue(good)
        return test

    for good, name in ((True, "test_p[a/b.c @x é]"), (False, "test_p[d::e.f g]")):
        setattr(TestA, name, make(good))
"""
SUITE = {
    "__init__": "",
    "test_alpha": ALPHA,
    "test_beta": """
        import unittest

        class TestSame(unittest.TestCase):
            def test_one(self): self.fail("beta")
    """,
    "test_gamma": """
        import unittest

        def setUpModule(): raise RuntimeError("no module")

        class TestG(unittest.TestCase):
            def test_never(self): pass
    """,
    "test_broken": "import not_there_at_all\n",
}
# The module, the key, and the verdict; which of failed and error it is differs among runners.
TOLD = [
    ("", "_FailedTest.test_broken", "failed"),
    ("test_alpha", "TestA.test_fails", "failed"),
    ("test_alpha", "TestA.test_größe", "passed"),
    ("test_alpha", "TestA.test_p[a/b.c @x é]", "passed"),
    ("test_alpha", "TestA.test_p[d::e.f g]", "failed"),
    ("test_alpha", "TestA.test_parts", "failed"),
    ("test_alpha", "TestA.test_passes", "passed"),
    ("test_alpha", "TestA.test_raises", "failed"),
    ("test_alpha", "TestA.test_skips", "skipped"),
    ("test_alpha", "TestA.test_xfails", "expected failure"),
    ("test_alpha", "TestA.test_xpasses", "unexpected success"),
    ("test_alpha", "TestSame.test_one", "passed"),
    ("test_alpha", "TestSetup.setUpClass", "failed"),
    ("test_alpha", "TestTeardown.tearDownClass", "failed"),
    ("test_alpha", "TestTeardown.test_ran", "passed"),
    ("test_beta", "TestSame.test_one", "failed"),
    ("test_gamma", "test_gamma.setUpModule", "failed"),
]
PYTEST = ["pytest", "-q", "-p", "no:cacheprovider", "--continue-on-collection-errors"]
DISCOVER = ["discover", "-t", ".", "-s", "pkg"]
RUNNERS = {
    "xunit1": [*PYTEST, "-o", "junit_family=xunit1", "--junitxml={}"],
    "xunit2": [*PYTEST, "-o", "junit_family=xunit2", "--junitxml={}"],
    "pytest_reportlog": [*PYTEST, "-p", "pytest_reportlog.plugin", "--report-log={}"],
    "trunk_failures": ["trunk_failures", "unittest", "--results", "{}", *DISCOVER],
    "xmlrunner": ["xmlrunner", *DISCOVER, "--output-file", "{}"],
}


def written(directory: Path, suite: dict[str, str]) -> None:
    """Write a package of tests."""
    (directory / "pkg").mkdir()
    for name, text in suite.items():
        path = directory / "pkg" / f"{name}.py"
        path.write_text(textwrap.dedent(text), encoding="utf-8")


def ran(directory: Path, command: list[str], **environment: str) -> None:
    """Run a module of Python's there."""
    subprocess.run(
        [sys.executable, "-m", *command],
        cwd=directory,
        env={**results_kept.ENVIRONMENT, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", **environment},
        capture_output=True,
        timeout=60,
    )


@pytest.mark.parametrize("runner", RUNNERS)
def test_what_real_runners_write(tmp_path: Path, runner: str) -> None:
    """One suite comes to one table, whichever runner ran it and whatever it wrote."""
    if runner in ("xmlrunner", "pytest_reportlog") and not importlib.util.find_spec(runner):
        pytest.skip(f"{runner} is not installed")
    written(tmp_path, SUITE)
    path = tmp_path / "written"
    ran(tmp_path, [part.format(path) for part in RUNNERS[runner]])
    read = results_kept.read_file(path, path.read_bytes())
    assert (read.fault, read.unnamed) == ("", ())
    assert sorted({
        ("" if record.scope == "_FailedTest" else record.place.rpartition("/")[2],
         f"{record.scope}.{name}", record.verdict.replace("error", "failed"))
        for record in results_kept.records(read.written)
        for name in record.names
    }) == TOLD


CRASHING = {
    "__init__": "",
    "test_c": """
        import os

        def test_passes(): pass
        def test_crashes(): os._exit(3)
    """,
}


def test_a_worker_of_xdist_that_crashes(tmp_path: Path) -> None:
    """The test that took its worker with it crashed; it did not fail."""
    pytest.importorskip("xdist")
    written(tmp_path, CRASHING)
    path = tmp_path / "written.xml"
    # A worker that comes in its place may be left behind, and holds everybody up for seconds.
    once = ("-p", "xdist.plugin", "-n1", "--max-worker-restart=0")
    ran(tmp_path, [*PYTEST, *once, f"--junitxml={path}"])
    read = results_kept.read_file(path, path.read_bytes())
    assert results_kept.told(read) == [
        ("test_c.test_crashes", "crashed"),
        ("test_c.test_passes", "passed"),
    ]


LISTED = {
    "__init__": "",
    "test_l": """
        import unittest

        COUNT = [0]

        def add():
            '''
            >>> 1 + 1
            3
            '''

        def test_always(): assert False

        class TestOuter:
            class TestInner:
                def test_inner(self): pass

        class TestL(unittest.TestCase):
            def test_differs(self): raise OSError("other")
            def test_gone(self): pass
            def test_known(self): self.fail("known")
            def test_never(self): raise SystemExit
            def test_skip_fails(self): self.fail("now and then")
            def test_skip_passes(self): pass

        class TestSetup(unittest.TestCase):
            @classmethod
            def setUpClass(cls): raise RuntimeError("known")
            def test_one(self): pass

        class TestTorn(unittest.TestCase):
            @classmethod
            def tearDownClass(cls): raise RuntimeError("new")
            def test_xfails(self): self.fail("known")
    """,
}
ENTRIES = {
    "expected_failures": {
        "TestL.test_differs": "TestL.test_differs: raises: ValueError\n",
        "TestL.test_gone": "",
        "TestL.test_known": "",
        "TestL.test_never": "TestL.test_never: run: never\n",
        "TestSetup.setUpClass": "",
        "TestTorn.test_xfails": "",
    },
    "skips": {"TestL.test_skip_fails": "", "TestL.test_skip_passes": ""},
}


ALWAYS = {"test_l.test_always", "test_l.py[pkg.test_l.add]"}


@pytest.mark.parametrize("option", ["--junitxml", "--report-log"])
def test_what_our_plugin_writes(tmp_path: Path, option: str) -> None:
    """What the lists say of tests is read back from what pytest writes, reruns or not."""
    plugins = ["trunk_failures.pytest_plugin", "pytest_rerunfailures"]
    if option == "--report-log":
        plugins.append("pytest_reportlog.plugin")
    for plugin in plugins:
        pytest.importorskip(plugin)
    written(tmp_path, LISTED)
    for kind, entries in ENTRIES.items():
        (tmp_path / f"trunk_{kind}").mkdir()
        for name, text in entries.items():
            (tmp_path / f"trunk_{kind}" / name).write_text(text)
    path = tmp_path / "written"
    options = ["--trunk-failures", "--doctest-modules", "--reruns=1", f"{option}={path}"]
    given = [part for plugin in plugins for part in ("-p", plugin)]
    ran(tmp_path, [*PYTEST, *given, *options], TRUNK_FAILURES="1", TRUNK_FAILURES_DIR=str(tmp_path))
    read = results_kept.read_file(path, path.read_bytes())
    told = dict(results_kept.told(read))
    assert told.keys() >= ALWAYS
    assert {key: verdict for key, verdict in told.items() if key not in ALWAYS} == {
        "TestInner.test_inner": "passed",
        "TestL.test_differs": "fails differently",
        "TestL.test_gone": "unexpected success",
        "TestL.test_known": "expected failure",
        "TestL.test_never": "not run",
        "TestL.test_skip_fails": "skip-listed and failed",
        "TestL.test_skip_passes": "skip-listed and passed",
        "TestSetup.setUpClass": "expected failure",
        "TestTorn.tearDownClass": "error",
        "TestTorn.test_xfails": "expected failure",
    }
    gathered = seen.gather(
        results_kept.records(read.written), ["one"], {}, lambda place: (place, False)
    )
    verdicts = {test.key: test.seen["one"].verdicts for test in gathered.tests}
    assert all(verdicts[key] == {Verdict.FAILED} for key in ALWAYS)


def test_a_stream_that_gives_little_at_a_time() -> None:
    """How a stream is cut into pieces does not matter."""
    text = "".join(case(inner) for inner, _, _ in DIALECTS)
    text = f"<testsuites>{text}</testsuites>"

    class Slow(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            return super().read(7)

    slow = Kept()
    junit.read(Slow(text.encode()), slow)
    order = [Case(*each) for each in sorted(slow.cases, key=str)]
    assert order == sorted(of_junit(text).cases, key=str)
