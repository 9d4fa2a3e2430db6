"""What pytest collects under the plugin: which items are listed, which entries match none."""

from __future__ import annotations

import pytest
from plugin_fixtures import SKIP, Project

pytest_plugins = ["plugin_fixtures"]

TESTS = """
    import pytest
    @pytest.mark.parametrize("a", ["x/y", "é", "b"])
    def test_it(a): assert a == "b"
    class TestIt:
        class TestInner:
            def test_it(self): assert 0
    def make():
        class TestMade:
            def test_it(self): assert 0
        return TestMade
    TestAlias = make()
"""


def test_keys(project: Project) -> None:
    """Tests are named by class or module, with their parameters, as everywhere else."""
    project.write(TESTS)
    project.list(
        "test_a.test_it[x%2Fy]",
        "test_a.test_it[%5Cxe9]",  # pytest escapes what is not ASCII.
        "TestInner.test_it",
        "TestMade.test_it",
    )
    ran = project.run()
    assert set(ran.outcomes.values()) == {"passed", "xfailed"}
    assert ran.outcomes["test_it[b]"] == "passed"
    assert ran.code == 0


def test_qualified_entries(project: Project) -> None:
    """An entry in a sub-folder holds for the tests of one file."""
    for folder in ("", "nn/"):
        project.write("def test_it(): assert 0", f"tests/{folder}test_a.py")
        project.write("", f"tests/{folder}__init__.py")
    project.list("test_a.test_it", folder="trunk_expected_failures/nn/test_a")
    ran = project.run("--trunk-failures-results=out.jsonl")
    assert sorted(each.outcome for each in ran.told["test_it"]) == ["failed", "xfailed"]
    assert {line["file"]: line["verdict"] for line in project.lines()} == {
        "nn/test_a.py": "expected failure",
        "test_a.py": "failed",
    }


def test_doctests_and_text_files(project: Project) -> None:
    """Doctests are named by their file, with what pytest calls them in brackets."""
    project.write("def add():\n    '''\n    >>> 1\n    2\n    '''", "tests/calculator.py")
    project.write(">>> 1\n2", "tests/usage.txt")
    project.list("calculator.py[calculator.add]", "usage.txt[usage.txt]")
    ran = project.run("--doctest-modules", "--doctest-glob=*.txt", "--import-mode=prepend")
    assert set(ran.outcomes.values()) == {"xfailed"}
    assert ran.code == 0


CUSTOM = """
    import pytest
    def pytest_collect_file(file_path, parent):
        if file_path.suffix == ".yaml":
            return File.from_parent(parent, path=file_path)
    class File(pytest.File):
        def collect(self):
            yield Item.from_parent(self, name="usage: first")
    class Item(pytest.Item):
        def runtest(self):
            raise ValueError(self.name)
        def repr_failure(self, excinfo):
            return f"custom {excinfo.value}"
"""


def test_items_of_other_plugins(project: Project) -> None:
    """Items that are no functions are listed and ruled on as well."""
    project.write(CUSTOM, "tests/conftest.py")
    project.write("", "tests/test_usage.yaml")
    project.list("test_usage.yaml[usage: first]")
    assert project.run().outcomes == {"usage: first": "xfailed"}
    project.list("test_usage.yaml[usage: first]", content="raises: KeyError")
    told = project.run().one("usage: first")
    assert told.outcome == "failed"
    assert told.message.endswith("custom usage: first")


@pytest.mark.parametrize(
    ("text", "content", "outcome", "message"),
    [
        ("import missing", "", "xfailed", "ModuleNotFoundError: No module named 'missing'"),
        ("import missing", "raises: ModuleNotFoundError", "xfailed", "ModuleNotFoundError: "),
        ("import missing", "raises: SyntaxError", "failed", "fails differently"),
        ("def test_it(:", "raises: SyntaxError", "xfailed", "SyntaxError: "),
        ("raise SystemExit(3)", "", None, ""),
        ("def load_tests(*_): 1 / 0\ndef test_it(): pass", "", None, ""),
        ("1 / 0", "", "xfailed", "ZeroDivisionError: division by zero"),
        ("def test_it(): pass", "", "failed", "Unexpected success, please remove `tests/trunk_"),
        ("import missing", "expires: 2020-01-01", "failed", "expired on 2020-01-01"),
    ],
)
def test_a_module_that_does_not_load(
    project: Project, text: str, content: str, outcome: str | None, message: str
) -> None:
    """A module's failure to load is listed like a test, and so is heard of when it loads."""
    project.write(text)
    project.list("_FailedTest.test_a", content=content)
    ran = project.run("--doctest-modules")
    if outcome is None:  # It ended pytest itself, or nobody can tell.
        assert "_FailedTest.test_a" not in ran.told
        return
    told = ran.one("_FailedTest.test_a")
    assert told.outcome == outcome
    assert message in told.message


def test_a_module_that_does_not_load_and_is_not_listed(project: Project) -> None:
    """Without an entry that holds, it is the error of collecting that it was."""
    project.write("import missing")
    project.list("_FailedTest.test_a", content="when: python_version < '3'")
    project.list("_FailedTest.test_b")
    ran = project.run()
    assert (ran.code, ran.told) == (2, {})
    assert "ERROR tests/test_a.py" in ran.output


def test_a_module_that_skips_itself(project: Project) -> None:
    """A module that skips itself is skipped."""
    project.write("import pytest\npytest.skip('own reason', allow_module_level=True)")
    project.list("_FailedTest.test_a")
    ran = project.run()
    assert ran.told == {}
    assert "1 skipped" in ran.output


FIXTURES = """
    import unittest
    def tearDownModule(): 1 / 0
    class TestIt(unittest.TestCase):
        @classmethod
        def tearDownClass(cls): raise ValueError(1)
        def test_it(self): pass
    class TestOther(unittest.TestCase):
        @classmethod
        def setUpClass(cls): pass
        def test_it(self): pass
"""


def test_listed_fixtures(project: Project) -> None:
    """Listed class and module fixtures have verdicts of their own, and lines of their own."""
    project.write(FIXTURES)
    project.list("TestIt.tearDownClass", "test_a.tearDownModule", "TestOther.setUpClass")
    ran = project.run("--trunk-failures-results=out.jsonl")
    assert ran.outcomes == {
        "TestIt::test_it": "passed, xfailed",
        "TestOther::test_it": "passed, error",
    }
    verdicts = {line["id"]: line["verdict"] for line in project.lines()}
    assert verdicts["TestIt.tearDownClass"] == "expected failure"
    assert verdicts["TestIt.test_it"] == verdicts["TestOther.test_it"] == "passed"
    assert "rm tests/trunk_expected_failures/TestOther.setUpClass" in ran.output


def test_a_module_with_listed_fixtures_that_does_not_load(project: Project) -> None:
    """Looking for a module's fixtures does not hide that it does not load."""
    project.write("import missing")
    project.list("test_a.setUpModule")
    ran = project.run()
    assert (ran.code, ran.told) == (2, {})
    assert "No module named 'missing'" in ran.output


UNMATCHED = "Entries that match no test that was collected:"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), True),
        (("tests",), True),
        (("-k", "one"), True),
        (("-m", "slow"), True),
        (("--deselect", "tests/test_a.py::test_one"), True),
        (("tests/test_a.py",), False),
        (("tests/test_a.py::test_one",), False),
        (("--ignore=tests/test_b.py",), False),
        (("--collect-only",), True),
    ],
)
def test_unmatched_entries(project: Project, options: tuple[str, ...], said: bool) -> None:
    """Entries that match no test are named where all tests were collected, and only there."""
    project.write("def test_one(): pass\ndef test_two(): pass", "tests/test_a.py")
    project.write("def test_three(): pass", "tests/test_b.py")
    project.list("test_a.test_two", "test_a.test_gone", "test_b.test_three", "test_b.setUpModule")
    project.list("TestGone.setUpClass", folder=SKIP)
    project.list("test_b.test_three", folder="trunk_skips/test_b")
    ran = project.run("-m", "not slow", *options)
    assert (UNMATCHED in ran.output) == said
    named = [line for line in ran.output.splitlines() if line.startswith("  tests/trunk")]
    assert named == (
        [
            "  tests/trunk_expected_failures/test_a.test_gone",
            "  tests/trunk_skips/TestGone.setUpClass",
        ]
        if said
        else []
    )


def test_nothing_listed_among_the_items(project: Project) -> None:
    """Where no item is listed none of the hooks around items is there to cost anything."""
    project.write(
        "def test_it(pytestconfig):\n"
        "    names = dict(pytestconfig.pluginmanager.list_name_plugin())\n"
        "    assert 'trunk_failures_collection' in names\n"
        "    assert 'trunk_failures_items' not in names\n"
    )
    project.list("test_b.test_it")
    assert project.run().outcomes == {"test_it": "passed"}


def test_a_package_that_does_not_load(project: Project) -> None:
    """A module fails with what its package raises, and a package is named as unittest does."""
    project.write("import missing", "tests/package/__init__.py")
    project.write("def test_it(): pass", "tests/package/test_a.py")
    project.list("_FailedTest.test_a", "_FailedTest.package", content="raises: ModuleNotFoundError")
    ran = project.run("--doctest-modules", "--trunk-failures-results=out.jsonl")
    assert set(ran.outcomes.values()) == {"xfailed"}
    assert {line["error"] for line in project.lines()} == {
        "ModuleNotFoundError: No module named 'missing'"
    }


def test_modules_of_one_name(project: Project) -> None:
    """An entry for any file is needed while one module of the name does not load."""
    for folder, text in (("a", "import missing"), ("b", "def test_it(): pass")):
        project.write("", f"tests/{folder}/__init__.py")
        project.write(text, f"tests/{folder}/test_a.py")
    project.list("_FailedTest.test_a")
    assert project.run().outcomes == {"_FailedTest.test_a": "xfailed", "test_it": "passed"}
    project.list("_FailedTest.test_a", folder="trunk_expected_failures/b/test_a")
    ran = project.run()
    assert sorted(each.outcome for each in ran.told["_FailedTest.test_a"]) == ["failed", "xfailed"]


def test_lists_outside_the_project(project: Project) -> None:
    """Where the lists lie elsewhere the whole project is what entries can be about."""
    project.write("def test_it(): pass", "suite/test_a.py")
    project.write("[pytest]", "suite/pytest.ini")
    project.list("test_a.test_gone")
    ran = project.run("suite")
    assert UNMATCHED in ran.output
    assert f"in {project.path / 'tests'}" not in ran.output


@pytest.mark.parametrize(
    ("example", "said"),
    [
        (">>> 1\n2\n", "DocTestFailure: expected '2', got '1'"),
        (">>> 1 / 0\n2\n", "ZeroDivisionError: division by zero"),
        (">>> 1\n2\n>>> 3\n4\n", "DocTestFailure: expected '2', got '1'"),
    ],
)
def test_what_is_said_of_doctests(project: Project, example: str, said: str) -> None:
    """The reason of a doctest's expected failure says what was expected and what was got."""
    project.write(example, "tests/test_usage.txt")
    project.list("test_usage.txt[test_usage.txt]")
    ran = project.run("--doctest-continue-on-failure")
    assert ran.one("test_usage.txt").message.endswith(f"`: {said}")


def test_a_fixture_that_is_another_function(project: Project) -> None:
    """A class's fixture is listed by what it is there, whatever the function was called."""
    project.write(
        """
        import unittest
        def shared(cls): raise ValueError("shared")
        class TestIt(unittest.TestCase):
            setUpClass = classmethod(shared)
            def test_it(self): pass
        """
    )
    project.list("TestIt.setUpClass")
    assert project.run().outcomes == {"TestIt::test_it": "xfailed"}
