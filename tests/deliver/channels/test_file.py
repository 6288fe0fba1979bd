import errno
import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from monitor.core.outcome import Accepted, Failed
from monitor.deliver.channels import UnusableChannel, build_channel
from monitor.deliver.channels.file import FileChannel
from tests.deliver.fakes import an_outgoing


def an_event(id: str) -> str:
    return json.dumps({"specversion": "1.0", "id": id, "data": {"text": "CH’OE\n최철룡"}})


async def write(path: Path, id: str = "a", **given: Any) -> Accepted | Failed:
    return await FileChannel("log", path).send(an_outgoing(wire=an_event(id), **given))


def ids(path: Path) -> list[str]:
    text = path.read_text("utf-8")
    assert text.endswith("\n")
    return [json.loads(line)["id"] for line in text.splitlines()]


async def test_each_alert_is_one_line_that_is_its_wire_form(tmp_path: Path) -> None:
    path = tmp_path / "alerts.jsonl"
    outcomes = [await write(path, id) for id in "abc"]

    lines = path.read_text("utf-8").splitlines()
    assert all(isinstance(outcome, Accepted) for outcome in outcomes)
    assert [json.loads(line) for line in lines] == [json.loads(an_event(id)) for id in "abc"]
    assert stat.S_IMODE(path.stat().st_mode) & 0o007 == 0


async def test_a_repeat_has_the_same_id_and_says_that_it_may_be_one(tmp_path: Path) -> None:
    path = tmp_path / "alerts.jsonl"
    await write(path)
    await write(path, attempt=2, may_be_repeat=True)

    first, second = map(json.loads, path.read_text("utf-8").splitlines())
    assert "mayberepeat" not in first
    assert second == {**first, "mayberepeat": True}


@pytest.mark.parametrize(
    "torn", [b'{"specversion":"1.0","id":"torn","da', b"{", b"\0" * 300, b'{"specversion": "1.0']
)
async def test_what_a_crash_left_of_a_line_is_cut_off_before_the_next(
    tmp_path: Path, torn: bytes
) -> None:
    path = tmp_path / "alerts.jsonl"
    await write(path, "a")
    with path.open("ab") as file:
        file.write(torn)

    await write(path, "b")

    assert ids(path) == ["a", "b"]


async def test_a_torn_line_that_is_longer_than_what_is_read_at_once_is_cut_off(
    tmp_path: Path,
) -> None:
    path = tmp_path / "alerts.jsonl"
    await write(path, "a")
    with path.open("ab") as file:
        file.write(b'{"specversion":"1.0","data":"' + b"x" * 200_000)

    await write(path, "b")

    assert ids(path) == ["a", "b"]


async def test_a_whole_line_without_its_end_and_a_foreign_one_are_left_alone(
    tmp_path: Path,
) -> None:
    whole, foreign = tmp_path / "alerts.jsonl", tmp_path / "notes.txt"
    whole.write_text(an_event("a"), "utf-8")
    foreign.write_text("the only line of somebody's notes", "utf-8")

    await write(whole, "b")
    await write(foreign, "b")

    assert ids(whole) == ["a", "b"]
    assert foreign.read_text("utf-8").startswith("the only line of somebody's notes\n{")


async def test_a_file_that_was_moved_away_is_begun_anew(tmp_path: Path) -> None:
    path = tmp_path / "alerts.jsonl"
    channel = FileChannel("log", path)
    await channel.send(an_outgoing(wire=an_event("a")))
    path.rename(tmp_path / "alerts.jsonl.1")
    await channel.send(an_outgoing(wire=an_event("b")))

    assert (ids(tmp_path / "alerts.jsonl.1"), ids(path)) == (["a"], ["b"])


async def test_a_missing_directory_is_said_and_tried_again(tmp_path: Path) -> None:
    path = tmp_path / "gone" / "alerts.jsonl"
    failed = await write(path)
    path.parent.mkdir()

    assert failed == Failed("the directory of the file does not exist")
    assert isinstance(await write(path), Accepted)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
async def test_a_full_disk_is_said_and_tried_again() -> None:
    assert await write(Path("/dev/full")) == Failed("the disk is full")


async def test_a_disk_that_takes_half_of_a_line_keeps_none_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "alerts.jsonl"
    await write(path, "a")
    write_all = os.write
    monkeypatch.setattr(os, "write", lambda file, line: write_all(file, line[: len(line) // 2]))
    failed = await write(path, "b")
    monkeypatch.undo()

    assert failed == Failed("the disk is full")
    assert ids(path) == ["a"]


async def test_a_line_that_does_not_reach_the_disk_is_taken_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "alerts.jsonl"
    await write(path, "a")

    def refuse(_: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "fsync", refuse)
    failed = await write(path, "b")

    assert isinstance(failed, Failed) and not failed.permanent
    assert ids(path) == ["a"]


async def test_a_file_that_may_not_be_written_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "alerts.jsonl"
    path.write_text("")
    path.chmod(0o400)
    if os.geteuid() == 0:  # root may write everywhere: the system's refusal is put in its place

        def refuse(*_: object, **__: object) -> int:
            raise PermissionError(errno.EACCES, "Permission denied")

        monkeypatch.setattr(os, "open", refuse)

    assert await write(path) == Failed("the file may not be written to (no permission)")


async def test_no_failure_names_the_path(tmp_path: Path) -> None:
    failed = await write(tmp_path / "secret-place" / "alerts.jsonl")

    assert "secret-place" not in failed.detail


def test_a_channel_is_one_thing() -> None:
    with pytest.raises(UnusableChannel, match="either a url, a webhook or a file"):
        build_channel("log", url="json://localhost", file=Path("alerts.jsonl"))


async def test_a_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "watch.db"
    path.write_bytes(b"SQLite format 3\x00and its pages")

    assert await write(path) == Failed("the file is a database and is left alone", permanent=True)
    assert path.read_bytes() == b"SQLite format 3\x00and its pages"
