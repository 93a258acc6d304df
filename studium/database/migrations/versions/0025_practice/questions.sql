create table app.practice_questions (
    question_id uuid primary key default uuidv7(),
    course_id text not null,
    topic_id text,
    origin text not null check (origin in ('moodle', 'teacher', 'generated')),
    external_key text,
    owner_id uuid references app.accounts on delete cascade,
    qtype text not null check (qtype in ('multichoice', 'truefalse', 'shortanswer', 'numerical', 'match')),
    text text not null,
    answers jsonb not null,
    general_feedback text not null default '',
    settings jsonb not null default '{}',
    difficulty_hint text check (difficulty_hint in ('easy', 'medium', 'hard')),
    document_id uuid,
    chunk_id uuid,
    quote text,
    module_id text,
    checked jsonb,
    released_at timestamptz,
    retired_at timestamptz,
    created_at timestamptz not null default clock_timestamp(),
    created_by uuid references app.accounts on delete set null,
    unique (course_id, external_key),
    check (origin <> 'moodle' or external_key is not null),
    check (owner_id is null or origin = 'generated')
);
comment on table app.practice_questions is 'Questions to practise: of Moodle''s bank, of teachers, and generated.';
comment on column app.practice_questions.topic_id is 'The course''s section it is about; null: of the course as a whole.';
comment on column app.practice_questions.external_key is 'Of Moodle''s: site and question_id of raw.questions.';
comment on column app.practice_questions.owner_id is 'The learner it was generated for, theirs alone; null: everybody''s.';
comment on column app.practice_questions.qtype is 'Moodle''s word for its type.';
comment on column app.practice_questions.answers is
'studium.learning.questions.records: Answer ({text, fraction, feedback, tolerance}), of a matching question Pair.';
comment on column app.practice_questions.settings is 'The rest of studium.learning.questions.records.QuestionRecord.';
comment on column app.practice_questions.difficulty_hint is 'How hard it was meant to be, where nobody has answered yet.';
comment on column app.practice_questions.module_id is 'Of Moodle''s: the quiz that asks it.';
comment on column app.practice_questions.checked is 'What a generated question was checked for, and by what.';
comment on column app.practice_questions.released_at is
'A teacher lets it be practised although no quiz, or only one that is hidden, asks it.';
create index on app.practice_questions (course_id, topic_id);
create index on app.practice_questions (owner_id) where owner_id is not null;

create table app.practice_difficulties (
    question_id uuid primary key references app.practice_questions on delete cascade,
    course_id text not null,
    start_difficulty double precision not null,
    start_uncertainty double precision not null check (start_uncertainty > 0),
    moodle_answers integer not null default 0,
    difficulty double precision not null,
    uncertainty double precision not null check (uncertainty > 0),
    answers integer not null default 0,
    updated_at timestamptz not null default clock_timestamp()
);
comment on table app.practice_difficulties is
'How hard a question is, in logits: at the same number as somebody''s ability it is known with even odds. None: nobody answered.';
comment on column app.practice_difficulties.start_difficulty is 'From Moodle''s own attempts, or from what was meant.';
comment on column app.practice_difficulties.uncertainty is 'Standard deviation.';
comment on column app.practice_difficulties.answers is 'Given here, each learner''s first to the question alone.';
create index on app.practice_difficulties (course_id);
