create table app.anki_notetypes (
    notetype_id uuid primary key default gen_random_uuid(),
    account_id uuid not null references app.accounts on delete cascade,
    anki_id bigint not null,
    definition jsonb not null,
    digest text not null,
    unique (account_id, digest)
);
comment on table app.anki_notetypes is 'Kinds of notes as Anki''s packages brought them: fields, templates, style.';
comment on column app.anki_notetypes.definition is 'studium.learning.anki.records.Notetype.';
comment on column app.anki_notetypes.digest is 'SHA-256 of anki_id and definition.';

create table app.anki_notes (
    note_id uuid primary key default gen_random_uuid(),
    account_id uuid not null references app.accounts on delete cascade,
    guid text not null check (length(guid) between 1 and 200),
    anki_id bigint not null,
    notetype_id uuid not null references app.anki_notetypes,
    fields jsonb not null,
    tags text[] not null default '{}',
    modified_at timestamptz not null,
    kept jsonb not null default '{}',
    unique (account_id, guid)
);
comment on table app.anki_notes is
'Notes as Anki''s packages brought them. Their cards are app.cards.note_id; out again they go as they came.';
comment on column app.anki_notes.guid is 'Anki''s name of the note, the same in every collection.';
comment on column app.anki_notes.fields is 'Texts, in the order of the notetype''s fields.';
comment on column app.anki_notes.modified_at is 'In Anki.';
comment on column app.anki_notes.kept is
'What there is no place for here, by the number of the card: flags, and lines of the log in which nothing was asked.';

create table app.anki_media (
    media_id uuid primary key default gen_random_uuid(),
    account_id uuid not null references app.accounts on delete cascade,
    name text not null check (length(name) between 1 and 255),
    media_type text not null,
    byte_size integer not null,
    object_path text not null,
    created_at timestamptz not null default clock_timestamp(),
    unique (account_id, name)
);
comment on table app.anki_media is 'Pictures and sounds of cards, by the name the cards call them.';

create table app.calendar_feeds (
    feed_id uuid primary key default gen_random_uuid(),
    account_id uuid not null references app.accounts on delete cascade,
    secret_hash bytea not null unique,
    created_at timestamptz not null default clock_timestamp(),
    last_read_at timestamptz
);
comment on table app.calendar_feeds is
'Addresses under which programs read somebody''s calendar without signing in. Deleting one ends it.';
comment on column app.calendar_feeds.secret_hash is 'SHA-256 of what stands in the address; the address itself is not kept.';
create index on app.calendar_feeds (account_id);

-- looked up before anybody is known: answers for one secret and lists nothing
create function app.open_calendar(p_secret_hash bytea) returns uuid
language sql volatile security definer set search_path = pg_catalog, pg_temp as $$
    update app.calendar_feeds as f set last_read_at = now()
    from app.accounts as a
    where f.secret_hash = p_secret_hash and a.account_id = f.account_id and a.disabled_at is null
    returning f.account_id
$$;
comment on function app.open_calendar(bytea) is 'The account whose calendar an address opens.';
