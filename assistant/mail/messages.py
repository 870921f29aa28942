"""Makes mails from the templates beside this file: a subject, a text, and perhaps the same as HTML."""

from __future__ import annotations

from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid, parseaddr
from functools import cache
from pathlib import Path
from typing import Any, Optional

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from assistant.clock import Clock
from assistant.facts import Facts

TEMPLATES = [Path(__file__).with_name("templates"), Path(__file__).parents[1]]  # the second for phrases.jinja
SUBJECT, TEXT, HTML = "onderwerp", "tekst", "html"  # the blocks of a template


class Messages:
    """Composes mails.

    Args:
        sender: the address in `From`, perhaps with a name.
        facts: what every template can name.
        clock: the time in `Date`.
    """

    def __init__(self, sender: str, facts: Facts, clock: Clock) -> None:
        name, address = parseaddr(sender)
        self._from = Address(name, addr_spec=address)
        self._facts = facts
        self._clock = clock

    def compose(
        self, template: str, to: str, reply_to: Optional[str] = None, message_id: Optional[str] = None, **values: Any
    ) -> EmailMessage:
        """Return the mail of a template; `values` are what it names.

        Header injection ends here: an address is parsed into its parts, and the subject is one line.

        Raises:
            ValueError: an address that is none.
        """
        blocks = _template(template).blocks
        context = _template(template).new_context({**self._facts, **values})
        message = EmailMessage(policy=SMTP)
        message["From"] = self._from
        message["To"] = Address(addr_spec=to)
        if reply_to:
            message["Reply-To"] = Address(addr_spec=reply_to)
        message["Subject"] = " ".join("".join(blocks[SUBJECT](context)).split())
        message["Date"] = format_datetime(self._clock())
        message["Message-ID"] = message_id or make_msgid(domain=self._from.domain)
        message["Auto-Submitted"] = "auto-generated"
        message["Content-Language"] = "nl"
        message.set_content("".join(blocks[TEXT](context)).strip() + "\n")
        if HTML in blocks:
            message.add_alternative("".join(blocks[HTML](context)).strip() + "\n", subtype="html")
        return message


@cache
def _template(name: str) -> Template:
    """Return a template; values that stand in its HTML block are escaped with `|e` by the template itself."""
    environment = Environment(  # noqa: S701 - one file holds text and HTML; each HTML block turns escaping on
        loader=FileSystemLoader(TEMPLATES), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template(f"{name}.jinja")
