"""A chat server with an HR backend and a mail server beside it, and a candidate who shows who they are."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests import log_markers
from tools.mail_catcher import MailCatcher, mail_catcher
from tools.servers import ChatServer, Conversation, HrServer, chat_server, hr_server

CODE = re.compile(r"\b\d{3} \d{3}\b")


@dataclass(frozen=True)
class Office:
    """Everything that a personal answer needs."""

    chat: ChatServer
    hr: HrServer
    mail: MailCatcher

    def converse(self) -> Conversation:
        """Begin a conversation, as a browser with an address of its own: the codes of a client are limited."""
        conversation = self.chat.converse()
        conversation.headers["X-Forwarded-For"] = ".".join(str(secrets.randbelow(256)) for _ in range(4))
        return conversation

    def code(self) -> str:
        """The code in the latest mail."""
        return code_in(self.mail)

    def identified(self, address: str) -> Conversation:
        """A conversation in which the candidate with this address has shown who they are."""
        conversation = self.converse()
        conversation.ask("ik wil inloggen")
        conversation.ask(address)
        assert "nu weet ik wie je bent" in conversation.ask(self.code())["text"]
        return conversation


def code_in(mail: MailCatcher) -> str:
    found = CODE.search(mail.mails[-1].get_content())
    assert found, mail.mails[-1]
    log_markers.codes.add(found[0].replace(" ", ""))
    return found[0]


@contextmanager
def office(folder: Path, **settings: str) -> Iterator[Office]:
    """Run all of it; the limits on codes are the real ones, so tests use different addresses."""
    with hr_server(folder) as hr, mail_catcher(folder / "mail") as mail:
        surroundings = {
            "SMTP_PORT": str(mail.port),
            "CHAT_RATE_LIMIT": "off",
            "CHAT_PROXIES": "1",
            **hr.settings,
            **settings,
        }
        with chat_server(folder, **surroundings) as chat:
            yield Office(chat, hr, mail)
