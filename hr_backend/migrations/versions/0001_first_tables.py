"""Candidates and their steps, the round and its days, and the access log."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "candidate",
        sa.Column("number", sa.String(11), primary_key=True),
        sa.Column("first_name", sa.String(100), nullable=False),
        sa.Column("last_name", sa.String(100), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("email_key", sa.String(762), nullable=False, unique=True),
        sa.Column("origin", sa.String(20), nullable=False),
        sa.Column("waitlist_until", sa.Date),
        sa.Column("outcome", sa.String(20)),
    )
    op.create_table(
        "candidate_step",
        sa.Column("number", sa.String(11), sa.ForeignKey("candidate.number", ondelete="CASCADE"), primary_key=True),
        sa.Column("step", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("status", sa.String(20)),
        sa.Column("reason", sa.String(20)),
        sa.Column("deadline", sa.Date),
        sa.Column("interview_at", sa.DateTime(timezone=True)),
    )
    op.create_table(
        "round_step",
        sa.Column("year", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("step", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("invited_on", sa.Date),
        sa.Column("ends_on", sa.Date),
    )
    op.create_table(
        "round_day",
        sa.Column("year", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("step", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("day", sa.Date, primary_key=True),
    )
    op.create_table(
        "access",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reader", sa.String(64), nullable=False),
        sa.Column("number", sa.String(11), nullable=False, index=True),
    )


def downgrade() -> None:
    """Remove the tables."""
    for name in ("access", "round_day", "round_step", "candidate_step", "candidate"):
        op.drop_table(name)
