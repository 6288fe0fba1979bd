"""Files that a user names: expanded within limits, refused beyond them."""

import gzip
import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import zstandard

from monitor.cli.files import UnreadableFile, opened

MEGABYTE = 1024 * 1024


def zipped(content: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("SDN.XML", content)
    return buffer.getvalue()


@pytest.mark.parametrize("pack", [bytes, gzip.compress, zstandard.compress, zipped])
def test_a_file_may_be_as_large_as_the_limit_and_no_larger(
    tmp_path: Path, pack: Callable[[Any], bytes]
) -> None:
    file = tmp_path / "list"
    file.write_bytes(pack(b"x" * MEGABYTE))

    with opened(file, max_bytes=MEGABYTE) as expanded:
        assert expanded.read() == b"x" * MEGABYTE
    with pytest.raises(UnreadableFile, match="larger than"), opened(file, max_bytes=MEGABYTE - 1):
        pass


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress, zipped])
def test_a_small_file_that_expands_without_end_is_refused_while_it_grows(
    tmp_path: Path, pack: Callable[[Any], bytes]
) -> None:
    bomb = tmp_path / "bomb"
    bomb.write_bytes(pack(b" " * (64 * MEGABYTE)))
    assert bomb.stat().st_size < MEGABYTE

    with (
        pytest.raises(UnreadableFile, match="larger than 1 MB when expanded"),
        opened(bomb, max_bytes=MEGABYTE),
    ):
        pass


def test_a_directory_is_refused(tmp_path: Path) -> None:
    with (
        pytest.raises(UnreadableFile, match="cannot be read: Is a directory"),
        opened(tmp_path, max_bytes=1),
    ):
        pass


def test_an_encrypted_archive_is_refused(tmp_path: Path) -> None:
    content = bytearray(zipped(b"x"))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + offset] |= 1
    file = tmp_path / "list.zip"
    file.write_bytes(content)

    with pytest.raises(UnreadableFile, match="is encrypted"), opened(file, max_bytes=MEGABYTE):
        pass
