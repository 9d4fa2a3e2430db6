"""Hold the dialects in which tools write test ids."""

from __future__ import annotations

import json
import unittest
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from trunk_failures import ids
from trunk_failures.errors import UsageError
from trunk_failures.ids import TestId

DATA = Path(__file__).parents[2] / "shared" / "data"
HISTORY = DATA / "pytorch-disabled-tests-history.jsonl"

# key dialect, and the test
KEYS = [
    ("TestInit.test_eye", TestId("TestInit", "test_eye")),
    ("_Private.test_eye", TestId("_Private", "test_eye")),
    (
        "test_ops.test_add[cpu-float32]",
        TestId("test_ops", "test_add[cpu-float32]", is_function=True),
    ),
    ("test_m.test_p[a/b.c::d[e] ]", TestId("test_m", "test_p[a/b.c::d[e] ]", is_function=True)),
    ("TestA.test_x_ATen, Triton", TestId("TestA", "test_x_ATen, Triton")),
    ("TestA.setUpClass", TestId("TestA", "setUpClass")),
    ("test_mod.setUpModule", TestId("test_mod", "setUpModule", is_function=True)),
    ("_FailedTest.test_mod", TestId("_FailedTest", "test_mod")),
    (
        "nn/test_init/TestInit.test_eye",
        TestId("TestInit", "test_eye", file="nn/test_init.py"),
    ),
    (
        "nn/test_init/test_init.test_p[a/b]",
        TestId("test_init", "test_p[a/b]", file="nn/test_init.py", is_function=True),
    ),
    ("nn/test_init/my_tests.test_p", TestId("my_tests", "test_p", file="nn/test_init.py")),
    ("v1.2/test_a/TestA.test_b", TestId("TestA", "test_b", file="v1.2/test_a.py")),
]

# unittest's id(), and the test
UNITTEST_IDS = [
    ("pkg.test_mod.TestA.test_b", TestId("TestA", "test_b", "pkg.test_mod")),
    ("__main__.TestA.test_b", TestId("TestA", "test_b", "__main__")),
    ("TestA.test_b", TestId("TestA", "test_b")),
    ("pkg.test_mod.my_tests.test_b", TestId("my_tests", "test_b", "pkg.test_mod")),
    (
        "test_mod.Outer.Middle.TestA.test_b",
        TestId("TestA", "test_b", "test_mod", outer="Outer.Middle"),
    ),
    (
        "test_mod.make.<locals>.TestA.test_b",
        TestId("TestA", "test_b", "test_mod", outer="make.<locals>"),
    ),
    (
        "test_mod.Outer.make.<locals>.TestA.test_b",
        TestId("TestA", "test_b", "test_mod", outer="Outer.make.<locals>"),
    ),
    (
        "m.TestA.test_CPUOffload(offload_params=True)_x",
        TestId("TestA", "test_CPUOffload(offload_params=True)_x", "m"),
    ),
    ("m.TestA.test_x_ATen, Triton", TestId("TestA", "test_x_ATen, Triton", "m")),
    ("m.TestA.test_user@host", TestId("TestA", "test_user@host", "m")),
    ("m.TestA.test_p[a.b (c)]", TestId("TestA", "test_p[a.b (c)]", "m")),
    ("setUpClass (pkg.test_mod.TestA)", TestId("TestA", "setUpClass", "pkg.test_mod")),
    ("tearDownClass (m.Outer.TestA)", TestId("TestA", "tearDownClass", "m", outer="Outer")),
    (
        "setUpModule (pkg.test_mod)",
        TestId("test_mod", "setUpModule", "pkg.test_mod", is_function=True),
    ),
    ("tearDownModule (Mod)", TestId("Mod", "tearDownModule", "Mod", is_function=True)),
    ("unittest.loader._FailedTest.test_mod", TestId("_FailedTest", "test_mod", "test_mod")),
    (
        "unittest.loader._FailedTest.pkg.test_mod",
        TestId("_FailedTest", "test_mod", "pkg.test_mod"),
    ),
    (
        "unittest.loader.ModuleSkipped.pkg.test_mod",
        TestId("ModuleSkipped", "test_mod", "pkg.test_mod"),
    ),
]

# `test (module.Class)`, and the test
ISSUES = [
    ("test_b (__main__.TestA)", TestId("TestA", "test_b", "__main__")),
    ("test_b (jit.test_freezing.TestA)", TestId("TestA", "test_b", "jit.test_freezing")),
    ("test_b (TestA)", TestId("TestA", "test_b")),
    (
        "test_offload_CPUOffload(offload_params=True)_x (__main__.TestA)",
        TestId("TestA", "test_offload_CPUOffload(offload_params=True)_x", "__main__"),
    ),
    (
        "test_x_backends_ATen, Triton, CUTLASS (__main__.TestA)",
        TestId("TestA", "test_x_backends_ATen, Triton, CUTLASS", "__main__"),
    ),
    (
        "test_b (torch.testing.make_cls.<locals>.Dummy)",
        TestId("Dummy", "test_b", "torch.testing", outer="make_cls.<locals>"),
    ),
    ("test_p[a (b) (c) d] (m.TestA)", TestId("TestA", "test_p[a (b) (c) d]", "m")),
    ("setUpClass (m.TestA)", TestId("TestA", "setUpClass", "m")),
    ("setUpModule (m)", TestId("m", "setUpModule", "m", is_function=True)),
]

# pytest's node id, and the test
NODE_IDS = [
    (
        "tests/test_mod.py::TestA::test_b",
        TestId("TestA", "test_b", file="tests/test_mod.py"),
    ),
    (
        "tests/test_mod.py::Outer::Middle::TestA::test_b",
        TestId("TestA", "test_b", file="tests/test_mod.py", outer="Outer.Middle"),
    ),
    (
        "tests/test_mod.py::test_b",
        TestId("test_mod", "test_b", file="tests/test_mod.py", is_function=True),
    ),
    (
        "test_mod.py::TestA::test_b[p::q/.]",
        TestId("TestA", "test_b[p::q/.]", file="test_mod.py"),
    ),
    (
        "test_mod.py::test_b[x[y] (call) é\n]",
        TestId("test_mod", "test_b[x[y] (call) é\n]", file="test_mod.py", is_function=True),
    ),
    (
        "test_mod.py::test_b[[]",
        TestId("test_mod", "test_b[[]", file="test_mod.py", is_function=True),
    ),
    (
        "test_mod.py::test_b[a@b]",
        TestId("test_mod", "test_b[a@b]", file="test_mod.py", is_function=True),
    ),
    (
        "a[1]/test_mod.py::test_b[c]",
        TestId("test_mod", "test_b[c]", file="a[1]/test_mod.py", is_function=True),
    ),
    ("C:/t/test_mod.py::TestA::test_b", TestId("TestA", "test_b", file="C:/t/test_mod.py")),
    ("tests/test_mod.py", TestId("_FailedTest", "test_mod", file="tests/test_mod.py")),
]

# classname, name and file of JUnit, and the test
JUNIT_CASES = [
    (("pkg.test_mod.TestA", "test_b", None), TestId("TestA", "test_b", "pkg.test_mod")),
    (("TestA", "test_b", None), TestId("TestA", "test_b")),
    (
        ("pkg.test_mod.Outer.TestA", "test_b", "pkg/test_mod.py"),
        TestId("TestA", "test_b", "pkg.test_mod", "pkg/test_mod.py", "Outer"),
    ),
    (
        ("pkg.test_mod", "test_b[a.b (c)]", None),
        TestId("test_mod", "test_b[a.b (c)]", "pkg.test_mod", is_function=True),
    ),
    (
        ("pkg.TestMod", "test_b", "pkg/TestMod.py"),
        TestId("TestMod", "test_b", "pkg.TestMod", "pkg/TestMod.py", is_function=True),
    ),
    (
        ("test_mod.test_mod", "test_b", "test_mod.py"),
        TestId("test_mod", "test_b", "test_mod", "test_mod.py"),
    ),
    (
        ("Pkg.Tests.my_tests", "test_b", "/abs/Pkg/Tests.py"),
        TestId("my_tests", "test_b", "Pkg.Tests", "/abs/Pkg/Tests.py"),
    ),
    (
        ("prefix.pkg.test_mod.my_tests", "test_b", "pkg/test_mod.py"),  # --junit-prefix
        TestId("my_tests", "test_b", "prefix.pkg.test_mod", "pkg/test_mod.py"),
    ),
    (
        ("unittest.loader._FailedTest.pkg", "test_mod", None),
        TestId("_FailedTest", "test_mod", "pkg.test_mod"),
    ),
]

# a reader, a text that says more than the test, and the test
LOSSY: list[tuple[Callable[[str], TestId], str, TestId]] = [
    (ids.from_unittest, "m.TestA.test_b (i=3.5)", TestId("TestA", "test_b", "m")),
    (ids.from_unittest, "m.TestA.test_b [a.b]", TestId("TestA", "test_b", "m")),
    (ids.from_unittest, "m.TestA.test_b [x] (y)] (i=[3])", TestId("TestA", "test_b", "m")),
    (ids.from_unittest, "m.TestA.test_b (<subtest>)", TestId("TestA", "test_b", "m")),
    (ids.from_unittest, "m.TestA.test_b[c] (i=[3])", TestId("TestA", "test_b[c]", "m")),
    (ids.from_unittest, "m.TestA.test_b [a\nb]", TestId("TestA", "test_b", "m")),
    (ids.from_issue, "test_b (__main__. TestA)", TestId("TestA", "test_b", "__main__")),
    (ids.from_issue, " test_b (m.TestA) ", TestId("TestA", "test_b", "m")),
    (ids.from_issue, "test_b (m.TestA.test_b)", TestId("TestA", "test_b", "m")),
    (ids.from_issue, "test_b(x=1) (m.TestA.test_b(x=1))", TestId("TestA", "test_b(x=1)", "m")),
    (ids.from_issue, "test_b (m.TestA) [msg] (i=3)", TestId("TestA", "test_b", "m")),
    (ids.from_issue, "test_b[c] (m.TestA) [msg] (i=3)", TestId("TestA", "test_b[c]", "m")),
    (ids.from_issue, "test_b (m.TestA.test_b) (<subtest>)", TestId("TestA", "test_b", "m")),
    (
        ids.from_issue,
        "pkg.test_mod (unittest.loader._FailedTest.pkg.test_mod)",
        TestId("_FailedTest", "test_mod", "pkg.test_mod"),
    ),
    (
        ids.from_issue,
        "pkg.test_mod (unittest.loader._FailedTest)",  # Python 3.10's
        TestId("_FailedTest", "test_mod", "pkg.test_mod"),
    ),
    (
        ids.from_node_id,
        "t.py::TestA::test_b[c]@group",
        TestId("TestA", "test_b[c]", file="t.py"),
    ),
    (ids.from_node_id, "t.py::TestA::test_b@group", TestId("TestA", "test_b", file="t.py")),
    (ids.from_node_id, "a\\t.py::TestA::test_b", TestId("TestA", "test_b", file="a/t.py")),
]

# classname, name and file of JUnit that say more than the test, or less, and the test
LOSSY_JUNIT = [
    (("m.TestA", "test_b [m.x] (i=3.5)", None), TestId("TestA", "test_b", "m")),
    (("m.TestA", "test_b (<subtest>)", None), TestId("TestA", "test_b", "m")),
    (("m.TestA", "test_b[c]@group", None), TestId("TestA", "test_b[c]", "m")),
    # xmlrunner leaves __main__ out.
    (("TestA", "test_b", "test_mod.py"), TestId("TestA", "test_b", file="test_mod.py")),
    (("m.TestA", "test_b", "m\\t.py"), TestId("TestA", "test_b", "m")),
    (("pkg.m.TestA", "test_b", "pkg\\m.py"), TestId("TestA", "test_b", "pkg.m", "pkg/m.py")),
    (("pkg.test_mod.TestA", "test_b", "pkg/base.py"), TestId("TestA", "test_b", "pkg.test_mod")),
    (
        ("pkg.test_mod", "test_b", "pkg/base.py"),
        TestId("test_mod", "test_b", "pkg.test_mod", is_function=True),
    ),
    (
        ("", "pkg.test_mod", "pkg/test_mod.py"),  # pytest's, of a module that it could not load
        TestId("_FailedTest", "test_mod", "pkg.test_mod", "pkg/test_mod.py"),
    ),
    (
        ("unittest.loader._FailedTest.pkg", "test_mod", "/lib/unittest/loader.py"),
        TestId("_FailedTest", "test_mod", "pkg.test_mod"),
    ),
    (
        ("", "setUpClass (pkg.test_mod.TestA)", "/lib/unittest/loader.py"),
        TestId("TestA", "setUpClass", "pkg.test_mod"),
    ),
    (
        ("", "setUpModule (pkg.test_mod)", "/lib/unittest/loader.py"),
        TestId("test_mod", "setUpModule", "pkg.test_mod", is_function=True),
    ),
]

LOWER = st.from_regex(r"[a-z_][a-z0-9_]{0,8}", fullmatch=True)
UPPER = st.from_regex(r"_?[A-ZÉ][A-Za-z0-9_é]{0,8}", fullmatch=True)
DOTTED = st.lists(LOWER, min_size=1, max_size=3).map(".".join)
CLASSES = st.lists(UPPER, max_size=2).map(".".join)
FILE = st.lists(LOWER, min_size=1, max_size=3).map(lambda parts: "/".join(parts) + ".py")
PARAMETERS = st.one_of(st.just(""), st.text(max_size=12).map("[{}]".format))
BRACKETED = st.one_of(st.just(""), st.text("[]:./ ()=@x", max_size=12).map("[{}]".format))
NAME = st.tuples(LOWER, PARAMETERS | BRACKETED).map("".join)

METHODS = st.builds(TestId, UPPER, NAME, DOTTED, st.just(""), CLASSES, st.just(False))


def _function(module: str, name: str) -> TestId:
    return TestId(module.rpartition(".")[2], name, module, is_function=True)


def _in_file(test: TestId) -> TestId:
    """Give the test as the dialects that know files, and no modules, give it."""
    return test._replace(module="", file=test.module.replace(".", "/") + ".py")


TESTS = METHODS | st.builds(_function, DOTTED, NAME)


@pytest.mark.parametrize(("text", "test"), KEYS)
def test_keys(text: str, test: TestId) -> None:
    """A key, or one for a single file, is read and written back as it was."""
    assert (ids.from_key(text), ids.to_key(test)) == (test, text)


@pytest.mark.parametrize(("text", "test"), UNITTEST_IDS)
def test_unittest_ids(text: str, test: TestId) -> None:
    """What unittest's id() gives is read, and written back as it was."""
    assert (ids.from_unittest(text), ids.to_unittest(test)) == (test, text)


@pytest.mark.parametrize(("text", "test"), ISSUES)
def test_issues(text: str, test: TestId) -> None:
    """The names in DISABLED issues are read, and written back as they were."""
    assert (ids.from_issue(text), ids.to_issue(test)) == (test, text)


@pytest.mark.parametrize(("text", "test"), NODE_IDS)
def test_node_ids(text: str, test: TestId) -> None:
    """A pytest node id is read and written back as it was, whatever its parameters hold."""
    assert (ids.from_node_id(text), ids.to_node_id(test)) == (test, text)


@pytest.mark.parametrize(("case", "test"), JUNIT_CASES)
def test_junit_cases(case: tuple[str, str, str | None], test: TestId) -> None:
    """The attributes of a JUnit test case are read, and written back as they were."""
    assert (ids.from_junit(*case), ids.to_junit(test)) == (test, case)


@pytest.mark.parametrize(("reader", "text", "test"), LOSSY)
def test_what_is_not_the_test_is_dropped(
    reader: Callable[[str], TestId], text: str, test: TestId
) -> None:
    """Sub-tests, xdist groups and stray blanks are left out, and the test itself is kept."""
    assert reader(text) == test


@pytest.mark.parametrize(("case", "test"), LOSSY_JUNIT)
def test_what_is_not_the_test_is_dropped_from_junit(
    case: tuple[str, str, str | None], test: TestId
) -> None:
    """Sub-tests, and files that are not the test's, are left out of JUnit test cases."""
    assert ids.from_junit(*case) == test


@given(TESTS)
@example(TestId("A", "t[x@y]", "m"))
@example(TestId("A", "t[] [a] (b)]", "m"))
@example(TestId("A", "t[a::b]", "m"))
def test_keys_survive_every_dialect(test: TestId) -> None:
    """Whatever dialect a test is written in, its key is read from it again."""
    assert ids.from_key(test.key).key == test.key
    assert ids.from_key(ids.to_key(_in_file(test))).key == test.key
    assert ids.from_unittest(ids.to_unittest(test)).key == test.key
    assert ids.from_junit(*ids.to_junit(_in_file(test))).key == test.key


@given(TESTS)
def test_round_trips(test: TestId) -> None:
    """A dialect that holds a test's module or file gives back the very same test."""
    assert ids.from_junit(*ids.to_junit(test)) == test
    assert ids.from_node_id(ids.to_node_id(test)) == _in_file(test)
    if not test.is_function:  # unittest has no functions
        assert ids.from_unittest(ids.to_unittest(test)) == test


@given(METHODS.map(lambda test: test._replace(name=test.name.partition("[")[0])))
def test_issues_round_trip(test: TestId) -> None:
    """A method without parameters is read from an issue's title as it was."""
    assert ids.from_issue(ids.to_issue(test)) == test


@given(METHODS, FILE)
def test_keys_of_one_file_round_trip(test: TestId, file: str) -> None:
    """A key that holds for one file names that file, and another key without it."""
    placed = TestId(test.scope, test.name, file=file)
    assert ids.from_key(ids.to_key(placed)) == placed
    assert ids.to_key(placed) != ids.to_key(placed._replace(file="")) == placed.key


def test_every_real_name_is_read() -> None:
    """Of the names that PyTorch ever disabled, all are read but the two that name no test."""
    if not HISTORY.exists():
        pytest.skip(f"{HISTORY} is not here")
    names: set[str] = set()
    for line in HISTORY.read_text(encoding="utf-8").splitlines():
        names.update(json.loads(line)["set"])
    refused = set()
    for name in sorted(names):
        try:
            test = ids.from_issue(name)
        except UsageError:
            refused.add(name)
        else:
            assert ids.to_issue(test) == name.replace("(__main__. ", "(__main__.")
    assert len(names) > 1000
    assert refused == {
        "pull / linux-bionic-py3.8-clang9 / test (dynamo)",
        "TestGradientsCUDA.test_forward_mode_AD_native_batch_norm_cuda_float64"
        " (__main__.TestGradientsCUDA)",
    }


class Outer:
    """Hold test cases where no runner collects them."""

    class Inner(unittest.TestCase):
        """Fail in sub-tests."""

        def test_sub(self) -> None:
            """Fail in sub-tests of every form."""
            with self.subTest("a.b [c] (d)", i=3.5):
                self.fail()
            with self.subTest(i=[3]):
                self.fail()
            with self.subTest():
                self.fail()

    class Fixture(Inner):
        """Fail in a class fixture."""

        @classmethod
        def setUpClass(cls) -> None:
            """Fail."""
            raise AssertionError


def _reported(suite: unittest.TestSuite) -> list[unittest.TestCase]:
    result = unittest.TestResult()
    suite.run(result)
    return [test for test, _ in result.failures + result.errors]


@pytest.mark.parametrize(
    ("case", "key"),
    [(Outer.Inner, "Inner.test_sub"), (Outer.Fixture, "Fixture.setUpClass")],
)
def test_unittest_itself(case: type[unittest.TestCase], key: str) -> None:
    """What this Python's unittest calls sub-tests and fixtures is read, from id() and str()."""
    reported = _reported(unittest.defaultTestLoader.loadTestsFromTestCase(case))
    assert reported
    for test in reported:
        for found in (ids.from_unittest(test.id()), ids.from_issue(str(test))):
            assert (found.key, found.outer, found.module) == (key, "Outer", __name__)


def test_unittest_modules_that_fail_to_load(tmp_path: Path) -> None:
    """The test that unittest puts in a broken module's place is `_FailedTest.module`."""
    (tmp_path / "trunk_pkg").mkdir()
    (tmp_path / "trunk_pkg" / "__init__.py").touch()
    (tmp_path / "trunk_pkg" / "test_broken.py").write_text("1 / 0\n")
    suite = unittest.TestLoader().discover(str(tmp_path / "trunk_pkg"), top_level_dir=str(tmp_path))
    (test,) = _reported(suite)
    expected = TestId("_FailedTest", "test_broken", "trunk_pkg.test_broken")
    assert ids.from_unittest(test.id()) == ids.from_issue(str(test)) == expected
    assert ids.to_unittest(expected) == test.id()
    assert ids.to_node_id(expected) == "trunk_pkg/test_broken.py"


@pytest.mark.parametrize(
    ("reader", "text"),
    [
        (ids.from_key, ""),
        (ids.from_key, "TestA"),
        (ids.from_key, "TestA."),
        (ids.from_key, ".test_b"),
        (ids.from_key, "TestA. test_b"),
        (ids.from_key, "m.TestA.test_b"),
        (ids.from_key, "TestA.[x]"),
        (ids.from_key, "TestA[x].test_b"),
        (ids.from_key, "TestA.test_a/b"),
        (ids.from_key, "nn/test_init/TestA"),
        (ids.from_unittest, ""),
        (ids.from_unittest, "test_b"),
        (ids.from_unittest, "m.TestA."),
        (ids.from_unittest, "m..test_b"),
        (ids.from_unittest, "m.TestA.test_a/b"),
        (ids.from_unittest, "setUpClass ()"),
        (ids.from_unittest, "unittest.loader._FailedTest"),
        (ids.from_issue, "test_b"),
        (ids.from_issue, "(m.TestA)"),
        (ids.from_issue, "test_b ()"),
        (ids.from_issue, "test_b (m.)"),
        (ids.from_issue, "TestA.test_b (m.TestA)"),
        (ids.from_issue, "lint / test (dynamo)"),
        (ids.from_node_id, ""),
        (ids.from_node_id, "TestA.test_b"),
        (ids.from_node_id, "t.py::"),
        (ids.from_node_id, "::TestA::test_b"),
        (ids.from_node_id, "t.py::TestA::"),
        (ids.from_node_id, "t.py::::test_b"),
        (ids.from_node_id, "doc.rst::doc.rst"),
        (ids.from_node_id, "a.b.py::test_c"),
        (ids.read, ""),
        (ids.read, "TestA"),
        (ids.read, "a b c"),
        (ids.read, "pull / linux-py3.8 / test (dynamo)"),
    ],
)
def test_what_is_no_test_id(reader: Callable[[str], TestId], text: str) -> None:
    """Text that names no test is refused: what was found, what is allowed and what to do."""
    with pytest.raises(UsageError, match="allowed is '.*correct the id") as caught:
        reader(text)
    assert repr(text) in str(caught.value)


@pytest.mark.parametrize(
    ("classname", "name"),
    [("", ""), ("m.TestA", ""), ("m.", "test_b"), ("m.TestA", "a.b"), ("m.Test[A", "test_b")],
)
def test_what_is_no_junit_case(classname: str, name: str) -> None:
    """A JUnit test case that names no test is refused, with both of its attributes."""
    with pytest.raises(UsageError) as caught:
        ids.from_junit(classname, name)
    assert f"classname={classname!r} name={name!r}" in str(caught.value)


@pytest.mark.parametrize("module", ["", "__main__"])
def test_node_id_needs_a_file(module: str) -> None:
    """A test whose file is not known has no node id, and the message says how to give it."""
    with pytest.raises(UsageError, match=r"'TestA\.test_b'.*give the test as"):
        ids.to_node_id(TestId("TestA", "test_b", module))


@pytest.mark.parametrize(
    ("test", "text"),
    [
        (TestId("TestA", "test_b", "pkg.test_mod"), "pkg/test_mod.py::TestA::test_b"),
        (TestId("TestA", "test_b", "m", "other/m.py"), "other/m.py::TestA::test_b"),
        (TestId("TestA", "test_b", "m", outer="make.<locals>"), "m.py::TestA::test_b"),
        (TestId("TestA", "test_b", "m", outer="f.<locals>.B"), "m.py::B::TestA::test_b"),
        (TestId("m", "test_b[c]", "m", is_function=True), "m.py::test_b[c]"),
    ],
)
def test_node_ids_of_modules(test: TestId, text: str) -> None:
    """A test that only its module places is written in that module's file."""
    assert ids.to_node_id(test) == text


@pytest.mark.parametrize(
    ("test", "text"),
    [
        (TestId("TestA", "test_b"), "TestA.test_b"),
        (TestId("TestA", "test_b", file="nn/test_m.py"), "nn.test_m.TestA.test_b"),
        (TestId("TestA", "test_b", file="/abs/test_m.py"), "abs.test_m.TestA.test_b"),
        (TestId("test_m", "test_b", is_function=True), "test_m.test_b"),
        (TestId("test_m", "test_b", "nn.test_m", is_function=True), "nn.test_m.test_b"),
        (TestId("test_m", "setUpModule", is_function=True), "setUpModule (test_m)"),
        (TestId("_FailedTest", "test_m"), "unittest.loader._FailedTest.test_m"),
        (
            TestId("_FailedTest", "test_m", file="nn/test_m.py"),
            "unittest.loader._FailedTest.nn.test_m",
        ),
    ],
)
def test_unittest_ids_of_other_dialects(test: TestId, text: str) -> None:
    """A test that was read in a dialect without modules is written as far as it is known."""
    assert ids.to_unittest(test) == text


@pytest.mark.parametrize(
    ("text", "test"),
    [
        *KEYS,
        *ISSUES,
        *(pair for pair in NODE_IDS if not pair[0].startswith("a[1]")),
        *UNITTEST_IDS,
        ("TestA.test_b (i=3)", TestId("TestA", "test_b")),
        ("m.TestA.test_b (<subtest>)", TestId("TestA", "test_b", "m")),
        ("test_m.test_p[x (m.A)]", TestId("test_m", "test_p[x (m.A)]", is_function=True)),
    ],
)
def test_any_dialect_is_read(text: str, test: TestId) -> None:
    """Text in any of the dialects is read as in its own."""
    assert ids.read(text) == test


@pytest.mark.parametrize(
    ("value", "function", "parameters"),
    [
        ("tests/test_m.py::TestA::test_add[cpu-float32] (call)", "test_add", "[cpu-float32]"),
        ("tests/test_m.py::test_add[cpu-float32] (setup)", "test_add", "[cpu-float32]"),
        ("tests/test_m.py::test_add[cpu] (teardown)", "test_add", "[cpu]"),
        ("tests/test_m.py::test_add (call)", "test_add", ""),
        ("tests/test_m.py::test_add[a::test_b[x]] (call)", "test_add", "[a::test_b[x]]"),
        ("tests/test_m.py::test_add[a::test_b[x]] (call)", "test_b", None),
        ("tests/test_m.py::test_add[a (call)] (call)", "test_add", "[a (call)]"),
        ("tests/test_m.py::test_add[a] (call)] (call)", "test_add", "[a] (call)]"),
        ("tests/test_m.py::test_add[ [ ] (call)", "test_add", "[ [ ]"),
        ("tests/test_m.py::test_add[] (call)", "test_add", "[]"),
        ("tests/test_m.py::test_add[a\nb/c.py] (call)", "test_add", "[a\nb/c.py]"),
        ("tests/test_m.py::test_add[a@b]@group (call)", "test_add", "[a@b]"),
        ("a[1]/test_m.py::test_add[cpu] (call)", "test_add", "[cpu]"),
        ("tests/test_m.py::test_address[cpu] (call)", "test_add", "ress[cpu]"),
        ("tests/test_m.py::test_sub[cpu] (call)", "test_add", None),
        ("tests/test_m.py::TestA::test_add[cpu] (call)", "TestA", None),
        ("", "test_add", None),
        ("test_add[cpu]", "test_add", None),
    ],
)
def test_current(value: str, function: str, parameters: str | None) -> None:
    """The test that pytest runs now is known with all its parameters; another's is none."""
    test = ids.current(value, function)
    assert (test and test.name) == (None if parameters is None else function + parameters)


@given(TESTS, st.sampled_from(["setup", "call", "teardown"]))
def test_current_is_the_test(test: TestId, phase: str) -> None:
    """Function and parameters together are the test's name, whatever the parameters hold."""
    function = test.name.partition("[")[0]
    current = ids.current(f"{ids.to_node_id(test)} ({phase})", function)
    assert current is not None and current.name == test.name


def test_values_are_no_tests_to_pytest() -> None:
    """pytest does not try to collect the value that is called TestId."""
    assert getattr(TestId, "__test__") is False
