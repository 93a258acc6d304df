"""How much more often a practice question is right for those who know it than for others."""

from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
    alter table app.practice_difficulties
        add column sharpness double precision not null default 1 check (sharpness > 0);
    alter table app.practice_attempts add column sharpness double precision not null default 1 check (sharpness > 0);
    comment on column app.practice_difficulties.sharpness is
        'How steeply its chance of a right answer rises with ability: 1 as most questions, near 0 tells nothing.';
    comment on column app.practice_attempts.sharpness is 'Of the question, when it was answered.';
    """)
