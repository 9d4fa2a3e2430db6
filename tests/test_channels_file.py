"""Files and standard output as channels."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from notify_fixtures import change, message

from trunk_failures.channels.file import File
from trunk_failures.channels.stdout import Stdout
from trunk_failures.errors import ChannelError
from trunk_failures.messages import Channel
from trunk_failures.reports import notification_text


def test_messages_are_appended_once(tmp_path: Path) -> None:
    """One that is there already is not written again; what was there stays."""
    path = tmp_path / "told.txt"
    path.write_text("mine, without an end")
    channel: Channel = File(str(path))
    one, other = message(key="1" * 32), message(key="2" * 32)
    for each in (one, one, other, one):
        channel.send(each)
    text = path.read_text()
    assert text.startswith("mine, without an end\n== 2027-01-15T08:00:00Z 111")
    assert text.count(one.key) == text.count(other.key) == 1
    assert text == f"mine, without an end\n{channel.preview(one)}{channel.preview(other)}"
    assert channel.name == f"file={path}" and channel.parts(one.changes) == [one.changes]


def test_a_message_of_any_length_is_found(tmp_path: Path) -> None:
    """However much follows its key."""
    path = tmp_path / "told.jsonl"
    long = message(*(change(key=f"TestA.test_{n}{'x' * 200}") for n in range(4000)))
    for _ in range(2):
        File(str(path)).send(long)
    assert path.stat().st_size > 1 << 20 and path.read_text().count("\n") == 1


def test_json_lines(tmp_path: Path) -> None:
    """A file that is called so has a document a line."""
    path = tmp_path / "told.JSONL"
    File(str(path)).send(message(key="1" * 32))
    File(str(path)).send(message(key="2" * 32))
    assert [json.loads(line)["id"][0] for line in path.read_text().splitlines()] == ["1", "2"]


def test_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    """It is an error of the channel that says why, whatever the path."""
    for path in (str(tmp_path), f"{tmp_path}/no/such", f"{tmp_path}/a\0b"):
        with pytest.raises(ChannelError, match="cannot be written: .*; make it writable, or name"):
            File(path).send(message())


def test_a_message_that_has_no_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was written of it is taken away, so that it can be written whole the next time."""
    path = tmp_path / "told.txt"
    path.write_text("mine\n")
    write = os.write
    monkeypatch.setattr(os, "write", lambda number, content: write(number, content[:60]))
    with pytest.raises(ChannelError, match="there is no room for all of it"):
        File(str(path)).send(message())
    assert path.read_text() == "mine\n"


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no such device")
def test_a_device_is_not_read(tmp_path: Path) -> None:
    """What has no end is not looked at for its end; that it takes nothing is told."""
    with pytest.raises(ChannelError, match="'/dev/full' cannot be written: No space left"):
        File("/dev/full").send(message())


def test_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    """It has the text and nothing else."""
    channel: Channel = Stdout()
    channel.send(message())
    assert capsys.readouterr() == (notification_text.render([change()]), "")
    assert channel.name == "stdout" and channel.parts([change()]) == [(change(),)]
