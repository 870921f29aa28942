"""Starts everything on this machine (the Procfile) and says where it is once the assistant really answers."""

from __future__ import annotations

import os
import secrets
import socket
import sys
import threading
import time
from pathlib import Path

import requests
from honcho.environ import parse_procfile
from honcho.manager import Manager
from honcho.printer import Printer
from sqlalchemy.exc import SQLAlchemyError

from assistant.settings import MINIMUM_SECRET_LENGTH, ActionSettings, SettingsError, read_settings
from hr_backend.import_file import load_demo
from hr_backend.settings import HrSettings
from tools.model import ROOT, model
from tools.servers import converse, free_port

SECRETS = ROOT / "var" / "secrets"
# What nobody but this machine talks to may move when its usual port is taken; the chat server may not.
MOVABLE_PORTS = {"ACTIONS_PORT": 5055, "HR_PORT": 5060, "PAGE_PORT": 8080}
METRICS_PORTS = {"chat": 9101, "actions": 9102, "worker": 9103}
MAIL_PORT = 1025
MAILS = ROOT / "var" / "mail"
READY_SECONDS = 120
QUESTION = "Hoeveel vakantiedagen krijg ik?"


def main() -> None:
    """Check, train when needed, start, wait, and stop all of it on Ctrl-C."""
    os.chdir(ROOT)
    for name in ("SECRET_KEY", "ACTION_TOKEN", "HR_API_TOKEN"):
        os.environ.setdefault(name, secret(SECRETS / name.lower()))
    for name, usual in MOVABLE_PORTS.items():
        os.environ.setdefault(name, str(usual if is_free(usual) else free_port()))
    catches_mail = "SMTP_HOST" not in os.environ
    if catches_mail:
        os.environ.update(
            SMTP_HOST="127.0.0.1", SMTP_PORT=str(MAIL_PORT if is_free(MAIL_PORT) else free_port()), SMTP_TLS="off"
        )
    os.environ.setdefault("HR_URL", f"http://127.0.0.1:{os.environ['HR_PORT']}")
    page_port = os.environ["PAGE_PORT"]
    os.environ.setdefault("CHAT_ALLOWED_ORIGINS", f"http://localhost:{page_port} http://127.0.0.1:{page_port}")
    os.environ["PYTHONUNBUFFERED"] = "1"
    try:
        settings = read_settings(ActionSettings)
        hr_settings = read_settings(HrSettings)
    except SettingsError as error:
        sys.exit(str(error))
    ports = {
        "PORT": settings.port,
        "ACTIONS_PORT": settings.actions_port,
        "HR_PORT": hr_settings.hr_port,
        "PAGE_PORT": int(page_port),
    }
    for variable, port in ports.items():
        if not is_free(port):
            sys.exit(f"Port {port} is taken. Stop what uses it, or choose another: {variable}={port + 1} make run")
    try:
        load_demo()  # before the servers start, so that one process at a time makes the tables
    except SQLAlchemyError as error:
        sys.exit(f"The database of HR_DATABASE_URL cannot be used ({type(error).__name__}).")
    os.environ["MODEL"] = str(model())
    manager = Manager(Printer(sys.stdout, time_format="%H:%M:%S"))
    procfile = parse_procfile((ROOT / "Procfile").read_text(encoding="utf-8"))
    watched = {name: usual if is_free(usual) else free_port() for name, usual in METRICS_PORTS.items()}
    for name, command in procfile.processes.items():
        environment = {**os.environ, "METRICS_PORT": str(watched.get(name, 0))}
        manager.add_process(name, command, env=environment, cwd=str(ROOT))
    if catches_mail:
        manager.add_process("mail", f".venv/bin/python -m tools.mail_catcher {MAILS}", cwd=str(ROOT))
    mails = f"{MAILS.relative_to(ROOT)}/ (none leaves this machine)" if catches_mail else f"by {settings.smtp_host}"
    threading.Thread(target=announce, args=(settings.port, page_port, mails, watched), daemon=True).start()
    manager.loop()
    sys.exit(manager.returncode)


def secret(path: Path) -> str:
    """Return a secret of this machine, made at the first start and readable by its owner alone."""
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_hex(MINIMUM_SECRET_LENGTH), encoding="ascii")
    return path.read_text(encoding="ascii").strip()


def is_free(port: int) -> bool:
    """Tell whether a server can listen on the port of this machine."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def announce(port: int, page_port: str, mails: str, watched: dict[str, int]) -> None:
    """Print the addresses when a question has got its answer."""
    server = f"http://localhost:{port}"
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        if answers(server):
            print(
                f"\nThe assistant answers. Ctrl-C stops it.\n"
                f"  try it:    http://localhost:{page_port}/\n"
                f"  chat API:  {server}/webhooks/website\n"
                f"  mails:     {mails}\n"
                f"  metrics:   {'  '.join(f'http://localhost:{each}/metrics ({name})' for name, each in watched.items())}\n",
                flush=True,
            )
            return
        time.sleep(0.5)
    print(f"The assistant gave no answer within {READY_SECONDS} s; the log above says why.", flush=True)


def answers(server: str) -> bool:
    """Tell whether the assistant answers a question over the chat API."""
    try:
        conversation = converse(f"{server}/webhooks/website")
        answer = conversation.ask(QUESTION)
        conversation.end()
    except requests.RequestException:
        return False
    return bool(answer["text"])


if __name__ == "__main__":
    main()
