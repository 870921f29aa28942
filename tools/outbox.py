"""What waits to be mailed and what failed: `make outbox`; `make outbox RESEND=KV-…` (or `all`) tries again at once."""

from __future__ import annotations

import sys
from datetime import datetime, timezone

from sqlalchemy.exc import SQLAlchemyError

from assistant.mail.outbox import Outbox
from assistant.settings import DatabaseSettings, SettingsError, read_settings
from assistant.storage import open_database


def main() -> None:
    """Send again where asked to, then list."""
    resend = sys.argv[1].strip().upper() if len(sys.argv) > 1 else ""
    try:
        outbox = Outbox(open_database(read_settings(DatabaseSettings).database_url))
        if resend:
            print(f"{outbox.resend(None if resend == 'ALL' else resend)} mails will be sent again.")
        waiting = outbox.waiting()
    except SettingsError as error:
        sys.exit(str(error))
    except SQLAlchemyError as error:
        sys.exit(f"The database of DATABASE_URL cannot be read ({type(error).__name__}).")
    for mail in waiting:
        minutes = int((datetime.now(timezone.utc) - mail.created_at).total_seconds() // 60)
        why = f", {mail.last_error}" if mail.last_error else ""
        print(f"{mail.reference}  {mail.kind:12}  {mail.state:8}  {minutes} min, {mail.attempts} attempts{why}")
    print(f"{len(waiting)} mails wait or failed." if waiting else "Every mail was sent.")


if __name__ == "__main__":
    main()
