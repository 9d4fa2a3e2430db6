"""Lines of JSON, each bounded, and our own result lines among them."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from results_kept import Kept
from trunk_failures.errors import ResultsError
from trunk_failures.result_lines import ResultLine, ResultLines
from trunk_failures.results import cases, json_lines, lines
from trunk_failures.results.cases import Case
from trunk_failures.verdicts import Verdict

LINE = {"id": "TestA.test_b", "file": "d/test_m.py", "verdict": "passed", "error": None}


def of_lines(*changes: dict[str, Any]) -> Kept:
    """Return what result lines say, each given by how it differs from `LINE`."""
    sink = Kept()
    numbered = [(number, {**LINE, **change}) for number, change in enumerate(changes, 1)]
    json_lines.read(numbered, sink)
    return sink


@pytest.mark.parametrize("data", [b"", b"\n", b"  \n \t\r\n", b"    "])
def test_blank_lines(data: bytes) -> None:
    """Lines without anything on them are passed over."""
    assert list(lines.read(io.BytesIO(data))) == []


def test_lines_are_numbered() -> None:
    """Each object comes with the number of its line, blank ones counted."""
    data = b'{"a": 1}\n\n   {"b": 2}\r\n  \n{"c": "\xc3\xa4"}'
    assert list(lines.read(io.BytesIO(data))) == [(1, {"a": 1}), (3, {"b": 2}), (5, {"c": "ä"})]


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b'{"a": 1}\n{"a"', "ends too early, in the middle of line 2"),
        (b"{", "ends too early, in the middle of line 1"),
        (b"{'a': 1}\n", "line 1 is no JSON: "),
        (b'{"a": "\xff"}\n', "line 1 is no JSON: "),
        (b'{"a": 1} {"a": 2}\n', "line 1 is no JSON: Extra data"),
        (b'{"a": 1}, {"a": 2}\n', "line 1 is no JSON: Extra data"),
        (b'{"a": [1\n2]}\n', "line 1 is no JSON: "),
        (b'{"a": "x\ny"}\n', "line 1 is no JSON: "),
        (b"\n[1]\n", "line 2 is no JSON object"),
        (b'"a"', "line 1 is no JSON object"),
        (b"7\n", "line 1 is no JSON object"),
        (b'{"a": ' + b"[" * 100_000 + b"\n", "line 1 is no JSON: "),
        (b'{"a": ' + b'{"a": ' * 100_000, "ends too early"),
        (b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}\n", "line 1 is no JSON: "),
    ],
)
def test_what_is_no_line(data: bytes, fault: str) -> None:
    """What is no object on a line of its own is a fault that names the line."""
    with pytest.raises(ResultsError, match=fault):
        list(lines.read(io.BytesIO(data)))


def test_lines_before_a_fault_are_read() -> None:
    """Lines that were read together with one that is none come before it."""
    found = lines.read(io.BytesIO(b'{"a": 1}\n\n{"b": 2}\n7\n{"c": 3}\n'))
    assert [next(found), next(found)] == [(1, {"a": 1}), (3, {"b": 2})]
    with pytest.raises(ResultsError, match="line 4 is no JSON object"):
        next(found)


def test_a_line_over_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """A line that does not end is given up soon after its limit."""
    monkeypatch.setattr(lines, "LIMIT", 1 << 18)
    stream = io.BytesIO(b'{"a": "' + b"x" * (1 << 22))
    with pytest.raises(ResultsError, match="a line of more than 262144 bytes"):
        list(lines.read(stream))
    assert stream.tell() <= lines.LIMIT + 2 * lines.CHUNK


def test_a_long_line() -> None:
    """A line may be longer than what is read at once."""
    found = {"a": "x" * 3 * lines.CHUNK}
    data = (json.dumps(found) + "\n").encode() * 2
    assert list(lines.read(io.BytesIO(data))) == [(1, found), (2, found)]


@settings(max_examples=50)
@given(
    st.lists(st.dictionaries(st.text(max_size=9), st.text(max_size=9), max_size=3), max_size=5),
    st.integers(1, 99),
    st.sampled_from(["\n", " \n\n"]),
)
def test_lines_come_out_as_they_went_in(
    found: list[dict[str, str]], size: int, end: str
) -> None:
    """Objects are read back whatever is in them and however the stream is cut into pieces."""

    class Slow(io.BytesIO):
        def read(self, _: int | None = -1) -> bytes:
            return super().read(size)

    data = "".join(json.dumps(each) + end for each in found).encode()
    assert [each for _, each in lines.read(Slow(data))] == found


@pytest.mark.parametrize("verdict", Verdict)
def test_each_verdict(verdict: Verdict) -> None:
    """Each word for a verdict is read, with the error that is told of it."""
    error = None if verdict is Verdict.PASSED else "OSError: x"
    [found] = of_lines({"verdict": verdict.value, "error": error}).cases
    assert found == Case("TestA.test_b", "d/test_m", verdict, error or "")


@pytest.mark.parametrize(
    ("file", "place"),
    [(None, ""), ("d/test_m.py", "d/test_m"), ("C:\\d\\m.py", "C:/d/m"), ("x", "x"), ("", "")],
)
def test_places(file: str | None, place: str) -> None:
    """A file is a place with slashes, whichever system it was written on."""
    found = of_lines({"file": file}, {"file": file, "verdict": "failed"}).cases
    assert {each.place for each in found} == {place}


@pytest.mark.parametrize(
    "key",
    ["TestA.test_" + "x" * 3000, "TestA.test\nb", "m.t[../../etc/x]", "m.t[a.b]", "m.\ud800"],
)
def test_odd_keys(key: str) -> None:
    """A key may be long, and its name and parameters may hold nearly anything."""
    assert of_lines({"id": key}, {"id": key, "verdict": "failed"}).told == [
        (key, Verdict.FAILED),
        (key, Verdict.PASSED),
    ]


@pytest.mark.parametrize("key", ["", "x", "../../etc/x", "a/b.c", "a.b.c", ".b", "a."])
def test_what_is_no_key(key: str) -> None:
    """What has no test id is told of as it is called."""
    found = of_lines({"id": key, "verdict": "failed"})
    assert (found.cases, found.nameless) == ([], [(key, Verdict.FAILED)])


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ({**LINE, "verdict": "great"}, "line 7 is no result: the verdict is 'great'; there are"),
        ({**LINE, "verdict": 3}, "line 7 is no result: 'verdict' is 3"),
        ({**LINE, "verdict": ["passed"]}, "'verdict' is \\['passed'\\]"),
        ({**LINE, "id": None}, "line 7 is no result: 'id' is None"),
        ({**LINE, "file": {}}, "'file' is {}"),
        ({**LINE, "error": 1}, "'error' is 1"),
        ({"id": "TestA.test_b"}, "'verdict' is None"),
        ({key: value for key, value in LINE.items() if key != "file"}, "'file' is None"),
        ({}, "'id' is None"),
    ],
)
def test_what_is_no_result(line: dict[str, Any], fault: str) -> None:
    """A line that is no result is a fault that names the line and what it lacks."""
    with pytest.raises(ResultsError, match=fault):
        json_lines.read([(7, line)], Kept())


def test_modes() -> None:
    """Modes are told where they change, be it from or to lines that have none."""
    found = of_lines({}, {}, {"mode": "trunk"}, {"mode": "trunk"}, {"mode": ""}, {"mode": "a,b"})
    assert found.in_force == ["", "trunk", "", "a,b"]
    assert of_lines().in_force == []


def test_a_long_error() -> None:
    """Of an error so much is kept as of any failure."""
    [found] = of_lines({"verdict": "failed", "error": "x" * 100_000}).cases
    assert len(found.error) == cases.TEXT_LIMIT


def test_passes_of_one_class_are_told_together() -> None:
    """Tests that passed come together where they are of one class and of one file."""
    found = of_lines(
        {"id": "TestA.test_1"},
        {"id": "TestA.test_2"},
        {"id": "TestA.test_3", "verdict": "failed"},
        {"id": "TestA.test_4"},
        {"id": "TestA.test_5", "file": "other.py"},
        {"id": "TestB.test_6", "file": "other.py"},
    )
    assert found.batches == [3, 1, 1]
    numbered = [f"Test{'A' if number < 6 else 'B'}.test_{number}" for number in range(1, 7)]
    assert [key for key, _ in found.told] == numbered


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    """Lines that our own runners write are read, blanks before a long one too."""
    path = tmp_path / "results.jsonl"
    written = ResultLines(str(path))
    keys = ["TestA.test_" + "ü" * 3000, *(f"TestA.test_{n:03}" for n in range(100))]
    for key in keys:
        written.write(ResultLine(key, "m.py", "error", 0.5, "OSError: x", "trunk"))
    written.close()
    sink = Kept()
    with open(path, "rb") as stream:
        json_lines.read(lines.read(stream), sink)
    assert [case.key for case in sink.cases] == keys
    assert path.read_bytes().startswith(b" ")
