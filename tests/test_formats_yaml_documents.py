"""YAML documents, and the lists of Pyodide and cuML that are written in it."""

from __future__ import annotations

import sys

import pytest
from formats_fixtures import lines, read, resolved, said

from trunk_failures.errors import UsageError
from trunk_failures.formats import yaml_documents
from trunk_failures.formats.yaml_documents import Node

NEVER = {"run": "never"}
SKIP, XF = "skips", "expected_failures"


def test_without_pyyaml(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where PyYAML is not installed, what to install is said."""
    monkeypatch.setitem(sys.modules, "yaml", None)
    with pytest.raises(UsageError, match="a list is YAML, .*pip install PyYAML"):
        read("cuml", "- x\n")


@pytest.fixture(autouse=True)
def pyyaml(request: pytest.FixtureRequest) -> None:
    """Pass over the tests that need PyYAML where it is not installed."""
    if request.node.name != "test_without_pyyaml":
        pytest.importorskip("yaml")


def test_values_are_the_texts_that_stand_there() -> None:
    """Nothing is constructed: numbers, truths and tagged values stay texts, with their lines."""
    found = yaml_documents.parse(b"a: [1, yes]\nb: !!python/name:os.system x\n", "a list")
    assert found == Node(
        1,
        {"a": Node(1, [Node(1, "1"), Node(1, "yes")]), "b": Node(2, "x")},
    )
    assert yaml_documents.parse(b"# nothing\n", "a list") == Node(1, "")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: &a [1]\nb: [*a, *a]\n", r"a list, line 2: an alias \('a'\)"),
        ("[" * 25 + "]" * 25, "nested more than 20 deep"),
        ("[" * 100_000, "nested more than 20 deep|exceeded maximum nesting"),
        ("a: [", "a list is no YAML"),
        ("a: \x01", "a list is no YAML"),
        ("a: 1\na: 2\n", "line 2: a key that is given twice"),
        ("[x]: 1\n", "line 1: a key that is given twice, or is no text"),
    ],
)
def test_documents_that_are_refused(text: str, message: str) -> None:
    """Aliases, depth and what is no YAML are errors of one line, before much is read."""
    with pytest.raises(UsageError, match=message) as error:
        yaml_documents.parse(text.encode(), "a list")
    assert "\n" not in str(error.value)


def test_too_much_yaml(monkeypatch: pytest.MonkeyPatch) -> None:
    """A document that would take too long to read is refused."""
    monkeypatch.setattr(yaml_documents, "LIMIT", 3)
    with pytest.raises(UsageError, match="more than the 3 bytes of YAML"):
        yaml_documents.parse(b"abcd", "a list")


PYODIDE = """\
- test_abc
- test_argparse:
    xfail: slow, times out
- test_call:
    skip:
      - test_super_deep # stack overflow
      - "*Fast*.test_k?"
      - [1]
- test_asyncio.test_events:
    xfail-safari: it crashes
    skip: test_one
- test_dis: none
- [1]
"""
IDS = [
    "Lib/test/test_argparse.py::TestA::test_x",
    "Lib/test/test_argparse.py::TestA::test_y",
    "Lib/test/test_call.py::TestDeep::test_super_deep",
    "Lib/test/test_call.py::FastTests::test_kw",
    "Lib/test/test_call.py::FastTests::test_other",
    "Lib/test/test_asyncio/test_events.py::TestE::test_one",
    "Lib/test/test_events.py::TestE::test_one",
]


def test_pyodides_modules_and_globs() -> None:
    """Globs cover tests as CPython's runner has them, and `xfail` all tests of a module."""
    found = resolved("pyodide", PYODIDE, IDS)
    assert said(found) == {
        IDS[0]: (SKIP, {"reason": "slow, times out"} | NEVER),
        IDS[1]: (SKIP, {"reason": "slow, times out"} | NEVER),
        IDS[2]: (SKIP, NEVER),
        IDS[3]: (SKIP, NEVER),
        IDS[5]: (SKIP, NEVER),
    }
    assert lines(found) == {
        8: "of 'test_call': no glob of at most 200",
        10: "of 'test_asyncio.test_events': 'xfail-safari' has no place here",
        12: "of 'test_dis': no settings",
        13: "a list, where a module was expected",
    }


def test_pyodides_names_alone_tell_no_tests() -> None:
    """Without a collection a module or a glob is no one test's."""
    assert not any(each.test for each in read("pyodide", PYODIDE).listed)
    with pytest.raises(UsageError, match="a list is no list of test modules"):
        read("pyodide", "a: 1\n")


CUML = """\
- reason: "Known issues"
  strict: true
  tests:
    - "sklearn.linear.tests.test_logistic::test_fit[x::y]"
    - 7
    - [1]
- reason: older scikit-learn
  condition: "scikit-learn<1.5.2"
  tests: ["sklearn.tests.test_a::test_b", "sklearn.tests.test_a::test_c"]
- reason: Flaky
  strict: no
  run: false
  marker: gpu
  tests: [sklearn.tests.test_a::test_d]
- tests: none
- x
- tests: [sklearn.tests.test_a::test_e]
"""


def test_cumls_groups() -> None:
    """Tests have the reason of their group; what no entry can say is told."""
    found = read("cuml", CUML)
    assert said(found) == {
        "sklearn.linear.tests.test_logistic::test_fit[x::y]": (XF, {"reason": "Known issues"}),
        "sklearn.tests.test_a::test_d": (SKIP, {"reason": "Flaky"} | NEVER),
        "sklearn.tests.test_a::test_e": (XF, {}),
    }
    first = found.listed[0].test
    assert first is not None and first.file == "sklearn/linear/tests/test_logistic.py"
    told = lines(found)
    assert sorted(told) == [5, 6, 7, 13, 15, 16]
    assert "a group of 2, as no entry can say its condition 'scikit-learn<1.5.2'" in told[7]
    assert told[13] == "'marker' has no place here"
    with pytest.raises(UsageError, match="a list is no list of groups"):
        read("cuml", "a: 1\n")


def test_cumls_ids_leave_the_class_out() -> None:
    """A name covers the test of a module, whatever class it is in."""
    ids = [
        "site/sklearn/tests/test_a.py::TestD::test_d",
        "site/sklearn/tests/test_a.py::test_d[1]",
        "site/sklearn/test_a.py::test_d",
    ]
    found = resolved("cuml", "- tests: [sklearn.tests.test_a::test_d]\n", ids)
    assert [each.name for each in found.listed] == ids[:1]
