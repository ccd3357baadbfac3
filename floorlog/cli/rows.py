"""What commands about the store share: the store itself, and rows as a table or as JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from floorlog.cli.edge import emit, ready

Data = Annotated[Path | None, typer.Option(help="Data folder.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


def opened(data: Path | None) -> Any:
    """Return the store of a data folder, with its tables as this version needs them."""
    from floorlog.services import engines

    ready(data_dir=data)
    store = engines.store()
    store.migrate()
    return store


def show_rows(rows: list[dict[str, Any]], as_json: bool, columns: tuple[str, ...]) -> None:
    """Print rows: as one line of JSON with all they hold, or some columns of them as a table."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    if as_json:
        emit(rows)
        return
    table = Table(*(column.replace("_", " ") for column in columns))
    for row in rows:
        table.add_row(*(escape(plain(row[column])) for column in columns))
    Console().print(table)


def plain(value: Any) -> str:
    """Return a value as a cell of a table: without what a terminal would obey."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(plain, value))
    return "" if value is None else "".join(letter for letter in str(value) if letter.isprintable())
