"""Many rows at once, without what a statement built for each row would cost."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Connection, Table

T = TypeVar("T")

_BATCH = 500
"""So many values go into one condition; a database takes some thousand."""


def insert_rows(
    connection: Connection, table: Table, columns: Sequence[str], rows: list[tuple[Any, ...]]
) -> None:
    """Insert rows given as tuples in the order of ``columns``. Values go to the driver as they are: text and numbers.

    Through the statement's own parameters each row of a baseline would cost twice what the database takes for it.
    """
    mark = "?" if connection.dialect.paramstyle == "qmark" else "%s"
    names = ", ".join(table.columns[column].name for column in columns)
    marks = ", ".join(mark for _ in columns)
    # Names come from the tables' own definition, values go as parameters.
    statement = f"INSERT INTO {table.name} ({names}) VALUES ({marks})"  # noqa: S608
    connection.exec_driver_sql(statement, rows)


def in_batches(values: Iterable[T]) -> Iterator[Sequence[T]]:
    """The different values in their order, as many at a time as one condition takes."""
    remaining = iter(dict.fromkeys(values))
    while batch := list(islice(remaining, _BATCH)):
        yield batch
