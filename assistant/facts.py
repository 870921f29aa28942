"""The facts that an answer may state, typed: dates, amounts, durations, numbers, addresses and links of the infobundel."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal, Union

import yaml
from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import format_currency
from pydantic import BaseModel, EmailStr, Field, HttpUrl, parse_obj_as, validator

FACTS_FILE = Path(__file__).with_name("facts.yml")
LOCALE = "nl_BE"


class _Fact(BaseModel):
    """What every fact has: the heading of the infobundel where it stands and the words that state it."""

    bron: str
    citaat: str

    class Config:
        """Frozen, and a misspelled key is an error."""

        allow_mutation = False
        extra = "forbid"


class Day(_Fact):
    """One calendar day in Kortrijk."""

    soort: Literal["datum"]
    waarde: date

    def __str__(self) -> str:
        """Return for example '3 november 2025'."""
        return format_date(self.waarde, "d MMMM y", locale=LOCALE)


class Days(_Fact):
    """Several calendar days, in order."""

    soort: Literal["data"]
    waarde: list[date] = Field(min_items=1)

    @validator("waarde")
    def _in_order(cls, value: list[date]) -> list[date]:
        if value != sorted(value):
            raise ValueError("the days must be in order")
        return value

    @property
    def first(self) -> date:
        """The first of the days."""
        return self.waarde[0]

    @property
    def last(self) -> date:
        """The last of the days."""
        return self.waarde[-1]

    def __str__(self) -> str:
        """Return the days in words."""
        return in_words(self.waarde)


class Duration(_Fact):
    """A length of time in the unit of the infobundel."""

    soort: Literal["duur"]
    waarde: int = Field(gt=0)
    eenheid: Literal["jaar", "maanden", "weken", "dagen", "uur"]

    def __str__(self) -> str:
        """Return for example '2 jaar'."""
        return f"{self.waarde} {self.eenheid}"


class Amount(_Fact):
    """A sum of money; what it is paid for (per km, say) stands in `eenheid`."""

    soort: Literal["bedrag"]
    waarde: Decimal = Field(gt=0)
    eenheid: Literal["EUR", "EUR per km"]

    def __str__(self) -> str:
        """Return for example '€ 7,50'."""
        return format_currency(self.waarde, "EUR", locale=LOCALE).replace("\N{NO-BREAK SPACE}", " ")


class Quantity(_Fact):
    """A number of things."""

    soort: Literal["aantal"]
    waarde: int = Field(gt=0)
    eenheid: str

    def __str__(self) -> str:
        """Return the number alone, without a separator for thousands, as the infobundel writes it."""
        return str(self.waarde)


class Name(_Fact):
    """A name, of a person or a grade."""

    soort: Literal["naam"]
    waarde: str = Field(min_length=1)

    def __str__(self) -> str:
        """Return the name."""
        return self.waarde


class Email(_Fact):
    """An e-mail address."""

    soort: Literal["email"]
    waarde: EmailStr

    def __str__(self) -> str:
        """Return the address."""
        return str(self.waarde)


class Phone(_Fact):
    """A Belgian telephone number, spaced as people write it."""

    soort: Literal["telefoon"]
    waarde: str = Field(regex=r"^0\d{1,3}( \d{2}){3,4}$")

    def __str__(self) -> str:
        """Return the number with its spaces."""
        return self.waarde


class Link(_Fact):
    """The address of a web page, and its name on a link."""

    soort: Literal["url"]
    titel: str
    waarde: HttpUrl

    def __str__(self) -> str:
        """Return the address."""
        return str(self.waarde)


class Page(BaseModel):
    """A page of the city that the infobundel does not name; `bron` is the site that it is on."""

    soort: Literal["pagina"]
    titel: str
    waarde: HttpUrl
    bron: HttpUrl

    class Config:
        """Frozen, and a misspelled key is an error."""

        allow_mutation = False
        extra = "forbid"

    def __str__(self) -> str:
        """Return the address."""
        return str(self.waarde)


class HelpLine(BaseModel):
    """A short number that helps at once; it does not come from the infobundel but from who answers it."""

    soort: Literal["hulplijn"]
    titel: str
    waarde: str = Field(regex=r"^\d{3,4}$")
    bron: HttpUrl

    class Config:
        """Frozen, and a misspelled key is an error."""

        allow_mutation = False
        extra = "forbid"

    def __str__(self) -> str:
        """Return the number."""
        return self.waarde


Fact = Union[Day, Days, Duration, Amount, Quantity, Name, Email, Phone, Link, Page, HelpLine]
Facts = dict[str, Fact]


def in_words(days: Sequence[date]) -> str:
    """Return for example '14, 20 en 21 november 2025'; months are repeated only where they differ."""
    same_year = len({day.year for day in days}) == 1
    same_month = same_year and len({day.month for day in days}) == 1
    pattern = "d" if same_month else "d MMMM" if same_year else "d MMMM y"
    *others, final = days
    parts = [format_date(day, pattern, locale=LOCALE) for day in others]
    return format_list([*parts, format_date(final, "d MMMM y", locale=LOCALE)], locale=LOCALE)


def load_facts(path: Path = FACTS_FILE) -> Facts:
    """Read the facts, by name.

    Raises:
        pydantic.ValidationError: where a fact lacks something or has a value of another kind.
    """
    raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    return parse_obj_as(dict[str, Annotated[Fact, Field(discriminator="soort")]], raw)
