create table app.card_reviews (
    review_id uuid primary key default uuidv7(),
    account_id uuid not null references app.accounts on delete cascade,
    card_id uuid not null references app.cards,
    course_id text,
    topic_id text,
    idempotency_key text not null check (length(idempotency_key) between 1 and 200),
    rating smallint not null check (rating between 1 and 4),
    reviewed_at timestamptz not null,
    duration_ms integer check (duration_ms >= 0),
    elapsed_days double precision check (elapsed_days >= 0),
    predicted_recall double precision check (predicted_recall between 0 and 1),
    scheduler text not null check (scheduler in ('fsrs', 'sm2')),
    scheduler_version text not null,
    memory_before jsonb,
    memory_after jsonb not null,
    due_before timestamptz,
    due_after timestamptz not null,
    source text not null default 'review' check (source in ('review', 'import')),
    undone_at timestamptz,
    unique (account_id, idempotency_key)
);
comment on table app.card_reviews is 'Every review of a card, for ever: rows are only added, and at most said to be undone.';
comment on column app.card_reviews.course_id is 'Of the card, when it was reviewed.';
comment on column app.card_reviews.idempotency_key is 'Chosen by who reviews; the same again is the same review.';
comment on column app.card_reviews.rating is '1 again, 2 hard, 3 good, 4 easy.';
comment on column app.card_reviews.duration_ms is 'As the learner''s device told it.';
comment on column app.card_reviews.elapsed_days is 'Since the review before; null: the first.';
comment on column app.card_reviews.predicted_recall is 'How likely the card was to be known, said before the answer; null: new, or SM-2.';
comment on column app.card_reviews.memory_before is 'app.cards.memory; null: it was new.';
comment on column app.card_reviews.source is 'review: seen here as it happened; import: told by a file.';
create index on app.card_reviews (account_id, reviewed_at);
create index on app.card_reviews (card_id, reviewed_at);

create function app.keep_review() returns trigger language plpgsql as $$
begin
    if old.undone_at is not null or to_jsonb(new) - 'undone_at' is distinct from to_jsonb(old) - 'undone_at' then
        raise exception 'card_reviews is append-only' using errcode = 'restrict_violation';
    end if;
    return new;
end
$$;
create trigger keep_review before update on app.card_reviews for each row execute function app.keep_review();
alter function app.keep_review() owner to studium_owner;
revoke execute on function app.keep_review() from public;
