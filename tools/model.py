"""Trains the Rasa model for the sources as they are, unless it was trained before; prints where it is."""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
from pathlib import Path

from assistant.log import configure_logging

ROOT = Path(__file__).resolve().parent.parent
MODELS = ROOT / "var" / "models"
SOURCES = (
    "config.yml",
    "domain.yml",
    "requirements.txt",
    "data/**/*.yml",
    "training/**/*.yml",
    "assistant/nlu/*.py",
    "assistant/conversation/context.py",
    "assistant/conversation/messages.py",
    "assistant/typed_text.py",
)


def fingerprint() -> str:
    """Return what names the model for these sources: a digest of every file that it is made of."""
    digest = hashlib.sha256()
    for pattern in SOURCES:
        for path in sorted(ROOT.glob(pattern)):
            digest.update(f"{path.relative_to(ROOT)}\0".encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


def model() -> Path:
    """Return the model for these sources; train it first where there is none, which takes about two minutes."""
    path = MODELS / f"{fingerprint()}.tar.gz"
    if not path.exists():
        print("Training the model ...", file=sys.stderr, flush=True)
        _train(path)
    return path


def _train(path: Path) -> None:
    os.environ["RASA_MAX_CACHE_SIZE"] = "0"  # Rasa's cache does not see a change in our own components' code
    os.chdir(ROOT)
    configure_logging("train")
    import rasa  # imported here: it takes seconds, and mostly the model is there already

    with contextlib.redirect_stdout(sys.stderr):  # standard output is for the model's path alone
        result = rasa.train(
            domain="domain.yml", config="config.yml", training_files="data", output=str(MODELS), fixed_model_name=path.name
        )
    if result.code != 0 or not path.exists():
        sys.exit("The model could not be trained; the messages above say why.")


if __name__ == "__main__":
    print(model())
