"""Listed tests under pytest: what each is reported as."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import pytest
from plugin_fixtures import SKIP, XFAIL, Project

pytest_plugins = ["plugin_fixtures"]

PATH = "`tests/trunk_expected_failures/test_a.test_it`"
REMOVE = f"Unexpected success, please remove {PATH}"
MAYBE = "This test passed, maybe we can remove `tests/trunk_skips/test_a.test_it`"
# On an interrupt pytest's terminal formats all of its own frames, for most of a second.
SILENTLY = ("-p", "no:terminal")

FAILS = "def test_it(): assert 1 == 2"
PASSES = "def test_it(): pass"
SKIPS = "import pytest\ndef test_it(): pytest.skip('own reason')"
SET_UP = """
    import pytest
    @pytest.fixture
    def broken():
        raise ValueError("set-up")
    def test_it(broken): pass
"""
TEAR_DOWN = """
    import pytest
    @pytest.fixture
    def broken():
        yield
        raise ValueError("tear-down")
    def test_it(broken): {body}
"""
TWO_TEAR_DOWNS = """
    import pytest
    def test_it(request):
        for name in ("one", "two"):
            request.addfinalizer(lambda name=name: int(name))
"""
SKIPPING_TEAR_DOWN = """
    import pytest
    @pytest.fixture
    def skipping():
        yield
        pytest.skip("own reason")
    def test_it(skipping): pass
"""
SUB_TESTS = """
    def test_it(subtests):
        for i in range(3):
            with subtests.test(i=i):
                assert i != {wrong}
"""
SUB_TEST_SKIPS = """
    import pytest
    def test_it(subtests):
        with subtests.test():
            pytest.skip("own reason")
"""
MARKED = """
    import pytest
    @pytest.mark.xfail(strict={strict}, reason="mark")
    def test_it(): assert {value}
"""
NOT_RUN = """
    import pytest
    @pytest.mark.xfail(run=False, reason="mark")
    def test_it(): assert 0
"""
COROUTINE = "async def test_it(): pass"


@pytest.mark.parametrize(
    ("text", "expected", "skip"),
    [
        (FAILS, ("xfailed", f"{PATH}: AssertionError: assert 1 == 2"), ("skipped", "1 == 2")),
        (PASSES, ("failed", REMOVE), ("skipped", MAYBE)),
        (SKIPS, ("skipped", "own reason"), ("skipped", "own reason")),
        (SET_UP, ("xfailed", f"{PATH}: ValueError: set-up"), ("skipped", "ValueError: set-up")),
        (TEAR_DOWN.format(body="pass"), ("xfailed", "ValueError: tear"), ("skipped", "tear-down")),
        (
            TEAR_DOWN.format(body="assert 0"),
            ("xfailed", "AssertionError: assert 0; ValueError: tear-down"),
            ("skipped", "AssertionError: assert 0; ValueError: tear-down"),
        ),
        (TWO_TEAR_DOWNS, ("xfailed", "ValueError: inv"), ("skipped", "'one'; ValueError: ")),
        (SKIPPING_TEAR_DOWN, ("failed", REMOVE), ("skipped", MAYBE)),
        (NOT_RUN, ("xfailed", "[NOTRUN] mark"), ("xfailed", "[NOTRUN] mark")),
        (MARKED.format(strict=True, value=1), ("failed", REMOVE), ("skipped", MAYBE)),
        (MARKED.format(strict=False, value=1), ("failed", REMOVE), ("skipped", MAYBE)),
        (MARKED.format(strict=True, value=0), ("xfailed", f"{PATH}: Ass"), ("skipped", ": Ass")),
        (MARKED.format(strict=False, value=0), ("xfailed", f"{PATH}: Ass"), ("skipped", ": Ass")),
    ],
)
def test_a_function(
    project: Project, text: str, expected: tuple[str, str], skip: tuple[str, str]
) -> None:
    """A listed function is reported as the table of verdicts says, on either list."""
    project.write(text)
    for folder, (outcome, message) in ((XFAIL, expected), (SKIP, skip)):
        project.list("test_a.test_it", folder=folder)
        told = project.run().told["test_it"][0]
        assert told.outcome == outcome
        assert message in told.message
        (project.path / "tests" / folder / "test_a.test_it").unlink()


@pytest.mark.parametrize(
    ("wrong", "listed", "expected"),
    [
        (1, XFAIL, "xfailed, xfailed"),
        (1, SKIP, "xfailed, skipped"),
        (5, XFAIL, "failed"),
        (5, SKIP, "skipped"),
    ],
)
def test_sub_tests(project: Project, wrong: int, listed: str, expected: str) -> None:
    """The failure of a sub-test is its test's failure, and suppressed with it."""
    pytest.importorskip("_pytest.subtests")
    project.write(SUB_TESTS.format(wrong=wrong))
    project.list("test_a.test_it", folder=listed)
    ran = project.run()
    assert ran.outcomes == {"test_it": expected}
    assert ran.code == (listed == XFAIL and wrong == 5)


def test_a_sub_test_that_skips(project: Project) -> None:
    """A test whose sub-test skips has not passed as a whole, and is left as it is."""
    pytest.importorskip("_pytest.subtests")
    project.write(SUB_TEST_SKIPS)
    project.list("test_a.test_it")
    assert project.run().outcomes == {"test_it": "skipped, passed"}


def test_sub_tests_of_an_entry_in_trouble(project: Project) -> None:
    """The failure of a sub-test says why its test's entry does not suppress it; a pass does not."""
    pytest.importorskip("_pytest.subtests")
    project.write(SUB_TESTS.format(wrong=1))
    project.list("test_a.test_it", content="severity: high")
    ran = project.run()
    assert ran.outcomes == {"test_it": "failed, failed"}
    assert all("unknown field 'severity'" in told.message for told in ran.told["test_it"])


def test_a_sub_test_that_fails_differently(project: Project) -> None:
    """A sub-test that fails otherwise than the entry says is a failure, and so is its test."""
    pytest.importorskip("_pytest.subtests")
    project.write(SUB_TESTS.format(wrong=1))
    project.list("test_a.test_it", content="raises: ValueError")
    ran = project.run()
    assert ran.outcomes == {"test_it": "failed, failed"}
    assert "fails differently" in ran.told["test_it"][1].message
    assert "assert i != 1" in ran.told["test_it"][1].message


DIFFERS = [
    (FAILS, "AssertionError: assert 1 == 2", "assert 1 == 2"),
    (TEAR_DOWN.format(body="assert 0"), "AssertionError: assert 0", "def test_it(broken)"),
    (MARKED.format(strict=False, value=0), "AssertionError: assert 0", "def test_it()"),
]


@pytest.mark.parametrize(("text", "seen", "excerpt"), DIFFERS)
@pytest.mark.parametrize("folder", [XFAIL, SKIP])
def test_fails_differently(
    project: Project, text: str, seen: str, excerpt: str, folder: str
) -> None:
    """A failure that the entry does not expect is shown whole, with what was expected."""
    project.write(text)
    project.list("test_a.test_it", content="raises: ValueError", folder=folder)
    ran = project.run()
    told = ran.one("test_it")
    assert told.outcome == "failed"
    assert f"test_it` expects ValueError, seen was {seen}" in told.message
    assert excerpt in told.message
    assert "FAILED tests/test_a.py::test_it - test_a.test_it fails differently" in ran.output


def test_a_tear_down_that_fails_differently(project: Project) -> None:
    """Where the body fails as expected and the tear-down does not, that is shown."""
    project.write(TEAR_DOWN.format(body="raise KeyError(1)"))
    project.list("test_a.test_it", content="raises: KeyError")
    told = project.run().one("test_it")
    assert told.outcome == "failed"
    assert "seen was ValueError: tear-down" in told.message
    assert 'raise ValueError("tear-down")' in told.message


@pytest.mark.parametrize("text", [FAILS, "def test_it(): assert 2 == 1\n"])
def test_the_traceback_of_an_expected_failure(project: Project, text: str) -> None:
    """An expected failure keeps its traceback, in pytest's own form where that is asked for."""
    project.write(text)
    project.list("test_a.test_it")
    (report,) = (each for each in project.run().reports if each.outcome == "skipped")
    shown = str(report.longrepr)
    assert shown.startswith("Traceback (most recent call last):\n  File ")
    assert shown.count("File ") == 1
    assert "AssertionError" in shown
    ran = project.run("--xfail-tb")
    (report,) = (each for each in ran.reports if each.outcome == "skipped")
    assert ">   " + text.strip() in str(report.longrepr)
    assert "E   " in ran.output


EXPIRED = "expires: 2020-01-31"
BROKEN = "severity: high"


@pytest.mark.parametrize(
    ("content", "text", "outcome", "message"),
    [
        (EXPIRED, FAILS, "failed", "expired on 2020-01-31 and no longer suppresses test_a.test_it"),
        (EXPIRED, PASSES, "passed", ""),
        (EXPIRED, SKIPS, "skipped", "own reason"),
        (EXPIRED, SET_UP, "error", "expired on 2020-01-31"),
        (BROKEN, FAILS, "failed", "unknown field 'severity'"),
        (BROKEN, PASSES, "failed", "unknown field 'severity'"),
        (BROKEN, SKIPS, "skipped", "own reason"),
    ],
)
def test_an_entry_in_trouble(
    project: Project, content: str, text: str, outcome: str, message: str
) -> None:
    """An entry that has expired or cannot be read suppresses nothing, and says so."""
    project.write(text)
    project.list("test_a.test_it", content=content)
    ran = project.run()
    told = ran.one("test_it")
    assert told.outcome == outcome
    assert message in told.message
    if text is FAILS:
        assert "seen was AssertionError: assert 1 == 2" in told.message
        assert "assert 1 == 2" in told.message
    if outcome != "skipped":
        assert "Entries that suppress nothing:" in ran.output


def test_an_expired_entry_of_a_test_that_passes(project: Project) -> None:
    """The pass comes with a warning, which is a failure where warnings are errors."""
    project.write(PASSES)
    project.list("test_a.test_it", content=EXPIRED)
    assert "TrunkFailuresWarning: " in project.run().output
    ran = project.run("-W", "error")
    assert "expired on 2020-01-31" in ran.one("test_it").message
    assert ran.outcomes == {"test_it": "failed"}


def test_when_does_not_hold(project: Project) -> None:
    """An entry whose `when` is not true here leaves its test untouched."""
    project.write(FAILS)
    project.list("test_a.test_it", content="when: python_version < '3'")
    ran = project.run()
    assert ran.outcomes == {"test_it": "failed"}
    assert "trunk" not in ran.one("test_it").message


def test_a_test_that_is_not_to_run(project: Project) -> None:
    """A test whose entry says so is not run, nor is anything set up for it."""
    project.write(SET_UP.replace("raise", "open('ran', 'w'); raise"))
    project.list("test_a.test_it", content="run: never\nreason: takes an hour")
    ran = project.run("--trunk-failures-results=out.jsonl")
    told = ran.one("test_it")
    assert told.outcome == "skipped"
    assert f"not run, as {PATH} says (takes an hour)" in told.message
    assert not (project.path / "ran").exists()
    assert [line["verdict"] for line in project.lines()] == ["not run"]


ISOLATED = "run: isolated\ntimeout: 20"


@pytest.mark.parametrize(
    ("body", "outcome", "message"),
    [
        ("os._exit(3)", "xfailed", "Crashed: the child process exited with code 3"),
        ("assert tmp_path.exists() and 0", "xfailed", "AssertionError: assert"),
        ("pass", "failed", REMOVE),
        ("pytest.skip('own reason')", "skipped", "own reason"),
    ],
)
def test_isolated(project: Project, body: str, outcome: str, message: str) -> None:
    """A function runs in a child process, with its fixtures, where its entry says so."""
    project.write(f"import os, pytest\ndef test_it(tmp_path): {body}")
    project.list("test_a.test_it", content=ISOLATED)
    told = project.run().one("test_it")
    assert told.outcome == outcome
    assert message in told.message


def test_isolated_sub_tests(project: Project) -> None:
    """The failures of sub-tests in a child process are not lost."""
    pytest.importorskip("_pytest.subtests")
    project.write(SUB_TESTS.format(wrong=1))
    project.list("test_a.test_it", content=ISOLATED)
    told = project.run().told["test_it"][-1]
    assert told.outcome == "xfailed"
    assert "AssertionError: assert 1 != 1" in told.message


def test_isolated_and_fails_differently(project: Project) -> None:
    """What failed in a child process is shown with the child's own traceback."""
    project.write("def test_it(): {}['key']")
    project.list("test_a.test_it", content=ISOLATED + "\nraises: ValueError")
    told = project.run().one("test_it")
    assert told.outcome == "failed"
    assert "seen was KeyError: 'key'" in told.message
    assert "def test_it(): {}['key']" in told.message


@pytest.mark.parametrize(
    ("text", "name", "options"),
    [
        (COROUTINE, "test_a.test_it", ()),
        ("def add():\n    '''\n    >>> 1\n    2\n    '''", "test_a.py[test_a.add]", DOCTESTS),
    ]
    if (DOCTESTS := ("--doctest-modules", "--import-mode=prepend"))
    else [],
)
def test_what_cannot_be_isolated(
    project: Project, text: str, name: str, options: tuple[str, ...]
) -> None:
    """A test that no child process can run says so, and is not an expected failure."""
    project.write(text)
    project.list(name, content=ISOLATED)
    ran = project.run(*options)
    ((told,),) = ran.told.values()
    assert told.outcome == "failed"
    assert "says `run: isolated`, which " in told.message


def test_a_decorators_reason(project: Project) -> None:
    """A decorator's reason is shown for an entry that gives none, and the test treated once."""
    project.write(
        """
        from trunk_failures import skipIfTrunkFailing, xfailIfTrunkFailing
        @xfailIfTrunkFailing("why")
        def test_it(): assert 0
        @skipIfTrunkFailing("why not")
        class TestIt:
            def test_it(self): assert 0
        """
    )
    project.list("test_a.test_it")
    project.list("TestIt.test_it", folder=SKIP)
    ran = project.run()
    assert ran.one("test_it") == ("xfailed", f"{PATH} (why): AssertionError: assert 0")
    assert "tests/trunk_skips/TestIt.test_it` (why not): Ass" in ran.one("TestIt::test_it").message


CASE = """
    import unittest
    class TestIt(unittest.TestCase):
        def setUp(self): self.addCleanup(self.clean)
        def clean(self): {clean}
        def test_it(self): {body}
"""
CASE_PATH = "`tests/trunk_expected_failures/TestIt.test_it`"


@pytest.mark.parametrize(
    ("body", "clean", "content", "outcome", "message"),
    [
        ("self.fail('b')", "pass", "", "xfailed", f"{CASE_PATH}: AssertionError: b"),
        ("self.fail('b')", "1 / 0", "", "xfailed", "AssertionError: b; ZeroDivisionError"),
        ("pass", "1 / 0", "", "xfailed", "ZeroDivisionError: division by zero"),
        ("pass", "pass", "", "failed", f"Unexpected success, please remove {CASE_PATH}"),
        ("self.skipTest('own reason')", "pass", "", "skipped", "own reason"),
        ("self.fail('b')", "1 / 0", "raises: AssertionError", "failed", "seen was ZeroDivision"),
        ("self.fail('b')", "pass", ISOLATED, "xfailed", "AssertionError: b"),
        ("import os; os._exit(3)", "pass", ISOLATED, "xfailed", "Crashed: "),
        ("self.fail('b')", "pass", EXPIRED, "failed", "expired on 2020-01-31"),
    ],
)
def test_a_method(
    project: Project, body: str, clean: str, content: str, outcome: str, message: str
) -> None:
    """A method of a TestCase is ruled on by all that it reported, its clean-ups' failures too."""
    project.write(CASE.format(body=body, clean=clean))
    project.list("TestIt.test_it", content=content)
    told = project.run().one("TestIt::test_it")
    assert told.outcome == outcome
    assert message in told.message


def test_a_method_that_skips_and_whose_fixture_fails(project: Project) -> None:
    """A failure in the tear-down of a fixture counts though the test skipped itself."""
    project.write(
        CASE.format(body="self.skipTest('own')", clean="pass")
        + """
        import pytest
        @pytest.fixture(autouse=True)
        def broken(self):
            yield
            raise ValueError("tear-down")
        """
    )
    project.list("TestIt.test_it")
    told = project.run().one("TestIt::test_it")
    assert (told.outcome, told.message) == ("xfailed", f"{CASE_PATH}: ValueError: tear-down")


def test_isolation_that_cannot_begin(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A method that no child could run is an error, not an expected failure."""
    monkeypatch.setenv("TRUNK_FAILURES_ISOLATION", "thread")
    project.write(CASE.format(body="self.fail('b')", clean="pass"))
    project.list("TestIt.test_it", content=ISOLATED)
    told = project.run().one("TestIt::test_it")
    assert told.outcome == "failed"
    assert "TRUNK_FAILURES_ISOLATION is 'thread'" in told.message


OTHERS = """
    import pytest
    @pytest.fixture(scope="{scope}"{params})
    def wide(request):
        {before}
        yield
        {after}
    class TestIt:
        def test_one(self, wide): assert 0
        def test_it(self, wide): assert 0
"""


@pytest.mark.parametrize("scope", ["class", "module", "session"])
def test_the_tear_down_of_a_wider_fixture(project: Project, scope: str) -> None:
    """What fails as a wider fixture is torn down is an error, whatever test was the last."""
    project.write(OTHERS.format(scope=scope, params="", before="", after="raise ValueError(1)"))
    project.list("TestIt.test_one", "TestIt.test_it")
    ran = project.run("--trunk-failures-results=out.jsonl")
    assert ran.outcomes == {"TestIt::test_one": "xfailed", "TestIt::test_it": "xfailed, error"}
    assert ran.code == 1
    assert [(line["id"], line["verdict"]) for line in project.lines()] == [
        ("TestIt.test_one", "expected failure"),
        ("TestIt.test_it", "expected failure"),
        ("TestIt.test_it", "error"),
    ]


def test_a_wider_fixture_that_makes_room(project: Project) -> None:
    """A fixture torn down for the next test's parameter fails that test, and is not hidden."""
    text = OTHERS.format(
        scope="session", params=", params=[1, 2]", before="", after="raise ValueError(1)"
    )
    project.write(text)
    project.list(*(f"TestIt.test_{name}[{n}]" for name in ("one", "it") for n in (1, 2)))
    ran = project.run()
    assert ran.outcomes == {
        "TestIt::test_one[1]": "xfailed",
        "TestIt::test_it[1]": "xfailed",
        "TestIt::test_one[2]": "error",
        "TestIt::test_it[2]": "xfailed, error",
    }


def test_the_set_up_of_a_wider_fixture(project: Project) -> None:
    """A fixture that cannot be set up is the failure of each test that needs it."""
    project.write(OTHERS.format(scope="module", params="", before="raise ValueError(1)", after=""))
    project.list("TestIt.test_it")
    ran = project.run()
    assert ran.outcomes == {"TestIt::test_one": "error", "TestIt::test_it": "xfailed"}


def test_pytests_own_class_fixtures(project: Project) -> None:
    """A `setup_class` that fails is the failure of each test of its class."""
    project.write(
        """
        def setup_module(): pass
        class TestIt:
            @classmethod
            def setup_class(cls): raise ValueError(1)
            def test_one(self): pass
            def test_it(self): pass
        """
    )
    project.list("TestIt.test_it")
    ran = project.run()
    assert ran.outcomes == {"TestIt::test_one": "error", "TestIt::test_it": "xfailed"}


UNITTESTS_FIXTURES = """
    import unittest
    def setUpModule(): {module}
    class TestIt(unittest.TestCase):
        @classmethod
        def setUpClass(cls): {cls}
        def test_one(self): pass
        def test_it(self): self.fail("b")
"""


@pytest.mark.parametrize(("cls", "module"), [("raise ValueError(1)", "pass"), ("pass", "1 / 0")])
def test_unittests_fixtures(project: Project, cls: str, module: str) -> None:
    """Where a class's or module's fixture fails no test's entry hides that; its own would."""
    project.write(UNITTESTS_FIXTURES.format(cls=cls, module=module))
    project.list("TestIt.test_one", "TestIt.test_it")
    ran = project.run("--trunk-failures-results=out.jsonl")
    assert ran.outcomes == {"TestIt::test_one": "error", "TestIt::test_it": "error"}
    key = "TestIt.setUpClass" if module == "pass" else "test_a.setUpModule"
    assert [(line["id"], line["verdict"]) for line in project.lines()] == [(key, "error")]
    project.list(key)
    ran = project.run("--trunk-failures-results=out.jsonl")
    assert ran.outcomes == {"TestIt::test_one": "xfailed", "TestIt::test_it": "xfailed"}
    assert ran.code == 0
    (line,) = project.lines()
    assert (line["id"], line["verdict"]) == (key, "expected failure")
    assert line["error"].startswith(("ValueError: 1", "ZeroDivisionError: "))


@pytest.mark.parametrize("stop", ["raise KeyboardInterrupt", "pytest.exit('now')"])
@pytest.mark.parametrize("where", ["set-up", "body", "tear-down"])
def test_the_end_of_the_run(project: Project, stop: str, where: str) -> None:
    """A test that ends the run does so, listed or not."""
    pieces = {place: stop if place == where else "pass" for place in ("set-up", "body")}
    project.write(
        f"""
        import pytest
        @pytest.fixture
        def fixture():
            {pieces['set-up']}
            yield
            {stop if where == 'tear-down' else 'pass'}
        def test_first(): assert 0
        def test_it(fixture): {pieces['body']}
        def test_last(): pass
        """
    )
    project.list("test_a.test_first", "test_a.test_it")
    ran = project.run("--trunk-failures-results=out.jsonl", *SILENTLY)
    assert ran.outcomes == {"test_first": "xfailed"}
    assert ran.code == 2
    assert [line["id"] for line in project.lines()] == ["test_a.test_first"]


def test_contexts(project: Project) -> None:
    """A test on the list of a registered context runs in it, its signal untouched."""
    project.write(
        """
        import contextlib
        from trunk_failures import register_context
        seen = []
        @contextlib.contextmanager
        def context():
            seen.append("in")
            yield
            seen.append("out")
        register_context("quiet", context)
        def test_it(): assert seen == ["in"]
        def test_after(): assert seen == ["in", "out"]
        """
    )
    project.list("test_a.test_it", folder="quiet_skips")
    assert project.run().outcomes == {"test_it": "passed", "test_after": "passed"}


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGALRM")
def test_a_timeout(project: Project) -> None:
    """A timeout is a failure like any other: suppressed unless the entry expects another."""
    pytest.importorskip("pytest_timeout")
    project.write("import time\ndef test_it(): time.sleep(20)")
    for content, outcome in (
        ("", "xfailed"),
        ("raises: Failed\nmatch: Timeout", "xfailed"),
        ("raises: ValueError", "failed"),
    ):
        project.list("test_a.test_it", content=content)
        ran = project.run("-p", "pytest_timeout", "--timeout=0.2")
        assert ran.outcomes == {"test_it": outcome}


def test_pytorchs_own_verdict(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """A method that PyTorch's test base has wrapped has its verdict from there."""
    name = "torch.testing._internal.dynamo_test_failures"
    theirs = SimpleNamespace(dynamo_expected_failures={"TestIt.test_it"}, dynamo_skips=set())
    monkeypatch.setitem(sys.modules, name, theirs)
    monkeypatch.setenv("PYTORCH_TEST_WITH_DYNAMO", "1")
    project.write(
        """
        import unittest
        class TestIt(unittest.TestCase):
            def __init__(self, name="test_it"):
                super().__init__(name)
                if name == "test_it":
                    self.test_it = self.test_it
            def test_it(self): pass
        """
    )
    project.list("TestIt.test_it", folder="dynamo_expected_failures")
    assert project.run().outcomes == {"TestIt::test_it": "passed"}


def test_a_test_that_runs_another(project: Project) -> None:
    """A listed test that a test runs itself, with a result of its own, is that test's matter."""
    project.write(
        """
        import unittest
        class TestIt(unittest.TestCase):
            def test_it(self): self.fail("inner")
            def test_runner(self):
                result = unittest.TestResult()
                type(self)("test_it").run(result)
                assert len(result.failures) == 1
        """
    )
    project.list("TestIt.test_it")
    assert project.run().outcomes == {"TestIt::test_it": "xfailed", "TestIt::test_runner": "passed"}


def test_coroutines_of_another_plugin(project: Project) -> None:
    """Coroutines that another plugin runs are ruled on like functions, decorated or not."""
    pytest.importorskip("pytest_asyncio")
    project.write(
        """
        import pytest
        from trunk_failures import xfailIfTrunkFailing
        async def test_it(): assert 0
        async def test_passes(): pass
        @xfailIfTrunkFailing("why")
        async def test_decorated(): assert 0
        @pytest.fixture
        async def broken():
            yield
            raise ValueError("tear-down")
        async def test_torn(broken): pass
        async def test_unlisted(): assert 0
        """
    )
    project.list(*(f"test_a.test_{name}" for name in ("it", "passes", "decorated", "torn")))
    ran = project.run("-p", "pytest_asyncio.plugin", "-o", "asyncio_mode=auto")
    assert ran.outcomes == {
        "test_it": "xfailed",
        "test_passes": "failed",
        "test_decorated": "xfailed",
        "test_torn": "xfailed",
        "test_unlisted": "failed",
    }
    assert "(why): AssertionError" in ran.one("test_decorated").message


def test_reruns_of_another_plugin(project: Project) -> None:
    """A plugin that runs failing tests again leaves listed tests alone."""
    pytest.importorskip("pytest_rerunfailures")
    project.write(
        """
        runs = []
        def test_it(): runs.append(1); assert 0
        def test_passes(): runs.append(2)
        def test_unlisted(): assert runs == [1, 2]
        """
    )
    project.list("test_a.test_it", "test_a.test_passes")
    ran = project.run("-p", "pytest_rerunfailures", "--reruns=2", "--trunk-failures-results=out")
    assert ran.told["test_it"][0].outcome == "xfailed"
    assert ran.told["test_passes"][-1].outcome == "failed"
    assert ran.told["test_unlisted"][-1].outcome == "passed"
    assert [line["verdict"] for line in project.lines("out")] == [
        "expected failure",
        "unexpected success",
        "passed",
    ]


def test_coroutines_that_nobody_runs(project: Project) -> None:
    """A coroutine that no plugin can run has not failed as its entry expects: it did not run."""
    project.write("async def test_it(): assert 0")
    project.list("test_a.test_it")
    assert project.run().one("test_it").outcome in ("failed", "skipped")


def test_a_fixture_that_asks_how_the_test_went(project: Project) -> None:
    """Reports and hooks come in pytest's own order, as fixtures and conftest files expect."""
    project.write(
        """
        import pytest
        @pytest.hookimpl(wrapper=True, tryfirst=True)
        def pytest_runtest_makereport(item, call):
            report = yield
            setattr(item, "rep_" + report.when, report)
            return report
        def pytest_runtest_teardown(item):
            assert item.funcargs["resource"] == ["open"]
        """,
        "tests/conftest.py",
    )
    project.write(
        """
        import pytest
        @pytest.fixture
        def resource(request):
            held = ["open"]
            yield held
            held.clear()
            assert not request.node.rep_call.failed or request.node.rep_setup.passed
        def test_it(resource): pass
        def test_fails(resource): assert 0
        """
    )
    project.list("test_a.test_it", "test_a.test_fails")
    assert project.run().outcomes == {"test_it": "failed", "test_fails": "xfailed"}


def test_a_failure_that_another_plugin_finds(project: Project) -> None:
    """A failure that only a report tells of is the test's, like any other."""
    project.write(
        """
        import pytest
        @pytest.hookimpl(wrapper=True, tryfirst=True)
        def pytest_runtest_makereport(item, call):
            report = yield
            if call.when == "call" and not call.excinfo:
                report.outcome, report.longrepr = "failed", "soft: 1 != 2"
            return report
        """,
        "tests/conftest.py",
    )
    project.write("def test_it(): pass\ndef test_differs(): pass")
    project.list("test_a.test_it")
    project.list("test_a.test_differs", content="raises: ValueError")
    ran = project.run()
    assert ran.one("test_it") == ("xfailed", f"{PATH}: _Found: soft: 1 != 2")
    assert "fails differently" in ran.one("test_differs").message
    assert "soft: 1 != 2" in ran.one("test_differs").message


@pytest.mark.parametrize(
    ("body", "outcome"),
    [("self.fail('b')", "xfailed"), ("pass", "failed"), ("self.skipTest('own')", "skipped")],
)
def test_a_case_that_reports_past_us(project: Project, body: str, outcome: str) -> None:
    """A TestCase that reports to a result of its own is ruled on by what pytest heard."""
    project.write(
        f"""
        import unittest
        class Result:
            def __init__(self, result): self.result = result
            def __getattr__(self, name): return getattr(self.result, name)
        class TestIt(unittest.TestCase):
            def run(self, result=None): return super().run(Result(result))
            def test_it(self): {body}
        """
    )
    project.list("TestIt.test_it")
    assert project.run().outcomes == {"TestIt::test_it": outcome}


BAD_STRING = """
    class BadError(Exception):
        def __str__(self): {body}
    class EqualError(Exception):
        def __eq__(self, other): return True
    def test_it(): raise BadError
    def test_unlisted(): raise BadError
    def test_equal(): raise EqualError
"""


@pytest.mark.parametrize("body", ["raise ValueError", "return None", "raise SystemExit"])
def test_exceptions_that_cannot_be_shown(project: Project, body: str) -> None:
    """An exception without a text or a hash is a failure like any other."""
    project.write(BAD_STRING.format(body=body))
    project.list("test_a.test_it")
    for options in ((), ("--trunk-failures-results=out.jsonl",)):
        ran = project.run("--tb=no", *options)
        assert ran.outcomes["test_it"] == "xfailed"
        assert ran.outcomes["test_unlisted"] == ran.outcomes["test_equal"] == "failed"


def test_a_session_within_a_session(project: Project) -> None:
    """A test that runs pytest with the plugin leaves the lists in force that were so before."""
    project.write(
        """
        import unittest
        pytest_plugins = ["pytester"]
        def test_runs_pytest(pytester):
            pytester.path.joinpath("trunk_skips").mkdir()
            pytester.path.joinpath("trunk_skips", "TestB.test_b").touch()
            pytester.makepyfile("import unittest\\nclass TestB(unittest.TestCase):\\n"
                " def test_b(self): pass")
            pytester.inline_run("-p", "trunk_failures.pytest_plugin", "--trunk-failures=.")
        class TestIt(unittest.TestCase):
            def test_it(self): self.fail("b")
        """
    )
    project.list("TestIt.test_it", "test_a.test_gone")
    ran = project.run("-p", "pytester")
    assert ran.outcomes["TestIt::test_it"] == "xfailed"
    assert CASE_PATH in ran.told["TestIt::test_it"][-1].message


def test_what_the_source_says_is_not_to_run(project: Project) -> None:
    """A test that its source keeps from running is not run, in the results too."""
    project.write(NOT_RUN)
    project.list("test_a.test_it")
    project.run("--trunk-failures-results=out.jsonl")
    assert [line["verdict"] for line in project.lines()] == ["not run"]


def test_a_test_without_an_environment(project: Project) -> None:
    """A skip is one, though the test has taken pytest's variable out of the environment."""
    project.write(
        """
        import os, pytest, unittest
        class TestIt(unittest.TestCase):
            def setUp(self):
                before = dict(os.environ)
                self.addCleanup(os.environ.update, before)
                os.environ.clear()
            def test_it(self): pytest.skip("own reason")
        """
    )
    project.list("TestIt.test_it")
    assert project.run().one("TestIt::test_it").outcome == "skipped"


def test_a_broken_entry_of_a_marked_test(project: Project) -> None:
    """An entry that cannot be read says so where the source expects the failure, too."""
    project.write(MARKED.format(strict=False, value=0))
    project.list("test_a.test_it", content=BROKEN)
    told = project.run().one("test_it")
    assert told.outcome == "failed"
    assert "unknown field 'severity'" in told.message


def test_sub_tests_in_fixtures(project: Project) -> None:
    """Sub-tests that pass in a fixture's set-up or tear-down are not their test's end."""
    pytest.importorskip("_pytest.subtests")
    project.write(
        """
        import pytest
        @pytest.fixture
        def fixture(subtests):
            with subtests.test(): pass
            yield
            with subtests.test(): pass
        def test_it(fixture): assert 0
        """
    )
    project.list("test_a.test_it")
    assert project.run().outcomes == {"test_it": "xfailed"}


def test_setup_show(project: Project) -> None:
    """What pytest shows of set-ups it shows of a listed test's too, and rules on none it skips."""
    project.write(FAILS)
    project.list("test_a.test_it")
    ran = project.run("--setup-show")
    assert ran.outcomes == {"test_it": "xfailed"}
    assert "        tests/test_a.py::test_it" in ran.output
    assert project.run("--setup-only").outcomes == {}


def test_the_first_failure_ends_the_session(project: Project) -> None:
    """Under -x wider fixtures are torn down with the listed test that ends the run."""
    project.write(OTHERS.format(scope="session", params="", before="", after="raise ValueError(1)"))
    project.list("TestIt.test_one", content="raises: ValueError")
    ran = project.run("-x")
    assert ran.outcomes == {"TestIt::test_one": "failed, error"}


def test_a_failure_before_an_interrupt(project: Project) -> None:
    """A listed test that failed differently is heard of though its tear-down is interrupted."""
    text = TEAR_DOWN.format(body="assert 0")
    project.write(text.replace('ValueError("tear-down")', "KeyboardInterrupt"))
    project.list("test_a.test_it", content="raises: ValueError")
    ran = project.run("--trunk-failures-results=out.jsonl")
    assert (ran.code, ran.one("test_it").outcome) == (2, "failed")
    assert [line["verdict"] for line in project.lines()] == ["fails differently"]


def test_without_pytests_own_marks(project: Project) -> None:
    """The plugin does without pytest's own plugin for marks, and its options."""
    project.write(FAILS)
    project.list("test_a.test_it")
    assert project.run("-p", "no:skipping").one("test_it").outcome == "xfailed"


def test_a_test_that_is_run_again(project: Project) -> None:
    """A test that another plugin runs twice is ruled on each time, and has its properties once."""
    project.write(
        """
        import pytest
        @pytest.hookimpl(wrapper=True)
        def pytest_runtest_protocol(item, nextitem):
            if not hasattr(item, "again"):
                item.again = True
                item.ihook.pytest_runtest_protocol(item=item, nextitem=item)
            return (yield)
        """,
        "tests/conftest.py",
    )
    project.write("def test_it(tmp_path): assert not tmp_path.exists()")
    project.list("test_a.test_it")
    ran = project.run()
    assert ran.outcomes == {"test_it": "xfailed, xfailed"}
    assert len(ran.reports[-1].user_properties) == 2
