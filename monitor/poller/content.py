"""The bytes of a small page, once it has been fetched."""

from contextlib import suppress

from monitor.fetch.client import Content

MOST_BYTES = 32 * 1024 * 1024
"""A page or a yearly file is read into memory; none is anywhere near this."""


def take(content: Content) -> bytes:
    """The bytes of a page; its file is removed."""
    try:
        return content.path.read_bytes()
    finally:
        with suppress(FileNotFoundError):
            content.path.unlink()
