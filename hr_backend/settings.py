"""All settings of the HR backend: read once from the environment, checked, and then frozen."""

from __future__ import annotations

from pydantic import Field, validator

from assistant.settings import VAR, FrozenSettings, known_database, long_secret


class DatabaseSettings(FrozenSettings):
    """Where the candidates are kept, and for how many days who read their records; an import needs no more than this."""

    hr_database_url: str = f"sqlite:///{VAR}/hr.db"
    keep_access_days: int = Field(365, ge=1, le=3650)

    _database_url_is_known = validator("hr_database_url", allow_reuse=True)(known_database)


class HrSettings(DatabaseSettings):
    """What the environment may set for the server."""

    hr_host: str = "127.0.0.1"  # any other address only on a network that nobody else reaches
    hr_port: int = Field(5060, ge=1, le=65535)
    hr_api_token: str

    _secret_is_long = validator("hr_api_token", allow_reuse=True)(long_secret)
