"""Reads a CSV or XLSX file as a header and rows of text; where a file cannot be read it says why, and on which line."""

from __future__ import annotations

import csv
import io
import unicodedata
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import openpyxl

MOST_BYTES = 20 * 1024 * 1024
MOST_UNPACKED_BYTES = 200 * 1024 * 1024
MOST_ROWS = 100_000
MOST_COLUMNS = 50
_XLSX_BEGINS = b"PK"
_BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"


@dataclass(frozen=True)
class Problem:
    """What is wrong in a file: the line, the column (empty for a whole line) and the name of the text that explains it."""

    line: int
    column: str
    code: str
    values: dict[str, Any] = field(default_factory=dict, compare=False)


class UnreadableError(Exception):
    """The file is no sheet; `problem` says where it goes wrong."""

    def __init__(self, code: str, line: int = 1, **values: Any) -> None:
        super().__init__(code)
        self.problem = Problem(line, "", code, values)


@dataclass(frozen=True)
class Formula:
    """A cell that holds a formula, where a text is expected: what it would show is not in the file's own words."""


Cell = str | Formula
Line = tuple[int, list[Cell]]


def read_sheet(path: Path) -> list[Line]:
    """Return the lines that hold anything, the header first, each with its number in the file.

    Raises:
        UnreadableError: where the file is missing, too large, or of another kind.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise UnreadableError("file_too_large", most=MOST_BYTES // 1024**2)
        data = path.read_bytes()
    except OSError:
        raise UnreadableError("no_file") from None
    lines = []
    for line, cells in _xlsx(data) if data.startswith(_XLSX_BEGINS) else _csv(data):
        if any(cells):
            lines.append((line, cells))
        if len(lines) > MOST_ROWS + 1:
            raise UnreadableError("too_many_rows", line, most=MOST_ROWS)
    if not lines:
        raise UnreadableError("empty_file")
    return lines


def _csv(data: bytes) -> Iterator[Line]:
    try:
        text = data.decode("utf-8").removeprefix(_BOM)
    except UnicodeDecodeError as error:
        raise UnreadableError("not_utf8", data.count(b"\n", 0, error.start) + 1) from None
    header = text.lstrip().partition("\n")[0]
    delimiter = ";" if header.count(";") > header.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    begins = 1
    try:
        for cells in reader:
            yield begins, [_clean(cell) for cell in cells]
            begins = reader.line_num + 1  # a quoted cell may run over several lines
    except csv.Error:
        raise UnreadableError("not_csv", begins) from None


def _xlsx(data: bytes) -> Iterator[Line]:
    try:
        # A small file can unpack to one that fills the memory.
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            if sum(part.file_size for part in packed.infolist()) > MOST_UNPACKED_BYTES:
                raise UnreadableError("file_too_large", most=MOST_BYTES // 1024**2)
        sheet = openpyxl.load_workbook(io.BytesIO(data), read_only=True).worksheets[0]
        sheet.reset_dimensions()  # what the file says of its own size is not always true
        width = 0
        for number, row in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS, max_row=MOST_ROWS + 2), 1):
            cells = [_text(cell) for cell in row]
            while cells and cells[-1] == "":
                cells.pop()
            width = width or len(cells)
            yield number, cells + [""] * (width - len(cells))
    except UnreadableError:
        raise
    except Exception:  # noqa: BLE001 - openpyxl raises whatever its parsers do on a broken file
        raise UnreadableError("not_xlsx") from None


def _text(cell: Any) -> Cell:
    """Return a cell as it would stand in CSV: a day as ISO 8601, other things as they are written."""
    if cell.data_type == "f":
        return Formula()
    value = cell.value
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else _clean(str(value))


def _clean(value: str) -> str:
    return unicodedata.normalize("NFC", value.replace("\N{NO-BREAK SPACE}", " ").strip())
