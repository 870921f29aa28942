"""What `make import` runs: `python -m hr_backend.import_file FILE`. It tells in Dutch what was imported or what is wrong."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path

import yaml
from pydantic import BaseModel
from sqlalchemy.exc import SQLAlchemyError

from assistant.settings import SettingsError, read_settings
from hr_backend.database import prepared_database
from hr_backend.importer import Imported, import_candidates, is_empty
from hr_backend.settings import DatabaseSettings
from hr_backend.sheet import Problem

TEXTS_FILE = Path(__file__).with_name("import_texts.yml")
DEMO_FILE = Path(__file__).with_name("demo") / "kandidaten.csv"


class _Texts(BaseModel):
    """The words of import_texts.yml."""

    geslaagd: str
    mislukt: str
    gebruik: str
    geen_databank: str
    regel: str
    cel: str
    fouten: dict[str, str]


def main() -> None:
    """Import the file that the command names."""
    if len(sys.argv) != 2 or not sys.argv[1]:
        sys.exit(texts().gebruik)
    try:
        engine = prepared_database(read_settings(DatabaseSettings).hr_database_url)
        imported = import_candidates(Path(sys.argv[1]), engine)
    except SettingsError as error:
        sys.exit(str(error))
    except SQLAlchemyError:
        sys.exit(texts().geen_databank)
    if imported.problems:
        sys.exit(report(imported))
    sys.stdout.write(report(imported) + "\n")


def load_demo() -> None:
    """Import the demonstration data where there is no candidate yet."""
    engine = prepared_database(read_settings(DatabaseSettings).hr_database_url)
    if is_empty(engine):
        import_candidates(DEMO_FILE, engine)
    engine.dispose()


def report(imported: Imported) -> str:
    """Return what is told of an import: one line, or one for each problem."""
    if imported.problems:
        head = texts().mislukt.format(problems=len(imported.problems))
        return "\n".join([head, *(explain(problem) for problem in imported.problems)])
    rows = imported.new + imported.changed + imported.unchanged
    return texts().geslaagd.format(rows=rows, new=imported.new, changed=imported.changed, unchanged=imported.unchanged)


def explain(problem: Problem) -> str:
    """Return a problem's line, column and what was expected."""
    words = ", ".join(problem.values.get("words", []))
    text = texts().fouten[problem.code].format(**{**problem.values, "words": words})
    shape = texts().cel if problem.column else texts().regel
    # An unknown column's name is the file's; a terminal must not obey what could stand in it.
    column = "".join(letter if letter.isprintable() else "?" for letter in problem.column)
    return shape.format(line=problem.line, column=column, text=text)


@cache
def texts() -> _Texts:
    """Return the words of import_texts.yml."""
    return _Texts.parse_obj(yaml.safe_load(TEXTS_FILE.read_text(encoding="utf-8")))


if __name__ == "__main__":
    main()
