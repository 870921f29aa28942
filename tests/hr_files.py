"""Files of candidates for tests: the demonstration file with some cells changed, as CSV or XLSX."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import openpyxl

from hr_backend.import_file import DEMO_FILE
from hr_backend.rows import COLUMNS

# A row that is right; tests change what they are about.
ROW = {
    **dict.fromkeys(COLUMNS, ""),
    "kandidaatnummer": "K-2025-0100",
    "voornaam": "Noor",
    "familienaam": "Voorbeeld",
    "email": "noor@kandidaat.example",
    "herkomst": "extern",
}


def demo_rows() -> list[dict[str, str]]:
    with DEMO_FILE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def many_rows(count: int) -> list[dict[str, str]]:
    """Rows of the demonstration file again and again, each with a number and an address of its own."""
    demo = demo_rows()
    return [
        {**demo[n % len(demo)], "kandidaatnummer": f"K-2025-{n:04}", "email": f"k{n}@kandidaat.example"}
        for n in range(count)
    ]


def write_csv(
    path: Path, rows: list[dict[str, str]], delimiter: str = ",", encoding: str = "utf-8", end: str = "\r\n"
) -> Path:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), delimiter=delimiter, lineterminator=end)
    writer.writeheader()
    writer.writerows(rows)
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def write_xlsx(path: Path, rows: list[dict[str, Any]]) -> Path:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(list(rows[0]))
    for number, row in enumerate(rows, 2):
        for column, value in enumerate(row.values(), 1):
            cell = sheet.cell(number, column, value)
            if isinstance(value, str):
                cell.data_type = "s"  # a text, even where it begins as a formula does
    book.save(path)
    return path
