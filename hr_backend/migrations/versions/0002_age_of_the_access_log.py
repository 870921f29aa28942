"""An index on the age of the access log, whose oldest rows are removed."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the index."""
    op.create_index("ix_access_at", "access", ["at"])


def downgrade() -> None:
    """Remove it."""
    op.drop_index("ix_access_at", "access")
