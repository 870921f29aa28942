"""Holds a conversation of fifty questions over the chat API and prints it as a candidate reads it."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from tools.model import ROOT
from tools.servers import chat_server

QUESTIONS = ROOT / "tools" / "fifty_questions.txt"
INSTANT = "2025-10-24T10:00:00+02:00"  # in the middle of step 1


def main() -> None:
    """Print the conversation at `BOT_NOW`, or else at an instant within the round."""
    instant = os.environ.get("BOT_NOW", INSTANT)
    print(f"# Een gesprek op {instant}\n")
    with (
        tempfile.TemporaryDirectory() as folder,
        chat_server(Path(folder), BOT_NOW=instant, CHAT_RATE_LIMIT="off") as server,
    ):
        conversation = server.converse()
        print(f"{conversation.begun['messages'][0]['text']}\n")
        for question in QUESTIONS.read_text(encoding="utf-8").splitlines():
            message = conversation.ask(question)
            buttons = " ".join(f"[{button['title']}]" for button in message.get("buttons", []))
            print(f"> {question}\n\n{message['text']}\n{buttons}\n")


if __name__ == "__main__":
    main()
