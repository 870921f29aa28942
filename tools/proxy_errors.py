"""Writes what the proxy itself says in the assistant's place (deploy/proxy/*.json): `python -m tools.proxy_errors`."""

from __future__ import annotations

import json

from tools.model import ROOT

FOLDER = ROOT / "deploy" / "proxy"
RETRY_SECONDS = 10  # the proxy's Retry-After
# By status, the code of the chat API. After a failure on the way the proxy cannot know whether the message arrived.
CODES = {413: "text_too_long", 429: "too_many_requests", 503: "uncertain"}


def bodies() -> dict[str, str]:
    """Return the content of each file, by its name."""
    from assistant.website_channel import MOST_CHARACTERS, error_texts  # imported here: Rasa takes seconds

    values = {"most_characters": MOST_CHARACTERS, "seconds": RETRY_SECONDS}
    texts = error_texts()
    return {f"{status}.json": _json(code, texts[code].render(values)) for status, code in CODES.items()}


def _json(code: str, message: str) -> str:
    return json.dumps({"error": code, "message": message}, ensure_ascii=False) + "\n"


def main() -> None:
    """Write the files."""
    for name, body in bodies().items():
        (FOLDER / name).write_text(body, encoding="utf-8")


if __name__ == "__main__":
    main()
