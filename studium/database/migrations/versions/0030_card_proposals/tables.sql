create table app.card_proposals (
    proposal_id uuid primary key default uuidv7(),
    account_id uuid references app.accounts on delete cascade,
    course_id text,
    topic_id text,
    document_id uuid references content.documents on delete cascade,
    chunk_id uuid references content.chunks on delete cascade,
    question_id uuid references app.practice_questions on delete cascade,
    fingerprint text not null check (length(fingerprint) = 64),
    kind text not null check (kind in ('basic', 'cloze')),
    front text not null check (length(front) between 1 and 10000),
    back text not null check (length(back) <= 10000),
    origin text not null check (origin in ('glossary', 'question', 'generated')),
    rule text not null,
    made_by text not null,
    quote text not null,
    source_sha256 text,
    score double precision not null check (score between 0 and 1),
    created_at timestamptz not null default clock_timestamp(),
    run_id text,
    unique nulls not distinct (account_id, course_id, document_id, question_id, fingerprint),
    check ((document_id is null) = (chunk_id is null)),
    check (account_id is not null or document_id is not null or question_id is not null)
);
comment on table app.card_proposals is
'Cards that could be learnt, made of passages or questions: shown to whoever may see those. They go with their passage.';
comment on column app.card_proposals.account_id is 'Who had it made, and alone sees it; null: everybody who may see the passage.';
comment on column app.card_proposals.fingerprint is 'SHA-256 of what it asks and answers: by it a decision outlives a new reading.';
comment on column app.card_proposals.rule is 'Which way it was made: glossary, definition, cloze, table, ...; model.';
comment on column app.card_proposals.made_by is 'rule, or the model''s name.';
comment on column app.card_proposals.quote is 'The words of the passage it rests on.';
comment on column app.card_proposals.source_sha256 is 'content.chunks.content_sha256 when it was made.';
comment on column app.card_proposals.score is 'How much it seems worth, for their order.';
create index on app.card_proposals (course_id, score desc, proposal_id);
create index on app.card_proposals (document_id);
create index on app.card_proposals (chunk_id);
create index on app.card_proposals (question_id);

create table app.card_decisions (
    account_id uuid not null references app.accounts on delete cascade,
    fingerprint text not null,
    course_id text,
    status text not null check (status in ('accepted', 'edited', 'refused')),
    card_id uuid,
    decided_at timestamptz not null,
    primary key (account_id, fingerprint),
    check ((status = 'refused') = (card_id is null))
);
comment on table app.card_decisions is 'What a learner made of a proposed card; none: it is still proposed.';
comment on column app.card_decisions.card_id is 'In app.cards.';

create table app.card_makings (
    course_id text primary key,
    made_of text not null,
    proposed integer not null,
    made_at timestamptz not null,
    run_id text
);
comment on table app.card_makings is 'When a course''s material was last looked through for cards.';
comment on column app.card_makings.made_of is 'SHA-256 of the passages, the questions and the rules: the same again gives the same.';
