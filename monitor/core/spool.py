"""What a comparison found out about one record, as one line of a spool.

A comparison may find nineteen thousand of these (a first snapshot), so that they go to a file and are committed from there in
flat memory. A document is encoded once, for its digest; from there on it is text, in the spool as in the database.
"""

from dataclasses import dataclass
from typing import Any, Literal, cast

from monitor.core.canonical import decode, encode

Kind = Literal["baseline", "added", "amended", "removed"]


@dataclass(slots=True)
class Entry:
    """One record that is not what it was.

    ``document`` (as its canonical encoding) and ``digest`` are the new ones (None for a removed record); ``change`` is the
    contract's object, and None in a baseline, which announces no record.
    """

    kind: Kind
    key: str
    digest: str | None
    document: str | None
    change: dict[str, Any] | None

    @classmethod
    def from_line(cls, line: bytes) -> "Entry":
        """The entry that :func:`line_of` wrote."""
        kind, key, digest, document, change = line.decode().rstrip("\n").split("\t")
        return cls(
            cast(Kind, kind),
            decode(key),
            digest or None,
            document or None,
            decode(change) if change else None,
        )


def line_of(
    kind: Kind,
    key: str,
    digest: str | None,
    document: bytes | None,
    change: dict[str, Any] | None,
) -> bytes:
    """An entry as one line, with its end: JSON between tabs, which JSON has inside no value."""
    return b"%b\t%b\t%b\t%b\t%b\n" % (
        kind.encode(),
        encode(key),
        (digest or "").encode(),
        document or b"",
        encode(change) if change is not None else b"",
    )
