"""What is remembered of the bytes of a register in force, so that records whose bytes come again need not be read again.

For each record in force, in the order of its key: the SHA-256 of its bytes, and its line ``key, tab, digest``. The lines are
exactly what the register's digest is taken over (:mod:`monitor.core.evidence`), so that the memory proves itself against the
evidence: it is used only if its lines have the digest of the snapshot in force. A memory that is stale, cut or of another
snapshot is thereby none at all; dropping it changes speed, never results.

The bytes mean what they meant only in the same context, adapter version and digest version (:mod:`monitor.core.scan`).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from monitor.core.evidence import digest_of_lines, register_lines

UNKNOWN = bytes(32)
"""Stands for the bytes of a record that must be read at each time, as something in it was neither taken nor ignored."""


@dataclass(frozen=True, slots=True)
class Fingerprints:
    """The packed memory of one register: ``raws`` holds 32 bytes and ``lines`` one line for each record, in one order."""

    context: str
    raws: bytes
    lines: str

    def are_of(self, register_digest: str | None) -> bool:
        """Whether they are those of the register that has this digest."""
        return self._is_whole() and digest_of_lines(self.lines) == register_digest

    def digests(self) -> dict[str, str]:
        """The digest of every record by key, in the order of the keys."""
        words = self.lines.replace("\n", "\t").split("\t")
        return dict(zip(words[:-1:2], words[1::2], strict=True))

    def _is_whole(self) -> bool:
        records = len(self.raws) // 32
        return (
            records * 32 == len(self.raws)
            and self.lines.count("\n") == self.lines.count("\t") == records
        )


@dataclass(slots=True)
class KnownBytes:
    """The part of the memory that a reading needs: ``raws`` holds 32 bytes for each of ``keys``, known in ``context``."""

    context: str
    keys: list[str]
    raws: bytes

    def keys_by_raw(self) -> dict[bytes, str]:
        """Which record the bytes with this SHA-256 are."""
        raws = self.raws
        known = {raws[32 * n : 32 * n + 32]: key for n, key in enumerate(self.keys)}
        known.pop(UNKNOWN, None)
        return known


def pack(context: str, digests: dict[str, str], raws: Mapping[str, bytes]) -> Fingerprints:
    """The memory of a register, from the digest and the SHA-256 of the bytes of every record by key."""
    packed = b"".join([raws.get(key, UNKNOWN) for key in sorted(digests)])
    return Fingerprints(context, packed, register_lines(digests))
