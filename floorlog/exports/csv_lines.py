"""Write records as comma-separated values (RFC 4180), one row a record, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from typing import Any

from floorlog.exports.frame import Entry, Frame
from floorlog.exports.table import COLUMNS, rows

MEDIA_TYPE = "text/csv; charset=utf-8; header=present"

BETWEEN = ";"
"""Stands between the items of a list; none of them can hold it."""

_FORMULA_STARTS = tuple("=+-@\t\r\n'＝＋－＠")
"""What makes a spreadsheet take a text for a formula (OWASP, CSV Injection), and the apostrophe that prevents it."""


class _Line:
    """Keeps what a writer of CSV writes until it is taken."""

    def __init__(self) -> None:
        self.text = ""

    def write(self, text: str) -> None:
        self.text = text


def csv_lines(entries: Iterable[Entry], frame: Frame) -> Iterator[str]:
    """Yield records as CSV: a line of names, then a row a record.

    A text that begins like a formula, or with an apostrophe, has an apostrophe before it: readers that are programs
    take one apostrophe off wherever a text begins with one, and have the text as it is.
    """
    line = _Line()
    writer = csv.writer(line)
    writer.writerow([column.name for column in COLUMNS])
    yield line.text
    for row in rows(entries, frame):
        writer.writerow([_cell(column.of(row)) for column in COLUMNS])
        yield line.text


def _cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case list():
            return _cell(BETWEEN.join(value))
        case str():
            return f"'{value}" if value.startswith(_FORMULA_STARTS) else value
        case _:
            return str(value)
