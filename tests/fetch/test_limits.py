"""A body that is counted while it arrives."""

import gzip
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.fetch.errors import TooLarge, TruncatedBody, UnexpectedEncoding
from monitor.fetch.limits import PIECE, IncomingBody

DOCUMENT = bytes(range(256)) * 200


@given(st.binary(min_size=1, max_size=5000), st.integers(1, 400), st.sampled_from(["", "gzip"]))
def test_the_document_comes_out_however_it_was_cut_on_the_way(
    document: bytes, step: int, encoding: str
) -> None:
    sent = gzip.compress(document) if encoding else document
    body = a_body(encoding=encoding, declared=len(sent))

    assert received(body, sent, step) == document
    assert (body.size, body.received) == (len(document), len(sent))


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=4), st.integers(1, 50))
def test_a_gzip_body_of_several_members_is_their_sequence(
    documents: list[bytes], step: int
) -> None:
    documents.append(b"the end")
    sent = b"".join(gzip.compress(document) for document in documents)

    assert received(a_body(encoding="gzip"), sent, step) == b"".join(documents)


def test_zeros_after_a_gzip_body_are_padding() -> None:
    assert received(a_body(encoding="x-gzip"), gzip.compress(DOCUMENT) + bytes(100)) == DOCUMENT


@given(st.integers(0, len(gzip.compress(DOCUMENT)) - 1))
def test_a_gzip_body_cut_anywhere_is_not_whole(length: int) -> None:
    sent = gzip.compress(DOCUMENT)[:length]

    with pytest.raises(TruncatedBody):
        received(a_body(encoding="gzip", declared=length), sent)


def test_a_second_gzip_member_that_is_cut_is_not_whole() -> None:
    sent = gzip.compress(DOCUMENT) + gzip.compress(DOCUMENT)[:-5]

    with pytest.raises(TruncatedBody, match="no end"):
        received(a_body(encoding="gzip"), sent)


def test_damaged_compression_is_not_whole() -> None:
    sent = bytearray(gzip.compress(DOCUMENT))
    sent[-6] ^= 1  # within the checksum

    with pytest.raises(TruncatedBody, match="damaged"):
        received(a_body(encoding="gzip"), bytes(sent))


def test_plain_bytes_called_gzip_are_refused() -> None:
    with pytest.raises(TruncatedBody, match="damaged"):
        received(a_body(encoding="gzip"), b"<sdnList/>")


def test_a_body_of_exactly_the_limit_is_accepted_and_one_byte_more_is_not() -> None:
    assert received(a_body(max_bytes=100), bytes(100)) == bytes(100)
    with pytest.raises(TooLarge, match="100 bytes allowed"):
        received(a_body(max_bytes=100), bytes(101), step=7)


def test_a_compressed_body_of_exactly_the_limit_is_accepted_and_one_byte_more_is_not() -> None:
    sent = gzip.compress(DOCUMENT)

    assert received(a_body(encoding="gzip", max_compressed=len(sent)), sent) == DOCUMENT
    with pytest.raises(TooLarge, match="as sent"):
        received(a_body(encoding="gzip", max_compressed=len(sent) - 1), sent)


def test_a_plain_body_is_not_measured_as_a_compressed_one() -> None:
    assert received(a_body(max_compressed=10), bytes(100)) == bytes(100)


def test_a_length_beyond_the_limit_is_refused_before_anything_is_read() -> None:
    with pytest.raises(TooLarge, match="as announced"):
        a_body(declared=101, max_bytes=100)


def test_a_gzip_bomb_is_left_at_the_limit_in_small_pieces() -> None:
    body = a_body(encoding="gzip", max_bytes=1_000_000)
    lengths: list[int] = []

    with pytest.raises(TooLarge, match="expanded"):
        lengths.extend(map(len, body.expand(gzip.compress(bytes(20_000_000)))))

    assert max(lengths) <= PIECE
    assert body.size <= 1_000_000 + PIECE


def test_fewer_bytes_than_announced_are_not_whole() -> None:
    with pytest.raises(TruncatedBody, match="12 bytes were announced"):
        received(a_body(declared=12), b"<sdnList/>")


def test_an_empty_body_is_no_document() -> None:
    with pytest.raises(TruncatedBody, match="empty"):
        received(a_body(declared=0), b"")
    with pytest.raises(TruncatedBody, match="empty"):
        received(a_body(encoding="gzip"), gzip.compress(b""))


@pytest.mark.parametrize("encoding", ["br", "zstd", "deflate", "gzip, gzip"])
def test_a_compression_that_was_not_offered_is_refused(encoding: str) -> None:
    with pytest.raises(UnexpectedEncoding, match="only gzip"):
        a_body(encoding=encoding)


def test_a_raw_deflate_stream_is_not_gzip() -> None:
    with pytest.raises(TruncatedBody):
        received(a_body(encoding="gzip"), zlib.compress(DOCUMENT))


def a_body(**said: Any) -> IncomingBody:
    defaults = {
        "feed": "ofac-sdn",
        "host": "list.example",
        "encoding": "",
        "declared": None,
        "max_bytes": 10_000_000,
        "max_compressed": 1_000_000,
    }
    return IncomingBody(**defaults | said)


def received(body: IncomingBody, sent: bytes, step: int = 1000) -> bytes:
    """The document that comes out when ``sent`` arrives in steps."""
    pieces = [
        piece
        for start in range(0, len(sent), step)
        for piece in body.expand(sent[start : start + step])
    ]
    body.finish()
    return b"".join(pieces)
