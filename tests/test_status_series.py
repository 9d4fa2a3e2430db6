"""Status series: documents of one status, or of many."""

from __future__ import annotations

import datetime
import json
import os
from pathlib import Path
from typing import Any

import pytest

from trunk_failures import history, history_statuses, status_files, status_series
from trunk_failures.errors import SourceError
from trunk_failures.history_statuses import DisabledTest
from trunk_failures.statuses import Disabled, Status

TIME = datetime.datetime(2026, 1, 2, tzinfo=datetime.timezone.utc)
ISSUE = "https://example.org/1"
SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
DATA = next(
    (
        place / "pytorch-disabled-tests-history.jsonl"
        for place in (SHARED, Path("/work/shared/data"))
        if (place / "pytorch-disabled-tests-history.jsonl").exists()
    ),
    None,
)


def own(seconds: int, *names: str, origin: str = "the issues") -> Status:
    """Return a status of our own."""
    tests = tuple(Disabled(name, issue=ISSUE, seen="2026-01-01T00:00:00Z") for name in names)
    return Status(tests, TIME + datetime.timedelta(seconds=seconds), origin)


def line(status: Status) -> str:
    """Return a status as one line."""
    return json.dumps(json.loads(status_files.render(status)))


def change(time: object, drop: object = (), **names: Any) -> str:
    """Return a change: tests that are set, by their names, and those that are dropped."""
    rows = {name: row or ["1", ISSUE, []] for name, row in names.items()}
    dropped = [*drop] if isinstance(drop, tuple) else drop
    return json.dumps({"time": time, "set": rows, "drop": dropped})


def read(text: str, source: str = "") -> list[tuple[str, int, list[str]]]:
    """Return what a document says: source, seconds after TIME, and names, of each moment."""
    start = int(TIME.timestamp())
    found = status_series.parse(text.encode(), "dir/status.json", source, TIME)
    return [(each.source, each.time - start, sorted(each.tests)) for each in found]


CONDENSED = json.dumps({"test_a (m.TestA)": ["1", ISSUE, ["linux"]]})


@pytest.mark.parametrize(
    ("text", "source", "expected"),
    [
        (line(own(5, "TestA.a")), "", [("the issues", 5, ["TestA.a"])]),
        (line(own(5, "TestA.a")), "named", [("named", 5, ["TestA.a"])]),
        (status_files.render(own(5)), "", [("the issues", 5, [])]),
        (CONDENSED, "", [("status.json", 0, ["test_a (m.TestA)"])]),
        (
            f"{line(own(5, 'a.b'))}\n\n{line(own(6, origin='other'))}\n", "",
            [("the issues", 5, ["a.b"]), ("other", 6, [])],
        ),
        (
            "\n".join((
                change("2026-01-02T00:00:10+00:00", a=None, b=None),
                change("2026-01-02T01:00:20+01:00", ("a", "unknown"), c=None),
                change("2026-01-02T00:00:30Z", b=["1", ISSUE, ["rocm"]]),
            )), "",
            [("status.json", 10, ["a", "b"]), ("status.json", 20, ["b", "c"]),
             ("status.json", 30, ["b", "c"])],
        ),
        (change("2026-01-02T00:00:10", a=None), "s", [("s", 10, ["a"])]),
    ],
)
def test_documents(text: str, source: str, expected: list[tuple[str, int, list[str]]]) -> None:
    """A status, PyTorch's document, lines of statuses, and lines of changes are read."""
    assert read(text, source) == expected


def test_what_is_known_of_a_test() -> None:
    """A test has its issue, platforms and reason; when it was seen last is no news of it."""
    (found,) = status_series.parse(CONDENSED.encode(), "f", "", TIME)
    expected = Disabled("test_a (m.TestA)", "pytorch", ("linux",), ISSUE)
    assert found.tests == {expected.name: expected}
    (found,) = status_series.parse(line(own(0, "a.b\ud800")).encode(), "f", "", TIME)
    assert found.tests == {"a.b\\ud800": Disabled("a.b\\ud800", issue=ISSUE)}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is no status"),
        ("no JSON", "is no status"),
        ("no JSON\nat all", "line 1, is no JSON"),
        ("[]", "is no status"),
        (f"{line(own(1))}\n[]", "line 2, is neither a status nor a change"),
        (f"{line(own(1))}\n{CONDENSED}", "line 2, is neither"),
        (f"{line(own(1))}\n{{", "line 2, is no JSON"),
        (change("yesterday", a=None), "line 1, has no time: 'yesterday'"),
        (change([17], a=None), "has no time: .17"),
        (change("2026-01-02", "a", b=None), "drops 'a', where names"),
        (change("2026-01-02", [1], b=None), "drops .1., where names"),
        ('{"time": "2026-01-02", "set": [], "drop": []}', "is no status"),
    ],
)
def test_what_is_no_status(text: str, said: str) -> None:
    """What is neither a status nor a series of them is told, with its line."""
    with pytest.raises(SourceError, match=said):
        read(text)


def test_files(tmp_path: Path) -> None:
    """Of what does not tell its time, it is the file's, unless one is given."""
    file = tmp_path / "disabled.json"
    file.write_text(CONDENSED)
    os.utime(file, (1000, 1000))
    (found,) = status_series.read(str(file), "", None)
    assert (found.source, found.time) == ("disabled.json", 1000)
    (found,) = status_series.read(str(file), "", TIME)
    assert found.time == TIME.timestamp()
    with pytest.raises(SourceError, match="cannot be read"):
        status_series.read(str(tmp_path / "absent"), "", None)


CHECKED = {
    "test_dtensor_op_db_linalg_tensorsolve_cpu_float32 (__main__. TestDTensorOpsCPU)": [
        ("2023-02-16T00:32:57+00:00", "2023-08-11T22:21:32+00:00"),  # Lines 1028 and 1976.
    ],
    "test_max_autotune_cutlass_backend_addmm_dynamic_False_max_au"
    "totune_gemm_backends_ATen, Triton, CUTLASS (__main__.TestDoBench)": [
        ("2023-09-13T18:49:24+00:00", "2023-09-13T22:34:25+00:00"),  # Lines 2182 and 2184.
    ],
    "test_conversions_all_patterns_backend_cutlass_cuda_float16 ("
    "__main__.TestSparseSemiStructuredCUDA)": [
        ("2023-08-08T15:49:05+00:00", "2023-08-18T22:21:19+00:00"),  # Lines 1955 and 2069.
        ("2023-08-25T15:49:15+00:00", ""),  # Line 2103.
    ],
    "test_find_unused_parameters_kwarg_debug_detail (__main__.DistributedDataParallelTest)": [
        ("2022-08-16T17:55:06+00:00", "2023-06-14T15:49:05+00:00"),  # Lines 1 and 1658.
        ("2023-07-11T02:14:13+00:00", "2023-07-25T03:49:19+00:00"),  # Lines 1814 and 1884.
        ("2023-07-27T23:43:55+00:00", "2023-08-04T17:05:41+00:00"),  # Lines 1903 and 1942.
    ],
    "test_binary_op__foreach_add_is_fastpath_True_cuda_float32 (__main__.TestForeachCUDA)": [
        ("2023-04-13T01:32:45+00:00", "2023-05-25T01:32:49+00:00"),  # Lines 1361 and 1506.
        ("2023-06-16T09:49:19+00:00", "2023-08-03T21:49:06+00:00"),  # Lines 1669 and 1936.
    ],
    "test_serialization_2gb_file (__main__.TestSerialization)": [
        ("2023-01-21T06:24:24+00:00", "2023-02-08T01:34:40+00:00"),  # Lines 883 and 965.
        ("2023-02-10T18:49:14+00:00", "2023-02-11T00:19:40+00:00"),  # Lines 980 and 983.
    ],
    "test_inplace_grad_div_trunc_rounding_cuda_float64 (__main__.TestBwdGradientsCUDA)": [
        ("2023-04-14T01:32:36+00:00", "2023-04-28T18:49:23+00:00"),  # Lines 1365 and 1414.
        ("2023-05-23T21:49:22+00:00", ""),  # Line 1494.
    ],
    "test_memory_profiler (__main__.TestProfiler)": [
        ("2022-08-16T17:55:06+00:00", "2023-01-30T15:49:23+00:00"),  # Lines 1 and 907.
        ("2023-09-15T03:49:12+00:00", ""),  # Line 2193.
    ],
    "test_Conv2d_dilated_cuda_tf32 (__main__.TestNN)": [
        ("2023-06-01T12:56:43+00:00", ""),  # Line 1546.
    ],
    "test_zero_model_parallel_parameters_as_bucket_view_True (__m"
    "ain__.TestZeroRedundancyOptimizerDistributed)": [
        ("2022-08-16T17:55:06+00:00", ""),  # Line 1.
    ],
}
"""When ten tests were disabled, read off the file's lines by hand (`grep -nF NAME`)."""


@pytest.mark.skipif(DATA is None, reason="the data is not here")
def test_three_years_of_pytorch(tmp_path: Path) -> None:
    """Of ten of PyTorch's tests the spans are those that a look at the file gives."""
    path = str(tmp_path / "history.sqlite3")
    with history.writing(path) as connection:
        snapshots = status_series.read(str(DATA), "pytorch", None)
        assert history_statuses.record(connection, snapshots) == (2222, 2222)
    with history.reading(path) as connection:
        found = {each.name: each for each in history_statuses.disabled(connection)}
    assert len(found) == 1433 and sum(each.now for each in found.values()) == 260
    for name, spans in CHECKED.items():
        assert shown(found[name]) == spans, name


def shown(test: DisabledTest) -> list[tuple[str, str]]:
    """Return the spans of a test as the file's times."""
    return [
        (_text(span.since), "" if span.until is None else _text(span.until)) for span in test.spans
    ]


def _text(seconds: int) -> str:
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).isoformat()
