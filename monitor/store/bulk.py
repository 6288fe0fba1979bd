"""Many rows at once, without what a statement built for each row would cost."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Table


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
