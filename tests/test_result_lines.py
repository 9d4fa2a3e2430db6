"""Result lines: each whole or not there, whatever happens to the process or to the disk."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

import trunk_failures
from trunk_failures import result_lines
from trunk_failures.errors import UsageError
from trunk_failures.result_lines import ResultLine, ResultLines

LINE = ResultLine("TestA.test_b", "nn/test_init.py", "passed", 0.25, None, "dynamo,trunk")
CHECKOUT = str(Path(trunk_failures.__file__).parents[1])
POSIX = os.name == "posix"


def started(script: str, *arguments: str) -> subprocess.Popen[str]:
    """Start a new interpreter that runs a script on the package."""
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script), *arguments],
        env={**os.environ, "PYTHONPATH": CHECKOUT, "TRUNK_FAILURES": "0"},
        stdout=subprocess.PIPE,
        text=True,
    )


def read(path: Path) -> list[dict[str, object]]:
    """Return the lines of a file, each of which must be one whole JSON object."""
    text = path.read_bytes().rstrip(b" ")
    assert not text or text.endswith(b"\n")
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.parametrize(
    "line",
    [
        LINE,
        ResultLine("_FailedTest.test_mod", None, "error", 0.0, "SyntaxError: x", "trunk"),
        ResultLine("TestA.test_größe", "t.py", "failed", 1e-6, "\u2028 \ud800 \x00 \" \\", ""),
    ],
)
def test_a_line_is_one_object_in_ascii(tmp_path: Path, line: ResultLine) -> None:
    """A line is a JSON object with all fields, that any tool reads in any encoding."""
    path = tmp_path / "results.jsonl"
    lines = ResultLines(str(path))
    lines.write(line)
    lines.close()
    assert read(path) == [line._asdict()]
    assert path.read_bytes().isascii() and path.read_bytes().count(b"\n") == 1
    assert lines.trouble == ""


def test_a_line_is_there_when_its_test_has_ended(tmp_path: Path) -> None:
    """Lines are not held back until the file is closed."""
    path = tmp_path / "results.jsonl"
    lines = ResultLines(str(path))
    for count in (1, 2, 3):
        lines.write(LINE)
        assert len(read(path)) == count
    lines.close()


def test_a_file_is_opened_anew(tmp_path: Path) -> None:
    """What an earlier run wrote is gone, also where this one writes nothing."""
    path = tmp_path / "results.jsonl"
    path.write_text("old\n")
    ResultLines(str(path)).close()
    assert path.read_bytes() == b""


@pytest.mark.parametrize("name", ["missing/results.jsonl", "", "."])
def test_an_unusable_path_is_an_error(tmp_path: Path, name: str) -> None:
    """A path that cannot be written is a usage error, which names it and says why."""
    path = str(tmp_path / name) if name else ""
    with pytest.raises(UsageError) as caught:
        ResultLines(path)
    assert str(caught.value).startswith(f"results cannot be written to {path!r}: ")
    assert str(caught.value).endswith("; name a file that can be")


def test_two_writers_append(tmp_path: Path) -> None:
    """Two writers of one file do not overwrite each other's lines."""
    path = tmp_path / "results.jsonl"
    one, other = ResultLines(str(path)), ResultLines(str(path))
    for number in range(20):
        one.write(LINE._replace(id=f"one.test_{number}"))
        other.write(LINE._replace(id=f"other.test_{number}"))
    one.close()
    other.close()
    written = [line["id"] for line in read(path)]
    assert written == [f"{who}.test_{n}" for n in range(20) for who in ("one", "other")]


def test_two_processes_append(tmp_path: Path) -> None:
    """Lines that two processes write at the same time are all there, and whole."""
    path = tmp_path / "results.jsonl"
    path.touch()
    script = """
        import os
        import sys
        import time
        from trunk_failures.result_lines import ResultLine, ResultLines
        lines = ResultLines(sys.argv[1])
        print("open", flush=True)
        while not os.path.exists(sys.argv[2]):
            time.sleep(0.01)
        for number in range(300):
            text = "x" * (number * 7)
            lines.write(ResultLine("TestA.test_b", None, "failed", 0.0, text, ""))
        lines.close()
    """
    both = str(path), str(tmp_path / "go")
    with started(script, *both) as one, started(script, *both) as other:
        for process in (one, other):  # Both have emptied the file before either writes.
            assert process.stdout is not None and process.stdout.readline() == "open\n"
        (tmp_path / "go").touch()
    assert (one.returncode, other.returncode) == (0, 0)
    assert len(read(path)) == 600


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the platform has no fork")
def test_a_killed_writer_leaves_whole_lines(tmp_path: Path) -> None:
    """A process that is killed while it writes leaves the complete lines of what had ended."""
    script = """
        import itertools
        import os
        import signal
        import sys
        from trunk_failures.result_lines import ResultLine, ResultLines
        for name in sys.argv[1:]:
            lines = ResultLines(name)
            child = os.fork()
            if child:
                while os.stat(name).st_size < 200_000:
                    pass
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)
            else:
                for number in itertools.count():
                    test = f"TestA.test_{number}"
                    lines.write(ResultLine(test, None, "failed", 0.0, "x" * 3000, ""))
    """
    paths = [tmp_path / f"results{number}.jsonl" for number in range(20)]
    with started(script, *map(str, paths)) as process:
        assert process.wait() == 0
    for path in paths:
        found = read(path)
        assert len(found) > 20
        assert [line["id"] for line in found] == [f"TestA.test_{n}" for n in range(len(found))]


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="the platform has no full device")
def test_a_full_disk_is_told() -> None:
    """Where nothing can be written `trouble` says so, and later lines are no error."""
    lines = ResultLines("/dev/full")
    lines.write(LINE)
    first = lines.trouble
    assert first.startswith("results could not be written to '/dev/full': No space left on device")
    lines.write(LINE)
    lines.close()
    assert lines.trouble == first


@pytest.mark.skipif(not POSIX, reason="the platform has no limits on files")
@pytest.mark.parametrize("room", [0, 1, 50, 99])
def test_a_disk_that_fills_up_leaves_whole_lines(tmp_path: Path, room: int) -> None:
    """A line that only fits in part is cut off; what came before stays, and trouble is told."""
    path = tmp_path / "results.jsonl"
    script = """
        import resource
        import signal
        import sys
        from trunk_failures.result_lines import ResultLine, ResultLines
        lines = ResultLines(sys.argv[1])
        line = ResultLine("TestA.test_b", None, "passed", 0.0, "x", "trunk")
        lines.write(line)
        size = lines._size
        limit = 2 * size + size * int(sys.argv[2]) // 100
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
        for _ in range(5):
            lines.write(line)
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
        lines.write(line)
        lines.close()
        print(lines.trouble)
    """
    with started(script, str(path), str(room)) as process:
        output, _ = process.communicate()
    assert process.returncode == 0
    assert len(read(path)) == 2
    assert output.startswith(f"results could not be written to {str(path)!r}: File too large; it")


def test_a_line_that_is_written_in_two_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the system takes only part of a line at once, the rest follows."""
    path = tmp_path / "results.jsonl"
    write = os.write
    lines = ResultLines(str(path))
    parts: list[bytes] = []

    def short(file: int, data: bytes) -> int:
        parts.append(data)
        return write(file, data[:7] if len(parts) == 1 else data)

    monkeypatch.setattr(os, "write", short)
    for _ in range(2):
        lines.write(LINE)
    lines.close()
    assert read(path) == [LINE._asdict()] * 2
    assert len(parts) == 3 and parts[0] == parts[2] == parts[0][:7] + parts[1]


def test_no_line_goes_from_one_page_to_the_next(tmp_path: Path) -> None:
    """Blanks stand before a line that a kill could cut in two, and any reader skips them."""
    path = tmp_path / "results.jsonl"
    lines = ResultLines(str(path))
    written = [LINE._replace(id=f"TestA.test_{n}", error="é" * (n * 37)) for n in range(60)]
    for line in written:
        lines.write(line)
    lines.close()
    end = 0
    for data in path.read_bytes().splitlines(keepends=True):
        start, end = end + len(data) - len(data.lstrip(b" ")), end + len(data)
        assert start // result_lines.PAGE == (end - 1) // result_lines.PAGE
    errors = [line["error"] for line in read(path)]
    assert len(errors) == len(written)
    for error, line in zip(errors, written):
        assert line.error is not None and error == line.error[: result_lines.ERROR_LIMIT]


def test_a_disk_that_takes_less_and_less(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the rest of a line is cut short too, that is a full disk, and the line is cut off."""
    path = tmp_path / "results.jsonl"
    write = os.write
    lines = ResultLines(str(path))
    lines.write(LINE)
    monkeypatch.setattr(os, "write", lambda file, data: write(file, data[:7]))
    lines.write(LINE)
    lines.close()
    assert read(path) == [LINE._asdict()]
    assert "No space left on device" in lines.trouble


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the platform has no named pipes")
def test_lines_can_go_into_a_pipe(tmp_path: Path) -> None:
    """A pipe takes lines too, though nothing there can be brought to a disk."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    lines = ResultLines(str(path))
    lines.write(LINE)
    lines.close()
    assert json.loads(os.read(reader, 65536)) == LINE._asdict()
    os.close(reader)
    assert lines.trouble == ""


def test_lines_that_do_not_reach_the_disk_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the lines cannot be brought to the disk at the end, `trouble` says so."""

    def fsync(file: int) -> None:
        raise OSError(5, "Input/output error")

    path = tmp_path / "results.jsonl"
    lines = ResultLines(str(path))
    monkeypatch.setattr(os, "fsync", fsync)
    lines.close()
    assert lines.trouble == f"results in {str(path)!r} may be lost: Input/output error"


def test_a_line_stays_within_a_page(tmp_path: Path) -> None:
    """Blanks fill a page before a line that would go beyond it; a long error is cut."""
    path = tmp_path / "results.jsonl"
    lines = ResultLines(str(path))
    for _ in range(100):
        lines.write(LINE._replace(error="\u00e9" * 1000))
    lines.close()
    assert [line["error"] for line in read(path)] == ["\u00e9" * 500] * 100
    data = path.read_bytes()
    ends = [index for index, byte in enumerate(data) if byte == ord("\n")]
    starts = [data.rindex(b"{", 0, end) for end in ends]
    assert all(start // 4096 == end // 4096 for start, end in zip(starts, ends))


def test_a_disk_that_takes_no_more_without_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A write that stays short, however often it is tried, is a full disk."""
    lines = ResultLines(str(tmp_path / "results.jsonl"))
    monkeypatch.setattr(os, "write", lambda _, data: len(data) // 3)
    lines.write(LINE)
    assert "could not be written" in lines.trouble
