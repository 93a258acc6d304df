-- Of embedding spaces, content.spaces says which one answers.
create table content.in_force (
    part text primary key check (part in ('chunking', 'prompt')),
    version text not null,
    since timestamptz not null default now()
);
comment on table content.in_force is 'What questions are answered with until an evaluation lets something else in.';
comment on column content.in_force.version is 'studium.content.chunk.Chunking, or a file in studium/tutor/prompts.';

-- What an installation has used until now stays in force.
alter table content.documents add column chunking text default '1-512-254';
alter table content.documents alter column chunking drop default;
comment on column content.documents.chunking is 'How its text was cut.';
insert into content.in_force (part, version)
select 'chunking', '1-512-254' where exists (select from content.chunks)
union all
select 'prompt', 'answer-1' where exists (select from app.chat_turns where prompt_version is not null);

create table content.evaluations (
    trial_id uuid not null,
    course_id text not null,
    is_wanted boolean not null,
    space text not null,
    chunking text not null,
    prompt text not null,
    model text,
    code text not null,
    golden text not null,
    questions integer not null,
    recall_at_5 double precision,
    mrr double precision,
    ndcg_at_10 double precision,
    answer_contained double precision,
    faithfulness double precision,
    refusal_precision double precision,
    refusal_recall double precision,
    leaks integer not null,
    p50_ms double precision not null,
    p95_ms double precision not null,
    outcomes jsonb not null,
    tokens_in integer not null default 0,
    tokens_out integer not null default 0,
    cost numeric not null default 0,
    currency text,
    run_id text,
    evaluated_at timestamptz not null default clock_timestamp(),
    primary key (trial_id, course_id, is_wanted)
);
comment on table content.evaluations is
'Figures of a course''s golden questions: one row for what is in force, in each trial, and one for what is wanted instead.';
comment on column content.evaluations.trial_id is 'Rows of one trial were asked on the same data and are compared.';
comment on column content.evaluations.model is 'Null: the course was quoted, no model took part.';
comment on column content.evaluations.code is 'Hash of the rules that cut, find and answer.';
comment on column content.evaluations.golden is 'Hash of the questions.';
comment on column content.evaluations.outcomes is 'By question: what it counted for each figure.';
create index on content.evaluations (evaluated_at desc);

do $$
declare
    name text;
begin
    foreach name in array array['in_force', 'evaluations'] loop
        execute format('alter table content.%I owner to studium_owner', name);
        execute format('alter table content.%I enable row level security', name);
        execute format('alter table content.%I force row level security', name);
        execute format('create policy owner on content.%I to studium_owner using (true) with check (true)', name);
        execute format('create policy pipeline on content.%I to studium_pipeline using (true) with check (true)', name);
        execute format('grant select, insert, update, delete on content.%I to studium_pipeline', name);
    end loop;
end
$$;
create policy api on content.in_force for select to studium_api using (true);
grant select on content.in_force to studium_api;
