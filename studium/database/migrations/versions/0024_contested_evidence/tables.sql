create table app.contested_evidence (
    account_id uuid not null references app.accounts on delete cascade,
    evidence_id text not null check (evidence_id ~ '^(review|attempt|response):[a-z0-9:-]{1,200}$'),
    course_id text not null,
    reason text not null check (reason in ('slip', 'not_me', 'bad_question', 'other_topic', 'other')),
    words text check (length(words) between 1 and 500),
    contested_at timestamptz not null default clock_timestamp(),
    primary key (account_id, evidence_id)
);
comment on table app.contested_evidence is
'What a learner says does not tell what they know: it no longer counts for their mastery, and stays to be seen. Theirs alone.';
comment on column app.contested_evidence.evidence_id is
'review:<review_id>, attempt:<attempt_id> or response:<site_id>:<Moodle''s question attempt>, as in marts.fct_mastery_evidence.';
comment on column app.contested_evidence.reason is
'slip: a wrong key or click; not_me: somebody else answered; bad_question: the question or card is wrong; other_topic: it belongs elsewhere.';

alter table app.contested_evidence owner to studium_owner;
alter table app.contested_evidence enable row level security;
alter table app.contested_evidence force row level security;
create policy owner_all on app.contested_evidence to studium_owner using (true) with check (true);
create policy api_own on app.contested_evidence to studium_api
using (account_id = app.current_account()) with check (account_id = app.current_account());
create policy warehouse_read on app.contested_evidence for select to studium_warehouse using (true);
grant select, insert, update (reason, words, contested_at), delete on app.contested_evidence to studium_api;
grant select on app.contested_evidence to studium_warehouse;
