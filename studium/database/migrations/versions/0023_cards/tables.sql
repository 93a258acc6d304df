create table app.decks (
    deck_id uuid primary key default gen_random_uuid(),
    account_id uuid not null references app.accounts on delete cascade,
    course_id text,
    topic_id text,
    name text not null check (length(name) between 1 and 200),
    created_at timestamptz not null default clock_timestamp(),
    unique (account_id, name),
    unique (account_id, deck_id)
);
comment on table app.decks is 'Stacks of cards, each of one account.';
comment on column app.decks.course_id is 'Null: of no course.';
comment on column app.decks.topic_id is 'content.documents.section_id; null: of no one topic.';

create table app.cards (
    card_id uuid primary key default gen_random_uuid(),
    account_id uuid not null references app.accounts on delete cascade,
    deck_id uuid not null,
    course_id text,
    topic_id text,
    note_id uuid,
    kind text not null default 'basic' check (kind in ('basic', 'cloze')),
    cloze_number integer check (cloze_number > 0),
    front text not null,
    back text not null,
    markup text not null default 'markdown' check (markup in ('markdown', 'html')),
    tags text[] not null default '{}',
    origin text not null default 'hand' check (
        origin in ('hand', 'note', 'tutor', 'glossary', 'question', 'generated', 'anki', 'file')
    ),
    document_id uuid,
    chunk_id uuid,
    source_sha256 text,
    quote text,
    scheduler text not null default 'fsrs' check (scheduler in ('fsrs', 'sm2')),
    memory jsonb,
    due_at timestamptz,
    reps integer not null default 0 check (reps >= 0),
    lapses integer not null default 0 check (lapses >= 0),
    last_reviewed_at timestamptz,
    suspended_at timestamptz,
    buried_until date,
    deleted_at timestamptz,
    created_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp(),
    foreign key (account_id, deck_id) references app.decks (account_id, deck_id),
    check ((kind = 'cloze') = (cloze_number is not null)),
    check ((memory is null) = (due_at is null))
);
comment on table app.cards is
'Cards of one account each. Material may go: a card stays, and says so, because nothing here points into content by a key.';
comment on column app.cards.note_id is 'Cards of one note ask for parts of the same thing.';
comment on column app.cards.cloze_number is 'Which of the gaps in front this card asks for.';
comment on column app.cards.source_sha256 is 'The passage''s content_sha256 when the card was made of it.';
comment on column app.cards.memory is
'The scheduler''s whole state: of FSRS {state, step, stability, difficulty, due, last_review}, of SM-2 {ease, interval_days, repetitions, due, last_review}. Null: new.';
comment on column app.cards.due_at is 'When it is to be asked again; null: new.';
comment on column app.cards.lapses is 'How often it was forgotten after it had been learnt.';
comment on column app.cards.buried_until is 'The learner''s own day on which it comes back.';
-- a review moves a card in every index there is: no more than are needed
create index on app.cards (account_id, due_at) where deleted_at is null;
create index on app.cards (account_id, created_at, card_id) where deleted_at is null;
