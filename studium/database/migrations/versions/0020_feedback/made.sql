-- What teachers make of it: corrections, which everybody in the course finds, and questions that measure the tutor.
create table app.corrections (
    correction_id uuid primary key default gen_random_uuid(),
    course_id text not null,
    report_id uuid references app.reported_answers on delete set null,
    document_id uuid references content.documents on delete set null,
    question text not null check (length(question) between 1 and 500),
    words text not null check (length(words) between 1 and 4000),
    cited_document_id uuid references content.documents on delete set null,
    cited_page integer check (cited_page > 0),
    written_by uuid references app.accounts on delete set null,
    written_at timestamptz not null default clock_timestamp(),
    withdrawn_at timestamptz,
    check (withdrawn_at is null or document_id is null)
);
comment on table app.corrections is 'What a course''s teachers say to a question. The document is what people find.';
comment on column app.corrections.document_id is 'In content.documents; none once it is withdrawn.';
create index on app.corrections (course_id, written_at);
create index on app.corrections (document_id);
create index on app.corrections (cited_document_id);
create index on app.corrections (report_id);

create table app.golden_questions (
    golden_id uuid primary key default gen_random_uuid(),
    course_id text not null,
    report_id uuid references app.reported_answers on delete set null,
    question text not null check (length(question) between 1 and 2000),
    kind text not null check (kind in ('answerable', 'unanswerable')),
    answers jsonb not null default '[]',
    note text,
    written_by uuid references app.accounts on delete set null,
    written_at timestamptz not null default clock_timestamp(),
    unique (course_id, question),
    check ((kind = 'answerable') = (answers <> '[]'))
);
comment on table app.golden_questions is 'Questions with their answers in the course, kept by its teachers: `studium evaluate` asks them.';
comment on column app.golden_questions.answers is 'studium.tutor.golden.Place, each enough.';
create index on app.golden_questions (report_id);
