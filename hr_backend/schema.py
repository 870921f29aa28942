"""The tables of the HR backend, as the newest migration leaves them."""

from __future__ import annotations

import sqlalchemy as sa

metadata = sa.MetaData()

candidate = sa.Table(
    "candidate",
    metadata,
    sa.Column("number", sa.String(11), primary_key=True),
    sa.Column("first_name", sa.String(100), nullable=False),
    sa.Column("last_name", sa.String(100), nullable=False),
    sa.Column("email", sa.String(254), nullable=False),
    sa.Column("email_key", sa.String(762), nullable=False, unique=True),  # folding can make an address longer
    sa.Column("origin", sa.String(20), nullable=False),
    sa.Column("waitlist_until", sa.Date),
    sa.Column("outcome", sa.String(20)),
)

# Every candidate has a row for each of the four steps; without a status the step has not begun.
candidate_step = sa.Table(
    "candidate_step",
    metadata,
    sa.Column("number", sa.String(11), sa.ForeignKey("candidate.number", ondelete="CASCADE"), primary_key=True),
    sa.Column("step", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("status", sa.String(20)),
    sa.Column("reason", sa.String(20)),
    sa.Column("deadline", sa.Date),
    sa.Column("interview_at", sa.DateTime(timezone=True)),
)

round_step = sa.Table(
    "round_step",
    metadata,
    sa.Column("year", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("step", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("invited_on", sa.Date),
    sa.Column("ends_on", sa.Date),
)

# The days of a step's interviews, where it has them.
round_day = sa.Table(
    "round_day",
    metadata,
    sa.Column("year", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("step", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("day", sa.Date, primary_key=True),
)

# Who read whose record, and when. A row goes only when it is old; a candidate who is removed leaves them.
access = sa.Table(
    "access",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False, index=True),
    sa.Column("reader", sa.String(64), nullable=False),
    sa.Column("number", sa.String(11), nullable=False, index=True),
)
