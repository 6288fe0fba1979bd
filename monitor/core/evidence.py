"""The hash chain of the event log: how a row is linked to the one before, and how a chain is checked.

Each event's hash is SHA-256 over the canonical JSON of ``[previous hash, id, time, kind, feed, subject, payload]``, where the
payload is the very text that is stored. Whoever holds the rows can recompute it with a standard library; a row that is altered,
removed or put between breaks the first link after it.
"""

import hashlib
from dataclasses import dataclass

from monitor.core.canonical import encode

GENESIS = "0" * 64
"""What the first event of a log is linked to."""

_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Link:
    """One event as the chain sees it. ``at`` is the stored text of its time."""

    id: int
    at: str
    kind: str
    feed: str | None
    subject: str
    payload: str


def link_hash(previous: str, link: Link) -> str:
    """The hash that binds ``link`` to the event whose hash is ``previous``."""
    row = [previous, link.id, link.at, link.kind, link.feed, link.subject, link.payload]
    return hashlib.sha256(encode(row)).hexdigest()


def register_digest(digests: dict[str, str]) -> str:
    """SHA-256 over one line ``key, tab, digest`` for every record, sorted by key: the whole register in one number."""
    return digest_of_lines(register_lines(digests))


def register_lines(digests: dict[str, str]) -> str:
    """What :func:`register_digest` is taken over."""
    keys = sorted(digests)
    parts = []
    for at in range(0, len(keys), _AT_ONCE):  # in parts, as a large register is long
        parts.append("".join([f"{key}\t{digests[key]}\n" for key in keys[at : at + _AT_ONCE]]))
    return "".join(parts)


def digest_of_lines(lines: str) -> str:
    """The digest of a register whose lines are at hand already."""
    sha256 = hashlib.sha256()
    for at in range(0, len(lines), 100 * _AT_ONCE):
        sha256.update(lines[at : at + 100 * _AT_ONCE].encode())
    return sha256.hexdigest()
