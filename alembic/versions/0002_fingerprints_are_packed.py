"""Fingerprints are packed, one row a feed.

Revision: 0002, after 0001. Made on 2026-11-24. They are a cache: nothing is carried over, the next reading makes them anew.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the database to this revision."""
    op.drop_table("fingerprints")
    op.create_table(
        "fingerprints",
        sa.Column("feed", sa.String(), nullable=False),
        sa.Column("context", sa.String(), nullable=False),
        sa.Column("raws", sa.LargeBinary(), nullable=False),
        sa.Column("lines", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("feed", name=op.f("pk_fingerprints")),
    )


def downgrade() -> None:
    """Take the database back to the revision before."""
    op.drop_table("fingerprints")
    op.create_table(
        "fingerprints",
        sa.Column("feed", sa.String(), nullable=False),
        sa.Column("context", sa.String(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("feed", "context", "raw", name=op.f("pk_fingerprints")),
    )
