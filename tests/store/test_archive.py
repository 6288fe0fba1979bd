"""The archive: content-addressed, compressed, and never taken for what it is not."""

import hashlib
from pathlib import Path

import pytest

from monitor.errors import MissingEvidence
from monitor.store.archive import Archive

CONTENT = b"<sdnList>" + b"DOE, John " * 1000 + b"</sdnList>"
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    """An archive that holds the content."""
    archive = Archive(tmp_path / "archive")
    keep(archive, tmp_path, CONTENT)
    return archive


def keep(archive: Archive, tmp_path: Path, content: bytes) -> str:
    path = tmp_path / "content"
    path.write_bytes(content)
    sha256 = hashlib.sha256(content).hexdigest()
    archive.keep(path, sha256)
    return sha256


def files(archive: Archive) -> list[Path]:
    folder = archive.path(SHA256).parent.parent
    return [path for path in folder.rglob("*") if path.is_file()]


def test_what_was_kept_comes_back_and_can_be_rewound(archive: Archive) -> None:
    with archive.open(SHA256) as file:
        assert file.read() == CONTENT
        file.seek(0)
        assert file.read(9) == b"<sdnList>"


def test_it_is_compressed_under_its_hash(archive: Archive) -> None:
    (path,) = files(archive)

    assert path == archive.path(SHA256)
    assert path.name == f"{SHA256}.zst"
    assert path.parent.name == SHA256[:2]
    assert path.stat().st_size < len(CONTENT) / 10


def test_the_same_content_is_kept_once(archive: Archive, tmp_path: Path) -> None:
    before = archive.path(SHA256).stat()

    keep(archive, tmp_path, CONTENT)

    assert len(files(archive)) == 1
    assert archive.path(SHA256).stat().st_mtime_ns == before.st_mtime_ns


def test_even_nothing_can_be_kept(archive: Archive, tmp_path: Path) -> None:
    sha256 = keep(archive, tmp_path, b"")

    with archive.open(sha256) as file:
        assert file.read() == b""


def test_a_keeping_that_is_broken_off_leaves_nothing(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_space(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", no_space)

    with pytest.raises(OSError, match="space"):
        keep(archive, tmp_path, b"another")

    assert files(archive) == [archive.path(SHA256)]


def test_what_is_not_there_is_missing_evidence(archive: Archive) -> None:
    with pytest.raises(MissingEvidence, match="is not there"), archive.open("0" * 64):
        pass


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"no zstd at all", id="something else"),
        pytest.param(b"", id="empty"),
        pytest.param(None, id="cut"),
    ],
)
def test_a_damaged_file_gives_out_nothing(archive: Archive, content: bytes | None) -> None:
    path = archive.path(SHA256)
    path.write_bytes(path.read_bytes()[:-10] if content is None else content)

    with pytest.raises(MissingEvidence), archive.open(SHA256):
        pytest.fail("it was given out")
    with pytest.raises(MissingEvidence):
        archive.check(SHA256)


def test_another_content_under_its_name_gives_out_nothing(archive: Archive, tmp_path: Path) -> None:
    other = keep(archive, tmp_path, CONTENT.replace(b"John", b"Jane"))
    archive.path(other).replace(archive.path(SHA256))

    with pytest.raises(MissingEvidence, match="is altered"), archive.open(SHA256):
        pytest.fail("it was given out")
    with pytest.raises(MissingEvidence, match="is altered"):
        archive.check(SHA256)


def test_what_is_whole_passes_the_check(archive: Archive) -> None:
    archive.check(SHA256)
