"""Questions made within the hour, so that they are made once however many ask."""

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        create table app.question_makings (
            making_key text primary key check (length(making_key) = 64),
            course_id text not null,
            made_by text not null,
            items jsonb not null,
            made_at timestamptz not null
        );
        comment on table app.question_makings is
        'Questions as they were made of passages, for an hour. Of nobody: who asks has to see the very same passages.';
        comment on column app.question_makings.making_key is
        'SHA-256 of everything they depend on: the passages, the topic, the rules or the model and what it is told.';
        comment on column app.question_makings.made_by is 'rule, or the model.';
        create index on app.question_makings (made_at);
        alter table app.question_makings owner to studium_owner;
        alter table app.question_makings enable row level security;
        alter table app.question_makings force row level security;
        create policy owner_all on app.question_makings to studium_owner using (true) with check (true);
        create policy api_course on app.question_makings to studium_api
        using (
            course_id in (select c.* from app.enrolled_course_ids() as c)
            or course_id in (select c.* from app.instructed_course_ids() as c) or (select app.is_admin())
        )
        with check (
            course_id in (select c.* from app.enrolled_course_ids() as c)
            or course_id in (select c.* from app.instructed_course_ids() as c) or (select app.is_admin())
        );
        grant select, insert, update, delete on app.question_makings to studium_api;
    """)
