"""A file that a body is written to as it arrives, and that disappears unless it became whole."""

import hashlib
import os
import tempfile
from pathlib import Path
from types import TracebackType


class SpoolFile:
    """Takes a body piece by piece, hashing it. Leaving the block removes the file unless :meth:`keep` was called.

    Holds whatever ends the block: a failure, a cancellation, a full disk (an OSError).
    """

    def __init__(self, folder: Path) -> None:
        descriptor, name = tempfile.mkstemp(prefix="fetch-", suffix=".body", dir=folder)
        self.path = Path(name)
        # Unbuffered: the pieces are as large as a buffer would be.
        self._file = os.fdopen(descriptor, "wb", buffering=0)
        self._digest = hashlib.sha256()
        self._kept = False

    @property
    def sha256(self) -> str:
        """The digest of what was written so far, in hexadecimal."""
        return self._digest.hexdigest()

    def write(self, piece: bytes) -> None:
        """Append a piece, whole."""
        self._digest.update(piece)
        view = memoryview(piece)
        while view:
            view = view[self._file.write(view) :]

    def keep(self) -> Path:
        """Close the file and leave it to the caller, who removes it."""
        self._file.close()
        self._kept = True
        return self.path

    def __enter__(self) -> "SpoolFile":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()
        if not self._kept:
            self.path.unlink(missing_ok=True)
