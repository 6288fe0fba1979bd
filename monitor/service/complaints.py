"""What goes wrong again and again is one line of the log each time, and only the first time with where it happened."""

import errno
import logging
import os
import sqlite3

from sqlalchemy.exc import DBAPIError

log = logging.getLogger(__name__)

_OF_THE_MACHINE = ("SQLITE_IOERR", "SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_BUSY")


class Complaints:
    """Complains of errors of one process. ``what`` names what could not be done, as a whole clause."""

    def __init__(self) -> None:
        self._open: dict[str, str] = {}

    def tell(self, what: str, error: Exception) -> None:
        """Log that ``what`` went wrong, with the traceback unless the same was told before."""
        words = words_of(error)
        is_news = self._open.get(what) != words
        self._open[what] = words
        log.error("%s: %s", what, words, exc_info=error if is_news else None)

    def over(self, what: str) -> None:
        """It went well: the next time is the first again."""
        self._open.pop(what, None)


def words_of(error: Exception) -> str:
    """The system's own word for what happened, or else the type of a foreign error, whose text may hold anything."""
    if isinstance(error, OSError) and error.errno:
        return error.strerror or os.strerror(error.errno)
    cause = error.orig if isinstance(error, DBAPIError) else None
    if isinstance(cause, sqlite3.Error):
        name = getattr(cause, "sqlite_errorname", None) or ""
        if name == "SQLITE_FULL":
            return os.strerror(errno.ENOSPC)
        if name.startswith(_OF_THE_MACHINE):
            return str(cause)
    return type(cause or error).__name__
