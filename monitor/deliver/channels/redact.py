"""What a receiver said, fit to be stored and shown: one short line without any secret.

Services like to repeat a request's address in their errors. Whatever a channel was configured with is therefore cut
out of the answer: the whole value, and each long piece of it, since tokens sit in paths and query strings.
"""

import re
from collections.abc import Iterable
from urllib.parse import unquote

LONGEST = 200
HIDDEN = "***"
_SHORTEST_PIECE = 6


def redact(text: str, secrets: Iterable[str]) -> str:
    """``text`` as one line of at most 200 characters in which no part of a secret is left."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    for piece in _pieces(secrets):
        line = line.replace(piece, HIDDEN)
    line = re.sub(r"\b[a-z][a-z0-9+.-]*://\S+", HIDDEN, line, flags=re.IGNORECASE)
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"


def _pieces(secrets: Iterable[str]) -> list[str]:
    found: set[str] = set()
    for secret in secrets:
        for form in (secret, unquote(secret)):
            found.update(
                p for p in (form, *re.split(r"[/:?&=@,\s]+", form)) if len(p) >= _SHORTEST_PIECE
            )
    # Longest first, or a short piece would leave the rest of a long one standing.
    return sorted(found, key=len, reverse=True)
