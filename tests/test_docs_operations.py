"""The runbook has a section for every kind of incident, under the very name that alerts link to."""

import ast
import re
import shlex
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from feeds.errors import FeedError
from monitor.errors import MissingEvidence
from monitor.fetch.errors import FetchError
from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "operations.md").read_text("utf-8")
SECTIONS = re.findall(r"^### (\w+)$", PAGE.partition("## Runbook")[2], re.MULTILINE)
SOURCES = sorted(path for room in ("monitor", "feeds") for path in (ROOT / room).rglob("*.py"))


def reasons(error: type[Exception]) -> set[str]:
    """The reasons of a whole family of errors."""
    return {error.reason}.union(*map(reasons, error.__subclasses__()))  # type: ignore[attr-defined]


def opened_by_name() -> Iterator[str]:
    """The kind of each ``Incident(kind=…)`` and ``Dropped(…)`` in the code, where it is written out or is a constant."""
    trees = [ast.parse(path.read_text("utf-8")) for path in SOURCES]
    constants = {
        target.id: statement.value.value
        for tree in trees
        for statement in tree.body
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant)
        for target in statement.targets
        if isinstance(target, ast.Name)
    }
    for call in (node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)):
        name = call.func.id if isinstance(call.func, ast.Name) else ""
        kinds: list[ast.expr] = []
        if name == "Incident":
            kinds = [keyword.value for keyword in call.keywords if keyword.arg == "kind"]
        elif name == "Dropped":
            kinds = call.args[:1]
        for kind in kinds:
            if isinstance(kind, ast.Constant):
                yield str(kind.value)
            elif isinstance(kind, ast.Name):
                yield str(constants[kind.id])


KINDS = sorted(
    reasons(FeedError) | reasons(FetchError) | {MissingEvidence.reason} | set(opened_by_name())
)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_incident_has_a_section(kind: str) -> None:
    assert kind in SECTIONS


def test_no_section_is_about_a_kind_that_there_is_not() -> None:
    assert sorted(SECTIONS) == KINDS


def test_every_link_of_an_alert_leads_to_a_section() -> None:
    code = "".join(path.read_text("utf-8") for path in SOURCES)
    linked = set(re.findall(r"(?:operations\.md|_RUNBOOK\})#([a-z_]+)", code))

    assert linked
    assert linked <= set(SECTIONS)


def test_every_link_within_the_page_leads_somewhere() -> None:
    headings = re.findall(r"^#+ (.+)$", PAGE, re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}

    assert set(re.findall(r"\]\(#([^)]+)\)", PAGE)) <= anchors


def test_the_backup_as_written_gives_a_database_that_can_be_read(tmp_path: Path) -> None:
    (command,) = re.findall(r"^python3 (-c .*VACUUM INTO.*)$", PAGE, re.MULTILINE)
    (tmp_path / "data").mkdir()
    connection = sqlite3.connect(tmp_path / "data" / "sanctions-monitor.db")
    connection.executescript(
        "PRAGMA journal_mode=WAL; CREATE TABLE a (b); INSERT INTO a VALUES (1)"
    )

    subprocess.run([sys.executable, *shlex.split(command)], cwd=tmp_path, check=True)

    connection.close()
    copy = sqlite3.connect(tmp_path / "backup.db")
    assert copy.execute("SELECT b FROM a").fetchall() == [(1,)]
    copy.close()
