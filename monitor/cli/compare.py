"""``diff``: what changed between two saved files of a list. Touches no database and sends nothing."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Annotated, Any, TextIO

import typer

import feeds
from feeds.errors import CountMismatch, FeedError, RepeatedKey
from feeds.records import read_register
from monitor.cli.context import Mistake
from monitor.cli.files import opened
from monitor.cli.output import Format, chosen, printable, write_csv, write_json_lines
from monitor.cli.progress import Steps, counting, progress
from monitor.core.canonical import Document, party_document
from monitor.core.classify import change_json, classify, display_name
from monitor.core.diff import diff as differences

DIFFERENT = 1

_SIGNS = {"added": "+", "removed": "−", "amended": "±"}
_CSV = ("feed", "key", "kind", "severity", "categories", "party", "fields")


def diff(
    old: Annotated[
        Path, typer.Argument(help="The older file: plain, .gz, .zst or .zip.", show_default=False)
    ],
    new: Annotated[Path, typer.Argument(help="The newer file.", show_default=False)],
    feed: Annotated[str, typer.Option(help="Which list the files are of.", show_default=False)],
    format: Annotated[
        Format | None, typer.Option(help="How changes are written.", show_default=False)
    ] = None,
) -> None:
    """Compare two saved files of a list: exactly what changed, sorted by number.

    Exit code 0 when they say the same, 1 when not, 2 when one cannot be read.

    Example: sanctions-monitor diff --feed ofac-sdn SDN-monday.xml SDN-friday.xml.gz
    """
    adapter = register(feed)
    changes = differences(read_file(adapter, old), read_file(adapter, new))
    write_changes(
        [change_json(feed, change, classify(change)) for change in changes], format, sys.stdout
    )
    if changes:
        raise typer.Exit(DIFFERENT)


def register(feed: str) -> feeds.RegisterAdapter:
    """The adapter of a list. Raises UnknownFeed, or Mistake for a feed that is none."""
    adapter = feeds.by_id(feed)
    if not isinstance(adapter, feeds.RegisterAdapter):
        raise Mistake(
            f"{feed} is not a list of parties: it publishes items, which are not compared"
        )
    return adapter


def read_file(adapter: feeds.RegisterAdapter, path: Path) -> dict[str, Document]:
    """The list in a file, canonical document by key. What no reader took is told on stderr.

    Raises Mistake when the file cannot be read as this list, whole, with the count that it declares.
    """
    with (
        opened(path, max_bytes=adapter.feed.max_bytes) as file,
        progress(f"Reading {path.name}") as steps,
    ):
        try:
            return _read(adapter, file, path, steps)
        except FeedError as error:
            raise Mistake(f"{path} cannot be read: {error}") from error


def write_changes(changes: Sequence[dict[str, Any]], format: Format | None, stream: TextIO) -> None:
    """The contract's change objects, one a line; for people a heading and a block each; for nothing, nothing."""
    if not changes:
        return
    match chosen(format, stream):
        case Format.JSON:
            write_json_lines(changes, stream)
        case Format.CSV:
            write_csv(changes, _CSV, stream)
        case Format.TABLE:
            stream.write(f"{heading(changes)}\n")
            for change in changes:
                stream.writelines(f"{printable(line)}\n" for line in _block(change))


def heading(changes: Sequence[dict[str, Any]]) -> str:
    """``1 added, 1 removed, 74 amended.``"""
    kinds = [change["kind"] for change in changes]
    return ", ".join(f"{kinds.count(kind):,} {kind}" for kind in _SIGNS if kind in kinds) + "."


def party_name(party: dict[str, Any]) -> str:
    """The name as the list writes it: ``LAST, First``."""
    return display_name(party.get("name", ""))


def _read(
    adapter: feeds.RegisterAdapter, file: IO[bytes], path: Path, steps: Steps
) -> dict[str, Document]:
    documents: dict[str, Document] = {}
    reading = read_register(adapter, file)
    for party in counting(reading, steps):
        if party.key in documents:
            raise RepeatedKey(adapter.feed.id, party.key)
        documents[party.key] = party_document(party)
    declared = reading.head.declared_count
    if declared is not None and declared != len(documents):
        raise CountMismatch(adapter.feed.id, path.name, declared, len(documents))
    for unread in sorted({unread.path for unread in reading.unread}):
        sys.stderr.write(f"{path.name}: {printable(unread)} is not understood, and not compared\n")
    return documents


def _block(change: dict[str, Any]) -> Iterator[str]:
    party = change["party"]
    what = "; ".join(
        part for part in (party.get("type", ""), ", ".join(party.get("programs", ()))) if part
    )
    yield f"{_SIGNS[change['kind']]} {change['key']}  {party_name(party)} ({what})"
    why = ", ".join(change["categories"])
    yield f"    {change['kind']}: {why} · {change['severity']}"
    for field in change.get("fields", ()):
        yield from (f"    {field['field']} − {_value(value)}" for value in field["before"])
        yield from (f"    {field['field']} + {_value(value)}" for value in field["after"])


def _value(value: Any) -> str:
    if isinstance(value, dict) and "last" in value:
        rest = ", ".join(str(value[part]) for part in sorted(value.keys() - {"last", "first"}))
        return party_name({"name": value}) + (f" ({rest})" if rest else "")
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_value(inner)}" for name, inner in value.items())
    return str(value)
