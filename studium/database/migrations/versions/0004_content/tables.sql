create table content.scopes (
    scope_id integer generated always as identity primary key,
    kind text not null check (kind in ('course', 'section', 'module', 'file', 'upload')),
    course_id text,
    section_id text,
    module_id text,
    group_id bigint,
    owner_id uuid references app.accounts on delete cascade,
    passages integer not null default 0,
    unique nulls not distinct (kind, course_id, section_id, module_id, group_id, owner_id)
);
comment on table content.scopes is
'One row for each set of documents that the same people may see; permission is decided here, once, and every passage and vector carries the number.';
comment on column content.scopes.passages is 'Kept by a trigger: search scans few passages exactly and many through the graph.';
create index on content.scopes (module_id);
create index on content.scopes (course_id);
create index on content.scopes (section_id);
create index on content.scopes (owner_id);

create table content.documents (
    document_id uuid primary key default gen_random_uuid(),
    source text not null check (source in ('moodle', 'file', 'upload')),
    course_id text,
    module_id text,
    section_id text,
    group_id bigint,
    owner_id uuid references app.accounts on delete cascade,
    material_key text,
    title text not null,
    filename text,
    media_type text,
    byte_size bigint,
    content_sha256 text,
    object_path text,
    source_url text,
    subject text,
    tags text [] not null default '{}',
    status text not null default 'processing' check (status in ('processing', 'ready', 'failed')),
    status_reason text,
    status_detail text,
    page_count integer,
    run_id text,
    scope_id integer not null references content.scopes on delete cascade,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    check ((source = 'upload') = (owner_id is not null)),
    check (source = 'upload' or course_id is not null)
);
comment on column content.documents.source is 'moodle: a module''s content; file: given to a whole course; upload: its owner''s alone.';
comment on column content.documents.material_key is 'Which readable thing of the module this is; same as raw.materials.';
comment on column content.documents.group_id is 'The Moodle group it belongs to (a discussion in separate groups); null: everyone.';
comment on column content.documents.status_reason is 'A code such as no_text or encrypted; status_detail says it in a sentence.';
comment on column content.documents.scope_id is 'Set by a trigger from source, course, module, section, group and owner.';
-- an index, not a constraint: uploads have no key and may repeat
create unique index documents_material_key on content.documents (source, course_id, material_key, owner_id)
nulls not distinct where material_key is not null;
create index on content.documents (course_id);
create index on content.documents (module_id);
create index on content.documents (owner_id);
create index on content.documents (scope_id);

create table content.chunks (
    chunk_id uuid primary key default gen_random_uuid(),
    document_id uuid not null references content.documents on delete cascade,
    position integer not null check (position >= 0),
    text text not null,
    token_count integer not null check (token_count between 0 and 512),
    page integer,
    page_kind text check (page_kind in ('page', 'slide')),
    chapter text,
    heading text,
    content_sha256 text not null,
    metadata jsonb not null default '{}',
    run_id text,
    unique (document_id, position)
);
comment on table content.chunks is 'What is read and cited: at most 512 tokens of a document, with the place it stands at.';
comment on column content.chunks.content_sha256 is 'Of the text.';

create table content.passages (
    passage_id bigint generated always as identity primary key,
    chunk_id uuid not null references content.chunks on delete cascade,
    document_id uuid not null references content.documents on delete cascade,
    position integer not null check (position >= 0),
    text text not null,
    content_sha256 text not null,
    token_count integer not null check (token_count between 0 and 256),
    start_offset integer not null check (start_offset >= 0),
    end_offset integer not null,
    scope_id integer not null,
    unique (chunk_id, position),
    check (end_offset >= start_offset)
);
comment on table content.passages is 'What is searched: at most 256 tokens of a chunk, as much as the default model reads.';
comment on column content.passages.scope_id is 'The document''s, repeated by triggers here, in vectors and in lexemes: a filter must stand in the row it filters.';
comment on column content.passages.start_offset is 'First character in the chunk''s text, counted from 0; end_offset is the one after the last.';
create index on content.passages (document_id);
create index on content.passages (scope_id);

create table content.spaces (
    space_id smallint generated always as identity primary key,
    model text not null,
    dimension integer not null check (dimension between 1 and 4000),
    version text not null,
    status text not null default 'building' check (status in ('building', 'active', 'retired')),
    created_at timestamptz not null default now(),
    activated_at timestamptz,
    unique (model, dimension, version)
);
comment on column content.spaces.version is 'Hash of the model''s file, or the provider''s version: vectors of two spaces are never compared.';
create unique index spaces_one_active on content.spaces ((true)) where status = 'active';

create table content.vectors (
    space_id smallint not null references content.spaces on delete cascade,
    passage_id bigint not null references content.passages on delete cascade,
    document_id uuid not null references content.documents on delete cascade,
    content_sha256 text not null,
    scope_id integer not null,
    embedding halfvec not null,
    primary key (space_id, passage_id)
);
comment on column content.vectors.embedding is 'Of length 1, made so by a trigger: the inner product is the cosine.';
comment on column content.vectors.content_sha256 is 'The passage''s: a text that was embedded once is not embedded again.';
create index on content.vectors (space_id, content_sha256);
create index on content.vectors (passage_id);
create index on content.vectors (document_id);
create index on content.vectors (space_id, scope_id);

-- permission goes from open sections to their modules
create index on raw.modules (site_id, section_id);
