"""Runs the chat server: `python -m assistant MODEL.tar.gz`."""

from __future__ import annotations

import sys
from pathlib import Path

from assistant.log import configure_logging
from assistant.settings import SettingsError, load_settings


def main() -> None:
    """Check the settings and the model's path, then serve until stopped."""
    configure_logging("chat")
    try:
        settings = load_settings()
    except SettingsError as error:
        sys.exit(f"chat: {error}")
    if len(sys.argv) != 2 or not Path(sys.argv[1]).is_file():
        sys.exit("chat: no model; `make run` trains one and starts with it, or: python -m assistant MODEL.tar.gz")

    from assistant.server import serve  # noqa: PLC0415 - Rasa takes seconds to import, and warns while it does

    try:
        serve(settings, Path(sys.argv[1]))
    except SettingsError as error:
        sys.exit(f"chat: {error}")


if __name__ == "__main__":
    main()
